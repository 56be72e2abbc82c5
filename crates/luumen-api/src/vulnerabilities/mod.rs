//! Vulnerabilities of the fleet: which there are, on which hosts, why we say so, and what closes them.
//!
//! A *finding* is one vulnerability in one source package of a workspace, with all hosts that have it. What is not known is a
//! field of its own (`not_evaluable`, `not_evaluated`), so that it never reads as "nothing found".

mod list;
mod page;
mod times;

use luumen_model::{
    HostId, Timestamp,
    advisory::{Authority, Severity, Status},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::{list::*, page::*, times::*};

/// What is said of a package and a vulnerability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It has it.
    Vulnerable,
    /// The vendor has not decided yet; nobody knows better.
    UnderInvestigation,
    /// Only somebody who does not know this package says so; worth a look, not an alarm.
    Possible,
    /// It cannot be said: a version that cannot be read, …
    Unknown,
    /// It had it, and the installed version has the fix.
    Fixed,
    /// It never had it.
    NotAffected,
}

/// How sure we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Who builds the package says so of just this package.
    High,
    /// It follows from what was said of something near: an unmaintained release, an ecosystem's advisory.
    Medium,
    /// From upstream's version numbers alone.
    Low,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Older than the version that has the fix.
    BeforeFix,
    /// The fix is published only in a channel that needs a subscription.
    FixNeedsSubscription,
    /// Vulnerable, and no fix is published.
    NoFix,
    /// Vulnerable, and only a newer release of the distribution has the fix.
    FixedInNewerRelease,
    /// Vulnerable, and the vendor says that it will not be fixed.
    WillNotFix,
    /// Vulnerable, and the vendor has put the fix off.
    Deferred,
    /// The vendor stopped looking, because support of this release has ended.
    EndOfLife,
    /// The vendor has not decided yet.
    UnderInvestigation,
    /// Within the range of versions that the advisory names.
    InRange,
    /// The installed version has the fix.
    HasFix,
    /// The update with the fix is installed, or one that replaces it.
    HasUpdate,
    /// Outside of the range of versions that the advisory names.
    OutsideRange,
    /// The vendor says that this package is not affected.
    VendorSaysNot,
    /// The installed version cannot be compared with the one that was named.
    NotComparable,
    /// The vendor is silent, and upstream's version number lies in the range of the NVD or of who assigned the id.
    VendorSilent,
}

/// Where a finding stands on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    Open,
    /// An exception covers it, and has not expired.
    Excepted,
    /// It was open when we could last judge it; now its facts or its vendor's claims are missing.
    NotEvaluable,
    /// It is gone, on positive evidence: the fix is installed, the vendor says so, or the package was removed.
    Resolved,
}

/// Whether something can be installed against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FixState {
    /// A fix is published where every host gets it.
    Available,
    /// The only fix is in a channel that needs a subscription.
    NeedsSubscription,
    /// No fix is published.
    None,
}

/// How many, by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeverityCounts {
    pub critical: i64,
    pub high: i64,
    pub medium: i64,
    pub low: i64,
    /// Said to be harmless.
    pub none: i64,
    /// Nobody said how bad it is.
    pub unknown: i64,
}

/// A host by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HostRef {
    pub id: HostId,
    pub name: String,
}

/// A package as it is installed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InstalledPackage {
    /// As the package manager names it.
    pub name: String,
    pub version: String,
    pub arch: Option<String>,
    /// Where it lies, for what no package manager of the system keeps.
    pub path: Option<String>,
}

/// A vulnerability in a package: a row of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// `CVE-…`, or its source's own id.
    pub vulnerability: String,
    /// Source package. What is kept elsewhere has that before its name: `pypi/` for Python distributions, `app/` for applications outside of
    /// packages, `nvd/` for packages of which only upstream's ranges speak (information, no finding).
    pub package: String,
    /// One line on what it is, where a source has one.
    pub title: Option<String>,
    pub severity: Severity,
    /// CVSS base score.
    pub score: Option<f64>,
    /// Edition of that score: `4.0`, `3.1`, `3.0`, `2.0`.
    pub score_version: Option<String>,
    /// Feed that says the severity, where that is not the one of the score.
    pub severity_source: Option<String>,
    /// Who gave the score, where the severity is another one: `nvd`, the short name of a CNA, …
    pub score_source: Option<String>,
    /// Day that CISA added it to the vulnerabilities known to be exploited; absent when it is not among them.
    pub kev_added_at: Option<Timestamp>,
    /// Ransomware is known to use it.
    pub ransomware: bool,
    /// Probability of exploitation within 30 days, 0 to 1; absent when FIRST says nothing.
    pub epss: Option<f64>,
    /// The best that is published for any of its hosts.
    pub fix: FixState,
    /// The gravest verdict of any of its hosts.
    pub verdict: Verdict,
    /// For kernels: whether it is in the one that runs on any host.
    pub running_kernel: Option<bool>,
    /// Some of its hosts run a release that no longer gets updates.
    pub end_of_life: bool,
    /// Hosts that have it open and not excepted.
    pub open_host_count: i64,
    /// Hosts that an exception covers.
    pub excepted_host_count: i64,
    /// Hosts that had it when they could last be judged.
    pub not_evaluable_host_count: i64,
    /// Hosts on which it is gone.
    pub resolved_host_count: i64,
    /// When the first host got it.
    pub first_opened_at: Timestamp,
    /// When the last host got it.
    pub last_opened_at: Timestamp,
    /// When the last host lost it; absent while any host has it.
    pub resolved_at: Option<Timestamp>,
    /// Whole days since it was first opened; until it was resolved, if it was.
    pub days_open: i64,
}

/// What hosts with the same packages on the same platform have in common, and why we say so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FindingVariant {
    /// `debian/12`, `ubuntu/20.04`, `pypi/`, `app/`: whose claims were asked.
    pub platform: String,
    pub installed: Vec<InstalledPackage>,
    pub verdict: Verdict,
    pub reason: Reason,
    /// The same in a sentence.
    pub why: String,
    pub confidence: Confidence,
    pub fix: FixState,
    /// First version with the fix.
    pub fixed_version: Option<String>,
    /// Channel that the fix is published in, if not every host gets it.
    pub fix_channel: Option<String>,
    /// Feed that decided.
    pub source: String,
    /// How near it is to who builds the package.
    pub authority: Authority,
    /// What it says.
    pub status: Status,
    /// Its advisory.
    pub advisory: Option<String>,
    /// Its own words, where they say more.
    pub note: Option<String>,
    /// For kernels: whether the one that runs has it.
    pub running_kernel: Option<bool>,
    /// The release no longer gets updates that every host gets.
    pub end_of_life: bool,
    /// Hosts of this variant, whatever their state.
    pub host_count: i64,
}

/// Something that could not be judged. It is never "nothing found".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotEvaluated {
    /// `packages`, `python_packages`, `kernel`, `applications`, …
    pub what: String,
    /// Why, and what would help.
    pub why: String,
}

/// Something that could not be judged, and of how many hosts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JudgingGap {
    /// `host`, `packages`, `python_packages`, `kernel`, `applications`, …
    pub what: String,
    /// Why, and what would help.
    pub why: String,
    pub host_count: i64,
}

/// The catalogue that verdicts were made with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CatalogueInfo {
    pub built_at: Timestamp,
    /// True when any of its sources is made up for show.
    pub sample: bool,
    pub claim_count: i64,
    pub vulnerability_count: i64,
}
