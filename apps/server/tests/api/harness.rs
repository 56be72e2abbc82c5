//! A server of one's own, and short ways to talk to it.

use std::sync::{Arc, LazyLock};

use axum::{Router, body::Body};
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use luumen_catalogue::{Builder, SourceMeta};
use luumen_feeds::bundle::{Manifest, SigningKey, TrustedKeys};
use luumen_model::{
    AgentId, ApiKeyId, HostId, RunId, SnapshotId, Timestamp, UserId, WorkspaceId,
    advisory::{Authority, Channel, Claim, PackageKind, Platform, Record, Severity, Status},
};
use luumen_server::{
    app::{AppState, Limits, router},
    clock,
    config::PublicUrl,
    noting::Noting,
    secrets,
    vulnerabilities::{OpenCatalogue, assess, catalogue::SharedCatalogue, jobs::shared},
};
use luumen_store::{
    OpenOptions, Store, TokenHash, agents,
    api_keys::{self, KeyScope, NewApiKey},
    exceptions,
    hosts::{self, StateClock},
    jobs::{self, JobKind},
    reports, runs, sessions, users, views, workspaces,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// A server on a database that goes away with it.
pub(crate) struct Server {
    pub store: Store,
    pub router: Router,
    pub catalogue: SharedCatalogue,
    _dir: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or("none").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// The session cookie that the answer sets, as it is sent back.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie")
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) enum As {
    Nobody,
    Key(String),
    Person(String),
}

impl Server {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        let dir = tempfile::tempdir().expect("folder");
        let url = format!("sqlite://{}/luumen.db", dir.path().display());
        Self::on(&url, limits, dir).await
    }

    pub(crate) async fn on(url: &str, limits: Limits, dir: TempDir) -> Self {
        let store = Store::open(url, &OpenOptions::default()).await.expect("store");
        store.migrate().await.expect("schema");
        let catalogue = shared(Some(dir.path().join("catalogues")));
        let state = AppState {
            store: store.clone(),
            public_url: Arc::new(PublicUrl::parse("http://luumen.test").expect("url")),
            catalogue: Arc::clone(&catalogue),
            fetches_feeds: true,
            trusted_keys: Arc::new(TrustedKeys::from(vec![bundle_key().public()])),
            counters: Arc::default(),
            noting: Noting::default(),
            limits,
        };
        Self {
            store,
            router: router(state),
            catalogue,
            _dir: dir,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    pub(crate) async fn call(&self, who: &As, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(request(who, method, path, body)).await
    }

    pub(crate) async fn get(&self, who: &As, path: &str) -> Answer {
        self.call(who, "GET", path, None).await
    }

    pub(crate) async fn post(&self, who: &As, path: &str, body: Value) -> Answer {
        self.call(who, "POST", path, Some(body)).await
    }
}

/// A request as our own pages and programs send it.
pub(crate) fn request(who: &As, method: &str, path: &str, body: Option<Value>) -> Request<Body> {
    let builder = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).expect("method"))
        .uri(format!("/api/v1{path}"))
        .header(header::HOST, "luumen.test");
    let builder = match who {
        As::Nobody => builder,
        As::Key(key) => builder.header(header::AUTHORIZATION, format!("Bearer {key}")),
        As::Person(cookie) => builder
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin"),
    };
    match body {
        None => builder.body(Body::empty()),
        Some(Value::String(text)) if text == A_BUNDLE => builder
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(bundle(&[], clock::now(), bundle_key()).into()),
        Some(Value::String(text)) => builder.header(header::CONTENT_TYPE, "text/csv").body(text.into()),
        Some(value) => builder
            .header(header::CONTENT_TYPE, "application/json")
            .body(value.to_string().into()),
    }
    .expect("a request")
}

/// Stands for the bytes of a bundle where a body is JSON.
pub(crate) const A_BUNDLE: &str = "a bundle";

/// The key that the server trusts.
pub(crate) fn bundle_key() -> &'static SigningKey {
    static KEY: LazyLock<SigningKey> = LazyLock::new(SigningKey::generate);
    &KEY
}

/// A bundle of these records.
pub(crate) fn bundle(records: &[Record], at: Timestamp, key: &SigningKey) -> Vec<u8> {
    let mut catalogue = std::io::Cursor::new(catalogue_bytes(records));
    let mut out = Vec::new();
    let manifest = Manifest::new(at, Vec::new());
    luumen_feeds::bundle::write(&mut catalogue, manifest, key, &mut out).expect("a bundle");
    out
}

