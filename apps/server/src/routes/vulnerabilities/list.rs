//! The list of findings, with its facets, and the numbers of the first page.

use axum::{Json, extract::State};
use luumen_api::{
    Cursor,
    access::Permission,
    hosts::FacetValue,
    vulnerabilities::{
        AssessmentFailure, FindingFacets, FindingList, FindingQuery, FindingSummary, TabCounts,
    },
};
use luumen_store::{
    feeds, findings, hosts,
    jobs::{self, JobKind, JobState},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{fixes, wire};
use crate::{
    app::AppState,
    caller::Caller,
    http::QueryOf,
    problem::ApiResult,
    routes::{
        feeds::{is_behind, merged},
        hosts::clock_of,
        wire::limit,
    },
};

/// Fixes that the first page shows.
const TOP_FIXES: u64 = 5;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_findings))
        .routes(routes!(finding_facets))
        .routes(routes!(finding_summary))
}

/// Vulnerabilities by package, as the filter asks
#[utoipa::path(
    get, path = "/vulnerabilities", tag = "Vulnerabilities", security(("session" = []), ("bearer" = [])), params(FindingQuery),
    responses((status = 200, body = FindingList)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn list_findings(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<FindingQuery>,
) -> ApiResult<Json<FindingList>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let (db, workspace) = (state.store.read(), caller.workspace);
    let clock = clock_of(&state, &caller).await?;
    let (sort, descending) = wire::sort(&query);
    let wanted = findings::FindingQuery {
        filter: wire::filter(&query),
        sort,
        descending,
        cursor: query.cursor.as_deref(),
        limit: limit(query.limit),
    };
    let page = findings::list(db, workspace, &wanted, clock).await?;
    let catalogue = wire::catalogue(&state);
    let rated = |finding| wire::rated(finding, catalogue.as_ref());
    Ok(Json(FindingList {
        items: page.items.into_iter().map(rated).collect::<ApiResult<_>>()?,
        total: page.total,
        next: page.next.map(Cursor),
        catalogue: catalogue.as_ref().map(wire::catalogue_info),
        not_evaluable_host_count: findings::not_evaluable_host_count(db, workspace).await?,
    }))
}

/// How many of the filtered findings have which severity, fix, system, …
#[utoipa::path(
    get, path = "/vulnerabilities/facets", tag = "Vulnerabilities", security(("session" = []), ("bearer" = [])), params(FindingQuery),
    responses((status = 200, body = FindingFacets)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn finding_facets(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<FindingQuery>,
) -> ApiResult<Json<FindingFacets>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let clock = clock_of(&state, &caller).await?;
    let filter = wire::filter(&query);
    let found = findings::facets(state.store.read(), caller.workspace, &filter, clock).await?;
    let facets = [
        ("severity", found.severity),
        ("kev", found.kev),
        ("epss", found.epss),
        ("fix", found.fix),
        ("exposure", found.exposure),
        ("end_of_life", found.end_of_life),
        ("os", found.os),
        ("package", found.package),
        ("tag", found.tag),
    ];
    Ok(Json(FindingFacets {
        facets: facets
            .into_iter()
            .map(|(name, values)| (name.to_owned(), values.into_iter().map(value).collect()))
            .collect(),
        tabs: TabCounts {
            active: found.tabs.active,
            resolved: found.tabs.resolved,
            excepted: found.tabs.excepted,
            informational: found.tabs.informational,
        },
    }))
}

fn value(from: hosts::FacetValue) -> FacetValue {
    FacetValue {
        value: from.value,
        count: from.count,
    }
}

fn assessment_failure(job: jobs::Job) -> Option<AssessmentFailure> {
    Some(AssessmentFailure {
        next_try_at: (job.state == JobState::Queued).then_some(job.run_after),
        error: job.error?,
    })
}

/// What needs a person today
#[utoipa::path(
    get, path = "/vulnerabilities/summary", tag = "Vulnerabilities", security(("session" = []), ("bearer" = [])),
    responses((status = 200, body = FindingSummary)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn finding_summary(caller: Caller, State(state): State<AppState>) -> ApiResult<Json<FindingSummary>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let (db, workspace) = (state.store.read(), caller.workspace);
    let clock = clock_of(&state, &caller).await?;
    let numbers = findings::summary(db, workspace, clock).await?;
    let wanted = findings::FixQuery {
        limit: TOP_FIXES,
        ..findings::FixQuery::default()
    };
    let top = findings::fixes(db, workspace, &wanted, clock).await?;
    let gaps = findings::coverage_gaps(db, workspace).await?;
    let failing = jobs::failing(db, workspace, JobKind::AssessHosts).await?;
    let catalogue = wire::catalogue(&state);
    let known = merged(feeds::list(db).await?, catalogue.as_ref());
    let behind = known.values().filter(|feed| is_behind(feed, clock.now)).count();
    Ok(Json(FindingSummary {
        generated_at: clock.now,
        findings: wire::severity_counts(numbers.findings),
        on_hosts: wire::severity_counts(numbers.on_hosts),
        kev_count: numbers.kev_count,
        fix_available_count: numbers.fix_available_count,
        excepted_count: numbers.excepted_count,
        opened_today_count: numbers.opened_today_count,
        fixed_today_count: numbers.fixed_today_count,
        affected_host_count: numbers.affected_host_count,
        assessed_host_count: numbers.assessed_host_count,
        not_evaluable_host_count: numbers.not_evaluable_host_count,
        not_evaluated: gaps.into_iter().map(wire::coverage_gap).collect(),
        informational_count: numbers.information_count,
        fixes: top.items.into_iter().map(fixes::fix).collect(),
        stale_feed_count: i64::try_from(behind).unwrap_or(i64::MAX),
        catalogue: catalogue.as_ref().map(wire::catalogue_info),
        assessed_at: numbers.assessed_at,
        assessment_failure: failing.and_then(assessment_failure),
    }))
}
