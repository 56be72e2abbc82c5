//! What every section carries besides its facts: how well it could be read, and what was missing.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::ContentHash;

/// How a section's collection went. Only `Ok` and `Unchanged` may be read as "this is all there is".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SectionStatus {
    /// Everything was read.
    Ok,
    /// Something was read and something was not; `problems` says what.
    Partial,
    /// The account may not read it; `missing_rights` names the lines that would change that.
    Denied,
    /// A command did not end in time.
    Timeout,
    /// Output reached its cap and the rest was cut.
    Truncated,
    /// This platform has no such thing (no package manager of that kind, no systemd, …).
    Unsupported,
    /// Output came and could not be understood.
    ParseError,
    /// Same facts as in the host's last report; sent by hash only.
    Unchanged,
}

impl SectionStatus {
    /// True when the facts are complete: absence may be read as absence.
    pub fn is_complete(self) -> bool {
        matches!(self, Self::Ok | Self::Unchanged | Self::Unsupported)
    }
}

/// One thing that could not be read: a torn page, never a lost book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Id of the read command whose output it was.
    pub command: String,
    /// What went wrong, in words for an admin.
    pub message: String,
    /// The odd line, cut to 200 characters, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// A right that the account would need for the whole answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MissingRight {
    /// Id of the read command that was refused.
    pub command: String,
    /// The exact sudoers line that would allow it, when one would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sudoers_line: Option<String>,
    /// The lowest privilege tier whose sudoers file holds that line.
    pub tier: crate::PrivilegeTier,
}

/// What could be read, and what could not. A host is never lost for one odd line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// What could not.
    pub problems: Vec<Problem>,
}

impl<T> Default for Parsed<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            problems: Vec::new(),
        }
    }
}

/// A section as it travels and is kept. `data` has the shape that [`crate::SectionKind`] documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SectionRecord {
    /// How well it could be read.
    pub status: SectionStatus,
    /// Time spent on it on the host.
    pub duration_ms: i64,
    /// Hash of `data`; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<ContentHash>,
    /// The facts. Absent when nothing could be read, or when only the hash travels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<Value>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What the account may not read, with the line that would allow it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_rights: Vec<MissingRight>,
}
