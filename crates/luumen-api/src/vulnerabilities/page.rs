//! One vulnerability: what it is, where it is, and everything that anyone says of it, so that we can be checked.

use luumen_model::{
    Timestamp,
    advisory::{Claim, Kev, Severity, Vulnerability},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CatalogueInfo, Finding, FindingVariant};

/// FIRST's estimate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EpssScore {
    /// Probability of exploitation within 30 days, 0 to 1.
    pub probability: f64,
    /// Share of vulnerabilities with the same probability or less, 0 to 1.
    pub percentile: Option<f64>,
}

/// `GET /vulnerabilities/{id}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VulnerabilityPage {
    /// `CVE-…`, or its source's own id.
    pub id: String,
    pub title: Option<String>,
    /// By score, else in the words of a source.
    pub severity: Severity,
    pub score: Option<f64>,
    pub score_version: Option<String>,
    pub published_at: Option<Timestamp>,
    /// Withdrawn: it is no vulnerability.
    pub rejected: bool,
    /// CISA's entry.
    pub kev: Option<Kev>,
    pub epss: Option<EpssScore>,
    /// What each source says of it in its own words, with scores, weaknesses and references.
    pub sources: Vec<Vulnerability>,
    /// The findings of this workspace, one for each package; none when no host has or had it.
    pub packages: Vec<PackageFinding>,
    /// Every claim on the platforms that this workspace has, and every claim that holds on no platform in particular.
    pub claims: Vec<Claim>,
    /// Claims on other platforms, which are left out.
    pub other_claim_count: i64,
    /// True when `claims` was cut at 1,000.
    pub claims_truncated: bool,
    /// Hosts that have it open, by day, oldest first.
    pub trend: Vec<HostsOnDay>,
    /// Absent when no catalogue is there: then what is not in `packages` is not known.
    pub catalogue: Option<CatalogueInfo>,
}

/// A finding with everything that differs between its hosts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PackageFinding {
    pub finding: Finding,
    /// By number of hosts, most first.
    pub variants: Vec<FindingVariant>,
}

/// Hosts that have a vulnerability on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HostsOnDay {
    /// YYYY-MM-DD (UTC).
    pub day: String,
    pub open_host_count: i64,
}
