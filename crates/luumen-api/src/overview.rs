//! `GET /overview`: what needs a person today.

use std::collections::BTreeMap;

use luumen_model::{SectionKind, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    fleet::{Agent, RunSummary},
    hosts::{FacetValue, HostState},
};

/// Numbers and plots of the first page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Overview {
    pub generated_at: Timestamp,
    pub host_count: i64,
    pub states: BTreeMap<HostState, i64>,
    /// Hosts by `ID` and `VERSION_ID` of os-release, such as `debian 12`; those whose system is not known are left out.
    pub os: Vec<FacetValue>,
    /// Hosts by age of the newest snapshot.
    pub freshness: Vec<FreshnessBucket>,
    /// Hosts for which a section of the newest snapshot is not complete.
    pub coverage: Vec<CoverageGap>,
    pub reboot_required_count: i64,
    /// Hosts whose packages changed within a day.
    pub changed_today_count: i64,
    pub new_today_count: i64,
    pub package_count: i64,
    pub runs: Vec<RunSummary>,
    pub agents: Vec<Agent>,
    /// Visits by outcome per day, oldest first, the last 14 days.
    pub visits: Vec<VisitDay>,
}

/// A bar of the freshness plot.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FreshnessBucket {
    /// Such as `< 1 h`, `1 – 6 h`, `never`.
    pub label: String,
    /// Upper end of the bucket; absent for the last and for `never`.
    pub up_to_s: Option<i64>,
    pub count: i64,
}

/// A section that some hosts do not show us.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CoverageGap {
    pub section: SectionKind,
    pub title: String,
    pub denied: i64,
    pub other: i64,
}

/// Visits of one day (UTC).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VisitDay {
    /// YYYY-MM-DD.
    pub day: String,
    pub complete: i64,
    pub partial: i64,
    pub failed: i64,
    pub skipped: i64,
}
