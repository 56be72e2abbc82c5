//! Settings of the workspace.

use axum::{Json, extract::State};
use luumen_api::{
    access::Permission,
    workspace::{UpdateWorkspace, Workspace},
};
use luumen_store::{
    transaction,
    workspaces::{self, WorkspaceChange},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire;
use crate::{
    app::AppState,
    caller::Caller,
    http::Body,
    problem::{ApiResult, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_workspace, update_workspace))
}

/// The workspace and its settings
#[utoipa::path(
    get, path = "/workspace", tag = "Workspace", security(("session" = []), ("bearer" = [])),
    responses((status = 200, body = Workspace)), extensions(("x-permission" = json!("read_settings"))),
)]
async fn get_workspace(caller: Caller, State(state): State<AppState>) -> ApiResult<Json<Workspace>> {
    caller.may(Permission::ReadSettings)?;
    let workspace = workspaces::get(state.store.read(), caller.workspace).await?;
    Ok(Json(wire::workspace(workspace)))
}

/// Change settings; only what is given changes
#[utoipa::path(
    patch, path = "/workspace", tag = "Workspace", security(("session" = []), ("bearer" = [])),
    request_body = UpdateWorkspace, responses((status = 200, body = Workspace)),
    extensions(("x-permission" = json!("write_settings"))),
)]
async fn update_workspace(
    caller: Caller,
    State(state): State<AppState>,
    Body(update): Body<UpdateWorkspace>,
) -> ApiResult<Json<Workspace>> {
    caller.may(Permission::WriteSettings)?;
    let change = WorkspaceChange {
        name: update.name.map(|name| name.trim().to_owned()),
        interval_s: update.interval_s,
        polling_s: update.polling_s,
        default_credential: update.default_credential,
        default_username: update.default_username,
        silence_grace_s: update.silence_grace_s,
        retention_days: update.retention_days,
    };
    let workspace = transaction!(&state.store, Problem, |tx| workspaces::update(
        tx,
        caller.workspace,
        &change
    ))?;
    Ok(Json(wire::workspace(workspace)))
}
