//! Every operation of the OpenAPI document, put to the same questions. An operation without a row in [`sample`]
//! fails, so a new endpoint cannot come without its answers to: who are you, may you, and whose is it?

use luumen_server::{app::Limits, clock, openapi};
use serde_json::{Value, json};

use crate::harness::{As, Server, World, document};

/// An operation as the document states it.
#[derive(Debug)]
struct Operation {
    method: String,
    path: String,
    permission: Option<String>,
    statuses: Vec<String>,
}

/// A request that is good when it speaks of one's own things.
struct Sample {
    query: String,
    body: Option<Value>,
    /// The status when it speaks of another workspace's things; `None` when it can only speak of one's own.
    foreign: Option<u16>,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(openapi::document()).expect("json");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("item") {
            let secured = !operation["security"]
                .as_array()
                .expect("every operation states its security")
                .is_empty();
            let permission = operation["x-permission"].as_str().map(str::to_owned);
            assert_eq!(
                secured,
                permission.is_some(),
                "{method} {path} states callers and permission together"
            );
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                permission,
                statuses: operation["responses"]
                    .as_object()
                    .expect("responses")
                    .keys()
                    .cloned()
                    .collect(),
            });
        }
    }
    assert!(operations.len() >= 40, "{}", operations.len());
    operations
}

/// The rows. `of` is the workspace that the request speaks of.
fn sample(operation: &Operation, of: &World) -> Sample {
    let now = clock::now();
    let plain = |body: Option<Value>| Sample {
        query: String::new(),
        body,
        foreign: None,
    };
    let other = |body: Option<Value>| Sample {
        query: String::new(),
        body,
        foreign: Some(404),
    };
    match (operation.method.as_str(), operation.path.as_str()) {
        (
            "GET",
            "/setup" | "/session" | "/api-keys" | "/workspace" | "/agents" | "/runs" | "/overview" | "/views",
        )
        | (
            "GET",
            "/hosts" | "/hosts/facets" | "/hosts.csv" | "/packages" | "/properties" | "/agent/config"
            | "/config",
        )
        | ("DELETE", "/session") => plain(None),
        (
            "GET",
            "/vulnerabilities"
            | "/vulnerabilities/facets"
            | "/vulnerabilities/summary"
            | "/vulnerabilities/fixes"
            | "/vulnerabilities/trend"
            | "/vulnerabilities/events"
            | "/exceptions"
            | "/feeds",
        )
        | ("POST", "/feeds/refresh") => plain(None),
        ("POST", "/feeds/import") => plain(Some(json!(crate::harness::A_BUNDLE))),
        ("GET", "/vulnerabilities/export") => Sample {
            query: "?format=sarif".to_owned(),
            body: None,
            foreign: None,
        },
        ("GET", "/vulnerabilities/{id}" | "/vulnerabilities/{id}/hosts" | "/hosts/{id}/vulnerabilities") => {
            other(None)
        }
        ("POST", "/exceptions") => plain(Some(
            json!({"kind": "risk_accepted", "vulnerability": "CVE-2022-0778", "reason": "a test"}),
        )),
        ("GET" | "DELETE", "/exceptions/{id}") => other(None),
        ("PATCH", "/exceptions/{id}") => other(Some(json!({"ticket": "SEC-1"}))),
        ("GET", "/jobs/{id}") => other(None),
        ("POST", "/views") => plain(Some(json!({"page": "hosts", "name": "Mine", "search": "q=web"}))),
        ("PATCH", "/views/{id}") => other(Some(json!({"name": "Another"}))),
        ("DELETE", "/views/{id}") => other(None),
        ("POST", "/setup") => plain(Some(
            json!({"token": "x", "email": "a@b.c", "name": "A", "password": "long enough for all", "workspace": "W"}),
        )),
        ("POST", "/session") => plain(Some(json!({"email": "a@b.c", "password": "x"}))),
        ("POST", "/session/link") => plain(Some(json!({"token": "x"}))),
        ("PUT", "/session/workspace") => other(Some(json!({"workspace_id": of.workspace}))),
        ("POST", "/session/password") => plain(Some(json!({"new_password": "long enough for all"}))),
        ("POST", "/api-keys") => plain(Some(json!({"name": "k", "scope": "read"}))),
        ("DELETE", "/api-keys/{id}") => other(None),
        ("POST", "/api-keys/{id}/rotate") => other(Some(json!({"overlap_s": 60}))),
        ("PATCH", "/workspace") => plain(Some(json!({"polling_s": 30}))),
        ("POST", "/hosts") => plain(Some(json!({"name": "new", "address": "10.0.0.9"}))),
        ("POST", "/hosts/import") => plain(Some(json!("name,address\nimported,10.0.0.8\n"))),
        ("GET" | "DELETE", "/hosts/{id}") => other(None),
        ("PATCH", "/hosts/{id}") => other(Some(json!({"notes": "seen"}))),
        ("GET", "/hosts/{id}/snapshots" | "/hosts/{id}/snapshot" | "/hosts/{id}/snapshots/{snapshot_id}") => {
            other(None)
        }
        ("GET", "/hosts/{id}/diff") => Sample {
            query: format!("?from={0}&to={0}", of.snapshot),
            body: None,
            foreign: Some(404),
        },
        ("GET", "/packages/hosts") => Sample {
            query: "?name=pkg-b".to_owned(),
            body: None,
            foreign: None,
        },
        ("GET", "/runs/{id}") | ("DELETE", "/agents/{id}") => other(None),
        ("POST", "/agent/heartbeat") => plain(Some(
            json!({"agent": "p", "hostname": "h", "version": "0.1.0", "tier": "none"}),
        )),
        ("POST", "/agent/reports/missing") => {
            let hash = &document(now, "pkg-b", "3.0.2-1")["snapshot"]["sections"]["packages"]["hash"];
            plain(Some(json!({"hashes": [hash]})))
        }
        // The id is the agent's to choose, so another workspace's id is just a new one here.
        ("PUT", "/agent/runs/{run_id}") => {
            let body = json!({"agent": "p", "started_at": now, "host_count": 1});
            Sample {
                query: String::new(),
                body: Some(body),
                foreign: Some(204),
            }
        }
        ("POST", "/agent/runs/{run_id}/finish") => other(Some(json!({"finished_at": now}))),
        ("PUT", "/agent/runs/{run_id}/hosts/{host_id}") => other(Some(document(now, "curl", "8-1"))),
        (method, path) => panic!("{method} {path} has no row in this table: add one"),
    }
}

