//! Feeds of a publisher on this machine, from the first request to the finding, as the job does it; and catalogues that others install.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use luumen_catalogue::Builder;
use luumen_feeds::{
    bundle::{Catalogues, Manifest},
    fetch::{Patience, Settings},
    keep::Keep,
    registry::Registry,
};
use luumen_model::{Timestamp, advisory::Record};
use luumen_server::{
    clock,
    vulnerabilities::{
        catalogue::Current,
        jobs::{Jobs, Which, want_refresh},
        refresh::FeedRefresher,
    },
};
use luumen_store::{
    OpenOptions, Store, StoreError, feeds,
    jobs::{self, JobKind, JobState, SERVER},
    transaction,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::world::{World, at, claim, on_every_database};

/// Files by path, and how often each was asked for and sent whole.
#[derive(Default)]
struct Shelf {
    files: HashMap<String, String>,
    asked: HashMap<String, u32>,
    sent: HashMap<String, u32>,
    /// Never answers.
    hangs: bool,
}

#[derive(Clone, Default)]
struct Mirror(Arc<Mutex<Shelf>>);

impl Mirror {
    async fn start() -> (Self, String) {
        let mirror = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().fallback(hand_out).with_state(mirror.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (mirror, base)
    }

    fn put(&self, path: &str, text: &str) {
        let files = &mut self.0.lock().unwrap().files;
        files.insert(format!("/{path}"), text.to_owned());
    }

    fn remove(&self, path: &str) {
        self.0.lock().unwrap().files.remove(&format!("/{path}"));
    }

    fn hang(&self) {
        self.0.lock().unwrap().hangs = true;
    }

    /// How often it was asked for and sent since the last time.
    fn counts(&self, path: &str) -> (u32, u32) {
        let mut shelf = self.0.lock().unwrap();
        let path = format!("/{path}");
        (
            shelf.asked.remove(&path).unwrap_or_default(),
            shelf.sent.remove(&path).unwrap_or_default(),
        )
    }
}

async fn hand_out(State(mirror): State<Mirror>, headers: HeaderMap, request: Request) -> Response {
    if let Some(answer) = answer(&mirror, &headers, &request) {
        return answer;
    }
    std::future::pending().await
}

fn answer(mirror: &Mirror, headers: &HeaderMap, request: &Request) -> Option<Response> {
    let path = request.uri().path().to_owned();
    let mut shelf = mirror.0.lock().unwrap();
    *shelf.asked.entry(path.clone()).or_default() += 1;
    if shelf.hangs {
        return None;
    }
    let Some(text) = shelf.files.get(&path).cloned() else {
        return Some(StatusCode::NOT_FOUND.into_response());
    };
    let tag = format!("\"{}\"", luumen_model::ContentHash::of(&serde_json::json!(text)));
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|tag| tag.to_str().ok());
    if known == Some(tag.as_str()) {
        return Some(StatusCode::NOT_MODIFIED.into_response());
    }
    *shelf.sent.entry(path).or_default() += 1;
    Some(([(header::ETAG, tag)], text).into_response())
}

const TRACKER: &str = "tracker/data/json";
const KEV: &str = "kev.json";

/// What Debian says of bash, with the version that has the fix.
fn tracker(fixed: Option<&str>) -> String {
    let state = match fixed {
        Some(version) => format!(r#""status": "resolved", "fixed_version": "{version}""#),
        None => r#""status": "open""#.to_owned(),
    };
    format!(
        r#"{{"bash": {{"CVE-2026-0002": {{"description": "A made-up hole.", "releases": {{"bookworm":
            {{{state}, "repositories": {{"bookworm": "5.2-1"}}, "urgency": "not yet assigned"}}}}}}}}}}"#
    )
}

fn kev() -> String {
    r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2026-0002", "vulnerabilityName": "A made-up hole",
        "dateAdded": "2026-01-01", "requiredAction": "Update."}]}"#
        .to_owned()
}

fn registry(base: &str) -> Registry {
    Registry::parse(&format!(
        "sources:
  - {{ id: debian-tracker, publisher: Debian, title: Tracker, home: 'http://h/', format: debian-tracker-json, authority: vendor,
      base: '{base}', fetch: {{ kind: file, paths: [tracker/data/json] }}, every: 1h, licence: public, size: 1 MB }}
  - {{ id: cisa-kev, publisher: CISA, title: KEV, home: 'http://h/', format: cisa-kev, base: '{base}',
      fetch: {{ kind: file, paths: [kev.json] }}, every: 1h, licence: CC0-1.0, size: 1 MB }}"
    ))
    .unwrap_or_else(|error| panic!("{error}"))
}

