//! Setting up, signing in and out, and who may not.

use std::time::Duration;

use luumen_crypto::Secret;
use luumen_server::{app::Limits, clock, secrets};
use luumen_store::{
    TokenHash,
    api_keys::{self, KeyScope, NewApiKey},
    sessions::{self, LinkPurpose},
    users, workspaces,
};
use serde_json::json;

use crate::harness::{As, Server, World, request};

async fn setup_token(server: &Server, expires_in_ms: i64) -> String {
    let (token, now) = (secrets::new_token().expect("token"), clock::now());
    let hash = TokenHash::of(token.expose_secret());
    let expires_at = now.plus_millis(expires_in_ms);
    sessions::add_link(
        server.store.writer(),
        hash,
        LinkPurpose::Setup,
        None,
        now,
        expires_at,
    )
    .await
    .expect("link");
    token.expose_secret().to_owned()
}

fn setup(token: &str) -> serde_json::Value {
    json!({"token": token, "email": "Ada@Example.com", "name": "Ada", "password": "correct horse battery", "workspace": "Home"})
}

#[tokio::test]
async fn the_first_admin_is_made_once() {
    let server = Server::new().await;
    assert_eq!(
        server.get(&As::Nobody, "/setup").await.expect(200).json(),
        json!({"needed": true})
    );
    let expired = setup_token(&server, -1).await;
    for bad in ["guessed", &expired] {
        let answer = server.post(&As::Nobody, "/setup", setup(bad)).await.expect(401);
        assert_eq!(answer.code(), "LUM-API-LINK-INVALID");
    }
    let token = setup_token(&server, 60_000).await;
    let short = json!({"token": token, "email": "nobody", "name": "", "password": "short", "workspace": "W"});
    let answer = server.post(&As::Nobody, "/setup", short).await.expect(422).json();
    let fields: Vec<&str> = answer["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|e| e["field"].as_str())
        .collect();
    assert_eq!(fields, ["email", "name", "password"]);

    let answer = server
        .post(&As::Nobody, "/setup", setup(&token))
        .await
        .expect(201);
    let person = As::Person(answer.cookie());
    assert!(
        answer
            .header("set-cookie")
            .ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800")
    );
    let session = server.get(&person, "/session").await.expect(200).json();
    assert_eq!(
        (&session["email"], &session["workspace_name"]),
        (&json!("ada@example.com"), &json!("Home"))
    );
    assert_eq!(
        server.get(&As::Nobody, "/setup").await.json(),
        json!({"needed": false})
    );

    let again = setup_token(&server, 60_000).await;
    assert_eq!(
        server
            .post(&As::Nobody, "/setup", setup(&again))
            .await
            .expect(409)
            .code(),
        "LUM-API-CONFLICT"
    );
    let sign_in = json!({"email": "ada@example.com", "password": "correct horse battery"});
    server.post(&As::Nobody, "/session", sign_in).await.expect(200);
}

async fn with_password(server: &Server, password: &str) -> World {
    let world = World::new(server, "a").await;
    let hash = secrets::hash_password(Secret::new(password)).await.expect("hash");
    users::set_password(server.store.writer(), world.user, &hash)
        .await
        .expect("password");
    world
}

#[tokio::test]
async fn signing_in_rotates_the_session_and_signing_out_ends_it() {
    let server = Server::new().await;
    let world = with_password(&server, "correct horse battery").await;
    let good = json!({"email": "A@example.com ", "password": "correct horse battery"});
    let first = server
        .post(&As::Nobody, "/session", good.clone())
        .await
        .expect(200)
        .cookie();
    let second = server
        .post(&As::Person(first.clone()), "/session", good)
        .await
        .expect(200)
        .cookie();
    assert_ne!(first, second);
    server.get(&As::Person(first), "/session").await.expect(401);
    let person = As::Person(second);
    server.get(&person, "/session").await.expect(200);
    let answer = server.call(&person, "DELETE", "/session", None).await.expect(204);
    assert!(
        answer.header("set-cookie").contains("luumen_session=; ")
            && answer.header("set-cookie").contains("Max-Age=0")
    );
    server.get(&person, "/session").await.expect(401);
    server.get(&world.person, "/session").await.expect(200);
}

#[tokio::test]
async fn failures_are_counted_and_then_refused() {
    let server = Server::with(Limits {
        failures_per_account: 3,
        ..Limits::default()
    })
    .await;
    with_password(&server, "correct horse battery").await;
    let wrong = json!({"email": "a@example.com", "password": "wrong"});
    let unknown = json!({"email": "nobody@example.com", "password": "wrong"});
    let one = server
        .post(&As::Nobody, "/session", wrong.clone())
        .await
        .expect(401);
    let two = server.post(&As::Nobody, "/session", unknown).await.expect(401);
    assert_eq!(
        (one.code(), one.json()["detail"].clone()),
        (two.code(), two.json()["detail"].clone())
    );
    server
        .post(&As::Nobody, "/session", wrong.clone())
        .await
        .expect(401);
    server
        .post(&As::Nobody, "/session", wrong.clone())
        .await
        .expect(401);
    // Even the right password has to wait now; another person does not.
    let right = json!({"email": "a@example.com", "password": "correct horse battery"});
    let answer = server.post(&As::Nobody, "/session", right).await.expect(429);
    assert_eq!(
        (answer.code().as_str(), answer.header("retry-after")),
        ("LUM-API-TOO-MANY-REQUESTS", "900")
    );
    let other = json!({"email": "b@example.com", "password": "wrong"});
    server.post(&As::Nobody, "/session", other).await.expect(401);
}

#[tokio::test]
async fn a_link_signs_in_once_and_may_set_a_password() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let (token, now) = (secrets::new_token().expect("token"), clock::now());
    let hash = TokenHash::of(token.expose_secret());
    let until = now.plus_millis(60_000);
    sessions::add_link(
        server.store.writer(),
        hash,
        LinkPurpose::SignIn,
        Some(world.user),
        now,
        until,
    )
    .await
    .expect("link");
    let link = json!({"token": token.expose_secret()});
    let person = As::Person(
        server
            .post(&As::Nobody, "/session/link", link.clone())
            .await
            .expect(200)
            .cookie(),
    );
    assert_eq!(
        server
            .post(&As::Nobody, "/session/link", link)
            .await
            .expect(401)
            .code(),
        "LUM-API-LINK-INVALID"
    );

    let unused = secrets::new_token().expect("token");
    sessions::add_link(
        server.store.writer(),
        TokenHash::of(unused.expose_secret()),
        LinkPurpose::SignIn,
        Some(world.user),
        now,
        until,
    )
    .await
    .expect("link");
    let new = json!({"new_password": "correct horse battery"});
    server.post(&person, "/session/password", new).await.expect(204);
    let unused = json!({"token": unused.expose_secret()});
    let answer = server
        .post(&As::Nobody, "/session/link", unused)
        .await
        .expect(401);
    assert_eq!(
        answer.code(),
        "LUM-API-LINK-INVALID",
        "it ends with the old password"
    );
    // The link stood for a password once.
    let again = json!({"new_password": "a stranger's at an open desk"});
    let answer = server.post(&person, "/session/password", again).await.expect(422);
    assert_eq!(answer.json()["errors"][0]["field"], "current_password");
    // Every other session ends with the old password.
    server.get(&world.person, "/session").await.expect(401);
    let sign_in = json!({"email": "a@example.com", "password": "correct horse battery"});
    let person = As::Person(
        server
            .post(&As::Nobody, "/session", sign_in)
            .await
            .expect(200)
            .cookie(),
    );
    let wrong = json!({"current_password": "wrong", "new_password": "another long one"});
    let answer = server.post(&person, "/session/password", wrong).await.expect(422);
    assert_eq!(answer.json()["errors"][0]["field"], "current_password");
    let right = json!({"current_password": "correct horse battery", "new_password": "another long one"});
    server.post(&person, "/session/password", right).await.expect(204);
}

