//! Packages across the fleet, as the newest snapshots have them. Which version is older than another is the
//! server's to know: it asks for the versions there are, chooses, and asks who has them.

use luumen_model::{HostId, PackageManager, Timestamp, WorkspaceId};
use sea_orm::{
    ConnectionTrait, QueryResult,
    sea_query::{Condition, Expr, ExprTrait, Func, LikeExpr, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    Page, StoreError, codec,
    entity::{host, package_set_member, package_version},
    hosts::{StateClock, like_pattern},
    page::read_cursor,
};

/// A package name that some host has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageSummary {
    pub manager: PackageManager,
    pub name: String,
    pub version_count: i64,
    pub host_count: i64,
}

/// A package in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageVersion {
    /// Names it in [`hosts_with`] and [`crate::hosts::TermKind::Package`].
    pub id: i64,
    pub manager: PackageManager,
    pub name: String,
    pub version: String,
    pub arch: Option<String>,
    pub source: Option<String>,
    pub source_version: Option<String>,
}

/// An installed package on one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageOnHost {
    pub host_id: HostId,
    pub host_name: String,
    pub package: PackageVersion,
    pub last_seen_at: Timestamp,
    pub stale: bool,
}

const HOST: host::Entity = host::Entity;
const MEMBER: package_set_member::Entity = package_set_member::Entity;
const VERSION: package_version::Entity = package_version::Entity;

