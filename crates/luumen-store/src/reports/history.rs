//! Where a snapshot stands in its host's history: what changed since the one before it, and what that means
//! for the one after it, when it arrives late.

use luumen_model::{SectionKind, SnapshotId, WorkspaceId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::ingest::Placed;
use crate::{
    StoreError, codec,
    content::{self, SectionSet},
    entity::{host, host_section, visit},
};

/// Sections whose facts differ from the snapshot before. The first snapshot of a host changes nothing.
pub(super) async fn changed_sections(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    before: &host::Model,
    placed: &Placed<'_>,
) -> Result<Vec<SectionKind>, StoreError> {
    if is_newest(before, placed) {
        if before.section_set_id == Some(placed.set_id) {
            return Ok(Vec::new());
        }
        return changed_since_newest(db, workspace, before, placed).await;
    }
    let host = before.id;
    if let Some(after) = neighbour(db, workspace, host, placed.id, Side::After).await? {
        mend(db, workspace, &after, &placed.set).await?;
    }
    match neighbour(db, workspace, host, placed.id, Side::Before).await? {
        Some(visit) => Ok(differences(&set_of(db, workspace, &visit).await?, &placed.set)),
        None => Ok(Vec::new()),
    }
}

/// Whether the snapshot is at least as new as what is known of its host.
pub(super) fn is_newest(before: &host::Model, placed: &Placed<'_>) -> bool {
    before
        .snapshot_at_ms
        .is_none_or(|known| placed.seen_at.as_millis() >= known)
}

/// Compares with the facts that were read last, even if the newest snapshot could not read them.
async fn changed_since_newest(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    before: &host::Model,
    placed: &Placed<'_>,
) -> Result<Vec<SectionKind>, StoreError> {
    let known = host_section::Entity::find()
        .filter(host_section::Column::WorkspaceId.eq(workspace.0))
        .filter(host_section::Column::HostId.eq(before.id))
        .all(db)
        .await?;
    let mut changed = Vec::new();
    for row in known {
        let kind = codec::kind(&row.kind)?;
        let last = row.section_blob_id.or(row.facts_blob_id);
        let now = placed.set.get(&kind).and_then(|section| section.blob);
        if let (Some(last), Some(now)) = (last, now)
            && last != now
        {
            changed.push(kind);
        }
    }
    changed.sort();
    Ok(changed)
}

/// Sections that both could read, with facts that differ.
fn differences(from: &SectionSet, to: &SectionSet) -> Vec<SectionKind> {
    let differs = |kind: &SectionKind| {
        let blob = |set: &SectionSet| set.get(kind).and_then(|section| section.blob);
        matches!((blob(from), blob(to)), (Some(a), Some(b)) if a != b)
    };
    to.keys().copied().filter(|kind| differs(kind)).collect()
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

async fn neighbour(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    host: Uuid,
    of: SnapshotId,
    side: Side,
) -> Result<Option<visit::Model>, StoreError> {
    let find = visit::Entity::find()
        .filter(visit::Column::WorkspaceId.eq(workspace.0))
        .filter(visit::Column::HostId.eq(host));
    let find = match side {
        Side::Before => find
            .filter(visit::Column::SnapshotId.lt(of.0))
            .order_by_desc(visit::Column::SnapshotId),
        Side::After => find
            .filter(visit::Column::SnapshotId.gt(of.0))
            .order_by_asc(visit::Column::SnapshotId),
    };
    Ok(find.one(db).await?)
}

async fn set_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    visit: &visit::Model,
) -> Result<SectionSet, StoreError> {
    let id = visit.section_set_id.ok_or(StoreError::corrupt("visit"))?;
    content::load_set(db, workspace, id).await
}

/// The snapshot after a late one now differs from another one before it.
async fn mend(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    after: &visit::Model,
    late: &SectionSet,
) -> Result<(), StoreError> {
    let changed = differences(late, &set_of(db, workspace, after).await?);
    let text = (!changed.is_empty()).then(|| codec::write_kinds(&changed));
    visit::Entity::update_many()
        .col_expr(visit::Column::ChangedSections, Expr::value(text))
        .filter(visit::Column::WorkspaceId.eq(workspace.0))
        .filter(visit::Column::RunId.eq(after.run_id))
        .filter(visit::Column::HostId.eq(after.host_id))
        .exec(db)
        .await?;
    Ok(())
}
