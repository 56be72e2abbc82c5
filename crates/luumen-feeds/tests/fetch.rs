//! Fetching from a publisher who misbehaves. Whatever they do, what was known before is still known.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod mirror;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use luumen_crypto::Secret;
use luumen_feeds::{
    build,
    fetch::{FetchReport, Fetcher, Patience, Settings, Silent},
    keep::{Keep, Shrink, status},
    registry::{Registry, SourceInfo},
};
use luumen_model::{Timestamp, advisory::Record};
use mirror::{Mirror, Reply};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use tokio_util::sync::CancellationToken;

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

/// A publisher, a store and a fetcher of little patience.
struct Scene {
    mirror: Mirror,
    keep: Keep,
    settings: Settings,
    cancel: CancellationToken,
    folder: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            patience: Patience {
                tries: 3,
                first_wait: Duration::from_millis(5),
                longest_wait: Duration::from_secs(3),
            },
            ..Settings::default()
        };
        Self {
            mirror: Mirror::start().await,
            keep: Keep::open(folder.path()).unwrap(),
            settings,
            cancel: CancellationToken::new(),
            folder,
        }
    }

    fn source(&self, fetch: &str) -> SourceInfo {
        source(&self.mirror.base, fetch)
    }

    async fn fetch(&self, source: &SourceInfo) -> FetchReport {
        self.fetch_at(source, now()).await
    }

    async fn fetch_at(&self, source: &SourceInfo, at: Timestamp) -> FetchReport {
        let fetcher = Fetcher::new(self.settings.clone()).unwrap();
        fetcher
            .fetch(source, &self.keep, at, &Silent, &self.cancel)
            .await
            .unwrap()
    }

    /// Everything that is known: ids of vulnerabilities.
    fn known(&self, source: &SourceInfo) -> BTreeSet<String> {
        let mut held = self.keep.hold(&source.id).unwrap();
        held.refresh(source, Shrink::Refuse, &self.cancel).unwrap();
        let mut known = BTreeSet::new();
        held.records(source, &self.cancel, &mut |record| match record {
            Record::Kev(kev) => {
                known.insert(format!("{} {}", kev.vulnerability, kev.name));
            }
            other => panic!("{other:?}"),
        })
        .unwrap();
        known
    }

    fn raw(&self, document: &str) -> Vec<u8> {
        std::fs::read(self.keep.folder("test").unwrap().raw(document)).unwrap()
    }
}

fn source(base: &str, fetch: &str) -> SourceInfo {
    registry(base, fetch).sources()[0].clone()
}

