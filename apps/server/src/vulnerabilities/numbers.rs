//! Numbers of findings for `/metrics`, fresh from the store.

use luumen_model::Timestamp;
use luumen_store::{
    Store, StoreError, findings,
    hosts::StateClock,
    jobs::{self, JobKind},
    workspaces::{self, Workspace},
};

use crate::metrics::Page;

/// Adds what is open, and how old what we know is. Workspaces go by their id.
pub async fn write(store: &Store, page: &mut Page, now: Timestamp) -> Result<(), StoreError> {
    let mut told: Vec<(Workspace, findings::FindingSummary)> = Vec::new();
    for workspace in workspaces::list(store.read()).await? {
        let clock = StateClock::of(&workspace, now);
        let summary = findings::summary(store.read(), workspace.id, clock).await?;
        told.push((workspace, summary));
    }
    page.family(
        "luumen_findings",
        "gauge",
        "Open findings by severity, each counted once",
    );
    for (workspace, summary) in &told {
        let (id, counts) = (workspace.id.to_string(), summary.findings);
        let by_severity = [
            ("critical", counts.critical),
            ("high", counts.high),
            ("medium", counts.medium),
            ("low", counts.low),
            ("none", counts.none),
            ("unknown", counts.unknown),
        ];
        for (severity, count) in by_severity {
            page.sample(&[("workspace", &id), ("severity", severity)], count);
        }
    }
    page.family(
        "luumen_hosts_not_evaluable",
        "gauge",
        "Hosts of which not all, or nothing, could be judged",
    );
    for (workspace, summary) in &told {
        let id = workspace.id.to_string();
        page.sample(&[("workspace", &id)], summary.not_evaluable_host_count);
    }
    page.family(
        "luumen_assessment_failing",
        "gauge",
        "1 when the last assessment of a workspace did not get through",
    );
    for (workspace, _) in &told {
        let failing = jobs::failing(store.read(), workspace.id, JobKind::AssessHosts).await?;
        page.sample(
            &[("workspace", &workspace.id.to_string())],
            u8::from(failing.is_some()),
        );
    }
    page.family(
        "luumen_catalogue_age_seconds",
        "gauge",
        "Age of the catalogue that hosts were judged by",
    );
    for (workspace, summary) in &told {
        let id = workspace.id.to_string();
        if let Some(at) = summary.catalogue_at {
            page.sample(&[("workspace", &id)], now.millis_since(at) / 1000);
        }
    }
    Ok(())
}
