//! Bundles brought to a server, and feeds fetched when a person asks.

use axum::body::Body;
use http::{Request, header};
use luumen_feeds::bundle::SigningKey;
use luumen_model::Timestamp;
use luumen_server::{app::Limits, clock};
use luumen_store::{
    StoreError,
    jobs::{self, JobKind, SERVER},
    transaction,
};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::{Answer, As, Server, World, bundle, bundle_key, claim};

const CVE: &str = "CVE-2026-3001";

async fn import(server: &Server, who: &As, query: &str, bytes: Vec<u8>) -> Answer {
    let builder = Request::builder()
        .method("POST")
        .uri(format!("/api/v1/feeds/import{query}"))
        .header(header::HOST, "luumen.test")
        .header(header::CONTENT_TYPE, "application/octet-stream");
    let builder = match who {
        As::Nobody => builder,
        As::Key(key) => builder.header(header::AUTHORIZATION, format!("Bearer {key}")),
        As::Person(cookie) => builder
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin"),
    };
    server
        .send(builder.body(Body::from(bytes)).expect("a request"))
        .await
}

fn day(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().expect("a day")
}

fn signed(at: &str) -> Vec<u8> {
    bundle(&[claim("debian/12", CVE, "pkg-a", "")], day(at), bundle_key())
}

#[tokio::test]
async fn a_bundle_is_in_use_at_once_and_hosts_are_judged_by_it() {
    let server = Server::new().await;
    let (own, other) = (World::new(&server, "a").await, World::new(&server, "b").await);
    let answer = import(&server, &own.person, "", signed("2026-11-20"))
        .await
        .expect(200);
    let answer = answer.json();
    assert_eq!(answer["catalogue"]["claim_count"], 1);
    assert_eq!(answer["signed_by"], bundle_key().public().id());
    assert_eq!(
        (&answer["job"]["kind"], &answer["job"]["state"]),
        (&Value::from("assess_hosts"), &Value::from("queued"))
    );
    let job = answer["job"]["id"].as_str().expect("id");
    // The job is one's own; another workspace is judged too, by a job that only it sees.
    server.get(&own.read, &format!("/jobs/{job}")).await.expect(200);
    server.get(&other.read, &format!("/jobs/{job}")).await.expect(404);
    for workspace in [own.workspace, other.workspace] {
        let open = jobs::open(server.store.read(), workspace, JobKind::AssessHosts).await;
        assert!(open.expect("a look").is_some(), "{workspace}");
    }
    let work = luumen_server::vulnerabilities::jobs::Jobs {
        store: server.store.clone(),
        catalogue: server.catalogue.clone(),
        refresher: None,
    };
    while work.one(Uuid::new_v4()).await.expect("a job") {}
    let list = server
        .get(&own.read, &format!("/vulnerabilities?q={CVE}"))
        .await
        .expect(200);
    assert_eq!(list.json()["total"], 1);
    let list = server
        .get(&other.read, &format!("/vulnerabilities?q={CVE}"))
        .await
        .expect(200);
    assert_eq!(list.json()["total"], 0);
}

#[tokio::test]
async fn a_bundle_that_nobody_trusts_changes_nothing() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let person = &world.person;
    import(&server, person, "", signed("2026-11-20"))
        .await
        .expect(200);
    let before = server.catalogue.get().expect("a catalogue").id;
    let check = async |query: &str, bytes: Vec<u8>, status: u16, code: &str, word: &str| {
        let answer = import(&server, person, query, bytes).await.expect(status);
        assert_eq!(answer.code(), code);
        let problem = answer.json();
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(word), "{detail}");
        assert!(problem["next_step"].is_string(), "{problem}");
    };
    let strange = SigningKey::generate();
    let stranger = bundle(&[], day("2026-11-22"), &strange);
    let id = strange.public().id();
    check("", stranger.clone(), 422, "LUM-API-BUNDLE-NOT-TRUSTED", &id).await;
    check(
        "?allow_older=true",
        stranger,
        422,
        "LUM-API-BUNDLE-NOT-TRUSTED",
        &id,
    )
    .await;
    check("", unsigned(), 422, "LUM-API-BUNDLE-NOT-TRUSTED", "not signed").await;
    let whole = signed("2026-11-22");
    check(
        "",
        whole[..whole.len() - 9].to_vec(),
        422,
        "LUM-API-BUNDLE-DAMAGED",
        "cut off",
    )
    .await;
    check(
        "",
        b"PK zip".to_vec(),
        422,
        "LUM-API-BUNDLE-DAMAGED",
        "not a bundle",
    )
    .await;
    check("", Vec::new(), 422, "LUM-API-BUNDLE-DAMAGED", "cut off").await;
    let mut changed = whole.clone();
    let year = changed
        .windows(4)
        .position(|part| part == b"2026")
        .expect("a year");
    changed[year + 3] = b'7';
    check("", changed, 422, "LUM-API-BUNDLE-DAMAGED", "changed after").await;
    check(
        "",
        no_catalogue(),
        422,
        "LUM-API-BUNDLE-DAMAGED",
        "cannot be opened",
    )
    .await;
    check(
        "",
        signed("2026-11-19"),
        409,
        "LUM-API-BUNDLE-OLDER",
        "2026-11-19",
    )
    .await;
    assert_eq!(server.catalogue.get().expect("a catalogue").id, before);
    // Going back is a decision.
    import(&server, person, "?allow_older=true", signed("2026-11-19"))
        .await
        .expect(200);
    assert_ne!(server.catalogue.get().expect("a catalogue").id, before);
    nothing_is_left_over(&server);
}