fn registry(base: &str, fetch: &str) -> Registry {
    let text = format!(
        "sources: [{{ id: test, publisher: P, title: T, home: 'http://h/', format: cisa-kev, base: '{base}', \
         fetch: {fetch}, every: 6h, licence: MIT, size: 1 MB }}]"
    );
    Registry::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

const ONE_FILE: &str = "{ kind: file, paths: [kev.json] }";

/// A catalogue of known exploited vulnerabilities with so many entries, each called by the word.
fn kev(count: usize, word: &str) -> String {
    let entries: Vec<_> = (1..=count)
        .map(|at| {
            format!(
                r#"{{"cveID": "CVE-2024-{at:04}", "vulnerabilityName": "{word}", "dateAdded": "2024-01-01", "requiredAction": "Update."}}"#
            )
        })
        .collect();
    format!(
        r#"{{"catalogVersion": "1", "vulnerabilities": [{}]}}"#,
        entries.join(",")
    )
}

#[track_caller]
fn first_trouble(report: &FetchReport) -> String {
    report
        .troubles
        .first()
        .map(|trouble| trouble.what.clone())
        .expect("a trouble")
}

#[tokio::test]
async fn what_has_not_changed_is_not_fetched_again() {
    let scene = Scene::new().await;
    let source = scene.source(ONE_FILE);
    scene
        .mirror
        .serve("kev.json", [Reply::file(kev(3, "a")).etag("1")]);
    let report = scene.fetch(&source).await;
    assert_eq!(
        (report.fetched, report.unchanged, report.is_complete()),
        (1, 0, true)
    );
    assert_eq!(scene.known(&source).len(), 3);
    let later = now().plus_millis(3_600_000);
    let report = scene.fetch_at(&source, later).await;
    assert_eq!((report.fetched, report.unchanged, report.bytes), (0, 1, 0));
    let asked = scene.mirror.seen("kev.json");
    assert_eq!(asked[1].header("if-none-match"), Some("\"1\""));

    let folder = scene.keep.folder("test").unwrap();
    let document = &folder.state.documents["kev.json"];
    assert_eq!((document.fetched_at, document.checked_at), (now(), later));
    let fresh = status(&source, &folder, later);
    assert_eq!((fresh.records, fresh.stale, fresh.age_ms), (3, false, Some(0)));
    assert!(status(&source, &folder, later.plus_millis(19 * 3_600_000)).stale);
}

#[tokio::test]
async fn a_transfer_that_broke_off_goes_on_where_it_stopped() {
    let scene = Scene::new().await;
    let source = scene.source(ONE_FILE);
    let whole = kev(40, "a");
    let file = Reply::file(whole.clone()).etag("1");
    scene
        .mirror
        .serve("kev.json", [file.clone().cut(1500), file.clone().cut(700), file]);
    let report = scene.fetch(&source).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(scene.raw("kev.json"), whole.as_bytes());
    let asked = scene.mirror.seen("kev.json");
    assert_eq!(asked[0].header("range"), None);
    assert_eq!(asked[1].header("range"), Some("bytes=1500-"));
    assert_eq!(asked[1].header("if-range"), Some("\"1\""));
    assert_eq!(asked[2].header("range"), Some("bytes=2200-"));
}

#[tokio::test]
async fn a_document_that_changed_meanwhile_is_fetched_from_its_start() {
    let scene = Scene::new().await;
    let source = scene.source(ONE_FILE);
    let new = kev(30, "new");
    scene.mirror.serve(
        "kev.json",
        [
            Reply::file(kev(30, "old")).etag("1").cut(900),
            Reply::file(new.clone()).etag("2"),
        ],
    );
    assert!(scene.fetch(&source).await.is_complete());
    assert_eq!(scene.raw("kev.json"), new.as_bytes());
}

#[tokio::test]
async fn a_transfer_that_always_breaks_off_is_reported_and_goes_on_next_time() {
    let scene = Scene::new().await;
    let source = scene.source(ONE_FILE);
    let file = Reply::file(kev(40, "a")).etag("1");
    scene.mirror.serve("kev.json", [file.clone().cut(100)]);
    let report = scene.fetch(&source).await;
    let trouble = first_trouble(&report);
    assert!(trouble.contains("broke off after 300 of"), "{trouble}");
    scene.mirror.serve("kev.json", [file]);
    scene.mirror.seen("kev.json");
    assert!(scene.fetch(&source).await.is_complete());
    assert_eq!(
        scene.mirror.seen("kev.json")[0].header("range"),
        Some("bytes=300-")
    );
    assert_eq!(scene.known(&source).len(), 40);
}

#[tokio::test]
async fn a_document_with_the_wrong_hash_is_thrown_away() {
    let scene = Scene::new().await;
    let source = scene.source("{ kind: file, paths: [kev.json], check: beside }");
    let good = kev(3, "good");
    scene.mirror.serve("kev.json", [Reply::file(good.clone())]);
    let hash = sha256(good.as_bytes());
    scene
        .mirror
        .serve("kev.json.sha256", [Reply::file(format!("{hash}  kev.json\n"))]);
    assert!(scene.fetch(&source).await.is_complete());
    let before = scene.known(&source);
    // The same hash: the document is not even asked for.
    scene.mirror.seen("kev.json");
    assert_eq!(scene.fetch(&source).await.unchanged, 1);
    assert_eq!(scene.mirror.seen("kev.json").len(), 0);

    scene.mirror.serve("kev.json", [Reply::file(kev(3, "evil"))]);
    scene
        .mirror
        .serve("kev.json.sha256", [Reply::file("ab".repeat(32))]);
    let report = scene.fetch(&source).await;
    let trouble = first_trouble(&report);
    assert!(trouble.contains("its publisher promises abab"), "{trouble}");
    assert_eq!(
        scene.mirror.seen("kev.json").len(),
        2,
        "once more, then it is an error"
    );
    assert_eq!(
        (scene.known(&source), scene.raw("kev.json")),
        (before, good.into_bytes())
    );
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[tokio::test]
async fn the_meta_of_the_nvd_speaks_of_the_unpacked_document() {
    let scene = Scene::new().await;
    let source = scene.source("{ kind: yearly, path: 'f-{year}.json.gz', from: 2026, check: nvd-meta }");
    let text = kev(2, "a");
    let meta = format!(
        "lastModifiedDate:2026-11-23T03:00:00-05:00\r\nsize:1\r\nsha256:{}\r\n",
        sha256(text.as_bytes())
    );
    // Some servers announce the gzip of the file as one of the transfer.
    let packed = Reply::file(mirror::gzip(text.as_bytes())).header("content-encoding", "x-gzip");
    scene.mirror.serve("f-2026.json.gz", [packed]);
    scene.mirror.serve("f-2026.meta", [Reply::file(meta)]);
    let report = scene.fetch(&source).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(scene.raw("f-2026.json.gz"), mirror::gzip(text.as_bytes()));
    assert_eq!(scene.known(&source).len(), 2);
}

#[tokio::test]
async fn who_asks_us_to_wait_is_waited_for() {
    let dated = Reply::status(503)
        .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
        .header("retry-after", "Sun, 06 Nov 1994 08:49:38 GMT");
    for refusal in [Reply::status(403).header("retry-after", "1"), dated] {
        let scene = Scene::new().await;
        let source = scene.source(ONE_FILE);
        scene
            .mirror
            .serve("kev.json", [refusal, Reply::file(kev(1, "a"))]);
        let start = Instant::now();
        assert!(scene.fetch(&source).await.is_complete());
        let waited = start.elapsed();
        // The upper bound only tells that it was not the whole patience: what is fetched is synced to a disk that may be busy.
        assert!((1000..30_000).contains(&waited.as_millis()), "{waited:?}");
    }
}

#[tokio::test]
async fn who_asks_for_too_much_patience_is_left_alone() {
    let scene = Scene::new().await;
    let source = scene.source(ONE_FILE);
    scene
        .mirror
        .serve("kev.json", [Reply::status(429).header("retry-after", "7200")]);
    let report = scene.fetch(&source).await;
    let trouble = first_trouble(&report);
    assert!(trouble.contains("asks us to wait 7200 seconds"), "{trouble}");
    assert_eq!(scene.mirror.seen("kev.json").len(), 1);
}

#[tokio::test]
async fn a_publisher_who_always_refuses_changes_nothing() {
    for code in [429, 403, 503, 500] {
        let scene = Scene::new().await;
        let source = scene.source(ONE_FILE);
        scene.mirror.serve("kev.json", [Reply::file(kev(3, "a"))]);
        scene.fetch(&source).await;
        let before = scene.known(&source);
        scene.mirror.serve("kev.json", [Reply::status(code)]);
        scene.mirror.seen("kev.json");
        let report = scene.fetch_at(&source, now().plus_millis(1)).await;
        let trouble = first_trouble(&report);
        assert!(trouble.contains(&format!("was refused with {code}")), "{trouble}");
        assert!(trouble.contains("3 tries"), "{trouble}");
        assert_eq!(scene.mirror.seen("kev.json").len(), 3);
        assert_eq!(scene.known(&source), before);
        let folder = scene.keep.folder("test").unwrap();
        assert_eq!(folder.state.last_success, Some(now()));
    }
}

#[tokio::test]
async fn a_publisher_who_cannot_be_reached_is_left_alone_after_a_few_documents() {
    let names: Vec<String> = (1..=9).map(|number| format!("{number}.json")).collect();
    let scene = Scene::new().await;
    let source = scene.source(&format!("{{ kind: file, paths: [{}] }}", names.join(", ")));
    let asked = || {
        names
            .iter()
            .map(|name| scene.mirror.seen(name).len())
            .collect::<Vec<_>>()
    };
    for name in &names {
        scene.mirror.serve(name, [Reply::status(503)]);
    }
    let report = scene.fetch(&source).await;
    assert_eq!(asked(), [3, 3, 3, 0, 0, 0, 0, 0, 0]);
    assert_eq!(report.trouble_count, 4);
    let last = report.troubles.last().expect("a trouble");
    assert!(last.what.contains("the 6 that are left wait"), "{last:?}");

    // One that comes in between says that the publisher is there; and what is broken in itself says nothing of the others.
    for name in ["3.json", "6.json"] {
        scene.mirror.serve(name, [Reply::file(kev(1, "a"))]);
    }
    let report = scene.fetch(&source).await;
    assert_eq!(report.trouble_count, 7);
    assert_eq!(asked(), [3, 3, 1, 3, 3, 1, 3, 3, 3]);
    for name in &names {
        scene.mirror.serve(name, [Reply::status(500)]);
    }
    scene.fetch(&source).await;
    assert_eq!(asked(), [3; 9]);
}

#[tokio::test]
async fn what_was_read_and_is_damaged_is_told_of_and_read_again() {
    let scene = Scene::new().await;
    let registry = registry(&scene.mirror.base, ONE_FILE);
    scene.mirror.serve("kev.json", [Reply::file(kev(3, "a"))]);
    scene.fetch(&registry.sources()[0]).await;
    let build = || {
        let mut ids = BTreeSet::new();
        let mut take = |_: &SourceInfo, record: Record| match record {
            Record::Kev(kev) => {
                ids.insert(kev.vulnerability);
            }
            other => panic!("{other:?}"),
        };
        let report = build::from_keep(
            &registry,
            &scene.keep,
            Shrink::Refuse,
            &mut take,
            &Silent,
            &scene.cancel,
        );
        (ids.len(), report.sources[0].clone())
    };
    assert_eq!(build().0, 3);

    // The disk lost a block; the list of what stands where is whole.
    let parsed = std::fs::read_dir(scene.folder.path().join("test/parsed")).unwrap();
    let packs: Vec<_> = parsed.map(|entry| entry.unwrap().path()).collect();
    let mut bytes = std::fs::read(&packs[0]).unwrap();
    bytes[13..40].fill(0);
    std::fs::write(&packs[0], bytes).unwrap();
    let (count, report) = build();
    assert_eq!((count, report.lost, report.broken), (0, 1, 1));
    assert_eq!(report.of_building[0].document, "kev.json");
    assert!(report.of_building[0].what.contains("damaged"), "{report:?}");

    let (count, report) = build();
    assert_eq!(
        (count, report.lost, report.trouble_count),
        (3, 0, 0),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_feed_that_is_gone_takes_nothing_with_it() {
    for code in [404, 410] {
        let scene = Scene::new().await;
        let source = scene.source(ONE_FILE);
        scene.mirror.serve("kev.json", [Reply::file(kev(3, "a"))]);
        scene.fetch(&source).await;
        scene.mirror.serve("kev.json", [Reply::status(code)]);
        scene.mirror.seen("kev.json");
        let report = scene.fetch(&source).await;
        assert_eq!((report.gone, scene.mirror.seen("kev.json").len()), (1, 1));
        assert!(first_trouble(&report).contains("is gone"), "{report:?}");
        assert_eq!(scene.known(&source).len(), 3);
        let folder = scene.keep.folder("test").unwrap();
        assert!(folder.state.documents["kev.json"].gone);
        assert_eq!(status(&source, &folder, now()).gone, 1);
    }
}

#[tokio::test]
async fn redirects_are_followed_and_packed_bodies_unpacked() {
    let scene = Scene::new().await;
    let source = scene.source(ONE_FILE);
    scene
        .mirror
        .serve("kev.json", [Reply::status(302).header("location", "/elsewhere")]);
    scene.mirror.serve("elsewhere", [Reply::file(kev(5, "a")).gzip()]);
    let report = scene.fetch(&source).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(scene.raw("kev.json"), kev(5, "a").into_bytes());
    assert_eq!(
        scene.mirror.seen("elsewhere")[0].header("accept-encoding"),
        Some("gzip")
    );

    scene
        .mirror
        .serve("kev.json", [Reply::status(302).header("location", "/kev.json")]);
    let report = scene.fetch(&source).await;
    assert!(!report.is_complete());
    assert_eq!(scene.known(&source).len(), 5);
}

#[tokio::test]
async fn a_slow_transfer_can_be_cancelled_and_goes_on_later() {
    let scene = Scene::new().await;
    let source = scene.source(ONE_FILE);
    let file = Reply::file(kev(200, "a")).etag("1");
    scene.mirror.serve("kev.json", [file.clone().slow(), file]);
    let cancel = scene.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(400)).await;
        cancel.cancel();
    });
    let start = Instant::now();
    let report = scene.fetch(&source).await;
    assert!(
        report.cancelled && start.elapsed() < Duration::from_secs(3),
        "{report:?}"
    );

    let scene = Scene {
        cancel: CancellationToken::new(),
        ..scene
    };
    scene.mirror.seen("kev.json");
    assert!(scene.fetch(&source).await.is_complete());
    assert!(scene.mirror.seen("kev.json")[0].header("range").is_some());
    assert_eq!(scene.known(&source).len(), 200);
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_and_on_the_way() {
    let mut scene = Scene::new().await;
    scene.settings.max_bytes = 1000;
    let source = scene.source(ONE_FILE);
    scene.mirror.serve("kev.json", [Reply::file(kev(40, "a"))]);
    let trouble = first_trouble(&scene.fetch(&source).await);
    assert!(trouble.contains("larger than 1000 bytes"), "{trouble}");
}

#[tokio::test]
async fn a_proxy_is_used() {
    let mut scene = Scene::new().await;
    scene.mirror.serve("kev.json", [Reply::file(kev(3, "a"))]);
    // A name that nobody resolves but the proxy.
    let source = source("http://feeds.invalid/", ONE_FILE);
    scene.settings.proxy = Some(Secret::new(scene.mirror.base.clone()));
    let report = scene.fetch(&source).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(
        scene.mirror.seen("kev.json")[0].header("host"),
        Some("feeds.invalid")
    );

    let target = scene
        .mirror
        .base
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let (address, count) = mirror::socks(target).await;
    scene.settings.proxy = Some(Secret::new(address));
    let report = scene.fetch(&source).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(*count.lock().unwrap(), 1);
}

const PAGES: &str = "{ kind: json-pages, path: api, per_page: 2, first_load: { base: '@first/', path: 'y-{year}.json.gz', from: 2025 } }";

fn pages(scene: &Scene) -> SourceInfo {
    scene.source(&PAGES.replace('@', &scene.mirror.base))
}

fn page(start: usize, total: usize) -> Reply {
    let count = total.saturating_sub(start).min(2);
    Reply::file(format!(
        r#"{{"resultsPerPage": {count}, "startIndex": {start}, "totalResults": {total}, "format": "NVD_CVE", "version": "2.0", "vulnerabilities": []}}"#
    ))
}

fn start_of(seen: &mirror::Seen) -> usize {
    seen.query["startIndex"].parse().unwrap()
}

/// The years are here, made on this day.
async fn first_load(scene: &Scene, source: &SourceInfo, day: &str) {
    for year in [2025, 2026] {
        let file = Reply::file(mirror::gzip(b"{}")).header("last-modified", day);
        scene.mirror.serve(&format!("first/y-{year}.json.gz"), [file]);
    }
    scene.mirror.answer("api", |seen| page(start_of(seen), 0));
    let report = scene
        .fetch_at(source, "2026-01-20T00:00:00Z".parse().unwrap())
        .await;
    assert!(report.is_complete(), "{report:?}");
    scene.mirror.seen("api");
}

#[tokio::test]
async fn changes_of_ten_months_are_asked_for_in_spans_of_120_days() {
    let scene = Scene::new().await;
    let source = pages(&scene);
    first_load(&scene, &source, "Tue, 20 Jan 2026 00:00:00 GMT").await;
    scene.mirror.answer("api", |seen| page(start_of(seen), 3));
    let report = scene.fetch(&source).await;
    assert!(report.is_complete(), "{report:?}");
    let asked: Vec<_> = scene
        .mirror
        .seen("api")
        .iter()
        .map(|seen| {
            let of = |key: &str| seen.query[key][..10].to_owned();
            format!(
                "{} {} {}",
                of("lastModStartDate"),
                of("lastModEndDate"),
                start_of(seen)
            )
        })
        .collect::<Vec<_>>();
    let expected = [
        "2026-01-19 2026-05-19 0",
        "2026-01-19 2026-05-19 2",
        "2026-05-19 2026-09-16 0",
        "2026-05-19 2026-09-16 2",
        "2026-09-16 2026-11-24 0",
        "2026-09-16 2026-11-24 2",
    ];
    assert_eq!(asked, expected);
    let folder = scene.keep.folder("test").unwrap();
    assert_eq!(folder.state.complete_to, Some(now()));
    assert_eq!(folder.state.documents.len(), 2 + 6);
}

trait Short {
    fn query_of(&self, key: &str) -> String;
}

impl Short for mirror::Seen {
    fn query_of(&self, key: &str) -> String {
        self.query.get(key).cloned().unwrap_or_default()
    }
}

#[tokio::test]
async fn paging_that_failed_half_way_goes_on_there() {
    let scene = Scene::new().await;
    let source = pages(&scene);
    first_load(&scene, &source, "Tue, 20 Jan 2026 00:00:00 GMT").await;
    let at = "2026-02-01T00:00:00Z".parse().unwrap();
    scene.mirror.answer("api", |seen| match start_of(seen) {
        start if start < 4 => page(start, 7),
        _ => Reply::status(503),
    });
    let report = scene.fetch_at(&source, at).await;
    assert!(!report.is_complete());
    assert_eq!(report.fetched, 2);
    let paging = scene.keep.folder("test").unwrap().state.paging.expect("half way");
    assert_eq!((paging.next, paging.to), (4, at));

    scene.mirror.answer("api", |seen| page(start_of(seen), 7));
    scene.mirror.seen("api");
    // Later: the span that was begun is finished as it was begun, then the rest follows.
    let later = at.plus_millis(86_400_000);
    let report = scene.fetch_at(&source, later).await;
    assert!(report.is_complete(), "{report:?}");
    let asked: Vec<_> = scene.mirror.seen("api");
    let starts: Vec<_> = asked.iter().map(start_of).collect();
    assert_eq!(starts, [4, 6, 0, 2, 4, 6]);
    assert_eq!(asked[0].query_of("lastModEndDate"), "2026-02-01T00:00:00.000Z");
    assert_eq!(asked[2].query_of("lastModStartDate"), "2026-01-31T23:45:00.000Z");
    let state = scene.keep.folder("test").unwrap().state;
    assert_eq!((state.paging, state.complete_to), (None, Some(later)));
}

#[tokio::test]
async fn pages_do_not_begin_before_the_years_are_here() {
    let scene = Scene::new().await;
    let source = pages(&scene);
    let file = Reply::file(mirror::gzip(b"{}"));
    scene.mirror.serve("first/y-2026.json.gz", [file]);
    scene.mirror.serve("first/y-2025.json.gz", [Reply::status(503)]);
    let report = scene.fetch(&source).await;
    assert_eq!((report.fetched, report.trouble_count), (1, 1));
    assert!(scene.mirror.seen("api").is_empty());
}

#[tokio::test]
async fn the_key_goes_to_the_api_and_follows_no_redirect() {
    let mut scene = Scene::new().await;
    let source = pages(&scene);
    scene.settings.nvd_api_key = Some(Secret::new("a-key"));
    first_load(&scene, &source, "Tue, 20 Jan 2026 00:00:00 GMT").await;
    assert!(
        scene.mirror.seen("first/y-2025.json.gz")[0]
            .header("apikey")
            .is_none()
    );
    scene
        .mirror
        .answer("api", |_| Reply::status(302).header("location", "/thief"));
    let report = scene.fetch(&source).await;
    assert!(!report.is_complete());
    assert_eq!(scene.mirror.seen("api")[0].header("apikey"), Some("a-key"));
    assert!(scene.mirror.seen("thief").is_empty());
    assert!(!first_trouble(&report).contains("a-key"));
}

fn tar_gz(files: &[(&str, String)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, content.as_bytes())
            .unwrap();
    }
    mirror::gzip(&builder.into_inner().unwrap())
}

fn one_kev(id: &str, word: &str) -> String {
    kev(1, word).replace("CVE-2024-0001", id)
}

#[tokio::test]
async fn a_directory_is_an_archive_and_what_changed_since() {
    let scene = Scene::new().await;
    let source = scene.source(
        "{ kind: directory-index, changes: changes.csv, deletions: deletions.csv, archive_named_in: latest.txt, check: beside }",
    );
    let archive = tar_gz(&[
        ("2024/one.json", one_kev("CVE-1", "old")),
        ("2024/two.json", one_kev("CVE-2", "old")),
        ("2024/three.json", one_kev("CVE-3", "old")),
        ("README.md", "# Not a document".to_owned()),
    ]);
    scene
        .mirror
        .serve("latest.txt", [Reply::file("all_2026-11-10.tar.gz\n")]);
    scene
        .mirror
        .serve("all_2026-11-10.tar.gz", [Reply::file(archive)]);
    let list = "\"2024/two.json\",\"2026-11-20T00:00:00+00:00\"\n\"2024/four.json\",\"2026-11-21T00:00:00+00:00\"\n\
                \"2024/one.json\",\"2026-11-01T00:00:00+00:00\"\n";
    scene.mirror.serve("changes.csv", [Reply::file(list).etag("c1")]);
    scene
        .mirror
        .serve("2024/two.json", [Reply::file(one_kev("CVE-2", "new"))]);
    scene
        .mirror
        .serve("2024/four.json", [Reply::file(one_kev("CVE-4", "new"))]);
    let hash = sha256(one_kev("CVE-4", "new").as_bytes());
    scene.mirror.serve("2024/four.json.sha256", [Reply::file(hash)]);
    scene.mirror.serve(
        "deletions.csv",
        [Reply::file("\"2024/three.json\",\"2026-11-12T00:00:00+00:00\"\n")],
    );
    let report = scene.fetch(&source).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.fetched, 3);
    let known: Vec<_> = scene.known(&source).into_iter().collect();
    assert_eq!(known, ["CVE-1 old", "CVE-2 new", "CVE-4 new"]);

    let report = scene.fetch(&source).await;
    assert_eq!((report.fetched, report.trouble_count), (0, 0), "{report:?}");

    // One of the changed documents cannot be had: the other one can, and next time only the first is asked for.
    let list = format!(
        "\"2024/five.json\",\"2026-11-22T00:00:00+00:00\"\n\"2024/six.json\",\"2026-11-22T00:00:00+00:00\"\n{list}"
    );
    scene.mirror.serve("changes.csv", [Reply::file(list).etag("c2")]);
    scene
        .mirror
        .serve("2024/six.json", [Reply::file(one_kev("CVE-6", "new"))]);
    let report = scene.fetch(&source).await;
    assert_eq!((report.fetched, report.trouble_count), (1, 1));
    scene
        .mirror
        .serve("2024/five.json", [Reply::file(one_kev("CVE-5", "new"))]);
    scene.mirror.seen("2024/six.json");
    assert_eq!(scene.fetch(&source).await.fetched, 1);
    assert!(scene.mirror.seen("2024/six.json").is_empty());
    assert_eq!(scene.known(&source).len(), 5);
}

