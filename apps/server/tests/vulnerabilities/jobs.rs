//! Jobs: claimed once, taken over when a worker dies, tried again later, and what they do.

use std::sync::Arc;

use luumen_server::vulnerabilities::{
    catalogue::Current,
    jobs::{Jobs, want_assessment},
};
use luumen_store::{
    Store, StoreError,
    jobs::{self, JobKind, JobState, SERVER},
    transaction,
};
use uuid::Uuid;

use crate::world::{World, at, catalogue, claim, on_every_database};

async fn claim_one(store: &Store, hours: i64) -> Option<jobs::Claim> {
    let (worker, kinds) = (Uuid::new_v4(), [JobKind::AssessHosts, JobKind::RefreshFeeds]);
    transaction!(store, StoreError, |tx| jobs::claim(
        tx,
        &kinds,
        worker,
        60_000,
        at(hours)
    ))
    .unwrap()
}

#[tokio::test]
async fn a_job_is_one_persons_until_its_lease_ends() {
    on_every_database(async |store: &Store| {
        let db = store.writer();
        let enqueue = async |hours| {
            jobs::enqueue(db, SERVER, JobKind::RefreshFeeds, None, at(hours), at(0))
                .await
                .unwrap()
        };
        let later = enqueue(5).await;
        assert_eq!(
            enqueue(3).await.id,
            later.id,
            "two that wait for the same are one"
        );
        assert_eq!(enqueue(4).await.run_after, at(3));
        assert!(claim_one(store, 2).await.is_none());
        let first = claim_one(store, 3).await.unwrap();
        assert!(claim_one(store, 3).await.is_none());
        assert_ne!(
            enqueue(9).await.id,
            later.id,
            "what comes while one runs waits for the next"
        );
        // A worker that died is followed by another one, and cannot end the job any more.
        let second = claim_one(store, 4).await.unwrap();
        assert_eq!((second.job.id, second.job.attempts), (later.id, 2));
        assert!(!first.heartbeat(db, None, 60_000, at(4)).await.unwrap());
        first.finish(db, at(4)).await.unwrap();
        assert!(second.heartbeat(db, None, 60_000, at(4)).await.unwrap());
        second.finish(db, at(4)).await.unwrap();
        let done = jobs::get(db, SERVER, later.id).await.unwrap();
        assert_eq!((done.state, done.finished_at), (JobState::Done, Some(at(4))));
        // What fails waits longer each time.
        let claim = claim_one(store, 9).await.unwrap();
        assert_eq!(
            claim.fail(db, "no network", at(9)).await.unwrap(),
            JobState::Queued
        );
        let waiting = jobs::get(db, SERVER, claim.job.id).await.unwrap();
        assert_eq!(waiting.error.as_deref(), Some("no network"));
        assert!(waiting.run_after > at(9));
        assert_eq!(jobs::list(db, SERVER, None, 10).await.unwrap().items.len(), 2);
        assert_eq!(jobs::sweep(db, at(10)).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_report_is_judged_by_the_job_that_it_asks_for() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Jobs").await;
        let host = world.host("web", &[]).await;
        let jobs = Jobs {
            store: store.clone(),
            catalogue: Arc::new(Current::new(None)),
            refresher: None,
        };
        want_assessment(store, world.workspace.id, at(0)).await.unwrap();
        assert!(
            !jobs.one(Uuid::new_v4()).await.unwrap(),
            "without a catalogue nothing is judged"
        );
        jobs.catalogue
            .put(catalogue(&[claim("debian/12", "CVE-2026-0001", "bash", "")]));
        world.see(host, 1, &[("bash", "5.2-1")]).await;
        while jobs.one(Uuid::new_v4()).await.unwrap() {}
        assert_eq!(world.counts(1).await, ["CVE-2026-0001 1/0/0/0"]);
        assert!(
            jobs::open(store.read(), world.workspace.id, JobKind::AssessHosts)
                .await
                .unwrap()
                .is_none()
        );
    })
    .await;
}
