//! Signing in: one-time links, sessions, and how often it failed lately.

use luumen_model::{Timestamp, UserId, WorkspaceId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, sea_query::Expr,
};

use crate::{
    StoreError, Thing, TokenHash, codec,
    entity::{one_time_link, session, sign_in_failure},
    ids::new_id,
};

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// Makes the first admin; names no one.
    Setup,
    /// Signs one person in.
    SignIn,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub user: UserId,
    pub workspace: WorkspaceId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// Began with a one-time link and has set no password yet, so a new one needs no old one.
    pub via_link: bool,
}

/// Keeps a link until it expires.
pub async fn add_link(
    db: &impl ConnectionTrait,
    token: TokenHash,
    purpose: LinkPurpose,
    user: Option<UserId>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let row = one_time_link::ActiveModel {
        token_hash: Set(token.to_vec()),
        purpose: Set(codec::word(&purpose)),
        person_id: Set(user.map(|user| user.0)),
        created_at_ms: Set(now.as_millis()),
        expires_at_ms: Set(expires_at.as_millis()),
        used_at_ms: Set(None),
    };
    one_time_link::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Uses a link up and answers whom it signs in. Of two who try at once, one succeeds.
pub async fn use_link(
    db: &impl ConnectionTrait,
    token: TokenHash,
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<Option<UserId>, StoreError> {
    let used = one_time_link::Entity::update_many()
        .col_expr(one_time_link::Column::UsedAtMs, Expr::value(now.as_millis()))
        .filter(one_time_link::Column::TokenHash.eq(token.to_vec()))
        .filter(one_time_link::Column::Purpose.eq(codec::word(&purpose)))
        .filter(one_time_link::Column::UsedAtMs.is_null())
        .filter(one_time_link::Column::ExpiresAtMs.gt(now.as_millis()))
        .exec(db)
        .await?;
    if used.rows_affected == 0 {
        return Err(StoreError::NotFound(Thing::Link));
    }
    let row = one_time_link::Entity::find_by_id(token.to_vec()).one(db).await?;
    Ok(row.and_then(|row| row.person_id).map(UserId))
}

/// Whether the link could be used now, without using it.
pub async fn link_is_good(
    db: &impl ConnectionTrait,
    token: TokenHash,
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = one_time_link::Entity::find_by_id(token.to_vec()).one(db).await?;
    Ok(row.is_some_and(|row| {
        row.purpose == codec::word(&purpose)
            && row.used_at_ms.is_none()
            && row.expires_at_ms > now.as_millis()
    }))
}

/// Takes back every unused link of a purpose, such as the set-up links of earlier starts.
pub async fn revoke_links(db: &impl ConnectionTrait, purpose: LinkPurpose) -> Result<(), StoreError> {
    one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::Purpose.eq(codec::word(&purpose)))
        .filter(one_time_link::Column::UsedAtMs.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Begins a session.
pub async fn create(
    db: &impl ConnectionTrait,
    token: TokenHash,
    session: &Session,
) -> Result<(), StoreError> {
    let row = session::ActiveModel {
        token_hash: Set(token.to_vec()),
        person_id: Set(session.user.0),
        workspace_id: Set(session.workspace.0),
        created_at_ms: Set(session.created_at.as_millis()),
        expires_at_ms: Set(session.expires_at.as_millis()),
        last_seen_at_ms: Set(session.last_seen_at.as_millis()),
        via_link: Set(session.via_link),
    };
    row.insert(db).await?;
    Ok(())
}

/// The session behind a token, unless it is over.
pub async fn find(
    db: &impl ConnectionTrait,
    token: TokenHash,
    now: Timestamp,
) -> Result<Option<Session>, StoreError> {
    let row = session::Entity::find_by_id(token.to_vec())
        .filter(session::Column::ExpiresAtMs.gt(now.as_millis()))
        .one(db)
        .await?;
    Ok(row.map(from_row))
}

/// Notes that a session was used, at most once a minute.
pub async fn touch(db: &impl ConnectionTrait, token: TokenHash, now: Timestamp) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::LastSeenAtMs, Expr::value(now.as_millis()))
        .filter(session::Column::TokenHash.eq(token.to_vec()))
        .filter(session::Column::LastSeenAtMs.lt(now.plus_millis(-60_000).as_millis()))
        .exec(db)
        .await?;
    Ok(())
}

/// Moves a session to another workspace. That the person is a member there is the caller's to know.
pub async fn switch_workspace(
    db: &impl ConnectionTrait,
    token: TokenHash,
    workspace: WorkspaceId,
) -> Result<(), StoreError> {
    let moved = session::Entity::update_many()
        .col_expr(session::Column::WorkspaceId, Expr::value(workspace.0))
        .filter(session::Column::TokenHash.eq(token.to_vec()))
        .exec(db)
        .await?;
    if moved.rows_affected == 0 {
        return Err(StoreError::NotFound(Thing::Session));
    }
    Ok(())
}

/// The session has a password behind it from now on; its link stands for none any more.
pub async fn forget_link(db: &impl ConnectionTrait, token: TokenHash) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::ViaLink, Expr::value(false))
        .filter(session::Column::TokenHash.eq(token.to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends a session. Ending it twice is no error.
pub async fn delete(db: &impl ConnectionTrait, token: TokenHash) -> Result<(), StoreError> {
    session::Entity::delete_by_id(token.to_vec()).exec(db).await?;
    Ok(())
}

/// Ends every session of a person but one, as after a new password.
pub async fn delete_others(
    db: &impl ConnectionTrait,
    user: UserId,
    keep: Option<TokenHash>,
) -> Result<u64, StoreError> {
    let mut gone = session::Entity::delete_many().filter(session::Column::PersonId.eq(user.0));
    if let Some(keep) = keep {
        gone = gone.filter(session::Column::TokenHash.ne(keep.to_vec()));
    }
    Ok(gone.exec(db).await?.rows_affected)
}

/// Counts a failed sign-in against `subject`: an address or an IP address, kept by hash.
pub async fn record_failure(
    db: &impl ConnectionTrait,
    subject: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = sign_in_failure::ActiveModel {
        subject_hash: Set(TokenHash::of(subject).to_vec()),
        id: Set(new_id(now)),
        at_ms: Set(now.as_millis()),
    };
    sign_in_failure::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// How many sign-ins failed for `subject` since a moment.
pub async fn failures_since(
    db: &impl ConnectionTrait,
    subject: &str,
    since: Timestamp,
) -> Result<u64, StoreError> {
    let count = sign_in_failure::Entity::find()
        .filter(sign_in_failure::Column::SubjectHash.eq(TokenHash::of(subject).to_vec()))
        .filter(sign_in_failure::Column::AtMs.gte(since.as_millis()))
        .count(db)
        .await?;
    Ok(count)
}

/// Forgets the failures of `subject`, as after a sign-in that succeeded.
pub async fn clear_failures(db: &impl ConnectionTrait, subject: &str) -> Result<(), StoreError> {
    sign_in_failure::Entity::delete_many()
        .filter(sign_in_failure::Column::SubjectHash.eq(TokenHash::of(subject).to_vec()))
        .exec(db)
        .await?;
    Ok(())
}

/// Drops sessions and links that are over, and failures older than a day.
pub async fn sweep(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), StoreError> {
    let now_ms = now.as_millis();
    session::Entity::delete_many()
        .filter(session::Column::ExpiresAtMs.lte(now_ms))
        .exec(db)
        .await?;
    one_time_link::Entity::delete_many()
        .filter(one_time_link::Column::ExpiresAtMs.lte(now_ms))
        .exec(db)
        .await?;
    sign_in_failure::Entity::delete_many()
        .filter(sign_in_failure::Column::AtMs.lt(now.plus_millis(-86_400_000).as_millis()))
        .exec(db)
        .await?;
    Ok(())
}

fn from_row(row: session::Model) -> Session {
    Session {
        user: UserId(row.person_id),
        workspace: WorkspaceId(row.workspace_id),
        created_at: Timestamp::from_millis(row.created_at_ms),
        expires_at: Timestamp::from_millis(row.expires_at_ms),
        last_seen_at: Timestamp::from_millis(row.last_seen_at_ms),
        via_link: row.via_link,
    }
}
