//! Many agents report at once.

use futures::future::join_all;
use luumen_model::Outcome;
use luumen_store::{
    Store, StoreError, hosts,
    jobs::{self, JobKind, SERVER},
    packages, reports, retention, runs, snapshots, transaction, workspaces,
};

use crate::world::{World, at, is, on_every_database, package, snapshot};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_reports_at_once_each_count_once() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Busy").await;
        let mut all = Vec::new();
        for number in 0..20 {
            all.push(world.host(&format!("host-{number:02}"), &[]).await);
        }
        let run = world.run(1).await;
        // All bring new content, most of it the same, and each report is sent twice.
        let sent = all.iter().chain(&all).zip(0..).map(|(host, number)| {
            let own = format!("own-{:02}", number % 20);
            let seen = snapshot(at(1), &own, &[("bash", "5.2-1"), (&own, "1")]);
            let world = &world;
            async move { world.see(run, *host, &seen).await }
        });
        let stored = join_all(sent).await;
        for (first, second) in stored.iter().zip(&stored[20..]) {
            assert_eq!(first.snapshot_id, second.snapshot_id);
            assert!(first.repeated != second.repeated, "one of two is the first");
        }
        assert_eq!(world.found(&[is(package("bash"))], 1).await.len(), 20);
        let versions = packages::versions_named(store.read(), world.workspace.id, "bash")
            .await
            .unwrap();
        assert_eq!(versions.len(), 1);
        let clock = runs::SilenceClock::of(&world.workspace, at(1));
        let run = runs::get(store.read(), world.workspace.id, run, clock)
            .await
            .unwrap();
        assert_eq!(run.complete_count, 20);
        reports_meet_a_prune(&world, &all).await;
    })
    .await;
}

/// A long history goes in many small steps, and reports are written between them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn more_visits_than_one_step_takes_all_go() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Long").await;
        let run = world.run(1).await;
        for number in 0..1100 {
            let host = world.host(&format!("host-{number:04}"), &[]).await;
            world.fail(run, host, 1).await;
        }
        let pruned = retention::prune(store, world.workspace.id, at(2)).await.unwrap();
        assert_eq!((pruned.visits, pruned.runs), (1100, 1));
    })
    .await;
}

/// What is wanted is there, although a worker takes jobs as fast as they come.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_wanted_while_a_worker_takes_it_is_wanted_anew() {
    on_every_database(async |store: &Store| {
        let kind = JobKind::AssessHosts;
        let want = async || {
            for _ in 0..500 {
                jobs::enqueue(store.writer(), SERVER, kind, Some("1"), at(0), at(0))
                    .await
                    .expect("a job that waits, or waited just now");
            }
        };
        let wanted = async { futures::join!(want(), want()) };
        let worker = async {
            loop {
                let (kinds, id) = ([kind], uuid::Uuid::new_v4());
                let claim = transaction!(store, StoreError, |tx| jobs::claim(tx, &kinds, id, 60_000, at(1)));
                if let Some(claim) = claim.unwrap() {
                    claim.finish(store.writer(), at(1)).await.unwrap();
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = wanted => {}
            () = worker => {}
        }
    })
    .await;
}

/// The server answers on many threads: what it awaits must be able to move between them.
#[test]
fn futures_may_change_threads() {
    fn check<F: Future + Send>(_: impl FnOnce(&'static Store) -> F) {}
    let (id, at) = (uuid::Uuid::nil(), at(0));
    check(|store| async move {
        let report = reports::Report {
            outcome: Outcome::Skipped,
            visited_at: at,
            duration_ms: 0,
            error: None,
            snapshot: None,
        };
        reports::store_report(store, id.into(), id.into(), id.into(), &report, at).await
    });
    check(|store| async move {
        retention::prune(store, id.into(), at).await?;
        transaction!(store, StoreError, |tx| retention::sweep(tx, id.into()))
    });
    check(|store| async move {
        let tx = store.begin().await?;
        workspaces::delete(&tx, id.into()).await?;
        tx.commit().await.map_err(StoreError::from)
    });
}

/// Old content is let go of while reports come back to it.
async fn reports_meet_a_prune(world: &World<'_>, all: &[luumen_model::HostId]) {
    let workspace = world.workspace.id;
    let run = world.run(2).await;
    let others = all.iter().map(|host| async move {
        world
            .see(run, *host, &snapshot(at(2), "all", &[("zsh", "5.9")]))
            .await
    });
    join_all(others).await;
    let run = world.run(3).await;
    let prune = async {
        for _ in 0..5 {
            retention::prune(world.store, workspace, at(3)).await.unwrap();
            transaction!(world.store, StoreError, |tx| retention::sweep(tx, workspace)).unwrap();
        }
    };
    let back = all.iter().zip(0..).map(|(host, number)| async move {
        let own = format!("own-{number:02}");
        let seen = snapshot(at(3), &own, &[("bash", "5.2-1"), (&own, "1")]);
        world.see(run, *host, &seen).await;
        seen
    });
    let (seen, ()) = futures::join!(join_all(back), prune);
    for (host, seen) in all.iter().zip(seen) {
        let kept = snapshots::newest(world.store.read(), workspace, *host)
            .await
            .unwrap();
        assert_eq!(kept.snapshot, seen);
    }
    let filter = hosts::HostFilter::default();
    let counts = hosts::count_by_state(world.store.read(), workspace, &filter, world.clock(3))
        .await
        .unwrap();
    assert_eq!(counts.values().sum::<i64>(), 20);
}