#[tokio::test]
async fn a_repository_names_its_advisories_and_their_hash() {
    let scene = Scene::new().await;
    let source =
        scene.source("{ kind: rpm-repository, repositories: [{ name: amzn-2, mirror_list: mirror.list }] }");
    let packed = mirror::gzip(kev(2, "a").as_bytes());
    let repomd = |hash: &str| {
        format!(
            r#"<repomd><data type="updateinfo"><checksum type="sha256">{hash}</checksum><location href="repodata/x-updateinfo.xml.gz"/></data></repomd>"#
        )
    };
    scene.mirror.serve(
        "mirror.list",
        [Reply::file(format!("{}guid\n", scene.mirror.base))],
    );
    scene.mirror.serve(
        "guid/repodata/repomd.xml",
        [Reply::file(repomd(&sha256(&packed)))],
    );
    scene
        .mirror
        .serve("guid/repodata/x-updateinfo.xml.gz", [Reply::file(packed)]);
    let report = scene.fetch(&source).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(scene.known(&source).len(), 2);
    scene.mirror.serve(
        "guid/repodata/repomd.xml",
        [Reply::file(repomd(&"ab".repeat(32)))],
    );
    assert!(!scene.fetch(&source).await.is_complete());
    assert_eq!(scene.known(&source).len(), 2);
}

