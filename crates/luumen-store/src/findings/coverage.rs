//! How much of the fleet was judged: of how many hosts all, some or nothing, and why the rest could not be.

use std::collections::{BTreeMap, HashSet};

use luumen_model::WorkspaceId;
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Expr, ExprTrait, Func, Query},
};

use super::{NotEvaluated, cells::OpenCells};
use crate::{
    StoreError, codec,
    entity::{assessed_host, host, host_class},
};

/// Something that could not be judged, and of how many hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageGap {
    pub gap: NotEvaluated,
    pub host_count: i64,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HostCounts {
    pub assessed: i64,
    pub not_evaluable: i64,
    pub affected: i64,
}

/// Hosts that were not judged whole, or not at all.
pub async fn not_evaluable_host_count(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<i64, StoreError> {
    let is_whole = assessed(assessed_host::Column::NotEvaluated)
        .is_null()
        .and(is_judged());
    let whole = number_of(db, workspace, Some(is_whole)).await?;
    Ok(Ord::max(all_hosts(db, workspace).await? - whole, 0))
}

/// What could not be judged and why, most hosts first. A host that was never judged at all is one of them.
pub async fn coverage_gaps(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<Vec<CoverageGap>, StoreError> {
    // Hosts with the same gaps are told apart by nothing here.
    let select = Query::select()
        .column(assessed_host::Column::NotEvaluated)
        .expr_as(Func::count(Expr::col(assessed_host::Column::Number)), "n")
        .from(assessed_host::Entity)
        .and_where(Expr::col(assessed_host::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(assessed_host::Column::NotEvaluated).is_not_null())
        .group_by_col(assessed_host::Column::NotEvaluated)
        .to_owned();
    let mut counts: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in db.query_all(&select).await? {
        let (text, hosts): (String, i64) = (row.try_get("", "not_evaluated")?, row.try_get("", "n")?);
        let gaps: Vec<NotEvaluated> =
            serde_json::from_str(&text).map_err(|source| StoreError::corrupt_by("assessment", source))?;
        for gap in gaps {
            *counts.entry((gap.what, gap.why)).or_default() += hosts;
        }
    }
    let never = all_hosts(db, workspace).await? - number_of(db, workspace, None).await?;
    if never > 0 {
        let why = "they were never visited, or not judged yet".to_owned();
        counts.insert(("host".to_owned(), why), never);
    }
    let mut gaps: Vec<CoverageGap> = counts
        .into_iter()
        .map(|((what, why), host_count)| CoverageGap {
            gap: NotEvaluated { what, why },
            host_count,
        })
        .collect();
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.host_count));
    Ok(gaps)
}

pub(super) async fn host_counts(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<HostCounts, StoreError> {
    Ok(HostCounts {
        assessed: number_of(db, workspace, Some(is_judged())).await?,
        not_evaluable: not_evaluable_host_count(db, workspace).await?,
        affected: affected_host_count(db, workspace).await?,
    })
}

/// Hosts with anything open, or with something that was open when they could last be judged.
async fn affected_host_count(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<i64, StoreError> {
    let open = OpenCells::all(db, workspace).await?;
    let select = Query::select()
        .columns([host_class::Column::Id, host_class::Column::Cells])
        .from(host_class::Entity)
        .and_where(Expr::col(host_class::Column::WorkspaceId).eq(workspace.0))
        .to_owned();
    let mut affected: HashSet<i64> = HashSet::new();
    for row in db.query_all(&select).await? {
        let bytes: Vec<u8> = row.try_get("", "cells")?;
        if open.have_findings(&codec::read_ids(&bytes)?) {
            affected.insert(row.try_get("", "id")?);
        }
    }
    let kept = assessed(assessed_host::Column::Kept);
    let select = Query::select()
        .expr_as(assessed(assessed_host::Column::ClassId), "class_id")
        .expr_as(Func::count(assessed(assessed_host::Column::Number)), "n")
        .from(assessed_host::Entity)
        .and_where(assessed(assessed_host::Column::WorkspaceId).eq(workspace.0))
        .and_where(kept.clone().is_null())
        .and_where(is_judged())
        .add_group_by([assessed(assessed_host::Column::ClassId)])
        .to_owned();
    let mut count = number_of(db, workspace, Some(kept.is_not_null())).await?;
    for row in db.query_all(&select).await? {
        let (class, hosts): (i64, i64) = (row.try_get("", "class_id")?, row.try_get("", "n")?);
        if affected.contains(&class) {
            count += hosts;
        }
    }
    Ok(count)
}

async fn number_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    more: Option<Expr>,
) -> Result<i64, StoreError> {
    let select = Query::select()
        .expr_as(Func::count(assessed(assessed_host::Column::Number)), "n")
        .from(assessed_host::Entity)
        .and_where(assessed(assessed_host::Column::WorkspaceId).eq(workspace.0))
        .and_where_option(more)
        .to_owned();
    let row = db.query_one(&select).await?;
    Ok(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

async fn all_hosts(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<i64, StoreError> {
    let select = Query::select()
        .expr_as(Func::count(Expr::col(host::Column::Id)), "n")
        .from(host::Entity)
        .and_where(Expr::col(host::Column::WorkspaceId).eq(workspace.0))
        .to_owned();
    let row = db.query_one(&select).await?;
    Ok(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

fn is_judged() -> Expr {
    assessed(assessed_host::Column::ClassId).is_not_null()
}

fn assessed(column: assessed_host::Column) -> Expr {
    Expr::col((Alias::new("assessed_host"), column))
}
