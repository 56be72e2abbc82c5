//! Settings of a workspace.

use luumen_model::{Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /workspace`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub created_at: Timestamp,
    /// How often every host is visited.
    pub interval_s: i64,
    /// How often an agent asks for its configuration between visits.
    pub polling_s: i64,
    /// Credential of hosts that name none of their own. A name: the secret stays with the agent.
    pub default_credential: Option<String>,
    /// Account name of hosts that name none of their own.
    pub default_username: Option<String>,
    /// How long an agent may be late before it counts as silent, beyond three polls.
    pub silence_grace_s: i64,
    /// Days that snapshots are kept; the newest of each host always stays.
    pub retention_days: i64,
    pub server_version: String,
}

/// `PATCH /workspace`: only what is given changes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateWorkspace {
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[schema(minimum = 60, maximum = 2_592_000)]
    pub interval_s: Option<i64>,
    #[schema(minimum = 5, maximum = 86_400)]
    pub polling_s: Option<i64>,
    #[schema(max_length = 200)]
    pub default_credential: Option<String>,
    #[schema(max_length = 200)]
    pub default_username: Option<String>,
    #[schema(minimum = 0, maximum = 86_400)]
    pub silence_grace_s: Option<i64>,
    #[schema(minimum = 1, maximum = 36_500)]
    pub retention_days: Option<i64>,
}