/// Names that are installed somewhere, with `part` in them, by name.
pub async fn names(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    part: Option<&str>,
    cursor: Option<&str>,
    limit: u64,
) -> Result<Page<PackageSummary>, StoreError> {
    // First which names, then how many hosts have those: a fleet's whole counts would be read for every page.
    let mut select = Query::select();
    select
        .distinct()
        .columns([
            (VERSION, package_version::Column::Name),
            (VERSION, package_version::Column::Manager),
        ])
        .from(VERSION)
        .and_where(Expr::col((VERSION, package_version::Column::WorkspaceId)).eq(workspace.0))
        .and_where(Expr::exists(hosts_of_version(workspace)))
        .order_by((VERSION, package_version::Column::Name), Order::Asc)
        .order_by((VERSION, package_version::Column::Manager), Order::Asc)
        .limit(limit + 1);
    if let Some(part) = part {
        let name = Expr::from(Func::lower(Expr::col((VERSION, package_version::Column::Name))));
        select.and_where(name.like(LikeExpr::new(like_pattern(part)).escape('\\')));
    }
    if let Some((name, manager)) = read_cursor::<(String, String)>(cursor)? {
        let column = |column| Expr::col((VERSION, column));
        let same_name = Condition::all()
            .add(column(package_version::Column::Name).eq(name.clone()))
            .add(column(package_version::Column::Manager).gt(manager));
        select.cond_where(
            Condition::any()
                .add(column(package_version::Column::Name).gt(name))
                .add(same_name),
        );
    }
    let mut rows: Vec<(String, String)> = Vec::new();
    for row in db.query_all(&select).await? {
        rows.push((row.try_get("", "name")?, row.try_get("", "manager")?));
    }
    let page = Page::cut(rows, limit, Clone::clone);
    let mut counts = count_names(db, workspace, &page.items).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for (name, manager) in page.items {
        let (version_count, host_count) = counts
            .remove(&(name.clone(), manager.clone()))
            .unwrap_or_default();
        items.push(PackageSummary {
            manager: codec::manager(&manager)?,
            name,
            version_count,
            host_count,
        });
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

type NameCounts = std::collections::HashMap<(String, String), (i64, i64)>;

async fn count_names(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    names: &[(String, String)],
) -> Result<NameCounts, StoreError> {
    let mut select = on_hosts(workspace);
    select
        .columns([
            (VERSION, package_version::Column::Name),
            (VERSION, package_version::Column::Manager),
        ])
        .expr_as(
            Func::count_distinct(Expr::col((VERSION, package_version::Column::Version))),
            "versions",
        )
        .expr_as(Func::count_distinct(Expr::col((HOST, host::Column::Id))), "hosts")
        .and_where(
            Expr::col((VERSION, package_version::Column::Name))
                .is_in(names.iter().map(|(name, _)| name.as_str())),
        )
        .group_by_columns([
            (VERSION, package_version::Column::Name),
            (VERSION, package_version::Column::Manager),
        ]);
    let mut counts = NameCounts::new();
    for row in db.query_all(&select).await? {
        counts.insert(
            (row.try_get("", "name")?, row.try_get("", "manager")?),
            (row.try_get("", "versions")?, row.try_get("", "hosts")?),
        );
    }
    Ok(counts)
}

/// Every version seen of a binary or source package of that exact name.
pub async fn versions_named(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    name: &str,
) -> Result<Vec<PackageVersion>, StoreError> {
    let select = Query::select()
        .columns(VERSION_COLUMNS.map(|column| (VERSION, column)))
        .from(VERSION)
        .and_where(Expr::col((VERSION, package_version::Column::WorkspaceId)).eq(workspace.0))
        .cond_where(
            Condition::any()
                .add(Expr::col((VERSION, package_version::Column::Name)).eq(name))
                .add(Expr::col((VERSION, package_version::Column::Source)).eq(name)),
        )
        .order_by((VERSION, package_version::Column::Id), Order::Asc)
        .to_owned();
    let rows = db.query_all(&select).await?;
    rows.iter().map(version).collect()
}

/// Hosts that have one of these versions, by name; and on how many rows, on all pages.
pub async fn hosts_with(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    versions: &[i64],
    cursor: Option<&str>,
    limit: u64,
    clock: StateClock,
) -> Result<(Page<PackageOnHost>, i64), StoreError> {
    let chosen = || {
        let mut select = on_hosts(workspace);
        select.and_where(
            Expr::col((MEMBER, package_set_member::Column::PackageVersionId)).is_in(versions.iter().copied()),
        );
        select
    };
    let mut count = chosen();
    count.expr_as(Func::count(Expr::col((HOST, host::Column::Id))), "n");
    let total = match db.query_one(&count).await? {
        Some(row) => row.try_get("", "n")?,
        None => 0,
    };
    let mut select = chosen();
    select
        .columns(VERSION_COLUMNS.map(|column| (VERSION, column)))
        .expr_as(Expr::col((HOST, host::Column::Id)), "host_id")
        .expr_as(Expr::col((HOST, host::Column::Name)), "host_name")
        .expr_as(Expr::col((HOST, host::Column::SnapshotAtMs)), "seen_at_ms")
        .order_by((HOST, host::Column::Name), Order::Asc)
        .order_by((VERSION, package_version::Column::Id), Order::Asc)
        .limit(limit + 1);
    if let Some((name, version)) = read_cursor::<(String, i64)>(cursor)? {
        let host_name = || Expr::col((HOST, host::Column::Name));
        let same_host = Condition::all()
            .add(host_name().eq(name.clone()))
            .add(Expr::col((VERSION, package_version::Column::Id)).gt(version));
        select.cond_where(Condition::any().add(host_name().gt(name)).add(same_host));
    }
    let rows = db.query_all(&select).await?;
    let rows = rows
        .iter()
        .map(|row| on_host(row, clock))
        .collect::<Result<Vec<_>, _>>()?;
    let page = Page::cut(rows, limit, |row| (row.host_name.clone(), row.package.id));
    Ok((page, total))
}

/// Hosts whose packages could not be read completely, or never were: no answer says anything about them.
pub async fn unknown_hosts(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<i64, StoreError> {
    let select = Query::select()
        .expr_as(Func::count(Expr::col(host::Column::Id)), "n")
        .from(HOST)
        .and_where(Expr::col(host::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(host::Column::PackagesComplete).eq(false))
        .to_owned();
    match db.query_one(&select).await? {
        Some(row) => Ok(row.try_get("", "n")?),
        None => Ok(0),
    }
}

const VERSION_COLUMNS: [package_version::Column; 7] = [
    package_version::Column::Id,
    package_version::Column::Manager,
    package_version::Column::Name,
    package_version::Column::Version,
    package_version::Column::Arch,
    package_version::Column::Source,
    package_version::Column::SourceVersion,
];

/// Versions, the sets that hold them, the hosts that have these sets now.
fn on_hosts(workspace: WorkspaceId) -> SelectStatement {
    Query::select()
        .from(VERSION)
        .inner_join(
            MEMBER,
            Expr::col((MEMBER, package_set_member::Column::WorkspaceId))
                .eq(workspace.0)
                .and(
                    Expr::col((MEMBER, package_set_member::Column::PackageVersionId))
                        .equals((VERSION, package_version::Column::Id)),
                ),
        )
        .inner_join(
            HOST,
            Expr::col((HOST, host::Column::WorkspaceId)).eq(workspace.0).and(
                Expr::col((HOST, host::Column::PackageSetId))
                    .equals((MEMBER, package_set_member::Column::PackageSetId)),
            ),
        )
        .and_where(Expr::col((VERSION, package_version::Column::WorkspaceId)).eq(workspace.0))
        .to_owned()
}

/// For use inside of a query over versions.
fn hosts_of_version(workspace: WorkspaceId) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(MEMBER)
        .inner_join(
            HOST,
            Expr::col((HOST, host::Column::WorkspaceId)).eq(workspace.0).and(
                Expr::col((HOST, host::Column::PackageSetId))
                    .equals((MEMBER, package_set_member::Column::PackageSetId)),
            ),
        )
        .and_where(Expr::col((MEMBER, package_set_member::Column::WorkspaceId)).eq(workspace.0))
        .and_where(
            Expr::col((MEMBER, package_set_member::Column::PackageVersionId))
                .equals((VERSION, package_version::Column::Id)),
        )
        .to_owned()
}

fn version(row: &QueryResult) -> Result<PackageVersion, StoreError> {
    let manager: String = row.try_get("", "manager")?;
    Ok(PackageVersion {
        id: row.try_get("", "id")?,
        manager: codec::manager(&manager)?,
        name: row.try_get("", "name")?,
        version: row.try_get("", "version")?,
        arch: row.try_get("", "arch")?,
        source: row.try_get("", "source")?,
        source_version: row.try_get("", "source_version")?,
    })
}

fn on_host(row: &QueryResult, clock: StateClock) -> Result<PackageOnHost, StoreError> {
    let host_id: Uuid = row.try_get("", "host_id")?;
    let seen_at_ms: Option<i64> = row.try_get("", "seen_at_ms")?;
    let last_seen_at = Timestamp::from_millis(seen_at_ms.unwrap_or_default());
    Ok(PackageOnHost {
        host_id: HostId(host_id),
        host_name: row.try_get("", "host_name")?,
        package: version(row)?,
        last_seen_at,
        stale: clock.is_stale(last_seen_at),
    })
}
