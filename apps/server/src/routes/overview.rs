//! What needs a person today.

use axum::{Json, extract::State};
use luumen_api::{access::Permission, overview::Overview};
use luumen_store::{
    agents::AgentFilter,
    overview,
    runs::{self, RunQuery},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{agents, hosts::clock_of, wire};
use crate::{app::AppState, caller::Caller, problem::ApiResult};

/// Runs that the first page shows.
const LAST_RUNS: u64 = 10;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_overview))
}

/// Numbers and plots of the first page
#[utoipa::path(
    get, path = "/overview", tag = "Fleet", security(("session" = []), ("bearer" = [])),
    responses((status = 200, body = Overview)), extensions(("x-permission" = json!("read_hosts"))),
)]
async fn get_overview(caller: Caller, State(state): State<AppState>) -> ApiResult<Json<Overview>> {
    caller.may(Permission::ReadHosts)?;
    let clock = clock_of(&state, &caller).await?;
    let numbers = overview::overview(state.store.read(), caller.workspace, clock).await?;
    let silence = agents::silence_clock(&state, &caller).await?;
    let newest = RunQuery {
        limit: LAST_RUNS,
        ..RunQuery::default()
    };
    let runs = runs::list(state.store.read(), caller.workspace, &newest, silence).await?;
    let runs = runs.items.into_iter().map(wire::run).collect();
    let agents = agents::found(&state, &caller, AgentFilter::default()).await?;
    Ok(Json(wire::overview(numbers, runs, agents, clock.now)))
}