fn path_of(operation: &Operation, of: &World) -> String {
    let id = match operation.path.split('/').nth(1) {
        Some("api-keys") => of.key.to_string(),
        Some("runs") => of.run.to_string(),
        Some("agents") => of.quiet.to_string(),
        Some("vulnerabilities") => of.vulnerability.clone(),
        Some("exceptions") => of.exception.to_string(),
        Some("jobs") => of.job.to_string(),
        Some("views") => of.view.to_string(),
        _ => of.host.to_string(),
    };
    operation
        .path
        .replace("{id}", &id)
        .replace("{snapshot_id}", &of.snapshot.to_string())
        .replace("{run_id}", &of.run.to_string())
        .replace("{host_id}", &of.host.to_string())
}

/// Who has that permission, and who does not.
fn right_and_wrong(world: &World, permission: &str) -> (As, Vec<As>) {
    let World {
        person,
        agent,
        read,
        write,
        ..
    } = world;
    match permission {
        "report" => (agent.clone(), vec![person.clone(), read.clone(), write.clone()]),
        "person" => (person.clone(), vec![agent.clone(), read.clone(), write.clone()]),
        "write_api_keys" => (person.clone(), vec![agent.clone(), read.clone(), write.clone()]),
        "write_feeds" => (person.clone(), vec![agent.clone(), read.clone(), write.clone()]),
        "write_hosts" | "write_agents" | "write_settings" | "write_exceptions" => {
            (write.clone(), vec![agent.clone(), read.clone()])
        }
        "read_hosts"
        | "read_runs"
        | "read_agents"
        | "read_api_keys"
        | "read_settings"
        | "read_vulnerabilities" => (read.clone(), vec![agent.clone()]),
        other => panic!("{other} is not a permission that this test knows"),
    }
}

