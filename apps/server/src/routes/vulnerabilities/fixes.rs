//! Fixes: which updates close how many findings.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use axum::{Json, extract::State};
use luumen_api::{
    Cursor,
    access::Permission,
    vulnerabilities::{Fix, FixList, FixQuery, FixSort, FixTarget},
};
use luumen_model::advisory::Platform;
use luumen_store::findings;
use luumen_version::Scheme;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::wire;
use crate::{
    app::AppState,
    caller::Caller,
    http::QueryOf,
    problem::ApiResult,
    routes::{hosts::clock_of, wire::limit},
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_fixes))
}

/// Which updates close how many findings
#[utoipa::path(
    get, path = "/vulnerabilities/fixes", tag = "Vulnerabilities", security(("session" = []), ("bearer" = [])), params(FixQuery),
    responses((status = 200, body = FixList)), extensions(("x-permission" = json!("read_vulnerabilities"))),
)]
async fn list_fixes(
    caller: Caller,
    State(state): State<AppState>,
    QueryOf(query): QueryOf<FixQuery>,
) -> ApiResult<Json<FixList>> {
    caller.may(Permission::ReadVulnerabilities)?;
    let clock = clock_of(&state, &caller).await?;
    let wanted = findings::FixQuery {
        filter: findings::FindingFilter {
            text: wire::given(query.q.as_ref()),
            severities: wire::severities(query.severity.as_deref()),
            kev: query.kev,
            os: query.os,
            tag: query.tag,
            ..findings::FindingFilter::default()
        },
        sort: match query.sort.unwrap_or_default() {
            FixSort::Priority => findings::FixSort::Priority,
            FixSort::Findings => findings::FixSort::Findings,
            FixSort::Hosts => findings::FixSort::Hosts,
            FixSort::Package => findings::FixSort::Package,
        },
        cursor: query.cursor.as_deref(),
        limit: limit(query.limit),
    };
    let page = findings::fixes(state.store.read(), caller.workspace, &wanted, clock).await?;
    Ok(Json(FixList {
        items: page.items.into_iter().map(fix).collect(),
        total: page.total,
        next: page.next.map(Cursor),
    }))
}

pub(super) fn fix(from: findings::Fix) -> Fix {
    Fix {
        package: from.package,
        targets: targets(from.versions),
        host_count: from.host_count,
        vulnerability_count: from.vulnerability_count,
        finding_count: from.finding_count,
        severity: from.severity,
        kev_count: from.kev_count,
        vulnerabilities: from.vulnerabilities,
    }
}

/// One target for each platform and channel: the newest of its versions closes what the older ones do. A version that cannot be
/// compared stays a target of its own.
fn targets(versions: Vec<findings::FixVersion>) -> Vec<FixTarget> {
    struct Merged {
        fixed_version: String,
        hosts: BTreeSet<u32>,
        vulnerabilities: BTreeSet<String>,
    }
    let mut by_place: BTreeMap<(String, Option<String>), Vec<Merged>> = BTreeMap::new();
    for version in versions {
        let scheme = scheme_of(&version.platform);
        let place = by_place.entry((version.platform, version.channel)).or_default();
        let hosts = version.hosts.into_iter().collect::<BTreeSet<u32>>();
        let comparable = place.iter_mut().find_map(|merged| {
            let order = scheme.compare(&version.fixed_version, &merged.fixed_version)?;
            Some((merged, order))
        });
        match comparable {
            Some((merged, order)) => {
                if order == Ordering::Greater {
                    merged.fixed_version = version.fixed_version;
                }
                merged.hosts.extend(hosts);
                merged.vulnerabilities.extend(version.vulnerabilities);
            }
            None => place.push(Merged {
                fixed_version: version.fixed_version,
                hosts,
                vulnerabilities: version.vulnerabilities,
            }),
        }
    }
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let target = |((platform, channel), merged): ((String, Option<String>), Vec<Merged>)| {
        merged.into_iter().map(move |one| FixTarget {
            platform: platform.clone(),
            fixed_version: one.fixed_version,
            channel: channel.clone(),
            host_count: count(one.hosts.len()),
            vulnerability_count: count(one.vulnerabilities.len()),
        })
    };
    by_place.into_iter().flat_map(target).collect()
}

fn scheme_of(platform: &str) -> Scheme {
    let (family, release) = platform.split_once('/').unwrap_or((platform, ""));
    Platform::new(family, release)
        .scheme()
        .parse()
        .unwrap_or(Scheme::Generic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(
        platform: &str,
        fixed: &str,
        channel: Option<&str>,
        hosts: &[u32],
        id: &str,
    ) -> findings::FixVersion {
        findings::FixVersion {
            platform: platform.to_owned(),
            fixed_version: fixed.to_owned(),
            channel: channel.map(str::to_owned),
            hosts: hosts.to_vec(),
            vulnerabilities: BTreeSet::from([id.to_owned()]),
        }
    }

    #[track_caller]
    fn check(versions: Vec<findings::FixVersion>, expected: &[(&str, &str, i64, i64)]) {
        let found = targets(versions);
        let found: Vec<_> = found
            .iter()
            .map(|target| {
                (
                    target.platform.as_str(),
                    target.fixed_version.as_str(),
                    target.host_count,
                    target.vulnerability_count,
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_newest_version_closes_what_older_ones_do() {
        check(
            vec![
                version("debian/12", "3.0.9-1", None, &[1, 2], "CVE-1"),
                version("debian/12", "3.0.11-1", None, &[2, 3], "CVE-2"),
            ],
            &[("debian/12", "3.0.11-1", 3, 2)],
        );
    }

    #[test]
    fn platforms_and_channels_stay_apart() {
        check(
            vec![
                version(
                    "ubuntu/16.04",
                    "1.0.2g-1ubuntu4.20+esm2",
                    Some("esm-infra"),
                    &[1],
                    "CVE-1",
                ),
                version("ubuntu/16.04", "1.0.2g-1ubuntu4.20", None, &[1], "CVE-2"),
                version("debian/12", "3.0.9-1", None, &[2], "CVE-1"),
            ],
            &[
                ("debian/12", "3.0.9-1", 1, 1),
                ("ubuntu/16.04", "1.0.2g-1ubuntu4.20", 1, 1),
                ("ubuntu/16.04", "1.0.2g-1ubuntu4.20+esm2", 1, 1),
            ],
        );
    }

    #[test]
    fn versions_that_cannot_be_compared_stand_side_by_side() {
        check(
            vec![
                version("pypi/", "2.0", None, &[1], "CVE-1"),
                version("pypi/", "not a version", None, &[1], "CVE-2"),
            ],
            &[("pypi/", "2.0", 1, 1), ("pypi/", "not a version", 1, 1)],
        );
    }
}
