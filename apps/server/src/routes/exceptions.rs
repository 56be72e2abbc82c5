//! Exceptions: findings that somebody has decided to live with.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::LOCATION};
use luumen_api::{
    Cursor,
    access::Permission,
    exceptions::{Exception, ExceptionList, ExceptionQuery, ExceptionState, NewException, UpdateException},
    vulnerabilities::HostRef,
};
use luumen_model::{HostId, Timestamp, WorkspaceId};
use luumen_store::{
    StoreError, api_keys,
    exceptions::{self, ExceptionChange},
    hosts::{self, StateClock},
    jobs::{self, JobKind},
    transaction, users,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{hosts::clock_of, vulnerabilities::wire, wire::limit};
use crate::{
    app::AppState,
    caller::{Caller, Who},
    clock,
    http::{Body, Id, QueryOf},
    openapi::PREFIX,
    problem::{ApiResult, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_exceptions, create_exception))
        .routes(routes!(get_exception, update_exception, delete_exception))
}

/// Exceptions, newest first
#[utoipa::path(
    get, path = "/exceptions", tag = "Exceptions", security(("session" = []), ("bearer" = [])), params(ExceptionQuery),
    responses((status = 200, body = ExceptionList)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn list_exceptions(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<ExceptionQuery>,
) -> ApiResult<Json<ExceptionList>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let clock = clock_of(&state, &caller).await?;
    let wanted = exceptions::ExceptionQuery {
        holds: query.state.map(|state| state == ExceptionState::Active),
        vulnerability: query.vulnerability.as_deref(),
        package: query.package.as_deref(),
        cursor: query.cursor.as_deref(),
        limit: limit(query.limit),
    };
    let page = exceptions::list(state.store.read(), caller.workspace, &wanted, clock.now).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for exception in page.items {
        items.push(told(&state, caller.workspace, exception, clock).await?);
    }
    Ok(Json(ExceptionList {
        items,
        next: page.next.map(Cursor),
    }))
}

/// Accept findings, with a reason and until a day
#[utoipa::path(
    post, path = "/exceptions", tag = "Exceptions", security(("session" = []), ("bearer" = [])), request_body = NewException,
    responses((status = 201, body = Exception), (status = 404, description = "There is no such host in this workspace", body = luumen_api::ProblemDetails, content_type = "application/problem+json")),
    extensions(("x-permission" = json!("write_exceptions"))),
)]
async fn create_exception(
    caller: Caller,
    State(state): State<AppState>,
    Body(new): Body<NewException>,
) -> ApiResult<Response> {
    caller.may(Permission::WriteExceptions)?;
    let clock = clock_of(&state, &caller).await?;
    if new.expires_at.is_some_and(|end| end <= clock.now) {
        return Err(Problem::invalid_field("expires_at", "lies in the past"));
    }
    let (workspace, now) = (caller.workspace, clock.now);
    if let Some(host) = new.host {
        hosts::get(state.store.read(), workspace, host, clock).await?;
    }
    let new = stored(new, name_of(&state, &caller).await?);
    let made = transaction!(&state.store, Problem, |tx| async {
        let made = exceptions::create(tx, workspace, &new, now).await?;
        jobs::enqueue(tx, workspace, JobKind::AssessHosts, None, now, now).await?;
        Ok::<_, Problem>(made)
    })?;
    let address = format!("{PREFIX}/exceptions/{}", made.id);
    let made = told(&state, workspace, made, clock).await?;
    Ok((StatusCode::CREATED, [(LOCATION, address)], Json(made)).into_response())
}

/// One exception
#[utoipa::path(
    get, path = "/exceptions/{id}", tag = "Exceptions", security(("session" = []), ("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Exception)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn get_exception(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<Uuid>,
) -> ApiResult<Json<Exception>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let clock = clock_of(&state, &caller).await?;
    let exception = exceptions::get(state.store.read(), caller.workspace, id).await?;
    Ok(Json(told(&state, caller.workspace, exception, clock).await?))
}

