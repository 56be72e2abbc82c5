//! The store's nouns as the API's. Nothing is decided here.

use luumen_api::{access, fleet, hosts as api_hosts, workspace};
use luumen_store::{agents, api_keys, hosts, reports, runs, workspaces};

pub fn workspace(from: workspaces::Workspace) -> workspace::Workspace {
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

pub fn scope(from: access::ApiKeyScope) -> api_keys::KeyScope {
    match from {
        access::ApiKeyScope::Agent => api_keys::KeyScope::Agent,
        access::ApiKeyScope::Read => api_keys::KeyScope::Read,
        access::ApiKeyScope::Write => api_keys::KeyScope::Write,
    }
}

pub fn api_key(from: api_keys::ApiKey) -> access::ApiKey {
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

pub fn host_state(from: hosts::HostState) -> api_hosts::HostState {
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
pub fn state_name(state: api_hosts::HostState) -> &'static str {
    match state {
        api_hosts::HostState::Ok => "ok",
        api_hosts::HostState::Partial => "partial",
        api_hosts::HostState::Failing => "failing",
        api_hosts::HostState::Stale => "stale",
        api_hosts::HostState::NeverSeen => "never_seen",
        api_hosts::HostState::Disabled => "disabled",
    }
}

pub fn host_summary(from: hosts::Host) -> api_hosts::HostSummary {
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

pub fn host(from: hosts::Host) -> api_hosts::Host {
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

pub fn sort(from: api_hosts::HostSort) -> hosts::HostSort {
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

pub fn run(from: runs::Run) -> fleet::RunSummary {
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

pub fn run_host(from: runs::RunHost) -> fleet::RunHost {
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
pub fn agent(
    from: agents::Agent,
    last_run: Option<fleet::RunSummary>,
    clock: runs::SilenceClock,
) -> fleet::Agent {
    let silent_at = from.last_seen_at.map(|at| at.plus_millis(clock.silent_after_ms));
    let state = match silent_at {
        None => fleet::AgentState::NeverSeen,
        Some(at) if at <= clock.now => fleet::AgentState::Silent,
        Some(_) => fleet::AgentState::Ok,
    };
    fleet::Agent {
        id: from.id,
        name: from.name,
        hostname: from.hostname,
        version: from.version,
        state,
        last_seen_at: from.last_seen_at,
        silent_at,
        last_run,
    }
}

pub fn new_host(from: api_hosts::NewHost) -> hosts::NewHost {
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
pub fn limit(asked: Option<i64>) -> u64 {
    asked
        .and_then(|limit| u64::try_from(limit).ok())
        .unwrap_or(100)
        .clamp(1, 1000)
}

pub fn facets(from: hosts::HostFacets) -> api_hosts::HostFacets {
    let values = |values: Vec<hosts::FacetValue>| {
        let turn = |one: hosts::FacetValue| api_hosts::FacetValue {
            value: one.value,
            count: one.count,
        };
        values.into_iter().map(turn).collect::<Vec<_>>()
    };
    let states = from
        .state
        .into_iter()
        .map(|(state, count)| api_hosts::FacetValue {
            value: state_name(host_state(state)).to_owned(),
            count,
        });
    let facets = [
        ("state", states.collect()),
        ("os", values(from.os)),
        ("os_version", values(from.os_version)),
        ("arch", values(from.arch)),
        ("tag", values(from.tag)),
        ("reboot_required", values(from.reboot_required)),
    ];
    api_hosts::HostFacets {
        facets: facets
            .into_iter()
            .map(|(name, values)| (name.to_owned(), values))
            .collect(),
    }
}

pub fn report(from: luumen_api::agent::Report) -> reports::Report {
    reports::Report {
        outcome: from.outcome,
        visited_at: from.visited_at,
        duration_ms: from.duration_ms,
        error: from.error,
        snapshot: from.snapshot,
    }
}
