//! How fresh each source is, for people.

use luumen_model::Timestamp;
use serde::Serialize;

use super::{
    Folder,
    state::{TROUBLES_KEPT, Trouble},
};
use crate::registry::{FetchPlan, SourceInfo};

/// How fresh a source is and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceStatus {
    /// Its id.
    pub source: String,
    /// What it is.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// Whether it is fetched.
    pub enabled: bool,
    /// Under which licence.
    pub licence: String,
    /// A sentence that must be shown with its data.
    pub notice: Option<String>,
    /// When we last looked.
    pub last_attempt: Option<Timestamp>,
    /// When we last looked and got everything.
    pub last_success: Option<Timestamp>,
    /// Since when we have not got everything; absent when we never have.
    pub age_ms: Option<i64>,
    /// Whether that is too long ago, or never was. Only what is fetched becomes stale.
    pub stale: bool,
    /// Documents that were read.
    pub documents: u64,
    /// Records that were read in them.
    pub records: u64,
    /// Documents that their publisher no longer has, and that are kept.
    pub gone: u64,
    /// The first few things that went wrong.
    pub troubles: Vec<Trouble>,
    /// How many there were.
    pub trouble_count: u64,
    /// Those of them that are whole documents: they could not be fetched, or not be read.
    pub broken: u64,
}

/// A source is stale when we have not got everything for this many of its turns.
const TURNS_UNTIL_STALE: i64 = 3;

/// How long what was fetched of a source is fresh; absent for what nobody fetches.
pub fn fresh_for_ms(source: &SourceInfo) -> Option<i64> {
    let fetched = !matches!(source.fetch, FetchPlan::Offline { .. });
    fetched.then(|| source.every.millis.saturating_mul(TURNS_UNTIL_STALE))
}

/// How the source stands now.
pub fn status(source: &SourceInfo, folder: &Folder, now: Timestamp) -> SourceStatus {
    let state = &folder.state;
    let age_ms = state.last_success.map(|at| now.millis_since(at));
    let too_old = age_ms.is_none_or(|age| age > source.every.millis.saturating_mul(TURNS_UNTIL_STALE));
    let documents = || state.documents.values();
    let of_documents = documents().flat_map(|document| document.troubles.iter());
    SourceStatus {
        source: source.id.clone(),
        title: source.title.clone(),
        publisher: source.publisher.clone(),
        enabled: source.enabled,
        licence: source.licence.clone(),
        notice: source.notice.clone(),
        last_attempt: state.last_attempt,
        last_success: state.last_success,
        age_ms,
        stale: source.enabled && too_old,
        documents: documents().map(|document| document.documents).sum(),
        records: documents().map(|document| document.records).sum(),
        gone: documents().filter(|document| document.gone).count() as u64,
        troubles: state
            .troubles
            .iter()
            .chain(of_documents)
            .take(TROUBLES_KEPT)
            .cloned()
            .collect(),
        trouble_count: state.trouble_count + documents().map(|document| document.trouble_count).sum::<u64>(),
        broken: state.trouble_count + documents().map(|document| document.broken).sum::<u64>(),
    }
}
