//! Agents as people see them. What agents themselves call is in `agent`.

use axum::{Json, extract::State};
use luumen_api::{
    access::Permission,
    fleet::{Agent, AgentList},
};
use luumen_store::{
    agents,
    runs::{self, SilenceClock},
    workspaces,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire;
use crate::{app::AppState, caller::Caller, clock, problem::ApiResult};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_agents))
}

/// The agents, and whether they are silent
#[utoipa::path(
    get, path = "/agents", tag = "Agents", security(("session" = []), ("bearer" = [])),
    responses((status = 200, body = AgentList)), extensions(("x-permission" = json!("read_agents"))),
)]
async fn list_agents(caller: Caller, State(state): State<AppState>) -> ApiResult<Json<AgentList>> {
    caller.may(Permission::ReadAgents)?;
    Ok(Json(AgentList {
        items: all(&state, &caller).await?,
    }))
}

/// Every agent with its last run.
pub(crate) async fn all(state: &AppState, caller: &Caller) -> ApiResult<Vec<Agent>> {
    let clock = silence_clock(state, caller).await?;
    let db = state.store.read();
    let mut items = Vec::new();
    for agent in agents::list(db, caller.workspace).await? {
        let last = runs::list(db, caller.workspace, Some(agent.id), None, 1, clock).await?;
        let last_run = last.items.into_iter().next().map(wire::run);
        items.push(wire::agent(agent, last_run, clock));
    }
    Ok(items)
}

/// The moment, and how much silence the workspace bears.
pub(crate) async fn silence_clock(state: &AppState, caller: &Caller) -> ApiResult<SilenceClock> {
    let workspace = workspaces::get(state.store.read(), caller.workspace).await?;
    Ok(SilenceClock {
        now: clock::now(),
        silent_after_ms: workspace.silent_after_ms(),
    })
}