#[tokio::test]
async fn a_person_may_work_in_another_workspace_of_theirs() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let second = workspaces::create(server.store.writer(), "Second", clock::now())
        .await
        .expect("workspace");
    users::add_member(
        server.store.writer(),
        second.id,
        world.user,
        users::Role::Viewer,
        clock::now(),
    )
    .await
    .expect("member");
    let body = Some(json!({"workspace_id": second.id}));
    let session = server
        .call(&world.person, "PUT", "/session/workspace", body)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            &session["workspace_name"],
            session["workspaces"].as_array().map(Vec::len)
        ),
        (&json!("Second"), Some(2))
    );
    assert_eq!(
        server.get(&world.person, "/hosts").await.expect(200).json()["total"],
        0
    );
    // When the membership ends, the session does too.
    users::remove_member(server.store.writer(), second.id, world.user)
        .await
        .expect("removed");
    server.get(&world.person, "/hosts").await.expect(401);
}

#[tokio::test]
async fn other_sites_cannot_use_the_cookie() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let As::Person(cookie) = &world.person else {
        panic!("a person")
    };
    let body = json!({"name": "new", "address": "b"});
    let cases: &[(&[(&str, &str)], u16)] = &[
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "null")], 403),
        (&[], 403),
        (&[("origin", "http://luumen.test")], 201),
    ];
    for (headers, status) in cases {
        let mut asked = request(&As::Nobody, "POST", "/hosts", Some(body.clone()));
        asked
            .headers_mut()
            .insert("cookie", cookie.parse().expect("cookie"));
        for (name, value) in *headers {
            asked.headers_mut().insert(*name, value.parse().expect("value"));
        }
        let answer = server.send(asked).await.expect(*status);
        assert!(
            *status == 201 || answer.code() == "LUM-API-CROSS-SITE",
            "{headers:?}"
        );
    }
    // Another site cannot sign a browser in either; a program without a browser can.
    let mut asked = request(
        &As::Nobody,
        "POST",
        "/session",
        Some(json!({"email": "a@b.c", "password": "x"})),
    );
    asked
        .headers_mut()
        .insert("sec-fetch-site", "cross-site".parse().expect("value"));
    assert_eq!(server.send(asked).await.expect(403).code(), "LUM-API-CROSS-SITE");
}

