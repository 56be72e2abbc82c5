//! What is kept of a source, as `state.json`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
};

use luumen_model::Timestamp;
use serde::{Deserialize, Serialize};

use super::{KeepError, write_atomically};

/// How many troubles are written down; the rest is counted.
pub(crate) const TROUBLES_KEPT: usize = 20;

/// What is kept of a source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceState {
    /// When we last looked.
    pub last_attempt: Option<Timestamp>,
    /// When we last looked and got everything.
    pub last_success: Option<Timestamp>,
    /// What is kept, by name.
    pub documents: BTreeMap<String, DocumentState>,
    /// What went wrong at the last attempt; the first few.
    pub troubles: Vec<Trouble>,
    /// How many there were.
    pub trouble_count: u64,
    /// Everything that changed until this moment is here.
    pub complete_to: Option<Timestamp>,
    /// Where reading pages stopped half way.
    pub paging: Option<Paging>,
    /// Documents that the publisher took back; an older archive may still hold them.
    pub deleted: BTreeSet<String>,
    /// `ETag` of the list of changes, once everything on it was fetched.
    pub changes_etag: Option<String>,
}

/// One document or archive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentState {
    /// Where it came from.
    pub url: String,
    /// To ask for changes with.
    pub etag: Option<String>,
    /// To ask for changes with.
    pub last_modified: Option<String>,
    /// Of the file as kept.
    pub sha256: String,
    /// The hash that the publisher gives, of whatever it is that they hash.
    pub upstream_sha256: Option<String>,
    /// How large the file is.
    pub bytes: u64,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    /// When we last heard that it is still the newest.
    pub checked_at: Timestamp,
    /// When the publisher says that it changed.
    pub changed_at: Option<Timestamp>,
    /// The higher speaks last where two say something of the same thing.
    pub rank: i64,
    /// The publisher no longer has it. What it said is kept.
    pub gone: bool,
    /// What was read in it.
    pub documents: u64,
    /// What was read in it.
    pub records: u64,
    /// What could not be read in it; the first few.
    pub troubles: Vec<Trouble>,
    /// How many there were.
    pub trouble_count: u64,
    /// Documents in it that could not be read at all; what older ones said is kept.
    pub broken: u64,
    /// The file whose content was refused, because it says much less than before.
    pub refused_sha256: Option<String>,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Which document, and where in it.
    pub document: String,
    /// What, for a person.
    pub what: String,
}

/// Where reading pages stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paging {
    /// Beginning of the span; absent when it is everything there is.
    pub from: Option<Timestamp>,
    /// End of the span.
    pub to: Timestamp,
    /// The first entry that is missing.
    pub next: u64,
}

impl SourceState {
    pub(super) fn load(path: &Path) -> Result<Self, KeepError> {
        match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| KeepError::State {
                path: path.to_owned(),
                source,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(KeepError::disk(path)(error)),
        }
    }

    pub(super) fn save(&self, path: &Path) -> Result<(), KeepError> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|source| KeepError::State {
            path: path.to_owned(),
            source,
        })?;
        text.push(b'\n');
        write_atomically(path, &text).map_err(KeepError::disk(path))
    }

    /// Writes a trouble down.
    pub(crate) fn trouble(&mut self, document: &str, what: impl Into<String>) {
        self.trouble_count += 1;
        if self.troubles.len() < TROUBLES_KEPT {
            self.troubles.push(Trouble {
                document: document.to_owned(),
                what: what.into(),
            });
        }
    }
}

/// An error with its sources, in one sentence.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
