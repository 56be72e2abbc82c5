//! Hosts: what an admin says about each, beside what its newest snapshot and visit said.

mod filter;
mod list;
mod state;

pub(crate) use crate::letters::{contains, escape_like};
pub use filter::{AgeBound, GapCause, HostFilter, HostMoment, PropertyOp, Term, TermKind};
pub use list::{FacetValue, HostFacets, HostPage, HostQuery, HostSort, count_by_state, facets, list};
pub(crate) use state::stale_after_ms;
pub use state::{HostState, StateClock};

use luumen_model::{HostId, Outcome, SectionKind, SnapshotId, Timestamp, VisitError, WorkspaceId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};

use crate::{
    Field, StoreError, Thing, assessments, codec,
    entity::{host, host_section, host_tag, visit},
    ids::new_id,
    workspaces::changed_text,
};

/// A host, with its state at the moment that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    pub id: HostId,
    pub name: String,
    pub address: String,
    pub port: i64,
    pub username: Option<String>,
    pub credential: Option<String>,
    pub notes: Option<String>,
    pub enabled: bool,
    pub tags: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub state: HostState,
    /// When it counts as stale; absent while it was never seen.
    pub stale_at: Option<Timestamp>,
    pub os_id: Option<String>,
    pub os_name: Option<String>,
    pub os_version: Option<String>,
    pub arch: Option<String>,
    pub kernel: Option<String>,
    pub package_count: Option<i64>,
    pub reboot_required: Option<bool>,
    pub snapshot_id: Option<SnapshotId>,
    pub last_seen_at: Option<Timestamp>,
    pub last_visit_at: Option<Timestamp>,
    pub last_outcome: Option<Outcome>,
    pub last_error: Option<VisitError>,
    pub incomplete_sections: Vec<SectionKind>,
}

/// What an admin says about a new host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewHost {
    pub name: String,
    pub address: String,
    pub port: i64,
    pub username: Option<String>,
    pub credential: Option<String>,
    pub notes: Option<String>,
    pub tags: Vec<String>,
    pub enabled: bool,
}

/// What changes; an empty text clears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostChange {
    pub name: Option<String>,
    pub address: Option<String>,
    pub port: Option<i64>,
    pub username: Option<String>,
    pub credential: Option<String>,
    pub notes: Option<String>,
    pub tags: Option<Vec<String>>,
    pub enabled: Option<bool>,
}

/// A row of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The host that it makes where there is none of that name.
    pub new: NewHost,
    /// What it says of the host that is there; a column that the sheet does not have says nothing.
    pub change: HostChange,
}

/// What became of a row of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted {
    Created(HostId),
    /// It was there and would change, but was not to be touched.
    Exists(HostId),
    Updated(HostId),
    /// It was there and says the same.
    Same(HostId),
}

/// Makes a host.
pub async fn create(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    new: &NewHost,
    clock: StateClock,
) -> Result<Host, StoreError> {
    let row = host::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(new_id(clock.now)),
        name: Set(new.name.clone()),
        address: Set(new.address.clone()),
        port: Set(new.port),
        username: Set(new.username.clone()),
        credential: Set(new.credential.clone()),
        notes: Set(new.notes.clone()),
        enabled: Set(new.enabled),
        created_at_ms: Set(clock.now.as_millis()),
        updated_at_ms: Set(clock.now.as_millis()),
        packages_complete: Set(false),
        ..Default::default()
    };
    let row = row
        .insert(db)
        .await
        .map_err(StoreError::conflict_on(Field::Name))?;
    set_tags(db, workspace, HostId(row.id), &new.tags).await?;
    with_tags(db, workspace, row, clock).await
}

/// One host.
pub async fn get(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: HostId,
    clock: StateClock,
) -> Result<Host, StoreError> {
    let row = row(db, workspace, id).await?;
    with_tags(db, workspace, row, clock).await
}

/// The host of that name, if there is one.
pub async fn find_by_name(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    name: &str,
    clock: StateClock,
) -> Result<Option<Host>, StoreError> {
    let row = host::Entity::find()
        .filter(host::Column::WorkspaceId.eq(workspace.0))
        .filter(host::Column::Name.eq(name))
        .one(db)
        .await?;
    match row {
        Some(row) => with_tags(db, workspace, row, clock).await.map(Some),
        None => Ok(None),
    }
}

