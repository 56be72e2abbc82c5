//! The first admin of an installation, made once with the link that the server printed.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use luumen_api::{
    Code,
    access::{SessionInfo, Setup, SetupState},
};
use luumen_crypto::Secret;
use luumen_model::{Timestamp, UserId, WorkspaceId};
use luumen_store::{
    TokenHash,
    sessions::{self, LinkPurpose},
    transaction, users, workspaces,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::session::begin_session;
use crate::{
    app::AppState,
    clock,
    http::Body,
    problem::{ApiResult, Problem},
    secrets,
};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_setup, set_up))
}

/// Whether the first admin is still to be made
#[utoipa::path(get, path = "/setup", tag = "Access", security(), responses((status = 200, body = SetupState)))]
async fn get_setup(State(state): State<AppState>) -> ApiResult<Json<SetupState>> {
    let people = users::count(state.store.read()).await?;
    Ok(Json(SetupState { needed: people == 0 }))
}

/// Make the first admin and workspace, and sign in
#[utoipa::path(
    post, path = "/setup", tag = "Access", security(), request_body = Setup,
    responses(
        (status = 201, body = SessionInfo),
        (status = 401, description = "The token is not good", body = luumen_api::ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "The first admin is there already", body = luumen_api::ProblemDetails, content_type = "application/problem+json"),
    ),
)]
async fn set_up(
    State(state): State<AppState>,
    headers: HeaderMap,
    Body(setup): Body<Setup>,
) -> ApiResult<Response> {
    let now = clock::now();
    let token = TokenHash::of(&setup.token);
    refuse_when_done(users::count(state.store.read()).await?)?;
    // Hashing costs; only who has the token may make us do it.
    if !sessions::link_is_good(state.store.read(), token, LinkPurpose::Setup, now).await? {
        return Err(
            Problem::new(Code::LinkInvalid).next_step("Start the server again: it prints a new link.")
        );
    }
    let hash = secrets::hash_password(Secret::new(setup.password.clone())).await?;
    let (user, workspace) = transaction!(&state.store, Problem, |tx| make_first_admin(
        tx, &setup, token, &hash, now
    ))?;
    let (cookie, info) = begin_session(&state, &headers, user, Some(workspace), false).await?;
    Ok((StatusCode::CREATED, cookie, Json(info)).into_response())
}

async fn make_first_admin(
    tx: &luumen_store::DatabaseTransaction,
    setup: &Setup,
    token: TokenHash,
    password_hash: &str,
    now: Timestamp,
) -> Result<(UserId, WorkspaceId), Problem> {
    refuse_when_done(users::count(tx).await?)?;
    let used = sessions::use_link(tx, token, LinkPurpose::Setup, now).await;
    used.map_err(|_| Problem::new(Code::LinkInvalid))?;
    let workspace = workspaces::create(tx, setup.workspace.trim(), now).await?;
    let user = users::create(tx, &setup.email, setup.name.trim(), Some(password_hash), now).await?;
    users::add_member(tx, workspace.id, user.id, users::Role::Owner, now).await?;
    Ok((user.id, workspace.id))
}

fn refuse_when_done(people: u64) -> ApiResult<()> {
    if people == 0 {
        return Ok(());
    }
    Err(Problem::new(Code::Conflict)
        .detail("The first admin is there already.")
        .next_step("Sign in instead."))
}
