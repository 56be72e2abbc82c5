//! Which vendors zypper takes for one, so that an update may come from either.
//!
//! As libzypp does since 2017: all whose names begin with `SUSE` are one, whatever stands behind it; openSUSE is another,
//! unless `/etc/zypp/vendors.d` says that both are one, as it does on Leap.

use std::collections::BTreeMap;

use super::repo_settings::settings;
use crate::view::View;

/// Every name that begins so, in lower case, and the group it belongs to.
#[derive(Debug)]
pub(super) struct Vendors(BTreeMap<String, usize>);

impl Default for Vendors {
    fn default() -> Self {
        Self([("suse".to_owned(), 0)].into())
    }
}

impl Vendors {
    pub(super) fn read(view: &View<'_>) -> Self {
        let mut out = Self::default();
        for (_, lines) in view.files("/etc/zypp/vendors.d/", "") {
            out.take(lines);
        }
        out
    }

    /// `vendors = openSUSE, SUSE LLC <https://www.suse.com/>` of the part `[main]`.
    fn take(&mut self, lines: &[&str]) {
        for (part, key, names) in settings(lines) {
            if part.trim() == "main" && key == "vendors" {
                self.join(names);
            }
        }
    }

    /// Makes one group of what the names belong to.
    fn join(&mut self, names: &str) {
        let names = names.split(',').map(|name| name.trim().to_lowercase());
        let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
        let known: Vec<usize> = names
            .iter()
            .filter_map(|name| self.0.get(name).copied())
            .collect();
        let next = self.0.values().max().map_or(0, |group| group + 1);
        let group = known.first().copied().unwrap_or(next);
        for other in self.0.values_mut().filter(|other| known.contains(other)) {
            *other = group;
        }
        self.0.extend(names.into_iter().map(|name| (name, group)));
    }

    pub(super) fn are_one(&self, one: &str, other: &str) -> bool {
        let (one, other) = (one.to_lowercase(), other.to_lowercase());
        let group = self.group(&one);
        one == other || (group.is_some() && group == self.group(&other))
    }

    /// The group of the longest name that the vendor's begins with; openSUSE's many have to be named whole.
    fn group(&self, vendor: &str) -> Option<usize> {
        if vendor.starts_with("opensuse") {
            return self.0.get(vendor).copied();
        }
        let mut groups = self.0.iter().rev();
        groups
            .find(|(name, _)| vendor.starts_with(name.as_str()))
            .map(|(_, group)| *group)
    }
}

#[cfg(test)]
mod tests {
    use super::Vendors;

    const SUSE: &str = "SUSE LLC <https://www.suse.com/>";

    #[test]
    fn the_names_of_suse_are_one() {
        let vendors = Vendors::default();
        assert!(vendors.are_one(SUSE, "SUSE Linux Products GmbH"));
        assert!(vendors.are_one("Maker", "maker") && vendors.are_one("", ""));
        assert!(!vendors.are_one(SUSE, "openSUSE"));
        assert!(!vendors.are_one("openSUSE", "openSUSE Build Service"));
        assert!(!vendors.are_one("Maker", "Other") && !vendors.are_one("Maker", ""));
    }

    #[test]
    fn the_admin_says_which_others_are() {
        let mut vendors = Vendors::default();
        vendors.take(&["vendors=Lost,Maker", "[main]", "# why", "vendors = Us, Friends ,"]);
        assert!(vendors.are_one("us", "Friends Inc."));
        assert!(!vendors.are_one("Lost", "Maker"));
        vendors.take(&["[main]", "vendors=openSUSE,SUSE,SUSE LLC <https://www.suse.com/>"]);
        assert!(vendors.are_one(SUSE, "openSUSE"));
        assert!(!vendors.are_one(SUSE, "openSUSE Build Service"));
        // Groups with a name in common become one.
        vendors.take(&["[main]", "vendors=SUSE,Us"]);
        assert!(vendors.are_one("Friends", "openSUSE"));
    }
}
