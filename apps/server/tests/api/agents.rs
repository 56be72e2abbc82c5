//! What an agent asks and tells.

use axum::body::Body;
use http::header;
use luumen_model::Timestamp;
use luumen_server::{app::Limits, clock};
use serde_json::{Value, json};

use crate::harness::{As, Server, World, document, request, section};

#[tokio::test]
async fn the_configuration_is_sent_again_only_when_it_changed() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let answer = server.get(&world.agent, "/agent/config").await.expect(200);
    let etag = answer.header("etag").to_owned();
    assert_eq!(answer.json()["hosts"][0]["name"], "host-a");
    let same = |etag: String| {
        let mut asked = request(&world.agent, "GET", "/agent/config", None);
        asked
            .headers_mut()
            .insert(header::IF_NONE_MATCH, etag.parse().expect("etag"));
        asked
    };
    let unchanged = server
        .send(same(format!("\"other\", W/{etag}")))
        .await
        .expect(304);
    assert!(unchanged.bytes.is_empty() && unchanged.header("etag") == etag);
    let host = format!("/hosts/{}", world.host);
    server
        .call(
            &world.write,
            "PATCH",
            &host,
            Some(json!({"notes": "the agent does not care"})),
        )
        .await
        .expect(200);
    server.send(same(etag.clone())).await.expect(304);
    server
        .call(&world.write, "PATCH", &host, Some(json!({"port": 2222})))
        .await
        .expect(200);
    assert_eq!(
        server.send(same(etag)).await.expect(200).json()["hosts"][0]["port"],
        2222
    );
    server
        .call(&world.write, "PATCH", &host, Some(json!({"enabled": false})))
        .await
        .expect(200);
    assert_eq!(
        server.get(&world.agent, "/agent/config").await.json()["hosts"],
        json!([])
    );
}

#[tokio::test]
async fn agents_of_the_reference_product_find_their_address() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let As::Key(key) = &world.agent else {
        panic!("a key")
    };
    for path in ["/config", "/api/v1/config"] {
        let asked = http::Request::builder()
            .uri(path)
            .header("api-key", key)
            .body(Body::empty())
            .expect("request");
        assert_eq!(
            server.send(asked).await.expect(200).json()["workspace"],
            "ws-a",
            "{path}"
        );
    }
}

async fn begin_run(server: &Server, world: &World) -> String {
    let run = uuid::Uuid::now_v7();
    let body = json!({"agent": "patch-a", "started_at": clock::now(), "host_count": 1});
    for _ in 0..2 {
        server
            .call(
                &world.agent,
                "PUT",
                &format!("/agent/runs/{run}"),
                Some(body.clone()),
            )
            .await
            .expect(204);
    }
    run.to_string()
}

fn packed(world: &World, path: &str, report: &Value) -> http::Request<Body> {
    let mut asked = request(&world.agent, "PUT", path, None);
    let bytes = zstd::encode_all(report.to_string().as_bytes(), 3).expect("zstd");
    asked
        .headers_mut()
        .insert(header::CONTENT_TYPE, "application/json".parse().expect("type"));
    asked
        .headers_mut()
        .insert(header::CONTENT_ENCODING, "zstd".parse().expect("encoding"));
    *asked.body_mut() = Body::from(bytes);
    asked
}

#[tokio::test]
async fn a_report_travels_in_two_steps_and_counts_once() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let run = begin_run(&server, &world).await;
    let path = format!("/agent/runs/{run}/hosts/{}", world.host);
    let mut report = document(clock::now(), "pkg-a", "3.0.9-1");
    let hashes: Vec<Value> = ["os", "packages"]
        .iter()
        .map(|name| report["snapshot"]["sections"][name]["hash"].clone())
        .collect();

    let missing = server
        .post(&world.agent, "/agent/reports/missing", json!({"hashes": hashes}))
        .await
        .expect(200)
        .json();
    assert_eq!(missing["missing"], json!([hashes[1]]));
    // The server has the facts of `os` already; those of `packages` must come.
    report["snapshot"]["sections"]["os"]
        .as_object_mut()
        .expect("section")
        .remove("data");
    let mut bare = report.clone();
    bare["snapshot"]["sections"]["packages"]
        .as_object_mut()
        .expect("section")
        .remove("data");
    let answer = server
        .call(&world.agent, "PUT", &path, Some(bare))
        .await
        .expect(409);
    assert_eq!(
        (answer.code().as_str(), &answer.json()["missing"]),
        ("LUM-API-MISSING-SECTIONS", &json!([hashes[1]]))
    );

    let first = server
        .send(packed(&world, &path, &report))
        .await
        .expect(200)
        .json();
    let again = server
        .send(packed(&world, &path, &report))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&first["repeated"], &again["repeated"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(first["snapshot_id"], again["snapshot_id"]);

    let finish = format!("/agent/runs/{run}/finish");
    server
        .post(&world.agent, &finish, json!({"finished_at": clock::now()}))
        .await
        .expect(204);
    let seen = server
        .get(&world.read, &format!("/runs/{run}"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&seen["summary"]["state"], &seen["summary"]["complete_count"]),
        (&json!("finished"), &json!(1))
    );
    assert_eq!(seen["hosts"][0]["host_name"], "host-a");
    let host = server
        .get(&world.read, &format!("/hosts/{}", world.host))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&host["snapshot_id"], &host["summary"]["package_count"]),
        (&first["snapshot_id"], &json!(1))
    );
}

