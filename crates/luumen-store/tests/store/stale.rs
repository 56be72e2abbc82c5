//! When a host counts as stale: by the workspace's interval, or by its agent's own.

use luumen_model::{AgentId, HostId, Outcome, RunId, Timestamp};
use luumen_store::{
    Store,
    agents::{self, AgentSays},
    hosts::{self, HostFilter, HostQuery, HostState, StateClock, TermKind},
    packages, runs,
};
use uuid::Uuid;

use crate::world::{World, at, on_every_database, snapshot};

fn minute(minutes: i64) -> Timestamp {
    at(0).plus_millis(minutes * 60_000)
}

const DAY: i64 = 24 * 60;

/// The state of a host and when it turns stale, which row, filter and counts have to agree on.
async fn state(world: &World<'_>, host: HostId, minutes: i64) -> (HostState, i64) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    let clock = StateClock::of(&world.workspace, minute(minutes));
    let row = hosts::get(db, workspace, host, clock).await.unwrap();
    let just_it = HostFilter::all([TermKind::Id(host)]);
    let counts = hosts::count_by_state(db, workspace, &just_it, clock)
        .await
        .unwrap();
    assert_eq!(counts[&row.state], 1, "{counts:?} at minute {minutes}");
    let query = HostQuery {
        filter: HostFilter::all([TermKind::Id(host), TermKind::Stale]),
        limit: 10,
        ..HostQuery::default()
    };
    let found = hosts::list(db, workspace, &query, clock).await.unwrap();
    assert_eq!(
        found.total == 1,
        row.state == HostState::Stale,
        "minute {minutes}"
    );

    let names = packages::versions_named(db, workspace, "openssl").await.unwrap();
    let ids: Vec<i64> = names.iter().map(|version| version.id).collect();
    let (page, _) = packages::hosts_with(db, workspace, &ids, None, 10, clock)
        .await
        .unwrap();
    let on_it = page.items.iter().find(|item| item.host_id == host).unwrap();
    assert_eq!(on_it.stale, row.state == HostState::Stale, "minute {minutes}");
    let stale_at = row.stale_at.unwrap().as_millis() - minute(0).as_millis();
    (row.state, stale_at / 60_000)
}

async fn beat(world: &World<'_>, name: &str, interval_s: Option<i64>, minutes: i64) -> AgentId {
    let says = AgentSays {
        name,
        hostname: Some("h"),
        version: Some("1"),
        tier: None,
    };
    agents::beat(
        world.store.writer(),
        world.workspace.id,
        &says,
        agents::OwnTimes {
            interval_s,
            polling_s: None,
        },
        minute(minutes),
    )
    .await
    .unwrap()
}

async fn run_of(world: &World<'_>, agent: AgentId, minutes: i64) -> RunId {
    let (run, when) = (RunId(Uuid::new_v4()), minute(minutes));
    let begun = runs::start(
        world.store.writer(),
        world.workspace.id,
        run,
        agent,
        when,
        1,
        when,
    );
    begun.await.unwrap();
    run
}

async fn see(world: &World<'_>, run: RunId, host: HostId, minutes: i64) {
    let facts = snapshot(minute(minutes), "web-1", &[("openssl", "3.0.11-1")]);
    world.see(run, host, &facts).await;
}

#[tokio::test]
async fn one_missed_run_and_a_late_one_are_not_stale() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "a").await;
        let host = world.host("web-1", &[]).await;
        see(&world, world.run(0).await, host, 0).await;
        assert_eq!(state(&world, host, 125).await, (HostState::Ok, 126));
        assert_eq!(state(&world, host, 126).await, (HostState::Stale, 126));
    })
    .await;
}

#[tokio::test]
async fn the_hosts_of_a_slower_agent_are_stale_by_its_own_interval() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "a").await;
        let (slow, usual) = (world.host("slow", &[]).await, world.host("usual", &[]).await);
        see(&world, world.run(0).await, usual, 0).await;
        let agent = beat(&world, "daily", Some(86_400), 0).await;
        see(&world, run_of(&world, agent, 0).await, slow, 0).await;
        assert_eq!(state(&world, usual, 200).await.0, HostState::Stale);
        assert_eq!(state(&world, slow, 200).await, (HostState::Ok, 2 * DAY + 144));
        assert_eq!(state(&world, slow, 2 * DAY + 144).await.0, HostState::Stale);

        // Another interval holds for the hosts that are there, and none at all is the workspace's again.
        assert_eq!(beat(&world, "daily", Some(7200), 10).await, agent);
        assert_eq!(state(&world, slow, 10).await, (HostState::Ok, 252));
        beat(&world, "daily", None, 20).await;
        assert_eq!(state(&world, slow, 20).await, (HostState::Ok, 126));

        // A first run tells its interval only when it ends, and a host follows whoever visits it.
        let agent = beat(&world, "new", None, 30).await;
        see(&world, run_of(&world, agent, 30).await, slow, 30).await;
        beat(&world, "new", Some(86_400), 40).await;
        assert_eq!(state(&world, slow, 40).await, (HostState::Ok, 30 + 2 * DAY + 144));
        see(&world, world.run(1).await, slow, 60).await;
        assert_eq!(state(&world, slow, 60).await, (HostState::Ok, 186));

        // What one workspace's agent says is nothing to another's hosts.
        let other = World::new(store, "b").await;
        let theirs = other.host("slow", &[]).await;
        see(&other, other.run(0).await, theirs, 0).await;
        beat(&world, "patch-1", Some(86_400), 61).await;
        assert_eq!(state(&other, theirs, 61).await, (HostState::Ok, 126));
        assert_eq!(state(&world, slow, 61).await, (HostState::Ok, 60 + 2 * DAY + 144));
    })
    .await;
}

#[tokio::test]
async fn a_host_that_was_skipped_is_not_fine_but_for_a_run_that_was_cut_short() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Demo").await;
        let host = world.host("web-1", &[]).await;
        let run = world.run(0).await;
        world.see(run, host, &snapshot(at(0), "web-1", &[])).await;
        let (db, workspace) = (store.read(), world.workspace.id);
        let states = async || {
            let clock = world.clock(1);
            let row = hosts::get(db, workspace, host, clock).await.unwrap();
            let by_filter = HostFilter::all([TermKind::State(row.state)]);
            let counts = hosts::count_by_state(db, workspace, &by_filter, clock)
                .await
                .unwrap();
            assert_eq!(counts[&row.state], 1, "{counts:?}");
            row.state
        };
        let before = states().await;
        assert_ne!(before, HostState::Failing);
        let skipped = async |code| {
            let run = world.run(1).await;
            world.end(run, host, 1, Outcome::Skipped, code).await;
            states().await
        };
        assert_eq!(skipped("LUM-CANCELLED").await, before);
        assert_eq!(skipped("LUM-CREDENTIAL-UNKNOWN").await, HostState::Failing);
        assert_eq!(
            skipped("LUM-CANCELLED").await,
            HostState::Failing,
            "nobody tried again since"
        );
    })
    .await;
}
