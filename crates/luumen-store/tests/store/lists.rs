//! Agents and runs are searched by the database, page by page, and each workspace's stay its own.

use luumen_model::{AgentId, Outcome, RunId, Timestamp};
use luumen_store::{
    Store,
    agents::{self, AgentFilter, AgentSays, AgentState},
    hosts::TermKind,
    packages,
    runs::{self, RunQuery, RunState, SilenceClock},
};
use uuid::Uuid;

use crate::world::{World, at, is, on_every_database, snapshot};

/// A minute of the story; the workspace's agents are silent after four of them.
fn minute(minutes: i64) -> Timestamp {
    at(0).plus_millis(minutes * 60_000)
}

async fn speaks(world: &World<'_>, name: &str, hostname: &str, when: Timestamp) -> AgentId {
    let says = AgentSays {
        name,
        hostname: Some(hostname),
        version: Some("0.1.0"),
        tier: None,
    };
    let spoken = agents::touch(world.store.writer(), world.workspace.id, &says, when);
    spoken.await.unwrap()
}

async fn begins(world: &World<'_>, agent: AgentId, when: Timestamp) -> RunId {
    let run = RunId(Uuid::new_v4());
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

/// The runs that a query finds, gathered from pages of two.
async fn found(world: &World<'_>, query: RunQuery<'_>, now: Timestamp) -> Vec<RunId> {
    let clock = SilenceClock::of(&world.workspace, now);
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = RunQuery {
            cursor: cursor.as_deref(),
            limit: 2,
            ..query
        };
        let page = runs::list(world.store.read(), world.workspace.id, &page, clock)
            .await
            .unwrap();
        assert!(page.items.len() <= 2);
        found.extend(page.items.into_iter().map(|run| run.id));
        cursor = page.next;
        if cursor.is_none() {
            return found;
        }
    }
}

fn searched(q: &str) -> RunQuery<'_> {
    RunQuery {
        q: Some(q),
        ..RunQuery::default()
    }
}

fn in_state(state: RunState) -> RunQuery<'static> {
    RunQuery {
        state: Some(state),
        ..RunQuery::default()
    }
}

#[tokio::test]
async fn runs_are_found_by_agent_host_state_and_trouble() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Demo").await;
        let (web, db) = (world.host("Web-1", &[]).await, world.host("db-1", &[]).await);
        let north = speaks(&world, "north", "patch-n.example", minute(0)).await;
        let south = speaks(&world, "south", "patch-s.example", minute(0)).await;
        // The first of the north is left open and so lost, the second fails at a host, the third is well.
        let lost = begins(&world, north, minute(1)).await;
        let failed = begins(&world, north, minute(10)).await;
        world.fail(failed, web, 0).await;
        let well = begins(&world, south, minute(20)).await;
        world.see(well, db, &snapshot(minute(20), "db-1", &[])).await;
        for run in [failed, well] {
            runs::finish(store.writer(), world.workspace.id, run, minute(21))
                .await
                .unwrap();
        }
        let open = begins(&world, south, minute(30)).await;
        let skipping = begins(&world, north, minute(5)).await;
        world
            .end(skipping, db, 0, Outcome::Skipped, "LUM-CREDENTIAL-UNKNOWN")
            .await;
        runs::finish(store.writer(), world.workspace.id, skipping, minute(6))
            .await
            .unwrap();

        let check = async |query: RunQuery<'_>, expected: &[RunId]| {
            assert_eq!(found(&world, query, minute(31)).await, expected, "{query:?}");
        };
        check(RunQuery::default(), &[open, well, failed, skipping, lost]).await;
        check(searched("NORTH"), &[failed, skipping, lost]).await;
        check(searched("patch-s"), &[open, well]).await;
        check(searched("0.1.0"), &[open, well, failed, skipping, lost]).await;
        // A host by its whole name, however it is written.
        check(searched("web-1"), &[failed]).await;
        check(searched("web"), &[]).await;
        check(searched("%"), &[]).await;
        check(in_state(RunState::Running), &[open]).await;
        check(in_state(RunState::Finished), &[well, failed, skipping]).await;
        check(in_state(RunState::Lost), &[lost]).await;
        let trouble = RunQuery {
            trouble: true,
            ..RunQuery::default()
        };
        check(trouble, &[failed, skipping, lost]).await;
        let both = RunQuery {
            q: Some("web-1"),
            ..trouble
        };
        check(both, &[failed]).await;
        let of_south = RunQuery {
            agent: Some(south),
            ..RunQuery::default()
        };
        check(of_south, &[open, well]).await;

        // An agent that falls silent takes its open run along, in the list as in the filter.
        assert_eq!(
            found(&world, in_state(RunState::Lost), minute(35)).await,
            [open, lost]
        );
        assert_eq!(
            found(&world, trouble, minute(35)).await,
            [open, failed, skipping, lost]
        );
        assert!(
            found(&world, in_state(RunState::Running), minute(35))
                .await
                .is_empty()
        );

        // The same names elsewhere find nothing of ours.
        let other = World::new(store, "Other").await;
        other.host("web-1", &[]).await;
        speaks(&other, "north", "patch-n.example", minute(0)).await;
        for query in [RunQuery::default(), searched("north"), searched("web-1"), trouble] {
            assert!(found(&other, query, minute(35)).await.is_empty(), "{query:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn agents_are_found_by_what_they_tell_and_how_they_do() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Demo").await;
        speaks(&world, "north", "rz1.example", minute(10)).await;
        speaks(&world, "south", "rz2.example", minute(13)).await;
        agents::expect(store.writer(), world.workspace.id, "east", minute(0))
            .await
            .unwrap();
        let clock = SilenceClock::of(&world.workspace, minute(14));
        let check = async |q: Option<&str>, state: Option<AgentState>, expected: &[&str]| {
            let filter = AgentFilter { q, state };
            let agents = agents::found(store.read(), world.workspace.id, filter, clock)
                .await
                .unwrap();
            let names: Vec<&str> = agents.iter().map(|agent| agent.name.as_str()).collect();
            assert_eq!(names, expected, "{filter:?}");
        };
        check(None, None, &["east", "north", "patch-1", "south"]).await;
        check(Some("RZ"), None, &["north", "south"]).await;
        check(Some("ort"), None, &["north"]).await;
        check(Some("0.1"), Some(AgentState::Ok), &["south"]).await;
        // Four minutes without a word are silence, to the millisecond.
        check(None, Some(AgentState::Silent), &["north", "patch-1"]).await;
        check(None, Some(AgentState::NeverSeen), &["east"]).await;
        check(Some("nobody"), None, &[]).await;

        let other = World::new(store, "Other").await;
        let theirs = AgentFilter {
            q: Some("north"),
            state: None,
        };
        let found = agents::found(store.read(), other.workspace.id, theirs, clock).await;
        assert!(found.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn more_versions_than_a_statement_binds_are_asked_for_at_once() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Many").await;
        let host = world.host("web", &[]).await;
        let run = world.run(1).await;
        world
            .see(run, host, &snapshot(at(1), "web", &[("bash", "5.2-1")]))
            .await;
        let versions: Vec<i64> = (0..70_000).collect();
        let many = TermKind::Package {
            name: "bash".to_owned(),
            versions: Some(versions.clone()),
        };
        assert_eq!(world.found(&[is(many)], 1).await, ["web"]);
        let (page, total) = packages::hosts_with(
            store.read(),
            world.workspace.id,
            &versions,
            None,
            10,
            world.clock(1),
        )
        .await
        .unwrap();
        assert_eq!((page.items.len(), total), (1, 1));
    })
    .await;
}
