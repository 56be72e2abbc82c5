//! Packages across the fleet: which there are, and which hosts have them.

use axum::{Json, extract::State};
use luumen_api::{
    Cursor,
    access::Permission,
    fleet::{PackageHosts, PackageHostsQuery, PackageList, PackageQuery},
};
use luumen_store::packages;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{hosts::clock_of, wire};
use crate::{
    app::AppState,
    caller::Caller,
    filter::{self, Sorted},
    http::QueryOf,
    problem::ApiResult,
};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_packages))
        .routes(routes!(package_hosts))
}

/// Package names that are installed on any host now
#[utoipa::path(
    get, path = "/packages", tag = "Fleet", security(("session" = []), ("bearer" = [])), params(PackageQuery),
    responses((status = 200, body = PackageList)), extensions(("x-permission" = json!("read_hosts"))),
)]
async fn list_packages(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<PackageQuery>,
) -> ApiResult<Json<PackageList>> {
    caller.may(Permission::ReadHosts)?;
    let part = query.q.as_deref().filter(|part| !part.is_empty());
    let (cursor, limit) = (query.cursor.as_deref(), wire::limit(query.limit));
    let found = packages::names(state.store.read(), caller.workspace, part, cursor, limit).await?;
    Ok(Json(PackageList {
        items: found.items.into_iter().map(wire::package_summary).collect(),
        next: found.next.map(Cursor),
    }))
}

/// Which hosts have a package, in which versions
#[utoipa::path(
    get, path = "/packages/hosts", tag = "Fleet", security(("session" = []), ("bearer" = [])),
    params(PackageHostsQuery), responses((status = 200, body = PackageHosts)),
    extensions(("x-permission" = json!("read_hosts"))),
)]
async fn package_hosts(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<PackageHostsQuery>,
) -> ApiResult<Json<PackageHosts>> {
    caller.may(Permission::ReadHosts)?;
    let (db, workspace) = (state.store.read(), caller.workspace);
    let there = packages::versions_named(db, workspace, &query.name).await?;
    let wanted = match (query.op, &query.version) {
        (Some(op), Some(version)) => filter::sort_versions(&there, &query.name, op, version),
        _ => Sorted {
            holds: there.iter().map(|package| package.id).collect(),
            ..Sorted::default()
        },
    };
    let clock = clock_of(&state, &caller).await?;
    let (cursor, limit) = (query.cursor.as_deref(), wire::limit(query.limit));
    let (page, total) = packages::hosts_with(db, workspace, &wanted.holds, cursor, limit, clock).await?;
    Ok(Json(PackageHosts {
        items: page.items.into_iter().map(wire::package_on_host).collect(),
        total,
        unknown_host_count: packages::unknown_hosts(db, workspace).await?,
        not_comparable: wanted.not_comparable_names,
        next: page.next.map(Cursor),
    }))
}
