//! Who has something: which package sets hold a version, which hosts are of a class. A fleet has hundreds of thousands of such pairs,
//! and a row for each would cost more than finding them, so the database hands them over as text, many at once.

use std::collections::HashMap;

use luumen_model::WorkspaceId;
use sea_orm::{
    ConnectionTrait, DbBackend,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{
    StoreError, codec,
    entity::{assessed_host, package_set, package_set_member},
};

/// Ids in one statement.
const CHUNK: usize = 2000;
/// Up to so many versions are looked for by the index.
const FEW_VERSIONS: usize = 64;

/// Which sets hold one of the versions, as (set, versions in ascending order).
pub async fn sets_with(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    versions: &[i64],
) -> Result<HashMap<i64, Vec<i64>>, StoreError> {
    let mut wanted = versions.to_vec();
    wanted.sort_unstable();
    match wanted.len() <= FEW_VERSIONS {
        true => sets_by_index(db, workspace, &wanted).await,
        false => sets_by_lists(db, workspace, &wanted).await,
    }
}

/// By the index: a package or two, however many lists there are.
async fn sets_by_index(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    wanted: &[i64],
) -> Result<HashMap<i64, Vec<i64>>, StoreError> {
    use package_set_member::Column::{PackageVersionId, WorkspaceId};
    let mut sets: HashMap<i64, Vec<i64>> = HashMap::new();
    let select = Query::select()
        .column(PackageVersionId)
        .expr_as(Expr::cust(joined(db, "package_set_id")), "sets")
        .from(package_set_member::Entity)
        .and_where(Expr::col(WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(PackageVersionId).is_in(wanted.iter().copied()))
        .group_by_col(PackageVersionId)
        .to_owned();
    for row in db.query_all(&select).await? {
        let (version, holders): (i64, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        for set in holders.split(',') {
            sets.entry(id(set)?).or_default().push(version);
        }
    }
    sets.values_mut().for_each(|versions| versions.sort_unstable());
    Ok(sets)
}

/// By reading every list of the workspace: each is a kilobyte or two, and of many packages the index would lead through millions of rows.
async fn sets_by_lists(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    wanted: &[i64],
) -> Result<HashMap<i64, Vec<i64>>, StoreError> {
    let mut sets: HashMap<i64, Vec<i64>> = HashMap::new();
    let select = Query::select()
        .columns([package_set::Column::Id, package_set::Column::Members])
        .from(package_set::Entity)
        .and_where(Expr::col(package_set::Column::WorkspaceId).eq(workspace.0))
        .to_owned();
    for row in db.query_all(&select).await? {
        let members: Vec<u8> = row.try_get_by_index(1)?;
        let mut members = codec::read_ids(&members)?;
        members.retain(|id| wanted.binary_search(id).is_ok());
        if !members.is_empty() {
            sets.insert(row.try_get_by_index(0)?, members);
        }
    }
    Ok(sets)
}

/// Numbers of the hosts of each of these classes, ascending; of all classes when none is named.
pub async fn hosts_of_classes(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    classes: Option<&[i64]>,
) -> Result<HashMap<i64, Vec<u32>>, StoreError> {
    use assessed_host::Column::{ClassId, WorkspaceId};
    let mut select = Query::select();
    select
        .expr(Expr::cust(joined(db, "class_id || ':' || number")))
        .from(assessed_host::Entity)
        .and_where(Expr::col(WorkspaceId).eq(workspace.0));
    let chunks: Vec<_> = match classes {
        None => vec![select.and_where(Expr::col(ClassId).is_not_null()).to_owned()],
        Some(classes) => classes
            .chunks(CHUNK)
            .map(|some| {
                let mut of_some = select.clone();
                of_some.and_where(Expr::col(ClassId).is_in(some.iter().copied()));
                of_some
            })
            .collect(),
    };
    let mut hosts: HashMap<i64, Vec<u32>> = HashMap::new();
    for chunk in &chunks {
        for row in db.query_all(chunk).await? {
            let pairs: Option<String> = row.try_get_by_index(0)?;
            for pair in pairs.iter().flat_map(|pairs| pairs.split(',')) {
                let (class, number) = pair
                    .split_once(':')
                    .ok_or_else(|| StoreError::corrupt("host number"))?;
                hosts.entry(id(class)?).or_default().push(id(number)?);
            }
        }
    }
    hosts.values_mut().for_each(|numbers| numbers.sort_unstable());
    Ok(hosts)
}

/// Values of all rows of a group, with commas between. Words of ours only, so there is nothing to bind.
fn joined(db: &impl ConnectionTrait, value: &str) -> String {
    match db.get_database_backend() {
        DbBackend::Postgres => format!("STRING_AGG(CAST({value} AS TEXT), ',')"),
        _ => format!("GROUP_CONCAT({value}, ',')"),
    }
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, StoreError>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse()
        .map_err(|source| StoreError::corrupt_by("id in a list", source))
}
