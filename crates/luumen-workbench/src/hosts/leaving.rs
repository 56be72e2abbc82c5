//! Hosts and groups that are deleted, and what becomes of the ways that lead through them.

use super::{Group, Host, Settings, effective, room::Around};
use crate::{
    bridge::{Id, Problem},
    store::records::Changes,
};

/// How many hosts a message names.
const NAMED: usize = 5;

/// What is deleted together.
#[derive(Debug)]
pub(super) struct Leaving {
    pub(super) hosts: Vec<Id>,
    pub(super) groups: Vec<Id>,
}

impl Leaving {
    /// A group with all that is inside of it.
    pub(super) fn group(around: &Around, group: &Group) -> Self {
        let inside = |of: Option<Id>| {
            let above = effective::above(of, &around.groups);
            above.iter().any(|above| above.id == group.id)
        };
        let hosts = around.hosts.iter().filter(|host| inside(host.group));
        let groups = around.groups.iter().filter(|child| inside(Some(child.id)));
        Self {
            hosts: hosts.map(|host| host.id).collect(),
            groups: groups.map(|group| group.id).collect(),
        }
    }

    /// Deletes them. What is reached through them is reached without them then, so that happens only when it is wished for.
    pub(super) async fn go(
        &self,
        changes: &mut Changes,
        around: &Around,
        shorten_ways: bool,
    ) -> Result<(), Problem> {
        if !shorten_ways {
            self.refuse_if_needed(around)?;
        }
        for host in &around.hosts {
            let mut host = host.clone();
            if self.hosts.contains(&host.id) {
                changes.remove::<Host>(host.id).await?;
            } else if self.take_out(&mut host.settings) {
                changes.put(&host).await?;
            }
        }
        for group in &around.groups {
            let mut group = group.clone();
            if self.groups.contains(&group.id) {
                changes.remove::<Group>(group.id).await?;
            } else if self.take_out(&mut group.settings) {
                changes.put(&group).await?;
            }
        }
        Ok(())
    }

    fn take_out(&self, settings: &mut Settings) -> bool {
        let Some(jump) = &mut settings.jump else {
            return false;
        };
        let before = jump.len();
        jump.retain(|hop| !self.hosts.contains(hop));
        jump.len() != before
    }

    fn refuse_if_needed(&self, around: &Around) -> Result<(), Problem> {
        let stay = around.hosts.iter().filter(|host| !self.hosts.contains(&host.id));
        let behind: Vec<&Host> = stay.filter(|host| self.leads_to(host, around)).collect();
        let groups = around.groups.iter().filter(|group| {
            let leads = |jump: &Vec<Id>| jump.iter().any(|hop| self.hosts.contains(hop));
            !self.groups.contains(&group.id) && group.settings.jump.as_ref().is_some_and(leads)
        });
        let groups: Vec<&str> = groups.map(|group| group.name.as_str()).collect();
        let through = self.names(around);
        let detail = if let [one] = behind.as_slice() {
            format!("{} is reached through {through}", one.name)
        } else if !behind.is_empty() {
            let names: Vec<&str> = behind.iter().map(|host| host.name.as_str()).collect();
            format!(
                "{} hosts are reached through {through}: {}",
                behind.len(),
                some_of(&names)
            )
        } else if !groups.is_empty() {
            format!(
                "the way to hosts of the group {} leads through {through}",
                groups.join(", ")
            )
        } else {
            return Ok(());
        };
        Err(
            Problem::new("LUM-HOST-JUMP-USED", "nothing was deleted", detail).next(
                "Give these another jump host first, or delete it all the same: they are reached without it then.",
            ),
        )
    }

    /// Whether the way to a host leads through one of them, by its own word or by that of its groups.
    fn leads_to(&self, host: &Host, around: &Around) -> bool {
        let groups = effective::above(host.group, &around.groups);
        let inherited = || groups.iter().find_map(|group| group.settings.jump.as_ref());
        let jump = host.settings.jump.as_ref().or_else(inherited);
        jump.is_some_and(|jump| jump.iter().any(|hop| self.hosts.contains(hop)))
    }

    /// Those of them that lead anywhere.
    fn names(&self, around: &Around) -> String {
        let jumps = around.hosts.iter().map(|host| &host.settings);
        let jumps = jumps.chain(around.groups.iter().map(|group| &group.settings));
        let used: Vec<Id> = jumps
            .flat_map(|settings| settings.jump.iter().flatten().copied())
            .collect();
        let leading = |host: &&Host| self.hosts.contains(&host.id) && used.contains(&host.id);
        let hosts = around.hosts.iter().filter(leading);
        let names: Vec<&str> = hosts.map(|host| host.name.as_str()).collect();
        some_of(&names)
    }
}

fn some_of(names: &[&str]) -> String {
    match names.len().checked_sub(NAMED) {
        Some(more @ 1..) => format!("{} and {more} more", names[..NAMED].join(", ")),
        _ => names.join(", "),
    }
}
