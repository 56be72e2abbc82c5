//! One vulnerability: what it is, where it is, and everything that anyone says of it.

use std::collections::{BTreeMap, HashSet};

use axum::{Json, extract::State};
use luumen_api::{
    Code,
    access::Permission,
    vulnerabilities::{EpssScore, HostsOnDay, PackageFinding, VulnerabilityPage},
};
use luumen_catalogue::{Catalogue, VulnerabilityId};
use luumen_model::{Os, advisory::Claim};
use luumen_store::{
    findings,
    hosts::{self, HostFilter, StateClock},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{hosts::findings_of, wire};
use crate::{
    app::AppState,
    caller::Caller,
    http::Id,
    problem::{ApiResult, Problem},
    routes::hosts::clock_of,
};

/// Claims that the page shows.
const MOST_CLAIMS: usize = 1000;
/// How far back its plot goes.
const TREND_DAYS: i64 = 90;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_vulnerability))
}

/// One vulnerability: what it is, where it is, and everything that is said of it
#[utoipa::path(
    get, path = "/vulnerabilities/{id}", tag = "Vulnerabilities", security(("session" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "`CVE-…`, or its source's own id")),
    responses((status = 200, body = VulnerabilityPage)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn get_vulnerability(
    caller: Caller,
    State(state): State<AppState>,
    Id(id): Id<String>,
) -> ApiResult<Json<VulnerabilityPage>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let clock = clock_of(&state, &caller).await?;
    let own = findings_of(&state, &caller, &id, clock).await?;
    let catalogue = wire::catalogue(&state);
    let known = catalogue
        .as_ref()
        .and_then(|catalogue| catalogue.vulnerability(&id));
    if own.is_empty() && known.is_none() {
        return Err(unknown(catalogue.is_some()));
    }
    let (platforms, trend) = (
        platforms(&state, &caller, clock).await?,
        trend(&state, &caller, &own, clock).await?,
    );
    let mut page = from_findings(id, &own);
    page.trend = trend;
    page.packages = packages(&state, &caller, own).await?;
    if let Some(catalogue) = &catalogue {
        page.catalogue = Some(wire::catalogue_info(catalogue));
        if let Some(known) = known {
            describe(&mut page, catalogue, known);
            add_claims(&mut page, catalogue, known, &platforms);
        }
    }
    Ok(Json(page))
}

fn unknown(has_catalogue: bool) -> Problem {
    let next_step = if has_catalogue {
        "Check the id; it may be too new for the feeds, or known by another id."
    } else {
        "Wait until the feeds are read, or import a bundle: no catalogue is there yet."
    };
    Problem::new(Code::NotFound)
        .detail("No feed speaks of this vulnerability, and no host has it.")
        .next_step(next_step)
}

/// What our own rows say, for when the catalogue no longer knows it.
fn from_findings(id: String, own: &[findings::Finding]) -> VulnerabilityPage {
    let first = own.first();
    VulnerabilityPage {
        id,
        title: first.and_then(|finding| finding.title.clone()),
        severity: own
            .iter()
            .map(|finding| finding.severity)
            .max()
            .unwrap_or_default(),
        score: first.and_then(|finding| finding.score),
        score_version: first.and_then(|finding| finding.score_version.clone()),
        published_at: None,
        rejected: false,
        kev: None,
        epss: first
            .and_then(|finding| finding.epss)
            .map(|probability| EpssScore {
                probability,
                percentile: None,
            }),
        sources: Vec::new(),
        packages: Vec::new(),
        claims: Vec::new(),
        other_claim_count: 0,
        claims_truncated: false,
        trend: Vec::new(),
        catalogue: None,
    }
}

