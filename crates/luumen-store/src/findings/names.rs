//! Numbers of hosts as names, a page at a time.

use std::collections::HashMap;

use luumen_model::{HostId, Timestamp, WorkspaceId};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    StoreError,
    entity::{assessed_host, host, host_tag},
    hosts::contains,
};

/// Rows of a batch while we look for hosts of a set in the order of names.
const BATCH: u64 = 2000;
/// Sets up to this size are asked for by number.
const FEW: usize = 2000;

/// A host that a set names.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub id: HostId,
    pub number: u32,
    pub name: String,
    pub last_seen_at: Option<Timestamp>,
    pub stale_after_ms: Option<i64>,
}

/// Up to `limit` hosts of `wanted` (ascending) by name, behind the name and id of a cursor.
pub(super) async fn by_name(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    wanted: &[u32],
    text: Option<&str>,
    after: Option<(String, Uuid)>,
    limit: usize,
) -> Result<Vec<Named>, StoreError> {
    let mut found = Vec::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    if wanted.len() <= FEW {
        let mut select = select(workspace, text, after, limit as u64);
        select.and_where(number().is_in(wanted.iter().map(|number| i64::from(*number))));
        return rows(db, &select).await;
    }
    let mut after = after;
    loop {
        let batch = rows(db, &select(workspace, text, after.take(), BATCH)).await?;
        let whole = batch.len() as u64 == BATCH;
        after = batch.last().map(|last| (last.name.clone(), last.id.0));
        for host in batch {
            if wanted.binary_search(&host.number).is_ok() {
                found.push(host);
                if found.len() == limit {
                    return Ok(found);
                }
            }
        }
        if !whole {
            return Ok(found);
        }
    }
}

/// How many hosts of the set have that text in their name.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    wanted: &[u32],
    text: Option<&str>,
) -> Result<i64, StoreError> {
    if text.is_none() {
        return Ok(wanted.len() as i64);
    }
    let select = Query::select()
        .expr_as(number(), "number")
        .from(assessed_host::Entity)
        .inner_join(host::Entity, joined())
        .and_where(assessed(assessed_host::Column::WorkspaceId).eq(workspace.0))
        .and_where(of_host(host::Column::WorkspaceId).eq(workspace.0))
        .and_where_option(text.map(|text| contains(of_host(host::Column::Name), text)))
        .to_owned();
    let mut count = 0;
    for row in db.query_all(&select).await? {
        let number: i64 = row.try_get("", "number")?;
        let known = u32::try_from(number).is_ok_and(|number| wanted.binary_search(&number).is_ok());
        count += i64::from(known);
    }
    Ok(count)
}

/// Tags of hosts, for exceptions that cover a tag.
pub(super) async fn tags(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    hosts: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, Vec<String>>, StoreError> {
    let ids: Vec<Uuid> = hosts.collect();
    let mut tags: HashMap<Uuid, Vec<String>> = HashMap::new();
    for chunk in ids.chunks(1000) {
        let select = Query::select()
            .columns([host_tag::Column::HostId, host_tag::Column::Tag])
            .from(host_tag::Entity)
            .and_where(Expr::col(host_tag::Column::WorkspaceId).eq(workspace.0))
            .and_where(Expr::col(host_tag::Column::HostId).is_in(chunk.iter().copied()))
            .to_owned();
        for row in db.query_all(&select).await? {
            let id: Uuid = row.try_get("", "host_id")?;
            tags.entry(id).or_default().push(row.try_get("", "tag")?);
        }
    }
    Ok(tags)
}

fn select(
    workspace: WorkspaceId,
    text: Option<&str>,
    after: Option<(String, Uuid)>,
    limit: u64,
) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr_as(of_host(host::Column::Id), "id")
        .expr_as(of_host(host::Column::Name), "name")
        .expr_as(of_host(host::Column::SnapshotAtMs), "snapshot_at_ms")
        .expr_as(of_host(host::Column::StaleAfterMs), "stale_after_ms")
        .expr_as(number(), "number")
        .from(host::Entity)
        .inner_join(assessed_host::Entity, joined())
        .and_where(of_host(host::Column::WorkspaceId).eq(workspace.0))
        .and_where(assessed(assessed_host::Column::WorkspaceId).eq(workspace.0))
        .and_where_option(text.map(|text| contains(of_host(host::Column::Name), text)))
        .order_by_expr(of_host(host::Column::Name), Order::Asc)
        .limit(limit);
    if let Some((name, _)) = after {
        // A name is its host's alone in a workspace.
        select.and_where(of_host(host::Column::Name).gt(name));
    }
    select
}

async fn rows(db: &impl ConnectionTrait, select: &SelectStatement) -> Result<Vec<Named>, StoreError> {
    let rows = db.query_all(select).await?;
    rows.iter()
        .map(|row| {
            let number: i64 = row.try_get("", "number")?;
            let seen_at: Option<i64> = row.try_get("", "snapshot_at_ms")?;
            Ok(Named {
                id: HostId(row.try_get("", "id")?),
                number: u32::try_from(number).map_err(|_| StoreError::corrupt("host number"))?,
                name: row.try_get("", "name")?,
                last_seen_at: seen_at.map(Timestamp::from_millis),
                stale_after_ms: row.try_get("", "stale_after_ms")?,
            })
        })
        .collect()
}

fn joined() -> Expr {
    of_host(host::Column::Id).equals((Alias::new("assessed_host"), assessed_host::Column::HostId))
}

fn of_host(column: host::Column) -> Expr {
    Expr::col((Alias::new("host"), column))
}

fn assessed(column: assessed_host::Column) -> Expr {
    Expr::col((Alias::new("assessed_host"), column))
}

fn number() -> Expr {
    assessed(assessed_host::Column::Number)
}
