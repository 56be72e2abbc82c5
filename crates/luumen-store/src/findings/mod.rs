//! Findings: a vulnerability in a source package, with all hosts of the workspace that have or had it.
//!
//! What lists sort and filter by stands in the row; which hosts, since when, and what differs between them is a set of bytes
//! beside it ([`host_sets`]). Exceptions are asked for with the time, so that nothing has to run for one to expire. Judging is
//! `luumen-assess`'s; writing verdicts down is [`crate::assessments`]'.

mod cells;
mod coverage;
mod facets;
mod filter;
mod fixes;
pub mod host_sets;
mod list;
mod names;
mod of_host;
mod one;
mod times;

use luumen_model::{
    HostId, Timestamp,
    advisory::{Authority, Severity, Status},
};
use serde::{Deserialize, Serialize};

use crate::{StoreError, codec, entity::finding};

pub(crate) use self::filter::{exceptions_at, tagged};
pub use self::{
    coverage::{CoverageGap, coverage_gaps, not_evaluable_host_count},
    facets::{FindingFacets, TabCounts, facets},
    filter::{Exposure, FindingFilter, FindingTab, FixState},
    fixes::{Fix, FixPage, FixQuery, FixSort, FixVersion, fixes},
    list::{FindingPage, FindingQuery, FindingSort, list},
    of_host::{HostAssessment, HostFinding, HostFindingQuery, HostFindings, of_host},
    one::{
        FindingHostQuery, FindingOnHost, FindingOnHosts, SelectedHosts, among, get, hosts_of, variants_of,
    },
    times::{
        FindingEvent, FindingEventKind, FindingEventQuery, FindingSummary, HostsOnDay, TrendDay, events,
        hosts_by_day, summary, trend,
    },
};

/// How many, by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeverityCounts {
    pub critical: i64,
    pub high: i64,
    pub medium: i64,
    pub low: i64,
    pub none: i64,
    pub unknown: i64,
}

impl SeverityCounts {
    pub(crate) fn add(&mut self, severity: Severity, n: i64) {
        let count = match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::None => &mut self.none,
            Severity::Unknown => &mut self.unknown,
        };
        *count += n;
    }
}

/// A finding of the workspace at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Its number in this workspace.
    pub id: i64,
    pub vulnerability: String,
    pub package: String,
    pub title: Option<String>,
    pub severity: Severity,
    pub score: Option<f64>,
    pub score_version: Option<String>,
    pub kev_added_at: Option<Timestamp>,
    pub ransomware: bool,
    pub epss: Option<f64>,
    /// The best that is published for any of its hosts.
    pub fix: FixState,
    /// Word of the gravest verdict of any of its hosts.
    pub verdict: String,
    /// For kernels: whether it is in the one that runs on any host.
    pub running_kernel: Option<bool>,
    pub end_of_life: bool,
    /// Without the excepted ones.
    pub open_host_count: i64,
    pub excepted_host_count: i64,
    pub not_evaluable_host_count: i64,
    pub resolved_host_count: i64,
    pub first_opened_at: Timestamp,
    pub last_opened_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub days_open: i64,
}

/// A package as it is installed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InstalledPackage {
    pub name: String,
    pub version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// What hosts with the same versions on the same platform have in common, and why we say so. Verdict, reason and confidence
/// are the words of `luumen-vuln`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    pub platform: String,
    pub installed: Vec<InstalledPackage>,
    pub verdict: String,
    pub reason: String,
    pub why: String,
    pub confidence: String,
    pub fix: FixState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix_channel: Option<String>,
    pub source: String,
    pub authority: Authority,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisory: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_kernel: Option<bool>,
    #[serde(default)]
    pub end_of_life: bool,
    /// How grave the vendor calls it there; absent where it is as grave as everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

/// Where a finding stands on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FindingState {
    Open,
    Excepted,
    NotEvaluable,
    Resolved,
}

/// Something of a host that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotEvaluated {
    /// `packages`, `python_packages`, `kernel`, …
    pub what: String,
    /// Why, and what would help.
    pub why: String,
}

/// A host by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRef {
    pub id: HostId,
    pub name: String,
}

pub(crate) const DAY_MS: i64 = 86_400_000;

/// Verdict of what is only told and never counted among the findings: somebody who does not know the package names its version.
pub const INFORMATION: &str = "possible";

/// Variants as bytes.
pub fn write_variants(variants: &[Variant]) -> Result<Vec<u8>, StoreError> {
    codec::pack(&variants)
}

/// The variants behind the bytes.
pub fn read_variants(bytes: &[u8]) -> Result<Vec<Variant>, StoreError> {
    codec::unpack("finding", bytes)
}

/// Every severity, in the order of its rank.
pub(crate) const SEVERITIES: [Severity; 6] = [
    Severity::Unknown,
    Severity::None,
    Severity::Low,
    Severity::Medium,
    Severity::High,
    Severity::Critical,
];

pub(crate) fn severity_from(rank: i64) -> Severity {
    let at = usize::try_from(rank).unwrap_or_default();
    SEVERITIES.get(at).copied().unwrap_or_default()
}

pub(crate) fn days_between(from: i64, to: i64) -> i64 {
    to.saturating_sub(from).max(0) / DAY_MS
}

pub(crate) fn from_row(row: finding::Model, now: Timestamp) -> Finding {
    let holds = row.excepted_until_ms.is_none_or(|until| until > now.as_millis());
    let excepted = if holds { row.excepted_host_count } else { 0 };
    let until = row.resolved_at_ms.unwrap_or_else(|| now.as_millis());
    Finding {
        id: row.id,
        severity: severity_from(row.severity),
        fix: FixState::from_rank(row.fix),
        open_host_count: row.open_host_count - excepted,
        excepted_host_count: excepted,
        not_evaluable_host_count: row.not_evaluable_host_count,
        resolved_host_count: row.resolved_host_count,
        first_opened_at: Timestamp::from_millis(row.first_opened_at_ms),
        last_opened_at: Timestamp::from_millis(row.last_opened_at_ms),
        resolved_at: row.resolved_at_ms.map(Timestamp::from_millis),
        days_open: days_between(row.first_opened_at_ms, until),
        vulnerability: row.vulnerability,
        package: row.package,
        title: row.title,
        score: row.score,
        score_version: row.score_version,
        kev_added_at: row.kev_added_at_ms.map(Timestamp::from_millis),
        ransomware: row.ransomware,
        epss: row.epss,
        verdict: row.verdict,
        running_kernel: row.running_kernel,
        end_of_life: row.end_of_life,
    }
}

/// What a person should look at first is greater: known to be exploited, then severity, then EPSS.
pub fn priority(kev: bool, severity: Severity, epss: Option<f64>) -> i64 {
    let epss = (epss.unwrap_or_default().clamp(0.0, 1.0) * 1e6) as i64;
    i64::from(kev) * 100_000_000 + (severity as i64) * 10_000_000 + epss
}
