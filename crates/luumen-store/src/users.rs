//! People and their memberships. Knows password hashes, never passwords.

use luumen_model::{Timestamp, UserId, WorkspaceId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    sea_query::{Condition, Query},
};

use crate::{
    Field, StoreError, Thing, codec,
    entity::{membership, one_time_link, person, session},
    ids::new_id,
    workspaces::{self, Workspace},
};

/// A person.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    /// Argon2id in PHC form; absent until one is set.
    pub password_hash: Option<String>,
    pub created_at: Timestamp,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// What a member may do in a workspace; the server turns it into permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Admin,
    Operator,
    Auditor,
    Viewer,
}

/// A workspace that a person is a member of.
#[derive(Clone, Debug)]
pub struct Membership {
    pub workspace: Workspace,
    pub role: Role,
}

/// How many people there are: none means that the first admin is still to be made.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Ok(person::Entity::find().count(db).await?)
}

/// Makes a person. Addresses are compared without regard to case.
pub async fn create(
    db: &impl ConnectionTrait,
    email: &str,
    name: &str,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<User, StoreError> {
    let row = person::ActiveModel {
        id: Set(new_id(now)),
        email: Set(email.trim().to_lowercase()),
        name: Set(name.to_owned()),
        password_hash: Set(password_hash.map(str::to_owned)),
        created_at_ms: Set(now.as_millis()),
    };
    let row = row
        .insert(db)
        .await
        .map_err(StoreError::conflict_on(Field::Email))?;
    Ok(from_row(row))
}

/// One person.
pub async fn get(db: &impl ConnectionTrait, user: UserId) -> Result<User, StoreError> {
    let row = person::Entity::find_by_id(user.0).one(db).await?;
    row.map(from_row).ok_or(StoreError::NotFound(Thing::User))
}

/// The person with that address, if there is one.
pub async fn find_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<User>, StoreError> {
    let row = person::Entity::find()
        .filter(person::Column::Email.eq(email.trim().to_lowercase()))
        .one(db)
        .await?;
    Ok(row.map(from_row))
}

/// Sets a new password. Links that were made before and not used sign nobody in any more.
pub async fn set_password(
    db: &impl ConnectionTrait,
    user: UserId,
    password_hash: &str,
) -> Result<(), StoreError> {
    get(db, user).await?;
    let row = person::ActiveModel {
        id: Unchanged(user.0),
        password_hash: Set(Some(password_hash.to_owned())),
        ..Default::default()
    };
    row.update(db).await?;
    one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::PersonId.eq(user.0))
        .filter(one_time_link::Column::UsedAtMs.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Takes a person away, with all memberships, sessions, saved views and links. What they did stays. Call it in a transaction.
pub async fn remove(db: &impl ConnectionTrait, user: UserId) -> Result<(), StoreError> {
    get(db, user).await?;
    let rows = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(user.0))
        .all(db)
        .await?;
    for row in rows {
        remove_member(db, WorkspaceId(row.workspace_id), user).await?;
    }
    delete_without_workspace(db).await
}

/// Makes a person a member of a workspace, or changes the role.
pub async fn add_member(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = membership::ActiveModel {
        workspace_id: Set(workspace.0),
        person_id: Set(user.0),
        role: Set(codec::word(&role)),
        created_at_ms: Set(now.as_millis()),
    };
    let keep = sea_orm::sea_query::OnConflict::columns([
        membership::Column::WorkspaceId,
        membership::Column::PersonId,
    ])
    .update_column(membership::Column::Role)
    .to_owned();
    membership::Entity::insert(row)
        .on_conflict(keep)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Ends a membership, with the sessions and the saved views that it had in that workspace.
pub async fn remove_member(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<(), StoreError> {
    let gone = membership::Entity::delete_by_id((workspace.0, user.0))
        .exec(db)
        .await?;
    if gone.rows_affected == 0 {
        return Err(StoreError::NotFound(Thing::User));
    }
    session::Entity::delete_many()
        .filter(session::Column::WorkspaceId.eq(workspace.0))
        .filter(session::Column::PersonId.eq(user.0))
        .exec(db)
        .await?;
    crate::views::delete_all(db, crate::views::Owner { workspace, user }).await
}

/// The members of a workspace, by address.
pub async fn members(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<Vec<(User, Role)>, StoreError> {
    let rows = membership::Entity::find()
        .filter(membership::Column::WorkspaceId.eq(workspace.0))
        .all(db)
        .await?;
    let people = person::Entity::find()
        .filter(person::Column::Id.is_in(rows.iter().map(|row| row.person_id)))
        .order_by_asc(person::Column::Email)
        .all(db)
        .await?;
    let mut members = Vec::with_capacity(people.len());
    for person in people {
        if let Some(row) = rows.iter().find(|row| row.person_id == person.id) {
            members.push((from_row(person), codec::from_word("role", &row.role)?));
        }
    }
    Ok(members)
}

/// The workspaces of a person, by name.
pub async fn memberships(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Membership>, StoreError> {
    let rows = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(user.0))
        .all(db)
        .await?;
    let mut memberships = Vec::with_capacity(rows.len());
    for row in rows {
        memberships.push(Membership {
            workspace: workspaces::get(db, WorkspaceId(row.workspace_id)).await?,
            role: codec::from_word("role", &row.role)?,
        });
    }
    memberships.sort_by(|a, b| a.workspace.name.cmp(&b.workspace.name));
    Ok(memberships)
}

/// The role of a person in a workspace, if a member.
pub async fn role_in(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Option<Role>, StoreError> {
    let row = membership::Entity::find_by_id((workspace.0, user.0))
        .one(db)
        .await?;
    row.map(|row| codec::from_word("role", &row.role)).transpose()
}

/// Deletes people who are members of no workspace any more, with their links and sessions.
pub(crate) async fn delete_without_workspace(db: &impl ConnectionTrait) -> Result<(), StoreError> {
    let members = Query::select()
        .column(membership::Column::PersonId)
        .from(membership::Entity)
        .to_owned();
    let gone = Condition::all().add(person::Column::Id.not_in_subquery(members));
    let people: Vec<uuid::Uuid> = person::Entity::find()
        .filter(gone)
        .all(db)
        .await?
        .into_iter()
        .map(|person| person.id)
        .collect();
    one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::PersonId.is_in(people.iter().copied()))
        .exec(db)
        .await?;
    session::Entity::delete_many()
        .filter(session::Column::PersonId.is_in(people.iter().copied()))
        .exec(db)
        .await?;
    person::Entity::delete_many()
        .filter(person::Column::Id.is_in(people))
        .exec(db)
        .await?;
    Ok(())
}

fn from_row(row: person::Model) -> User {
    User {
        id: UserId(row.id),
        email: row.email,
        name: row.name,
        password_hash: row.password_hash,
        created_at: Timestamp::from_millis(row.created_at_ms),
    }
}
