//! An agent that is silent for good is taken from the list, and is back when it speaks; a person who is taken away is gone.

use luumen_store::{
    Store, StoreError, Thing, TokenHash,
    agents::{self, AgentSays, Removal},
    hosts,
    runs::{self, RunQuery, SilenceClock},
    sessions::{self, LinkPurpose, Session},
    transaction,
    users::{self, Role},
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
        agents::OwnTimes {
            interval_s: Some(7 * 86_400),
            polling_s: None,
        },
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

#[tokio::test]
async fn who_is_taken_away_comes_in_by_no_session_and_no_link() {
    on_every_database(async |store: &Store| {
        let (ours, theirs) = (World::new(store, "Ours").await, World::new(store, "Theirs").await);
        let db = store.writer();
        let kim = users::create(db, "kim@example.com", "Kim", None, at(0))
            .await
            .unwrap();
        let ida = users::create(db, "ida@example.com", "Ida", None, at(0))
            .await
            .unwrap();
        for user in [kim.id, ida.id] {
            for world in [&ours, &theirs] {
                let workspace = world.workspace.id;
                users::add_member(db, workspace, user, Role::Owner, at(0))
                    .await
                    .unwrap();
                let session = Session {
                    user,
                    workspace,
                    created_at: at(0),
                    expires_at: at(9),
                    last_seen_at: at(0),
                    via_link: false,
                };
                let token = TokenHash::of(&format!("{user}{workspace}"));
                sessions::create(db, token, &session).await.unwrap();
            }
            let token = TokenHash::of(&user.to_string());
            sessions::add_link(db, token, LinkPurpose::SignIn, Some(user), at(0), at(9))
                .await
                .unwrap();
        }
        transaction!(store, StoreError, |tx| users::remove(tx, kim.id)).unwrap();
        for (user, there) in [(kim.id, false), (ida.id, true)] {
            for world in [&ours, &theirs] {
                let token = TokenHash::of(&format!("{user}{}", world.workspace.id));
                let session = sessions::find(store.read(), token, at(1)).await.unwrap();
                assert_eq!(session.is_some(), there);
            }
            let token = TokenHash::of(&user.to_string());
            let good = sessions::link_is_good(store.read(), token, LinkPurpose::SignIn, at(1)).await;
            assert_eq!(good.unwrap(), there);
            assert_eq!(users::get(store.read(), user).await.is_ok(), there);
        }
        let again = transaction!(store, StoreError, |tx| users::remove(tx, kim.id));
        assert!(matches!(again, Err(StoreError::NotFound(Thing::User))));
    })
    .await;
}
