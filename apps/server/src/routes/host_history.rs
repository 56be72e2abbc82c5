//! A host's history: snapshots, "as of", and what changed between two.

use axum::{Json, extract::State};
use luumen_api::{
    PageQuery,
    access::Permission,
    snapshots::{AsOfQuery, DiffQuery, SnapshotDiff, SnapshotDocument, SnapshotList},
};
use luumen_model::{HostId, SnapshotId};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::AppState,
    caller::Caller,
    http::{Id, Ids, QueryOf},
    problem::{ApiResult, Problem},
};

pub fn routes() -> OpenApiRouter<AppState> {
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
    State(_state): State<AppState>,
    Id(_id): Id<HostId>,
    QueryOf(_page): QueryOf<PageQuery>,
) -> ApiResult<Json<SnapshotList>> {
    caller.may(Permission::ReadHosts)?;
    Err(Problem::new(luumen_api::Code::Unavailable))
}

/// One snapshot
#[utoipa::path(
    get, path = "/hosts/{id}/snapshots/{snapshot_id}", tag = "History", security(("session" = []), ("bearer" = [])),
    params(("id" = HostId, Path), ("snapshot_id" = SnapshotId, Path)),
    responses((status = 200, body = SnapshotDocument)), extensions(("x-permission" = json!("read_hosts"))),
)]
async fn get_snapshot(
    caller: Caller,
    State(_state): State<AppState>,
    Ids(_id, _snapshot): Ids<HostId, SnapshotId>,
) -> ApiResult<Json<SnapshotDocument>> {
    caller.may(Permission::ReadHosts)?;
    Err(Problem::new(luumen_api::Code::Unavailable))
}

/// The newest snapshot, or the one that was newest at a moment
#[utoipa::path(
    get, path = "/hosts/{id}/snapshot", tag = "History", security(("session" = []), ("bearer" = [])),
    params(("id" = HostId, Path), AsOfQuery), responses((status = 200, body = SnapshotDocument)),
    extensions(("x-permission" = json!("read_hosts"))),
)]
async fn snapshot_as_of(
    caller: Caller,
    State(_state): State<AppState>,
    Id(_id): Id<HostId>,
    QueryOf(_query): QueryOf<AsOfQuery>,
) -> ApiResult<Json<SnapshotDocument>> {
    caller.may(Permission::ReadHosts)?;
    Err(Problem::new(luumen_api::Code::Unavailable))
}

/// What changed between two snapshots of a host
#[utoipa::path(
    get, path = "/hosts/{id}/diff", tag = "History", security(("session" = []), ("bearer" = [])),
    params(("id" = HostId, Path), DiffQuery), responses((status = 200, body = SnapshotDiff)),
    extensions(("x-permission" = json!("read_hosts"))),
)]
async fn diff_snapshots(
    caller: Caller,
    State(_state): State<AppState>,
    Id(_id): Id<HostId>,
    QueryOf(_query): QueryOf<DiffQuery>,
) -> ApiResult<Json<SnapshotDiff>> {
    caller.may(Permission::ReadHosts)?;
    Err(Problem::new(luumen_api::Code::Unavailable))
}
