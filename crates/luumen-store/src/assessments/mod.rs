//! Judging, as the database sees it: what hosts are to be judged by, what was known, and writing down what came of it.
//!
//! Whoever judges reads here, thinks elsewhere, and hands everything back in one [`Changes`], which one transaction writes: readers
//! see the workspace before or after, never between. Two who judged at once are told apart by the generation they began with.

mod holders;
mod input;
mod known;
mod prune;
mod unjudged;
mod write;

use luumen_model::{HostId, Timestamp, WorkspaceId, advisory::Severity};
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::{
    StoreError,
    entity::assessment,
    findings::{FindingEventKind, FixState},
};

pub use self::{
    holders::{hosts_of_classes, sets_with},
    input::{
        GoneHost, HostInput, changed_hosts, gone_hosts, hosts_with_tag, number_of, package_sets,
        package_versions, section_facts, versions_of_sources,
    },
    known::{
        HostClass, IdList, JudgedCell, KnownFacts, KnownFinding, cells_of, classes, classes_with_sets,
        excepted_findings, facts, findings_of, last_cell_id, packages_of, packages_of_cells,
    },
    prune::{prune_cells, prune_resolved},
    unjudged::{Marks, Which, marks, remove_marks},
    write::{ApplyError, apply},
};
pub(crate) use self::{
    input::is_judged,
    unjudged::{JUDGED_BY, mark},
};

/// How far a workspace is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssessmentState {
    pub generation: i64,
    pub assessed_at: Option<Timestamp>,
    /// Which catalogue, as whoever judged names it.
    pub catalogue: Option<String>,
    pub catalogue_at: Option<Timestamp>,
    pub last_number: i64,
    pub last_class_id: i64,
    pub last_finding_id: i64,
    /// What the catalogue said of each package: written and read by whoever judges.
    pub said: Option<Vec<u8>>,
}

/// How far a workspace is judged; the default when it never was.
pub async fn state(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<AssessmentState, StoreError> {
    let row = assessment::Entity::find_by_id(workspace.0).one(db).await?;
    let Some(row) = row else {
        return Ok(AssessmentState::default());
    };
    let said = row.said.map(|bytes| unpack_bytes(&bytes)).transpose()?;
    Ok(AssessmentState {
        generation: row.generation,
        assessed_at: row.assessed_at_ms.map(Timestamp::from_millis),
        catalogue: row.catalogue,
        catalogue_at: row.catalogue_at_ms.map(Timestamp::from_millis),
        last_number: row.last_number,
        last_class_id: row.last_class_id,
        last_finding_id: row.last_finding_id,
        said,
    })
}

fn unpack_bytes(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    zstd::decode_all(bytes).map_err(|source| StoreError::corrupt_by("assessment", source))
}

/// A host as it is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedHost {
    pub id: HostId,
    pub number: u32,
    pub class: Option<i64>,
    pub input: String,
    pub platform: Option<String>,
    pub not_evaluated: Vec<crate::findings::NotEvaluated>,
    /// Sorted ids of what it has although it cannot be judged.
    pub kept: Vec<i64>,
}

/// What lists sort and filter a finding by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub title: Option<String>,
    pub severity: Severity,
    pub score: Option<f64>,
    pub score_version: Option<String>,
    pub kev_added_at: Option<Timestamp>,
    pub ransomware: bool,
    pub epss: Option<f64>,
}

/// A finding as it is to be written, with its hosts.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedFinding {
    pub id: i64,
    pub is_new: bool,
    pub vulnerability: String,
    pub package: String,
    pub facts: Facts,
    pub fix: FixState,
    pub verdict: String,
    pub running_kernel: Option<bool>,
    pub end_of_life: bool,
    pub open_host_count: i64,
    pub not_evaluable_host_count: i64,
    pub resolved_host_count: i64,
    pub excepted_host_count: i64,
    pub excepted_until: Option<Timestamp>,
    pub first_opened_at: Timestamp,
    pub last_opened_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    /// As [`crate::findings::write_variants`] writes them.
    pub variants: Vec<u8>,
    /// As [`crate::findings::host_sets::write_groups`] writes them.
    pub groups: Vec<u8>,
}

/// Something that happened to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedEvent {
    pub finding: i64,
    pub kind: FindingEventKind,
    /// As [`crate::findings::host_sets::write_hosts`] writes them.
    pub hosts: Vec<u8>,
    pub host_count: i64,
    pub severity: Severity,
}

/// How many are excepted, where only that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excepted {
    pub finding: i64,
    pub count: i64,
    pub until: Option<Timestamp>,
}

/// What a host keeps although it cannot be judged, where nothing else of it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptChange {
    pub number: u32,
    pub added: Vec<i64>,
    pub removed: Vec<i64>,
}

/// Everything that one assessment changes.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The generation that was read before.
    pub generation: i64,
    pub state: AssessmentState,
    pub hosts: Vec<JudgedHost>,
    /// Hosts that are no longer there.
    pub gone: Vec<HostId>,
    /// New classes and those with other cells.
    pub classes: Vec<HostClass>,
    /// New cells and those in which something else is open.
    pub cells: Vec<JudgedCell>,
    pub findings: Vec<JudgedFinding>,
    /// Facts of findings whose hosts did not change.
    pub facts: Vec<(i64, Facts)>,
    pub excepted: Vec<Excepted>,
    pub events: Vec<JudgedEvent>,
    pub kept: Vec<KeptChange>,
    /// Marks of hosts that were looked at; they go with the rest.
    pub marks: Marks,
}

impl Changes {
    /// True when nothing would be written but that we looked.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
            && self.gone.is_empty()
            && self.classes.is_empty()
            && self.cells.is_empty()
            && self.findings.is_empty()
            && self.facts.is_empty()
            && self.excepted.is_empty()
            && self.events.is_empty()
            && self.kept.is_empty()
    }
}