/// Changes what is given.
pub async fn update(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: HostId,
    change: &HostChange,
    clock: StateClock,
) -> Result<Host, StoreError> {
    let before = row(db, workspace, id).await?;
    let row = host::ActiveModel {
        workspace_id: Unchanged(workspace.0),
        id: Unchanged(id.0),
        name: Set(change.name.clone().unwrap_or(before.name)),
        address: Set(change.address.clone().unwrap_or(before.address)),
        port: Set(change.port.unwrap_or(before.port)),
        username: Set(changed_text(&change.username, before.username)),
        credential: Set(changed_text(&change.credential, before.credential)),
        notes: Set(changed_text(&change.notes, before.notes)),
        enabled: Set(change.enabled.unwrap_or(before.enabled)),
        updated_at_ms: Set(clock.now.as_millis()),
        ..Default::default()
    };
    let row = row
        .update(db)
        .await
        .map_err(StoreError::conflict_on(Field::Name))?;
    if let Some(tags) = &change.tags {
        set_tags(db, workspace, id, tags).await?;
    }
    with_tags(db, workspace, row, clock).await
}

/// Deletes a host and its history. What it alone had seen goes with the next prune.
pub async fn delete(db: &impl ConnectionTrait, workspace: WorkspaceId, id: HostId) -> Result<(), StoreError> {
    let gone = host::Entity::delete_by_id((workspace.0, id.0)).exec(db).await?;
    if gone.rows_affected == 0 {
        return Err(StoreError::NotFound(Thing::Host));
    }
    host_tag::Entity::delete_many()
        .filter(host_tag::Column::WorkspaceId.eq(workspace.0))
        .filter(host_tag::Column::HostId.eq(id.0))
        .exec(db)
        .await?;
    host_section::Entity::delete_many()
        .filter(host_section::Column::WorkspaceId.eq(workspace.0))
        .filter(host_section::Column::HostId.eq(id.0))
        .exec(db)
        .await?;
    visit::Entity::delete_many()
        .filter(visit::Column::WorkspaceId.eq(workspace.0))
        .filter(visit::Column::HostId.eq(id.0))
        .exec(db)
        .await?;
    // Its findings end with the next assessment.
    assessments::mark(db, workspace, id).await
}

/// One row of an import: makes the host of that name, or (when `update_existing`) changes what the row says of it.
pub async fn upsert(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    row: &Imported,
    update_existing: bool,
    clock: StateClock,
) -> Result<Upserted, StoreError> {
    let Some(before) = find_by_name(db, workspace, &row.new.name, clock).await? else {
        let host = create(db, workspace, &row.new, clock).await?;
        return Ok(Upserted::Created(host.id));
    };
    if says_the_same(&before, &row.change) {
        return Ok(Upserted::Same(before.id));
    }
    if !update_existing {
        return Ok(Upserted::Exists(before.id));
    }
    update(db, workspace, before.id, &row.change, clock).await?;
    Ok(Upserted::Updated(before.id))
}

/// Every enabled host with how to reach it, by name: what an agent is told to visit.
pub async fn to_visit(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    clock: StateClock,
) -> Result<Vec<Host>, StoreError> {
    let rows = host::Entity::find()
        .filter(host::Column::WorkspaceId.eq(workspace.0))
        .filter(host::Column::Enabled.eq(true))
        .order_by_asc(host::Column::Name)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| from_row(row, Vec::new(), clock))
        .collect()
}

fn says_the_same(before: &Host, change: &HostChange) -> bool {
    let same = |said: &Option<String>, known: &Option<String>| {
        said.as_deref()
            .is_none_or(|said| said == known.as_deref().unwrap_or_default())
    };
    let tags = change.tags.as_ref().map(|tags| {
        let mut tags = tags.clone();
        tags.sort();
        tags.dedup();
        tags
    });
    change.name.as_ref().is_none_or(|name| *name == before.name)
        && change
            .address
            .as_ref()
            .is_none_or(|address| *address == before.address)
        && change.port.is_none_or(|port| port == before.port)
        && same(&change.username, &before.username)
        && same(&change.credential, &before.credential)
        && same(&change.notes, &before.notes)
        && change.enabled.is_none_or(|enabled| enabled == before.enabled)
        && tags.is_none_or(|tags| tags == before.tags)
}

