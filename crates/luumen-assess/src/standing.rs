//! What becomes of a finding on a host: what was, what is seen now, and what is told of it.

use luumen_model::Timestamp;

/// Where a finding stands on a host, exceptions apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It has it.
    Open,
    /// It had it when it could last be judged.
    NotEvaluable,
    /// It is gone, on positive evidence.
    Fixed,
}

/// What is seen of a finding on a host now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Now {
    /// It is there.
    Open,
    /// It is gone: the vendor's claim says so of what is installed, or the package is not in a complete list.
    Gone,
    /// Nothing can be said: facts or claims are missing.
    Unknown,
    /// The host was deleted.
    Deleted,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    Opened,
    Fixed,
    Reopened,
    /// It can no longer be judged, and stays.
    NotEvaluable,
    /// It can be judged again, and is still there.
    Evaluable,
    /// The host was deleted.
    Removed,
}

/// The one rule: nothing is gone but on positive evidence.
pub fn step(before: Option<Standing>, now: Now) -> (Option<Standing>, Option<Event>) {
    use Standing::{Fixed, NotEvaluable, Open};
    match (before, now) {
        (None, Now::Open) => (Some(Open), Some(Event::Opened)),
        (Some(Fixed), Now::Open) => (Some(Open), Some(Event::Reopened)),
        (Some(NotEvaluable), Now::Open) => (Some(Open), Some(Event::Evaluable)),
        (Some(Open), Now::Open) => (Some(Open), None),
        (Some(Open | NotEvaluable), Now::Gone) => (Some(Fixed), Some(Event::Fixed)),
        (Some(Open), Now::Unknown) => (Some(NotEvaluable), Some(Event::NotEvaluable)),
        (Some(Open | NotEvaluable), Now::Deleted) => (None, Some(Event::Removed)),
        (Some(Fixed), Now::Deleted) => (None, None),
        (before, Now::Gone | Now::Unknown | Now::Deleted) => (before, None),
    }
}

/// Hosts that have a finding alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub standing: Standing,
    /// Place in the finding's list of variants.
    pub variant: u32,
    /// When these hosts got it.
    pub opened_at: Timestamp,
    /// Since when they stand so.
    pub since: Timestamp,
    /// Numbers of hosts, ascending.
    pub hosts: Vec<u32>,
}

/// What is seen on some hosts.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    pub hosts: &'a [u32],
    pub now: Now,
    /// Which variant, where it is open.
    pub variant: u32,
}

/// A finding on a host that changed: what it was and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub host: u32,
    pub before: Option<Standing>,
    pub event: Event,
}

/// A table with a place for every host, used for one finding after the other.
#[derive(Debug, Default)]
pub struct Scratch {
    /// One more than the place in `kinds`; 0 for hosts that do not have it.
    places: Vec<u32>,
    kinds: Vec<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    standing: Standing,
    variant: u32,
    opened_at: Timestamp,
    since: Timestamp,
}

impl Scratch {
    /// For hosts with numbers up to `last`.
    pub fn new(last: u32) -> Self {
        Self {
            places: vec![0; last as usize + 1],
            kinds: Vec::new(),
        }
    }

    /// Takes the changes in and answers the groups after them, and what happened on which host. The first change that names a
    /// host counts.
    pub fn apply(
        &mut self,
        before: &[Group],
        changes: &[Change<'_>],
        at: Timestamp,
    ) -> (Vec<Group>, Vec<Entry>) {
        self.kinds.clear();
        let mut hosts: Vec<u32> = Vec::new();
        for group in before {
            let kind = Kind {
                standing: group.standing,
                variant: group.variant,
                opened_at: group.opened_at,
                since: group.since,
            };
            let place = self.place_of(kind);
            for host in &group.hosts {
                if let Some(slot) = self.places.get_mut(*host as usize) {
                    *slot = place;
                    hosts.push(*host);
                }
            }
        }
        let mut entries = Vec::new();
        for change in changes {
            for host in change.hosts {
                self.change(*host, change, at, &mut hosts, &mut entries);
            }
        }
        (self.take(hosts), entries)
    }

    fn change(
        &mut self,
        host: u32,
        change: &Change<'_>,
        at: Timestamp,
        hosts: &mut Vec<u32>,
        entries: &mut Vec<Entry>,
    ) {
        let place = self.places.get(host as usize).copied().unwrap_or_default();
        let known = (place as usize)
            .checked_sub(1)
            .and_then(|at| self.kinds.get(at))
            .copied();
        let (after, event) = step(known.map(|kind| kind.standing), change.now);
        let before = known.map(|kind| kind.standing);
        entries.extend(event.map(|event| Entry { host, before, event }));
        let Some(standing) = after else {
            if known.is_some() {
                self.places[host as usize] = 0;
            }
            return;
        };
        let moved = known.is_none_or(|kind| kind.standing != standing);
        let variant = match change.now {
            Now::Open => change.variant,
            _ => known.map_or(change.variant, |kind| kind.variant),
        };
        let kind = Kind {
            standing,
            variant,
            opened_at: match event {
                Some(Event::Opened | Event::Reopened) => at,
                _ => known.map_or(at, |kind| kind.opened_at),
            },
            since: if moved {
                at
            } else {
                known.map_or(at, |kind| kind.since)
            },
        };
        if known == Some(kind) {
            return;
        }
        let new = self.place_of(kind);
        if let Some(slot) = self.places.get_mut(host as usize) {
            if *slot == 0 {
                hosts.push(host);
            }
            *slot = new;
        }
    }

    fn place_of(&mut self, kind: Kind) -> u32 {
        // The last kinds are asked for again and again.
        let known = self.kinds.iter().rposition(|known| *known == kind);
        let at = known.unwrap_or_else(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        });
        u32::try_from(at + 1).unwrap_or(u32::MAX)
    }

