//! Hosts of a finding as `luumen-assess` counts them and as the store keeps them.

use std::collections::BTreeMap;

use luumen_assess::{Entry, Event, Group, Standing};
use luumen_store::findings::{FindingEventKind, host_sets};

pub(in super::super) fn open_hosts(groups: &[Group]) -> Vec<u32> {
    let open = groups.iter().filter(|group| group.standing == Standing::Open);
    let mut hosts: Vec<u32> = open.flat_map(|group| group.hosts.iter().copied()).collect();
    hosts.sort_unstable();
    hosts
}

pub(super) fn by_event(entries: &[Entry]) -> BTreeMap<FindingEventKind, Vec<u32>> {
    let mut events: BTreeMap<FindingEventKind, Vec<u32>> = BTreeMap::new();
    for entry in entries {
        let kind = match entry.event {
            Event::Opened => FindingEventKind::Opened,
            Event::Fixed => FindingEventKind::Fixed,
            Event::Reopened => FindingEventKind::Reopened,
            Event::NotEvaluable => FindingEventKind::NotEvaluable,
            Event::Evaluable => FindingEventKind::Evaluable,
            Event::Removed => FindingEventKind::Removed,
        };
        events.entry(kind).or_default().push(entry.host);
    }
    events.values_mut().for_each(|hosts| hosts.sort_unstable());
    events
}

pub(in super::super) fn group_in(group: host_sets::Group) -> Group {
    Group {
        standing: match group.standing {
            host_sets::Standing::Open => Standing::Open,
            host_sets::Standing::NotEvaluable => Standing::NotEvaluable,
            host_sets::Standing::Fixed => Standing::Fixed,
        },
        variant: group.variant,
        opened_at: group.opened_at,
        since: group.since,
        hosts: group.hosts,
    }
}

pub(super) fn group_out(group: &Group) -> host_sets::Group {
    host_sets::Group {
        standing: match group.standing {
            Standing::Open => host_sets::Standing::Open,
            Standing::NotEvaluable => host_sets::Standing::NotEvaluable,
            Standing::Fixed => host_sets::Standing::Fixed,
        },
        variant: group.variant,
        opened_at: group.opened_at,
        since: group.since,
        hosts: group.hosts.clone(),
    }
}
