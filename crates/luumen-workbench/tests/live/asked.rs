//! What a person is asked while connecting, and what comes of the answer.

use luumen_testkit::sshd::{KeyFile, Sshd};
use serde_json::{Value, json};

use crate::support::Desk;

const VAULT: &str = "a boat without oars";

/// Keeps a way to sign in.
async fn credential(desk: &Desk, name: &str, kind: &str, key: &Value) -> Value {
    let draft = json!({"name": name, "user": null, "kind": kind, "key": key, "certificate": null});
    desk.call("credential_save", json!({ "credential": draft })).await["id"].clone()
}

#[tokio::test]
async fn a_vault_is_opened_once_for_all_sessions_that_wait_for_it() {
    let desk = Desk::open().await;
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    desk.know(&server);
    desk.call("vault_create", json!({"passphrase": VAULT})).await;
    let kept = desk
        .call("key_import", json!({"name": "laptop", "text": key.private}))
        .await;
    let credential = credential(&desk, "laptop", "key", &kept["id"]).await;
    let host = desk.host("web-1", &server, json!({ "credential": credential })).await;
    desk.call("vault_lock", json!({})).await;

    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(desk.call("session_open", json!({"host": host["id"]})).await);
        desk.question("vault_locked").await;
    }
    let wrong = desk.refusal("vault_unlock", json!({"passphrase": "no"})).await;
    assert_eq!(wrong.code, "LUM-VAULT-PASSPHRASE");
    let waiting = desk.call("questions_list", json!({})).await;
    assert_eq!(waiting.as_array().unwrap().len(), 3, "{waiting}");
    // Under Settings, say.
    desk.call("vault_unlock", json!({"passphrase": VAULT})).await;
    for session in &sessions {
        desk.until(session, "open").await;
    }
    assert_eq!(desk.call("questions_list", json!({})).await, json!([]));
}