#[tokio::test]
async fn keys_are_shown_once_rotate_with_overlap_and_end() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let made = server
        .post(&world.person, "/api-keys", json!({"name": "ci", "scope": "read"}))
        .await
        .expect(201)
        .json();
    let (id, first) = (
        made["key"]["id"].as_str().expect("id").to_owned(),
        made["secret"].as_str().expect("key").to_owned(),
    );
    assert!(first.starts_with(made["key"]["prefix"].as_str().expect("prefix")));
    let list = server.get(&world.person, "/api-keys").await.expect(200).text();
    assert!(list.contains(&id) && !list.contains(&first));

    let rotate = format!("/api-keys/{id}/rotate");
    let second = server
        .post(&world.person, &rotate, json!({"overlap_s": 60.0}))
        .await
        .expect(200)
        .json()["secret"]
        .clone();
    let second = As::Key(second.as_str().expect("key").to_owned());
    server.get(&As::Key(first.clone()), "/hosts").await.expect(200);
    server.get(&second, "/hosts").await.expect(200);
    let third = server
        .post(&world.person, &rotate, json!({"overlap_s": 0}))
        .await
        .expect(200)
        .json()["secret"]
        .clone();
    server.get(&second, "/hosts").await.expect(401);
    server.get(&As::Key(first), "/hosts").await.expect(401);
    let third = As::Key(third.as_str().expect("key").to_owned());
    server.get(&third, "/hosts").await.expect(200);

    let path = format!("/api-keys/{id}");
    assert!(
        server
            .call(&world.person, "DELETE", &path, None)
            .await
            .expect(200)
            .json()["revoked_at"]
            .is_string()
    );
    server.get(&third, "/hosts").await.expect(401);
    server.post(&world.person, &rotate, json!({})).await.expect(409);
    let past = json!({"name": "old", "scope": "read", "expires_at": "2020-01-01T00:00:00Z"});
    server.post(&world.person, "/api-keys", past).await.expect(422);
}

/// Rotates a key and answers its new secret.
async fn rotated(server: &Server, world: &World, id: &str, overlap_s: i64) -> As {
    let path = format!("/api-keys/{id}/rotate");
    let answer = server
        .post(&world.person, &path, json!({"overlap_s": overlap_s}))
        .await;
    As::Key(
        answer.expect(200).json()["secret"]
            .as_str()
            .expect("key")
            .to_owned(),
    )
}