async fn row(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: HostId,
) -> Result<host::Model, StoreError> {
    let row = host::Entity::find_by_id((workspace.0, id.0)).one(db).await?;
    row.ok_or(StoreError::NotFound(Thing::Host))
}

async fn set_tags(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: HostId,
    tags: &[String],
) -> Result<(), StoreError> {
    host_tag::Entity::delete_many()
        .filter(host_tag::Column::WorkspaceId.eq(workspace.0))
        .filter(host_tag::Column::HostId.eq(id.0))
        .exec(db)
        .await?;
    let distinct: std::collections::BTreeSet<&String> = tags.iter().collect();
    if distinct.is_empty() {
        return Ok(());
    }
    let rows = distinct.into_iter().map(|tag| host_tag::ActiveModel {
        workspace_id: Set(workspace.0),
        host_id: Set(id.0),
        tag: Set(tag.clone()),
    });
    host_tag::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

async fn with_tags(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    row: host::Model,
    clock: StateClock,
) -> Result<Host, StoreError> {
    let mut tags = tags_of(db, workspace, &[row.id]).await?;
    let tags = tags.remove(&row.id).unwrap_or_default();
    from_row(row, tags, clock)
}

async fn tags_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    hosts: &[uuid::Uuid],
) -> Result<std::collections::HashMap<uuid::Uuid, Vec<String>>, StoreError> {
    let rows = host_tag::Entity::find()
        .filter(host_tag::Column::WorkspaceId.eq(workspace.0))
        .filter(host_tag::Column::HostId.is_in(hosts.iter().copied()))
        .order_by_asc(host_tag::Column::Tag)
        .all(db)
        .await?;
    let mut tags: std::collections::HashMap<_, Vec<String>> = std::collections::HashMap::new();
    for row in rows {
        tags.entry(row.host_id).or_default().push(row.tag);
    }
    // The database sorts by its own collation; we compare with Rust's.
    tags.values_mut().for_each(|tags| tags.sort());
    Ok(tags)
}

fn from_row(row: host::Model, tags: Vec<String>, clock: StateClock) -> Result<Host, StoreError> {
    let last_error = match &row.last_error {
        Some(text) => {
            Some(serde_json::from_str(text).map_err(|source| StoreError::corrupt_by("visit error", source))?)
        }
        None => None,
    };
    let last_outcome = row.last_outcome.as_deref().map(codec::outcome).transpose()?;
    let last_seen_at = row.snapshot_at_ms.map(Timestamp::from_millis);
    Ok(Host {
        state: clock.state(
            row.enabled,
            last_seen_at,
            row.stale_after_ms,
            last_outcome,
            row.incomplete_sections.is_some(),
        ),
        stale_at: last_seen_at.map(|at| clock.stale_at(at, row.stale_after_ms)),
        id: HostId(row.id),
        name: row.name,
        address: row.address,
        port: row.port,
        username: row.username,
        credential: row.credential,
        notes: row.notes,
        enabled: row.enabled,
        tags,
        created_at: Timestamp::from_millis(row.created_at_ms),
        updated_at: Timestamp::from_millis(row.updated_at_ms),
        os_id: row.os_id,
        os_name: row.os_name,
        os_version: row.os_version,
        arch: row.arch,
        kernel: row.kernel,
        package_count: row.package_count,
        reboot_required: row.reboot_required,
        snapshot_id: row.snapshot_id.map(SnapshotId),
        last_seen_at,
        last_visit_at: row.last_visit_at_ms.map(Timestamp::from_millis),
        last_outcome,
        last_error,
        incomplete_sections: row
            .incomplete_sections
            .as_deref()
            .map(codec::read_kinds)
            .unwrap_or_default(),
    })
}
