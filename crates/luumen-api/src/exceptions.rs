//! Exceptions: findings that somebody has decided to live with, why, and until when.
//!
//! An excepted finding is still there. It is open again by itself when the exception expires or is deleted.

use luumen_model::{HostId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Cursor, vulnerabilities::HostRef};

/// Why a finding is accepted. The first four say that it does no harm; they are what a VEX document justifies with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    /// The vulnerable code is not in use here.
    CodeNotReachable,
    /// It needs a configuration that is not set here.
    RequiresConfiguration,
    /// Something else keeps it from being exploited.
    ProtectedByControl,
    /// The finding is wrong.
    FalsePositive,
    /// It is true, and the risk is accepted until the expiry.
    RiskAccepted,
    /// The fix is planned.
    FixPlanned,
}

/// Whether it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionState {
    Active,
    Expired,
}

/// `GET /exceptions/{id}`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Exception {
    #[schema(format = Uuid)]
    pub id: String,
    pub state: ExceptionState,
    pub kind: ExceptionKind,
    /// Absent for every vulnerability of the package.
    pub vulnerability: Option<String>,
    /// Absent for every package that the vulnerability is in.
    pub package: Option<String>,
    /// Every host with this tag; with neither tag nor host: all hosts.
    pub tag: Option<String>,
    /// One host.
    pub host: Option<HostRef>,
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it is written down, such as `SEC-123` or a web address.
    pub ticket: Option<String>,
    /// Absent when it never expires.
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// Name of the person, or of the API key.
    pub created_by: Option<String>,
    pub updated_at: Timestamp,
}

/// Query of `GET /exceptions`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExceptionQuery {
    #[param(inline)]
    pub state: Option<ExceptionState>,
    /// Exact id of a vulnerability.
    #[param(min_length = 1, max_length = 100)]
    pub vulnerability: Option<String>,
    /// Exact name of a source package.
    #[param(min_length = 1, max_length = 200)]
    pub package: Option<String>,
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// `GET /exceptions`, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ExceptionList {
    pub items: Vec<Exception>,
    pub next: Option<Cursor>,
}

/// `POST /exceptions`: names a vulnerability, a package, or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewException {
    pub kind: ExceptionKind,
    #[schema(min_length = 1, max_length = 100)]
    pub vulnerability: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    pub package: Option<String>,
    /// Every host with this tag.
    #[schema(min_length = 1, max_length = 100)]
    pub tag: Option<String>,
    /// One host; not together with a tag.
    pub host: Option<HostId>,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    #[schema(max_length = 200)]
    pub owner: Option<String>,
    #[schema(max_length = 500)]
    pub ticket: Option<String>,
    /// Lies ahead; without it the exception never expires.
    pub expires_at: Option<Timestamp>,
}

/// `PATCH /exceptions/{id}`: only what is given changes; an empty text clears. What it covers never changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateException {
    pub kind: Option<ExceptionKind>,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    #[schema(max_length = 200)]
    pub owner: Option<String>,
    #[schema(max_length = 500)]
    pub ticket: Option<String>,
    /// A moment in the past ends it at once.
    pub expires_at: Option<Timestamp>,
    /// True lets it never expire; not together with `expires_at`.
    pub never_expires: Option<bool>,
}
