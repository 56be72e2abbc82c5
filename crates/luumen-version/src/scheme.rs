//! Which order applies to a version, by name.

use std::{cmp::Ordering, fmt, str::FromStr};

use crate::{apk, dpkg, generic, pacman, rpm};

/// A way to order versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// Debian and Ubuntu.
    Dpkg,
    /// RHEL and its family, Fedora, SUSE, Amazon.
    Rpm,
    /// Alpine.
    Apk,
    /// Arch.
    Pacman,
    /// No known kind: numbers as numbers, words as words.
    Generic,
}

/// A text that names no scheme.
#[derive(Debug, thiserror::Error)]
#[error("{name:?} is not a version scheme")]
pub struct UnknownScheme {
    /// What was given.
    pub name: String,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: &'static [Self] = &[Self::Dpkg, Self::Rpm, Self::Apk, Self::Pacman, Self::Generic];

    /// The name in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dpkg => "dpkg",
            Self::Rpm => "rpm",
            Self::Apk => "apk",
            Self::Pacman => "pacman",
            Self::Generic => "generic",
        }
    }

    /// True when `text` can be read as a version of this kind.
    pub fn is_valid(self, text: &str) -> bool {
        match self {
            Self::Dpkg => dpkg::is_valid(text),
            Self::Rpm => rpm::is_valid(text),
            Self::Apk => apk::is_valid(text),
            Self::Pacman => pacman::is_valid(text),
            Self::Generic => generic::is_valid(text),
        }
    }

    pub fn key(self, _text: &str) -> Option<Vec<u8>> {
        None
    }
    /// The order of two versions, or `None` when either is not a version of this kind: then nothing
    /// is known, and "not older" must not be concluded.
    pub fn compare(self, a: &str, b: &str) -> Option<Ordering> {
        if !self.is_valid(a) || !self.is_valid(b) {
            return None;
        }
        Some(self.order(a, b))
    }

    /// A total order over all texts, for sorting.
    pub fn order(self, a: &str, b: &str) -> Ordering {
        match self {
            Self::Dpkg => dpkg::compare(a, b),
            Self::Rpm => rpm::compare(a, b),
            Self::Apk => apk::compare(a, b),
            Self::Pacman => pacman::compare(a, b),
            Self::Generic => generic::compare(a, b),
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scheme {
    type Err = UnknownScheme;
    fn from_str(name: &str) -> Result<Self, UnknownScheme> {
        let found = Self::ALL.iter().copied().find(|scheme| scheme.as_str() == name);
        found.ok_or_else(|| UnknownScheme {
            name: name.to_owned(),
        })
    }
}
