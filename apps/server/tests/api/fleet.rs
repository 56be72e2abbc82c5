//! Questions across hosts and across time.

use luumen_server::clock;
use serde_json::{Value, json};

use crate::harness::{Server, World, document};

async fn report(server: &Server, world: &World, report: Value) -> String {
    let run = uuid::Uuid::now_v7();
    let start = json!({"agent": "patch-a", "started_at": clock::now(), "host_count": 1});
    server
        .call(&world.agent, "PUT", &format!("/agent/runs/{run}"), Some(start))
        .await
        .expect(204);
    let path = format!("/agent/runs/{run}/hosts/{}", world.host);
    let answer = server
        .call(&world.agent, "PUT", &path, Some(report))
        .await
        .expect(200)
        .json();
    answer["snapshot_id"].as_str().expect("a snapshot").to_owned()
}

#[tokio::test]
async fn history_as_of_and_diff() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let host = format!("/hosts/{}", world.host);
    let before = clock::now().plus_millis(-60_000);
    let between = clock::now();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let second = report(&server, &world, document(clock::now(), "pkg-a", "3.0.9-1")).await;

    let history = server
        .get(&world.read, &format!("{host}/snapshots"))
        .await
        .expect(200)
        .json();
    let ids: Vec<&str> = history["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|one| one["id"].as_str())
        .collect();
    assert_eq!(ids, [second.as_str(), &world.snapshot.to_string()]);
    assert_eq!(history["items"][0]["changed_sections"], json!(["packages"]));
    let page = server
        .get(&world.read, &format!("{host}/snapshots?limit=1"))
        .await
        .expect(200)
        .json();
    let next = format!(
        "{host}/snapshots?limit=1&cursor={}",
        page["next"].as_str().expect("more")
    );
    assert_eq!(
        server.get(&world.read, &next).await.expect(200).json()["items"][0]["id"],
        ids[1]
    );

    let newest = server
        .get(&world.read, &format!("{host}/snapshot"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            &newest["id"],
            &newest["snapshot"]["sections"]["packages"]["data"]["items"][0]["version"]
        ),
        (&json!(second), &json!("3.0.9-1"))
    );
    let old = server
        .get(&world.read, &format!("{host}/snapshot?as_of={between}"))
        .await
        .expect(200)
        .json();
    assert_eq!(old["id"], world.snapshot.to_string());
    server
        .get(&world.read, &format!("{host}/snapshot?as_of={before}"))
        .await
        .expect(404);
    let one = server
        .get(&world.read, &format!("{host}/snapshots/{}", world.snapshot))
        .await
        .expect(200)
        .json();
    assert_eq!(one["snapshot"]["sections"]["os"]["data"]["id"], "debian");

    let diff = server
        .get(
            &world.read,
            &format!("{host}/diff?from={}&to={second}", world.snapshot),
        )
        .await
        .expect(200)
        .json();
    assert_eq!(diff["packages"][0]["from_version"], "3.0.2-1");
    assert_eq!(
        (&diff["packages"][0]["to_version"], &diff["truncated"]),
        (&json!("3.0.9-1"), &json!(false))
    );
    server
        .get(&world.read, &format!("{host}/diff?from=x&to={second}"))
        .await
        .expect(400);
}

#[tokio::test]
async fn which_hosts_have_an_old_package() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    server
        .post(
            &world.write,
            "/hosts",
            json!({"name": "never-seen", "address": "x"}),
        )
        .await
        .expect(201);
    let list = server
        .get(&world.read, "/packages?q=KG-")
        .await
        .expect(200)
        .json();
    assert_eq!(
        list["items"],
        json!([{"manager": "dpkg", "name": "pkg-a", "version_count": 1, "host_count": 1}])
    );
    for (query, total) in [
        ("", 1),
        ("&op=lt&version=3.0.7", 1),
        ("&op=ge&version=3.0.7", 0),
        ("&op=eq&version=3.0.2-1", 1),
    ] {
        let found = server
            .get(&world.read, &format!("/packages/hosts?name=pkg-a{query}"))
            .await
            .expect(200)
            .json();
        assert_eq!(
            (&found["total"], &found["unknown_host_count"]),
            (&json!(total), &json!(1)),
            "{query}"
        );
    }
    let odd = server
        .get(&world.read, "/packages/hosts?name=pkg-a&op=lt&version=latest")
        .await
        .expect(200)
        .json();
    assert_eq!(odd["not_comparable"], json!(["pkg-a 3.0.2-1"]));
    server
        .get(&world.read, "/packages/hosts?name=pkg-a&op=lt")
        .await
        .expect(422);
    let paths = server
        .get(&world.read, "/properties?q=os.ver")
        .await
        .expect(200)
        .json();
    assert_eq!(
        paths["items"][0],
        json!({"path": "os.version_id", "host_count": 1, "examples": ["12"]})
    );
}

