//! Agents as people see them. What agents themselves call is in `agent`.

use axum::{Json, extract::State};
use http::StatusCode;
use luumen_api::{
    Code, ProblemDetails,
    access::Permission,
    fleet::{Agent, AgentList, AgentQuery},
};
use luumen_model::AgentId;
use luumen_store::{
    agents::{self, AgentFilter, Removal},
    runs::{self, RunQuery, SilenceClock},
    transaction, workspaces,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire;
use crate::{
    app::AppState,
    caller::Caller,
    clock,
    http::{Id, QueryOf},
    problem::{ApiResult, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_agents))
        .routes(routes!(remove_agent))
}

/// The agents, and whether they are silent
#[utoipa::path(
    get, path = "/agents", tag = "Agents", security(("session" = []), ("bearer" = [])), params(AgentQuery),
    responses((status = 200, body = AgentList)), extensions(("x-permission" = json!("read_agents"))),
)]
async fn list_agents(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<AgentQuery>,
) -> ApiResult<Json<AgentList>> {
    caller.may(Permission::ReadAgents)?;
    let filter = AgentFilter {
        q: wire::searched(query.q.as_deref()),
        state: query.state.map(wire::stored_agent_state),
    };
    Ok(Json(AgentList {
        items: found(&state, &caller, filter).await?,
    }))
}

/// Remove an agent that is silent; its runs stay, and it is there again as soon as it speaks
#[utoipa::path(
    delete, path = "/agents/{id}", tag = "Agents", security(("session" = []), ("bearer" = [])),
    params(("id" = AgentId, Path)),
    responses(
        (status = 204, description = "It is no longer listed, and no longer counts as silent"),
        (status = 409, description = "It is not silent", body = ProblemDetails, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("write_agents"))),
)]
async fn remove_agent(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<AgentId>,
) -> ApiResult<StatusCode> {
    caller.may(Permission::WriteAgents)?;
    let clock = silence_clock(&state, &caller).await?;
    let removal = transaction!(&state.store, Problem, |tx| agents::remove(
        tx,
        caller.workspace,
        id,
        clock
    ))?;
    match removal {
        Removal::Done => Ok(StatusCode::NO_CONTENT),
        Removal::Speaks { last_seen_at } => Err(Problem::new(Code::Conflict)
            .detail(format!(
                "This agent is not silent: it was heard at {last_seen_at}, and would be back with its next word."
            ))
            .next_step("Stop it on its Patch server first; it can be removed once it is silent.")),
    }
}

/// Agents, each with its last run.
pub(crate) async fn found(
    state: &AppState,
    caller: &Caller,
    filter: AgentFilter<'_>,
) -> ApiResult<Vec<Agent>> {
    let clock = silence_clock(state, caller).await?;
    let db = state.store.read();
    let mut items = Vec::new();
    for agent in agents::found(db, caller.workspace, filter, clock).await? {
        let newest = RunQuery {
            agent: Some(agent.id),
            limit: 1,
            ..RunQuery::default()
        };
        let last = runs::list(db, caller.workspace, &newest, clock).await?;
        let last_run = last.items.into_iter().next().map(wire::run);
        items.push(wire::agent(agent, last_run, clock));
    }
    Ok(items)
}

/// The moment, and how much silence the workspace bears.
pub(crate) async fn silence_clock(state: &AppState, caller: &Caller) -> ApiResult<SilenceClock> {
    let workspace = workspaces::get(state.store.read(), caller.workspace).await?;
    Ok(SilenceClock::of(&workspace, clock::now()))
}
