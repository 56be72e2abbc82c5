//! What hosts are to be judged by: platform, packages, kernel, Python distributions and applications, each as it was read last.

use std::collections::HashMap;

use luumen_model::{HostId, Package, WorkspaceId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult,
    sea_query::{Alias, Condition, Expr, ExprTrait, JoinType, Query, SelectStatement},
};
use serde::de::DeserializeOwned;

use super::unjudged::{Which, marked};
use crate::{
    StoreError, codec,
    content::{load_data, package_of_row},
    entity::{assessed_host, host, host_section, package_set, package_version},
};

/// Ids in one statement.
const CHUNK: usize = 2000;

/// A host as it is now, and as it was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostInput {
    pub id: HostId,
    /// Everything below as one text: the same text, the same verdicts.
    pub input: String,
    pub os_id: Option<String>,
    pub os_version: Option<String>,
    pub kernel: Option<String>,
    /// Whether no package is known to be that kernel.
    pub kernel_replaced: bool,
    pub package_set: Option<i64>,
    /// Whether a package that is not in the list is not on the host.
    pub packages_complete: bool,
    /// Word of the section's status; absent when it was never collected.
    pub packages_status: Option<String>,
    pub python_blob: Option<i64>,
    pub python_complete: bool,
    pub python_status: Option<String>,
    pub kernel_status: Option<String>,
    pub applications_blob: Option<i64>,
    pub applications_complete: bool,
    pub applications_status: Option<String>,
    /// Absent while it was never judged.
    pub number: Option<u32>,
    pub class: Option<i64>,
    pub kept: Vec<i64>,
    /// What it was judged by.
    pub judged_input: Option<String>,
}

/// A host that is no longer there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneHost {
    pub id: HostId,
    pub number: u32,
    pub class: Option<i64>,
    pub kept: Vec<i64>,
}

fn of_host(column: host::Column) -> Expr {
    Expr::col((Alias::new("host"), column))
}

fn assessed(column: assessed_host::Column) -> Expr {
    Expr::col((Alias::new("assessed_host"), column))
}

/// The text of what a host is judged by. Columns and words of ours only, so there is nothing to bind.
const INPUT: &str = "(COALESCE(host.os_id, '') || '|' || COALESCE(host.os_version, '') || '|' || \
    COALESCE(host.kernel, '') || '|' || COALESCE(CAST(host.package_set_id AS TEXT), '') || '|' || \
    (CASE WHEN host.packages_complete THEN '1' ELSE '0' END) || '|' || COALESCE(packages.status, '') || '|' || \
    COALESCE(CAST(python.section_blob_id AS TEXT), '') || '|' || \
    (CASE WHEN python.complete THEN '1' ELSE '0' END) || '|' || COALESCE(python.status, '') || '|' || \
    COALESCE(kernel.status, '') || '|' || \
    (CASE WHEN host.kernel_replaced IS NULL THEN '' WHEN host.kernel_replaced THEN '1' ELSE '0' END) || '|' || COALESCE(CAST(applications.section_blob_id AS TEXT), '') || '|' || \
    (CASE WHEN applications.complete THEN '1' ELSE '0' END) || '|' || COALESCE(applications.status, ''))";

/// Hosts whose facts are not the ones that they were judged by; or all of them.
pub async fn changed_hosts(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    which: Which,
) -> Result<Vec<HostInput>, StoreError> {
    let mut select = hosts(workspace);
    // A host that was never seen has nothing to be judged by.
    select.and_where(of_host(host::Column::SnapshotId).is_not_null());
    if which == Which::Marked {
        select.and_where(of_host(host::Column::Id).in_subquery(marked(workspace)));
        select.cond_where(
            Condition::any()
                .add(assessed(assessed_host::Column::Input).is_null())
                .add(Expr::cust(format!("assessed_host.input <> {INPUT}"))),
        );
    }
    let rows = db.query_all(&select).await?;
    rows.iter().map(from_row).collect()
}

/// Whether a host's facts are the ones that it was judged by.
pub(crate) async fn is_judged(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    host: HostId,
) -> Result<bool, StoreError> {
    let mut select = hosts(workspace);
    select.and_where(of_host(host::Column::Id).eq(host.0));
    let row = db.query_one(&select).await?;
    let row = row.as_ref().map(from_row).transpose()?;
    Ok(row.is_none_or(|row| row.judged_input.as_deref() == Some(row.input.as_str())))
}

