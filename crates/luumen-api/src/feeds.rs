//! Feeds and the jobs that read them: how fresh what we know is, and what is being done about it.

use luumen_model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::vulnerabilities::CatalogueInfo;

/// How a feed does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeedState {
    Fresh,
    /// Older than it should be.
    Stale,
    /// The last attempt failed; what was known before is still used.
    Failing,
    /// Nothing of it was ever read.
    Never,
}

/// A source of what the world says about vulnerabilities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Feed {
    /// `debian-tracker`
    pub id: String,
    pub title: String,
    pub state: FeedState,
    /// Licence of the data.
    pub licence: String,
    /// What its licence asks to be shown.
    pub notice: Option<String>,
    pub last_attempt_at: Option<Timestamp>,
    pub last_success_at: Option<Timestamp>,
    /// When what the catalogue holds of it was fetched.
    pub fetched_at: Option<Timestamp>,
    /// When it counts as stale.
    pub stale_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Documents that were read.
    pub document_count: i64,
    /// Documents that could not be read; what was known of them before is still used.
    pub broken_document_count: i64,
    /// Entries that could not be read.
    pub problem_count: i64,
    /// Made up for show.
    pub sample: bool,
}

/// `GET /feeds`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FeedList {
    pub items: Vec<Feed>,
    /// Absent until a catalogue is there.
    pub catalogue: Option<CatalogueInfo>,
    /// The refresh that is about to begin or going on; not the next one that waits for its time.
    pub job: Option<Job>,
}

/// Query of `POST /feeds/import`, whose body is the bundle.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// True to go back to a catalogue that is older than the one in use.
    pub allow_older: Option<bool>,
}

/// `POST /feeds/import`: the catalogue that is in use now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportedBundle {
    pub catalogue: CatalogueInfo,
    /// Short name of the key that it was signed with.
    pub signed_by: String,
    /// Judges the hosts of this workspace by it.
    pub job: Job,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Judges hosts anew.
    AssessHosts,
    /// Fetches feeds and builds the catalogue.
    RefreshFeeds,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Running,
    Done,
    Failed,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobProgress {
    pub done: i64,
    /// Absent while it is not known.
    pub total: Option<i64>,
    /// What is being done, in words.
    pub message: Option<String>,
}

/// `GET /jobs/{id}`, and the answer of what starts one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    #[schema(format = Uuid)]
    pub id: String,
    pub kind: JobKind,
    pub state: JobState,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub progress: Option<JobProgress>,
    /// Why it failed.
    pub error: Option<String>,
}
