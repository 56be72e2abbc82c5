//! Hosts: the list people look at, and what an admin says about each.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION},
};
use luumen_api::{
    Cursor,
    access::Permission,
    hosts::{Host, HostFacets, HostList, HostQuery, NewHost, UpdateHost},
};
use luumen_model::HostId;
use luumen_store::{
    hosts::{self, HostChange, StateClock},
    transaction, workspaces,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire;
use crate::{
    app::AppState,
    caller::Caller,
    clock, csv_out, filter,
    http::{Body, Id, QueryOf},
    openapi::PREFIX,
    problem::{ApiResult, Problem},
};

/// Rows that the CSV reads at a time.
const CSV_PAGE: u64 = 1000;
/// Header of an export: of how many hosts it says nothing. Not in the sheet, where a reader would take it for a host.
const UNKNOWN_HOSTS: HeaderName = HeaderName::from_static("luumen-unknown-hosts");

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_hosts, create_host))
        .routes(routes!(host_facets))
        .routes(routes!(hosts_csv))
        .routes(routes!(get_host, update_host, delete_host))
}

/// The moment, by the settings of the caller's workspace.
pub(crate) async fn clock_of(state: &AppState, caller: &Caller) -> ApiResult<StateClock> {
    let workspace = workspaces::get(state.store.read(), caller.workspace).await?;
    Ok(StateClock::of(&workspace, clock::now()))
}

/// The hosts of the workspace
#[utoipa::path(
    get, path = "/hosts", tag = "Hosts", security(("session" = []), ("bearer" = [])), params(HostQuery),
    responses((status = 200, body = HostList)), extensions(("x-permission" = json!("read_hosts"))),
)]
async fn list_hosts(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<HostQuery>,
) -> ApiResult<Json<HostList>> {
    caller.may(Permission::ReadHosts)?;
    let filter = filter::of(&state, &caller, query.q.as_deref()).await?;
    let clock = clock_of(&state, &caller).await?;
    let wanted = hosts::HostQuery {
        filter: filter.filter,
        sort: wire::sort(query.sort.unwrap_or_default()),
        descending: query.descending.unwrap_or(false),
        cursor: query.cursor.as_deref(),
        limit: wire::limit(query.limit),
    };
    let page = hosts::list(state.store.read(), caller.workspace, &wanted, clock).await?;
    Ok(Json(HostList {
        items: page.items.into_iter().map(wire::host_summary).collect(),
        total: page.total,
        unknown_host_count: page.unknown,
        next: page.next.map(Cursor),
        warnings: filter.warnings,
    }))
}

/// How many of the filtered hosts have which state, system, tag, …
#[utoipa::path(
    get, path = "/hosts/facets", tag = "Hosts", security(("session" = []), ("bearer" = [])), params(HostQuery),
    responses((status = 200, body = HostFacets)), extensions(("x-permission" = json!("read_hosts"))),
)]
async fn host_facets(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<HostQuery>,
) -> ApiResult<Json<HostFacets>> {
    caller.may(Permission::ReadHosts)?;
    let filter = filter::of(&state, &caller, query.q.as_deref()).await?.filter;
    let clock = clock_of(&state, &caller).await?;
    let found = hosts::facets(state.store.read(), caller.workspace, &filter, clock).await?;
    Ok(Json(wire::facets(found)))
}

/// Exactly the filtered hosts, as CSV
#[utoipa::path(
    get, path = "/hosts.csv", tag = "Hosts", security(("session" = []), ("bearer" = [])), params(HostQuery),
    responses((status = 200, description = "All matching hosts; `cursor` and `limit` are ignored", body = String, content_type = "text/csv",
        headers(("luumen-unknown-hosts" = i64, description = "Hosts that are not in it because what the filter asks was not read of them")))),
    extensions(("x-permission" = json!("read_hosts"))),
)]
async fn hosts_csv(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<HostQuery>,
) -> ApiResult<Response> {
    caller.may(Permission::ReadHosts)?;
    let filter = filter::of(&state, &caller, query.q.as_deref()).await?.filter;
    let clock = clock_of(&state, &caller).await?;
    let mut sheet = csv_out::HostSheet::new();
    let mut cursor: Option<String> = None;
    let unknown = loop {
        let wanted = hosts::HostQuery {
            filter: filter.clone(),
            sort: wire::sort(query.sort.unwrap_or_default()),
            descending: query.descending.unwrap_or(false),
            cursor: cursor.as_deref(),
            limit: CSV_PAGE,
        };
        let page = hosts::list(state.store.read(), caller.workspace, &wanted, clock).await?;
        page.items
            .into_iter()
            .map(wire::host_summary)
            .for_each(|host| sheet.add(&host));
        match page.next {
            Some(next) => cursor = Some(next),
            None => break page.unknown,
        }
    };
    let headers = [
        (UNKNOWN_HOSTS, HeaderValue::from(unknown)),
        (CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"hosts.csv\""),
        ),
    ];
    Ok((headers, sheet.into_text()).into_response())
}

