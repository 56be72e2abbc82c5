//! What a catalogue was made of: its sources, how old what they say is, and what must be shown with it.

use luumen_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{keep::SourceStatus, registry::SourceInfo};

pub(super) const FORMAT: u32 = 1;

/// What is in a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Edition of this text.
    pub format: u32,
    /// When the catalogue was made.
    pub created_at: Timestamp,
    /// Id of the key that it is signed with; empty when it never left this machine.
    #[serde(default)]
    pub signed_by: String,
    /// The catalogue itself.
    pub catalogue: CatalogueInfo,
    /// What it was made of.
    pub sources: Vec<SourceNote>,
    /// Made of hand-written samples, to try things out with. What it says is true, and far from all there is.
    #[serde(default)]
    pub sample: bool,
}

/// The file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueInfo {
    /// Lower-case hex.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
}

/// One source of a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceNote {
    /// Its id.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// Under which licence.
    pub licence: String,
    /// A sentence that must be shown with its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// When everything it has was last looked at; absent: never, or not by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// Documents that were read.
    pub documents: u64,
    /// Records that were read in them.
    pub records: u64,
    /// How much could not be read or fetched.
    pub troubles: u64,
    /// Whole documents among that.
    #[serde(default)]
    pub broken: u64,
}

impl Manifest {
    /// For a catalogue that was made now, out of these.
    pub fn new(created_at: Timestamp, sources: Vec<SourceNote>) -> Self {
        Self {
            format: FORMAT,
            created_at,
            signed_by: String::new(),
            catalogue: CatalogueInfo::default(),
            sources,
            sample: false,
        }
    }

    /// The sentences that must be shown, each once.
    pub fn notices(&self) -> Vec<&str> {
        let mut notices: Vec<&str> = self
            .sources
            .iter()
            .filter_map(|source| source.notice.as_deref())
            .collect();
        notices.sort_unstable();
        notices.dedup();
        notices
    }
}

impl SourceNote {
    /// From the list of sources and how the source stands.
    pub fn new(source: &SourceInfo, status: &SourceStatus) -> Self {
        Self {
            id: source.id.clone(),
            title: source.title.clone(),
            publisher: source.publisher.clone(),
            licence: source.licence.clone(),
            notice: source.notice.clone(),
            as_of: status.last_success,
            documents: status.documents,
            records: status.records,
            troubles: status.trouble_count,
            broken: status.broken,
        }
    }
}

/// Who claims to have signed it; empty when it cannot be read.
pub(super) fn signed_by(text: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Head {
        signed_by: String,
    }
    serde_json::from_slice::<Head>(text)
        .map(|head| head.signed_by)
        .unwrap_or_default()
}
