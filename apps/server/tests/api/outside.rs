//! What lies beside the API, put to the same questions as the operations of the document (`contract`): who are you, may you,
//! and whose is it? It stands in no document, so the table here is compared with the routes themselves.

use axum::body::Body;
use http::{Method, Request, header};

use crate::harness::{Answer, As, Server, World};

/// Address, and the permission that it needs; `None` when it answers everybody.
const OUTSIDE: &[(&str, Option<&str>)] = &[
    ("/livez", None),
    ("/readyz", None),
    ("/metrics", None),
    ("/config", Some("report")),
];

/// How a key is shown: agents of the reference product send it in a header of their own.
#[derive(Clone, Copy, Debug)]
enum By {
    Bearer,
    ApiKey,
}

async fn ask(server: &Server, who: &As, by: By, method: Method, path: &str) -> Answer {
    let asked = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "luumen.test");
    let asked = match (who, by) {
        (As::Nobody, _) => asked,
        (As::Key(key), By::Bearer) => asked.header(header::AUTHORIZATION, format!("Bearer {key}")),
        (As::Key(key), By::ApiKey) => asked.header("api-key", key),
        (As::Person(cookie), _) => asked
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin"),
    };
    server.send(asked.body(Body::empty()).expect("a request")).await
}

#[test]
fn every_route_beside_the_api_is_in_the_table() {
    let source = include_str!("../../src/routes/mod.rs");
    let (_, outside) = source
        .split_once("pub fn outside_api()")
        .expect("the routes beside the API");
    let routes: Vec<&str> = outside
        .split(".route(\"")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('"')?.0))
        .collect();
    let table: Vec<&str> = OUTSIDE.iter().map(|(path, _)| *path).collect();
    assert_eq!(routes, table, "a new route comes with its row in this table");
    assert!(
        !outside.contains(".nest(") && !outside.contains(".merge("),
        "no other routes are drawn in"
    );
}

#[tokio::test]
async fn strangers_get_in_only_where_everybody_does() {
    let server = Server::new().await;
    World::new(&server, "a").await;
    let strangers = [
        As::Nobody,
        As::Key("lum_nope".to_owned()),
        As::Key(String::new()),
        As::Person("luumen_session=forged".to_owned()),
    ];
    for (path, permission) in OUTSIDE {
        for who in &strangers {
            for by in [By::Bearer, By::ApiKey] {
                let answer = ask(&server, who, by, Method::GET, path).await;
                match permission {
                    None => drop(answer.expect(200)),
                    Some(_) => assert_eq!(
                        (answer.status.as_u16(), answer.code().as_str()),
                        (401, "LUM-API-UNAUTHENTICATED"),
                        "{path} as {who:?} by {by:?}"
                    ),
                }
            }
        }
    }
}

#[tokio::test]
async fn who_may_not_report_gets_no_configuration() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    for (path, permission) in OUTSIDE {
        for who in [&world.person, &world.read, &world.write] {
            for by in [By::Bearer, By::ApiKey] {
                let answer = ask(&server, who, by, Method::GET, path).await;
                match permission {
                    None => drop(answer.expect(200)),
                    Some(_) => assert_eq!(
                        (answer.status.as_u16(), answer.code().as_str()),
                        (403, "LUM-API-FORBIDDEN"),
                        "{path} as {who:?} by {by:?}"
                    ),
                }
            }
        }
        for by in [By::Bearer, By::ApiKey] {
            ask(&server, &world.agent, by, Method::GET, path)
                .await
                .expect(200);
        }
    }
}

#[tokio::test]
async fn nothing_of_another_workspace_is_told() {
    let server = Server::new().await;
    let (own, other) = (World::new(&server, "a").await, World::new(&server, "b").await);
    for (path, permission) in OUTSIDE {
        for by in [By::Bearer, By::ApiKey] {
            let text = ask(&server, &own.agent, by, Method::GET, path)
                .await
                .expect(200)
                .text();
            // For whoever draws graphs, `/metrics` tells workspaces apart by id, and nothing else of them.
            let graphed = [own.workspace.to_string(), other.workspace.to_string()];
            let tells = |mark: &&String| {
                text.contains(mark.as_str()) && !(*path == "/metrics" && graphed.contains(mark))
            };
            let of_other: Vec<&String> = other.marks.iter().filter(tells).collect();
            assert!(
                of_other.is_empty(),
                "{path} shows {of_other:?} of another workspace: {text}"
            );
            // What everybody reads names nobody at all; what one's own agent reads, one's own hosts.
            let own_is_told = own.marks.iter().any(|mark| tells(&mark));
            assert_eq!(own_is_told, permission.is_some(), "{path}: {text}");
        }
    }
    let metrics = ask(&server, &As::Nobody, By::Bearer, Method::GET, "/metrics")
        .await
        .expect(200);
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4");
    for world in [&own, &other] {
        assert!(
            metrics
                .text()
                .contains(&format!("luumen_hosts{{workspace=\"{}\"", world.workspace))
        );
    }
}

#[tokio::test]
async fn the_reference_address_knows_what_has_not_changed() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let first = ask(&server, &world.agent, By::ApiKey, Method::GET, "/config")
        .await
        .expect(200);
    let As::Key(key) = &world.agent else {
        panic!("a key")
    };
    let asked = |etag: &str| {
        Request::builder()
            .uri("/config")
            .header("api-key", key)
            .header(header::IF_NONE_MATCH, etag)
            .body(Body::empty())
            .expect("a request")
    };
    server.send(asked(first.header("etag"))).await.expect(304);
    server.send(asked("\"another\"")).await.expect(200);
}

#[tokio::test]
async fn nothing_beside_the_api_can_be_written_to() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    for (path, _) in OUTSIDE {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = ask(&server, &world.agent, By::Bearer, method.clone(), path).await;
            assert_eq!(answer.status.as_u16(), 405, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn without_its_database_the_server_lives_and_is_not_ready() {
    let server = Server::new().await;
    server.store.clone().close().await.expect("closed");
    let get = |path| ask(&server, &As::Nobody, By::Bearer, Method::GET, path);
    get("/livez").await.expect(200);
    let answer = get("/readyz").await.expect(503);
    assert_eq!(answer.code(), "LUM-API-UNAVAILABLE");
    assert!(!answer.text().contains("sqlite"), "{}", answer.text());
    assert!(get("/metrics").await.status.is_server_error());
}
