//! Runs: each agent's rounds of visits.

use axum::{Json, extract::State};
use luumen_api::{
    Cursor,
    access::Permission,
    fleet::{Run, RunList, RunQuery},
};
use luumen_model::RunId;
use luumen_store::runs;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{agents::silence_clock, wire};
use crate::{
    app::AppState,
    caller::Caller,
    http::{Id, QueryOf},
    problem::ApiResult,
};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_runs))
        .routes(routes!(get_run))
}

/// Runs, newest first
#[utoipa::path(
    get, path = "/runs", tag = "Agents", security(("session" = []), ("bearer" = [])), params(RunQuery),
    responses((status = 200, body = RunList)), extensions(("x-permission" = json!("read_runs"))),
)]
async fn list_runs(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<RunQuery>,
) -> ApiResult<Json<RunList>> {
    caller.may(Permission::ReadRuns)?;
    let clock = silence_clock(&state, &caller).await?;
    let wanted = runs::RunQuery {
        agent: None,
        q: wire::searched(query.q.as_deref()),
        state: query.state.map(wire::stored_run_state),
        trouble: query.trouble == Some(true),
        cursor: query.cursor.as_deref(),
        limit: wire::limit(query.limit),
    };
    let runs = runs::list(state.store.read(), caller.workspace, &wanted, clock).await?;
    Ok(Json(RunList {
        items: runs.items.into_iter().map(wire::run).collect(),
        next: runs.next.map(Cursor),
    }))
}

/// One run, and how it found each host
#[utoipa::path(
    get, path = "/runs/{id}", tag = "Agents", security(("session" = []), ("bearer" = [])), params(("id" = RunId, Path)),
    responses((status = 200, body = Run)), extensions(("x-permission" = json!("read_runs"))),
)]
async fn get_run(caller: Caller, State(state): State<AppState>, Id(id): Id<RunId>) -> ApiResult<Json<Run>> {
    caller.may(Permission::ReadRuns)?;
    let clock = silence_clock(&state, &caller).await?;
    let run = runs::get(state.store.read(), caller.workspace, id, clock).await?;
    let hosts = runs::hosts(state.store.read(), caller.workspace, id).await?;
    Ok(Json(Run {
        summary: wire::run(run),
        hosts: hosts.into_iter().map(wire::run_host).collect(),
    }))
}