#[tokio::test]
async fn rotating_twice_ends_no_secret_that_somebody_uses() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let made = server
        .post(&world.person, "/api-keys", json!({"name": "ci", "scope": "read"}))
        .await
        .expect(201)
        .json();
    let id = made["key"]["id"].as_str().expect("id");
    let first = As::Key(made["secret"].as_str().expect("key").to_owned());
    server.get(&first, "/hosts").await.expect(200);

    // The second secret was lost on the way: nobody used it, so the first one stays in its overlap.
    let second = rotated(&server, &world, id, 3600).await;
    let third = rotated(&server, &world, id, 3600).await;
    server.get(&first, "/hosts").await.expect(200);
    server.get(&second, "/hosts").await.expect(401);
    server.get(&third, "/hosts").await.expect(200);

    // Now two are in use, once that is noted, and another one would end the first.
    for _ in 0..200 {
        let keys = api_keys::list(server.store.read(), world.workspace)
            .await
            .expect("keys");
        if keys
            .iter()
            .any(|key| key.id.to_string() == id && key.secret_used_at.is_some())
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
        server.get(&third, "/hosts").await.expect(200);
    }
    let path = format!("/api-keys/{id}/rotate");
    let answer = server
        .post(&world.person, &path, json!({"overlap_s": 3600}))
        .await
        .expect(409);
    assert_eq!(answer.code(), "LUM-API-CONFLICT");
    assert!(answer.text().contains("still works until"), "{}", answer.text());
    server.get(&first, "/hosts").await.expect(200);
    // Whoever wants all former secrets to end says so.
    let fourth = rotated(&server, &world, id, 0).await;
    for over in [&first, &third] {
        server.get(over, "/hosts").await.expect(401);
    }
    server.get(&fourth, "/hosts").await.expect(200);
}

#[tokio::test]
async fn a_key_that_is_over_gets_no_secret() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let now = clock::now();
    let new = NewApiKey {
        name: "old",
        scope: KeyScope::Read,
        prefix: "lum_old",
        hash: TokenHash::of("lum_old"),
        expires_at: Some(now.plus_millis(-1)),
    };
    let key = api_keys::create(
        server.store.writer(),
        world.workspace,
        &new,
        now.plus_millis(-60_000),
    )
    .await
    .expect("key");
    let path = format!("/api-keys/{}/rotate", key.id);
    let answer = server.post(&world.person, &path, json!({})).await.expect(409);
    assert!(answer.text().contains("expired"), "{}", answer.text());
}

