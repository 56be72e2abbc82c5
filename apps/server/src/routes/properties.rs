//! The facts that can be filtered by.

use axum::{Json, extract::State};
use luumen_api::{
    access::Permission,
    fleet::{PropertyPathList, PropertyQuery},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::AppState,
    caller::Caller,
    http::QueryOf,
    problem::{ApiResult, Problem},
};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_properties))
}

/// Property paths that hosts have, with examples of their values
#[utoipa::path(
    get, path = "/properties", tag = "Fleet", security(("session" = []), ("bearer" = [])), params(PropertyQuery),
    responses((status = 200, body = PropertyPathList)), extensions(("x-permission" = json!("read_hosts"))),
)]
async fn list_properties(
    caller: Caller,
    State(_state): State<AppState>,
    QueryOf(_query): QueryOf<PropertyQuery>,
) -> ApiResult<Json<PropertyPathList>> {
    caller.may(Permission::ReadHosts)?;
    Err(Problem::new(luumen_api::Code::Unavailable))
}
