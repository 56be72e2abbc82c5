//! People and keys: first admin, sign-in, sessions, API keys.

use luumen_model::{ApiKeyId, Timestamp, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a caller may do. Roles will be sets of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    ReadHosts,
    WriteHosts,
    ReadRuns,
    ReadAgents,
    /// Remove agents that are silent.
    WriteAgents,
    ReadApiKeys,
    WriteApiKeys,
    ReadSettings,
    WriteSettings,
    /// Findings, exceptions, feeds and jobs.
    ReadVulnerabilities,
    WriteExceptions,
    /// Refresh feeds, import a bundle.
    WriteFeeds,
    /// Pull the agent configuration and push reports.
    Report,
}

/// `POST /session`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignIn {
    #[schema(format = Email, max_length = 320)]
    pub email: String,
    #[schema(format = Password, max_length = 1024)]
    pub password: String,
}

/// `POST /session/link`: signs in with a one-time link.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignInWithLink {
    /// What stands behind `#` in the link.
    #[schema(max_length = 256)]
    pub token: String,
}

/// `GET /setup`: whether the first admin is still to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SetupState {
    /// True until the first admin exists.
    pub needed: bool,
}

/// `POST /setup`: makes the first admin and the first workspace, and signs in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Setup {
    /// One-time token that the server printed at start.
    #[schema(max_length = 256)]
    pub token: String,
    #[schema(format = Email, max_length = 320)]
    pub email: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// At least 12 characters.
    #[schema(format = Password, min_length = 12, max_length = 1024)]
    pub password: String,
    #[schema(min_length = 1, max_length = 200)]
    pub workspace: String,
}

/// `GET /session`: who is signed in, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionInfo {
    pub user_id: UserId,
    pub email: String,
    pub name: String,
    pub workspace_id: WorkspaceId,
    pub workspace_name: String,
    /// Every workspace this person is a member of.
    pub workspaces: Vec<WorkspaceRef>,
    pub permissions: Vec<Permission>,
    pub expires_at: Timestamp,
}

/// A workspace by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceRef {
    pub id: WorkspaceId,
    pub name: String,
}

/// `PUT /session/workspace`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SwitchWorkspace {
    pub workspace_id: WorkspaceId,
}

/// `POST /session/password`: a new password for the person signed in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChangePassword {
    /// Needed unless the session began with a one-time link and has set no password yet.
    #[schema(format = Password, max_length = 1024)]
    pub current_password: Option<String>,
    #[schema(format = Password, min_length = 12, max_length = 1024)]
    pub new_password: String,
}

/// What an API key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyScope {
    /// What an agent needs, nothing else.
    Agent,
    /// Read everything that a person may read.
    Read,
    /// Read everything; write hosts, settings, exceptions and agents, never API keys or feeds.
    Write,
}

/// An API key as it can be shown: never the key itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    pub scope: ApiKeyScope,
    /// First characters, to recognise it by: `lum_3fQx`.
    pub prefix: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// Until when the key before the last rotation still works.
    pub previous_valid_until: Option<Timestamp>,
}

/// `GET /api-keys`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ApiKeyList {
    pub items: Vec<ApiKey>,
}

/// `POST /api-keys`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewApiKey {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    pub scope: ApiKeyScope,
    pub expires_at: Option<Timestamp>,
}

/// `POST /api-keys/{id}/rotate`
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct RotateApiKey {
    /// How long the old key still works; 86,400 unless told, 0 ends it at once.
    #[schema(minimum = 0, maximum = 2_592_000)]
    pub overlap_s: Option<i64>,
}

/// The one time that a key is shown.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ApiKeyCreated {
    pub key: ApiKey,
    /// `lum_…`; kept nowhere.
    pub secret: String,
}
