//! API keys, known by hash only. A rotated key's predecessor works until its overlap ends.

use luumen_model::{ApiKeyId, Timestamp, WorkspaceId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Condition, Expr, LockType},
};

use crate::{StoreError, Thing, TokenHash, codec, entity::api_key, ids::new_id};

/// What a key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    Agent,
    Read,
    Write,
}

/// A key as it can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub workspace: WorkspaceId,
    pub id: ApiKeyId,
    pub name: String,
    pub scope: KeyScope,
    /// First characters, to recognise it by.
    pub prefix: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    /// When its newest secret was first used; absent while only its predecessor was.
    pub secret_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub previous_valid_until: Option<Timestamp>,
}

/// A key by one of its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub key: ApiKey,
    pub secret: KeySecret,
}

/// Which of a key's secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySecret {
    Newest,
    /// The one before, in its overlap.
    Former,
}

impl Found {
    /// Whether [`touch`] has something to note: use is noted once a minute, and the first use of a secret.
    pub fn is_news(&self, now: Timestamp) -> bool {
        let used_lately = |at: Timestamp| now.millis_since(at) <= 60_000;
        let first = self.secret == KeySecret::Newest && self.key.secret_used_at.is_none();
        first || !self.key.last_used_at.is_some_and(used_lately)
    }
}

/// What became of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// It has the new secret.
    Done(ApiKey),
    /// Nothing was changed: its two secrets are both in use until then, and a third would end one of them.
    TwoInUse { until: Timestamp },
    /// Nothing was changed: the key is over, and so would the new secret be.
    Over { since: Timestamp },
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey<'a> {
    pub name: &'a str,
    pub scope: KeyScope,
    pub prefix: &'a str,
    pub hash: TokenHash,
    pub expires_at: Option<Timestamp>,
}

/// Makes a key.
pub async fn create(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    new: &NewApiKey<'_>,
    now: Timestamp,
) -> Result<ApiKey, StoreError> {
    let row = api_key::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(new_id(now)),
        name: Set(new.name.to_owned()),
        scope: Set(codec::word(&new.scope)),
        prefix: Set(new.prefix.to_owned()),
        token_hash: Set(new.hash.to_vec()),
        previous_hash: Set(None),
        previous_valid_until_ms: Set(None),
        created_at_ms: Set(now.as_millis()),
        expires_at_ms: Set(new.expires_at.map(Timestamp::as_millis)),
        last_used_at_ms: Set(None),
        secret_used_at_ms: Set(None),
        revoked_at_ms: Set(None),
    };
    from_row(row.insert(db).await?)
}

