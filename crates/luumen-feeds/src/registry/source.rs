//! One source, as `content/feeds.yaml` writes it.

use std::{fmt, str::FromStr};

use luumen_model::advisory::Authority;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A source: who publishes what, where it lies and on which terms.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceInfo {
    /// Its id; the `source` of every record.
    pub id: String,
    /// Who publishes it.
    pub publisher: String,
    /// What it is, for a person.
    pub title: String,
    /// Where a person reads more.
    pub home: String,
    /// Name of its format in `read::Format::ALL`.
    pub format: String,
    /// How near it is to who builds the packages; absent for what makes no claims.
    #[serde(default)]
    pub authority: Option<Authority>,
    /// Families that it speaks of; empty when of none in particular.
    #[serde(default)]
    pub platforms: Vec<String>,
    /// Where its paths begin.
    #[serde(default)]
    pub base: Option<String>,
    /// How it is fetched.
    pub fetch: FetchPlan,
    /// How often we look.
    pub every: Every,
    /// Under which licence it is published.
    pub licence: String,
    /// A sentence that must be shown wherever its data is.
    #[serde(default)]
    pub notice: Option<String>,
    /// About how much a first load is.
    pub size: Size,
    /// Whether it is fetched. What is not is still taken from a folder of files.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

/// How a source is fetched. The comment at the head of `content/feeds.yaml` says the same to its editors.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FetchPlan {
    /// One document at each path.
    File {
        /// Below the base.
        paths: Vec<String>,
        /// Where its hash stands.
        #[serde(default)]
        check: Check,
    },
    /// Many documents at each path.
    Archive {
        /// Below the base.
        paths: Vec<String>,
        /// Where its hash stands.
        #[serde(default)]
        check: Check,
    },
    /// The same path for each of a publisher's releases.
    PerRelease {
        /// With `{release}` in it.
        path: String,
        /// What to write there.
        releases: Vec<String>,
        /// Where its hash stands.
        #[serde(default)]
        check: Check,
    },
    /// The same path for each year.
    Yearly {
        /// With `{year}` in it.
        path: String,
        /// The first year.
        from: i16,
        /// More paths, which say again and newer what stands in the years.
        #[serde(default)]
        and: Vec<String>,
        /// Where its hash stands.
        #[serde(default)]
        check: Check,
    },
    /// The same path for each month.
    Monthly {
        /// With `{month}` in it, written `2016-Apr`.
        path: String,
        /// The first month, `2016-04`.
        from: Month,
        /// What to ask for.
        #[serde(default)]
        accept: Option<String>,
    },
    /// The NVD's API.
    JsonPages {
        /// Below the base.
        path: String,
        /// How many vulnerabilities a page holds.
        per_page: u32,
        /// Files to begin with.
        #[serde(default)]
        first_load: Option<FirstLoad>,
    },
    /// A directory with a list of what changed.
    DirectoryIndex {
        /// Below the base; empty when it is the base.
        #[serde(default)]
        directory: String,
        /// `path,moment` lines, in the directory.
        changes: String,
        /// The same for what was taken back.
        #[serde(default)]
        deletions: Option<String>,
        /// An archive of everything, below the base.
        #[serde(default)]
        archive: Option<String>,
        /// A file, below the base, in which the archive's name stands.
        #[serde(default)]
        archive_named_in: Option<String>,
        /// Where the hash of a document stands.
        #[serde(default)]
        check: Check,
    },
    /// The advisories of rpm repositories.
    RpmRepository {
        /// Which ones.
        repositories: Vec<RpmRepository>,
    },
    /// Not fetched at all.
    Offline {},
}

/// Yearly files that are read before the pages of the NVD's API.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstLoad {
    /// Where its paths begin.
    pub base: String,
    /// With `{year}` in it.
    pub path: String,
    /// The first year.
    pub from: i16,
    /// Where its hash stands.
    #[serde(default)]
    pub check: Check,
}

/// One repository of rpm packages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RpmRepository {
    /// What its document is called here: `amzn-2023`.
    pub name: String,
    /// A file, below the base, with the address of the repository in it.
    #[serde(default)]
    pub mirror_list: Option<String>,
    /// The repository itself, below the base.
    #[serde(default)]
    pub path: Option<String>,
}

/// Where the SHA-256 of a document stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Nowhere.
    #[default]
    None,
    /// In `<document>.sha256` beside it, if there is one.
    Beside,
    /// In the NVD's `.meta` beside it, of the unpacked document.
    NvdMeta,
}

/// A text in the list that is not written the way it must be.
#[derive(Debug, thiserror::Error)]
#[error("it has `{what}: {text}`; write it like {like}")]
pub struct WordError {
    what: &'static str,
    text: String,
    like: &'static str,
}

/// How often we look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    /// In milliseconds.
    pub millis: i64,
}

impl FromStr for Every {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        let wrong = || WordError {
            what: "every",
            text: text.to_owned(),
            like: "30m, 6h or 1d",
        };
        let unit = match text.chars().last() {
            Some('m') => 60_000,
            Some('h') => 3_600_000,
            Some('d') => 86_400_000,
            _ => return Err(wrong()),
        };
        let count: u16 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
        if count == 0 {
            return Err(wrong());
        }
        Ok(Self {
            millis: i64::from(count) * unit,
        })
    }
}

/// About how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// In bytes.
    pub bytes: u64,
}

impl FromStr for Size {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        let wrong = || WordError {
            what: "size",
            text: text.to_owned(),
            like: "200 kB, 3 MB or 1 GB",
        };
        let (count, unit) = text.split_once(' ').ok_or_else(wrong)?;
        let unit = match unit {
            "kB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return Err(wrong()),
        };
        let count: u32 = count.parse().map_err(|_| wrong())?;
        Ok(Self {
            bytes: u64::from(count) * unit,
        })
    }
}

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// `2016`.
    pub year: i16,
    /// `4`.
    pub month: u8,
}

impl Month {
    /// The month after it.
    pub fn next(self) -> Self {
        if self.month >= 12 {
            Self {
                year: self.year.saturating_add(1),
                month: 1,
            }
        } else {
            Self {
                month: self.month + 1,
                ..self
            }
        }
    }
}

/// As Microsoft writes it: `2016-Apr`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let name = NAMES[usize::from(self.month.clamp(1, 12)) - 1];
        write!(f, "{}-{name}", self.year)
    }
}

impl FromStr for Month {
    type Err = WordError;
    fn from_str(text: &str) -> Result<Self, WordError> {
        let read = || {
            let (year, month) = text.split_once('-')?;
            let (year, month) = (year.parse().ok()?, month.parse().ok()?);
            (1..=12).contains(&month).then_some(Self { year, month })
        };
        read().ok_or_else(|| WordError {
            what: "from",
            text: text.to_owned(),
            like: "2016-04",
        })
    }
}

macro_rules! from_text {
    ($type:ty) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
from_text!(Every);
from_text!(Size);
from_text!(Month);

impl Serialize for Every {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.millis)
    }
}
