//! A host's history: the snapshots it has, and each one put together again as it came.

use std::collections::BTreeMap;

use luumen_model::{
    HostId, Outcome, RunId, SectionKind, SectionRecord, SectionStatus, Snapshot, SnapshotId, Timestamp,
    WorkspaceId,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::{
    Page, StoreError, Thing, codec,
    content::{self, Detail, SectionSet},
    entity::{host_section, visit},
    ids,
    page::read_cursor,
};

/// A snapshot in a host's history.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotSummary {
    pub id: SnapshotId,
    pub host_id: HostId,
    pub run_id: RunId,
    pub taken_at: Timestamp,
    pub received_at: Timestamp,
    pub outcome: Outcome,
    pub duration_ms: i64,
    /// Absent when packages could not be read.
    pub package_count: Option<i64>,
    /// Sections whose facts differ from the snapshot before, vitals left out.
    pub changed_sections: Vec<SectionKind>,
    pub section_status: BTreeMap<SectionKind, SectionStatus>,
}

/// A snapshot, whole.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSnapshot {
    pub summary: SnapshotSummary,
    /// When the facts of each section were read. A section without facts is here when the snapshot is the newest
    /// and an older one had them: with that older moment.
    pub section_seen_at: BTreeMap<SectionKind, Timestamp>,
    pub snapshot: Snapshot,
}

/// Snapshots of a host, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    host: HostId,
    cursor: Option<&str>,
    limit: u64,
) -> Result<Page<SnapshotSummary>, StoreError> {
    let mut find = of_host(workspace, host);
    if let Some(id) = read_cursor::<Uuid>(cursor)? {
        find = find.filter(visit::Column::SnapshotId.lt(id));
    }
    let rows = find
        .order_by_desc(visit::Column::SnapshotId)
        .limit(limit + 1)
        .all(db)
        .await?;
    let page = Page::cut(rows, limit, |row| row.snapshot_id);
    let mut set_ids: Vec<i64> = page.items.iter().filter_map(|row| row.section_set_id).collect();
    set_ids.sort_unstable();
    set_ids.dedup();
    let sets = content::load_sets(db, workspace, &set_ids).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        let set = row.section_set_id.and_then(|id| sets.get(&id));
        let set = set.ok_or(StoreError::corrupt("section set"))?;
        items.push(summary(row, set, &detail(row)?)?);
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

/// One snapshot of a host.
pub async fn get(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    host: HostId,
    id: SnapshotId,
) -> Result<StoredSnapshot, StoreError> {
    let row = of_host(workspace, host)
        .filter(visit::Column::SnapshotId.eq(id.0))
        .one(db)
        .await?;
    assemble(db, workspace, row.ok_or(StoreError::NotFound(Thing::Snapshot))?).await
}

/// The snapshot of a host that was newest at a moment.
pub async fn as_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    host: HostId,
    at: Timestamp,
) -> Result<StoredSnapshot, StoreError> {
    let row = of_host(workspace, host)
        .filter(visit::Column::SnapshotId.lte(ids::last_id_of(at)))
        .order_by_desc(visit::Column::SnapshotId)
        .one(db)
        .await?;
    assemble(db, workspace, row.ok_or(StoreError::NotFound(Thing::Snapshot))?).await
}

/// The newest snapshot of a host.
pub async fn newest(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    host: HostId,
) -> Result<StoredSnapshot, StoreError> {
    let row = of_host(workspace, host)
        .order_by_desc(visit::Column::SnapshotId)
        .one(db)
        .await?;
    let row = row.ok_or(StoreError::NotFound(Thing::Snapshot))?;
    let mut stored = assemble(db, workspace, row).await?;
    let sections = host_section::Entity::find()
        .filter(host_section::Column::WorkspaceId.eq(workspace.0))
        .filter(host_section::Column::HostId.eq(host.0))
        .filter(host_section::Column::FactsAtMs.is_not_null())
        .all(db)
        .await?;
    for row in sections {
        if let Some(at) = row.facts_at_ms {
            let kind = codec::kind(&row.kind)?;
            let seen_at = stored.section_seen_at.entry(kind);
            seen_at.or_insert(Timestamp::from_millis(at));
        }
    }
    Ok(stored)
}

fn of_host(workspace: WorkspaceId, host: HostId) -> Select<visit::Entity> {
    visit::Entity::find()
        .filter(visit::Column::WorkspaceId.eq(workspace.0))
        .filter(visit::Column::HostId.eq(host.0))
        .filter(visit::Column::SnapshotId.is_not_null())
}

fn detail(row: &visit::Model) -> Result<Detail, StoreError> {
    Detail::read(row.detail.as_deref().ok_or(StoreError::corrupt("visit"))?)
}

fn summary(row: &visit::Model, set: &SectionSet, detail: &Detail) -> Result<SnapshotSummary, StoreError> {
    let id = row.snapshot_id.ok_or(StoreError::corrupt("visit"))?;
    let mut section_status: BTreeMap<_, _> = set
        .iter()
        .map(|(kind, section)| (*kind, section.status))
        .collect();
    if let Some(vitals) = &detail.vitals {
        section_status.insert(SectionKind::Vitals, vitals.status);
    }
    Ok(SnapshotSummary {
        id: SnapshotId(id),
        host_id: HostId(row.host_id),
        run_id: RunId(row.run_id),
        taken_at: detail.taken_at,
        received_at: Timestamp::from_millis(row.received_at_ms),
        outcome: codec::outcome(&row.outcome)?,
        duration_ms: row.duration_ms,
        package_count: row.package_count,
        changed_sections: row
            .changed_sections
            .as_deref()
            .map(codec::read_kinds)
            .unwrap_or_default(),
        section_status,
    })
}

async fn assemble(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    row: visit::Model,
) -> Result<StoredSnapshot, StoreError> {
    let detail = detail(&row)?;
    let set_id = row.section_set_id.ok_or(StoreError::corrupt("visit"))?;
    let set = content::load_set(db, workspace, set_id).await?;
    let summary = summary(&row, &set, &detail)?;
    let blobs: Vec<i64> = set.values().filter_map(|section| section.blob).collect();
    let mut facts = content::load_data(db, workspace, &blobs).await?;
    let mut sections = BTreeMap::new();
    let mut section_seen_at = BTreeMap::new();
    for ((kind, section), duration_ms) in set.into_iter().zip(detail.durations_ms) {
        let data = match section.blob {
            Some(id) => Some(facts.remove(&id).ok_or(StoreError::corrupt("section"))?),
            None => None,
        };
        if data.is_some() {
            section_seen_at.insert(kind, detail.taken_at);
        }
        let record = SectionRecord {
            status: section.status,
            duration_ms,
            hash: section.hash,
            data,
            problems: section.problems,
            missing_rights: section.missing_rights,
        };
        sections.insert(kind, record);
    }
    if let Some(vitals) = detail.vitals {
        section_seen_at.extend(
            vitals
                .data
                .is_some()
                .then_some((SectionKind::Vitals, detail.taken_at)),
        );
        sections.insert(SectionKind::Vitals, vitals);
    }
    Ok(StoredSnapshot {
        summary,
        section_seen_at,
        snapshot: Snapshot {
            schema: detail.schema,
            taken_at: detail.taken_at,
            duration_ms: detail.duration_ms,
            collector: detail.collector,
            tier: detail.tier,
            username: detail.username,
            sections,
        },
    })
}