fn describe(page: &mut VulnerabilityPage, catalogue: &Catalogue, known: VulnerabilityId) {
    let detail = catalogue.detail(known);
    page.kev = detail.kev;
    page.sources = detail.vulnerabilities;
    let titles = page.sources.iter().filter_map(|source| source.title.clone());
    page.title = page.title.take().or_else(|| titles.into_iter().next());
    let Some(view) = catalogue.view(known) else { return };
    page.severity = view.severity;
    page.score = view.score;
    page.score_version = view.score_version.map(str::to_owned);
    page.published_at = view.published_at;
    page.rejected = view.rejected;
    page.epss = view.epss.map(|probability| EpssScore {
        probability,
        percentile: view.epss_percentile,
    });
}

/// Claims on the platforms that the workspace has, and on those that any host may have: ecosystems.
fn add_claims(
    page: &mut VulnerabilityPage,
    catalogue: &Catalogue,
    known: VulnerabilityId,
    platforms: &HashSet<String>,
) {
    let mut claims: Vec<Claim> = Vec::new();
    for claim in catalogue.claims_about(known) {
        let platform = claim.platform();
        let concerns = platform.release.is_empty() || platforms.contains(&platform.to_string());
        if !concerns {
            page.other_claim_count += 1;
        } else if claims.len() < MOST_CLAIMS {
            claims.push(claim.to_claim());
        } else {
            page.claims_truncated = true;
        }
    }
    claims.sort_by(|a, b| {
        let key = |claim: &Claim| (claim.platform.clone(), claim.package.clone(), claim.authority);
        key(a).cmp(&key(b)).then_with(|| a.channel.cmp(&b.channel))
    });
    page.claims = claims;
}

/// The platforms that hosts of the workspace may be, from the systems and the releases that there are: also those on which nothing
/// is open, because their claims say why.
async fn platforms(state: &AppState, caller: &Caller, clock: StateClock) -> ApiResult<HashSet<String>> {
    let filter = HostFilter::default();
    let facets = hosts::facets(state.store.read(), caller.workspace, &filter, clock).await?;
    let mut releases: Vec<Option<String>> =
        facets.os_version.into_iter().map(|one| Some(one.value)).collect();
    releases.push(None);
    let mut platforms = HashSet::new();
    for id in facets.os {
        for version_id in &releases {
            let os = Os {
                id: id.value.clone(),
                version_id: version_id.clone(),
                ..Os::default()
            };
            platforms.extend(luumen_vuln::platform_of(&os).map(|platform| platform.to_string()));
        }
    }
    Ok(platforms)
}

async fn packages(
    state: &AppState,
    caller: &Caller,
    own: Vec<findings::Finding>,
) -> ApiResult<Vec<PackageFinding>> {
    let catalogue = wire::catalogue(state);
    let mut packages = Vec::with_capacity(own.len());
    for finding in own {
        let variants = findings::variants_of(state.store.read(), caller.workspace, finding.id, None).await?;
        let variants = variants
            .into_iter()
            .map(|(variant, hosts)| wire::variant(variant, hosts));
        packages.push(PackageFinding {
            variants: variants.collect::<ApiResult<_>>()?,
            finding: wire::rated(finding, catalogue.as_ref())?,
        });
    }
    Ok(packages)
}

/// Hosts by day. A host with two packages that have it counts with the package that most hosts have.
async fn trend(
    state: &AppState,
    caller: &Caller,
    own: &[findings::Finding],
    clock: StateClock,
) -> ApiResult<Vec<HostsOnDay>> {
    let mut days: BTreeMap<i64, i64> = BTreeMap::new();
    for finding in own {
        let counted = findings::hosts_by_day(
            state.store.read(),
            caller.workspace,
            finding.id,
            TREND_DAYS,
            clock.now,
        )
        .await?;
        for one in counted {
            let most = days.entry(one.day).or_default();
            *most = (*most).max(one.open_host_count);
        }
    }
    let days = days.into_iter().map(|(day, open_host_count)| HostsOnDay {
        day: wire::day(day),
        open_host_count,
    });
    Ok(days.collect())
}
