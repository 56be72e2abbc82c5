//! The store's findings as the API's, and the API's questions as the store's. Nothing is decided here.

use luumen_api::vulnerabilities as api;
use luumen_catalogue::Catalogue;
use luumen_model::advisory::Severity;
use luumen_store::findings;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    app::AppState,
    problem::{ApiResult, Problem},
};

/// A word in the database that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("{word:?} is not a {what} that this version knows")]
struct UnknownWord {
    what: &'static str,
    word: String,
    source: serde_json::Error,
}

/// The value that a stored word means.
pub(crate) fn from_word<T: DeserializeOwned>(what: &'static str, word: &str) -> ApiResult<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(|source| {
        Problem::internal(UnknownWord {
            what,
            word: word.to_owned(),
            source,
        })
    })
}

/// The word that is stored for a value.
pub(crate) fn to_word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Days since 1970-01-01 as YYYY-MM-DD.
pub(super) fn day(days: i64) -> String {
    let midnight = luumen_model::Timestamp::from_millis(days.saturating_mul(86_400_000));
    midnight.to_string().chars().take(10).collect()
}

/// The catalogue that this replica has open; none until the first one is there.
pub(crate) fn catalogue(state: &AppState) -> Option<Catalogue> {
    state.catalogue.get().map(|open| open.catalogue)
}

pub(crate) fn catalogue_info(catalogue: &Catalogue) -> api::CatalogueInfo {
    let meta = catalogue.meta();
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    api::CatalogueInfo {
        built_at: meta.built_at,
        sample: meta.sources.iter().any(|source| source.sample),
        claim_count: count(meta.claims),
        vulnerability_count: count(meta.vulnerabilities),
    }
}

pub(super) fn filter(from: &api::FindingQuery) -> findings::FindingFilter {
    findings::FindingFilter {
        tab: Some(tab(from.tab.unwrap_or_default())),
        text: given(from.q.as_ref()),
        package: from.package.clone(),
        severities: severities(from.severity.as_deref()),
        kev: from.kev,
        epss_at_least: from.epss_min,
        fix: from.fix.map(|fix| match fix {
            api::FixFilter::Available => findings::FixState::Available,
            api::FixFilter::NeedsSubscription => findings::FixState::NeedsSubscription,
            api::FixFilter::None => findings::FixState::None,
        }),
        exposure: from.exposure.map(|exposure| match exposure {
            api::ExposureFilter::RunningKernel => findings::Exposure::RunningKernel,
            api::ExposureFilter::InstalledKernel => findings::Exposure::InstalledKernel,
            api::ExposureFilter::NotEvaluable => findings::Exposure::NotEvaluable,
        }),
        end_of_life: from.end_of_life,
        os: from.os.clone(),
        tag: from.tag.clone(),
        host: from.host,
        ..findings::FindingFilter::default()
    }
}

fn tab(from: api::FindingTab) -> findings::FindingTab {
    match from {
        api::FindingTab::Active => findings::FindingTab::Active,
        api::FindingTab::Resolved => findings::FindingTab::Resolved,
        api::FindingTab::Excepted => findings::FindingTab::Excepted,
        api::FindingTab::Informational => findings::FindingTab::Informational,
    }
}