/// Add a host
#[utoipa::path(
    post, path = "/hosts", tag = "Hosts", security(("session" = []), ("bearer" = [])), request_body = NewHost,
    responses(
        (status = 201, body = Host),
        (status = 409, description = "Another host has that name", body = luumen_api::ProblemDetails, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("write_hosts"))),
)]
async fn create_host(
    caller: Caller,
    State(state): State<AppState>,
    Body(new): Body<NewHost>,
) -> ApiResult<Response> {
    caller.may(Permission::WriteHosts)?;
    let clock = clock_of(&state, &caller).await?;
    let new = wire::new_host(new);
    let host = transaction!(&state.store, Problem, |tx| hosts::create(
        tx,
        caller.workspace,
        &new,
        clock
    ))?;
    let address = format!("{PREFIX}/hosts/{}", host.id);
    Ok((StatusCode::CREATED, [(LOCATION, address)], Json(wire::host(host))).into_response())
}

/// One host
#[utoipa::path(
    get, path = "/hosts/{id}", tag = "Hosts", security(("session" = []), ("bearer" = [])), params(("id" = HostId, Path)),
    responses((status = 200, body = Host)), extensions(("x-permission" = json!("read_hosts"))),
)]
async fn get_host(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<HostId>,
) -> ApiResult<Json<Host>> {
    caller.may(Permission::ReadHosts)?;
    let clock = clock_of(&state, &caller).await?;
    let host = hosts::get(state.store.read(), caller.workspace, id, clock).await?;
    Ok(Json(wire::host(host)))
}

/// Change a host; only what is given changes, an empty text clears
#[utoipa::path(
    patch, path = "/hosts/{id}", tag = "Hosts", security(("session" = []), ("bearer" = [])),
    params(("id" = HostId, Path)), request_body = UpdateHost,
    responses(
        (status = 200, body = Host),
        (status = 409, description = "Another host has that name", body = luumen_api::ProblemDetails, content_type = "application/problem+json"),
    ),
    extensions(("x-permission" = json!("write_hosts"))),
)]
async fn update_host(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<HostId>,
    Body(update): Body<UpdateHost>,
) -> ApiResult<Json<Host>> {
    caller.may(Permission::WriteHosts)?;
    let clock = clock_of(&state, &caller).await?;
    let change = HostChange {
        name: update.name.map(|name| name.trim().to_owned()),
        address: update.address,
        port: update.port,
        username: update.username,
        credential: update.credential,
        notes: update.notes,
        tags: update.tags,
        enabled: update.enabled,
    };
    let host = transaction!(&state.store, Problem, |tx| hosts::update(
        tx,
        caller.workspace,
        id,
        &change,
        clock
    ))?;
    Ok(Json(wire::host(host)))
}

/// Delete a host and its history
#[utoipa::path(
    delete, path = "/hosts/{id}", tag = "Hosts", security(("session" = []), ("bearer" = [])),
    params(("id" = HostId, Path)), responses((status = 204, description = "It is gone")),
    extensions(("x-permission" = json!("write_hosts"))),
)]
async fn delete_host(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<HostId>,
) -> ApiResult<StatusCode> {
    caller.may(Permission::WriteHosts)?;
    transaction!(&state.store, Problem, |tx| hosts::delete(
        tx,
        caller.workspace,
        id
    ))?;
    Ok(StatusCode::NO_CONTENT)
}