fn hosts(workspace: WorkspaceId) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr_as(of_host(host::Column::Id), "id")
        .expr_as(Expr::cust(INPUT), "input")
        .expr_as(of_host(host::Column::OsId), "os_id")
        .expr_as(of_host(host::Column::OsVersion), "os_version")
        .expr_as(of_host(host::Column::Kernel), "kernel")
        .expr_as(of_host(host::Column::KernelReplaced), "kernel_replaced")
        .expr_as(of_host(host::Column::PackageSetId), "package_set_id")
        .expr_as(of_host(host::Column::PackagesComplete), "packages_complete")
        .expr_as(Expr::cust("packages.status"), "packages_status")
        .expr_as(Expr::cust("python.section_blob_id"), "python_blob_id")
        .expr_as(Expr::cust("COALESCE(python.complete, FALSE)"), "python_complete")
        .expr_as(Expr::cust("python.status"), "python_status")
        .expr_as(Expr::cust("kernel.status"), "kernel_status")
        .expr_as(Expr::cust("applications.section_blob_id"), "applications_blob_id")
        .expr_as(
            Expr::cust("COALESCE(applications.complete, FALSE)"),
            "applications_complete",
        )
        .expr_as(Expr::cust("applications.status"), "applications_status")
        .expr_as(assessed(assessed_host::Column::Number), "number")
        .expr_as(assessed(assessed_host::Column::ClassId), "class_id")
        .expr_as(assessed(assessed_host::Column::Kept), "kept")
        .expr_as(assessed(assessed_host::Column::Input), "judged_input")
        .from(host::Entity)
        .join(
            JoinType::LeftJoin,
            assessed_host::Entity,
            Condition::all()
                .add(assessed(assessed_host::Column::WorkspaceId).eq(workspace.0))
                .add(assessed(assessed_host::Column::HostId).equals((Alias::new("host"), host::Column::Id))),
        )
        .and_where(of_host(host::Column::WorkspaceId).eq(workspace.0));
    for (alias, kind) in [
        ("packages", "packages"),
        ("python", "python_packages"),
        ("kernel", "kernel"),
        ("applications", "applications"),
    ] {
        let of = |column: host_section::Column| Expr::col((Alias::new(alias), column));
        select.join_as(
            JoinType::LeftJoin,
            host_section::Entity,
            Alias::new(alias),
            Condition::all()
                .add(of(host_section::Column::WorkspaceId).eq(workspace.0))
                .add(of(host_section::Column::HostId).equals((Alias::new("host"), host::Column::Id)))
                .add(of(host_section::Column::Kind).eq(kind)),
        );
    }
    select
}

fn from_row(row: &QueryResult) -> Result<HostInput, StoreError> {
    let number: Option<i64> = row.try_get("", "number")?;
    let kernel_status: Option<String> = row.try_get("", "kernel_status")?;
    let replaced: Option<bool> = row.try_get("", "kernel_replaced")?;
    let kept: Option<Vec<u8>> = row.try_get("", "kept")?;
    Ok(HostInput {
        id: HostId(row.try_get("", "id")?),
        input: row.try_get("", "input")?,
        os_id: row.try_get("", "os_id")?,
        os_version: row.try_get("", "os_version")?,
        kernel: row.try_get("", "kernel")?,
        // Of facts of before, a gap is all that is known.
        kernel_replaced: replaced.unwrap_or(kernel_status.as_deref().is_some_and(|status| status != "ok")),
        package_set: row.try_get("", "package_set_id")?,
        packages_complete: row.try_get("", "packages_complete")?,
        packages_status: row.try_get("", "packages_status")?,
        python_blob: row.try_get("", "python_blob_id")?,
        python_complete: row.try_get("", "python_complete")?,
        python_status: row.try_get("", "python_status")?,
        kernel_status,
        applications_blob: row.try_get("", "applications_blob_id")?,
        applications_complete: row.try_get("", "applications_complete")?,
        applications_status: row.try_get("", "applications_status")?,
        number: number.map(small).transpose()?,
        class: row.try_get("", "class_id")?,
        kept: kept
            .map(|bytes| codec::read_ids(&bytes))
            .transpose()?
            .unwrap_or_default(),
        judged_input: row.try_get("", "judged_input")?,
    })
}

pub(super) fn small(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::corrupt("host number"))
}

