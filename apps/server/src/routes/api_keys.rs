//! API keys: made, rotated and revoked by people; shown once.

use axum::{Json, extract::State};
use http::StatusCode;
use luumen_api::{
    Code,
    access::{ApiKey, ApiKeyCreated, ApiKeyList, NewApiKey, Permission, RotateApiKey},
};
use luumen_model::{ApiKeyId, Timestamp};
use luumen_store::{
    TokenHash,
    api_keys::{self, Rotated},
    transaction,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire;
use crate::{
    app::AppState,
    caller::Caller,
    clock,
    http::{Body, Id},
    problem::{ApiResult, Problem},
    secrets,
};

/// How long the old key works after a rotation, unless told.
const USUAL_OVERLAP_S: i64 = 86_400;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_api_keys, create_api_key))
        .routes(routes!(revoke_api_key))
        .routes(routes!(rotate_api_key))
}

/// All API keys, without their secrets
#[utoipa::path(
    get, path = "/api-keys", tag = "API keys", security(("session" = []), ("bearer" = [])),
    responses((status = 200, body = ApiKeyList)), extensions(("x-permission" = json!("read_api_keys"))),
)]
async fn list_api_keys(caller: Caller, State(state): State<AppState>) -> ApiResult<Json<ApiKeyList>> {
    caller.may(Permission::ReadApiKeys)?;
    let keys = api_keys::list(state.store.read(), caller.workspace).await?;
    Ok(Json(ApiKeyList {
        items: keys.into_iter().map(wire::api_key).collect(),
    }))
}

/// Make an API key; the answer is the only time that it is shown
#[utoipa::path(
    post, path = "/api-keys", tag = "API keys", security(("session" = [])),
    request_body = NewApiKey, responses((status = 201, body = ApiKeyCreated)),
    extensions(("x-permission" = json!("write_api_keys"))),
)]
async fn create_api_key(
    caller: Caller,
    State(state): State<AppState>,
    Body(new): Body<NewApiKey>,
) -> ApiResult<(StatusCode, Json<ApiKeyCreated>)> {
    caller.may(Permission::WriteApiKeys)?;
    let now = clock::now();
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(Problem::invalid_field("expires_at", "must lie in the future"));
    }
    let (secret, prefix) = secrets::new_api_key()?;
    let row = api_keys::NewApiKey {
        name: new.name.trim(),
        scope: wire::scope(new.scope),
        prefix: &prefix,
        hash: TokenHash::of(secret.expose_secret()),
        expires_at: new.expires_at,
    };
    let key = api_keys::create(state.store.writer(), caller.workspace, &row, now).await?;
    let created = ApiKeyCreated {
        key: wire::api_key(key),
        secret: secret.expose_secret().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revoke an API key
#[utoipa::path(
    delete, path = "/api-keys/{id}", tag = "API keys", security(("session" = [])),
    params(("id" = ApiKeyId, Path)), responses((status = 200, body = ApiKey)),
    extensions(("x-permission" = json!("write_api_keys"))),
)]
async fn revoke_api_key(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<ApiKeyId>,
) -> ApiResult<Json<ApiKey>> {
    caller.may(Permission::WriteApiKeys)?;
    let key = transaction!(&state.store, Problem, |tx| api_keys::revoke(
        tx,
        caller.workspace,
        id,
        clock::now()
    ))?;
    Ok(Json(wire::api_key(key)))
}

/// Give an API key a new secret; the old one goes on working for a while
#[utoipa::path(
    post, path = "/api-keys/{id}/rotate", tag = "API keys", security(("session" = [])),
    params(("id" = ApiKeyId, Path)), request_body = RotateApiKey,
    responses(
        (status = 200, body = ApiKeyCreated),
        (status = 409, description = "The key is revoked or expired, or two secrets of it are in use", body = luumen_api::ProblemDetails, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("write_api_keys"))),
)]
async fn rotate_api_key(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<ApiKeyId>,
    Body(rotate): Body<RotateApiKey>,
) -> ApiResult<Json<ApiKeyCreated>> {
    caller.may(Permission::WriteApiKeys)?;
    let before = api_keys::get(state.store.read(), caller.workspace, id).await?;
    if before.revoked_at.is_some() {
        let problem = Problem::new(Code::Conflict).detail("This key is revoked.");
        return Err(problem.next_step("Make a new key instead."));
    }
    let now = clock::now();
    let overlap_until = now.plus_millis(rotate.overlap_s.unwrap_or(USUAL_OVERLAP_S) * 1000);
    let (secret, prefix) = secrets::new_api_key()?;
    let hash = TokenHash::of(secret.expose_secret());
    let rotated = transaction!(&state.store, Problem, |tx| {
        api_keys::rotate(tx, caller.workspace, id, &prefix, hash, overlap_until, now)
    })?;
    let key = match rotated {
        Rotated::Done(key) => key,
        Rotated::TwoInUse { until } => return Err(two_in_use(until)),
        Rotated::Over { since } => {
            let problem = Problem::new(Code::Conflict).detail(format!("This key expired at {since}."));
            return Err(problem.next_step("Make a new key instead."));
        }
    };
    Ok(Json(ApiKeyCreated {
        key: wire::api_key(key),
        secret: secret.expose_secret().to_owned(),
    }))
}

fn two_in_use(until: Timestamp) -> Problem {
    Problem::new(Code::Conflict)
        .detail(format!(
            "This key was rotated before, and its former secret still works until {until}. \
             Another rotation would end it at once, for whoever still uses it."
        ))
        .next_step("Wait until then, or rotate without an overlap if all former secrets are to end now.")
}
