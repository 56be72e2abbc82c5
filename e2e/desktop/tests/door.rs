//! Who gets through the loopback server's door, and to what.
#![allow(clippy::expect_used, reason = "a test ends where its world does")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Server {
    child: Child,
    url: String,
    token: String,
    _screens: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it must not become a zombie.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn server() -> Server {
    let screens = tempfile::tempdir().expect("a folder");
    fs::write(screens.path().join("index.html"), "<title>Luumen</title>").expect("written");
    let mut child = Command::new(env!("CARGO_BIN_EXE_luumen-workbench-server"))
        .arg("--screens")
        .arg(screens.path())
        .env_remove("LUUMEN_LOOPBACK_TOKEN")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let ready: Value = serde_json::from_str(&line).expect("JSON");
    let token = ready["token"].as_str().expect("a token").to_owned();
    let url = ready["url"].as_str().expect("an address");
    let url = url.split('#').next().unwrap_or_default().to_owned();
    Server {
        child,
        url,
        token,
        _screens: screens,
    }
}

fn client() -> Client {
    // Its TLS is not used here, but it makes no client without. Another test may have chosen it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

#[tokio::test]
async fn a_call_needs_the_token() {
    let server = server();
    let client = client();
    let address = format!("{}call/about", server.url);
    for token in [None, Some(""), Some("0000"), Some(&server.token[1..])] {
        let mut request = client.post(&address).json(&json!({}));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.expect("answered");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token:?}");
    }
    for address in ["events", "terminals/0192f0c4-0000-7000-8000-000000000000"] {
        let answer = client
            .get(format!("{}{address}", server.url))
            .send()
            .await
            .expect("answered");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{address}");
    }
    let answer = client
        .post(&address)
        .json(&json!({}))
        .bearer_auth(&server.token)
        .send()
        .await
        .expect("answered");
    assert_eq!(answer.status(), StatusCode::OK);
    let about: Value = answer.json().await.expect("JSON");
    assert_eq!(about["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn a_call_that_fails_answers_its_problem() {
    let server = server();
    let answer = client()
        .post(format!("{}call/nonsense", server.url))
        .bearer_auth(&server.token)
        .json(&json!({}))
        .send()
        .await
        .expect("answered");
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let problem: Value = answer.json().await.expect("JSON");
    assert_eq!(problem["code"], "LUM-CALL-UNKNOWN");
}

#[tokio::test]
async fn the_screens_come_with_the_windows_rules_and_nothing_else_comes() {
    let server = server();
    let client = client();
    let page = client.get(&server.url).send().await.expect("answered");
    let rules = page.headers()["content-security-policy"]
        .to_str()
        .expect("a text");
    assert!(rules.contains("script-src 'self';"), "{rules}");
    assert!(rules.contains("default-src 'none';"), "{rules}");
    assert!(page.text().await.expect("a page").contains("Luumen"));
    for path in [
        "..%2f..%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        "missing.js",
        "a/../index.html%00",
    ] {
        let answer = client
            .get(format!("{}{path}", server.url))
            .send()
            .await
            .expect("answered");
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
