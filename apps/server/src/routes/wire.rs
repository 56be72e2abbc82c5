//! The store's nouns as the API's. Nothing is decided here.

use luumen_api::{
    access, fleet, hosts as api_hosts, overview as api_overview, snapshots as api_snapshots, workspace,
};
use luumen_store::{
    agents, api_keys, diff, hosts, overview, packages, properties, reports, runs, snapshots, workspaces,
};

pub(crate) fn workspace(from: workspaces::Workspace) -> workspace::Workspace {
    workspace::Workspace {
        id: from.id,
        name: from.name,
        created_at: from.created_at,
        interval_s: from.interval_s,
        polling_s: from.polling_s,
        default_credential: from.default_credential,
        default_username: from.default_username,
        silence_grace_s: from.silence_grace_s,
        retention_days: from.retention_days,
        server_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

pub(crate) fn scope(from: access::ApiKeyScope) -> api_keys::KeyScope {
    match from {
        access::ApiKeyScope::Agent => api_keys::KeyScope::Agent,
        access::ApiKeyScope::Read => api_keys::KeyScope::Read,
        access::ApiKeyScope::Write => api_keys::KeyScope::Write,
    }
}

pub(crate) fn api_key(from: api_keys::ApiKey) -> access::ApiKey {
    access::ApiKey {
        id: from.id,
        name: from.name,
        scope: match from.scope {
            api_keys::KeyScope::Agent => access::ApiKeyScope::Agent,
            api_keys::KeyScope::Read => access::ApiKeyScope::Read,
            api_keys::KeyScope::Write => access::ApiKeyScope::Write,
        },
        prefix: from.prefix,
        created_at: from.created_at,
        expires_at: from.expires_at,
        last_used_at: from.last_used_at,
        revoked_at: from.revoked_at,
        previous_valid_until: from.previous_valid_until,
    }
}

pub(crate) fn host_state(from: hosts::HostState) -> api_hosts::HostState {
    match from {
        hosts::HostState::Ok => api_hosts::HostState::Ok,
        hosts::HostState::Partial => api_hosts::HostState::Partial,
        hosts::HostState::Failing => api_hosts::HostState::Failing,
        hosts::HostState::Stale => api_hosts::HostState::Stale,
        hosts::HostState::NeverSeen => api_hosts::HostState::NeverSeen,
        hosts::HostState::Disabled => api_hosts::HostState::Disabled,
    }
}

/// A host's state as it is written in JSON, filters and metrics.
pub(crate) fn state_name(state: api_hosts::HostState) -> &'static str {
    match state {
        api_hosts::HostState::Ok => "ok",
        api_hosts::HostState::Partial => "partial",
        api_hosts::HostState::Failing => "failing",
        api_hosts::HostState::Stale => "stale",
        api_hosts::HostState::NeverSeen => "never_seen",
        api_hosts::HostState::Disabled => "disabled",
    }
}

pub(crate) fn host_summary(from: hosts::Host) -> api_hosts::HostSummary {
    api_hosts::HostSummary {
        id: from.id,
        name: from.name,
        address: from.address,
        port: from.port,
        state: host_state(from.state),
        tags: from.tags,
        os_id: from.os_id,
        os_name: from.os_name,
        os_version: from.os_version,
        arch: from.arch,
        kernel: from.kernel,
        package_count: from.package_count,
        reboot_required: from.reboot_required,
        last_seen_at: from.last_seen_at,
        last_visit_at: from.last_visit_at,
        last_outcome: from.last_outcome,
        last_error: from.last_error,
        incomplete_sections: from.incomplete_sections,
    }
}

pub(crate) fn host(from: hosts::Host) -> api_hosts::Host {
    api_hosts::Host {
        username: from.username.clone(),
        credential: from.credential.clone(),
        notes: from.notes.clone(),
        enabled: from.enabled,
        created_at: from.created_at,
        updated_at: from.updated_at,
        snapshot_id: from.snapshot_id,
        stale_at: from.stale_at,
        summary: host_summary(from),
    }
}

pub(crate) fn sort(from: api_hosts::HostSort) -> hosts::HostSort {
    match from {
        api_hosts::HostSort::Name => hosts::HostSort::Name,
        api_hosts::HostSort::Address => hosts::HostSort::Address,
        api_hosts::HostSort::State => hosts::HostSort::State,
        api_hosts::HostSort::Os => hosts::HostSort::Os,
        api_hosts::HostSort::Kernel => hosts::HostSort::Kernel,
        api_hosts::HostSort::Packages => hosts::HostSort::Packages,
        api_hosts::HostSort::LastSeen => hosts::HostSort::LastSeen,
    }
}

pub(crate) fn run(from: runs::Run) -> fleet::RunSummary {
    fleet::RunSummary {
        id: from.id,
        agent_id: from.agent_id,
        agent_name: from.agent_name,
        state: match from.state {
            runs::RunState::Running => fleet::RunState::Running,
            runs::RunState::Finished => fleet::RunState::Finished,
            runs::RunState::Lost => fleet::RunState::Lost,
        },
        started_at: from.started_at,
        finished_at: from.finished_at,
        host_count: from.host_count,
        complete_count: from.complete_count,
        partial_count: from.partial_count,
        failed_count: from.failed_count,
        skipped_count: from.skipped_count,
    }
}

pub(crate) fn run_host(from: runs::RunHost) -> fleet::RunHost {
    fleet::RunHost {
        host_id: from.host_id,
        host_name: from.host_name,
        outcome: from.outcome,
        error: from.error,
        snapshot_id: from.snapshot_id,
        visited_at: from.visited_at,
        duration_ms: from.duration_ms,
    }
}

/// An agent, and whether it is silent at the moment of the clock.
pub(crate) fn agent(
    from: agents::Agent,
    last_run: Option<fleet::RunSummary>,
    clock: runs::SilenceClock,
) -> fleet::Agent {
    let state = match from.state(clock) {
        agents::AgentState::Ok => fleet::AgentState::Ok,
        agents::AgentState::Silent => fleet::AgentState::Silent,
        agents::AgentState::NeverSeen => fleet::AgentState::NeverSeen,
    };
    fleet::Agent {
        id: from.id,
        silent_at: from.silent_at(clock),
        name: from.name,
        hostname: from.hostname,
        version: from.version,
        state,
        last_seen_at: from.last_seen_at,
        last_run,
    }
}

pub(crate) fn stored_agent_state(from: fleet::AgentState) -> agents::AgentState {
    match from {
        fleet::AgentState::Ok => agents::AgentState::Ok,
        fleet::AgentState::Silent => agents::AgentState::Silent,
        fleet::AgentState::NeverSeen => agents::AgentState::NeverSeen,
    }
}

pub(crate) fn stored_run_state(from: fleet::RunState) -> runs::RunState {
    match from {
        fleet::RunState::Running => runs::RunState::Running,
        fleet::RunState::Finished => runs::RunState::Finished,
        fleet::RunState::Lost => runs::RunState::Lost,
    }
}

/// What a person searched for; blanks around it are not meant, and nothing is not a search.
pub(crate) fn searched(q: Option<&str>) -> Option<&str> {
    q.map(str::trim).filter(|q| !q.is_empty())
}

pub(crate) fn new_host(from: api_hosts::NewHost) -> hosts::NewHost {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    hosts::NewHost {
        name: from.name.trim().to_owned(),
        address: from.address,
        port: from.port.unwrap_or(22),
        username: given(from.username),
        credential: given(from.credential),
        notes: given(from.notes),
        tags: from.tags,
        enabled: from.enabled.unwrap_or(true),
    }
}

/// Rows of a page; 100 unless told.
pub(crate) fn limit(asked: Option<i64>) -> u64 {
    asked
        .and_then(|limit| u64::try_from(limit).ok())
        .unwrap_or(100)
        .clamp(1, 1000)
}

pub(crate) fn facets(from: hosts::HostFacets) -> api_hosts::HostFacets {
    let states = from
        .state
        .into_iter()
        .map(|(state, count)| api_hosts::FacetValue {
            value: state_name(host_state(state)).to_owned(),
            count,
        });
    let facets = [
        ("state", states.collect()),
        ("os", facet_values(from.os)),
        ("os_version", facet_values(from.os_version)),
        ("arch", facet_values(from.arch)),
        ("tag", facet_values(from.tag)),
        ("reboot_required", facet_values(from.reboot_required)),
    ];
    api_hosts::HostFacets {
        facets: facets
            .into_iter()
            .map(|(name, values)| (name.to_owned(), values))
            .collect(),
    }
}

pub(crate) fn report(from: luumen_api::agent::Report) -> reports::Report {
    reports::Report {
        outcome: from.outcome,
        visited_at: from.visited_at,
        duration_ms: from.duration_ms,
        error: from.error,
        snapshot: from.snapshot,
    }
}

fn facet_values(from: Vec<hosts::FacetValue>) -> Vec<api_hosts::FacetValue> {
    from.into_iter()
        .map(|one| api_hosts::FacetValue {
            value: one.value,
            count: one.count,
        })
        .collect()
}

pub(crate) fn snapshot_summary(from: snapshots::SnapshotSummary) -> api_snapshots::SnapshotSummary {
    api_snapshots::SnapshotSummary {
        id: from.id,
        taken_at: from.taken_at,
        received_at: from.received_at,
        run_id: from.run_id,
        outcome: from.outcome,
        duration_ms: from.duration_ms,
        package_count: from.package_count,
        changed_sections: from.changed_sections,
        section_status: from.section_status,
    }
}

pub(crate) fn snapshot_document(from: snapshots::StoredSnapshot) -> api_snapshots::SnapshotDocument {
    api_snapshots::SnapshotDocument {
        id: from.summary.id,
        host_id: from.summary.host_id,
        run_id: from.summary.run_id,
        received_at: from.summary.received_at,
        section_seen_at: from.section_seen_at,
        snapshot: from.snapshot,
    }
}

pub(crate) fn snapshot_diff(
    from: snapshots::StoredSnapshot,
    to: snapshots::StoredSnapshot,
    changes: diff::SnapshotDiff,
) -> api_snapshots::SnapshotDiff {
    let package = |one: diff::PackageChange| api_snapshots::PackageChange {
        manager: one.manager,
        name: one.name,
        arch: one.arch,
        from_version: one.from_version,
        to_version: one.to_version,
    };
    let property = |one: diff::PropertyChange| api_snapshots::PropertyChange {
        section: one.section,
        path: one.path,
        from: one.from,
        to: one.to,
    };
    api_snapshots::SnapshotDiff {
        from: snapshot_summary(from.summary),
        to: snapshot_summary(to.summary),
        packages: changes.packages.into_iter().map(package).collect(),
        properties: changes.properties.into_iter().map(property).collect(),
        not_comparable: changes.not_comparable,
        truncated: changes.truncated,
    }
}

pub(crate) fn package_summary(from: packages::PackageSummary) -> fleet::PackageSummary {
    fleet::PackageSummary {
        manager: from.manager,
        name: from.name,
        version_count: from.version_count,
        host_count: from.host_count,
    }
}

pub(crate) fn package_on_host(from: packages::PackageOnHost) -> fleet::PackageOnHost {
    fleet::PackageOnHost {
        host_id: from.host_id,
        host_name: from.host_name,
        manager: from.package.manager,
        name: from.package.name,
        version: from.package.version,
        arch: from.package.arch,
        source: from.package.source,
        source_version: from.package.source_version,
        last_seen_at: from.last_seen_at,
        stale: from.stale,
    }
}

pub(crate) fn property_path(from: properties::PropertyPath) -> fleet::PropertyPath {
    fleet::PropertyPath {
        path: from.path,
        host_count: from.host_count,
        examples: from.examples,
    }
}

pub(crate) fn overview(
    from: overview::Overview,
    runs: Vec<fleet::RunSummary>,
    agents: Vec<fleet::Agent>,
    generated_at: luumen_model::Timestamp,
) -> api_overview::Overview {
    let states = from
        .states
        .into_iter()
        .map(|(state, count)| (host_state(state), count));
    let coverage = from.coverage.into_iter().map(|gap| api_overview::CoverageGap {
        section: gap.section,
        title: gap.section.title().to_owned(),
        denied: gap.denied,
        other: gap.other,
    });
    let visits = from.visits.into_iter().map(|day| api_overview::VisitDay {
        day: day.day.to_string().chars().take(10).collect(),
        complete: day.complete,
        partial: day.partial,
        failed: day.failed,
        skipped: day.skipped,
    });
    api_overview::Overview {
        generated_at,
        host_count: from.host_count,
        states: states.collect(),
        os: facet_values(from.os),
        freshness: freshness(&from.freshness),
        coverage: coverage.collect(),
        reboot_required_count: from.reboot_required_count,
        changed_today_count: from.changed_today_count,
        new_today_count: from.new_today_count,
        package_count: from.package_count,
        runs,
        agents,
        visits: visits.collect(),
    }
}

/// The store counts by [`overview::FRESHNESS_S`], then older, then never; these are their names.
fn freshness(counts: &[i64]) -> Vec<api_overview::FreshnessBucket> {
    const LABELS: [&str; 7] = [
        "< 1 h",
        "1 – 6 h",
        "6 – 24 h",
        "1 – 7 d",
        "7 – 30 d",
        "> 30 d",
        "never",
    ];
    let bucket = |(at, label): (usize, &&str)| api_overview::FreshnessBucket {
        label: (*label).to_owned(),
        up_to_s: overview::FRESHNESS_S.get(at).copied(),
        count: counts.get(at).copied().unwrap_or_default(),
    };
    LABELS.iter().enumerate().map(bucket).collect()
}
