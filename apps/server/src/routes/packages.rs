//! Packages across the fleet: which there are, and which hosts have them.

use axum::{Json, extract::State};
use luumen_api::{
    access::Permission,
    fleet::{PackageHosts, PackageHostsQuery, PackageList, PackageQuery},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::AppState,
    caller::Caller,
    http::QueryOf,
    problem::{ApiResult, Problem},
};

pub fn routes() -> OpenApiRouter<AppState> {
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
    State(_state): State<AppState>,
    QueryOf(_query): QueryOf<PackageQuery>,
) -> ApiResult<Json<PackageList>> {
    caller.may(Permission::ReadHosts)?;
    Err(Problem::new(luumen_api::Code::Unavailable))
}

/// Which hosts have a package, in which versions
#[utoipa::path(
    get, path = "/packages/hosts", tag = "Fleet", security(("session" = []), ("bearer" = [])),
    params(PackageHostsQuery), responses((status = 200, body = PackageHosts)),
    extensions(("x-permission" = json!("read_hosts"))),
)]
async fn package_hosts(
    caller: Caller,
    State(_state): State<AppState>,
    QueryOf(_query): QueryOf<PackageHostsQuery>,
) -> ApiResult<Json<PackageHosts>> {
    caller.may(Permission::ReadHosts)?;
    Err(Problem::new(luumen_api::Code::Unavailable))
}
