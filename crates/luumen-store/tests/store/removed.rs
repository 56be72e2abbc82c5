//! An agent that is silent for good is taken from the list, and is back when it speaks.

use luumen_store::{
    Store, StoreError, Thing,
    agents::{self, AgentSays, Removal},
    hosts,
    runs::{self, RunQuery, SilenceClock},
    transaction,
};

use crate::world::{World, at, on_every_database, snapshot};

#[tokio::test]
async fn a_silent_agent_is_removed_until_it_speaks() {
    on_every_database(async |store: &Store| Box::pin(story(store)).await).await;
}

async fn story(store: &Store) {
    let world = World::new(store, "Retired").await;
    let (db, workspace, agent) = (store.read(), world.workspace.id, world.agent);
    let says = AgentSays {
        name: "patch-1",
        ..AgentSays::default()
    };
    // Its own interval is a week, so its host would be no concern for two.
    transaction!(store, StoreError, |tx| agents::beat(
        tx,
        workspace,
        &says,
        Some(7 * 86_400),
        at(1)
    ))
    .unwrap();
    let host = world.host("web", &[]).await;
    let run = world.run(1).await;
    world.see(run, host, &snapshot(at(1), "web", &[])).await;
    let stale_at = async || {
        let host = hosts::get(db, workspace, host, world.clock(1)).await.unwrap();
        host.stale_at.unwrap()
    };
    assert!(stale_at().await > at(14 * 24));

    let clock = |hours| SilenceClock::of(&world.workspace, at(hours));
    let remove = async |hours| {
        transaction!(store, StoreError, |tx| agents::remove(
            tx,
            workspace,
            agent,
            clock(hours)
        ))
    };
    assert_eq!(remove(1).await.unwrap(), Removal::Speaks { last_seen_at: at(1) });
    assert_eq!(remove(30).await.unwrap(), Removal::Done);
    assert!(agents::list(db, workspace).await.unwrap().is_empty());
    assert!(matches!(
        remove(30).await,
        Err(StoreError::NotFound(Thing::Agent))
    ));
    assert!(
        stale_at().await < at(7 * 24),
        "nobody comes by that week any more"
    );

    // Its runs keep its name, and are found by it.
    let named = async || {
        let query = RunQuery {
            q: Some("PATCH-1"),
            limit: 10,
            ..RunQuery::default()
        };
        let page = runs::list(db, workspace, &query, clock(30)).await.unwrap();
        page.items
            .into_iter()
            .map(|run| run.agent_name)
            .collect::<Vec<_>>()
    };
    assert_eq!(named().await, ["patch-1"]);

    let back = agents::touch(store.writer(), workspace, &says, at(31))
        .await
        .unwrap();
    assert_eq!(back, agent, "it is the same one");
    assert_eq!(agents::list(db, workspace).await.unwrap().len(), 1);
    // Whoever begins a run speaks, too.
    assert_eq!(remove(60).await.unwrap(), Removal::Done);
    world.run(61).await;
    assert_eq!(agents::list(db, workspace).await.unwrap().len(), 1);
}