fn refreshing(store: &Store, base: &str, folder: &Path) -> Jobs {
    let settings = Settings {
        patience: Patience {
            tries: 1,
            first_wait: Duration::from_millis(5),
            longest_wait: Duration::from_millis(50),
        },
        ..Settings::default()
    };
    let catalogues = folder.join("catalogues");
    let refresher = FeedRefresher::new(
        registry(base),
        settings,
        folder.join("feeds"),
        catalogues.clone(),
        CancellationToken::new(),
    );
    Jobs {
        store: store.clone(),
        catalogue: Arc::new(Current::new(Some(catalogues))),
        refresher: Some(Arc::new(Arc::new(refresher.unwrap()))),
    }
}

/// Everything that may run now is done.
async fn work(jobs: &Jobs) {
    while jobs.one(Uuid::new_v4()).await.unwrap() {}
}

/// As the button does it: every source is asked, whoever's turn it is.
async fn refresh_now(store: &Store) -> jobs::Job {
    let (kind, now) = (JobKind::RefreshFeeds, clock::now());
    let all = Some(luumen_server::vulnerabilities::jobs::EVERY_SOURCE);
    let job = transaction!(store, StoreError, |tx| jobs::enqueue_unless_running(
        tx, SERVER, kind, all, now
    ));
    job.unwrap().expect("nobody refreshes just now")
}

#[tokio::test]
async fn what_a_publisher_says_becomes_findings_and_their_end() {
    on_every_database(async |store: &Store| {
        let folder = tempfile::tempdir().unwrap();
        let (mirror, base) = Mirror::start().await;
        let world = World::new(store, "Refresh").await;
        let web = world.host("web", &[]).await;
        world.see(web, 1, &[("bash", "5.2-1")]).await;
        mirror.put(TRACKER, &tracker(None));
        mirror.put(KEV, &kev());
        let jobs = refreshing(store, &base, folder.path());
        want_refresh(store, clock::now()).await.unwrap();
        work(&jobs).await;
        assert_eq!(world.counts(1).await, ["CVE-2026-0002 1/0/0/0"]);
        let found = world.one_of_host(web, "CVE-2026-0002", 1).await;
        assert!(found.finding.kev_added_at.is_some());
        freshness_is_told(store).await;

        // Whoever's turn it is not is not asked; the next look waits for its time.
        assert_eq!(mirror.counts(TRACKER), (1, 1));
        want_refresh(store, clock::now()).await.unwrap();
        work(&jobs).await;
        assert_eq!(mirror.counts(TRACKER), (0, 0));
        let next = jobs::open(store.read(), SERVER, JobKind::RefreshFeeds)
            .await
            .unwrap();
        assert!(next.unwrap().run_after > clock::now());
        // A person may ask at once. Twice is harmless: nothing is new, and nothing changes.
        let before = jobs.catalogue.get().unwrap().id;
        let job = refresh_now(store).await;
        work(&jobs).await;
        let done = jobs::get(store.read(), SERVER, job.id).await.unwrap();
        assert_eq!((done.state, done.error), (JobState::Done, None));
        assert_eq!(mirror.counts(TRACKER), (1, 0));
        assert_eq!(jobs.catalogue.get().unwrap().id, before);
        assert_eq!(world.counts(1).await, ["CVE-2026-0002 1/0/0/0"]);

        // The publisher has news, and one source is gone: what was known of it stays.
        mirror.put(TRACKER, &tracker(Some("5.2-1")));
        mirror.remove(KEV);
        refresh_now(store).await;
        work(&jobs).await;
        assert_eq!(world.counts(1).await, ["CVE-2026-0002 0/0/0/1"]);
        let events = world.events().await;
        let kinds: Vec<&str> = events
            .iter()
            .filter_map(|event| event.split(' ').nth(1))
            .collect();
        assert_eq!(kinds.len(), 2, "{events:?}");
        assert!(
            kinds.contains(&"Opened") && kinds.contains(&"Fixed"),
            "{events:?}"
        );
        let told = feeds::list(store.read()).await.unwrap();
        let kev = told.iter().find(|feed| feed.id == "cisa-kev").unwrap();
        assert!(kev.is_failing() && kev.last_success_at.is_some(), "{kev:?}");
    })
    .await;
}

/// A server with one host, which has the hole that Debian tells of.
async fn with_a_finding<'a>(store: &'a Store, mirror: &Mirror, jobs: &Jobs) -> World<'a> {
    let world = World::new(store, "Refresh").await;
    let web = world.host("web", &[]).await;
    world.see(web, 1, &[("bash", "5.2-1")]).await;
    mirror.put(TRACKER, &tracker(None));
    mirror.put(KEV, &kev());
    want_refresh(store, clock::now()).await.unwrap();
    work(jobs).await;
    assert_eq!(world.counts(1).await, ["CVE-2026-0002 1/0/0/0"]);
    world
}

