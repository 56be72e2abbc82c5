//! Hosts: what an admin says about them, import, export and filters.

use serde_json::{Value, json};

use crate::harness::{Server, World};

fn names(list: &Value) -> Vec<&str> {
    list["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|host| host["name"].as_str())
        .collect()
}

#[tokio::test]
async fn a_host_is_added_changed_and_deleted() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let new =
        json!({"name": "web-1", "address": "10.0.0.1", "port": 2222.0, "tags": ["web"], "username": ""});
    let answer = server.post(&world.write, "/hosts", new).await.expect(201);
    let host = answer.json();
    let path = format!("/hosts/{}", host["summary"]["id"].as_str().expect("id"));
    assert_eq!(answer.header("location"), format!("/api/v1{path}"));
    assert_eq!(
        (
            &host["summary"]["port"],
            &host["summary"]["state"],
            &host["username"]
        ),
        (&json!(2222), &json!("never_seen"), &Value::Null)
    );

    let change = Some(json!({"notes": "rack 4", "enabled": false, "tags": []}));
    let host = server
        .call(&world.write, "PATCH", &path, change)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            &host["notes"],
            &host["summary"]["state"],
            &host["summary"]["tags"]
        ),
        (&json!("rack 4"), &json!("disabled"), &json!([]))
    );
    let host = server
        .call(
            &world.write,
            "PATCH",
            &path,
            Some(json!({"notes": "", "port": null})),
        )
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&host["notes"], &host["summary"]["port"]),
        (&Value::Null, &json!(2222))
    );

    let taken = server
        .post(&world.write, "/hosts", json!({"name": "web-1", "address": "x"}))
        .await
        .expect(409);
    assert_eq!(taken.json()["errors"][0]["field"], "name");
    let taken = Some(json!({"name": "host-a"}));
    server.call(&world.write, "PATCH", &path, taken).await.expect(409);

    server.call(&world.write, "DELETE", &path, None).await.expect(204);
    server.get(&world.read, &path).await.expect(404);
    server.call(&world.write, "DELETE", &path, None).await.expect(404);
}

#[tokio::test]
async fn an_import_judges_every_row() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let sheet = json!(
        "name,address,port,tags\nweb-1,10.0.0.1,,a b\n,10.0.0.2,,\nweb-3,10.0.0.3,ssh,\nhost-a,elsewhere,,\n"
    );
    let dry = server
        .post(&world.write, "/hosts/import?dry_run=true", sheet.clone())
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&dry["created"], &dry["existing"], &dry["rejected"]),
        (&json!(1), &json!(1), &json!(2))
    );
    assert_eq!(server.get(&world.read, "/hosts").await.json()["total"], 1);

    let done = server
        .post(&world.write, "/hosts/import", sheet.clone())
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            &done["created"],
            &done["rows"][1]["line"],
            &done["rows"][1]["result"]
        ),
        (&json!(1), &json!(3), &json!("rejected"))
    );
    assert_eq!(
        done["rows"][2]["messages"],
        json!(["port \"ssh\" is not a number"])
    );
    let again = server
        .post(&world.write, "/hosts/import?update=true", sheet)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&again["created"], &again["updated"], &again["existing"]),
        (&json!(0), &json!(1), &json!(1))
    );
    let list = server
        .get(&world.read, "/hosts?q=elsewhere")
        .await
        .expect(200)
        .json();
    assert_eq!(names(&list), ["host-a"]);
    let answer = server
        .post(&world.write, "/hosts/import", json!("hostname,ip\na,b\n"))
        .await
        .expect(422)
        .json();
    let fields: Vec<&str> = answer["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|e| e["field"].as_str())
        .collect();
    assert_eq!(fields, ["column 1", "column 2", "name", "address"]);
}

#[tokio::test]
async fn an_import_changes_only_what_its_sheet_has_columns_for() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let host = json!({"name": "x", "address": "old", "port": 2222, "username": "root", "credential": "fleet",
                      "tags": ["web"], "notes": "rack 4", "enabled": false});
    let path = format!(
        "/hosts/{}",
        server
            .post(&world.write, "/hosts", host.clone())
            .await
            .expect(201)
            .json()["summary"]["id"]
            .as_str()
            .expect("id")
    );
    let import = async |sheet: &str| {
        let done = server
            .post(&world.write, "/hosts/import?update=true", json!(sheet))
            .await
            .expect(200)
            .json();
        let now = server.get(&world.read, &path).await.expect(200).json();
        (done["rows"][0]["result"].clone(), now)
    };
    let check = |seen: &Value, expected: &Value| {
        for (field, value) in expected.as_object().expect("fields") {
            let there = seen.get(field).or_else(|| seen["summary"].get(field));
            assert_eq!(there.unwrap_or(&Value::Null), value, "{field}");
        }
    };
    let mut expected = host;

    let (result, seen) = import("name,address\nx,new\n").await;
    expected["address"] = json!("new");
    check(&seen, &expected);
    assert_eq!(result, "updated");
    // What it says is so already, whatever else the host has.
    assert_eq!(import("name,address\nx,new\n").await.0, "exists");

    // A row that ends early says nothing of the columns behind it; a cell that is there and empty clears.
    let (_, seen) = import("name,address,notes,port,tags\nx,new,,2022\n").await;
    (expected["notes"], expected["port"]) = (Value::Null, json!(2022));
    check(&seen, &expected);
    let (_, seen) = import("name,address,port,tags\nx,new,,\n").await;
    (expected["port"], expected["tags"]) = (json!(22), json!([]));
    check(&seen, &expected);
}

