//! What agents call: pull the configuration, say that they live, tell what they saw.
//!
//! Nothing that is answered here can carry a command to a host (P6).

use axum::{
    Json,
    extract::{DefaultBodyLimit, State},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ETAG, IF_NONE_MATCH},
};
use luumen_api::{
    ProblemDetails,
    access::Permission,
    agent::{
        AgentConfig, AgentHost, FinishRun, Heartbeat, HeartbeatAnswer, MissingAnswer, MissingQuery, Report,
        ReportAnswer, Schedule, StartRun,
    },
};
use luumen_model::{ContentHash, HostId, RunId};
use luumen_store::transaction;
use luumen_store::{
    agents::{self, AgentSays, OwnTimes},
    hosts::{self, StateClock},
    reports::{self, ReportError},
    runs, workspaces,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire;
use crate::{
    app::{AppState, Limits},
    caller::Caller,
    clock,
    http::{Body, Id, Ids},
    problem::{ApiResult, Problem},
};

pub(crate) fn routes(limits: Limits) -> OpenApiRouter<AppState> {
    let report = OpenApiRouter::new()
        .routes(routes!(put_report))
        .layer(DefaultBodyLimit::max(limits.report_bytes));
    OpenApiRouter::new()
        .routes(routes!(agent_config))
        .routes(routes!(heartbeat))
        .routes(routes!(start_run))
        .routes(routes!(finish_run))
        .routes(routes!(missing_sections))
        .merge(report)
}

/// What to visit, and when
#[utoipa::path(
    get, path = "/agent/config", tag = "Agent", security(("bearer" = [])),
    params(("if-none-match" = Option<String>, Header, description = "`ETag` of the configuration that the agent has")),
    responses(
        (status = 200, body = AgentConfig, headers(("etag" = String))),
        (status = 304, description = "It has not changed"),
    ),
    extensions(("x-permission" = json!("report"))),
)]
pub(crate) async fn agent_config(
    caller: Caller,
    State(state): State<AppState>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    caller.may(Permission::Report)?;
    let config = config_of(&state, &caller).await?;
    let value = serde_json::to_value(&config).map_err(Problem::internal)?;
    let etag = format!("\"{}\"", ContentHash::of(&value));
    let known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let same = known
        .flat_map(|list| list.split(','))
        .any(|one| one.trim().trim_start_matches("W/") == etag);
    let etag = [(ETAG, HeaderValue::from_str(&etag).map_err(Problem::internal)?)];
    Ok(if same {
        (StatusCode::NOT_MODIFIED, etag).into_response()
    } else {
        (etag, Json(value)).into_response()
    })
}

async fn config_of(state: &AppState, caller: &Caller) -> ApiResult<AgentConfig> {
    let workspace = workspaces::get(state.store.read(), caller.workspace).await?;
    let clock = StateClock::of(&workspace, clock::now());
    let hosts = hosts::to_visit(state.store.read(), caller.workspace, clock).await?;
    let hosts = hosts.into_iter().map(|host| AgentHost {
        id: host.id,
        name: host.name,
        address: host.address,
        port: host.port,
        username: host.username,
        credential: host.credential,
    });
    Ok(AgentConfig {
        workspace: workspace.name,
        schedule: Schedule {
            interval_s: workspace.interval_s,
            polling_s: workspace.polling_s,
        },
        default_credential: workspace.default_credential,
        default_username: workspace.default_username,
        hosts: hosts.collect(),
    })
}

/// Say that the agent lives
#[utoipa::path(
    post, path = "/agent/heartbeat", tag = "Agent", security(("bearer" = [])), request_body = Heartbeat,
    responses((status = 200, body = HeartbeatAnswer)), extensions(("x-permission" = json!("report"))),
)]
async fn heartbeat(
    caller: Caller,
    State(state): State<AppState>,
    Body(beat): Body<Heartbeat>,
) -> ApiResult<Json<HeartbeatAnswer>> {
    caller.may(Permission::Report)?;
    let now = clock::now();
    let says = AgentSays {
        name: beat.agent.trim(),
        hostname: Some(&beat.hostname),
        version: Some(&beat.version),
        tier: Some(beat.tier),
    };
    let own = OwnTimes {
        interval_s: beat.interval_s,
        polling_s: beat.polling_s,
    };
    let agent_id = transaction!(&state.store, Problem, |tx| agents::beat(
        tx,
        caller.workspace,
        &says,
        own,
        now
    ))?;
    Ok(Json(HeartbeatAnswer {
        agent_id,
        server_time: now,
    }))
}

