//! Packages across the fleet, as the newest snapshots have them. Which version is older than another is the
//! server's to know: it asks for the versions there are, chooses, and asks who has them.

use std::collections::HashMap;

use luumen_model::{HostId, PackageManager, Timestamp, WorkspaceId};
use sea_orm::{
    ConnectionTrait, QueryResult,
    sea_query::{Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement, TableRef},
};
use uuid::Uuid;

use crate::{
    Page, StoreError, codec,
    entity::{host, package_set_member, package_version},
    hosts::StateClock,
    ids::unbound,
    letters::contains,
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
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut after = read_cursor::<NameKey>(cursor)?;
    let mut items: Vec<PackageSummary> = Vec::new();
    // A name that only old snapshots have is not installed any more. There are few, because retention removes
    // them; so names are taken first and counted then, and another handful is taken where some fell out.
    while items.len() <= wanted {
        let names = some_names(db, workspace, part, after.as_ref(), limit + 1).await?;
        let is_last = names.len() <= wanted;
        after = names.last().cloned();
        let mut counts = count_names(db, workspace, &names).await?;
        for key in names {
            let Some((version_count, host_count)) = counts.remove(&key) else {
                continue;
            };
            let (name, manager) = key;
            items.push(PackageSummary {
                manager: codec::manager(&manager)?,
                name,
                version_count,
                host_count,
            });
        }
        if is_last {
            break;
        }
    }
    Ok(Page::cut(items, limit, |item| (item.name.clone(), item.manager)))
}

/// A name and its package manager.
type NameKey = (String, String);

/// The next names that any snapshot has, old ones too.
async fn some_names(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    part: Option<&str>,
    after: Option<&NameKey>,
    limit: u64,
) -> Result<Vec<NameKey>, StoreError> {
    let column = |column| Expr::col((VERSION, column));
    let mut select = Query::select();
    select
        .distinct()
        .columns(NAME_COLUMNS)
        .from(VERSION)
        .and_where(column(package_version::Column::WorkspaceId).eq(workspace.0))
        .order_by((VERSION, package_version::Column::Name), Order::Asc)
        .order_by((VERSION, package_version::Column::Manager), Order::Asc)
        .limit(limit);
    if let Some(part) = part {
        select.and_where(contains(column(package_version::Column::Name), part));
    }
    if let Some((name, manager)) = after {
        let same_name = Condition::all()
            .add(column(package_version::Column::Name).eq(name))
            .add(column(package_version::Column::Manager).gt(manager));
        select.cond_where(
            Condition::any()
                .add(column(package_version::Column::Name).gt(name))
                .add(same_name),
        );
    }
    let rows = db.query_all(&select).await?;
    rows.iter().map(name_key).collect()
}

fn name_key(row: &QueryResult) -> Result<NameKey, StoreError> {
    Ok((row.try_get("", "name")?, row.try_get("", "manager")?))
}

/// On how many hosts each name is now, and in how many versions; names that are on none are left out.
async fn count_names(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    names: &[NameKey],
) -> Result<HashMap<NameKey, (i64, i64)>, StoreError> {
    let mut counts = HashMap::new();
    if names.is_empty() {
        return Ok(counts);
    }
    let mut versions = names_in_sets(workspace, names);
    versions
        .columns(NAME_COLUMNS)
        .expr_as(
            Func::count_distinct(Expr::col((VERSION, package_version::Column::Version))),
            "versions",
        )
        .group_by_columns(NAME_COLUMNS);
    for row in db.query_all(&versions).await? {
        counts.insert(name_key(&row)?, (row.try_get("", "versions")?, 0));
    }
    // A set may hold a name twice, in two architectures or versions; its hosts count once.
    let mut per_set = names_in_sets(workspace, names);
    per_set
        .distinct()
        .columns(NAME_COLUMNS)
        .column((USED, "package_set_id"))
        .column((USED, "hosts"));
    let hosts = Query::select()
        .columns([("per_set", "name"), ("per_set", "manager")])
        .expr_as(
            Expr::from(Func::sum(Expr::col(("per_set", "hosts")))).cast_as("bigint"),
            "hosts",
        )
        .from_subquery(per_set, "per_set")
        .group_by_columns([("per_set", "name"), ("per_set", "manager")])
        .to_owned();
    for row in db.query_all(&hosts).await? {
        if let Some(count) = counts.get_mut(&name_key(&row)?) {
            count.1 = row.try_get("", "hosts")?;
        }
    }
    Ok(counts)
}

const USED: &str = "used";

/// The versions of these names in the sets that hosts have now, with the number of hosts of each set.
///
/// A fleet has far fewer sets than hosts. `CROSS JOIN` makes SQLite keep this order, in which each step has an
/// index: versions by name, sets, then whether the set has the version.
fn names_in_sets(workspace: WorkspaceId, names: &[NameKey]) -> SelectStatement {
    let used = Query::select()
        .column(host::Column::PackageSetId)
        .expr_as(Func::count(Expr::col(host::Column::Id)), "hosts")
        .from(HOST)
        .and_where(Expr::col(host::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(host::Column::PackageSetId).is_not_null())
        .group_by_col(host::Column::PackageSetId)
        .to_owned();
    let member = |column| Expr::col((MEMBER, column));
    Query::select()
        .from(VERSION)
        .cross_join(TableRef::SubQuery(Box::new(used), USED.into()))
        .cross_join(MEMBER)
        .and_where(Expr::col((VERSION, package_version::Column::WorkspaceId)).eq(workspace.0))
        .and_where(
            Expr::col((VERSION, package_version::Column::Name))
                .is_in(names.iter().map(|(name, _)| name.as_str())),
        )
        .and_where(member(package_set_member::Column::WorkspaceId).eq(workspace.0))
        .and_where(member(package_set_member::Column::PackageSetId).equals((USED, "package_set_id")))
        .and_where(
            member(package_set_member::Column::PackageVersionId)
                .equals((VERSION, package_version::Column::Id)),
        )
        .to_owned()
}

const NAME_COLUMNS: [(package_version::Entity, package_version::Column); 2] = [
    (VERSION, package_version::Column::Name),
    (VERSION, package_version::Column::Manager),
];

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
            Expr::col((MEMBER, package_set_member::Column::PackageVersionId)).is_in(unbound(versions)),
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
        .expr_as(Expr::col((HOST, host::Column::StaleAfterMs)), "stale_after_ms")
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
        stale: clock.is_stale(last_seen_at, row.try_get("", "stale_after_ms")?),
    })
}
