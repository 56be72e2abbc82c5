//! A host's history: snapshots, "as of", and what changed between two.

use axum::{Json, extract::State};
use luumen_api::{
    Code, Cursor, PageQuery,
    access::Permission,
    snapshots::{AsOfQuery, DiffQuery, SnapshotDiff, SnapshotDocument, SnapshotList},
};
use luumen_model::{HostId, SnapshotId, Timestamp};
use luumen_store::{diff, hosts, snapshots};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{hosts::clock_of, wire};
use crate::{
    app::AppState,
    caller::Caller,
    http::{Id, Ids, QueryOf},
    problem::{ApiResult, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_snapshots))
        .routes(routes!(get_snapshot))
        .routes(routes!(snapshot_as_of))
        .routes(routes!(diff_snapshots))
}

/// The snapshots of a host, newest first
#[utoipa::path(
    get, path = "/hosts/{id}/snapshots", tag = "History", security(("session" = []), ("bearer" = [])),
    params(("id" = HostId, Path), PageQuery), responses((status = 200, body = SnapshotList)),
    extensions(("x-permission" = json!("read_hosts"))),
)]
async fn list_snapshots(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<HostId>,
    QueryOf(page): QueryOf<PageQuery>,
) -> ApiResult<Json<SnapshotList>> {
    caller.may(Permission::ReadHosts)?;
    must_be_here(&state, &caller, id).await?;
    let (cursor, limit) = (page.cursor.as_deref(), wire::limit(page.limit));
    let found = snapshots::list(state.store.read(), caller.workspace, id, cursor, limit).await?;
    Ok(Json(SnapshotList {
        items: found.items.into_iter().map(wire::snapshot_summary).collect(),
        next: found.next.map(Cursor),
    }))
}

/// One snapshot
#[utoipa::path(
    get, path = "/hosts/{id}/snapshots/{snapshot_id}", tag = "History", security(("session" = []), ("bearer" = [])),
    params(("id" = HostId, Path), ("snapshot_id" = SnapshotId, Path)),
    responses((status = 200, body = SnapshotDocument)), extensions(("x-permission" = json!("read_hosts"))),
)]
async fn get_snapshot(
    caller: Caller,
    State(state): State<AppState>,
    Ids(id, snapshot): Ids<HostId, SnapshotId>,
) -> ApiResult<Json<SnapshotDocument>> {
    caller.may(Permission::ReadHosts)?;
    let found = snapshots::get(state.store.read(), caller.workspace, id, snapshot).await?;
    Ok(Json(wire::snapshot_document(found)))
}

/// The newest snapshot, or the one that was newest at a moment
#[utoipa::path(
    get, path = "/hosts/{id}/snapshot", tag = "History", security(("session" = []), ("bearer" = [])),
    params(("id" = HostId, Path), AsOfQuery), responses((status = 200, body = SnapshotDocument)),
    extensions(("x-permission" = json!("read_hosts"))),
)]
async fn snapshot_as_of(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<HostId>,
    QueryOf(query): QueryOf<AsOfQuery>,
) -> ApiResult<Json<SnapshotDocument>> {
    caller.may(Permission::ReadHosts)?;
    must_be_here(&state, &caller, id).await?;
    let db = state.store.read();
    let found = match &query.as_of {
        Some(text) => snapshots::as_of(db, caller.workspace, id, moment("as_of", text)?).await?,
        None => snapshots::newest(db, caller.workspace, id).await?,
    };
    Ok(Json(wire::snapshot_document(found)))
}

/// What changed between two snapshots of a host
#[utoipa::path(
    get, path = "/hosts/{id}/diff", tag = "History", security(("session" = []), ("bearer" = [])),
    params(("id" = HostId, Path), DiffQuery), responses((status = 200, body = SnapshotDiff)),
    extensions(("x-permission" = json!("read_hosts"))),
)]
async fn diff_snapshots(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<HostId>,
    QueryOf(query): QueryOf<DiffQuery>,
) -> ApiResult<Json<SnapshotDiff>> {
    caller.may(Permission::ReadHosts)?;
    let (from, to) = (snapshot_id("from", &query.from)?, snapshot_id("to", &query.to)?);
    must_be_here(&state, &caller, id).await?;
    let (from, to, changes) = diff::between(state.store.read(), caller.workspace, id, from, to).await?;
    Ok(Json(wire::snapshot_diff(from, to, changes)))
}

/// A host of another workspace has no history here, not even an empty one.
async fn must_be_here(state: &AppState, caller: &Caller, id: HostId) -> ApiResult<()> {
    let clock = clock_of(state, caller).await?;
    hosts::get(state.store.read(), caller.workspace, id, clock).await?;
    Ok(())
}

fn snapshot_id(field: &str, text: &str) -> ApiResult<SnapshotId> {
    text.parse()
        .map_err(|_| Problem::new(Code::BadRequest).field(field, "is not a snapshot id"))
}

/// A `+` that was not escaped arrives as a space.
fn moment(field: &str, text: &str) -> ApiResult<Timestamp> {
    let parsed = text.replace(' ', "+").parse::<Timestamp>();
    parsed.map_err(|_| {
        Problem::new(Code::BadRequest).field(field, "is not a moment such as 2026-11-22T03:00:00Z")
    })
}