/// All keys, revoked ones too, oldest first.
pub async fn list(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Vec<ApiKey>, StoreError> {
    let rows = api_key::Entity::find()
        .filter(api_key::Column::WorkspaceId.eq(workspace.0))
        .order_by_asc(api_key::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// One key.
pub async fn get(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    key: ApiKeyId,
) -> Result<ApiKey, StoreError> {
    let row = api_key::Entity::find_by_id((workspace.0, key.0)).one(db).await?;
    row.map_or(Err(StoreError::NotFound(Thing::ApiKey)), from_row)
}

/// The key behind a secret, unless it is revoked or over. The one lookup that does not know its workspace yet:
/// it finds it.
pub async fn find_by_hash(
    db: &impl ConnectionTrait,
    hash: TokenHash,
    now: Timestamp,
) -> Result<Option<Found>, StoreError> {
    let now_ms = now.as_millis();
    let previous = Condition::all()
        .add(api_key::Column::PreviousHash.eq(hash.to_vec()))
        .add(api_key::Column::PreviousValidUntilMs.gt(now_ms));
    let row = api_key::Entity::find()
        .filter(
            Condition::any()
                .add(api_key::Column::TokenHash.eq(hash.to_vec()))
                .add(previous),
        )
        .filter(api_key::Column::RevokedAtMs.is_null())
        .filter(
            Condition::any()
                .add(api_key::Column::ExpiresAtMs.is_null())
                .add(api_key::Column::ExpiresAtMs.gt(now_ms)),
        )
        .one(db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let secret = if row.token_hash == hash.to_vec() {
        KeySecret::Newest
    } else {
        KeySecret::Former
    };
    Ok(Some(Found {
        key: from_row(row)?,
        secret,
    }))
}

/// Gives a key a new secret; the one that was in use works until `overlap_until`. Call it in a transaction.
pub async fn rotate(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    key: ApiKeyId,
    prefix: &str,
    hash: TokenHash,
    overlap_until: Timestamp,
    now: Timestamp,
) -> Result<Rotated, StoreError> {
    let row = api_key::Entity::find_by_id((workspace.0, key.0))
        .filter(api_key::Column::RevokedAtMs.is_null())
        .lock(LockType::Update)
        .one(db)
        .await?;
    let before = row.ok_or(StoreError::NotFound(Thing::ApiKey))?;
    let at = Timestamp::from_millis;
    if let Some(since) = before.expires_at_ms.map(at).filter(|at| *at <= now) {
        return Ok(Rotated::Over { since });
    }
    let overlap = before.previous_valid_until_ms.map(at).filter(|at| *at > now);
    let previous = match (overlap, before.secret_used_at_ms) {
        // Whoever leaves no overlap wants all secrets of before to end.
        (Some(until), Some(_)) if overlap_until > now => return Ok(Rotated::TwoInUse { until }),
        // Nobody has used the secret that this one replaces; those who work use the one before it.
        (Some(_), None) => before.previous_hash,
        _ => Some(before.token_hash),
    };
    let row = api_key::ActiveModel {
        workspace_id: Unchanged(workspace.0),
        id: Unchanged(key.0),
        prefix: Set(prefix.to_owned()),
        token_hash: Set(hash.to_vec()),
        previous_hash: Set(previous),
        previous_valid_until_ms: Set(Some(overlap_until.as_millis())),
        secret_used_at_ms: Set(None),
        ..Default::default()
    };
    Ok(Rotated::Done(from_row(row.update(db).await?)?))
}

/// Ends a key and its predecessor at once. A second call keeps the first moment.
pub async fn revoke(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    key: ApiKeyId,
    now: Timestamp,
) -> Result<ApiKey, StoreError> {
    api_key::Entity::update_many()
        .col_expr(api_key::Column::RevokedAtMs, Expr::value(now.as_millis()))
        .filter(api_key::Column::WorkspaceId.eq(workspace.0))
        .filter(api_key::Column::Id.eq(key.0))
        .filter(api_key::Column::RevokedAtMs.is_null())
        .exec(db)
        .await?;
    get(db, workspace, key).await
}

/// Notes that a key was used by a secret, at most once a minute, and when its newest secret was used first.
pub async fn touch(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    key: ApiKeyId,
    hash: TokenHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    let this = api_key::Entity::update_many()
        .filter(api_key::Column::WorkspaceId.eq(workspace.0))
        .filter(api_key::Column::Id.eq(key.0));
    this.clone()
        .col_expr(api_key::Column::LastUsedAtMs, Expr::value(now.as_millis()))
        .filter(
            Condition::any()
                .add(api_key::Column::LastUsedAtMs.is_null())
                .add(api_key::Column::LastUsedAtMs.lt(now.plus_millis(-60_000).as_millis())),
        )
        .exec(db)
        .await?;
    this.col_expr(api_key::Column::SecretUsedAtMs, Expr::value(now.as_millis()))
        .filter(api_key::Column::TokenHash.eq(hash.to_vec()))
        .filter(api_key::Column::SecretUsedAtMs.is_null())
        .exec(db)
        .await?;
    Ok(())
}

fn from_row(row: api_key::Model) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        workspace: WorkspaceId(row.workspace_id),
        id: ApiKeyId(row.id),
        scope: codec::from_word("key scope", &row.scope)?,
        name: row.name,
        prefix: row.prefix,
        created_at: Timestamp::from_millis(row.created_at_ms),
        expires_at: row.expires_at_ms.map(Timestamp::from_millis),
        last_used_at: row.last_used_at_ms.map(Timestamp::from_millis),
        secret_used_at: row.secret_used_at_ms.map(Timestamp::from_millis),
        revoked_at: row.revoked_at_ms.map(Timestamp::from_millis),
        previous_valid_until: row.previous_valid_until_ms.map(Timestamp::from_millis),
    })
}
