//! All sections of a snapshot but vitals, as one small document. Visits that found the same share it.

use std::collections::{BTreeMap, HashMap};

use luumen_model::{
    ContentHash, MissingRight, Problem, SectionKind, SectionRecord, SectionStatus, WorkspaceId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::LockType,
};
use serde::{Deserialize, Serialize};

use super::{Counter, short_hash};
use crate::{StoreError, codec, entity::section_set};

/// A section as it is kept: its facts by reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredSection {
    pub status: SectionStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<ContentHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_set: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_count: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_rights: Vec<MissingRight>,
}

impl StoredSection {
    /// What `record` says, with its facts still to be found a place.
    pub(crate) fn of(record: &SectionRecord) -> Self {
        Self {
            status: record.status,
            hash: record.hash.clone(),
            blob: None,
            package_set: None,
            package_count: None,
            problems: record.problems.clone(),
            missing_rights: record.missing_rights.clone(),
        }
    }

    /// Whether a fact that is not here is not on the host either.
    pub(crate) fn tells_absence(&self) -> bool {
        let has_no_such_thing = self.status == SectionStatus::Unsupported;
        has_no_such_thing || (self.status.is_complete() && self.blob.is_some())
    }
}

/// The sections by name.
pub(crate) type SectionSet = BTreeMap<SectionKind, StoredSection>;

/// What makes two sets the same: everything but where the facts lie.
fn hash_of(set: &SectionSet) -> Result<Vec<u8>, StoreError> {
    let mut bare = set.clone();
    for section in bare.values_mut() {
        (section.blob, section.package_set, section.package_count) = (None, None, None);
    }
    let text = serde_json::to_vec(&bare).map_err(|source| StoreError::corrupt_by("section set", source))?;
    Ok(short_hash(&text))
}

/// The set that says the same, with the places of its facts. Held until the transaction ends, so that a
/// prune that runs beside us leaves it alone.
pub(crate) async fn find_set(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    set: &SectionSet,
) -> Result<Option<(i64, SectionSet)>, StoreError> {
    let row = section_set::Entity::find()
        .filter(section_set::Column::WorkspaceId.eq(workspace.0))
        .filter(section_set::Column::Hash.eq(hash_of(set)?))
        .lock(LockType::KeyShare)
        .one(db)
        .await?;
    row.map(|row| Ok((row.id, codec::unpack("section set", &row.items)?)))
        .transpose()
}

/// Keeps a new set.
pub(crate) async fn insert_set(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    counter: &mut Counter,
    set: &SectionSet,
) -> Result<i64, StoreError> {
    let id = counter.next();
    let row = section_set::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(id),
        hash: Set(hash_of(set)?),
        items: Set(codec::pack(set)?),
    };
    section_set::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(id)
}

/// One set.
pub(crate) async fn load_set(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: i64,
) -> Result<SectionSet, StoreError> {
    let mut sets = load_sets(db, workspace, &[id]).await?;
    sets.remove(&id).ok_or(StoreError::corrupt("section set"))
}

/// Several sets, by id.
pub(crate) async fn load_sets(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &[i64],
) -> Result<HashMap<i64, SectionSet>, StoreError> {
    let rows = section_set::Entity::find()
        .filter(section_set::Column::WorkspaceId.eq(workspace.0))
        .filter(section_set::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.id, codec::unpack("section set", &row.items)?)))
        .collect()
}
