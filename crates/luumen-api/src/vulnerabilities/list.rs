//! Lists: findings with their facets, hosts of a vulnerability, vulnerabilities of a host, and what closes most.

use std::collections::BTreeMap;

use luumen_model::{HostId, Timestamp, advisory::Severity};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{CatalogueInfo, Finding, FindingState, FindingVariant, NotEvaluated, SeverityCounts};
use crate::{Cursor, hosts::FacetValue};

/// Which findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingTab {
    /// Those that some host has open, or had when it could last be judged.
    #[default]
    Active,
    /// Those that no host has any more.
    Resolved,
    /// Those with hosts that an exception covers.
    Excepted,
    /// Packages of whose version upstream's ranges speak, and their vendor does not: worth a look, and never counted among the others.
    Informational,
}

/// What can be done against a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FixFilter {
    /// A fix is published where every host gets it.
    Available,
    /// The only fix needs a subscription.
    NeedsSubscription,
    /// No fix is published.
    None,
}

/// How exposed the hosts of a finding are, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExposureFilter {
    /// In the kernel that runs on some host.
    RunningKernel,
    /// In the kernel only of hosts that do not run it.
    InstalledKernel,
    /// Some host could no longer be judged.
    NotEvaluable,
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingSort {
    /// Known to be exploited first, then by severity, then by EPSS.
    #[default]
    Priority,
    Severity,
    Score,
    Epss,
    /// Hosts that have it open.
    Hosts,
    /// When the last host got it.
    OpenedAt,
    /// How long ago the first host got it.
    Age,
    Vulnerability,
    Package,
}

/// Query of the lists of findings: `GET /vulnerabilities`, its facets, its fixes and its export.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingQuery {
    /// `active` unless told.
    #[param(inline)]
    pub tab: Option<FindingTab>,
    /// Words, each part of the vulnerability's id, of the package's name or of the title.
    #[param(max_length = 200)]
    pub q: Option<String>,
    /// One or more of `critical`, `high`, `medium`, `low`, `none`, `unknown`, separated by commas.
    #[param(
        max_length = 100,
        pattern = "^(critical|high|medium|low|none|unknown)(,(critical|high|medium|low|none|unknown))*$"
    )]
    pub severity: Option<String>,
    /// Whether CISA knows it to be exploited.
    pub kev: Option<bool>,
    /// Least probability of exploitation within 30 days.
    #[param(minimum = 0.0, maximum = 1.0)]
    pub epss_min: Option<f64>,
    #[param(inline)]
    pub fix: Option<FixFilter>,
    #[param(inline)]
    pub exposure: Option<ExposureFilter>,
    /// Whether some of its hosts run a release that no longer gets updates.
    pub end_of_life: Option<bool>,
    /// Exact name of the source package.
    #[param(min_length = 1, max_length = 200)]
    pub package: Option<String>,
    /// A system (`debian`) or one release of it (`debian/12`): only what its hosts have.
    #[param(min_length = 1, max_length = 100)]
    pub os: Option<String>,
    /// Only what hosts with this tag have.
    #[param(min_length = 1, max_length = 100)]
    pub tag: Option<String>,
    /// Only what this host has.
    #[param(inline)]
    pub host: Option<HostId>,
    /// `priority` unless told.
    #[param(inline)]
    pub sort: Option<FindingSort>,
    /// The greatest first; true unless told, but for `vulnerability` and `package`.
    pub descending: Option<bool>,
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// `GET /vulnerabilities`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FindingList {
    pub items: Vec<Finding>,
    /// Findings that the filter matches, on all pages.
    pub total: i64,
    pub next: Option<Cursor>,
    /// Absent until a catalogue is there: nothing was judged yet.
    pub catalogue: Option<CatalogueInfo>,
    /// Hosts that were not judged whole: the list says nothing, or not all, about them.
    pub not_evaluable_host_count: i64,
}

/// `GET /vulnerabilities/facets`: facet name (`severity`, `kev`, `epss`, `fix`, `exposure`, `end_of_life`, `os`, `package`, `tag`) to its values, counted in
/// findings. Each facet is counted with every filter but its own; values of `epss` are least probabilities, so that who is counted with a greater
/// one is counted with a smaller one, too.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FindingFacets {
    pub facets: BTreeMap<String, Vec<FacetValue>>,
    /// Findings on each tab, with the other filters.
    pub tabs: TabCounts,
}

/// Findings on each tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TabCounts {
    pub active: i64,
    pub resolved: i64,
    pub excepted: i64,
    pub informational: i64,
}

/// Query of `GET /vulnerabilities/{id}/hosts`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindingHostsQuery {
    /// Exact name of the source package.
    #[param(min_length = 1, max_length = 200)]
    pub package: Option<String>,
    /// Every state unless told.
    #[param(inline)]
    pub state: Option<FindingState>,
    /// Part of the host's name.
    #[param(max_length = 200)]
    pub q: Option<String>,
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// A host with a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FindingOnHost {
    pub host_id: HostId,
    pub host_name: String,
    pub package: String,
    pub state: FindingState,
    pub opened_at: Timestamp,
    /// When it was gone.
    pub resolved_at: Option<Timestamp>,
    pub days_open: i64,
    /// The exception that covers it.
    pub exception_id: Option<String>,
    /// Absent when it is resolved: what the host has now is another matter.
    pub variant: Option<FindingVariant>,
    /// When the host was last seen.
    pub last_seen_at: Option<Timestamp>,
    /// True when the host is stale: this may not be so any more.
    pub stale: bool,
}

