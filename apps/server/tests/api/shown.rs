//! What a page shows and what its session is in: nothing is done where the two differ.

use crate::harness::{As, Server, World, request};

#[tokio::test]
async fn a_page_of_another_workspace_than_the_sessions_does_nothing() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let other = World::new(&server, "b").await;
    let host = format!("/hosts/{}", world.host);
    let ask = async |who: &As, method: &str, path: &str, named: Option<&str>| {
        let mut request = request(who, method, path, None);
        if let Some(named) = named {
            let value = named.parse().expect("value");
            request.headers_mut().insert("x-luumen-workspace", value);
        }
        server.send(request).await
    };
    let (own, elsewhere) = (world.workspace.to_string(), other.workspace.to_string());
    for named in [None, Some(own.as_str())] {
        ask(&world.person, "GET", "/session", named).await.expect(200);
        ask(&world.person, "GET", &host, named).await.expect(200);
    }
    for named in [elsewhere.as_str(), "", "no id"] {
        for (method, path) in [("GET", "/session"), ("GET", &host), ("DELETE", &host)] {
            let refused = ask(&world.person, method, path, Some(named)).await.expect(409);
            assert_eq!(
                refused.code(),
                "LUM-API-OTHER-WORKSPACE",
                "{method} {path} as {named:?}"
            );
            assert_eq!(refused.header("content-type"), "application/problem+json");
        }
    }
    ask(&world.person, "GET", &host, Some(&own)).await.expect(200);
    // A key is of one workspace for good.
    ask(&world.write, "DELETE", &host, Some(&elsewhere))
        .await
        .expect(204);
}