#[tokio::test]
async fn a_report_that_lies_is_refused() {
    let server = Server::with(Limits {
        report_bytes: 100_000,
        ..Limits::default()
    })
    .await;
    let world = World::new(&server, "a").await;
    let run = begin_run(&server, &world).await;
    let path = format!("/agent/runs/{run}/hosts/{}", world.host);
    let good = document(clock::now(), "pkg-a", "3.0.9-1");

    let mut lie = good.clone();
    lie["snapshot"]["sections"]["packages"]["data"]["items"][0]["version"] = json!("9.9");
    let answer = server
        .call(&world.agent, "PUT", &path, Some(lie))
        .await
        .expect(422);
    assert_eq!(
        (answer.code().as_str(), &answer.json()["errors"][0]["field"]),
        ("LUM-API-HASH-MISMATCH", &json!("snapshot.sections.packages.data"))
    );

    let mut failed = good.clone();
    failed["outcome"] = json!("failed");
    let fields = server
        .call(&world.agent, "PUT", &path, Some(failed))
        .await
        .expect(422)
        .json()["errors"]
        .clone();
    assert_eq!(
        (&fields[0]["field"], &fields[1]["field"]),
        (&json!("snapshot"), &json!("error"))
    );

    // A small body that unpacks into a large one, and one that is not packed at all.
    let mut bomb = good.clone();
    bomb["snapshot"]["sections"]["os"] = section(json!({"name": "x".repeat(1_000_000)}));
    assert_eq!(
        server.send(packed(&world, &path, &bomb)).await.expect(413).code(),
        "LUM-API-TOO-LARGE"
    );
    let mut plain = packed(&world, &path, &good);
    *plain.body_mut() = Body::from(good.to_string());
    server.send(plain).await.expect(400);
    let mut brotli = packed(&world, &path, &good);
    brotli
        .headers_mut()
        .insert(header::CONTENT_ENCODING, "br".parse().expect("encoding"));
    assert_eq!(
        server.send(brotli).await.expect(415).code(),
        "LUM-API-UNSUPPORTED-MEDIA"
    );

    let error = json!({"code": "LUM-SSH-AUTH", "message": "the key was refused", "next_step": "check authorized_keys"});
    let failed = json!({"outcome": "failed", "visited_at": clock::now(), "duration_ms": 10, "error": error});
    let answer = server
        .call(&world.agent, "PUT", &path, Some(failed))
        .await
        .expect(200)
        .json();
    assert_eq!(answer["snapshot_id"], Value::Null);
    let host = server
        .get(&world.read, &format!("/hosts/{}", world.host))
        .await
        .json();
    assert_eq!(
        (&host["summary"]["state"], &host["summary"]["last_error"]["code"]),
        (&json!("failing"), &json!("LUM-SSH-AUTH"))
    );
}

