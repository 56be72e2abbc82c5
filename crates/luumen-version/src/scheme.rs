//! Which order applies to a version, by name.

use std::{cmp::Ordering, fmt, str::FromStr};

use crate::{
    apk, dpkg, generic, letters, maven, nuget, pacman, pep440, rpm, rubygems, semver, token, windows,
};

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
    /// npm, crates.io, Go and whoever else follows Semantic Versioning.
    Semver,
    /// Python packages.
    Pep440,
    /// Java packages.
    Maven,
    /// .NET packages.
    Nuget,
    /// Ruby packages.
    Rubygems,
    /// Builds of Windows and of what Microsoft ships with it.
    Windows,
    /// What vendors print on their own programs: numbers, then letters.
    Letters,
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
    pub const ALL: &'static [Self] = &[
        Self::Dpkg,
        Self::Rpm,
        Self::Apk,
        Self::Pacman,
        Self::Semver,
        Self::Pep440,
        Self::Maven,
        Self::Nuget,
        Self::Rubygems,
        Self::Windows,
        Self::Letters,
        Self::Generic,
    ];

    /// The name in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dpkg => "dpkg",
            Self::Rpm => "rpm",
            Self::Apk => "apk",
            Self::Pacman => "pacman",
            Self::Semver => "semver",
            Self::Pep440 => "pep440",
            Self::Maven => "maven",
            Self::Nuget => "nuget",
            Self::Rubygems => "rubygems",
            Self::Windows => "windows",
            Self::Letters => "letters",
            Self::Generic => "generic",
        }
    }

    /// True when `text` can be read as a version of this kind.
    pub fn is_valid(self, text: &str) -> bool {
        match self {
            Self::Dpkg => dpkg::is_valid(text),
            Self::Rpm => rpm::is_valid(text),
            Self::Apk => token::is_valid(text, apk::read),
            Self::Pacman => pacman::is_valid(text),
            Self::Semver => token::is_valid(text, semver::read),
            Self::Pep440 => token::is_valid(text, pep440::read),
            Self::Maven => token::is_valid(text, maven::read),
            Self::Nuget => token::is_valid(text, nuget::read),
            Self::Rubygems => token::is_valid(text, rubygems::read),
            Self::Windows => token::is_valid(text, windows::read),
            Self::Letters => token::is_valid(text, letters::read),
            Self::Generic => generic::is_valid(text),
        }
    }

    /// Bytes whose plain order is the order of the versions: for readable `a` and `b`, `key(a).cmp(&key(b))`
    /// is `compare(a, b)`, and versions that are equal have equal keys. `None` when `text` is not a
    /// version of this kind.
    ///
    /// Keys of different schemes cannot be compared, and a key may change with the program: store the
    /// version beside it.
    pub fn key(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Dpkg => dpkg::key(text),
            Self::Rpm => rpm::key(text),
            Self::Apk => token::key(text, apk::read),
            Self::Pacman => pacman::key(text),
            Self::Semver => token::key(text, semver::read),
            Self::Pep440 => token::key(text, pep440::read),
            Self::Maven => token::key(text, maven::read),
            Self::Nuget => token::key(text, nuget::read),
            Self::Rubygems => token::key(text, rubygems::read),
            Self::Windows => token::key(text, windows::read),
            Self::Letters => token::key(text, letters::read),
            Self::Generic => generic::key(text),
        }
    }

    /// The order of two versions, or `None` when either is not a version of this kind: then nothing
    /// is known, and "not older" must not be concluded.
    pub fn compare(self, a: &str, b: &str) -> Option<Ordering> {
        let both =
            |order: fn(&str, &str) -> Ordering| (self.is_valid(a) && self.is_valid(b)).then(|| order(a, b));
        match self {
            Self::Dpkg => both(dpkg::compare),
            Self::Rpm => both(rpm::compare),
            Self::Apk => token::compare(a, b, apk::read),
            Self::Pacman => both(pacman::compare),
            Self::Semver => token::compare(a, b, semver::read),
            Self::Pep440 => token::compare(a, b, pep440::read),
            Self::Maven => token::compare(a, b, maven::read),
            Self::Nuget => token::compare(a, b, nuget::read),
            Self::Rubygems => token::compare(a, b, rubygems::read),
            Self::Windows => token::compare(a, b, windows::read),
            Self::Letters => token::compare(a, b, letters::read),
            Self::Generic => both(generic::compare),
        }
    }

    /// A total order over all texts, for sorting: what cannot be read comes first, by its bytes.
    pub fn order(self, a: &str, b: &str) -> Ordering {
        self.compare(a, b).unwrap_or_else(|| {
            let readable = (self.is_valid(a), self.is_valid(b));
            readable.0.cmp(&readable.1).then_with(|| a.cmp(b))
        })
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
