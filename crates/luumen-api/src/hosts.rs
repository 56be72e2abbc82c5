//! Hosts: the list people look at, and what an admin says about each.

use std::collections::BTreeMap;

use luumen_model::{HostId, Outcome, SectionKind, SnapshotId, Timestamp, VisitError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Cursor;

/// How well we know a host just now. Exactly one applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HostState {
    /// Seen in time, every section complete.
    Ok,
    /// Seen in time, some section not complete.
    Partial,
    /// The last visit failed, and what we know is not stale yet.
    Failing,
    /// Two intervals and the grace of `stale_at` went by without a snapshot.
    Stale,
    /// No snapshot yet.
    NeverSeen,
    /// Visits are switched off.
    Disabled,
}

/// A row of the host list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HostSummary {
    pub id: HostId,
    pub name: String,
    pub address: String,
    pub port: i64,
    pub state: HostState,
    pub tags: Vec<String>,
    /// `ID` of os-release.
    pub os_id: Option<String>,
    pub os_name: Option<String>,
    pub os_version: Option<String>,
    pub arch: Option<String>,
    pub kernel: Option<String>,
    pub package_count: Option<i64>,
    pub reboot_required: Option<bool>,
    /// When the newest snapshot was taken.
    pub last_seen_at: Option<Timestamp>,
    pub last_visit_at: Option<Timestamp>,
    pub last_outcome: Option<Outcome>,
    pub last_error: Option<VisitError>,
    /// Sections of the newest snapshot that are not complete.
    pub incomplete_sections: Vec<SectionKind>,
}

/// `GET /hosts`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HostList {
    pub items: Vec<HostSummary>,
    /// Hosts that the filter matches, on all pages.
    pub total: i64,
    /// Hosts that the filter may match or not: what it asks (packages, facts) was not read of them, or not whole. They are
    /// on no page.
    pub unknown_host_count: i64,
    pub next: Option<Cursor>,
    /// What the answer cannot say, such as versions that could not be compared; usually empty.
    pub warnings: Vec<String>,
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HostSort {
    #[default]
    Name,
    Address,
    State,
    Os,
    Kernel,
    Packages,
    LastSeen,
}

/// Query of `GET /hosts`, `GET /hosts/facets` and `GET /hosts.csv`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HostQuery {
    /// Filter text, all terms must hold: free words (name, address, OS), `state:stale`, `os:debian`, `os_version:12`,
    /// `arch:x86_64`, `tag:web`, `reboot:true`, `stale:true`, `unseen:firewall` (not read whole; `unseen:any` for any section,
    /// `=denied` or `=other` behind it for the cause), `seen:<24h` `changed:<1d` `added:>4w` (age of the newest snapshot, of
    /// the last change of packages, of the host; in m, h, d or w) and `seen:never`, `pkg:openssl<3.0.7` (operators `<` `<=` `=` `>=` `>`, or none
    /// for "installed"; a version without epoch or release is compared without the installed ones),
    /// any property by its path: `sshd.settings.permitrootlogin=yes`, `hardware.mem_bytes>8589934592` (operators `=` `!=` `<`
    /// `<=` `>=` `>`, `~` for "contains", `=*` for "is there"); `-` before a term negates it; quotes keep spaces.
    #[param(max_length = 1000)]
    pub q: Option<String>,
    #[param(inline)]
    pub sort: Option<HostSort>,
    /// True for the other way round.
    pub descending: Option<bool>,
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// Values of one facet, with how many of the filtered hosts have each.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FacetValue {
    pub value: String,
    pub count: i64,
}

/// `GET /hosts/facets`: facet name (`state`, `os`, `os_version`, `arch`, `tag`, `reboot_required`) to its values.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HostFacets {
    pub facets: BTreeMap<String, Vec<FacetValue>>,
}

/// `GET /hosts/{id}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Host {
    pub summary: HostSummary,
    pub username: Option<String>,
    /// Name of the credential; absent means the workspace's default.
    pub credential: Option<String>,
    pub notes: Option<String>,
    pub enabled: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The newest snapshot.
    pub snapshot_id: Option<SnapshotId>,
    /// When a host counts as stale: two intervals after its newest snapshot, and a grace of a tenth of the interval, at
    /// least 2 minutes and at most half an interval. The interval is the own one of the agent that visited it last, if
    /// that has one, else the workspace's.
    pub stale_at: Option<Timestamp>,
}

/// `POST /hosts`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHost {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// DNS name or IP address.
    #[schema(min_length = 1, max_length = 253)]
    pub address: String,
    /// 22 unless told.
    #[schema(minimum = 1, maximum = 65535)]
    pub port: Option<i64>,
    #[schema(max_length = 200)]
    pub username: Option<String>,
    #[schema(max_length = 200)]
    pub credential: Option<String>,
    #[schema(max_items = 50)]
    #[serde(default)]
    pub tags: Vec<String>,
    #[schema(max_length = 10_000)]
    pub notes: Option<String>,
    pub enabled: Option<bool>,
}

/// `PATCH /hosts/{id}`: only what is given changes; an empty text clears.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateHost {
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    #[schema(min_length = 1, max_length = 253)]
    pub address: Option<String>,
    #[schema(minimum = 1, maximum = 65535)]
    pub port: Option<i64>,
    #[schema(max_length = 200)]
    pub username: Option<String>,
    #[schema(max_length = 200)]
    pub credential: Option<String>,
    #[schema(max_items = 50)]
    pub tags: Option<Vec<String>>,
    #[schema(max_length = 10_000)]
    pub notes: Option<String>,
    pub enabled: Option<bool>,
}

/// What became of one row of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportResult {
    Created,
    /// A host of that name is there and would change (`update=true` changes it).
    Exists,
    Updated,
    Rejected,
}

/// One row of an import.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportRow {
    /// Line in the file; the header is line 1.
    pub line: i64,
    pub name: Option<String>,
    pub result: ImportResult,
    /// Why it was rejected, or what is odd about it.
    pub messages: Vec<String>,
}

/// Query of `POST /hosts/import`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Says what would happen and changes nothing.
    pub dry_run: Option<bool>,
    /// Changes hosts that are already there. A column that the sheet does not have changes nothing; an empty cell clears.
    pub update: Option<bool>,
}

/// `POST /hosts/import` (body `text/csv` with the header `name,address,port,username,credential,tags,notes`, any order, only name and address needed)
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    pub dry_run: bool,
    pub created: i64,
    pub updated: i64,
    pub existing: i64,
    pub rejected: i64,
    pub rows: Vec<ImportRow>,
}
