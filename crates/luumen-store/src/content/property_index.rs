//! Writes the facts of a new section where they can be searched. Reading them is `properties`.

use std::collections::HashMap;

use luumen_model::{PropertyValue, SectionKind, WorkspaceId, flatten};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait};
use serde_json::Value;

use super::{Counter, ROWS_PER_STATEMENT};
use crate::{
    StoreError,
    entity::{property_path, section_property},
    properties,
};

/// Indexes the facts of one section.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    counter: &mut Counter,
    kind: SectionKind,
    blob: i64,
    facts: &Value,
) -> Result<(), StoreError> {
    let properties = flatten(kind, facts);
    let mut paths: Vec<&str> = properties.iter().map(|property| property.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    let ids = keep_paths(db, workspace, counter, kind, &paths).await?;
    let rows: Vec<section_property::ActiveModel> = properties
        .iter()
        .zip(0..)
        .filter_map(|(property, ordinal)| {
            let path_id = ids.get(property.path.as_str())?;
            Some(row(workspace, *path_id, blob, ordinal, &property.value))
        })
        .collect();
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        section_property::Entity::insert_many(chunk.iter().cloned())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

fn row(
    workspace: WorkspaceId,
    path_id: i64,
    blob: i64,
    ordinal: i64,
    value: &PropertyValue,
) -> section_property::ActiveModel {
    let (text, number, flag) = match value {
        PropertyValue::Bool(flag) => (None, None, Some(*flag)),
        PropertyValue::Number(number) => (None, Some(*number), None),
        // Many settings are numbers written as text; `>` should find them too.
        PropertyValue::Text(text) => {
            let number = text
                .trim()
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite());
            (Some(properties::cut(text).to_owned()), number, None)
        }
    };
    section_property::ActiveModel {
        workspace_id: Set(workspace.0),
        path_id: Set(path_id),
        section_blob_id: Set(blob),
        ordinal: Set(ordinal),
        text: Set(text),
        number: Set(number),
        flag: Set(flag),
    }
}

async fn keep_paths<'a>(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    counter: &mut Counter,
    kind: SectionKind,
    paths: &[&'a str],
) -> Result<HashMap<&'a str, i64>, StoreError> {
    let mut known: HashMap<String, i64> = HashMap::new();
    for chunk in paths.chunks(ROWS_PER_STATEMENT) {
        let statement = sea_orm::sea_query::Query::select()
            .columns([property_path::Column::Id, property_path::Column::Path])
            .from(property_path::Entity)
            .cond_where(property_path::Column::WorkspaceId.eq(workspace.0))
            .cond_where(property_path::Column::Path.is_in(chunk.iter().copied()))
            .to_owned();
        for row in db.query_all(&statement).await? {
            known.insert(row.try_get("", "path")?, row.try_get("", "id")?);
        }
    }
    let mut ids = HashMap::with_capacity(paths.len());
    let mut rows = Vec::new();
    for path in paths {
        let id = known.get(*path).copied().unwrap_or_else(|| {
            let id = counter.next();
            rows.push(property_path::ActiveModel {
                workspace_id: Set(workspace.0),
                id: Set(id),
                kind: Set(kind.as_str().to_owned()),
                path: Set((*path).to_owned()),
            });
            id
        });
        ids.insert(*path, id);
    }
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        property_path::Entity::insert_many(chunk.iter().cloned())
            .exec_without_returning(db)
            .await?;
    }
    Ok(ids)
}
