//! The facts of sections by their hash. The hash is of the facts alone, so two sections may share one (an
//! empty list is an empty list); they are kept once per hash and section.

use std::collections::{HashMap, HashSet};

use luumen_model::{ContentHash, SectionKind, WorkspaceId, canonical_json};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use super::{
    Counter, ROWS_PER_STATEMENT, SectionSet,
    package_list::{PackageList, PackagesBlob},
    package_sets, property_index,
};
use crate::{StoreError, codec, entity::section_blob};

/// Where the facts of a section lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blob {
    pub id: i64,
    pub package_set: Option<i64>,
}

/// Which of `hashes` no section has, in the order asked and each once.
pub(crate) async fn missing(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    hashes: &[ContentHash],
) -> Result<Vec<ContentHash>, StoreError> {
    let mut known = HashSet::new();
    for chunk in hashes.chunks(ROWS_PER_STATEMENT) {
        let statement = sea_orm::sea_query::Query::select()
            .column(section_blob::Column::Hash)
            .from(section_blob::Entity)
            .cond_where(section_blob::Column::WorkspaceId.eq(workspace.0))
            .cond_where(section_blob::Column::Hash.is_in(chunk.iter().map(codec::hash_bytes)))
            .to_owned();
        for row in db.query_all(&statement).await? {
            let hash: Vec<u8> = row.try_get("", "hash")?;
            known.insert(codec::hash_from(&hash)?);
        }
    }
    let mut seen = HashSet::new();
    let missing = hashes
        .iter()
        .filter(|hash| !known.contains(*hash) && seen.insert(*hash));
    Ok(missing.cloned().collect())
}

/// Finds a place for the facts of every section of `set`: where they lie already, or a new one.
/// `data` are the facts that travelled. Answers the hashes whose facts are nowhere; then nothing was written.
pub(crate) async fn insert_blobs(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    counter: &mut Counter,
    set: &mut SectionSet,
    data: &HashMap<SectionKind, &Value>,
) -> Result<Vec<ContentHash>, StoreError> {
    let known = find(db, workspace, set).await?;
    let of_any_kind: HashMap<&ContentHash, (SectionKind, Blob)> = known
        .iter()
        .map(|((hash, kind), blob)| (hash, (*kind, *blob)))
        .collect();
    let unknown =
        |kind: &SectionKind, hash: &ContentHash| !data.contains_key(kind) && !of_any_kind.contains_key(hash);
    let missing: Vec<ContentHash> = set
        .iter()
        .filter_map(|(kind, section)| Some((kind, section.hash.as_ref()?)))
        .filter(|(kind, hash)| unknown(kind, hash))
        .map(|(_, hash)| hash.clone())
        .collect();
    if !missing.is_empty() {
        return Ok(missing);
    }
    for (kind, section) in set.iter_mut() {
        let Some(hash) = &section.hash else { continue };
        let blob = match (known.get(&(hash.clone(), *kind)), data.get(kind)) {
            (Some(blob), _) => *blob,
            (None, Some(facts)) => insert(db, workspace, counter, *kind, hash, facts).await?,
            (None, None) => {
                let Some((_, other)) = of_any_kind.get(hash) else {
                    continue;
                };
                let facts = load_data(db, workspace, &[other.id]).await?;
                let facts = facts.get(&other.id).ok_or(StoreError::corrupt("section"))?;
                insert(db, workspace, counter, *kind, hash, facts).await?
            }
        };
        section.blob = Some(blob.id);
        section.package_set = blob.package_set;
        if let Some(id) = blob.package_set {
            section.package_count = Some(package_sets::count(db, workspace, id).await?);
        }
    }
    Ok(Vec::new())
}

async fn find(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    set: &SectionSet,
) -> Result<HashMap<(ContentHash, SectionKind), Blob>, StoreError> {
    let hashes = set.values().filter_map(|section| section.hash.as_ref());
    let statement = sea_orm::sea_query::Query::select()
        .columns([
            section_blob::Column::Id,
            section_blob::Column::Hash,
            section_blob::Column::Kind,
            section_blob::Column::PackageSetId,
        ])
        .from(section_blob::Entity)
        .cond_where(section_blob::Column::WorkspaceId.eq(workspace.0))
        .cond_where(section_blob::Column::Hash.is_in(hashes.map(codec::hash_bytes)))
        .to_owned();
    let mut known = HashMap::new();
    for row in db.query_all(&statement).await? {
        let (hash, kind): (Vec<u8>, String) = (row.try_get("", "hash")?, row.try_get("", "kind")?);
        let blob = Blob {
            id: row.try_get("", "id")?,
            package_set: row.try_get("", "package_set_id")?,
        };
        known.insert((codec::hash_from(&hash)?, codec::kind(&kind)?), blob);
    }
    Ok(known)
}

async fn insert(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    counter: &mut Counter,
    kind: SectionKind,
    hash: &ContentHash,
    facts: &Value,
) -> Result<Blob, StoreError> {
    let text = canonical_json(facts);
    let (packed, package_set) = if kind == SectionKind::Packages {
        let list = PackageList::of(facts);
        let set = package_sets::keep(db, workspace, counter, &list.versions).await?;
        (codec::pack(&list.blob)?, Some(set))
    } else {
        (codec::pack_bytes(text.as_bytes())?, None)
    };
    let id = counter.next();
    let row = section_blob::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(id),
        hash: Set(codec::hash_bytes(hash)),
        kind: Set(kind.as_str().to_owned()),
        data: Set(packed),
        raw_size_bytes: Set(i64::try_from(text.len()).unwrap_or(i64::MAX)),
        package_set_id: Set(package_set),
    };
    section_blob::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    if kind != SectionKind::Packages {
        property_index::insert(db, workspace, counter, kind, id, facts).await?;
    }
    Ok(Blob { id, package_set })
}

/// The facts of several blobs, by id.
pub(crate) async fn load_data(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &[i64],
) -> Result<HashMap<i64, Value>, StoreError> {
    let rows = section_blob::Entity::find()
        .filter(section_blob::Column::WorkspaceId.eq(workspace.0))
        .filter(section_blob::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    let mut facts = HashMap::with_capacity(rows.len());
    for row in rows {
        let data = match row.package_set_id {
            None => codec::unpack("section", &row.data)?,
            Some(set) => {
                let blob: PackagesBlob = codec::unpack("package list", &row.data)?;
                match blob.whole {
                    Some(whole) => whole,
                    None => {
                        let versions = package_sets::load(db, workspace, set).await?;
                        PackageList { versions, blob }.assemble()?
                    }
                }
            }
        };
        facts.insert(row.id, data);
    }
    Ok(facts)
}
