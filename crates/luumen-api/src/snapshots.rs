//! A host's history: snapshots, "as of", and what changed between two.

use std::collections::BTreeMap;

use luumen_model::{
    HostId, Outcome, Property, RunId, SectionKind, SectionStatus, Snapshot, SnapshotId, Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Cursor;

/// A snapshot in a host's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotSummary {
    pub id: SnapshotId,
    pub taken_at: Timestamp,
    pub received_at: Timestamp,
    pub run_id: RunId,
    pub outcome: Outcome,
    pub duration_ms: i64,
    /// Absent when packages could not be read.
    pub package_count: Option<i64>,
    /// Sections whose facts differ from the snapshot before, `vitals` left out.
    pub changed_sections: Vec<SectionKind>,
    pub section_status: BTreeMap<SectionKind, SectionStatus>,
}

/// `GET /hosts/{id}/snapshots`, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SnapshotList {
    pub items: Vec<SnapshotSummary>,
    pub next: Option<Cursor>,
}

/// Query of `GET /hosts/{id}/snapshot`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOfQuery {
    /// The snapshot that was newest at this moment (RFC 3339); the newest of all unless told.
    #[param(format = DateTime)]
    pub as_of: Option<String>,
}

/// `GET /hosts/{id}/snapshot` and `GET /hosts/{id}/snapshots/{snapshot_id}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SnapshotDocument {
    pub id: SnapshotId,
    pub host_id: HostId,
    pub run_id: RunId,
    pub received_at: Timestamp,
    /// When the facts of each section were read; older than `taken_at` where only the status changed since.
    pub section_seen_at: BTreeMap<SectionKind, Timestamp>,
    pub snapshot: Snapshot,
}

/// Query of `GET /hosts/{id}/diff`.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DiffQuery {
    /// Snapshot id.
    #[param(format = Uuid)]
    pub from: String,
    /// Snapshot id.
    #[param(format = Uuid)]
    pub to: String,
}

/// A package that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PackageChange {
    pub manager: luumen_model::PackageManager,
    pub name: String,
    pub arch: Option<String>,
    /// Absent when it was installed between the two.
    pub from_version: Option<String>,
    /// Absent when it was removed between the two.
    pub to_version: Option<String>,
}

/// A fact that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PropertyChange {
    pub section: SectionKind,
    pub path: String,
    /// Values before; empty when the fact is new.
    pub from: Vec<Property>,
    /// Values after; empty when the fact is gone.
    pub to: Vec<Property>,
}

/// `GET /hosts/{id}/diff`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SnapshotDiff {
    pub from: SnapshotSummary,
    pub to: SnapshotSummary,
    pub packages: Vec<PackageChange>,
    pub properties: Vec<PropertyChange>,
    /// Sections that one of the two could not read: nothing can be said about them.
    pub not_comparable: Vec<SectionKind>,
    /// True when the lists were cut at 10,000 entries.
    pub truncated: bool,
}
