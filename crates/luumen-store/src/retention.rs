//! Letting go: visits older than the workspace keeps them, and content that nothing refers to any more.
//! The newest snapshot of every host always stays.

use std::collections::HashSet;

use luumen_model::{Timestamp, WorkspaceId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Condition, Expr, ExprTrait, LockType, Order, Query, SelectStatement},
};

use crate::{
    Store, StoreError, codec,
    content::{Counter, load_sets},
    entity::{
        host, host_section, package_set, package_set_member, package_version, property_path, run,
        section_blob, section_property, section_set, visit,
    },
};

/// Ids in one statement.
const CHUNK: usize = 500;

/// Visits in one transaction: reports wait for no more than that.
const BATCH: u64 = 1000;

/// What was let go of the history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub visits: u64,
    pub runs: u64,
}

/// What was let go of the content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub sections: u64,
    pub package_versions: u64,
}

/// Lets go of visits from before a moment, and of runs that then have none, a few at a time. What they alone had seen goes
/// with the next [`sweep`].
pub async fn prune(store: &Store, workspace: WorkspaceId, before: Timestamp) -> Result<Pruned, StoreError> {
    let mut pruned = Pruned::default();
    loop {
        let visits = crate::transaction!(store, StoreError, |tx| prune_visits(tx, workspace, before))?;
        pruned.visits += visits;
        if visits < BATCH {
            break;
        }
    }
    pruned.runs = crate::transaction!(store, StoreError, |tx| prune_runs(tx, workspace, before))?;
    Ok(pruned)
}