/// Hosts that were judged and have been deleted since.
pub async fn gone_hosts(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    which: Which,
) -> Result<Vec<GoneHost>, StoreError> {
    let there = Query::select()
        .column(host::Column::Id)
        .from(host::Entity)
        .and_where(Expr::col(host::Column::WorkspaceId).eq(workspace.0))
        .to_owned();
    let mut gone = assessed_host::Entity::find()
        .filter(assessed_host::Column::WorkspaceId.eq(workspace.0))
        .filter(assessed_host::Column::HostId.not_in_subquery(there));
    if which == Which::Marked {
        gone = gone.filter(assessed_host::Column::HostId.in_subquery(marked(workspace)));
    }
    let rows = gone.all(db).await?;
    rows.into_iter()
        .map(|row| {
            Ok(GoneHost {
                id: HostId(row.host_id),
                number: small(row.number)?,
                class: row.class_id,
                kept: row
                    .kept
                    .map(|bytes| codec::read_ids(&bytes))
                    .transpose()?
                    .unwrap_or_default(),
            })
        })
        .collect()
}

/// Numbers of the hosts with a tag, ascending.
pub async fn hosts_with_tag(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    tag: &str,
) -> Result<Vec<u32>, StoreError> {
    let select = Query::select()
        .column(assessed_host::Column::Number)
        .from(assessed_host::Entity)
        .and_where(Expr::col(assessed_host::Column::WorkspaceId).eq(workspace.0))
        .and_where(
            Expr::col(assessed_host::Column::HostId).in_subquery(crate::findings::tagged(workspace, tag)),
        )
        .to_owned();
    let mut numbers = Vec::new();
    for row in db.query_all(&select).await? {
        numbers.push(small(row.try_get("", "number")?)?);
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// A host's number, if it was ever judged.
pub async fn number_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    host: HostId,
) -> Result<Option<u32>, StoreError> {
    let row = assessed_host::Entity::find_by_id((workspace.0, host.0))
        .one(db)
        .await?;
    row.map(|row| small(row.number)).transpose()
}

/// Version ids of package sets.
pub async fn package_sets(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<i64>>, StoreError> {
    let mut sets = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let select = Query::select()
            .columns([package_set::Column::Id, package_set::Column::Members])
            .from(package_set::Entity)
            .and_where(Expr::col(package_set::Column::WorkspaceId).eq(workspace.0))
            .and_where(Expr::col(package_set::Column::Id).is_in(chunk.iter().copied()))
            .to_owned();
        for row in db.query_all(&select).await? {
            let members: Vec<u8> = row.try_get("", "members")?;
            sets.insert(row.try_get("", "id")?, codec::read_ids(&members)?);
        }
    }
    Ok(sets)
}

/// Packages by version id, as far as they decide a verdict.
pub async fn package_versions(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &[i64],
) -> Result<Vec<(i64, Package)>, StoreError> {
    let mut packages = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows = package_version::Entity::find()
            .filter(package_version::Column::WorkspaceId.eq(workspace.0))
            .filter(package_version::Column::Id.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        for row in rows {
            packages.push((row.id, package_of_row(row)?));
        }
    }
    Ok(packages)
}

/// Every version of these packages: by source, by name where there is no source, and all packages of signed kernels where a kernel
/// is among them, because they are kept under another name than they are judged by.
pub async fn versions_of_sources(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    sources: &[String],
) -> Result<Vec<(i64, Package)>, StoreError> {
    let mut packages = Vec::new();
    for chunk in sources.chunks(CHUNK) {
        let source = || Expr::col(package_version::Column::Source);
        let names = || chunk.iter().cloned();
        let mut any = Condition::any()
            .add(source().is_in(names()))
            .add(Expr::col(package_version::Column::Name).is_in(names()));
        if chunk.iter().any(|name| name.starts_with("linux")) {
            any = any.add(source().like("linux-signed%"));
        }
        let rows = package_version::Entity::find()
            .filter(package_version::Column::WorkspaceId.eq(workspace.0))
            .filter(any)
            .all(db)
            .await?;
        for row in rows {
            packages.push((row.id, package_of_row(row)?));
        }
    }
    packages.sort_by_key(|(id, _)| *id);
    packages.dedup_by_key(|(id, _)| *id);
    Ok(packages)
}

/// Sections by the blob that holds them. Facts of a shape that this version does not know are left out.
pub async fn section_facts<T: DeserializeOwned>(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    blobs: &[i64],
) -> Result<HashMap<i64, T>, StoreError> {
    let mut found = HashMap::with_capacity(blobs.len());
    for chunk in blobs.chunks(500) {
        for (id, facts) in load_data(db, workspace, chunk).await? {
            if let Ok(facts) = serde_json::from_value(facts) {
                found.insert(id, facts);
            }
        }
    }
    Ok(found)
}
