//! A stretch of versions, as advisories state it: from here, up to there.
//!
//! It holds the texts of the bounds as they were published. Which order applies comes from outside.

use std::cmp::Ordering;

use crate::Scheme;

/// A stretch of versions. Every bound that is present must hold; without any it is every version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Range {
    /// The first version inside; absent or `0` means from the start.
    pub introduced: Option<String>,
    /// The last version in front of the range (NVD's `versionStartExcluding`).
    pub introduced_after: Option<String>,
    /// The first version behind the range.
    pub fixed: Option<String>,
    /// The last version inside.
    pub last_affected: Option<String>,
}

/// The version at an end of the range, and how a version inside compares with it.
type Bound<'a> = (Option<&'a str>, fn(Ordering) -> bool);

impl Range {
    /// Whether `version` lies in the range.
    ///
    /// `None` when that cannot be known, because the version or a bound that would decide is not
    /// readable as `scheme`. A version that a readable bound excludes is outside whatever the others say.
    pub fn contains(&self, scheme: Scheme, version: &str) -> Option<bool> {
        if !scheme.is_valid(version) {
            return None;
        }
        let introduced = self.introduced.as_deref().filter(|bound| *bound != "0");
        let bounds: [Bound<'_>; 4] = [
            (introduced, Ordering::is_ge),
            (self.introduced_after.as_deref(), Ordering::is_gt),
            (self.fixed.as_deref(), Ordering::is_lt),
            (self.last_affected.as_deref(), Ordering::is_le),
        ];
        let mut known = true;
        for (bound, holds) in bounds {
            let Some(bound) = bound else { continue };
            match scheme.compare(version, bound) {
                Some(order) if holds(order) => {}
                Some(_) => return Some(false),
                None => known = false,
            }
        }
        known.then_some(true)
    }
}
