//! Exceptions: findings that somebody decided to live with, why, and until when. Whether one holds is asked with the time.

use luumen_model::{HostId, Timestamp, WorkspaceId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ActiveValue::Unchanged, ColumnTrait, ConnectionTrait, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::{
    Page, StoreError, Thing, entity::finding_exception, findings::exceptions_at, ids::new_id,
    page::read_cursor, workspaces::changed_text,
};

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub id: Uuid,
    /// A word of the API's: `risk_accepted`, `false_positive`, …
    pub kind: String,
    /// Absent for every vulnerability of the package.
    pub vulnerability: Option<String>,
    /// Absent for every package that the vulnerability is in.
    pub package: Option<String>,
    /// Every host with this tag.
    pub tag: Option<String>,
    /// One host.
    pub host: Option<HostId>,
    pub reason: String,
    pub owner: Option<String>,
    pub ticket: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub created_by: Option<String>,
    pub updated_at: Timestamp,
}

impl Exception {
    /// Whether it speaks of a finding, whatever the host.
    pub fn concerns(&self, vulnerability: &str, package: &str) -> bool {
        let fits = |named: &Option<String>, value: &str| named.as_deref().is_none_or(|named| named == value);
        let names_something = self.vulnerability.is_some() || self.package.is_some();
        names_something && fits(&self.vulnerability, vulnerability) && fits(&self.package, package)
    }

    /// Whether it speaks of a host, whatever the finding.
    pub fn covers_host(&self, host: HostId, tags: &[String]) -> bool {
        self.host.is_none_or(|named| named == host) && self.tag.as_ref().is_none_or(|tag| tags.contains(tag))
    }

    /// Whether it holds at a moment.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }
}

/// What a new one says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewException {
    pub kind: String,
    pub vulnerability: Option<String>,
    pub package: Option<String>,
    pub tag: Option<String>,
    pub host: Option<HostId>,
    pub reason: String,
    pub owner: Option<String>,
    pub ticket: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub created_by: Option<String>,
}

/// What changes; an empty text clears. What it covers never does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExceptionChange {
    pub kind: Option<String>,
    pub reason: Option<String>,
    pub owner: Option<String>,
    pub ticket: Option<String>,
    /// `Some(None)` lets it never expire.
    pub expires_at: Option<Option<Timestamp>>,
}

/// Which exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExceptionQuery<'a> {
    /// Those that hold at the moment, or those that do not.
    pub holds: Option<bool>,
    pub vulnerability: Option<&'a str>,
    pub package: Option<&'a str>,
    pub cursor: Option<&'a str>,
    pub limit: u64,
}

/// Makes an exception. The next assessment counts it; a host's own list knows it at once.
pub async fn create(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    new: &NewException,
    now: Timestamp,
) -> Result<Exception, StoreError> {
    let row = finding_exception::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(new_id(now)),
        kind: Set(new.kind.clone()),
        vulnerability: Set(new.vulnerability.clone()),
        package: Set(new.package.clone()),
        tag: Set(new.tag.clone()),
        host_id: Set(new.host.map(|host| host.0)),
        reason: Set(new.reason.clone()),
        owner: Set(new.owner.clone()),
        ticket: Set(new.ticket.clone()),
        expires_at_ms: Set(new.expires_at.map(Timestamp::as_millis)),
        created_at_ms: Set(now.as_millis()),
        created_by: Set(new.created_by.clone()),
        updated_at_ms: Set(now.as_millis()),
    };
    Ok(from_row(row.insert(db).await?))
}

/// One exception.
pub async fn get(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: Uuid,
) -> Result<Exception, StoreError> {
    Ok(from_row(row(db, workspace, id).await?))
}

/// Exceptions, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    query: &ExceptionQuery<'_>,
    now: Timestamp,
) -> Result<Page<Exception>, StoreError> {
    use finding_exception::Column::{Id, Package, Vulnerability, WorkspaceId as Workspace};
    let mut find = finding_exception::Entity::find().filter(Workspace.eq(workspace.0));
    match query.holds {
        Some(true) => find = find.filter(exceptions_at(workspace, now)),
        Some(false) => find = find.filter(exceptions_at(workspace, now).not()),
        None => {}
    }
    if let Some(vulnerability) = query.vulnerability {
        find = find.filter(Vulnerability.eq(vulnerability));
    }
    if let Some(package) = query.package {
        find = find.filter(Package.eq(package));
    }
    if let Some(id) = read_cursor::<Uuid>(query.cursor)? {
        find = find.filter(Id.lt(id));
    }
    let rows = find.order_by_desc(Id).limit(query.limit + 1).all(db).await?;
    Ok(Page::cut(rows, query.limit, |row| row.id).map(from_row))
}

/// Every exception that holds at a moment.
pub async fn at(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<Vec<Exception>, StoreError> {
    let rows = finding_exception::Entity::find()
        .filter(exceptions_at(workspace, now))
        .order_by_asc(finding_exception::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Changes what is given.
pub async fn update(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: Uuid,
    change: &ExceptionChange,
    now: Timestamp,
) -> Result<Exception, StoreError> {
    let before = row(db, workspace, id).await?;
    let expires_at_ms = match change.expires_at {
        Some(end) => end.map(Timestamp::as_millis),
        None => before.expires_at_ms,
    };
    let row = finding_exception::ActiveModel {
        workspace_id: Unchanged(workspace.0),
        id: Unchanged(id),
        kind: Set(change.kind.clone().unwrap_or(before.kind)),
        reason: Set(change.reason.clone().unwrap_or(before.reason)),
        owner: Set(changed_text(&change.owner, before.owner)),
        ticket: Set(changed_text(&change.ticket, before.ticket)),
        expires_at_ms: Set(expires_at_ms),
        updated_at_ms: Set(now.as_millis()),
        ..Default::default()
    };
    Ok(from_row(row.update(db).await?))
}

/// Takes an exception back: what it covered is open again.
pub async fn delete(db: &impl ConnectionTrait, workspace: WorkspaceId, id: Uuid) -> Result<(), StoreError> {
    let gone = finding_exception::Entity::delete_by_id((workspace.0, id))
        .exec(db)
        .await?;
    if gone.rows_affected == 0 {
        return Err(StoreError::NotFound(Thing::Exception));
    }
    Ok(())
}

async fn row(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: Uuid,
) -> Result<finding_exception::Model, StoreError> {
    let row = finding_exception::Entity::find_by_id((workspace.0, id))
        .one(db)
        .await?;
    row.ok_or(StoreError::NotFound(Thing::Exception))
}

fn from_row(row: finding_exception::Model) -> Exception {
    Exception {
        id: row.id,
        kind: row.kind,
        vulnerability: row.vulnerability,
        package: row.package,
        tag: row.tag,
        host: row.host_id.map(HostId),
        reason: row.reason,
        owner: row.owner,
        ticket: row.ticket,
        expires_at: row.expires_at_ms.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.created_at_ms),
        created_by: row.created_by,
        updated_at: Timestamp::from_millis(row.updated_at_ms),
    }
}
