//! Hosts of a vulnerability, and vulnerabilities of a host.

use axum::{Json, extract::State};
use luumen_api::{
    Code, Cursor,
    access::Permission,
    vulnerabilities::{FindingHosts, FindingHostsQuery, HostFindings, HostFindingsQuery},
};
use luumen_model::HostId;
use luumen_store::{
    findings::{self, FindingFilter},
    hosts::StateClock,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire;
use crate::{
    app::AppState,
    caller::Caller,
    http::{Id, QueryOf},
    problem::{ApiResult, Problem},
    routes::{hosts::clock_of, wire::limit},
};

/// Packages that one vulnerability is in; no vulnerability comes near.
const MOST_PACKAGES: u64 = 1000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(vulnerability_hosts))
        .routes(routes!(host_findings))
}

/// The findings of one vulnerability, the package that most hosts have first.
pub(super) async fn findings_of(
    state: &AppState,
    caller: &Caller,
    vulnerability: &str,
    clock: StateClock,
) -> ApiResult<Vec<findings::Finding>> {
    let wanted = findings::FindingQuery {
        filter: FindingFilter {
            vulnerability: Some(vulnerability.to_owned()),
            ..FindingFilter::default()
        },
        sort: findings::FindingSort::Hosts,
        descending: true,
        limit: MOST_PACKAGES,
        ..findings::FindingQuery::default()
    };
    let page = findings::list(state.store.read(), caller.workspace, &wanted, clock).await?;
    Ok(page.items)
}

/// Hosts that have a vulnerability, or had it
#[utoipa::path(
    get, path = "/vulnerabilities/{id}/hosts", tag = "Vulnerabilities", security(("session" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "`CVE-…`, or its source's own id"), FindingHostsQuery),
    responses((status = 200, body = FindingHosts)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn vulnerability_hosts(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<String>,
    QueryOf(query): QueryOf<FindingHostsQuery>,
) -> ApiResult<Json<FindingHosts>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let clock = clock_of(&state, &caller).await?;
    let mut own = findings_of(&state, &caller, &id, clock).await?;
    match &query.package {
        Some(package) => own.retain(|finding| finding.package == *package),
        // What is only information is told of hosts by name, and stands beside no finding.
        None if own.iter().any(|finding| finding.verdict != findings::INFORMATION) => {
            own.retain(|finding| finding.verdict != findings::INFORMATION);
        }
        None => {}
    }
    if own.is_empty() {
        return Err(Problem::new(Code::NotFound)
            .detail("No host of this workspace has this vulnerability, or had it.")
            .next_step("Check the id and the package."));
    }
    let (place, inner) = place_in(query.cursor.as_deref(), own.len())?;
    let (mut items, mut total, mut next) = (Vec::new(), 0, None);
    let (db, limit) = (state.store.read(), limit(query.limit));
    for (at, finding) in own.iter().enumerate() {
        let left = limit.saturating_sub(items.len() as u64);
        let wanted = findings::FindingHostQuery {
            state: query.state.map(wire::asked_state),
            text: query.q.as_deref().filter(|text| !text.is_empty()),
            among: None,
            cursor: (at == place).then_some(inner.as_deref()).flatten(),
            // Also packages before and behind the page are counted.
            limit: left.max(1),
        };
        let page = findings::hosts_of(db, caller.workspace, finding, &wanted, clock).await?;
        total += page.total;
        if at < place || next.is_some() {
            continue;
        }
        if left == 0 {
            next = (page.total > 0).then(|| cursor_at(at, None));
            continue;
        }
        for host in page.items {
            items.push(wire::on_host(host, &finding.package)?);
        }
        next = page.next.map(|inner| cursor_at(at, Some(&inner)));
    }
    Ok(Json(FindingHosts { items, total, next }))
}

/// The page goes through one package after the other: which one, and where in it.
fn cursor_at(place: usize, inner: Option<&str>) -> Cursor {
    Cursor(format!("{place}.{}", inner.unwrap_or_default()))
}

fn place_in(cursor: Option<&str>, packages: usize) -> ApiResult<(usize, Option<String>)> {
    let Some(cursor) = cursor else {
        return Ok((0, None));
    };
    let parts = cursor.split_once('.');
    let parts = parts.and_then(|(place, inner)| Some((place.parse::<usize>().ok()?, inner)));
    match parts {
        Some((place, inner)) if place < packages => {
            Ok((place, Some(inner.to_owned()).filter(|inner| !inner.is_empty())))
        }
        _ => Err(Problem::new(Code::BadRequest)
            .field("cursor", "this is not a `next` that the server answered")
            .next_step("Leave the cursor out to begin with the first page.")),
    }
}

/// What one host has, and what of it could not be judged
#[utoipa::path(
    get, path = "/hosts/{id}/vulnerabilities", tag = "Vulnerabilities", security(("session" = []), ("bearer" = [])),
    params(("id" = HostId, Path), HostFindingsQuery),
    responses((status = 200, body = HostFindings)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn host_findings(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<HostId>,
    QueryOf(query): QueryOf<HostFindingsQuery>,
) -> ApiResult<Json<HostFindings>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let clock = clock_of(&state, &caller).await?;
    let wanted = findings::HostFindingQuery {
        text: query.q.as_deref().filter(|text| !text.is_empty()),
        severities: wire::severities(query.severity.as_deref()),
        state: query.state.map(wire::asked_state),
        information: query.informational.unwrap_or_default(),
        cursor: query.cursor.as_deref(),
        limit: limit(query.limit),
    };
    let found = findings::of_host(state.store.read(), caller.workspace, id, &wanted, clock.now).await?;
    let assessment = found.assessment;
    let catalogue = wire::catalogue(&state);
    let told = |finding| wire::host_finding(finding, catalogue.as_ref());
    Ok(Json(HostFindings {
        items: found.items.into_iter().map(told).collect::<ApiResult<_>>()?,
        total: found.total,
        next: found.next.map(Cursor),
        open: wire::severity_counts(found.open),
        informational_count: found.information_count,
        assessed_at: assessment.assessed_at,
        catalogue_at: assessment.catalogue_at,
        platform: assessment.platform,
        not_evaluated: assessment
            .not_evaluated
            .into_iter()
            .map(wire::not_evaluated)
            .collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::{cursor_at, place_in};

    #[track_caller]
    fn check(cursor: &str, expected: Option<(usize, Option<&str>)>) {
        let found = place_in(Some(cursor), 3).ok();
        let found = found.as_ref().map(|(place, inner)| (*place, inner.as_deref()));
        assert_eq!(found, expected, "{cursor}");
    }

    #[test]
    fn a_cursor_names_a_package_and_a_place_in_it() {
        check(&cursor_at(2, Some("abc")).0, Some((2, Some("abc"))));
        check(&cursor_at(1, None).0, Some((1, None)));
        for bad in ["", "x", "x.y", "3.a", "-1.a"] {
            check(bad, None);
        }
    }
}