#[tokio::test]
async fn a_heartbeat_makes_an_agent_known_and_silence_shows() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let beat = json!({"agent": "second", "hostname": "patch-2", "version": "0.1.0", "tier": "standard"});
    let answer = server
        .post(&world.agent, "/agent/heartbeat", beat)
        .await
        .expect(200)
        .json();
    let agents = server.get(&world.read, "/agents").await.expect(200).json();
    let second = agents["items"]
        .as_array()
        .expect("agents")
        .iter()
        .find(|agent| agent["id"] == answer["agent_id"]);
    let second = second.expect("the agent");
    assert_eq!(
        (&second["state"], &second["hostname"]),
        (&json!("ok"), &json!("patch-2"))
    );
    assert!(second["silent_at"].is_string());

    let gone = luumen_store::agents::AgentSays {
        name: "gone",
        hostname: None,
        version: None,
        tier: None,
    };
    let long_ago = clock::now().plus_millis(-3_600_000);
    luumen_store::agents::touch(server.store.writer(), world.workspace, &gone, long_ago)
        .await
        .expect("agent");
    let agents = server.get(&world.read, "/agents").await.json();
    let gone = agents["items"]
        .as_array()
        .expect("agents")
        .iter()
        .find(|agent| agent["name"] == "gone")
        .expect("agent");
    assert_eq!(gone["state"], "silent");
    let asked = http::Request::builder()
        .uri("/metrics")
        .body(Body::empty())
        .expect("request");
    let page = server.send(asked).await.expect(200).text();
    let silent = format!(
        "luumen_agent_silent{{workspace=\"{}\",agent=\"{}\"}} 1\n",
        world.workspace,
        gone["id"].as_str().expect("id")
    );
    assert!(
        page.contains(&silent) && page.contains("state=\"ok\"} 1\n"),
        "{page}"
    );
}

#[tokio::test]
async fn an_agent_that_is_silent_can_be_removed_and_comes_back_when_it_speaks() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let listed = async || {
        let list = server.get(&world.read, "/agents").await.expect(200).json();
        let items = list["items"].as_array().expect("agents").clone();
        let of = |agent: &Value| {
            (
                agent["name"].as_str().unwrap_or_default().to_owned(),
                agent["id"].clone(),
            )
        };
        items.iter().map(of).collect::<Vec<_>>()
    };
    let before = listed().await;
    assert_eq!(before.len(), 2);
    let heard = format!("/agents/{}", before[0].1.as_str().expect("id"));
    let answer = server
        .call(&world.write, "DELETE", &heard, None)
        .await
        .expect(409);
    assert_eq!(answer.code(), "LUM-API-CONFLICT");
    assert!(answer.text().contains("is not silent"), "{}", answer.text());

    let path = format!("/agents/{}", world.quiet);
    server
        .call(&world.person, "DELETE", &path, None)
        .await
        .expect(204);
    server
        .call(&world.person, "DELETE", &path, None)
        .await
        .expect(404);
    assert_eq!(listed().await, before[..1]);
    let asked = http::Request::builder().uri("/metrics").body(Body::empty());
    let page = server.send(asked.expect("request")).await.expect(200).text();
    assert!(!page.contains(&world.quiet.to_string()), "{page}");
    let overview = server.get(&world.read, "/overview").await.expect(200).json();
    assert_eq!(overview["agents"].as_array().map(Vec::len), Some(1));

    let beat = json!({"agent": "quiet-a", "hostname": "h", "version": "0.1.0", "tier": "none"});
    server
        .post(&world.agent, "/agent/heartbeat", beat)
        .await
        .expect(200);
    assert_eq!(listed().await, before, "the same one is back");
}

#[tokio::test]
async fn hosts_are_stale_by_the_interval_that_their_agent_keeps() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let page = format!("/hosts/{}", world.host);
    let lasts_ms = async || {
        let host = server.get(&world.read, &page).await.expect(200).json();
        let at = |value: &Value| serde_json::from_value::<Timestamp>(value.clone()).expect("a moment");
        at(&host["stale_at"]).millis_since(at(&host["summary"]["last_seen_at"]))
    };
    assert_eq!(lasts_ms().await, 126 * 60_000, "two hours and a tenth of one");
    let beat = |interval_s: Value| {
        json!({"agent": "patch-a", "hostname": "h", "version": "0.1.0", "tier": "none",
               "interval_s": interval_s})
    };
    server
        .post(&world.agent, "/agent/heartbeat", beat(json!(86_400)))
        .await
        .expect(200);
    assert_eq!(lasts_ms().await, (48 * 60 + 144) * 60_000);
    let silly = server.post(&world.agent, "/agent/heartbeat", beat(json!(1)));
    assert_eq!(silly.await.expect(422).json()["errors"][0]["field"], "interval_s");
    server
        .post(&world.agent, "/agent/heartbeat", beat(Value::Null))
        .await
        .expect(200);
    assert_eq!(lasts_ms().await, 126 * 60_000);
}

