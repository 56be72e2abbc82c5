//! For load balancers and Prometheus: no session, and no secret in the answers.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header::CONTENT_TYPE;
use luumen_api::Code;
use luumen_store::{
    agents::{self, AgentState},
    hosts::{self, HostFilter, StateClock},
    runs::SilenceClock,
    workspaces,
};

use super::wire;
use crate::{
    app::AppState,
    clock,
    metrics::Page,
    problem::{ApiResult, Problem},
};

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can do its work: the database answers.
pub(crate) async fn ready(State(state): State<AppState>) -> ApiResult<&'static str> {
    let answered = state.store.ping().await;
    answered.map_err(|error| {
        Problem::new(Code::Unavailable)
            .detail("The database does not answer.")
            .because(error)
    })?;
    Ok("ok\n")
}

/// Numbers for Prometheus.
pub(crate) async fn metrics(State(state): State<AppState>) -> ApiResult<Response> {
    let mut page = Page::default();
    page.family("luumen_build_info", "gauge", "Version of this server");
    page.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    state.counters.write(&mut page);
    write_fleet(&state, &mut page).await?;
    crate::vulnerabilities::numbers::write(&state.store, &mut page, clock::now()).await?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], page.into_text()).into_response())
}

/// What is true of the fleet, fresh from the store. Workspaces go by their id: names are their own business.
async fn write_fleet(state: &AppState, page: &mut Page) -> ApiResult<()> {
    let (now, db) = (clock::now(), state.store.read());
    let workspaces = workspaces::list(db).await?;
    page.family("luumen_hosts", "gauge", "Hosts by state");
    for workspace in &workspaces {
        let clock = StateClock::of(workspace, now);
        for (host_state, count) in
            hosts::count_by_state(db, workspace.id, &HostFilter::default(), clock).await?
        {
            let labels = [
                ("workspace", workspace.id.to_string()),
                ("state", wire::state_name(wire::host_state(host_state)).to_owned()),
            ];
            page.sample(
                &labels.each_ref().map(|(name, value)| (*name, value.as_str())),
                count,
            );
        }
    }
    page.family(
        "luumen_agent_silent",
        "gauge",
        "1 when an agent has been silent for three polls and the grace time",
    );
    for workspace in &workspaces {
        let clock = SilenceClock::of(workspace, now);
        for agent in agents::list(db, workspace.id).await? {
            let silent = u8::from(agent.state(clock) != AgentState::Ok);
            page.sample(
                &[
                    ("workspace", &workspace.id.to_string()),
                    ("agent", &agent.id.to_string()),
                ],
                silent,
            );
        }
    }
    Ok(())
}
