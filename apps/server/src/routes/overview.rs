//! What needs a person today.

use axum::{Json, extract::State};
use luumen_api::{access::Permission, overview::Overview};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::AppState,
    caller::Caller,
    problem::{ApiResult, Problem},
};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_overview))
}

/// Numbers and plots of the first page
#[utoipa::path(
    get, path = "/overview", tag = "Fleet", security(("session" = []), ("bearer" = [])),
    responses((status = 200, body = Overview)), extensions(("x-permission" = json!("read_hosts"))),
)]
async fn get_overview(caller: Caller, State(_state): State<AppState>) -> ApiResult<Json<Overview>> {
    caller.may(Permission::ReadHosts)?;
    Err(Problem::new(luumen_api::Code::Unavailable))
}
