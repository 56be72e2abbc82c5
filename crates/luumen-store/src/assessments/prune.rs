//! Letting go of what nobody needs any more: classes without hosts, cells without classes, findings that were resolved long ago.

use std::collections::HashSet;

use luumen_model::{Timestamp, WorkspaceId};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, LockType, Query},
};

use crate::{
    StoreError, codec,
    entity::{
        assessed_host, assessment, finding, finding_day, finding_event, finding_host_set, host_class,
        judged_cell,
    },
    findings::DAY_MS,
};

/// Classes that no host is in any more.
pub(super) async fn drop_empty_classes(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<(), StoreError> {
    let used = Query::select()
        .expr(Expr::val(1))
        .from(assessed_host::Entity)
        .and_where(
            Expr::col((Alias::new("assessed_host"), assessed_host::Column::WorkspaceId)).eq(workspace.0),
        )
        .and_where(
            Expr::col((Alias::new("assessed_host"), assessed_host::Column::ClassId))
                .equals((Alias::new("host_class"), host_class::Column::Id)),
        )
        .to_owned();
    host_class::Entity::delete_many()
        .filter(host_class::Column::WorkspaceId.eq(workspace.0))
        .filter(Expr::exists(used).not())
        .exec(db)
        .await?;
    Ok(())
}

/// Lets go of cells that no class has any more. To be called in a transaction: it takes the lock of whoever judges.
pub async fn prune_cells(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<u64, StoreError> {
    let judged = assessment::Entity::find_by_id(workspace.0)
        .lock(LockType::Update)
        .one(db)
        .await?;
    let Some(judged) = judged else {
        return Ok(0);
    };
    let mut used: HashSet<i64> = HashSet::new();
    let classes = host_class::Entity::find().filter(host_class::Column::WorkspaceId.eq(workspace.0));
    for class in classes.all(db).await? {
        used.extend(codec::read_ids(&class.cells)?);
    }
    let select = Query::select()
        .column(judged_cell::Column::Id)
        .from(judged_cell::Entity)
        .and_where(Expr::col(judged_cell::Column::WorkspaceId).eq(workspace.0))
        .to_owned();
    let mut unused: Vec<i64> = Vec::new();
    for row in db.query_all(&select).await? {
        let id: i64 = row.try_get("", "id")?;
        if !used.contains(&id) {
            unused.push(id);
        }
    }
    for chunk in unused.chunks(1000) {
        judged_cell::Entity::delete_many()
            .filter(judged_cell::Column::WorkspaceId.eq(workspace.0))
            .filter(judged_cell::Column::Id.is_in(chunk.iter().copied()))
            .exec(db)
            .await?;
    }
    if !unused.is_empty() {
        // Whoever judges at this moment may have seen them, and begins anew.
        let row = assessment::ActiveModel {
            workspace_id: Unchanged(workspace.0),
            generation: Set(judged.generation + 1),
            ..Default::default()
        };
        assessment::Entity::update(row).exec(db).await?;
    }
    Ok(unused.len() as u64)
}

/// Lets go of what was resolved before a moment on every host, and of events from before it.
pub async fn prune_resolved(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    before: Timestamp,
) -> Result<u64, StoreError> {
    finding_event::Entity::delete_many()
        .filter(finding_event::Column::WorkspaceId.eq(workspace.0))
        .filter(finding_event::Column::AtMs.lt(before.as_millis()))
        .exec(db)
        .await?;
    finding_day::Entity::delete_many()
        .filter(finding_day::Column::WorkspaceId.eq(workspace.0))
        .filter(finding_day::Column::Day.lt(before.as_millis().div_euclid(DAY_MS)))
        .exec(db)
        .await?;
    let gone = finding::Entity::delete_many()
        .filter(finding::Column::WorkspaceId.eq(workspace.0))
        .filter(finding::Column::ResolvedAtMs.lt(before.as_millis()))
        .exec(db)
        .await?;
    if gone.rows_affected > 0 {
        let known = Query::select()
            .column(finding::Column::Id)
            .from(finding::Entity)
            .and_where(Expr::col(finding::Column::WorkspaceId).eq(workspace.0))
            .to_owned();
        finding_host_set::Entity::delete_many()
            .filter(finding_host_set::Column::WorkspaceId.eq(workspace.0))
            .filter(finding_host_set::Column::FindingId.not_in_subquery(known.clone()))
            .exec(db)
            .await?;
        finding_event::Entity::delete_many()
            .filter(finding_event::Column::WorkspaceId.eq(workspace.0))
            .filter(finding_event::Column::FindingId.not_in_subquery(known))
            .exec(db)
            .await?;
    }
    Ok(gone.rows_affected)
}