async fn ask(server: &Server, who: &As, operation: &Operation, of: &World) -> crate::harness::Answer {
    let sample = sample(operation, of);
    let path = path_of(operation, of) + &sample.query;
    let answer = server.call(who, &operation.method, &path, sample.body).await;
    let status = answer.status.as_u16().to_string();
    assert!(
        operation.statuses.contains(&status),
        "{operation:?} does not document {status}: {}",
        answer.text()
    );
    answer
}

#[tokio::test]
async fn nobody_gets_in() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let public: Vec<String> = operations()
        .iter()
        .filter(|operation| operation.permission.is_none())
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect();
    assert_eq!(
        public,
        ["POST /session", "POST /session/link", "GET /setup", "POST /setup"]
    );
    let strangers = [As::Nobody, As::Key("lum_nope".to_owned()), As::Key(String::new())];
    for operation in operations()
        .iter()
        .filter(|operation| operation.permission.is_some())
    {
        for stranger in &strangers {
            let answer = ask(&server, stranger, operation, &world).await;
            assert_eq!(
                answer.code(),
                "LUM-API-UNAUTHENTICATED",
                "{operation:?} as {stranger:?}"
            );
        }
        let forged = As::Person("luumen_session=forged".to_owned());
        assert_eq!(
            ask(&server, &forged, operation, &world).await.code(),
            "LUM-API-UNAUTHENTICATED",
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn nobody_does_what_the_permission_does_not_allow() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    for operation in operations() {
        let Some(permission) = &operation.permission else {
            continue;
        };
        for wrong in right_and_wrong(&world, permission).1 {
            let answer = ask(&server, &wrong, &operation, &world).await;
            assert_eq!(answer.code(), "LUM-API-FORBIDDEN", "{operation:?} as {wrong:?}");
        }
    }
}

#[tokio::test]
async fn nobody_reaches_another_workspace() {
    let server = Server::new().await;
    let (own, other) = (World::new(&server, "a").await, World::new(&server, "b").await);
    // Last, because from then on a run of that id is in both.
    let mut operations = operations();
    operations.sort_by_key(|operation| operation.method == "PUT" && operation.path == "/agent/runs/{run_id}");
    for operation in operations {
        let Some(permission) = &operation.permission else {
            continue;
        };
        let (right, _) = right_and_wrong(&own, permission);
        if matches!(
            (operation.method.as_str(), operation.path.as_str()),
            ("DELETE", "/session")
        ) {
            continue;
        }
        let answer = ask(&server, &right, &operation, &other).await;
        let expected = sample(&operation, &other).foreign;
        assert_eq!(
            expected.is_some(),
            operation.path.contains('{') || operation.path == "/session/workspace"
        );
        match expected {
            Some(status) => assert_eq!(answer.status.as_u16(), status, "{operation:?}: {}", answer.text()),
            None => assert!(answer.status.is_success(), "{operation:?}: {}", answer.text()),
        }
        let text = answer.text();
        for mark in &other.marks {
            assert!(
                !text.contains(mark),
                "{operation:?} shows {mark} of another workspace: {text}"
            );
        }
    }
    // And nothing of the other workspace was changed on the way.
    let host = server
        .get(&other.read, &format!("/hosts/{}", other.host))
        .await
        .expect(200)
        .json();
    assert_eq!(host["notes"], Value::Null);
    let run = server
        .get(&other.read, &format!("/runs/{}", other.run))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&run["summary"]["agent_name"], &run["summary"]["finished_at"]),
        (&json!("patch-b"), &Value::Null)
    );
    let keys = server.get(&other.read, "/api-keys").await.expect(200).json();
    assert!(
        keys["items"]
            .as_array()
            .expect("keys")
            .iter()
            .all(|key| key["revoked_at"].is_null())
    );
}

#[tokio::test]
async fn whoever_may_can() {
    for operation in operations() {
        let Some(permission) = &operation.permission else {
            continue;
        };
        let server = Server::new().await;
        let world = World::new(&server, "b").await;
        let (right, _) = right_and_wrong(&world, permission);
        let answer = ask(&server, &right, &operation, &world).await;
        assert!(answer.status.is_success(), "{operation:?}: {}", answer.text());
    }
}