/// An empty text asks nothing.
pub(super) fn given(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

/// The severities of a list that was checked.
pub(super) fn severities(list: Option<&str>) -> Vec<Severity> {
    let words = list.into_iter().flat_map(|list| list.split(','));
    words.filter_map(severity).collect()
}

/// The severity of a word.
pub(crate) fn severity(word: &str) -> Option<Severity> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

/// The store's order, and whether the greatest comes first.
pub(super) fn sort(query: &api::FindingQuery) -> (findings::FindingSort, bool) {
    use api::FindingSort as Asked;
    let asked = query.sort.unwrap_or_default();
    let usual = !matches!(asked, Asked::Vulnerability | Asked::Package);
    let descending = query.descending.unwrap_or(usual);
    match asked {
        Asked::Priority => (findings::FindingSort::Priority, descending),
        Asked::Severity => (findings::FindingSort::Severity, descending),
        Asked::Score => (findings::FindingSort::Score, descending),
        Asked::Epss => (findings::FindingSort::Epss, descending),
        Asked::Hosts => (findings::FindingSort::Hosts, descending),
        Asked::OpenedAt => (findings::FindingSort::LastOpened, descending),
        // Who was opened first is oldest.
        Asked::Age => (findings::FindingSort::FirstOpened, !descending),
        Asked::Vulnerability => (findings::FindingSort::Vulnerability, descending),
        Asked::Package => (findings::FindingSort::Package, descending),
    }
}

pub(super) fn finding(from: findings::Finding) -> ApiResult<api::Finding> {
    Ok(api::Finding {
        verdict: from_word("verdict", &from.verdict)?,
        vulnerability: from.vulnerability,
        package: from.package,
        title: from.title,
        severity: from.severity,
        score: from.score,
        score_version: from.score_version,
        kev_added_at: from.kev_added_at,
        ransomware: from.ransomware,
        epss: from.epss,
        fix: fix_state(from.fix),
        running_kernel: from.running_kernel,
        end_of_life: from.end_of_life,
        open_host_count: from.open_host_count,
        excepted_host_count: from.excepted_host_count,
        not_evaluable_host_count: from.not_evaluable_host_count,
        resolved_host_count: from.resolved_host_count,
        first_opened_at: from.first_opened_at,
        last_opened_at: from.last_opened_at,
        resolved_at: from.resolved_at,
        days_open: from.days_open,
        severity_source: None,
        score_source: None,
    })
}

/// A finding, and who says how bad it is where severity and score say different things.
pub(super) fn rated(from: findings::Finding, catalogue: Option<&Catalogue>) -> ApiResult<api::Finding> {
    let mut finding = finding(from)?;
    if let Some(catalogue) = catalogue {
        super::raters::name(&mut finding, catalogue);
    }
    Ok(finding)
}

fn fix_state(from: findings::FixState) -> api::FixState {
    match from {
        findings::FixState::Available => api::FixState::Available,
        findings::FixState::NeedsSubscription => api::FixState::NeedsSubscription,
        findings::FixState::None => api::FixState::None,
    }
}

pub(super) fn variant(from: findings::Variant, host_count: i64) -> ApiResult<api::FindingVariant> {
    let installed = |one: findings::InstalledPackage| api::InstalledPackage {
        name: one.name,
        version: one.version,
        arch: one.arch,
        path: one.path,
    };
    Ok(api::FindingVariant {
        verdict: from_word("verdict", &from.verdict)?,
        reason: from_word("reason", &from.reason)?,
        confidence: from_word("confidence", &from.confidence)?,
        platform: from.platform,
        installed: from.installed.into_iter().map(installed).collect(),
        why: from.why,
        fix: fix_state(from.fix),
        fixed_version: from.fixed_version,
        fix_channel: from.fix_channel,
        source: from.source,
        authority: from.authority,
        status: from.status,
        advisory: from.advisory,
        note: from.note,
        running_kernel: from.running_kernel,
        end_of_life: from.end_of_life,
        host_count,
    })
}

pub(super) fn state(from: findings::FindingState) -> api::FindingState {
    match from {
        findings::FindingState::Open => api::FindingState::Open,
        findings::FindingState::Excepted => api::FindingState::Excepted,
        findings::FindingState::NotEvaluable => api::FindingState::NotEvaluable,
        findings::FindingState::Resolved => api::FindingState::Resolved,
    }
}

pub(super) fn asked_state(from: api::FindingState) -> findings::FindingState {
    match from {
        api::FindingState::Open => findings::FindingState::Open,
        api::FindingState::Excepted => findings::FindingState::Excepted,
        api::FindingState::NotEvaluable => findings::FindingState::NotEvaluable,
        api::FindingState::Resolved => findings::FindingState::Resolved,
    }
}

pub(super) fn severity_counts(from: findings::SeverityCounts) -> api::SeverityCounts {
    api::SeverityCounts {
        critical: from.critical,
        high: from.high,
        medium: from.medium,
        low: from.low,
        none: from.none,
        unknown: from.unknown,
    }
}

pub(super) fn host_ref(from: findings::HostRef) -> api::HostRef {
    api::HostRef {
        id: from.id,
        name: from.name,
    }
}

pub(super) fn not_evaluated(from: findings::NotEvaluated) -> api::NotEvaluated {
    api::NotEvaluated {
        what: from.what,
        why: from.why,
    }
}

pub(super) fn coverage_gap(from: findings::CoverageGap) -> api::JudgingGap {
    api::JudgingGap {
        what: from.gap.what,
        why: from.gap.why,
        host_count: from.host_count,
    }
}

/// One variant, on one host.
pub(super) fn own_variant(from: Option<findings::Variant>) -> ApiResult<Option<api::FindingVariant>> {
    from.map(|from| variant(from, 1)).transpose()
}

pub(super) fn on_host(from: findings::FindingOnHost, package: &str) -> ApiResult<api::FindingOnHost> {
    Ok(api::FindingOnHost {
        host_id: from.host,
        host_name: from.host_name,
        package: package.to_owned(),
        state: state(from.state),
        opened_at: from.opened_at,
        resolved_at: from.resolved_at,
        days_open: from.days_open,
        exception_id: from.exception.map(|id| id.to_string()),
        variant: own_variant(from.variant)?,
        last_seen_at: from.last_seen_at,
        stale: from.stale,
    })
}

pub(super) fn host_finding(
    from: findings::HostFinding,
    catalogue: Option<&Catalogue>,
) -> ApiResult<api::HostFinding> {
    Ok(api::HostFinding {
        finding: rated(from.finding, catalogue)?,
        state: state(from.state),
        opened_at: from.opened_at,
        resolved_at: from.resolved_at,
        days_open: from.days_open,
        exception_id: from.exception.map(|id| id.to_string()),
        variant: own_variant(from.variant)?,
    })
}