#[tokio::test]
async fn reading_does_not_wait_for_whoever_writes() {
    let server = Server::new().await;
    let world = World::new(&server, "a").await;
    let (token, now) = (secrets::new_token().expect("token"), clock::now());
    let session = sessions::Session {
        user: world.user,
        workspace: world.workspace,
        created_at: now,
        expires_at: now.plus_millis(3_600_000),
        last_seen_at: now.plus_millis(-3_600_000),
        via_link: false,
    };
    let hash = TokenHash::of(token.expose_secret());
    sessions::create(server.store.writer(), hash, &session)
        .await
        .expect("session");
    let person = As::Person(format!("luumen_session={}", token.expose_secret()));

    let writing = server.store.begin().await.expect("the writer");
    for who in [&person, &world.read, &person, &world.read] {
        let answer = tokio::time::timeout(Duration::from_secs(5), server.get(who, "/hosts")).await;
        answer.expect("an answer while somebody writes").expect(200);
    }
    drop(writing);

    // That they were here is written down all the same.
    let noted = async || {
        let session = sessions::find(server.store.read(), hash, now)
            .await
            .expect("read")
            .expect("session");
        let keys = api_keys::list(server.store.read(), world.workspace)
            .await
            .expect("keys");
        session.last_seen_at >= now && keys.iter().any(|key| key.last_used_at.is_some())
    };
    for _ in 0..200 {
        if noted().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("nobody noted who was here");
}

/// A try to sign in that comes from `peer`, with what it says of itself on the way.
async fn try_from(server: &Server, peer: &str, forwarded: &[&str], email: &str, password: &str) -> u16 {
    let body = json!({"email": email, "password": password});
    let mut asked = request(&As::Nobody, "POST", "/session", Some(body));
    for value in forwarded {
        asked
            .headers_mut()
            .append("x-forwarded-for", value.parse().expect("a header"));
    }
    let peer = std::net::SocketAddr::new(peer.parse().expect("an address"), 40_000);
    asked.extensions_mut().insert(axum::extract::ConnectInfo(peer));
    let answer = server.send(asked).await;
    if answer.status == 429 {
        assert_eq!(answer.code(), "LUM-API-TOO-MANY-REQUESTS");
        assert!(
            answer
                .header("retry-after")
                .parse::<u64>()
                .is_ok_and(|seconds| seconds > 0)
        );
    }
    answer.status.as_u16()
}

/// Three failures from one address are enough; nobody reaches the limit of an account here.
async fn strict_by_address(trust_proxy: bool) -> Server {
    let limits = Limits {
        failures_per_ip: 3,
        trust_proxy,
        ..Limits::default()
    };
    let server = Server::with(limits).await;
    with_password(&server, RIGHT).await;
    server
}

const RIGHT: &str = "correct horse battery";

#[tokio::test]
async fn many_accounts_from_one_address_have_to_wait() {
    let server = strict_by_address(false).await;
    for email in ["one@example.com", "two@example.com"] {
        assert_eq!(try_from(&server, "192.0.2.7", &[], email, "wrong").await, 401);
    }
    // Who has an account of his own does not buy new tries for others with it.
    assert_eq!(
        try_from(&server, "192.0.2.7", &[], "a@example.com", RIGHT).await,
        200
    );
    assert_eq!(
        try_from(&server, "192.0.2.7", &[], "three@example.com", "wrong").await,
        401
    );
    for (email, password) in [("four@example.com", "wrong"), ("a@example.com", RIGHT)] {
        assert_eq!(try_from(&server, "192.0.2.7", &[], email, password).await, 429);
    }
    assert_eq!(
        try_from(&server, "::ffff:192.0.2.7", &[], "a@example.com", RIGHT).await,
        429
    );
    assert_eq!(
        try_from(&server, "192.0.2.8", &[], "a@example.com", RIGHT).await,
        200
    );
}

#[tokio::test]
async fn another_name_for_the_address_buys_no_tries_without_a_trusted_proxy() {
    let server = strict_by_address(false).await;
    for number in 0..5 {
        let forged = format!("203.0.113.{number}");
        let email = format!("{number}@example.com");
        let expected = if number < 3 { 401 } else { 429 };
        assert_eq!(
            try_from(&server, "192.0.2.7", &[&forged], &email, "wrong").await,
            expected,
            "{number}"
        );
    }
    // And nobody is locked out by being named.
    assert_eq!(
        try_from(&server, "203.0.113.1", &[], "a@example.com", RIGHT).await,
        200
    );
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_address_is_the_one_that_the_proxy_saw() {
    let server = strict_by_address(true).await;
    let proxy = "10.0.0.1";
    // What the client writes itself stands before what the proxy adds, in one header or in two.
    let forged: [&[&str]; 4] = [
        &["198.51.100.1, 192.0.2.7"],
        &["198.51.100.2", "192.0.2.7"],
        &["198.51.100.3, 198.51.100.4,192.0.2.7"],
        &["198.51.100.5, 192.0.2.7"],
    ];
    for (number, forwarded) in forged.into_iter().enumerate() {
        let email = format!("{number}@example.com");
        let expected = if number < 3 { 401 } else { 429 };
        assert_eq!(
            try_from(&server, proxy, forwarded, &email, "wrong").await,
            expected,
            "{forwarded:?}"
        );
    }
    assert_eq!(
        try_from(&server, proxy, &["192.0.2.8"], "a@example.com", RIGHT).await,
        200
    );
    // Without a word of the proxy, or with one that is no address, the proxy itself is the address.
    for (number, forwarded) in [&[][..], &["unknown"], &["192.0.2.9, -"]].into_iter().enumerate() {
        let email = format!("p{number}@example.com");
        assert_eq!(try_from(&server, proxy, forwarded, &email, "wrong").await, 401);
    }
    assert_eq!(try_from(&server, proxy, &[], "a@example.com", RIGHT).await, 429);
}

#[tokio::test]
async fn a_whole_ipv6_network_is_one_address_and_waiting_ends() {
    let server = Server::with(Limits {
        failures_per_ip: 2,
        failure_window_s: 10,
        ..Limits::default()
    })
    .await;
    with_password(&server, RIGHT).await;
    for peer in ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"] {
        assert_eq!(
            try_from(&server, peer, &[], &format!("{peer}@x"), "wrong").await,
            401
        );
    }
    assert_eq!(
        try_from(&server, "2001:db8:0:1::3", &[], "a@example.com", RIGHT).await,
        429
    );
    assert_eq!(
        try_from(&server, "2001:db8:0:2::1", &[], "a@example.com", RIGHT).await,
        200
    );
    tokio::time::sleep(std::time::Duration::from_millis(10_500)).await;
    assert_eq!(
        try_from(&server, "2001:db8:0:1::3", &[], "a@example.com", RIGHT).await,
        200
    );
}