/// Say that a run began
#[utoipa::path(
    put, path = "/agent/runs/{run_id}", tag = "Agent", security(("bearer" = [])), params(("run_id" = RunId, Path)),
    request_body = StartRun, responses((status = 204, description = "Noted; a second call changes nothing")),
    extensions(("x-permission" = json!("report"))),
)]
async fn start_run(
    caller: Caller,
    State(state): State<AppState>,
    Id(run): Id<RunId>,
    Body(start): Body<StartRun>,
) -> ApiResult<StatusCode> {
    caller.may(Permission::Report)?;
    let now = clock::now();
    let says = AgentSays {
        name: start.agent.trim(),
        hostname: None,
        version: None,
        tier: None,
    };
    transaction!(&state.store, Problem, |tx| async {
        let agent = agents::touch(tx, caller.workspace, &says, now).await?;
        runs::start(
            tx,
            caller.workspace,
            run,
            agent,
            start.started_at,
            start.host_count,
            now,
        )
        .await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say that a run is over
#[utoipa::path(
    post, path = "/agent/runs/{run_id}/finish", tag = "Agent", security(("bearer" = [])),
    params(("run_id" = RunId, Path)), request_body = FinishRun,
    responses((status = 204, description = "Noted; a second call changes nothing")),
    extensions(("x-permission" = json!("report"))),
)]
async fn finish_run(
    caller: Caller,
    State(state): State<AppState>,
    Id(run): Id<RunId>,
    Body(finish): Body<FinishRun>,
) -> ApiResult<StatusCode> {
    caller.may(Permission::Report)?;
    transaction!(&state.store, Problem, |tx| runs::finish(
        tx,
        caller.workspace,
        run,
        finish.finished_at
    ))?;
    Ok(StatusCode::NO_CONTENT)
}

/// First step of a report: which section hashes does the server not have?
#[utoipa::path(
    post, path = "/agent/reports/missing", tag = "Agent", security(("bearer" = [])), request_body = MissingQuery,
    responses((status = 200, body = MissingAnswer)), extensions(("x-permission" = json!("report"))),
)]
async fn missing_sections(
    caller: Caller,
    State(state): State<AppState>,
    Body(query): Body<MissingQuery>,
) -> ApiResult<Json<MissingAnswer>> {
    caller.may(Permission::Report)?;
    let missing = reports::missing_hashes(state.store.read(), caller.workspace, &query.hashes).await?;
    Ok(Json(MissingAnswer { missing }))
}

/// Second step of a report: how the visit to a host ended, and what it saw
#[utoipa::path(
    put, path = "/agent/runs/{run_id}/hosts/{host_id}", tag = "Agent", security(("bearer" = [])),
    params(("run_id" = RunId, Path), ("host_id" = HostId, Path)), request_body = Report,
    responses(
        (status = 200, body = ReportAnswer),
        (status = 409, description = "Sections that the server does not have came without data", body = ProblemDetails, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("report"))),
)]
async fn put_report(
    caller: Caller,
    State(state): State<AppState>,
    Ids(run, host): Ids<RunId, HostId>,
    Body(report): Body<Report>,
) -> ApiResult<Json<ReportAnswer>> {
    caller.may(Permission::Report)?;
    let report = wire::report(report);
    let stored =
        reports::store_report(&state.store, caller.workspace, run, host, &report, clock::now()).await?;
    Ok(Json(ReportAnswer {
        snapshot_id: stored.snapshot_id,
        repeated: stored.repeated,
    }))
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Store(error) => error.into(),
            ReportError::MissingSections { hashes } => Self::missing_sections(hashes),
            ReportError::HashMismatch { section } => Self::new(luumen_api::Code::HashMismatch).field(
                format!("snapshot.sections.{section}.data"),
                "does not have the hash that the report says",
            ),
        }
    }
}
