//! The facts that can be filtered by.

use axum::{Json, extract::State};
use luumen_api::{
    access::Permission,
    fleet::{PropertyPathList, PropertyQuery},
};
use luumen_store::properties;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire;
use crate::{app::AppState, caller::Caller, http::QueryOf, problem::ApiResult};

/// Paths in an answer, unless told.
const USUAL_LIMIT: u64 = 50;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_properties))
}

/// Property paths that hosts have, with examples of their values
#[utoipa::path(
    get, path = "/properties", tag = "Fleet", security(("session" = []), ("bearer" = [])), params(PropertyQuery),
    responses((status = 200, body = PropertyPathList)), extensions(("x-permission" = json!("read_hosts"))),
)]
async fn list_properties(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<PropertyQuery>,
) -> ApiResult<Json<PropertyPathList>> {
    caller.may(Permission::ReadHosts)?;
    let part = query.q.as_deref().filter(|part| !part.is_empty());
    let limit = query
        .limit
        .and_then(|limit| u64::try_from(limit).ok())
        .unwrap_or(USUAL_LIMIT);
    let found = properties::paths(state.store.read(), caller.workspace, part, limit).await?;
    Ok(Json(PropertyPathList {
        items: found.into_iter().map(wire::property_path).collect(),
    }))
}