/// Caller, method, path, body; status and code of the refusal.
type Refused<'a> = (&'a As, &'a str, &'a str, Option<Value>, u16, &'a str);

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let limits = Limits {
        report_bytes: 2000,
        ..Limits::default()
    };
    let server = Server::with(limits).await;
    let world = World::new(&server, "a").await;
    let (host, report) = (
        format!("/hosts/{}", world.host),
        format!("/agent/runs/{}/hosts/{}", world.run, world.host),
    );
    let large = json!({"name": "x".repeat(3_000_000), "address": "a"});
    let rows: &[Refused<'_>] = &[
        (
            &world.write,
            "POST",
            "/hosts",
            Some(json!("name,address\n")),
            415,
            "LUM-API-UNSUPPORTED-MEDIA",
        ),
        (
            &world.write,
            "POST",
            "/hosts",
            Some(json!([])),
            422,
            "LUM-API-INVALID",
        ),
        (
            &world.write,
            "POST",
            "/hosts",
            Some(json!({"name": "a", "address": "b", "color": 1})),
            422,
            "LUM-API-INVALID",
        ),
        (
            &world.write,
            "POST",
            "/hosts",
            Some(json!({"name": "", "address": "b"})),
            422,
            "LUM-API-INVALID",
        ),
        (
            &world.write,
            "POST",
            "/hosts",
            Some(large),
            413,
            "LUM-API-TOO-LARGE",
        ),
        (
            &world.write,
            "POST",
            "/hosts/import",
            Some(json!({})),
            415,
            "LUM-API-UNSUPPORTED-MEDIA",
        ),
        (
            &world.write,
            "PUT",
            "/hosts",
            None,
            405,
            "LUM-API-METHOD-NOT-ALLOWED",
        ),
        (
            &world.read,
            "GET",
            "/hosts/not-an-id",
            None,
            400,
            "LUM-API-BAD-REQUEST",
        ),
        (&world.read, "GET", "/hosts?limit=0", None, 422, "LUM-API-INVALID"),
        (
            &world.read,
            "GET",
            "/hosts?limit=many",
            None,
            400,
            "LUM-API-BAD-REQUEST",
        ),
        (
            &world.read,
            "GET",
            "/hosts?sort=color",
            None,
            400,
            "LUM-API-BAD-REQUEST",
        ),
        (
            &world.read,
            "GET",
            "/hosts?cursor=mine",
            None,
            400,
            "LUM-API-BAD-REQUEST",
        ),
        (
            &world.read,
            "GET",
            "/hosts?q=state:gone",
            None,
            422,
            "LUM-API-INVALID",
        ),
        (
            &world.read,
            "GET",
            &format!("{host}/snapshot?as_of=yesterday"),
            None,
            400,
            "LUM-API-BAD-REQUEST",
        ),
        (
            &world.read,
            "GET",
            "/no/such/address",
            None,
            404,
            "LUM-API-NOT-FOUND",
        ),
        (
            &world.agent,
            "PUT",
            &report,
            Some(document(clock::now(), &"p".repeat(3000), "1")),
            413,
            "LUM-API-TOO-LARGE",
        ),
    ];
    for (who, method, path, body, status, code) in rows {
        let answer = server.call(who, method, path, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (*status, *code),
            "{method} {path}: {}",
            answer.text()
        );
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{method} {path}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
        assert_eq!(
            answer.json()["request_id"],
            answer.header("x-request-id"),
            "{method} {path}"
        );
        assert_eq!(answer.json()["status"], *status);
    }
}

#[tokio::test]
async fn the_committed_documents_are_what_the_code_says() {
    let committed = include_str!("../../../../docs/reference/openapi.json");
    let printed = serde_json::to_value(openapi::document()).expect("json");
    let committed: Value = serde_json::from_str(committed).expect("json");
    assert!(
        committed == printed,
        "docs/reference/openapi.json is old: run `make generate`"
    );
    let codes = include_str!("../../../../docs/reference/error-codes.md");
    for code in luumen_api::Code::ALL {
        assert!(
            codes.contains(&format!("`{}`", code.as_str())),
            "{} is not documented",
            code.as_str()
        );
    }
}