/// A workspace with one of everything.
#[derive(Debug)]
pub(crate) struct World {
    pub workspace: WorkspaceId,
    pub user: UserId,
    pub person: As,
    pub agent: As,
    pub read: As,
    pub write: As,
    pub key: ApiKeyId,
    pub host: HostId,
    pub run: RunId,
    /// An agent that was not heard for long.
    pub quiet: AgentId,
    pub snapshot: SnapshotId,
    /// A vulnerability that only its host has.
    pub vulnerability: String,
    pub exception: uuid::Uuid,
    pub job: uuid::Uuid,
    /// A saved view of its person.
    pub view: uuid::Uuid,
    /// Names that nobody else may see.
    pub marks: Vec<String>,
}

impl World {
    /// Makes one; `mark` is part of every name in it.
    pub(crate) async fn new(server: &Server, mark: &str) -> Self {
        let (store, now) = (&server.store, clock::now());
        let workspace = workspaces::create(store.writer(), &format!("ws-{mark}"), now)
            .await
            .expect("workspace");
        let id = workspace.id;
        let email = format!("{mark}@example.com");
        let user = users::create(store.writer(), &email, mark, None, now)
            .await
            .expect("user");
        users::add_member(store.writer(), id, user.id, users::Role::Owner, now)
            .await
            .expect("member");
        let (agent, key) = new_key(store, id, &format!("agent-{mark}"), KeyScope::Agent).await;
        let (read, _) = new_key(store, id, &format!("read-{mark}"), KeyScope::Read).await;
        let (write, _) = new_key(store, id, &format!("write-{mark}"), KeyScope::Write).await;
        let host = hosts::NewHost {
            name: format!("host-{mark}"),
            address: format!("{mark}.example.com"),
            port: 22,
            tags: vec![format!("tag-{mark}")],
            enabled: true,
            ..hosts::NewHost::default()
        };
        let host = hosts::create(store.writer(), id, &host, StateClock::of(&workspace, now))
            .await
            .expect("host");
        let says = agents::AgentSays {
            name: &format!("patch-{mark}"),
            hostname: None,
            version: None,
            tier: None,
        };
        let patch = agents::touch(store.writer(), id, &says, now)
            .await
            .expect("agent");
        let says = agents::AgentSays {
            name: &format!("quiet-{mark}"),
            ..says
        };
        let quiet = agents::touch(store.writer(), id, &says, now.plus_millis(-86_400_000))
            .await
            .expect("agent");
        let run = RunId(uuid::Uuid::now_v7());
        runs::start(store.writer(), id, run, patch, now, 1, now)
            .await
            .expect("run");
        let snapshot = report_of(
            store,
            id,
            run,
            host.id,
            &document(now, &format!("pkg-{mark}"), "3.0.2-1"),
        )
        .await;
        let vulnerability = format!("CVE-2099-{mark}");
        let claims = [claim("debian/12", &vulnerability, &format!("pkg-{mark}"), "")];
        assess(store, id, &catalogue_of(&claims), now)
            .await
            .expect("assessed");
        let owner = views::Owner {
            workspace: id,
            user: user.id,
        };
        let named = format!("view-{mark}");
        let new = views::NewView {
            page: "hosts",
            name: &named,
            search: "",
        };
        let view = views::create(store.writer(), owner, new, now)
            .await
            .expect("view");
        let (exception, job) = decided(store, id, &format!("reason-{mark}")).await;
        Self {
            workspace: id,
            user: user.id,
            person: As::Person(new_session(store, id, user.id).await),
            agent: As::Key(agent),
            read: As::Key(read),
            write: As::Key(write),
            key,
            host: host.id,
            run,
            quiet,
            snapshot,
            exception,
            job,
            view: view.id,
            marks: [
                host.id.to_string(),
                run.to_string(),
                id.to_string(),
                email,
                format!("host-{mark}"),
                format!("patch-{mark}"),
                format!("quiet-{mark}"),
                format!("pkg-{mark}"),
                format!("tag-{mark}"),
                format!("ws-{mark}"),
                format!("read-{mark}"),
                format!("reason-{mark}"),
                named,
                view.id.to_string(),
                exception.to_string(),
                vulnerability.clone(),
            ]
            .into(),
            vulnerability,
        }
    }
}

/// An exception that covers nothing of the world's, and a job that waits.
async fn decided(store: &Store, workspace: WorkspaceId, reason: &str) -> (uuid::Uuid, uuid::Uuid) {
    let new = exceptions::NewException {
        kind: "risk_accepted".to_owned(),
        package: Some("no such package".to_owned()),
        reason: reason.to_owned(),
        ..exceptions::NewException::default()
    };
    let now = clock::now();
    let made = exceptions::create(store.writer(), workspace, &new, now)
        .await
        .expect("exception");
    let job = jobs::enqueue(store.writer(), workspace, JobKind::AssessHosts, None, now, now)
        .await
        .expect("job");
    (made.id, job.id)
}

