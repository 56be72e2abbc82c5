//! Hosts that an answer reaches, and for whom silence is no evidence: where a list of applications or of Python packages has gaps, what
//! was read says nothing of another installation of the same name, and a kernel that was removed runs until the next boot.

use std::collections::HashSet;

use luumen_assess::{Cell, Group, Now, Origin, Standing};

use super::{Draft, Judge, variants::MOST_INSTALLED};
use crate::vulnerabilities::plan::Reach;

/// Hosts for which the answer of a cell counts now.
#[derive(Default)]
pub(super) struct Reached {
    /// All that the answer may be about was read.
    pub whole: Vec<u32>,
    /// Something may lie where nobody looked.
    in_part: Vec<u32>,
    /// Their lists are those of the last answer, and something else is said of them.
    as_before: Vec<u32>,
}

impl Reached {
    pub(super) fn all(&self) -> impl Iterator<Item = &[u32]> {
        [self.whole.as_slice(), &self.in_part, &self.as_before].into_iter()
    }
}

impl Judge<'_> {
    /// Whom the answer of a cell reaches.
    pub(super) fn hosts_of(&self, cell: &Cell, source: u32, name: &str) -> Reached {
        // The system's package manager lists a package or does not: it has no two of them in two folders.
        let has_places = matches!(Origin::of(name).0, Origin::Application | Origin::Python);
        let mut reached = Reached::default();
        let units = cell
            .classes
            .iter()
            .filter_map(|class| self.plan.units.get(*class as usize));
        for step in units.flat_map(|unit| &unit.moves) {
            let reach = step.reach(name);
            let hosts = match reach.includes(source) {
                None => continue,
                Some(complete) if complete || !has_places => &mut reached.whole,
                Some(_) if matches!(reach, Reach::Some { .. }) => &mut reached.as_before,
                Some(_) => &mut reached.in_part,
            };
            hosts.extend_from_slice(&step.hosts);
        }
        for hosts in [&mut reached.whole, &mut reached.in_part, &mut reached.as_before] {
            hosts.sort_unstable();
        }
        reached
    }

    /// What is seen on the hosts that are not read whole, where `now` is what their cell says.
    pub(super) fn in_part(
        &self,
        reached: &Reached,
        cell: &Cell,
        now: Now,
        draft: &Draft<'_>,
        (name, vulnerability): (&str, &str),
    ) -> Vec<(Vec<u32>, Now)> {
        let (in_part, as_before) = (&reached.in_part, &reached.as_before);
        if in_part.is_empty() && as_before.is_empty() {
            return Vec::new();
        }
        if now != Now::Gone || self.is_rejected(vulnerability) {
            return vec![(in_part.clone(), now), (as_before.clone(), now)];
        }
        let read = self.places_read(cell, name);
        // Every place that had it was read again.
        let was_read = |group: &Group| {
            let variant = draft.variants.get(group.variant as usize);
            variant.is_some_and(|variant| {
                let mut places = variant.installed.iter().map(|package| package.path.as_deref());
                // More than were written down may have had it.
                variant.installed.len() < MOST_INSTALLED
                    && places.all(|place| place.is_some_and(|place| read.contains(place)))
            })
        };
        let mut parted = draft.part(in_part, was_read, [Now::Gone, Now::Unknown]);
        // What was open is open by the list that is there; what was in question then is so still.
        let was_open = |group: &Group| group.standing == Standing::Open;
        parted.extend(draft.part(as_before, was_open, [Now::Gone, Now::Unknown]));
        parted
    }

    /// Where applications of that name lie on the hosts of a cell. Python packages are compared without their places.
    fn places_read(&self, cell: &Cell, name: &str) -> HashSet<&str> {
        let (origin, bare) = Origin::of(name);
        let unit = cell
            .classes
            .first()
            .and_then(|class| self.plan.units.get(*class as usize));
        let list = unit.filter(|_| origin == Origin::Application);
        let list = list.and_then(|unit| unit.applications.as_ref());
        let items = list.map_or(&[][..], |own| self.plan.fleet.applications_of(own.list));
        let named = items.iter().filter(|app| app.name == bare);
        named.map(|app| app.path.as_str()).collect()
    }
}

impl Draft<'_> {
    /// What is seen on hosts that have nothing of the source any more, while the kernel that runs on them is none of their packages.
    pub(super) fn but_what_runs(&self, hosts: &[u32]) -> Vec<(Vec<u32>, Now)> {
        let ran = |group: &Group| {
            let variant = self.variants.get(group.variant as usize);
            variant.is_some_and(|variant| variant.running_kernel == Some(true))
        };
        self.part(hosts, ran, [Now::Unknown, Now::Gone])
    }

    /// Parts hosts by the groups that they are in: those of which the question holds, and all others.
    fn part(&self, hosts: &[u32], holds: impl Fn(&Group) -> bool, now: [Now; 2]) -> Vec<(Vec<u32>, Now)> {
        if hosts.is_empty() {
            return Vec::new();
        }
        // Looked up one by one: a finding may be on the whole fleet, and this is asked of each of its cells.
        let chosen: Vec<&Group> = self.groups.iter().filter(|group| holds(group)).collect();
        let is_in = |host: &u32| chosen.iter().any(|group| group.hosts.binary_search(host).is_ok());
        let (yes, no): (Vec<u32>, Vec<u32>) = hosts.iter().partition(|host| is_in(host));
        [yes, no].into_iter().zip(now).collect()
    }
}