    /// Reads the table out into groups and leaves it empty.
    fn take(&mut self, mut hosts: Vec<u32>) -> Vec<Group> {
        if !hosts.is_sorted() {
            hosts.sort_unstable();
        }
        let mut groups: Vec<Vec<u32>> = vec![Vec::new(); self.kinds.len()];
        for host in hosts {
            let place = std::mem::take(&mut self.places[host as usize]);
            if let Some(at) = (place as usize).checked_sub(1) {
                groups[at].push(host);
            }
        }
        let mut told: Vec<(Kind, Vec<u32>)> = self.kinds.iter().copied().zip(groups).collect();
        told.retain(|(_, hosts)| !hosts.is_empty());
        told.sort_unstable_by_key(|(kind, _)| *kind);
        let group = |(kind, hosts): (Kind, Vec<u32>)| Group {
            standing: kind.standing,
            variant: kind.variant,
            opened_at: kind.opened_at,
            since: kind.since,
            hosts,
        };
        told.into_iter().map(group).collect()
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::Timestamp;

    use super::{Change, Entry, Event, Group, Now, Scratch, Standing, step};

    #[track_caller]
    fn check(before: Option<Standing>, now: Now, after: Option<Standing>, event: Option<Event>) {
        assert_eq!(step(before, now), (after, event), "{before:?} {now:?}");
    }

    #[test]
    fn nothing_is_gone_but_on_positive_evidence() {
        use Standing::{Fixed, NotEvaluable, Open};
        check(None, Now::Open, Some(Open), Some(Event::Opened));
        check(None, Now::Gone, None, None);
        check(None, Now::Unknown, None, None);
        check(Some(Open), Now::Open, Some(Open), None);
        check(Some(Open), Now::Gone, Some(Fixed), Some(Event::Fixed));
        check(
            Some(Open),
            Now::Unknown,
            Some(NotEvaluable),
            Some(Event::NotEvaluable),
        );
        check(Some(NotEvaluable), Now::Unknown, Some(NotEvaluable), None);
        check(Some(NotEvaluable), Now::Open, Some(Open), Some(Event::Evaluable));
        check(Some(NotEvaluable), Now::Gone, Some(Fixed), Some(Event::Fixed));
        check(Some(Fixed), Now::Open, Some(Open), Some(Event::Reopened));
        check(Some(Fixed), Now::Unknown, Some(Fixed), None);
        check(Some(Fixed), Now::Gone, Some(Fixed), None);
        check(Some(Open), Now::Deleted, None, Some(Event::Removed));
        check(Some(Fixed), Now::Deleted, None, None);
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn open(variant: u32, opened: i64, hosts: &[u32]) -> Group {
        Group {
            standing: Standing::Open,
            variant,
            opened_at: at(opened),
            since: at(opened),
            hosts: hosts.to_vec(),
        }
    }

    fn change(now: Now, variant: u32, hosts: &[u32]) -> Change<'_> {
        Change { hosts, now, variant }
    }

    #[test]
    fn changes_meet_what_was_known_host_by_host() {
        let mut scratch = Scratch::new(10);
        let before = [open(0, 1, &[1, 2, 3, 4])];
        let changes = [
            change(Now::Open, 1, &[1, 7]),
            change(Now::Gone, 0, &[2, 8]),
            change(Now::Unknown, 0, &[3]),
        ];
        let (after, entries) = scratch.apply(&before, &changes, at(5));
        let standing = |standing, hosts: &[u32]| Group {
            standing,
            since: at(5),
            ..open(0, 1, hosts)
        };
        assert_eq!(
            after,
            [
                open(0, 1, &[4]),
                open(1, 1, &[1]),
                open(1, 5, &[7]),
                standing(Standing::NotEvaluable, &[3]),
                standing(Standing::Fixed, &[2]),
            ]
        );
        let entry = |host, event| Entry {
            host,
            before: (event != Event::Opened).then_some(Standing::Open),
            event,
        };
        assert_eq!(
            entries,
            [
                entry(7, Event::Opened),
                entry(2, Event::Fixed),
                entry(3, Event::NotEvaluable)
            ]
        );
        // The table is empty again, and the same once more changes nothing.
        let (again, entries) = scratch.apply(&after, &[change(Now::Open, 1, &[1, 7])], at(9));
        assert_eq!((again, entries), (after, Vec::new()));
    }

    #[test]
    fn a_deleted_host_leaves_every_set() {
        let mut scratch = Scratch::new(10);
        let (after, entries) =
            scratch.apply(&[open(0, 1, &[1, 2])], &[change(Now::Deleted, 0, &[2, 9])], at(5));
        assert_eq!(after, [open(0, 1, &[1])]);
        let removed = Entry {
            host: 2,
            before: Some(Standing::Open),
            event: Event::Removed,
        };
        assert_eq!(entries, [removed]);
    }
}
