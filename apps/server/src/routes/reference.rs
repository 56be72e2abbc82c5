//! The one address that agents of the reference product call: `GET {base}/config` with the header `api-key`.

use axum::{extract::State, response::Response};
use http::HeaderMap;
use luumen_api::agent::AgentConfig;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::agent::agent_config;
use crate::{app::AppState, caller::Caller, problem::ApiResult};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(config))
}

/// The same as `/agent/config`, where agents of the reference product look for it
#[utoipa::path(
    get, path = "/config", tag = "Agent", security(("bearer" = [])),
    params(("if-none-match" = Option<String>, Header, description = "`ETag` of the configuration that the agent has")),
    responses(
        (status = 200, body = AgentConfig, headers(("etag" = String))),
        (status = 304, description = "It has not changed"),
    ),
    extensions(("x-permission" = json!("report"))),
)]
pub(crate) async fn config(
    caller: Caller,
    state: State<AppState>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    agent_config(caller, state, headers).await
}
