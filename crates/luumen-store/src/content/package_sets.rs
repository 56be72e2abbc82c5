//! Package lists as sets of version ids, and for every version the sets that hold it: "which hosts have this"
//! is then one step from a version to the hosts whose newest list is one of those sets.

use std::collections::HashMap;

use luumen_model::WorkspaceId;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{
    Counter, ROWS_PER_STATEMENT,
    package_list::{Version, VersionRest},
    short_hash,
};
use crate::{
    StoreError, codec,
    entity::{package_set, package_set_member, package_version},
};

/// The set of these versions, new or known.
pub(super) async fn keep(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    counter: &mut Counter,
    versions: &[Version],
) -> Result<i64, StoreError> {
    let mut ids = keep_versions(db, workspace, counter, versions).await?;
    ids.sort_unstable();
    ids.dedup();
    let members = codec::write_ids(&ids);
    let hash = short_hash(&members);
    let known = package_set::Entity::find()
        .filter(package_set::Column::WorkspaceId.eq(workspace.0))
        .filter(package_set::Column::Hash.eq(hash.clone()))
        .one(db)
        .await?;
    if let Some(known) = known {
        return Ok(known.id);
    }
    let id = counter.next();
    let row = package_set::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(id),
        hash: Set(hash),
        members: Set(members),
        member_count: Set(i64::try_from(ids.len()).unwrap_or(i64::MAX)),
    };
    package_set::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    for chunk in ids.chunks(ROWS_PER_STATEMENT) {
        let rows = chunk.iter().map(|version| package_set_member::ActiveModel {
            workspace_id: Set(workspace.0),
            package_version_id: Set(*version),
            package_set_id: Set(id),
        });
        package_set_member::Entity::insert_many(rows)
            .exec_without_returning(db)
            .await?;
    }
    Ok(id)
}

/// How many packages a set has.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: i64,
) -> Result<i64, StoreError> {
    let row = package_set::Entity::find_by_id((workspace.0, id)).one(db).await?;
    row.map(|row| row.member_count)
        .ok_or(StoreError::corrupt("package set"))
}

/// The versions of a set, sorted.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: i64,
) -> Result<Vec<Version>, StoreError> {
    let row = package_set::Entity::find_by_id((workspace.0, id)).one(db).await?;
    let ids = codec::read_ids(&row.ok_or(StoreError::corrupt("package set"))?.members)?;
    let mut versions = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(ROWS_PER_STATEMENT) {
        let rows = package_version::Entity::find()
            .filter(package_version::Column::WorkspaceId.eq(workspace.0))
            .filter(package_version::Column::Id.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        for row in rows {
            versions.push(from_row(row)?);
        }
    }
    if versions.len() != ids.len() {
        return Err(StoreError::corrupt("package set"));
    }
    versions.sort();
    Ok(versions)
}

async fn keep_versions(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    counter: &mut Counter,
    versions: &[Version],
) -> Result<Vec<i64>, StoreError> {
    let mut hashes = Vec::with_capacity(versions.len());
    for version in versions {
        let text = serde_json::to_vec(version).map_err(|source| StoreError::corrupt_by("package", source))?;
        hashes.push(short_hash(&text));
    }
    let mut ids: HashMap<Vec<u8>, i64> = HashMap::with_capacity(versions.len());
    for chunk in hashes.chunks(ROWS_PER_STATEMENT) {
        let statement = sea_orm::sea_query::Query::select()
            .columns([package_version::Column::Id, package_version::Column::Hash])
            .from(package_version::Entity)
            .cond_where(package_version::Column::WorkspaceId.eq(workspace.0))
            .cond_where(package_version::Column::Hash.is_in(chunk.iter().cloned()))
            .to_owned();
        for row in db.query_all(&statement).await? {
            ids.insert(row.try_get("", "hash")?, row.try_get("", "id")?);
        }
    }
    let mut rows = Vec::new();
    for (version, hash) in versions.iter().zip(&hashes) {
        if !ids.contains_key(hash) {
            let id = counter.next();
            ids.insert(hash.clone(), id);
            rows.push(to_row(workspace, id, hash.clone(), version)?);
        }
    }
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        package_version::Entity::insert_many(chunk.iter().cloned())
            .exec_without_returning(db)
            .await?;
    }
    Ok(hashes.iter().filter_map(|hash| ids.get(hash).copied()).collect())
}

fn to_row(
    workspace: WorkspaceId,
    id: i64,
    hash: Vec<u8>,
    version: &Version,
) -> Result<package_version::ActiveModel, StoreError> {
    let rest = if version.rest == VersionRest::default() {
        None
    } else {
        let text = serde_json::to_string(&version.rest);
        Some(text.map_err(|source| StoreError::corrupt_by("package", source))?)
    };
    Ok(package_version::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(id),
        hash: Set(hash),
        manager: Set(codec::word(&version.manager)),
        name: Set(version.name.clone()),
        version: Set(version.version.clone()),
        arch: Set(version.arch.clone()),
        source: Set(version.source.clone()),
        source_version: Set(version.source_version.clone()),
        rest: Set(rest),
    })
}

/// A package as it is judged: what its list says of it on one host is not here.
pub(crate) fn package_of_row(row: package_version::Model) -> Result<luumen_model::Package, StoreError> {
    Ok(super::package_list::bare(&from_row(row)?))
}

fn from_row(row: package_version::Model) -> Result<Version, StoreError> {
    let rest = match &row.rest {
        Some(text) => {
            serde_json::from_str(text).map_err(|source| StoreError::corrupt_by("package", source))?
        }
        None => VersionRest::default(),
    };
    Ok(Version {
        manager: codec::manager(&row.manager)?,
        name: row.name,
        arch: row.arch,
        version: row.version,
        source: row.source,
        source_version: row.source_version,
        rest,
    })
}
