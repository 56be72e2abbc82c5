//! What happened when: the trend, and every change.

use axum::{Json, extract::State};
use luumen_api::{
    Cursor,
    access::Permission,
    vulnerabilities::{
        FindingEvent, FindingEventKind, FindingEventList, FindingEventQuery, Trend, TrendDay, TrendQuery,
    },
};
use luumen_store::findings;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire;
use crate::{app::AppState, caller::Caller, clock, http::QueryOf, problem::ApiResult, routes::wire::limit};

/// Days of a trend, unless told.
const USUAL_DAYS: i64 = 90;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(finding_trend))
        .routes(routes!(finding_events))
}

/// Open findings by day
#[utoipa::path(
    get, path = "/vulnerabilities/trend", tag = "Vulnerabilities", security(("session" = []), ("bearer" = [])), params(TrendQuery),
    responses((status = 200, body = Trend)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn finding_trend(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<TrendQuery>,
) -> ApiResult<Json<Trend>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let days = query.days.unwrap_or(USUAL_DAYS);
    let found = findings::trend(state.store.read(), caller.workspace, days, clock::now()).await?;
    let day = |one: findings::TrendDay| TrendDay {
        day: wire::day(one.day),
        on_hosts: wire::severity_counts(one.on_hosts),
        findings: wire::severity_counts(one.findings),
        opened: one.opened,
        fixed: one.fixed,
    };
    Ok(Json(Trend {
        items: found.into_iter().map(day).collect(),
    }))
}

/// What was opened, fixed, reopened or could no longer be judged, newest first
#[utoipa::path(
    get, path = "/vulnerabilities/events", tag = "Vulnerabilities", security(("session" = []), ("bearer" = [])), params(FindingEventQuery),
    responses((status = 200, body = FindingEventList)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn finding_events(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<FindingEventQuery>,
) -> ApiResult<Json<FindingEventList>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let wanted = findings::FindingEventQuery {
        kind: query.kind.map(asked_kind),
        vulnerability: query.vulnerability.as_deref(),
        package: query.package.as_deref(),
        host: query.host,
        cursor: query.cursor.as_deref(),
        limit: limit(query.limit),
    };
    let page = findings::events(state.store.read(), caller.workspace, &wanted).await?;
    Ok(Json(FindingEventList {
        items: page.items.into_iter().map(event).collect(),
        next: page.next.map(Cursor),
    }))
}

fn event(from: findings::FindingEvent) -> FindingEvent {
    FindingEvent {
        id: from.id.to_string(),
        at: from.at,
        kind: kind(from.kind),
        vulnerability: from.vulnerability,
        package: from.package,
        severity: from.severity,
        kev: from.kev,
        host_count: from.host_count,
        hosts: from.hosts.into_iter().map(wire::host_ref).collect(),
    }
}

fn kind(from: findings::FindingEventKind) -> FindingEventKind {
    match from {
        findings::FindingEventKind::Opened => FindingEventKind::Opened,
        findings::FindingEventKind::Fixed => FindingEventKind::Fixed,
        findings::FindingEventKind::Reopened => FindingEventKind::Reopened,
        findings::FindingEventKind::NotEvaluable => FindingEventKind::NotEvaluable,
        findings::FindingEventKind::Evaluable => FindingEventKind::Evaluable,
        findings::FindingEventKind::Removed => FindingEventKind::Removed,
    }
}

fn asked_kind(from: FindingEventKind) -> findings::FindingEventKind {
    match from {
        FindingEventKind::Opened => findings::FindingEventKind::Opened,
        FindingEventKind::Fixed => findings::FindingEventKind::Fixed,
        FindingEventKind::Reopened => findings::FindingEventKind::Reopened,
        FindingEventKind::NotEvaluable => findings::FindingEventKind::NotEvaluable,
        FindingEventKind::Evaluable => findings::FindingEventKind::Evaluable,
        FindingEventKind::Removed => findings::FindingEventKind::Removed,
    }
}