/// The next try of what failed does not wait for its time.
async fn try_again(store: &Store, jobs: &Jobs, id: Uuid) -> jobs::Job {
    assert_eq!(want_refresh(store, clock::now()).await.unwrap().id, id);
    work(jobs).await;
    jobs::get(store.read(), SERVER, id).await.unwrap()
}

#[tokio::test]
async fn a_catalogue_that_could_not_be_installed_is_built_at_the_next_try() {
    on_every_database(async |store: &Store| {
        let folder = tempfile::tempdir().unwrap();
        let (mirror, base) = Mirror::start().await;
        let jobs = refreshing(store, &base, folder.path());
        let world = with_a_finding(store, &mirror, &jobs).await;

        // The news are fetched; then there is no place for the catalogue.
        mirror.put(TRACKER, &tracker(Some("5.2-1")));
        let (catalogues, aside) = (folder.path().join("catalogues"), folder.path().join("aside"));
        std::fs::rename(&catalogues, &aside).unwrap();
        std::fs::write(&catalogues, "no folder").unwrap();
        let job = refresh_now(store).await;
        assert!(jobs.one(Uuid::new_v4()).await.unwrap());
        let failed = jobs::get(store.read(), SERVER, job.id).await.unwrap();
        assert_eq!(failed.state, JobState::Queued, "it is tried again");
        assert_eq!(world.counts(1).await, ["CVE-2026-0002 1/0/0/0"]);

        // There is again, and publishers have nothing that is new.
        std::fs::remove_file(&catalogues).unwrap();
        std::fs::rename(&aside, &catalogues).unwrap();
        let done = try_again(store, &jobs, job.id).await;
        assert_eq!((done.state, done.error), (JobState::Done, None));
        assert_eq!(world.counts(1).await, ["CVE-2026-0002 0/0/0/1"]);

        // Once is enough.
        let built = jobs.catalogue.get().unwrap().id;
        refresh_now(store).await;
        work(&jobs).await;
        assert_eq!(jobs.catalogue.get().unwrap().id, built);
    })
    .await;
}

