//! Ubuntu's releases by codename, and the words the tracker puts before a package: `focal`, `esm-infra/bionic`, `trusty/esm`.

use luumen_model::advisory::{Channel, Platform};

/// Codename and number of every release.
pub(super) const RELEASES: &[(&str, &str)] = &[
    ("warty", "4.10"),
    ("hoary", "5.04"),
    ("breezy", "5.10"),
    ("dapper", "6.06"),
    ("edgy", "6.10"),
    ("feisty", "7.04"),
    ("gutsy", "7.10"),
    ("hardy", "8.04"),
    ("intrepid", "8.10"),
    ("jaunty", "9.04"),
    ("karmic", "9.10"),
    ("lucid", "10.04"),
    ("maverick", "10.10"),
    ("natty", "11.04"),
    ("oneiric", "11.10"),
    ("precise", "12.04"),
    ("quantal", "12.10"),
    ("raring", "13.04"),
    ("saucy", "13.10"),
    ("trusty", "14.04"),
    ("utopic", "14.10"),
    ("vivid", "15.04"),
    ("wily", "15.10"),
    ("xenial", "16.04"),
    ("yakkety", "16.10"),
    ("zesty", "17.04"),
    ("artful", "17.10"),
    ("bionic", "18.04"),
    ("cosmic", "18.10"),
    ("disco", "19.04"),
    ("eoan", "19.10"),
    ("focal", "20.04"),
    ("groovy", "20.10"),
    ("hirsute", "21.04"),
    ("impish", "21.10"),
    ("jammy", "22.04"),
    ("kinetic", "22.10"),
    ("lunar", "23.04"),
    ("mantic", "23.10"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("resolute", "26.04"),
];

/// The number of a release.
pub(super) fn number(codename: &str) -> Option<&'static str> {
    let found = RELEASES.iter().find(|(name, _)| *name == codename);
    found.map(|(_, number)| *number)
}

/// Where a line of the tracker holds.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::read) enum Place {
    /// A release and a line of its updates.
    Release(Platform, Channel),
    /// Not a release of the archive: upstream, the release in the making, snaps, other products.
    Elsewhere,
    /// A word that we do not know.
    Unknown,
}

/// Reads `focal`, `esm-apps/focal`, `trusty/esm`, `ros-esm/focal/noetic`, `upstream`, …
pub(in crate::read) fn place(words: &str) -> Place {
    let (first, rest) = words.split_once('/').unwrap_or((words, ""));
    if matches!(
        first,
        "upstream" | "devel" | "sid" | "snap" | "product" | "stable-phone-overlay"
    ) {
        return Place::Elsewhere;
    }
    if let Some(number) = number(first) {
        return Place::Release(Platform::new("ubuntu", number), Channel::new(rest));
    }
    let (codename, flavor) = rest.split_once('/').unwrap_or((rest, ""));
    let Some(number) = number(codename) else {
        // `esm-infra/devel` speaks of the release in the making, too.
        return if codename == "devel" {
            Place::Elsewhere
        } else {
            Place::Unknown
        };
    };
    let channel = if flavor.is_empty() {
        first.to_owned()
    } else {
        format!("{first}/{flavor}")
    };
    Place::Release(Platform::new("ubuntu", number), Channel::new(channel))
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::{Channel, Platform};

    use super::{Place, place};

    #[track_caller]
    fn check(words: &str, release: &str, channel: &str) {
        let expected = Place::Release(Platform::new("ubuntu", release), Channel::new(channel));
        assert_eq!(place(words), expected, "{words}");
    }

    #[test]
    fn every_way_to_name_a_channel_is_known() {
        check("focal", "20.04", "");
        check("resolute", "26.04", "");
        check("precise", "12.04", "");
        check("trusty/esm", "14.04", "esm");
        check("esm-infra/bionic", "18.04", "esm-infra");
        check("esm-apps/jammy", "22.04", "esm-apps");
        check("fips-updates/focal", "20.04", "fips-updates");
        check("ros-esm/focal/noetic", "20.04", "ros-esm/noetic");
        check("esm-infra-legacy/trusty", "14.04", "esm-infra-legacy");
    }

    #[test]
    fn what_is_no_release_of_the_archive_makes_no_claim() {
        for words in ["upstream", "devel", "snap", "product/core", "esm-infra/devel"] {
            assert_eq!(place(words), Place::Elsewhere, "{words}");
        }
        for words in ["", "zesty2", "esm-infra/", "esm-infra/nowhere", "/"] {
            assert_eq!(place(words), Place::Unknown, "{words}");
        }
    }
}
