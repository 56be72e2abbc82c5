//! Saved views: what a person has called a list's filter, order and columns. They are one person's, in one workspace.

use luumen_model::{Timestamp, UserId, WorkspaceId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use crate::{Field, StoreError, Thing, entity::saved_view, ids::new_id};

/// A saved view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub id: Uuid,
    /// A word of the API's for the list that it is a view of: `hosts`, `vulnerabilities`.
    pub page: String,
    /// Unique among a person's views of a list.
    pub name: String,
    /// The parameters of the address, without `?`.
    pub search: String,
    pub updated_at: Timestamp,
}

/// What a new one says.
#[derive(Clone, Copy, Debug)]
pub struct NewView<'a> {
    pub page: &'a str,
    pub name: &'a str,
    pub search: &'a str,
}

/// What changes.
#[derive(Clone, Debug, Default)]
pub struct ViewChange {
    pub name: Option<String>,
    pub search: Option<String>,
}

/// Whose views: nobody sees another's, and nobody's own of another workspace.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    pub workspace: WorkspaceId,
    pub user: UserId,
}

/// A person's views of a list, by name; of all lists when none is named.
pub async fn list(
    db: &impl ConnectionTrait,
    owner: Owner,
    page: Option<&str>,
) -> Result<Vec<View>, StoreError> {
    let mut find = of(owner);
    if let Some(page) = page {
        find = find.filter(saved_view::Column::Page.eq(page));
    }
    let rows = find
        .order_by_asc(saved_view::Column::Page)
        .order_by_asc(saved_view::Column::Name)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// How many views a person has.
pub async fn count(db: &impl ConnectionTrait, owner: Owner) -> Result<u64, StoreError> {
    Ok(of(owner).count(db).await?)
}

/// Keeps a view.
pub async fn create(
    db: &impl ConnectionTrait,
    owner: Owner,
    new: NewView<'_>,
    now: Timestamp,
) -> Result<View, StoreError> {
    let row = saved_view::ActiveModel {
        workspace_id: Set(owner.workspace.0),
        id: Set(new_id(now)),
        person_id: Set(owner.user.0),
        page: Set(new.page.to_owned()),
        name: Set(new.name.to_owned()),
        search: Set(new.search.to_owned()),
        created_at_ms: Set(now.as_millis()),
        updated_at_ms: Set(now.as_millis()),
    };
    let conflict = StoreError::conflict_on(Field::Name);
    Ok(from_row(row.insert(db).await.map_err(conflict)?))
}

/// Changes what is given.
pub async fn update(
    db: &impl ConnectionTrait,
    owner: Owner,
    id: Uuid,
    change: &ViewChange,
    now: Timestamp,
) -> Result<View, StoreError> {
    let before = of(owner).filter(saved_view::Column::Id.eq(id)).one(db).await?;
    let before = before.ok_or(StoreError::NotFound(Thing::View))?;
    let row = saved_view::ActiveModel {
        workspace_id: Unchanged(owner.workspace.0),
        id: Unchanged(id),
        name: Set(change.name.clone().unwrap_or(before.name)),
        search: Set(change.search.clone().unwrap_or(before.search)),
        updated_at_ms: Set(now.as_millis()),
        ..Default::default()
    };
    let conflict = StoreError::conflict_on(Field::Name);
    Ok(from_row(row.update(db).await.map_err(conflict)?))
}

/// Forgets a view.
pub async fn delete(db: &impl ConnectionTrait, owner: Owner, id: Uuid) -> Result<(), StoreError> {
    let gone = saved_view::Entity::delete_many()
        .filter(saved_view::Column::WorkspaceId.eq(owner.workspace.0))
        .filter(saved_view::Column::PersonId.eq(owner.user.0))
        .filter(saved_view::Column::Id.eq(id))
        .exec(db)
        .await?;
    if gone.rows_affected == 0 {
        return Err(StoreError::NotFound(Thing::View));
    }
    Ok(())
}

/// Forgets every view that a person has in a workspace.
pub(crate) async fn delete_all(db: &impl ConnectionTrait, owner: Owner) -> Result<(), StoreError> {
    saved_view::Entity::delete_many()
        .filter(saved_view::Column::WorkspaceId.eq(owner.workspace.0))
        .filter(saved_view::Column::PersonId.eq(owner.user.0))
        .exec(db)
        .await?;
    Ok(())
}

fn of(owner: Owner) -> sea_orm::Select<saved_view::Entity> {
    saved_view::Entity::find()
        .filter(saved_view::Column::WorkspaceId.eq(owner.workspace.0))
        .filter(saved_view::Column::PersonId.eq(owner.user.0))
}

fn from_row(row: saved_view::Model) -> View {
    View {
        id: row.id,
        page: row.page,
        name: row.name,
        search: row.search,
        updated_at: Timestamp::from_millis(row.updated_at_ms),
    }
}
