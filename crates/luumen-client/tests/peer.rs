//! The client against a small peer that speaks just enough of the API, and misbehaves on demand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use luumen_api::{
    Code, ProblemDetails,
    agent::{AgentConfig, Heartbeat, MissingAnswer, MissingQuery, Report, ReportAnswer, Schedule, StartRun},
};
use luumen_client::{ApiError, Client, ConfigAnswer, RetryPolicy, Settings};
use luumen_crypto::Secret;
use luumen_model::{
    Collector, ContentHash, HostId, Outcome, PrivilegeTier, RunId, SchemaTag, SectionKind, SectionRecord,
    SectionStatus, Snapshot, Timestamp,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// What the peer saw, and what it shall say next.
#[derive(Default)]
struct Peer {
    seen: Vec<Seen>,
    /// Said before anything else, last first.
    faults: Vec<Fault>,
    /// Hashes it has.
    stored: Vec<ContentHash>,
    /// Answers "nothing is missing", whatever is.
    forgetful: bool,
}

struct Seen {
    call: String,
    headers: HeaderMap,
    wire_bytes: usize,
    body: Value,
}

#[derive(Clone, Copy)]
enum Fault {
    Status(u16),
    Html,
    Problem(Code),
}

type Shared = Arc<Mutex<Peer>>;

async fn start() -> (Shared, Client) {
    let peer = Shared::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().fallback(answer).with_state(Arc::clone(&peer));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (peer, client(&format!("http://{address}")))
}

fn client(base_url: &str) -> Client {
    client_within(base_url, Duration::from_secs(30))
}

fn client_within(base_url: &str, timeout: Duration) -> Client {
    let mut settings = Settings::new(base_url, Secret::new("lum_planted_secret"));
    settings.timeout = timeout;
    settings.retry = RetryPolicy {
        tries: 3,
        first_wait: Duration::from_millis(5),
        longest_wait: Duration::from_millis(50),
    };
    Client::new(settings).unwrap()
}

async fn answer(
    State(peer): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let mut peer = peer.lock().unwrap();
    let plain = match headers.get("content-encoding") {
        Some(_) => zstd::decode_all(bytes.as_ref()).unwrap(),
        None => bytes.to_vec(),
    };
    let body: Value = serde_json::from_slice(&plain).unwrap_or_default();
    let call = format!("{method} {}", uri.path());
    peer.seen.push(Seen {
        call: call.clone(),
        headers: headers.clone(),
        wire_bytes: bytes.len(),
        body: body.clone(),
    });
    match peer.faults.pop() {
        Some(Fault::Status(code)) => return StatusCode::from_u16(code).unwrap().into_response(),
        Some(Fault::Html) => return (StatusCode::OK, "<html>please sign in</html>").into_response(),
        Some(Fault::Problem(code)) => return problem(ProblemDetails::new(code)),
        None => {}
    }
    if call.ends_with("/agent/config") {
        return config(&headers);
    }
    if call.ends_with("/missing") {
        return missing(&peer, body);
    }
    if call.contains("/hosts/") {
        return report(&mut peer, body);
    }
    StatusCode::NO_CONTENT.into_response()
}

fn config(headers: &HeaderMap) -> Response {
    if headers.get("if-none-match").is_some_and(|etag| etag == "\"7\"") {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let config = AgentConfig {
        workspace: "Demo".into(),
        schedule: Schedule {
            interval_s: 3600,
            polling_s: 30,
        },
        default_credential: None,
        default_username: None,
        hosts: Vec::new(),
    };
    let packed = zstd::encode_all(serde_json::to_vec(&config).unwrap().as_slice(), 3).unwrap();
    ([("etag", "\"7\""), ("content-encoding", "zstd")], packed).into_response()
}

fn missing(peer: &Peer, body: Value) -> Response {
    let query: MissingQuery = serde_json::from_value(body).unwrap();
    let lacks = |hash: &ContentHash| !peer.forgetful && !peer.stored.contains(hash);
    let missing = query.hashes.into_iter().filter(lacks).collect();
    axum::Json(MissingAnswer { missing }).into_response()
}

fn report(peer: &mut Peer, body: Value) -> Response {
    let report: Report = serde_json::from_value(body).unwrap();
    let sections = report
        .snapshot
        .into_iter()
        .flat_map(|snapshot| snapshot.sections.into_values());
    let mut details = ProblemDetails::new(Code::MissingSections);
    for record in sections {
        match (record.hash, record.data) {
            (Some(hash), Some(_)) => peer.stored.push(hash),
            (Some(hash), None) if !peer.stored.contains(&hash) => details.missing.push(hash),
            _ => {}
        }
    }
    if details.missing.is_empty() {
        axum::Json(ReportAnswer {
            snapshot_id: None,
            repeated: false,
        })
        .into_response()
    } else {
        problem(details)
    }
}

fn problem(details: ProblemDetails) -> Response {
    let status = StatusCode::from_u16(details.code.status()).unwrap();
    (status, axum::Json(details)).into_response()
}

fn snapshot() -> Snapshot {
    let record = |data: Value| SectionRecord {
        status: SectionStatus::Ok,
        duration_ms: 1,
        hash: Some(ContentHash::of(&data)),
        data: Some(data),
        problems: Vec::new(),
        missing_rights: Vec::new(),
    };
    let packages: Vec<Value> = (0..500)
        .map(|n| json!({"name": format!("package-{n}"), "version": n * 7919}))
        .collect();
    Snapshot {
        schema: SchemaTag::V1,
        taken_at: Timestamp::from_seconds(1_795_000_000),
        duration_ms: 900,
        collector: Collector {
            name: "luumen-agent".into(),
            version: "0".into(),
            catalogue: "c".into(),
        },
        tier: PrivilegeTier::None,
        username: "scan".into(),
        sections: BTreeMap::from([
            (SectionKind::Os, record(json!({"id": "debian"}))),
            (SectionKind::Packages, record(json!({"items": packages}))),
        ]),
    }
}

fn report_of(snapshot: Snapshot) -> Report {
    Report {
        outcome: Outcome::Complete,
        visited_at: snapshot.taken_at,
        duration_ms: 900,
        error: None,
        snapshot: Some(snapshot),
    }
}

fn start_run() -> StartRun {
    StartRun {
        agent: "a".into(),
        started_at: Timestamp::from_seconds(1),
        host_count: 0,
    }
}

fn ids() -> (RunId, HostId) {
    (RunId(Uuid::from_u128(1)), HostId(Uuid::from_u128(2)))
}

fn calls(peer: &Shared) -> Vec<String> {
    peer.lock()
        .unwrap()
        .seen
        .iter()
        .map(|seen| seen.call.clone())
        .collect()
}

#[tokio::test]
async fn the_configuration_is_sent_once_per_change() {
    let (peer, client) = start().await;
    let ConfigAnswer::Changed { etag, config } = client.config(None).await.unwrap() else {
        panic!("nothing was known yet")
    };
    assert_eq!(
        (config.workspace.as_str(), etag.as_deref()),
        ("Demo", Some("\"7\""))
    );
    assert_eq!(
        client.config(etag.as_deref()).await.unwrap(),
        ConfigAnswer::Unchanged
    );
    let peer = peer.lock().unwrap();
    assert_eq!(peer.seen[0].headers["authorization"], "Bearer lum_planted_secret");
    assert_eq!(peer.seen[0].call, "GET /api/v1/agent/config");
}

#[tokio::test]
async fn the_second_report_sends_hashes_only() {
    let (peer, client) = start().await;
    let (run, host) = ids();
    let first = client.report(run, host, &report_of(snapshot())).await.unwrap();
    let second = client.report(run, host, &report_of(snapshot())).await.unwrap();
    assert_eq!((first.sections_sent, second.sections_sent), (2, 0));
    let peer = peer.lock().unwrap();
    let wire: Vec<usize> = peer
        .seen
        .iter()
        .filter(|s| s.call.starts_with("PUT"))
        .map(|s| s.wire_bytes)
        .collect();
    assert_eq!(wire, [first.body_bytes, second.body_bytes]);
    assert!(wire[0] > 4 * wire[1], "{wire:?}");
    assert!(
        peer.seen[3].body["snapshot"]["sections"]["packages"]
            .get("data")
            .is_none()
    );
}

#[tokio::test]
async fn a_section_that_vanished_is_sent_after_all() {
    let (peer, client) = start().await;
    let (run, host) = ids();
    peer.lock().unwrap().forgetful = true;
    let told = client.report(run, host, &report_of(snapshot())).await.unwrap();
    assert_eq!(told.sections_sent, 2);
    assert_eq!(
        calls(&peer).iter().filter(|call| call.starts_with("PUT")).count(),
        2
    );
}

#[tokio::test]
async fn a_failed_visit_is_one_call() {
    let (peer, client) = start().await;
    let (run, host) = ids();
    let report = Report {
        outcome: Outcome::Failed,
        snapshot: None,
        ..report_of(snapshot())
    };
    client.report(run, host, &report).await.unwrap();
    assert_eq!(calls(&peer).len(), 1);
}

#[tokio::test]
async fn a_passing_fault_is_tried_again() {
    let (peer, client) = start().await;
    peer.lock().unwrap().faults = vec![Fault::Status(503), Fault::Status(502)];
    client.start_run(ids().0, &start_run()).await.unwrap();
    assert_eq!(calls(&peer).len(), 3);
    peer.lock().unwrap().faults = vec![Fault::Status(504); 9];
    let error = client.start_run(ids().0, &start_run()).await.unwrap_err();
    assert!(error.is_try_later() && !error.is_auth(), "{error}");
    assert_eq!(calls(&peer).len(), 6, "three tries and no more");
}

#[tokio::test]
async fn a_lasting_fault_and_a_heartbeat_are_tried_once() {
    let (peer, client) = start().await;
    peer.lock().unwrap().faults = vec![Fault::Problem(Code::Internal)];
    assert!(client.start_run(ids().0, &start_run()).await.is_err());
    assert_eq!(calls(&peer).len(), 1);
    peer.lock().unwrap().faults = vec![Fault::Status(503)];
    let heartbeat = Heartbeat {
        agent: "a".into(),
        hostname: "h".into(),
        version: "0".into(),
        run_id: None,
        tier: PrivilegeTier::None,
        interval_s: None,
        polling_s: None,
    };
    assert!(client.heartbeat(&heartbeat).await.is_err());
    assert_eq!(calls(&peer).len(), 2);
}

#[tokio::test]
async fn a_refused_key_says_what_to_do_and_never_the_key() {
    let (peer, client) = start().await;
    peer.lock().unwrap().faults = vec![Fault::Problem(Code::Unauthenticated)];
    let error = client.config(None).await.unwrap_err();
    assert!(error.is_auth() && !error.is_try_later());
    assert_eq!(error.code(), "LUM-API-UNAUTHENTICATED");
    assert!(
        error.next_step().contains("luumen.api.key"),
        "{}",
        error.next_step()
    );
    let said = format!("{error} {error:?} {client:?}");
    assert!(!said.contains("planted"), "{said}");
}

#[tokio::test]
async fn something_else_behind_the_address_is_named() {
    let (peer, client) = start().await;
    peer.lock().unwrap().faults = vec![Fault::Html];
    let error = client.config(None).await.unwrap_err();
    assert_eq!(error.code(), "LUM-API-NOT-UNDERSTOOD");
    peer.lock().unwrap().faults = vec![Fault::Status(404)];
    let error = client.config(None).await.unwrap_err();
    assert!(matches!(error, ApiError::NotTheApi { status: 404, .. }));
    assert!(error.next_step().contains("luumen.api.base_url"));
}

#[tokio::test]
async fn nobody_there_means_try_later() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let error = client(&format!("http://{free}")).config(None).await.unwrap_err();
    assert_eq!(
        (error.code(), error.is_try_later()),
        ("LUM-API-UNREACHABLE", true)
    );
    assert!(!format!("{error:?}").contains("planted"));
}

#[tokio::test]
async fn a_silent_api_means_try_later() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let error = client_within(&base, Duration::from_millis(500))
        .with_retry(RetryPolicy::never())
        .config(None)
        .await
        .unwrap_err();
    assert_eq!((error.code(), error.is_try_later()), ("LUM-API-TIMEOUT", true));
}
