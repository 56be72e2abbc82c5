//! What happened when: trend, events, and today's numbers.

use luumen_model::{HostId, Timestamp, advisory::Severity};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{CatalogueInfo, Fix, HostRef, JudgingGap, SeverityCounts};
use crate::Cursor;

/// Query of `GET /vulnerabilities/trend`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TrendQuery {
    /// How many days back; 90 unless told.
    #[param(minimum = 1, maximum = 366)]
    pub days: Option<i64>,
}

/// The fleet on one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrendDay {
    /// YYYY-MM-DD (UTC).
    pub day: String,
    /// Open findings, each counted on each of its hosts.
    pub on_hosts: SeverityCounts,
    /// Open findings, each counted once.
    pub findings: SeverityCounts,
    /// Opened on that day, counted on each host.
    pub opened: i64,
    /// Resolved on that day, counted on each host.
    pub fixed: i64,
}

/// `GET /vulnerabilities/trend`, oldest first. Days before the first assessment are left out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Trend {
    pub items: Vec<TrendDay>,
}

/// What happened to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingEventKind {
    Opened,
    /// Gone, on positive evidence.
    Fixed,
    /// It came back.
    Reopened,
    /// It can no longer be judged, and stays as it was.
    NotEvaluable,
    /// It can be judged again, and is still open.
    Evaluable,
    /// Its hosts were deleted.
    Removed,
}

/// Query of `GET /vulnerabilities/events`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingEventQuery {
    #[param(inline)]
    pub kind: Option<FindingEventKind>,
    /// Exact id of a vulnerability.
    #[param(min_length = 1, max_length = 100)]
    pub vulnerability: Option<String>,
    /// Exact name of a source package.
    #[param(min_length = 1, max_length = 200)]
    pub package: Option<String>,
    /// Only what happened to this host.
    #[param(inline)]
    pub host: Option<HostId>,
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// Something that happened to a finding, on all hosts at once where one cause did it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FindingEvent {
    #[schema(format = Uuid)]
    pub id: String,
    pub at: Timestamp,
    pub kind: FindingEventKind,
    pub vulnerability: String,
    pub package: String,
    pub severity: Severity,
    pub kev: bool,
    pub host_count: i64,
    /// At most 20 of them, by name.
    pub hosts: Vec<HostRef>,
}

/// `GET /vulnerabilities/events`, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FindingEventList {
    pub items: Vec<FindingEvent>,
    pub next: Option<Cursor>,
}

/// `GET /vulnerabilities/summary`: the numbers of the first page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FindingSummary {
    pub generated_at: Timestamp,
    /// Open findings, each counted once.
    pub findings: SeverityCounts,
    /// Open findings, each counted on each of its hosts.
    pub on_hosts: SeverityCounts,
    /// Open findings known to be exploited.
    pub kev_count: i64,
    /// Open findings with a fix that every host gets.
    pub fix_available_count: i64,
    pub excepted_count: i64,
    /// Opened within a day, counted once.
    pub opened_today_count: i64,
    /// Resolved within a day, counted once.
    pub fixed_today_count: i64,
    /// Hosts with something open.
    pub affected_host_count: i64,
    /// Hosts that were judged at all.
    pub assessed_host_count: i64,
    /// Hosts that were not judged whole, or not at all: nothing, or not all, is said about them.
    pub not_evaluable_host_count: i64,
    /// What could not be judged and why, most hosts first.
    pub not_evaluated: Vec<JudgingGap>,
    /// What is only information: packages of which only upstream's ranges speak.
    pub informational_count: i64,
    /// The updates that close the worst, at most 5.
    pub fixes: Vec<Fix>,
    /// Feeds that are older than they should be, or failed.
    pub stale_feed_count: i64,
    /// Absent until a catalogue is there: nothing was judged yet.
    pub catalogue: Option<CatalogueInfo>,
    /// When the workspace was judged last.
    pub assessed_at: Option<Timestamp>,
    /// Absent where the last assessment went through. Otherwise the numbers are those of the last one that did.
    pub assessment_failure: Option<AssessmentFailure>,
}

/// Why hosts are not judged by what they have now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AssessmentFailure {
    pub error: String,
    /// When it is tried again; absent while it is, and where the next change of a host decides.
    pub next_try_at: Option<Timestamp>,
}
