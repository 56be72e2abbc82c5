//! Secrets go in and never come out: not in the store, the answers, the events, nor in what is printed.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::{Desk, text};

/// Planted, and looked for everywhere.
const PASSWORD: &str = "hunter2-planted-password";
const PASSPHRASE: &str = "correct-horse-planted-passphrase";

/// Every file below a folder that holds a planted secret.
fn leaks(folder: &Path, secrets: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(leaks(&path, secrets));
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let holds = |secret: &&&str| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        found.extend(
            secrets
                .iter()
                .filter(holds)
                .map(|secret| format!("{} holds {secret}", path.display())),
        );
    }
    found
}

fn password(name: &str) -> Value {
    let credential =
        json!({"name": name, "user": "root", "kind": "password", "key": null, "certificate": null});
    json!({"credential": credential, "secret": PASSWORD})
}

#[tokio::test]
async fn without_a_place_a_secret_is_not_kept_and_that_is_said() {
    let desk = Desk::open().await;
    let status = desk.call("vault_status", json!({})).await;
    assert_eq!(
        (status["place"].clone(), status["state"].clone()),
        (json!("none"), json!("new"))
    );
    assert_eq!(
        desk.refused("credential_save", password("root")).await.code,
        "LUM-VAULT-NONE"
    );
    assert_eq!(desk.call("credentials_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn a_vault_is_created_locked_unlocked_and_changed() {
    let desk = Desk::open().await;
    assert_eq!(
        desk.refused("vault_create", json!({"passphrase": ""})).await.code,
        "LUM-VAULT-FILE"
    );
    desk.call("vault_create", json!({"passphrase": PASSPHRASE})).await;
    desk.call("credential_save", password("root")).await;
    let desk = desk.again().await;
    assert_eq!(desk.call("vault_status", json!({})).await["state"], "locked");
    assert_eq!(
        desk.refused("credential_save", password("other")).await.code,
        "LUM-VAULT-LOCKED"
    );
    let wrong = desk.refused("vault_unlock", json!({"passphrase": "no"})).await;
    assert_eq!(wrong.code, "LUM-VAULT-PASSPHRASE");
    desk.call("vault_unlock", json!({"passphrase": PASSPHRASE})).await;
    let change = json!({"old": "no", "new": "x"});
    assert_eq!(
        desk.refused("vault_change", change).await.code,
        "LUM-VAULT-PASSPHRASE"
    );
    desk.call("vault_change", json!({"old": PASSPHRASE, "new": "another"}))
        .await;
    desk.call("vault_lock", json!({})).await;
    desk.call("vault_unlock", json!({"passphrase": "another"})).await;
}

#[tokio::test]
async fn a_planted_secret_is_found_nowhere() {
    let desk = Desk::open().await;
    let mut events = desk.workbench.events();
    desk.call("vault_create", json!({"passphrase": PASSPHRASE})).await;
    let mut answers = vec![
        desk.call("credential_save", password("root")).await,
        desk.call("key_generate", json!({"name": "new", "passphrase": PASSPHRASE}))
            .await,
    ];
    let id = text(&answers[0]["id"]);
    assert_eq!(answers[0]["has_secret"], true);
    desk.host("web", json!({"settings": {"credential": id}})).await;
    for call in [
        "credentials_list",
        "keys_list",
        "hosts_tree",
        "vault_status",
        "about",
        "preferences_get",
    ] {
        answers.push(desk.call(call, json!({})).await);
    }
    let out = desk.home().join("out");
    fs::create_dir(&out).unwrap();
    for kind in ["csv", "ssh_config", "luumen"] {
        let path = out.join(kind).display().to_string();
        desk.call("export_hosts", json!({"kind": kind, "path": path}))
            .await;
    }
    // Arguments of the wrong shape are refused without being repeated.
    let odd = json!({"credential": PASSWORD, "secret": {"deep": PASSWORD}});
    let problem = desk.refused("credential_save", odd).await;
    let mut printed = format!("{answers:?}{problem:?}{:?}", desk.workbench);
    while let Ok(event) = events.try_recv() {
        printed.push_str(&format!("{event:?}{}", serde_json::to_string(&event).unwrap()));
    }
    assert!(!printed.contains(PASSWORD) && !printed.contains(PASSPHRASE) && !printed.contains("PRIVATE KEY"));
    let desk = desk.again().await;
    let secrets = [PASSWORD, PASSPHRASE, "PRIVATE KEY"];
    assert_eq!(leaks(desk.home(), &secrets), Vec::<String>::new());
}

#[tokio::test]
async fn a_credential_and_its_secret_go_together() {
    let desk = Desk::open().await;
    desk.call("vault_create", json!({"passphrase": PASSPHRASE})).await;
    let saved = desk.call("credential_save", password("root")).await;
    let id = text(&saved["id"]);
    let host = desk.host("web", json!({"settings": {"credential": id}})).await;
    let mut renamed = password("renamed");
    renamed["credential"]["id"] = json!(id);
    renamed.as_object_mut().unwrap().remove("secret");
    assert_eq!(
        desk.call("credential_save", renamed.clone()).await["has_secret"],
        true
    );
    renamed["secret"] = json!("");
    assert_eq!(desk.call("credential_save", renamed).await["has_secret"], false);
    desk.call("credential_delete", json!({"id": id})).await;
    let page = desk.call("host_get", json!({"id": host})).await;
    assert_eq!(page["host"]["settings"]["credential"], json!(null));
}
