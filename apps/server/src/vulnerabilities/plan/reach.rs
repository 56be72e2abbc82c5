//! For which packages hosts that were in one class and are in another may have another verdict.

use std::collections::HashSet;

use luumen_assess::{Origin, SILENT_FAMILY};
use luumen_store::assessments::HostClass;

use super::{Planner, family_of, judgeable::Flags};

/// Hosts of a unit for which the same packages may have another verdict than before.
#[derive(Debug)]
pub(crate) struct Move {
    pub hosts: Vec<u32>,
    pub system: Reach,
    pub python: Reach,
    pub applications: Reach,
}

/// Which packages are compared with what was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// None: what is known stays.
    Nothing,
    /// They cannot be judged now.
    Lost,
    /// These; what is missing of them is gone if the list is complete.
    Some { sources: HashSet<u32>, complete: bool },
    /// All.
    All { complete: bool },
}

impl Move {
    /// How a source package is compared.
    pub(crate) fn reach(&self, source: &str) -> &Reach {
        match Origin::of(source).0 {
            Origin::Python => &self.python,
            Origin::Application => &self.applications,
            // Silence is of the same packages.
            Origin::System | Origin::Silent => &self.system,
        }
    }

    /// Whether only some packages of the system are compared.
    pub(super) fn is_near(&self) -> bool {
        let rest = [&self.python, &self.applications];
        matches!(self.system, Reach::Some { .. }) && rest.iter().all(|reach| **reach == Reach::Nothing)
    }
}

impl Reach {
    /// Whether a source is compared, and if so, whether its absence means anything.
    pub(crate) fn includes(&self, source: u32) -> Option<bool> {
        match self {
            Self::Nothing => None,
            Self::Lost => Some(false),
            Self::Some { sources, complete } => sources.contains(&source).then_some(*complete),
            Self::All { complete } => Some(*complete),
        }
    }

    /// Of what is judged whole, unless it is the same as before.
    fn whole(can: bool, complete: bool, same: bool) -> Self {
        match (can, same) {
            (false, _) => Self::Lost,
            (true, true) => Self::Nothing,
            (true, false) => Self::All { complete },
        }
    }
}

impl Planner<'_> {
    /// What is compared of hosts that come from one class into another.
    pub(super) fn compare(
        &self,
        before: Option<i64>,
        after: Option<i64>,
        flags: Flags,
        hosts: Vec<u32>,
    ) -> Move {
        let old = before.and_then(|id| self.loaded.classes.get(&id));
        let new = after
            .and_then(|id| self.units.get(&id))
            .map(|unit| &self.plan.units[*unit].class);
        // What is kept may be judged again now, and a new catalogue may say anything of anything.
        let anew = flags.kept || self.loaded.catalogue_changed || !flags.system_complete;
        let near = old.zip(new).filter(|_| !anew);
        let system = match (flags.system, near) {
            (false, _) => Reach::Lost,
            (true, Some((old, new))) if old.platform == new.platform && old.kernel == new.kernel => {
                Reach::Some {
                    sources: self.differing(old, new),
                    complete: flags.system_complete,
                }
            }
            (true, _) => Reach::All {
                complete: flags.system_complete,
            },
        };
        let same =
            |is_same: fn(&HostClass, &HostClass) -> bool| near.is_some_and(|(old, new)| is_same(old, new));
        let same_python = same(|old, new| old.python_blob == new.python_blob);
        let same_applications =
            same(|old, new| old.applications_blob == new.applications_blob && old.kernel == new.kernel);
        Move {
            hosts,
            system,
            python: Reach::whole(flags.python, flags.python_complete, same_python),
            applications: Reach::whole(flags.applications, flags.applications_complete, same_applications),
        }
    }

    /// Sources of which the two classes have other versions.
    fn differing(&self, old: &HostClass, new: &HostClass) -> HashSet<u32> {
        let members = |class: &HostClass| -> HashSet<i64> {
            let set = class.package_set.and_then(|set| self.loaded.sets.get(&set));
            set.into_iter().flatten().copied().collect()
        };
        let (old, new_members) = (members(old), members(new));
        let numbers = old
            .symmetric_difference(&new_members)
            .filter_map(|id| self.versions.get(id));
        self.sources_of(family_of(new), numbers)
    }

    /// Sources of packages of a system, with the names that its vendor's silence is kept by.
    pub(super) fn sources_of<'a>(
        &self,
        family: &str,
        packages: impl Iterator<Item = &'a u32>,
    ) -> HashSet<u32> {
        let fleet = &self.plan.fleet;
        packages
            .flat_map(|package| {
                let own = fleet.source_in(family, *package);
                own.into_iter().chain(fleet.source_in(SILENT_FAMILY, *package))
            })
            .collect()
    }
}