/// Change an exception; only what is given changes, an empty text clears
#[utoipa::path(
    patch, path = "/exceptions/{id}", tag = "Exceptions", security(("session" = []), ("bearer" = [])),
    params(("id" = Uuid, Path)), request_body = UpdateException,
    responses((status = 200, body = Exception)), extensions(("x-permission" = json!("write_exceptions"))),
)]
async fn update_exception(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<Uuid>,
    Body(update): Body<UpdateException>,
) -> ApiResult<Json<Exception>> {
    caller.may(Permission::WriteExceptions)?;
    let clock = clock_of(&state, &caller).await?;
    let (workspace, now) = (caller.workspace, clock.now);
    let change = ExceptionChange {
        kind: update.kind.map(wire::to_word),
        reason: update.reason,
        owner: update.owner,
        ticket: update.ticket,
        expires_at: match update.never_expires {
            Some(true) => Some(None),
            _ => update.expires_at.map(Some),
        },
    };
    let changed = transaction!(&state.store, Problem, |tx| async {
        let changed = exceptions::update(tx, workspace, id, &change, now).await?;
        jobs::enqueue(tx, workspace, JobKind::AssessHosts, None, now, now).await?;
        Ok::<_, Problem>(changed)
    })?;
    Ok(Json(told(&state, workspace, changed, clock).await?))
}

/// Delete an exception; what it covered is open again
#[utoipa::path(
    delete, path = "/exceptions/{id}", tag = "Exceptions", security(("session" = []), ("bearer" = [])),
    params(("id" = Uuid, Path)), responses((status = 204, description = "It is gone")),
    extensions(("x-permission" = json!("write_exceptions"))),
)]
async fn delete_exception(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<Uuid>,
) -> ApiResult<StatusCode> {
    caller.may(Permission::WriteExceptions)?;
    let (workspace, now) = (caller.workspace, clock::now());
    transaction!(&state.store, Problem, |tx| async {
        exceptions::delete(tx, workspace, id).await?;
        jobs::enqueue(tx, workspace, JobKind::AssessHosts, None, now, now).await?;
        Ok::<_, Problem>(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

fn stored(from: NewException, created_by: String) -> exceptions::NewException {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    exceptions::NewException {
        kind: wire::to_word(from.kind),
        vulnerability: from.vulnerability,
        package: from.package,
        tag: from.tag,
        host: from.host,
        reason: from.reason,
        owner: given(from.owner),
        ticket: given(from.ticket),
        expires_at: from.expires_at,
        created_by: Some(created_by),
    }
}

/// Who answers for a change: a person, or the API key.
async fn name_of(state: &AppState, caller: &Caller) -> ApiResult<String> {
    Ok(match &caller.who {
        Who::Person(person) => users::get(state.store.read(), person.user).await?.name,
        Who::Key(key) => {
            api_keys::get(state.store.read(), caller.workspace, *key)
                .await?
                .name
        }
    })
}

async fn told(
    state: &AppState,
    workspace: WorkspaceId,
    from: exceptions::Exception,
    clock: StateClock,
) -> ApiResult<Exception> {
    let host = match from.host {
        Some(id) => host_named(state, workspace, id, clock).await?,
        None => None,
    };
    Ok(Exception {
        id: from.id.to_string(),
        state: state_at(&from, clock.now),
        kind: wire::from_word("kind of exception", &from.kind)?,
        vulnerability: from.vulnerability,
        package: from.package,
        tag: from.tag,
        host,
        reason: from.reason,
        owner: from.owner,
        ticket: from.ticket,
        expires_at: from.expires_at,
        created_at: from.created_at,
        created_by: from.created_by,
        updated_at: from.updated_at,
    })
}

fn state_at(exception: &exceptions::Exception, now: Timestamp) -> ExceptionState {
    if exception.holds_at(now) {
        ExceptionState::Active
    } else {
        ExceptionState::Expired
    }
}

/// The host by name. One that was deleted since keeps its id, because without it the exception would read as one for all hosts.
async fn host_named(
    state: &AppState,
    workspace: WorkspaceId,
    id: HostId,
    clock: StateClock,
) -> ApiResult<Option<HostRef>> {
    let name = match hosts::get(state.store.read(), workspace, id, clock).await {
        Ok(host) => host.name,
        Err(StoreError::NotFound(_)) => "(deleted)".to_owned(),
        Err(error) => return Err(error.into()),
    };
    Ok(Some(HostRef { id, name }))
}
