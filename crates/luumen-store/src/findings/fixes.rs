//! What closes most: one row for each package that has a fix, with the versions to install on each platform.
//!
//! Which of two fixed versions is newer is the caller's to say; here they stand side by side with their hosts.

use std::collections::{BTreeMap, BTreeSet};

use luumen_model::{WorkspaceId, advisory::Severity};
use sea_orm::{
    ConnectionTrait,
    sea_query::{ExprTrait, Order, Query},
};
use serde::{Deserialize, Serialize};

use super::{
    Finding, FindingFilter, FixState, Variant,
    filter::col,
    from_row,
    host_sets::Standing,
    list::rows,
    one::{SelectedHosts, host_set},
};
use crate::{
    StoreError,
    entity::finding,
    hosts::StateClock,
    page::{read_cursor, write_cursor},
};

/// How many vulnerabilities of a fix are named.
const NAMED: usize = 20;

/// A column to sort by; the greatest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FixSort {
    /// Known to be exploited first, then the worst severity, then what closes most.
    #[default]
    Priority,
    Findings,
    Hosts,
    /// A to Z.
    Package,
}

/// Which fixes, in which order.
#[derive(Clone, Debug, Default)]
pub struct FixQuery<'a> {
    /// Which findings they close; the tab and the kind of fix are not asked.
    pub filter: FindingFilter,
    pub sort: FixSort,
    pub cursor: Option<&'a str>,
    pub limit: u64,
}

/// A version that closes something on one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixVersion {
    pub platform: String,
    pub fixed_version: String,
    pub channel: Option<String>,
    /// Numbers of the hosts that lack it, ascending: for counting hosts of several versions once.
    pub hosts: Vec<u32>,
    pub vulnerabilities: BTreeSet<String>,
}

/// What an update of a package closes.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    pub package: String,
    pub versions: Vec<FixVersion>,
    pub host_count: i64,
    pub vulnerability_count: i64,
    /// The same, counted on each host.
    pub finding_count: i64,
    pub severity: Severity,
    pub kev_count: i64,
    /// The most urgent of them.
    pub vulnerabilities: Vec<String>,
}

/// A page of fixes, and how many there are on all pages.
#[derive(Clone, Debug)]
pub struct FixPage {
    pub items: Vec<Fix>,
    pub total: i64,
    pub next: Option<String>,
}

/// The last row of a page.
#[derive(Serialize, Deserialize)]
struct After(String);

/// Fixes by package.
pub async fn fixes(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    query: &FixQuery<'_>,
    clock: StateClock,
) -> Result<FixPage, StoreError> {
    let filter = FindingFilter {
        tab: Some(super::FindingTab::Active),
        fix: None,
        ..query.filter.clone()
    };
    let condition = filter.condition(db, workspace, clock).await?;
    let select = Query::select()
        .column((
            sea_orm::sea_query::Alias::new("finding"),
            sea_orm::sea_query::Asterisk,
        ))
        .from(finding::Entity)
        .cond_where(condition)
        .and_where(col(finding::Column::Fix).gt(FixState::None.rank()))
        .order_by_expr(col(finding::Column::Priority), Order::Desc)
        .to_owned();
    let mut packages: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for row in rows(db, &select).await? {
        let finding = from_row(row, clock.now);
        packages.entry(finding.package.clone()).or_default().push(finding);
    }
    let total = packages.len() as i64;
    let mut sorted: Vec<(String, Vec<Finding>)> = packages.into_iter().collect();
    sorted.sort_by_key(|(_, findings)| rank(query.sort, findings));
    let from = match read_cursor::<After>(query.cursor)? {
        Some(After(package)) => sorted
            .iter()
            .position(|(name, _)| *name == package)
            .map_or(sorted.len(), |at| at + 1),
        None => 0,
    };
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = sorted.len() > from.saturating_add(limit);
    let selected = filter.selected_hosts(db, workspace, clock).await?;
    let mut items = Vec::new();
    for (package, findings) in sorted.into_iter().skip(from).take(limit) {
        items.push(fix(db, workspace, package, findings, selected.as_ref()).await?);
    }
    let last = items.last().filter(|_| more);
    Ok(FixPage {
        next: last.map(|fix| write_cursor(&After(fix.package.clone()))),
        items,
        total,
    })
}

/// Smaller comes first.
fn rank(sort: FixSort, findings: &[Finding]) -> (i64, i64, i64) {
    let kev = findings
        .iter()
        .filter(|finding| finding.kev_added_at.is_some())
        .count() as i64;
    let worst = findings.iter().map(|finding| finding.severity as i64).max();
    let on_hosts: i64 = findings.iter().map(|finding| finding.open_host_count).sum();
    let hosts = findings.iter().map(|finding| finding.open_host_count).max();
    match sort {
        FixSort::Priority => (-i64::from(kev > 0), -worst.unwrap_or_default(), -on_hosts),
        FixSort::Findings => (-(findings.len() as i64), -on_hosts, 0),
        FixSort::Hosts => (-hosts.unwrap_or_default(), -on_hosts, 0),
        FixSort::Package => (0, 0, 0),
    }
}

async fn fix(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    package: String,
    findings: Vec<Finding>,
    selected: Option<&SelectedHosts>,
) -> Result<Fix, StoreError> {
    let mut versions: BTreeMap<Target, (BTreeSet<u32>, BTreeSet<String>)> = BTreeMap::new();
    let (mut all, mut finding_count) = (BTreeSet::new(), 0);
    for finding in &findings {
        let set = host_set(db, workspace, finding.id).await?;
        for group in set
            .groups
            .iter()
            .filter(|group| group.standing != Standing::Fixed)
        {
            let Some(key) = set.variants.get(group.variant as usize).and_then(target) else {
                continue;
            };
            let hosts = group.hosts.iter().copied();
            let hosts: Vec<u32> = hosts
                .filter(|host| selected.is_none_or(|selected| selected.contains(*host)))
                .collect();
            if hosts.is_empty() {
                continue;
            }
            finding_count += hosts.len() as i64;
            let entry = versions.entry(key).or_default();
            entry.1.insert(finding.vulnerability.clone());
            entry.0.extend(&hosts);
            all.extend(hosts);
        }
    }
    let versions = versions.into_iter().map(|(key, (hosts, vulnerabilities))| {
        let (platform, fixed_version, channel) = key;
        FixVersion {
            platform,
            fixed_version,
            channel,
            hosts: hosts.into_iter().collect(),
            vulnerabilities,
        }
    });
    let kev = findings.iter().filter(|finding| finding.kev_added_at.is_some());
    Ok(Fix {
        package,
        versions: versions.collect(),
        host_count: all.len() as i64,
        vulnerability_count: findings.len() as i64,
        finding_count,
        severity: findings
            .iter()
            .map(|finding| finding.severity)
            .max()
            .unwrap_or_default(),
        kev_count: kev.count() as i64,
        vulnerabilities: findings
            .iter()
            .take(NAMED)
            .map(|finding| finding.vulnerability.clone())
            .collect(),
    })
}

/// Platform, fixed version, channel.
type Target = (String, String, Option<String>);

fn target(variant: &Variant) -> Option<Target> {
    if variant.fix == FixState::None {
        return None;
    }
    let version = variant.fixed_version.clone()?;
    Some((variant.platform.clone(), version, variant.fix_channel.clone()))
}
