//! Every address of the API, one room a noun. A handler introduces people and does not do their work.

mod agent;
mod agents;
mod api_keys;
mod exceptions;
mod feed_import;
mod feeds;
mod health;
mod host_history;
mod host_import;
mod hosts;
mod overview;
mod packages;
mod properties;
mod reference;
mod runs;
mod session;
mod setup;
mod views;
mod vulnerabilities;
mod wire;
mod workspace;

pub(crate) use feed_import::IMPORT_PATH;
pub(crate) use wire::{host_state, new_host, state_name};

use axum::{Router, routing::get};
use utoipa_axum::router::OpenApiRouter;

use crate::app::{AppState, Limits};

/// Everything under `/api/v1`, with its documentation.
pub fn api(limits: Limits) -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(setup::routes())
        .merge(session::routes())
        .merge(workspace::routes())
        .merge(api_keys::routes())
        .merge(hosts::routes())
        .merge(host_import::routes())
        .merge(host_history::routes())
        .merge(packages::routes())
        .merge(properties::routes())
        .merge(agents::routes())
        .merge(runs::routes())
        .merge(overview::routes())
        .merge(views::routes())
        .merge(vulnerabilities::routes())
        .merge(exceptions::routes())
        .merge(feeds::routes())
        .merge(feed_import::routes())
        .merge(agent::routes(limits))
        .merge(reference::routes())
}

/// What lies beside the API.
pub fn outside_api() -> Router<AppState> {
    Router::new()
        .route("/livez", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/config", get(reference::config))
}