#[tokio::test]
async fn the_csv_is_exactly_what_is_filtered_and_runs_nothing() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    for name in ["=cmd()", "web, two"] {
        server
            .post(
                &world.write,
                "/hosts",
                json!({"name": name, "address": "10.0.0.1", "tags": ["x"]}),
            )
            .await
            .expect(201);
    }
    let answer = server
        .get(&world.read, "/hosts.csv?q=tag:x&sort=name&limit=1")
        .await
        .expect(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let text = answer.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines[0].starts_with("name,address,port,state,tags,")
            && text.contains("'=cmd(),")
            && text.contains("\"web, two\",")
    );
}

#[tokio::test]
async fn pages_sorts_filters_and_facets() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    for n in 1..=5 {
        let tag = if n % 2 == 0 { "even" } else { "odd" };
        let host = json!({"name": format!("web-{n}"), "address": format!("10.0.0.{n}"), "tags": [tag]});
        server.post(&world.write, "/hosts", host).await.expect(201);
    }
    let mut seen = Vec::new();
    let mut path = "/hosts?q=-os:debian&limit=2&sort=name&descending=true".to_owned();
    loop {
        let page = server.get(&world.read, &path).await.expect(200).json();
        assert_eq!(page["total"], 5);
        seen.extend(names(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/hosts?q=-os:debian&limit=2&sort=name&descending=true&cursor={next}");
    }
    assert_eq!(seen, ["web-5", "web-4", "web-3", "web-2", "web-1"]);
    for (q, expected) in [
        ("tag:even", vec!["web-2", "web-4"]),
        ("web -tag:odd", vec!["web-2", "web-4"]),
        ("os:Debian", vec!["host-a"]),
        ("state:ok", vec!["host-a"]),
        ("seen:%3C1d", vec!["host-a"]),
        ("seen:%3E1d", vec![]),
        ("tag:odd seen:never", vec!["web-1", "web-3", "web-5"]),
        ("added:%3C1h -seen:never", vec!["host-a"]),
        ("unseen:any", vec![]),
        ("-unseen:packages", vec!["host-a"]),
        ("-unseen:firewall", vec![]),
        ("pkg:pkg-a", vec!["host-a"]),
        ("pkg:pkg-a%3C3.0.7", vec!["host-a"]),
        ("pkg:pkg-a%3D3.0.2", vec!["host-a"]),
        ("pkg:pkg-a%3E%3D3.0.7", vec![]),
        ("-pkg:pkg-a%3E%3D3.0.7", vec!["host-a"]),
        ("os.version_id%3D12", vec!["host-a"]),
        ("os.version_id%3E11 os.hostname%3D*", vec!["host-a"]),
        ("os.id!%3Ddebian", vec![]),
    ] {
        let list = server
            .get(&world.read, &format!("/hosts?q={}", q.replace(' ', "%20")))
            .await
            .expect(200)
            .json();
        assert_eq!(names(&list), expected, "{q}");
        assert_eq!(list["warnings"], json!([]), "{q}");
    }
    let odd = server
        .get(&world.read, "/hosts?q=pkg:pkg-a%3Clatest")
        .await
        .expect(200)
        .json();
    assert_eq!(names(&odd), Vec::<&str>::new());
    assert!(
        odd["warnings"][0]
            .as_str()
            .expect("warning")
            .contains("pkg-a 3.0.2-1"),
        "{odd}"
    );

    let facets = server.get(&world.read, "/hosts/facets").await.expect(200).json()["facets"].clone();
    assert_eq!(facets["os"], json!([{"value": "debian", "count": 1}]));
    assert!(
        facets["state"]
            .as_array()
            .expect("states")
            .contains(&json!({"value": "never_seen", "count": 5}))
    );
    assert!(
        facets["tag"]
            .as_array()
            .expect("tags")
            .contains(&json!({"value": "even", "count": 2}))
    );
}