/// A vendor's claim about a release: `fixed` is empty where there is no fix.
pub(crate) fn claim(platform: &str, vulnerability: &str, package: &str, fixed: &str) -> Record {
    let (family, release) = platform.split_once('/').expect("family/release");
    Record::Claim(Claim {
        source: format!("{family}-sample"),
        authority: Authority::Vendor,
        vulnerability: vulnerability.to_owned(),
        platform: Platform::new(family, release),
        channel: Channel::MAIN,
        package: package.to_owned(),
        package_kind: PackageKind::Source,
        arches: Vec::new(),
        module: None,
        status: if fixed.is_empty() {
            Status::Affected
        } else {
            Status::Fixed
        },
        introduced: None,
        fixed: (!fixed.is_empty()).then(|| fixed.to_owned()),
        last_affected: None,
        advisory: None,
        severity: Some(Severity::High),
        note: None,
    })
}

/// A catalogue of these records, from a source that is made up.
pub(crate) fn catalogue_of(records: &[Record]) -> OpenCatalogue {
    OpenCatalogue::from_bytes(catalogue_bytes(records)).expect("a catalogue")
}

fn catalogue_bytes(records: &[Record]) -> Vec<u8> {
    let mut builder = Builder::new();
    for record in records {
        builder.add(record).expect("memory");
    }
    let source = SourceMeta {
        id: "debian-sample".to_owned(),
        title: "Made up".to_owned(),
        licence: "CC0-1.0".to_owned(),
        documents: 1,
        sample: true,
        ..SourceMeta::default()
    };
    let mut bytes = Vec::new();
    builder
        .finish(clock::now(), vec![source], &mut bytes)
        .expect("memory");
    bytes
}

async fn report_of(
    store: &Store,
    workspace: WorkspaceId,
    run: RunId,
    host: HostId,
    document: &Value,
) -> SnapshotId {
    let api: luumen_api::agent::Report = serde_json::from_value(document.clone()).expect("report");
    let report = reports::Report {
        outcome: api.outcome,
        visited_at: api.visited_at,
        duration_ms: api.duration_ms,
        error: api.error,
        snapshot: api.snapshot,
    };
    let stored = reports::store_report(store, workspace, run, host, &report, clock::now())
        .await
        .expect("stored");
    stored.snapshot_id.expect("a snapshot")
}

/// A report of a small Debian with one package.
pub(crate) fn document(at: Timestamp, package: &str, version: &str) -> Value {
    let os = json!({"family": "debian", "id": "debian", "name": "Debian GNU/Linux 12", "version_id": "12",
                    "hostname": "h", "arch": "x86_64", "id_like": []});
    let packages =
        json!({"managers": ["dpkg"], "items": [{"manager": "dpkg", "name": package, "version": version}]});
    json!({
        "outcome": "complete",
        "visited_at": at,
        "duration_ms": 1200,
        "snapshot": {
            "schema": "luumen.snapshot/1",
            "taken_at": at,
            "duration_ms": 1100,
            "collector": {"name": "luumen-agent", "version": "0.1.0", "catalogue": "0123456789ab"},
            "tier": "standard",
            "username": "luumen",
            "sections": {"os": section(os), "packages": section(packages)},
        },
    })
}

/// A section with its hash.
pub(crate) fn section(data: Value) -> Value {
    json!({"status": "ok", "duration_ms": 5, "hash": luumen_model::ContentHash::of(&data), "data": data})
}

pub(crate) async fn new_key(
    store: &Store,
    workspace: WorkspaceId,
    name: &str,
    scope: KeyScope,
) -> (String, ApiKeyId) {
    let (secret, prefix) = secrets::new_api_key().expect("key");
    let hash = TokenHash::of(secret.expose_secret());
    let new = NewApiKey {
        name,
        scope,
        prefix: &prefix,
        hash,
        expires_at: None,
    };
    let key = api_keys::create(store.writer(), workspace, &new, clock::now())
        .await
        .expect("key");
    (secret.expose_secret().to_owned(), key.id)
}

pub(crate) async fn new_session(store: &Store, workspace: WorkspaceId, user: UserId) -> String {
    let (token, now) = (secrets::new_token().expect("token"), clock::now());
    let session = sessions::Session {
        user,
        workspace,
        created_at: now,
        expires_at: now.plus_millis(3_600_000),
        last_seen_at: now,
        via_link: true,
    };
    sessions::create(store.writer(), TokenHash::of(token.expose_secret()), &session)
        .await
        .expect("session");
    format!("luumen_session={}", token.expose_secret())
}