/// Whether there is content that no visit refers to. Only reads, so that whoever writes waits for no [`sweep`] without a cause.
pub async fn has_unused(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<bool, StoreError> {
    let unused = unused_section_sets(workspace).limit(1).to_owned();
    Ok(db.query_one(&unused).await?.is_some())
}

/// Lets go of content that is unused. Call it inside a transaction: reports that bring new content wait until it is over.
pub async fn sweep(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Swept, StoreError> {
    let counter = Counter::take(db, workspace).await?;
    let blobs = prune_section_sets(db, workspace).await?;
    let sections = prune_blobs(db, workspace, &blobs).await?;
    let package_versions = prune_packages(db, workspace).await?;
    prune_paths(db, workspace).await?;
    counter.put_back(db, workspace).await?;
    Ok(Swept {
        sections,
        package_versions,
    })
}

/// The oldest few that may go.
async fn prune_visits(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let newest = Query::select()
        .column(host::Column::SnapshotId)
        .from(host::Entity)
        .and_where(Expr::col(host::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(host::Column::SnapshotId).is_not_null())
        .to_owned();
    let not_newest = Condition::any()
        .add(Expr::col(visit::Column::SnapshotId).is_null())
        .add(Expr::col(visit::Column::SnapshotId).not_in_subquery(newest));
    let old = Query::select()
        .columns([visit::Column::RunId, visit::Column::HostId])
        .from(visit::Entity)
        .and_where(Expr::col(visit::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(visit::Column::VisitedAtMs).lt(before.as_millis()))
        .cond_where(not_newest)
        .order_by(visit::Column::VisitedAtMs, Order::Asc)
        .limit(BATCH)
        .to_owned();
    let key = Expr::tuple([Expr::col(visit::Column::RunId), Expr::col(visit::Column::HostId)]);
    let gone = visit::Entity::delete_many()
        .filter(visit::Column::WorkspaceId.eq(workspace.0))
        .filter(key.in_subquery(old))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}

/// A run goes when its last visit has gone.
async fn prune_runs(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let visited = column_of(visit::Entity, visit::Column::RunId)
        .and_where(Expr::col((visit::Entity, visit::Column::WorkspaceId)).eq(workspace.0))
        .and_where(Expr::col((visit::Entity, visit::Column::RunId)).equals((run::Entity, run::Column::Id)))
        .to_owned();
    let gone = run::Entity::delete_many()
        .filter(run::Column::WorkspaceId.eq(workspace.0))
        .filter(run::Column::StartedAtMs.lt(before.as_millis()))
        .filter(Expr::exists(visited).not())
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}

/// Section sets that no visit refers to: one look into an index for each, however many visits there are.
fn unused_section_sets(workspace: WorkspaceId) -> SelectStatement {
    let visited = column_of(visit::Entity, visit::Column::SectionSetId)
        .and_where(Expr::col((visit::Entity, visit::Column::WorkspaceId)).eq(workspace.0))
        .and_where(
            Expr::col((visit::Entity, visit::Column::SectionSetId))
                .equals((section_set::Entity, section_set::Column::Id)),
        )
        .to_owned();
    column_of(
        section_set::Entity,
        (section_set::Entity, section_set::Column::Id),
    )
    .and_where(Expr::col((section_set::Entity, section_set::Column::WorkspaceId)).eq(workspace.0))
    .and_where(Expr::exists(visited).not())
    .to_owned()
}

/// Drops unused section sets and answers the blobs that the others use.
async fn prune_section_sets(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<HashSet<i64>, StoreError> {
    let all = ids(
        db,
        column_of(section_set::Entity, section_set::Column::Id)
            .and_where(Expr::col(section_set::Column::WorkspaceId).eq(workspace.0))
            // A report that has just found one of these holds it until its visit is written; we wait for
            // that here, and look afterwards which ones are used.
            .lock(LockType::Update),
    )
    .await?;
    let unused = ids(db, &unused_section_sets(workspace)).await?;
    let (unused, kept): (Vec<i64>, Vec<i64>) = all.into_iter().partition(|id| unused.contains(id));
    for chunk in unused.chunks(CHUNK) {
        section_set::Entity::delete_many()
            .filter(section_set::Column::WorkspaceId.eq(workspace.0))
            .filter(section_set::Column::Id.is_in(chunk.iter().copied()))
            .exec(db)
            .await?;
    }
    let mut blobs = HashSet::new();
    for chunk in kept.chunks(CHUNK) {
        for set in load_sets(db, workspace, chunk).await?.into_values() {
            blobs.extend(set.into_values().filter_map(|section| section.blob));
        }
    }
    Ok(blobs)
}

async fn prune_blobs(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    used: &HashSet<i64>,
) -> Result<u64, StoreError> {
    let all = ids(
        db,
        column_of(section_blob::Entity, section_blob::Column::Id)
            .and_where(Expr::col(section_blob::Column::WorkspaceId).eq(workspace.0)),
    )
    .await?;
    let unused: Vec<i64> = all.into_iter().filter(|id| !used.contains(id)).collect();
    for chunk in unused.chunks(CHUNK) {
        section_property::Entity::delete_many()
            .filter(section_property::Column::WorkspaceId.eq(workspace.0))
            .filter(section_property::Column::SectionBlobId.is_in(chunk.iter().copied()))
            .exec(db)
            .await?;
        section_blob::Entity::delete_many()
            .filter(section_blob::Column::WorkspaceId.eq(workspace.0))
            .filter(section_blob::Column::Id.is_in(chunk.iter().copied()))
            .exec(db)
            .await?;
        // Facts remembered from older snapshots are gone now; that they were seen stays known.
        host_section::Entity::update_many()
            .col_expr(
                host_section::Column::FactsBlobId,
                Expr::value(Option::<i64>::None),
            )
            .filter(host_section::Column::WorkspaceId.eq(workspace.0))
            .filter(host_section::Column::FactsBlobId.is_in(chunk.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(u64::try_from(unused.len()).unwrap_or(u64::MAX))
}

async fn prune_packages(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<u64, StoreError> {
    let used = ids(
        db,
        column_of(section_blob::Entity, section_blob::Column::PackageSetId)
            .distinct()
            .and_where(Expr::col(section_blob::Column::WorkspaceId).eq(workspace.0))
            .and_where(Expr::col(section_blob::Column::PackageSetId).is_not_null()),
    )
    .await?;
    let sets = package_set::Entity::find()
        .filter(package_set::Column::WorkspaceId.eq(workspace.0))
        .all(db)
        .await?;
    let mut used_versions = HashSet::new();
    for set in sets {
        let members = codec::read_ids(&set.members)?;
        if used.contains(&set.id) {
            used_versions.extend(members);
            continue;
        }
        // By its versions, because that is how the key begins.
        for chunk in members.chunks(CHUNK) {
            package_set_member::Entity::delete_many()
                .filter(package_set_member::Column::WorkspaceId.eq(workspace.0))
                .filter(package_set_member::Column::PackageVersionId.is_in(chunk.iter().copied()))
                .filter(package_set_member::Column::PackageSetId.eq(set.id))
                .exec(db)
                .await?;
        }
        package_set::Entity::delete_by_id((workspace.0, set.id))
            .exec(db)
            .await?;
    }
    let all = ids(
        db,
        column_of(package_version::Entity, package_version::Column::Id)
            .and_where(Expr::col(package_version::Column::WorkspaceId).eq(workspace.0)),
    )
    .await?;
    let unused: Vec<i64> = all.into_iter().filter(|id| !used_versions.contains(id)).collect();
    for chunk in unused.chunks(CHUNK) {
        package_version::Entity::delete_many()
            .filter(package_version::Column::WorkspaceId.eq(workspace.0))
            .filter(package_version::Column::Id.is_in(chunk.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(u64::try_from(unused.len()).unwrap_or(u64::MAX))
}

async fn prune_paths(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<(), StoreError> {
    let fact = column_of(section_property::Entity, section_property::Column::PathId)
        .and_where(Expr::col(section_property::Column::WorkspaceId).eq(workspace.0))
        .and_where(
            Expr::col((section_property::Entity, section_property::Column::PathId))
                .equals((property_path::Entity, property_path::Column::Id)),
        )
        .to_owned();
    property_path::Entity::delete_many()
        .filter(property_path::Column::WorkspaceId.eq(workspace.0))
        .filter(Expr::exists(fact).not())
        .exec(db)
        .await?;
    Ok(())
}

fn column_of(
    table: impl sea_orm::sea_query::IntoTableRef,
    column: impl sea_orm::sea_query::IntoColumnRef,
) -> SelectStatement {
    Query::select()
        .expr_as(Expr::col(column), "id")
        .from(table)
        .to_owned()
}

/// The numbers that a query answers. They are ids of content, so they are few against the rows that use them.
async fn ids(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<HashSet<i64>, StoreError> {
    let rows = db.query_all(select).await?;
    let ids: Result<_, _> = rows.iter().map(|row| row.try_get("", "id")).collect();
    Ok(ids?)
}
