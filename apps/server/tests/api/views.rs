//! Saved views, as a person keeps them.

use luumen_server::clock;
use luumen_store::users;
use serde_json::{Value, json};

use crate::harness::{As, Server, World, new_session};

fn stale() -> Value {
    json!({"page": "hosts", "name": " Stale ", "search": "q=state%3Astale"})
}

async fn names(server: &Server, who: &As, query: &str) -> Vec<String> {
    let list = server
        .get(who, &format!("/views{query}"))
        .await
        .expect(200)
        .json();
    let items = list["items"].as_array().expect("items").iter();
    items
        .map(|view| view["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn a_view_is_saved_renamed_replaced_and_deleted() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let made = server.post(&world.person, "/views", stale()).await.expect(201);
    let address = made.header("location").to_owned();
    let address = address.strip_prefix("/api/v1").expect("an address of the API");
    assert_eq!(made.json()["name"], "Stale");
    assert_eq!(
        names(&server, &world.person, "?page=hosts").await,
        ["Stale", "view-a"]
    );
    assert!(
        names(&server, &world.person, "?page=vulnerabilities")
            .await
            .is_empty()
    );

    let taken = server.post(&world.person, "/views", stale()).await.expect(409);
    assert_eq!(
        (taken.code().as_str(), &taken.json()["errors"][0]["field"]),
        ("LUM-API-CONFLICT", &json!("name"))
    );
    let patch = async |body: Value| server.call(&world.person, "PATCH", address, Some(body)).await;
    patch(json!({"name": "view-a"})).await.expect(409);
    let renamed = patch(json!({"name": "Old"})).await.expect(200).json();
    let replaced = patch(json!({"search": "sort=-name"})).await.expect(200).json();
    assert_eq!(
        (&renamed["search"], &replaced["name"], &replaced["search"]),
        (&json!("q=state%3Astale"), &json!("Old"), &json!("sort=-name"))
    );
    for wrong in [
        json!({"name": ""}),
        json!({"name": "x".repeat(101)}),
        json!({"search": "x".repeat(4001)}),
        json!({"search": "a\nb"}),
        json!({"page": "vulnerabilities"}),
    ] {
        patch(wrong).await.expect(422);
    }
    server.get(&world.person, "/views?page=runs").await.expect(400);

    server
        .call(&world.person, "DELETE", address, None)
        .await
        .expect(204);
    patch(json!({"name": "Back"})).await.expect(404);
    assert_eq!(names(&server, &world.person, "").await, ["view-a"]);
}

#[tokio::test]
async fn a_colleague_has_views_of_their_own() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let (db, now) = (server.store.writer(), clock::now());
    let grace = users::create(db, "grace@example.com", "Grace", None, now)
        .await
        .expect("user");
    users::add_member(db, world.workspace, grace.id, users::Role::Owner, now)
        .await
        .expect("member");
    let colleague = As::Person(new_session(&server.store, world.workspace, grace.id).await);
    assert!(names(&server, &colleague, "").await.is_empty());
    let address = format!("/views/{}", world.view);
    let change = Some(json!({"name": "Mine now"}));
    server
        .call(&colleague, "PATCH", &address, change)
        .await
        .expect(404);
    server
        .call(&colleague, "DELETE", &address, None)
        .await
        .expect(404);
    assert_eq!(names(&server, &world.person, "").await, ["view-a"]);
}

#[tokio::test]
async fn there_is_an_end_to_saving() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    for number in 1..200 {
        let view = json!({"page": "hosts", "name": format!("View {number}"), "search": ""});
        server.post(&world.person, "/views", view).await.expect(201);
    }
    let one_more = server.post(&world.person, "/views", stale()).await.expect(409);
    assert!(one_more.text().contains("200 saved views"), "{}", one_more.text());
}
