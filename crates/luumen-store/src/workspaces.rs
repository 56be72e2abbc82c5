//! Workspaces: the wall between tenants, and their settings.

use luumen_model::{Timestamp, WorkspaceId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder, sea_query::Query,
};

use crate::{StoreError, Thing, entity, ids::new_id};

/// A workspace and its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub created_at: Timestamp,
    pub interval_s: i64,
    pub polling_s: i64,
    pub default_credential: Option<String>,
    pub default_username: Option<String>,
    pub silence_grace_s: i64,
    pub retention_days: i64,
}

impl Workspace {
    /// How long after its newest snapshot a host counts as stale, where its agent has no interval of its own.
    pub fn stale_after_ms(&self) -> i64 {
        crate::hosts::stale_after_ms(self.interval_s)
    }
}

/// What changes; an empty text clears.
#[derive(Clone, Debug, Default)]
pub struct WorkspaceChange {
    pub name: Option<String>,
    pub interval_s: Option<i64>,
    pub polling_s: Option<i64>,
    pub default_credential: Option<String>,
    pub default_username: Option<String>,
    pub silence_grace_s: Option<i64>,
    pub retention_days: Option<i64>,
}

/// Makes a workspace with the settings of a new one.
pub async fn create(db: &impl ConnectionTrait, name: &str, now: Timestamp) -> Result<Workspace, StoreError> {
    let row = entity::workspace::ActiveModel {
        id: Set(new_id(now)),
        name: Set(name.to_owned()),
        created_at_ms: Set(now.as_millis()),
        interval_s: Set(3600),
        polling_s: Set(60),
        default_credential: Set(None),
        default_username: Set(None),
        silence_grace_s: Set(60),
        retention_days: Set(365),
        last_content_id: Set(0),
    };
    Ok(from_row(row.insert(db).await?))
}

/// One workspace.
pub async fn get(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Workspace, StoreError> {
    let row = entity::workspace::Entity::find_by_id(workspace.0).one(db).await?;
    row.map(from_row).ok_or(StoreError::NotFound(Thing::Workspace))
}

/// Every workspace of this server, for its own chores and never for a caller.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Workspace>, StoreError> {
    let rows = entity::workspace::Entity::find()
        .order_by_asc(entity::workspace::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Changes what is given.
pub async fn update(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    change: &WorkspaceChange,
) -> Result<Workspace, StoreError> {
    let row = entity::workspace::Entity::find_by_id(workspace.0).one(db).await?;
    let before = row.ok_or(StoreError::NotFound(Thing::Workspace))?;
    let row = entity::workspace::ActiveModel {
        // The key finds the row; the content counter is not ours to write back.
        id: sea_orm::ActiveValue::Unchanged(workspace.0),
        name: Set(change.name.clone().unwrap_or(before.name)),
        interval_s: Set(change.interval_s.unwrap_or(before.interval_s)),
        polling_s: Set(change.polling_s.unwrap_or(before.polling_s)),
        default_credential: Set(changed_text(
            &change.default_credential,
            before.default_credential,
        )),
        default_username: Set(changed_text(&change.default_username, before.default_username)),
        silence_grace_s: Set(change.silence_grace_s.unwrap_or(before.silence_grace_s)),
        retention_days: Set(change.retention_days.unwrap_or(before.retention_days)),
        ..Default::default()
    };
    Ok(from_row(row.update(db).await?))
}

/// Deletes a workspace and everything in it. People who are then members of none go too.
pub async fn delete(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<(), StoreError> {
    use entity::*;
    get(db, workspace).await?;
    macro_rules! empty {
        ($($table:ident),+) => {$({
            let mut statement = Query::delete();
            statement
                .from_table($table::Entity)
                .and_where(sea_orm::sea_query::ExprTrait::eq(
                    sea_orm::sea_query::Expr::col($table::Column::WorkspaceId),
                    workspace.0,
                ));
            db.execute(&statement).await?;
        })+};
    }
    // Hosts first: reports in flight end before, and later ones find no host.
    empty!(host, visit, host_section, host_tag, run, agent);
    empty!(
        section_property,
        property_path,
        package_set_member,
        package_set,
        package_version
    );
    empty!(
        assessment,
        assessed_host,
        unjudged_host,
        host_class,
        judged_cell,
        finding,
        finding_host_set
    );
    empty!(finding_event, finding_day, finding_exception, job);
    empty!(
        section_set,
        section_blob,
        session,
        api_key,
        saved_view,
        membership
    );
    crate::users::delete_without_workspace(db).await?;
    entity::workspace::Entity::delete_by_id(workspace.0)
        .exec(db)
        .await?;
    Ok(())
}

/// An empty text clears, no text keeps.
pub(crate) fn changed_text(change: &Option<String>, before: Option<String>) -> Option<String> {
    match change {
        None => before,
        Some(text) if text.is_empty() => None,
        Some(text) => Some(text.clone()),
    }
}

fn from_row(row: entity::workspace::Model) -> Workspace {
    Workspace {
        id: WorkspaceId(row.id),
        name: row.name,
        created_at: Timestamp::from_millis(row.created_at_ms),
        interval_s: row.interval_s,
        polling_s: row.polling_s,
        default_credential: row.default_credential,
        default_username: row.default_username,
        silence_grace_s: row.silence_grace_s,
        retention_days: row.retention_days,
    }
}
