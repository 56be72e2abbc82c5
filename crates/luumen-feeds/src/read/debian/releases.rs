//! Debian's releases by codename.

use luumen_model::advisory::{Channel, Platform};

const RELEASES: &[(&str, &str)] = &[
    ("hamm", "2.0"),
    ("slink", "2.1"),
    ("potato", "2.2"),
    ("woody", "3.0"),
    ("sarge", "3.1"),
    ("etch", "4"),
    ("lenny", "5"),
    ("squeeze", "6"),
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("duke", "15"),
    ("sid", "sid"),
];

/// Where a line holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A release and a line of its updates.
    Release(Platform, Channel),
    /// Experimental, which no host follows as a whole.
    Elsewhere,
    /// A word that we do not know.
    Unknown,
}

/// Reads `bookworm`, `sid`, `bookworm-backports`, `buster-lts`.
pub(super) fn place(word: &str) -> Place {
    if word == "experimental" {
        return Place::Elsewhere;
    }
    let (codename, suffix) = word.split_once('-').unwrap_or((word, ""));
    let channel = match suffix {
        "" | "security" | "updates" | "proposed-updates" => Channel::MAIN,
        "lts" | "elts" | "backports" => Channel::new(suffix),
        _ => return Place::Unknown,
    };
    let found = RELEASES.iter().find(|(name, _)| *name == codename);
    match found {
        Some((_, number)) => Place::Release(Platform::new("debian", *number), channel),
        None => Place::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::{Channel, Platform};

    use super::{Place, place};

    #[track_caller]
    fn check(word: &str, release: &str, channel: &str) {
        let expected = Place::Release(Platform::new("debian", release), Channel::new(channel));
        assert_eq!(place(word), expected, "{word}");
    }

    #[test]
    fn codenames_are_numbers_and_unstable_is_itself() {
        check("bookworm", "12", "");
        check("bullseye-backports", "11", "backports");
        check("buster-security", "10", "");
        check("sid", "sid", "");
        assert_eq!(place("experimental"), Place::Elsewhere);
        for word in ["", "bookwurm", "bookworm-next", "-"] {
            assert_eq!(place(word), Place::Unknown, "{word}");
        }
    }
}
