//! Over a real socket: static files, compression, and a graceful end.

use std::sync::Arc;

use luumen_server::{
    app::{AppState, Limits},
    config::PublicUrl,
    noting::Noting,
    serve::answer,
    vulnerabilities::jobs::shared,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

use crate::harness::Server;

async fn ask(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("answered");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_real_socket_answers_and_ends_when_told() {
    let server = Server::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("address");
    let state = AppState {
        store: server.store.clone(),
        public_url: Arc::new(PublicUrl::parse("https://luumen.test").expect("url")),
        catalogue: shared(None),
        fetches_feeds: true,
        trusted_keys: Arc::default(),
        counters: Arc::default(),
        noting: Noting::default(),
        limits: Limits::default(),
    };
    let stop = CancellationToken::new();
    let running = tokio::spawn(answer(listener, state, stop.clone()));
    let get = |path: &str, more: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: luumen.test\r\nConnection: close\r\n{more}\r\n")
    };

    for path in ["/livez", "/readyz"] {
        assert!(
            ask(address, &get(path, "")).await.starts_with("HTTP/1.1 200"),
            "{path}"
        );
    }
    let page = ask(address, &get("/hosts/some-host?tab=facts", "")).await;
    for wanted in [
        "HTTP/1.1 200",
        "content-type: text/html",
        "cache-control: no-cache",
        "x-content-type-options: nosniff",
        "frame-ancestors 'none'",
        "strict-transport-security: ",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(
        ask(address, &get("/assets/missing.js", ""))
            .await
            .starts_with("HTTP/1.1 404")
    );
    assert!(
        ask(address, &get("/api/nope", ""))
            .await
            .contains("LUM-API-NOT-FOUND")
    );
    let packed = ask(address, &get("/api/v1/openapi.json", "Accept-Encoding: zstd\r\n")).await;
    assert!(
        packed.contains("content-encoding: zstd"),
        "{}",
        packed.lines().next().unwrap_or_default()
    );
    let long_id = get("/api/v1/nope", "X-Request-Id: from-the-proxy-1\r\n");
    assert!(
        ask(address, &long_id)
            .await
            .contains("x-request-id: from-the-proxy-1")
    );

    stop.cancel();
    running.await.expect("no panic").expect("ended well");
    assert!(TcpStream::connect(address).await.is_err());
}

/// The server itself hands the peer's address on: what a client says of itself does not count.
#[tokio::test]
async fn over_a_real_socket_failures_are_counted_by_the_peer() {
    let server = Server::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("address");
    let state = AppState {
        store: server.store.clone(),
        public_url: Arc::new(PublicUrl::parse("http://luumen.test").expect("url")),
        catalogue: shared(None),
        fetches_feeds: true,
        trusted_keys: Arc::default(),
        counters: Arc::default(),
        noting: Noting::default(),
        limits: Limits {
            failures_per_ip: 2,
            ..Limits::default()
        },
    };
    let stop = CancellationToken::new();
    let running = tokio::spawn(answer(listener, state, stop.clone()));
    for (number, status) in [401, 401, 429, 429].into_iter().enumerate() {
        let body = format!("{{\"email\":\"{number}@example.com\",\"password\":\"wrong\"}}");
        let asked = format!(
            "POST /api/v1/session HTTP/1.1\r\nHost: luumen.test\r\nConnection: close\r\n\
             Content-Type: application/json\r\nX-Forwarded-For: 203.0.113.{number}\r\n\
             X-Real-IP: 203.0.113.{number}\r\nForwarded: for=203.0.113.{number}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = ask(address, &asked).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{number}: {answer}"
        );
    }
    stop.cancel();
    running.await.expect("no panic").expect("ended well");
}