#[tokio::test]
async fn what_is_damaged_on_the_disk_ends_no_finding_and_is_told_of() {
    on_every_database(async |store: &Store| {
        let folder = tempfile::tempdir().unwrap();
        let (mirror, base) = Mirror::start().await;
        let jobs = refreshing(store, &base, folder.path());
        let world = with_a_finding(store, &mirror, &jobs).await;
        let before = jobs.catalogue.get().unwrap().id;

        let parsed = std::fs::read_dir(folder.path().join("feeds/debian-tracker/parsed")).unwrap();
        for pack in parsed.map(|entry| entry.unwrap().path()) {
            let mut bytes = std::fs::read(&pack).unwrap();
            bytes[13..40].fill(0);
            std::fs::write(&pack, bytes).unwrap();
        }
        mirror.put(KEV, &kev().replace("\"1\"", "\"2\""));
        let job = refresh_now(store).await;
        assert!(jobs.one(Uuid::new_v4()).await.unwrap());
        let failed = jobs::get(store.read(), SERVER, job.id).await.unwrap();
        let error = failed.error.unwrap();
        assert!(
            error.contains("debian-tracker") && error.contains("damaged"),
            "{error}"
        );
        assert_eq!(jobs.catalogue.get().unwrap().id, before);
        let tracker = async || {
            let told = feeds::list(store.read()).await.unwrap();
            told.into_iter().find(|feed| feed.id == "debian-tracker").unwrap()
        };
        let told = tracker().await;
        assert_eq!((told.broken_document_count, told.problem_count), (1, 0));
        assert!(
            told.last_error
                .as_ref()
                .is_some_and(|error| error.contains("damaged")),
            "{told:?}"
        );

        let done = try_again(store, &jobs, job.id).await;
        assert_eq!((done.state, done.error), (JobState::Done, None));
        let told = tracker().await;
        assert_eq!((told.broken_document_count, told.last_error), (0, None));
        assert_eq!(world.counts(1).await, ["CVE-2026-0002 1/0/0/0"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_lets_go_of_a_refresh_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("store.db").display());
    let store = Store::open(&url, &OpenOptions::default()).await.unwrap();
    let (mirror, base) = Mirror::start().await;
    let jobs = refreshing(&store, &base, folder.path());
    mirror.hang();
    let refresher = jobs.refresher.clone().unwrap();
    let refresh = refresher.refresh(Which::All, None, clock::now(), watch::channel(None).0);
    let asked = async {
        while mirror.counts(TRACKER).0 == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        done = refresh => panic!("{done:?}"),
        () = asked => {}
    }
    // It held the source while it fetched.
    let keep = Keep::open(folder.path().join("feeds")).unwrap();
    let began = std::time::Instant::now();
    while keep.hold("debian-tracker").is_err() {
        assert!(began.elapsed() < Duration::from_secs(10), "it goes on by itself");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn freshness_is_told(store: &Store) {
    let told = feeds::list(store.read()).await.unwrap();
    let ids: Vec<&str> = told.iter().map(|feed| feed.id.as_str()).collect();
    assert_eq!(ids, ["cisa-kev", "debian-tracker"]);
    for feed in &told {
        assert!(!feed.is_failing(), "{feed:?}");
        assert!(
            feed.last_success_at.is_some() && feed.document_count == 1,
            "{feed:?}"
        );
        assert!(feed.stale_at().unwrap() > clock::now());
    }
}

#[tokio::test]
async fn a_feed_that_was_switched_off_is_told_of_no_more() {
    on_every_database(async |store: &Store| {
        let folder = tempfile::tempdir().unwrap();
        let (mirror, base) = Mirror::start().await;
        let jobs = refreshing(store, &base, folder.path());
        mirror.put(TRACKER, &tracker(None));
        mirror.put(KEV, &kev());
        let before = feeds::Feed {
            id: "was-switched-off".to_owned(),
            fetched_at: Some(Timestamp::from_millis(0)),
            stale_after_ms: Some(1),
            ..feeds::Feed::default()
        };
        feeds::put(store.writer(), &[before]).await.unwrap();
        refresh_now(store).await;
        work(&jobs).await;
        freshness_is_told(store).await;
    })
    .await;
}

#[tokio::test]
async fn a_publisher_who_was_never_reached_is_told_of() {
    on_every_database(async |store: &Store| {
        let folder = tempfile::tempdir().unwrap();
        let (_mirror, base) = Mirror::start().await;
        let jobs = refreshing(store, &base, folder.path());
        let job = refresh_now(store).await;
        assert!(jobs.one(Uuid::new_v4()).await.unwrap());
        let failed = jobs::get(store.read(), SERVER, job.id).await.unwrap();
        assert_eq!(failed.state, JobState::Queued, "it is tried again");
        assert!(failed.error.unwrap().contains("no source could be read"));
        assert!(jobs.catalogue.get().is_none());
        for feed in feeds::list(store.read()).await.unwrap() {
            assert!(feed.is_failing() && feed.last_success_at.is_none(), "{feed:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_refreshes_while_somebody_does() {
    on_every_database(async |store: &Store| {
        let first = refresh_now(store).await;
        assert_eq!(refresh_now(store).await.id, first.id, "two that wait are one");
        let (kinds, worker) = ([JobKind::RefreshFeeds], Uuid::new_v4());
        let claim = transaction!(store, StoreError, |tx| jobs::claim(
            tx,
            &kinds,
            worker,
            60_000,
            clock::now()
        ));
        let claim = claim.unwrap().unwrap();
        let ask = async |now: Timestamp| {
            transaction!(store, StoreError, |tx| jobs::enqueue_unless_running(
                tx,
                SERVER,
                JobKind::RefreshFeeds,
                None,
                now
            ))
            .unwrap()
        };
        assert!(ask(clock::now()).await.is_none());
        // Whoever died over it does not stand in the way for ever.
        assert!(ask(clock::now().plus_millis(120_000)).await.is_some());
        claim.finish(store.writer(), clock::now()).await.unwrap();
        assert!(ask(clock::now()).await.is_some());
    })
    .await;
}

fn install(folder: &Path, records: &[Record]) {
    let mut builder = Builder::new();
    for record in records {
        builder.add(record).unwrap();
    }
    let (now, mut bytes) = (clock::now(), Vec::new());
    builder.finish(now, Vec::new(), &mut bytes).unwrap();
    let file = folder.join("new");
    std::fs::write(&file, bytes).unwrap();
    let place = Catalogues::open(folder.join("catalogues")).unwrap();
    place
        .install_built(Manifest::new(now, Vec::new()), &file)
        .unwrap();
}

#[tokio::test]
async fn a_catalogue_that_somebody_else_installs_is_noticed_within_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("store.db").display());
    let store = Store::open(&url, &OpenOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    let world = World::new(&store, "Watch").await;
    let web = world.host("web", &[]).await;
    world.see(web, 1, &[("bash", "5.2-1")]).await;
    let jobs = Jobs {
        store: store.clone(),
        catalogue: Arc::new(Current::new(Some(folder.path().join("catalogues")))),
        refresher: None,
    };
    let stop = CancellationToken::new();
    let running = tokio::spawn(jobs.run(stop.clone()));
    // The server has looked, and found nothing.
    tokio::time::sleep(Duration::from_millis(500)).await;
    install(folder.path(), &[claim("debian/12", "CVE-2026-0001", "bash", "")]);
    let began = std::time::Instant::now();
    while world.counts(1).await.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(15), "it was not noticed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let known = world.one_of_host(web, "CVE-2026-0001", 1).await;
    assert!(known.opened_at > at(0));
    stop.cancel();
    running.await.unwrap();
}