#[tokio::test]
async fn an_agent_is_silent_by_the_polling_that_it_keeps() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let lasts_ms = async || {
        let agents = server
            .get(&world.read, "/agents?q=patch-a")
            .await
            .expect(200)
            .json();
        let at = |field: &str| {
            serde_json::from_value::<Timestamp>(agents["items"][0][field].clone()).expect("a moment")
        };
        at("silent_at").millis_since(at("last_seen_at"))
    };
    let before = lasts_ms().await;
    let beat = |polling_s: Value| {
        json!({"agent": "patch-a", "hostname": "h", "version": "0.1.0", "tier": "none",
               "polling_s": polling_s})
    };
    for (own, longer_s) in [(json!(3600), 3 * (3600 - 60)), (Value::Null, 0)] {
        server
            .post(&world.agent, "/agent/heartbeat", beat(own))
            .await
            .expect(200);
        assert_eq!(lasts_ms().await, before + longer_s * 1000);
    }
    let silly = server.post(&world.agent, "/agent/heartbeat", beat(json!(1)));
    assert_eq!(silly.await.expect(422).json()["errors"][0]["field"], "polling_s");
}

/// Names of the agents, or ids of the runs, of an answer.
fn told(answer: &Value, field: &str) -> Vec<String> {
    let items = answer["items"].as_array().expect("items").iter();
    items
        .map(|item| item[field].as_str().expect("text").to_owned())
        .collect()
}

#[tokio::test]
async fn agents_and_runs_are_searched_and_narrowed() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let other = World::new(&server, "b").await;
    let run = begin_run(&server, &world).await;
    let error = json!({"code": "LUM-SSH-AUTH", "message": "no", "next_step": "look"});
    let failed = json!({"outcome": "failed", "visited_at": clock::now(), "duration_ms": 10, "error": error});
    let path = format!("/agent/runs/{run}/hosts/{}", world.host);
    server
        .call(&world.agent, "PUT", &path, Some(failed))
        .await
        .expect(200);

    let first = world.run.to_string();
    for (query, expected) in [
        ("", vec![&run, &first]),
        ("?q=%20PATCH-A%20", vec![&run, &first]),
        ("?q=host-a", vec![&run, &first]),
        ("?q=host-b", vec![]),
        ("?q=patch-b", vec![]),
        ("?q=", vec![&run, &first]),
        ("?state=running", vec![&run]),
        ("?state=lost", vec![&first]),
        ("?state=finished", vec![]),
        ("?trouble=true", vec![&run, &first]),
        ("?trouble=true&state=lost", vec![&first]),
        ("?trouble=false&q=patch-a", vec![&run, &first]),
    ] {
        let answer = server
            .get(&world.read, &format!("/runs{query}"))
            .await
            .expect(200)
            .json();
        assert_eq!(
            told(&answer, "id").iter().collect::<Vec<_>>(),
            expected,
            "{query}"
        );
    }
    let page = "/runs?trouble=true&limit=1";
    let begun = server.get(&world.read, page).await.expect(200).json();
    let next = format!("{page}&cursor={}", begun["next"].as_str().expect("more"));
    let rest = server.get(&world.read, &next).await.expect(200).json();
    assert_eq!(
        (told(&begun, "id"), told(&rest, "id"), &rest["next"]),
        (vec![run.clone()], vec![first], &Value::Null)
    );

    luumen_store::agents::expect(server.store.writer(), world.workspace, "new", clock::now())
        .await
        .expect("agent");
    for (query, expected) in [
        ("", vec!["new", "patch-a", "quiet-a"]),
        ("?q=Patch", vec!["patch-a"]),
        ("?q=patch-b", vec![]),
        ("?state=ok", vec!["patch-a"]),
        ("?state=never_seen", vec!["new"]),
        ("?state=silent", vec!["quiet-a"]),
        ("?state=ok&q=new", vec![]),
    ] {
        let answer = server
            .get(&world.read, &format!("/agents{query}"))
            .await
            .expect(200)
            .json();
        assert_eq!(told(&answer, "name"), expected, "{query}");
    }
    let long = "x".repeat(201);
    for (path, status) in [
        (format!("/runs?q={long}"), 422),
        (format!("/agents?q={long}"), 422),
        ("/runs?state=gone".to_owned(), 400),
        ("/agents?state=gone".to_owned(), 400),
        ("/runs?trouble=maybe".to_owned(), 400),
    ] {
        server.get(&other.read, &path).await.expect(status);
    }
}
