//! What an agent asks and tells. Data only: nothing here can carry a command to a host (P6).

use luumen_model::{
    AgentId, ContentHash, HostId, Outcome, PrivilegeTier, RunId, Snapshot, SnapshotId, Timestamp, VisitError,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /agent/config` (and `GET /config` with header `api-key`), with `ETag`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentConfig {
    pub workspace: String,
    pub schedule: Schedule,
    pub default_credential: Option<String>,
    pub default_username: Option<String>,
    pub hosts: Vec<AgentHost>,
}

/// When to visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Schedule {
    pub interval_s: i64,
    pub polling_s: i64,
}

/// A host to visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentHost {
    pub id: HostId,
    pub name: String,
    pub address: String,
    pub port: i64,
    pub username: Option<String>,
    /// A name that the agent's own configuration, or later a sealed record, turns into a secret.
    pub credential: Option<String>,
}

/// `POST /agent/heartbeat`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Heartbeat {
    /// Name of the agent, one per Patch server.
    #[schema(min_length = 1, max_length = 200)]
    pub agent: String,
    #[schema(max_length = 253)]
    pub hostname: String,
    #[schema(max_length = 100)]
    pub version: String,
    /// The run going on, if any.
    pub run_id: Option<RunId>,
    pub tier: PrivilegeTier,
    /// Between two visits of a host, where the agent's own configuration says it (`schedule.interval_s`). Its hosts are
    /// stale by this one; absent, by the workspace's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 60, maximum = 2_678_400)]
    pub interval_s: Option<i64>,
    /// Between two polls, where the agent's own configuration says it (`schedule.polling_s`). It is silent by this one;
    /// absent, by the workspace's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 5, maximum = 86_400)]
    pub polling_s: Option<i64>,
}

/// Answer to a heartbeat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HeartbeatAnswer {
    pub agent_id: AgentId,
    pub server_time: Timestamp,
}

/// `PUT /agent/runs/{run_id}`: a run began. The agent makes the id, so that a repeated call is the same run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StartRun {
    #[schema(min_length = 1, max_length = 200)]
    pub agent: String,
    pub started_at: Timestamp,
    #[schema(minimum = 0)]
    pub host_count: i64,
}

/// `POST /agent/runs/{run_id}/finish`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FinishRun {
    pub finished_at: Timestamp,
}

/// First step of a report, `POST /agent/reports/missing`: which section hashes does the server not have?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MissingQuery {
    #[schema(max_items = 10_000)]
    pub hashes: Vec<ContentHash>,
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MissingAnswer {
    pub missing: Vec<ContentHash>,
}

/// Second step, `PUT /agent/runs/{run_id}/hosts/{host_id}`: how the visit ended, stored in one
/// transaction. Sections whose hash was not missing come without `data`. A repeated call with
/// the same run and host changes nothing and answers the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    pub outcome: Outcome,
    pub visited_at: Timestamp,
    #[schema(minimum = 0)]
    pub duration_ms: i64,
    /// With `failed` and `skipped`, and with `partial` when the visit broke off.
    pub error: Option<VisitError>,
    /// With `complete` and `partial`.
    pub snapshot: Option<Snapshot>,
}

/// Answer to a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportAnswer {
    pub snapshot_id: Option<SnapshotId>,
    /// True when this run and host were reported before.
    pub repeated: bool,
}
