//! What there is one of, by name.

use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use serde_json::Value;

use super::{Store, entity::setting};
use crate::bridge::{Problem, Time};

/// A setting, if it was ever written and can be read.
pub(crate) async fn read(store: &Store, name: &str) -> Result<Option<Value>, Problem> {
    let row = setting::Entity::find_by_id(name.to_owned())
        .one(store.db())
        .await?;
    Ok(row.and_then(|row| match serde_json::from_str(&row.document) {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::error!(setting.name = name, %error, "A stored setting cannot be read");
            None
        }
    }))
}

/// Writes a setting.
pub(crate) async fn write(store: &Store, name: &str, value: &Value) -> Result<(), Problem> {
    let row = setting::ActiveModel {
        name: Set(name.to_owned()),
        document: Set(value.to_string()),
        changed_at_ms: Set(Time::now().as_millis()),
    };
    let again = OnConflict::column(setting::Column::Name)
        .update_columns([setting::Column::Document, setting::Column::ChangedAtMs])
        .to_owned();
    setting::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(store.db())
        .await?;
    Ok(())
}