/// `GET /vulnerabilities/{id}/hosts`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FindingHosts {
    pub items: Vec<FindingOnHost>,
    pub total: i64,
    pub next: Option<Cursor>,
}

/// A finding of one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HostFinding {
    pub finding: Finding,
    pub state: FindingState,
    pub opened_at: Timestamp,
    /// When it was gone.
    pub resolved_at: Option<Timestamp>,
    pub days_open: i64,
    /// The exception that covers it.
    pub exception_id: Option<String>,
    /// Absent when it is resolved.
    pub variant: Option<FindingVariant>,
}

/// Query of `GET /hosts/{id}/vulnerabilities`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HostFindingsQuery {
    /// Words, each part of the vulnerability's id, of the package's name or of the title.
    #[param(max_length = 200)]
    pub q: Option<String>,
    /// One or more severities, separated by commas.
    #[param(
        max_length = 100,
        pattern = "^(critical|high|medium|low|none|unknown)(,(critical|high|medium|low|none|unknown))*$"
    )]
    pub severity: Option<String>,
    /// Every state but `resolved` unless told.
    #[param(inline)]
    pub state: Option<FindingState>,
    /// True for what is only information, and no finding: packages of whose version upstream's ranges speak, and their vendor does not.
    pub informational: Option<bool>,
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// `GET /hosts/{id}/vulnerabilities`, the most urgent first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HostFindings {
    pub items: Vec<HostFinding>,
    pub total: i64,
    pub next: Option<Cursor>,
    /// Open ones by severity, on all pages, whatever the filter.
    pub open: SeverityCounts,
    /// What is only information, on all pages, whatever the filter.
    pub informational_count: i64,
    /// Absent while the host was not judged at all: no finding then means nothing.
    pub assessed_at: Option<Timestamp>,
    /// When the catalogue was built that it was judged by.
    pub catalogue_at: Option<Timestamp>,
    /// Whose claims were asked: `debian/12`.
    pub platform: Option<String>,
    /// What could not be judged.
    pub not_evaluated: Vec<NotEvaluated>,
}

/// A column to sort fixes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FixSort {
    /// Known to be exploited first, then the worst severity, then what closes most.
    #[default]
    Priority,
    Findings,
    Hosts,
    Package,
}

/// Query of `GET /vulnerabilities/fixes`; the filters of findings besides.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FixQuery {
    /// Words, each part of a vulnerability's id, of its title or of the package's name.
    #[param(max_length = 200)]
    pub q: Option<String>,
    /// One or more severities, separated by commas.
    #[param(
        max_length = 100,
        pattern = "^(critical|high|medium|low|none|unknown)(,(critical|high|medium|low|none|unknown))*$"
    )]
    pub severity: Option<String>,
    /// Whether CISA knows one of them to be exploited.
    pub kev: Option<bool>,
    /// A system (`debian`) or one release of it (`debian/12`).
    #[param(min_length = 1, max_length = 100)]
    pub os: Option<String>,
    /// Only for hosts with this tag.
    #[param(min_length = 1, max_length = 100)]
    pub tag: Option<String>,
    /// `priority` unless told.
    #[param(inline)]
    pub sort: Option<FixSort>,
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

/// One update, and what it closes: "upgrade openssl on 41 hosts closes 14 vulnerabilities".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Fix {
    /// Source package.
    pub package: String,
    /// What to install, by platform.
    pub targets: Vec<FixTarget>,
    pub host_count: i64,
    /// Vulnerabilities that it closes.
    pub vulnerability_count: i64,
    /// The same, counted on each host.
    pub finding_count: i64,
    /// The worst of them.
    pub severity: Severity,
    /// How many of them are known to be exploited.
    pub kev_count: i64,
    /// The most urgent of them, at most 20.
    pub vulnerabilities: Vec<String>,
}

/// The version that closes everything of a fix on one platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FixTarget {
    /// `debian/12`
    pub platform: String,
    /// The newest of the versions that its vulnerabilities are fixed in.
    pub fixed_version: String,
    /// Channel that it is published in, if not every host gets it.
    pub channel: Option<String>,
    pub host_count: i64,
    pub vulnerability_count: i64,
}

/// `GET /vulnerabilities/fixes`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FixList {
    pub items: Vec<Fix>,
    pub total: i64,
    pub next: Option<Cursor>,
}

/// How findings are written into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum ExportFormat {
    /// A row for each finding.
    #[serde(rename = "csv")]
    Csv,
    /// SARIF 2.1.0.
    #[serde(rename = "sarif")]
    Sarif,
    /// CycloneDX 1.6 with analysis (VEX).
    #[serde(rename = "cyclonedx-vex")]
    CycloneDxVex,
    /// OCSF 1.3 Vulnerability Finding (class 2002), one JSON document a line.
    #[serde(rename = "ocsf")]
    Ocsf,
}

/// Query of `GET /vulnerabilities/export`, besides the filters of findings; `cursor` and `limit` are ignored.
#[derive(Clone, Debug, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    #[param(inline)]
    pub format: ExportFormat,
}
