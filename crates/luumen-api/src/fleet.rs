//! The fleet across hosts: packages, properties, agents, runs.

use luumen_model::{AgentId, HostId, Outcome, PackageManager, RunId, SnapshotId, Timestamp, VisitError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Cursor;

/// Query of `GET /packages`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PackageQuery {
    /// Part of the name.
    #[param(max_length = 200)]
    pub q: Option<String>,
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// A package name in the fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PackageSummary {
    pub manager: PackageManager,
    pub name: String,
    /// Distinct versions in current snapshots.
    pub version_count: i64,
    pub host_count: i64,
}

/// `GET /packages`: names installed on any host now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PackageList {
    pub items: Vec<PackageSummary>,
    pub next: Option<Cursor>,
}

/// How versions are compared, in the package manager's own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum VersionOperator {
    #[serde(rename = "lt")]
    Less,
    #[serde(rename = "le")]
    LessOrEqual,
    #[serde(rename = "eq")]
    Equal,
    #[serde(rename = "ge")]
    GreaterOrEqual,
    #[serde(rename = "gt")]
    Greater,
}

/// Query of `GET /packages/hosts`: "which hosts have openssl < 3.0.7".
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PackageHostsQuery {
    /// Exact binary or source package name.
    #[param(min_length = 1, max_length = 200)]
    pub name: String,
    #[param(inline)]
    pub op: Option<VersionOperator>,
    #[param(max_length = 200)]
    pub version: Option<String>,
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// An installed package on one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PackageOnHost {
    pub host_id: HostId,
    pub host_name: String,
    pub manager: PackageManager,
    pub name: String,
    pub version: String,
    pub arch: Option<String>,
    pub source: Option<String>,
    pub source_version: Option<String>,
    pub last_seen_at: Timestamp,
    /// True when the host is stale: this may not be so any more.
    pub stale: bool,
}

/// `GET /packages/hosts`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PackageHosts {
    pub items: Vec<PackageOnHost>,
    pub total: i64,
    /// Hosts whose packages could not be read completely: the answer says nothing about them.
    pub unknown_host_count: i64,
    /// Versions that could not be compared with the one asked for.
    pub not_comparable: Vec<String>,
    pub next: Option<Cursor>,
}

/// Query of `GET /properties`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PropertyQuery {
    /// Beginning or part of a path.
    #[param(max_length = 200)]
    pub q: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
}

/// A property path that current snapshots have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PropertyPath {
    pub path: String,
    pub host_count: i64,
    /// Some of its values, most frequent first, at most 10.
    pub examples: Vec<String>,
}

/// `GET /properties`: paths to filter by.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PropertyPathList {
    pub items: Vec<PropertyPath>,
}

/// How an agent does just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    Ok,
    /// Three polls and the grace time went by without a word.
    Silent,
    /// Has a key and never called.
    NeverSeen,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    pub id: AgentId,
    pub name: String,
    /// Host name of its Patch server, as it says.
    pub hostname: Option<String>,
    pub version: Option<String>,
    pub state: AgentState,
    pub last_seen_at: Option<Timestamp>,
    pub silent_at: Option<Timestamp>,
    pub last_run: Option<RunSummary>,
}

/// Query of `GET /agents`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgentQuery {
    /// Part of the name, of the Patch server's host name or of the version.
    #[param(max_length = 200)]
    pub q: Option<String>,
    #[param(inline)]
    pub state: Option<AgentState>,
}

/// `GET /agents`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AgentList {
    pub items: Vec<Agent>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Running,
    Finished,
    /// The agent went silent before it said that the run was over.
    Lost,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunSummary {
    pub id: RunId,
    pub agent_id: AgentId,
    pub agent_name: String,
    pub state: RunState,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub host_count: i64,
    pub complete_count: i64,
    pub partial_count: i64,
    pub failed_count: i64,
    pub skipped_count: i64,
}

/// Query of `GET /runs`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RunQuery {
    /// Part of what the run's agent tells of itself, or the whole name of a host that was visited.
    #[param(max_length = 200)]
    pub q: Option<String>,
    #[param(inline)]
    pub state: Option<RunState>,
    /// Only runs that are lost, or that could not visit some host.
    pub trouble: Option<bool>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// Rows wanted, 1 to 1000; 100 unless told.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// `GET /runs`, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunList {
    pub items: Vec<RunSummary>,
    pub next: Option<Cursor>,
}

/// How the visit to one host ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunHost {
    pub host_id: HostId,
    pub host_name: String,
    pub outcome: Outcome,
    pub error: Option<VisitError>,
    pub snapshot_id: Option<SnapshotId>,
    pub visited_at: Timestamp,
    pub duration_ms: i64,
}

/// `GET /runs/{id}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Run {
    pub summary: RunSummary,
    pub hosts: Vec<RunHost>,
}
