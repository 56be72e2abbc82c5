//! Jobs: claimed once, taken over when a worker dies, tried again later, and what they do.

use std::{sync::Arc, time::Duration};

use luumen_model::Timestamp;
use luumen_server::{
    clock,
    vulnerabilities::{
        OpenCatalogue,
        catalogue::Current,
        jobs::{Jobs, Progress, Refreshed, Refresher, Refreshing, Which, want_assessment, want_refresh},
    },
};
use luumen_store::{
    OpenOptions, Store, StoreError,
    jobs::{self, JobKind, JobProgress, JobState, SERVER},
    transaction,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
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
async fn who_lost_the_lease_has_no_say_in_what_waits() {
    on_every_database(async |store: &Store| {
        let (db, kind) = (store.writer(), JobKind::AssessHosts);
        let world = World::new(store, "Lease").await;
        let id = world.workspace.id;
        jobs::hint(db, id, kind, at(1), at(1)).await.unwrap();
        let first = claim_one(store, 1).await.unwrap();
        // It sleeps; another one takes it over, and a report comes in meanwhile.
        let second = claim_one(store, 3).await.unwrap();
        assert_eq!(second.job.id, first.job.id);
        jobs::hint(db, id, kind, at(3), at(3)).await.unwrap();
        first.fail(db, "the lease ended", at(3)).await.unwrap();
        second.finish(db, at(3)).await.unwrap();
        assert_eq!(
            jobs::failing(db, id, kind)
                .await
                .unwrap()
                .and_then(|job| job.error),
            None
        );
        let waiting = claim_one(store, 3).await.expect("nobody put it off");
        assert_eq!((waiting.job.attempts, waiting.job.error.as_deref()), (1, None));
    })
    .await;
}

#[tokio::test]
async fn what_fails_rests_before_its_next_try_whatever_is_reported_meanwhile() {
    on_every_database(async |store: &Store| {
        let (db, kind) = (store.writer(), JobKind::AssessHosts);
        let world = World::new(store, "Rest").await;
        let id = world.workspace.id;
        let hint = async |hours| jobs::hint(db, id, kind, at(hours), at(hours)).await.unwrap();
        let failing = async || {
            let failing = jobs::failing(db, id, kind).await.unwrap();
            failing.and_then(|job| job.error)
        };
        hint(1).await;
        let first = claim_one(store, 1).await.unwrap();
        assert_eq!(first.fail(db, "no room", at(1)).await.unwrap(), JobState::Queued);
        hint(1).await;
        assert!(
            claim_one(store, 1).await.is_none(),
            "a report does not end the pause"
        );
        assert_eq!(failing().await.as_deref(), Some("no room"));

        // One that came while it ran is its next try.
        let second = claim_one(store, 2).await.unwrap();
        hint(2).await;
        assert_eq!(
            second.fail(db, "no room yet", at(2)).await.unwrap(),
            JobState::Failed
        );
        assert!(
            claim_one(store, 2).await.is_none(),
            "nor does one that came before"
        );
        assert_eq!(failing().await.as_deref(), Some("no room yet"));
        let waiting = jobs::open(db, id, kind).await.unwrap().unwrap();
        assert!(waiting.run_after >= at(2).plus_millis(30_000), "{waiting:?}");

        // A person who asks does not wait.
        jobs::enqueue(db, id, kind, None, at(2), at(2)).await.unwrap();
        let third = claim_one(store, 2).await.unwrap();
        assert_eq!(third.job.attempts, 3);
        third.finish(db, at(2).plus_millis(1)).await.unwrap();
        assert_eq!(failing().await, None);
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

/// Fetches until it is told to go on, then to end.
#[derive(Clone, Default)]
struct Slow {
    began: Arc<Notify>,
    go_on: Arc<Notify>,
    end: Arc<Notify>,
}

impl Refresher for Slow {
    fn refresh(
        &self,
        _which: Which,
        _before: Option<OpenCatalogue>,
        _now: Timestamp,
        progress: Progress,
    ) -> Refreshing<'_> {
        Box::pin(async move {
            self.began.notify_one();
            self.go_on.notified().await;
            progress.send_replace(Some(JobProgress::default()));
            self.end.notified().await;
            Ok(Refreshed {
                feeds: Vec::new(),
                installed: Ok(false),
            })
        })
    }

    fn every(&self) -> Duration {
        Duration::from_secs(3600)
    }
}

fn with_refresher(store: &Store, slow: &Slow) -> Jobs {
    Jobs {
        store: store.clone(),
        catalogue: Arc::new(Current::new(None)),
        refresher: Some(Arc::new(slow.clone())),
    }
}

#[tokio::test]
async fn hosts_are_judged_while_feeds_are_fetched() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Both").await;
        let host = world.host("web", &[]).await;
        world.see(host, 1, &[("bash", "5.2-1")]).await;
        let slow = Slow::default();
        let jobs = with_refresher(store, &slow);
        jobs.catalogue
            .put(catalogue(&[claim("debian/12", "CVE-2026-0001", "bash", "")]));
        let stop = CancellationToken::new();
        let running = tokio::spawn(jobs.run(stop.clone()));
        slow.began.notified().await;
        // Whatever there was to judge before: from here on the fetching stands still.
        world.see(host, 2, &[("bash", "5.2-1"), ("sed", "4.9")]).await;
        want_assessment(store, world.workspace.id, clock::now())
            .await
            .unwrap();
        let judged = async {
            while world.counts(2).await != ["CVE-2026-0001 1/0/0/0"]
                || jobs::open(store.read(), world.workspace.id, JobKind::AssessHosts)
                    .await
                    .unwrap()
                    .is_some()
            {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), judged)
            .await
            .expect("judged meanwhile");
        stop.cancel();
        slow.go_on.notify_one();
        slow.end.notify_one();
        running.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_word_that_is_not_heard_ends_no_job() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("store.db").display());
    let impatient = OpenOptions {
        busy_timeout: Duration::from_millis(200),
        ..OpenOptions::default()
    };
    let store = Store::open(&url, &impatient).await.unwrap();
    store.migrate().await.unwrap();
    let slow = Slow::default();
    let jobs = with_refresher(&store, &slow);
    let job = want_refresh(&store, clock::now()).await.unwrap();
    let others = async {
        slow.began.notified().await;
        let writing = store.begin().await.unwrap();
        // Now it says how far it is, and nobody can write that down.
        slow.go_on.notify_one();
        tokio::time::sleep(Duration::from_millis(600)).await;
        drop(writing);
        slow.end.notify_one();
    };
    let (done, ()) = tokio::join!(jobs.one(Uuid::new_v4()), others);
    assert!(done.unwrap());
    let done = jobs::get(store.read(), SERVER, job.id).await.unwrap();
    assert_eq!((done.state, done.attempts, done.error), (JobState::Done, 1, None));
}