#[tokio::test]
async fn two_processes_do_not_fetch_the_same_source() {
    let scene = Scene::new().await;
    let source = scene.source(ONE_FILE);
    let other = Keep::open(scene.folder.path()).unwrap();
    let held = other.hold("test").unwrap();
    let fetcher = Fetcher::new(scene.settings.clone()).unwrap();
    let answer = fetcher
        .fetch(&source, &scene.keep, now(), &Silent, &scene.cancel)
        .await;
    assert!(answer.unwrap_err().to_string().contains("another process"));
    drop(held);
    scene.mirror.serve("kev.json", [Reply::file(kev(1, "a"))]);
    assert!(scene.fetch(&source).await.is_complete());
}

/// What may happen to a document between two looks.
fn mishaps() -> Vec<(&'static str, Reply)> {
    let file = || Reply::file(kev(40, "a"));
    vec![
        ("empty", Reply::file("")),
        (
            "a page of a captive portal",
            Reply::file("<html>Please log in</html>"),
        ),
        ("no JSON object", Reply::file("[]")),
        ("an object without entries", Reply::file("{}")),
        ("no entries", Reply::file(kev(0, "a"))),
        ("a few entries", Reply::file(kev(7, "a"))),
        (
            "half a document, said to be whole",
            Reply::file(&kev(40, "a").as_bytes()[..2000]),
        ),
        ("broken off", file().etag("x").cut(1000)),
        ("a lie about gzip", file().header("content-encoding", "gzip")),
        ("gone", Reply::status(404)),
        ("gone for good", Reply::status(410)),
        ("refused", Reply::status(403)),
        ("too many", Reply::status(429).header("retry-after", "9999")),
        ("down", Reply::status(500)),
        ("asks for payment", Reply::status(402)),
        ("an odd range", Reply::status(206)),
        ("nothing new, without being asked", Reply::status(304)),
        (
            "elsewhere, in a circle",
            Reply::status(302).header("location", "/kev.json"),
        ),
        (
            "no address",
            Reply::status(302).header("location", "ftp://nowhere/"),
        ),
        ("the same", file()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_publisher_does_what_was_known_is_still_known() {
    let mut runner = TestRunner::deterministic();
    let some = proptest::collection::vec(0..mishaps().len(), 1..6);
    let mut runs: Vec<Vec<usize>> = (0..mishaps().len()).map(|one| vec![one]).collect();
    runs.extend((0..12).map(|_| some.new_tree(&mut runner).unwrap().current()));
    for run in runs {
        let scene = Scene::new().await;
        let source = scene.source(ONE_FILE);
        scene
            .mirror
            .serve("kev.json", [Reply::file(kev(40, "a")).etag("1")]);
        scene.fetch(&source).await;
        let before = scene.known(&source);
        assert_eq!(before.len(), 40);
        for mishap in run {
            let (name, reply) = mishaps().swap_remove(mishap);
            scene.mirror.serve("kev.json", [reply]);
            scene.fetch(&source).await;
            assert_eq!(scene.known(&source), before, "after: {name}");
        }
        // And once they behave again, we listen again.
        scene
            .mirror
            .serve("kev.json", [Reply::file(kev(41, "a")).etag("2")]);
        let report = scene.fetch(&source).await;
        assert!(report.is_complete(), "{report:?}");
        assert_eq!(scene.known(&source).len(), 41);
    }
}