#[tokio::test]
async fn a_list_by_facts_says_of_how_many_hosts_nothing_is_known() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let new = json!({"name": "never-seen", "address": "x"});
    server.post(&world.write, "/hosts", new).await.expect(201);
    for (query, total, unknown) in [
        ("", 2, 0),
        ("pkg:pkg-a", 1, 1),
        ("-pkg:pkg-a", 0, 1),
        ("pkg:none", 0, 1),
        ("-pkg:none", 1, 1),
        ("pkg:pkg-a%3C3.0.7", 1, 1),
        ("pkg:pkg-a -host-a", 0, 1),
        ("pkg:pkg-a host-a", 1, 0),
        ("os.version_id=12", 1, 1),
        ("-os.version_id=12", 0, 1),
        ("os.version_id!=12", 0, 1),
        ("os.version_id!=11", 1, 1),
        ("pkg:pkg-a os.version_id=11", 0, 1),
        ("state:never_seen", 1, 0),
    ] {
        let list = server
            .get(&world.read, &format!("/hosts?q={}", query.replace(' ', "%20")))
            .await;
        let list = list.expect(200).json();
        assert_eq!(
            (&list["total"], &list["unknown_host_count"]),
            (&json!(total), &json!(unknown)),
            "{query}"
        );
    }
    let sheet = server.get(&world.read, "/hosts.csv?q=pkg:none").await.expect(200);
    assert_eq!(sheet.header("luumen-unknown-hosts"), "1");
}

#[tokio::test]
async fn the_overview_counts() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let overview = server.get(&world.read, "/overview").await.expect(200).json();
    assert_eq!(
        (&overview["host_count"], &overview["states"]["ok"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(overview["os"], json!([{"value": "debian 12", "count": 1}]));
    assert_eq!(
        overview["freshness"][0],
        json!({"label": "< 1 h", "up_to_s": 3600, "count": 1})
    );
    assert_eq!(
        (
            overview["visits"].as_array().map(Vec::len),
            &overview["visits"][13]["complete"]
        ),
        (Some(14), &json!(1))
    );
    assert_eq!(overview["agents"][0]["last_run"]["id"], overview["runs"][0]["id"]);
}

/// The same questions on PostgreSQL, where there is one.
#[tokio::test(flavor = "multi_thread")]
async fn postgresql_answers_the_same() {
    let Some(postgres) = luumen_testkit::postgres::Postgres::start() else {
        return;
    };
    let url = postgres.database().expect("a database");
    let folder = tempfile::tempdir().expect("folder");
    let server = Server::on(&url, luumen_server::app::Limits::default(), folder).await;
    let (world, other) = (World::new(&server, "a").await, World::new(&server, "b").await);
    let second = report(&server, &world, document(clock::now(), "pkg-a", "3.0.9-1")).await;
    let host = format!("/hosts/{}", world.host);
    let diff = server
        .get(
            &world.read,
            &format!("{host}/diff?from={}&to={second}", world.snapshot),
        )
        .await
        .expect(200)
        .json();
    assert_eq!(diff["packages"][0]["to_version"], "3.0.9-1");
    for path in [
        "/hosts?q=pkg:pkg-a%3C4",
        "/hosts/facets",
        "/hosts.csv",
        "/packages",
        "/packages/hosts?name=pkg-a",
        "/properties",
        "/agents",
        "/runs",
        "/overview",
        "/api-keys",
        "/workspace",
    ] {
        let answer = server.get(&world.read, path).await.expect(200).text();
        assert!(
            other.marks.iter().all(|mark| !answer.contains(mark)),
            "{path}: {answer}"
        );
    }
    server
        .get(&world.read, &format!("/hosts/{}", other.host))
        .await
        .expect(404);
    let sheet = json!("name,address\nweb-1,10.0.0.1\nhost-a,elsewhere\n");
    let done = server
        .post(&world.write, "/hosts/import?update=true", sheet)
        .await
        .expect(200)
        .json();
    assert_eq!((&done["created"], &done["updated"]), (&json!(1), &json!(1)));
    let beat = json!({"agent": "second", "hostname": "h", "version": "0.1.0", "tier": "none"});
    server
        .post(&world.agent, "/agent/heartbeat", beat)
        .await
        .expect(200);
    server.get(&world.agent, "/agent/config").await.expect(200);
    let taken = server
        .post(&world.write, "/hosts", json!({"name": "host-a", "address": "x"}))
        .await
        .expect(409);
    assert_eq!(taken.code(), "LUM-API-CONFLICT");
    server
        .call(&world.person, "DELETE", "/session", None)
        .await
        .expect(204);
    server.store.close().await.expect("closed");
}