/// A manifest that names nobody.
fn unsigned() -> Vec<u8> {
    let manifest = br#"{"format": "luumen.bundle/1", "signed_by": ""}"#;
    let mut bytes = b"LUUMEN-BUNDLE 1\n".to_vec();
    bytes.extend(u32::try_from(manifest.len()).expect("small").to_le_bytes());
    bytes.extend(manifest);
    bytes.extend([0; 64]);
    bytes
}

/// Signed well, and no catalogue.
fn no_catalogue() -> Vec<u8> {
    let mut out = Vec::new();
    let manifest = luumen_feeds::bundle::Manifest::new(day("2026-11-23"), Vec::new());
    let mut content = std::io::Cursor::new(b"no catalogue at all");
    luumen_feeds::bundle::write(&mut content, manifest, bundle_key(), &mut out).expect("a bundle");
    out
}

fn nothing_is_left_over(server: &Server) {
    let folder = server.catalogue.dir().expect("a folder");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| !name.ends_with(".catalogue"))
        .collect();
    names.sort();
    assert_eq!(names, ["current.json", "lock"]);
}

#[tokio::test]
async fn who_may_not_is_refused_before_the_bundle_is_read() {
    let limits = Limits {
        bundle_bytes: 100,
        ..Limits::default()
    };
    let server = Server::with(limits).await;
    let world = World::new(&server, "a").await;
    let large = vec![7; 200];
    for (who, code) in [
        (&As::Nobody, "LUM-API-UNAUTHENTICATED"),
        (&world.agent, "LUM-API-FORBIDDEN"),
        (&world.read, "LUM-API-FORBIDDEN"),
        (&world.write, "LUM-API-FORBIDDEN"),
        (&world.person, "LUM-API-TOO-LARGE"),
    ] {
        assert_eq!(
            import(&server, who, "", large.clone()).await.code(),
            code,
            "{who:?}"
        );
    }
    // Nor does another site's page.
    let As::Person(cookie) = &world.person else {
        panic!("a person")
    };
    let foreign = Request::builder()
        .method("POST")
        .uri("/api/v1/feeds/import")
        .header(header::HOST, "luumen.test")
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(signed("2026-11-20")))
        .expect("a request");
    assert_eq!(server.send(foreign).await.code(), "LUM-API-CROSS-SITE");
    assert!(server.catalogue.get().is_none());
}

#[tokio::test]
async fn a_second_refresh_while_one_runs_is_refused() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let first = server
        .call(&world.person, "POST", "/feeds/refresh", None)
        .await
        .expect(202);
    let again = server
        .call(&world.person, "POST", "/feeds/refresh", None)
        .await
        .expect(202);
    assert_eq!(first.json()["id"], again.json()["id"], "two that wait are one");
    let (kinds, worker) = ([JobKind::RefreshFeeds], Uuid::new_v4());
    let claim = transaction!(&server.store, StoreError, |tx| jobs::claim(
        tx,
        &kinds,
        worker,
        60_000,
        clock::now()
    ));
    let claim = claim.expect("a look").expect("a job");
    let refused = server
        .call(&world.person, "POST", "/feeds/refresh", None)
        .await
        .expect(409);
    assert_eq!(refused.code(), "LUM-API-CONFLICT");
    assert!(
        refused.text().contains("being fetched just now"),
        "{}",
        refused.text()
    );
    let feeds = server.get(&world.read, "/feeds").await.expect(200).json();
    assert_eq!(feeds["job"]["state"], "running");
    claim
        .finish(server.store.writer(), clock::now())
        .await
        .expect("done");
    let _ = server
        .call(&world.person, "POST", "/feeds/refresh", None)
        .await
        .expect(202);
    let waiting = jobs::open(server.store.read(), SERVER, JobKind::RefreshFeeds).await;
    assert!(waiting.expect("a look").is_some());
}

#[tokio::test]
async fn the_next_turn_is_nothing_that_anybody_waits_for() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let (now, kind) = (clock::now(), JobKind::RefreshFeeds);
    let later = now.plus_millis(3_600_000);
    jobs::enqueue(server.store.writer(), SERVER, kind, None, later, now)
        .await
        .expect("a job");
    let feeds = server.get(&world.read, "/feeds").await.expect(200).json();
    assert_eq!(feeds["job"], Value::Null);
    let _ = server
        .call(&world.person, "POST", "/feeds/refresh", None)
        .await
        .expect(202);
    let feeds = server.get(&world.read, "/feeds").await.expect(200).json();
    assert_eq!(feeds["job"]["state"], "queued");
}
