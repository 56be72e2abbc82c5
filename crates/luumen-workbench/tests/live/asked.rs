//! What a person is asked while connecting, and what comes of the answer.

use std::{fs, sync::Arc, time::Duration};

use luumen_testkit::sshd::{KeyFile, Sshd};
use russh::{
    MethodKind, MethodSet,
    keys::PrivateKey,
    server::{self, Auth},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{Desk, place};

const VAULT: &str = "a boat without oars";
const PASSWORD: &str = "under the third bridge";

/// Takes any key, and the password. `sshd` takes passwords only as root.
struct Doorman;

impl server::Handler for Doorman {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, russh::Error> {
        Ok(if password == PASSWORD {
            Auth::Accept
        } else {
            Auth::reject()
        })
    }

    async fn auth_publickey(
        &mut self,
        _: &str,
        _: server::VerifiedPublicKey<'_>,
    ) -> Result<Auth, russh::Error> {
        Ok(Auth::Accept)
    }
}

/// Starts one that this desk knows, and says at which port.
async fn doorman(desk: &Desk) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let key = KeyFile::generate("ed25519").unwrap();
    let config = Arc::new(server::Config {
        methods: MethodSet::from(&[MethodKind::PublicKey, MethodKind::Password][..]),
        keys: vec![PrivateKey::from_openssh(&key.private).unwrap()],
        auth_rejection_time: Duration::ZERO,
        ..server::Config::default()
    });
    let line = format!("[127.0.0.1]:{port} {}\n", key.public_key());
    fs::write(desk.ssh().join("known_hosts"), desk.known_hosts() + &line).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let config = config.clone();
            tokio::spawn(async move {
                if let Ok(running) = server::run_stream(config, stream, Doorman).await {
                    let _ = running.await;
                }
            });
        }
    });
    port
}

/// Keeps a host at a port of this device.
async fn host_at(desk: &Desk, name: &str, port: u16, settings: Value) -> Value {
    let mut all = json!({"port": port, "user": "ann"});
    all.as_object_mut()
        .unwrap()
        .extend(settings.as_object().unwrap().clone());
    let host = json!({"group": null, "name": name, "protocol": "ssh", "address": "127.0.0.1", "tags": [], "note": "",
        "settings": all, "forwards": []});
    desk.call("host_save", json!({ "host": host })).await["id"].clone()
}

async fn open(desk: &Desk, host: &Value) -> Value {
    desk.call("session_open", json!({ "host": host })).await
}

/// Answers a question, and hands it back.
async fn say(desk: &Desk, kind: &str, text: &str, remember: bool) -> Value {
    let question = desk.question(kind).await;
    let answer = json!({"kind": "texts", "texts": [text], "remember": remember});
    desk.answer(&question, answer).await;
    question
}

/// Opens a session that asks nothing.
async fn opens_unasked(desk: &Desk, host: &Value) {
    let session = open(desk, host).await;
    desk.until(&session, "open").await;
    assert_eq!(desk.call("questions_list", json!({})).await, json!([]));
}

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
    let host = desk
        .host("web-1", &server, json!({ "credential": credential }))
        .await;
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

#[tokio::test]
async fn a_passphrase_that_did_not_open_its_key_is_not_kept_though_a_password_lets_in() {
    let desk = Desk::open().await;
    let port = doorman(&desk).await;
    desk.call("vault_create", json!({"passphrase": VAULT})).await;
    let key = KeyFile::generate_with("ed25519", "opens it", &[]).unwrap();
    let kept = desk
        .call("key_import", json!({"name": "laptop", "text": key.private}))
        .await;
    let credential = credential(&desk, "laptop", "key", &kept["id"]).await;
    let host = host_at(&desk, "web-1", port, json!({ "credential": credential })).await;

    let session = open(&desk, &host).await;
    for again in [false, true, true] {
        let question = say(&desk, "passphrase", "does not open it", true).await;
        assert_eq!(question["ask"]["again"], again);
    }
    say(&desk, "password", PASSWORD, false).await;
    desk.until(&session, "open").await;

    // Nothing was kept that would be tried now.
    let session = open(&desk, &host).await;
    let question = say(&desk, "passphrase", "opens it", true).await;
    assert_eq!(question["ask"]["again"], false);
    desk.until(&session, "open").await;
    opens_unasked(&desk, &host).await;
}

#[tokio::test]
async fn a_kept_passphrase_that_does_not_open_its_key_is_asked_for_and_replaced() {
    let desk = Desk::open().await;
    let [old, new] = ["the old one", "the new one"]
        .map(|passphrase| KeyFile::generate_with("ed25519", passphrase, &[]).unwrap());
    let Some(mut server) = Sshd::builder().authorize(&old).authorize(&new).start().unwrap() else {
        return;
    };
    desk.know(&server);
    desk.call("vault_create", json!({"passphrase": VAULT})).await;
    let file = desk.home().join("laptop");
    fs::write(&file, &old.private).unwrap();
    let kept = json!({"name": "laptop", "path": file.display().to_string(), "in_place": true});
    let kept = desk.call("key_import", kept).await;
    let credential = credential(&desk, "laptop", "key", &kept["id"]).await;
    let host = desk
        .host("web-1", &server, json!({ "credential": credential }))
        .await["id"]
        .clone();
    let session = open(&desk, &host).await;
    say(&desk, "passphrase", "the old one", true).await;
    desk.until(&session, "open").await;
    opens_unasked(&desk, &host).await;

    // Its person gives the file another passphrase.
    fs::write(&file, &new.private).unwrap();
    let session = open(&desk, &host).await;
    let question = say(&desk, "passphrase", "the new one", false).await;
    assert_eq!(question["ask"]["again"], true);
    let session = desk.until(&session, "open").await;
    desk.call("files_open", json!({"session": session["id"]})).await;
    server.stop();
    desk.until(&session, "lost").await;
    server.start_again().unwrap();
    // What opened the key is known for as long as the session lives.
    desk.reconnect(&session).await;
    assert_eq!(desk.call("questions_list", json!({})).await, json!([]));

    let session = open(&desk, &host).await;
    say(&desk, "passphrase", "the new one", true).await;
    desk.until(&session, "open").await;
    opens_unasked(&desk, &host).await;
}

#[tokio::test]
async fn who_is_asked_for_a_password_hears_which_hosts_get_it_when_it_is_kept() {
    let desk = Desk::open().await;
    let port = doorman(&desk).await;
    desk.call("vault_create", json!({"passphrase": VAULT})).await;
    let ops = credential(&desk, "ops", "password", &Value::Null).await;
    let group = json!({"name": "Prod", "parent": null, "settings": {"credential": ops}});
    let group = desk.call("group_save", json!({ "group": group })).await["id"].clone();
    let mut hosts = Vec::new();
    for name in ["web-1", "web-2", "db-1"] {
        hosts.push(host_at(&desk, name, port, json!({})).await);
    }
    desk.call("hosts_move", json!({"ids": hosts, "group": group}))
        .await;

    let session = open(&desk, &hosts[0]).await;
    let question = say(&desk, "password", PASSWORD, true).await;
    let users = json!({"name": "ops", "hosts": 3, "proxies": 0});
    assert_eq!(question["ask"]["keep_in"], users);
    desk.until(&session, "open").await;
    // That is what was said.
    opens_unasked(&desk, &hosts[2]).await;

    // Where it can be kept nowhere, nothing is offered.
    let asks = credential(&desk, "asks", "ask", &Value::Null).await;
    let host = host_at(&desk, "web-3", port, json!({ "credential": asks })).await;
    open(&desk, &host).await;
    let question = say(&desk, "password", PASSWORD, true).await;
    assert_eq!(question["ask"]["keep_in"], Value::Null);
}

#[tokio::test]
async fn who_disconnects_at_a_passphrase_is_not_let_in_by_another_key() {
    let desk = Desk::open().await;
    let locked = KeyFile::generate_with("ed25519", "opens it", &[]).unwrap();
    let other = KeyFile::generate("ecdsa-256").unwrap();
    let server = Sshd::builder()
        .authorize(&locked)
        .authorize(&other)
        .start()
        .unwrap();
    let Some(server) = server else {
        return;
    };
    desk.know(&server);
    desk.usual_key(&locked);
    other.copy_to(&desk.ssh(), "id_ecdsa").unwrap();
    let quick = json!({"quick": place(&server)});
    let session = desk.call("session_open", quick.clone()).await;
    let question = desk.question("passphrase").await;
    desk.answer(&question, json!({"kind": "cancel"})).await;
    let failed = desk.until(&session, "failed").await;
    assert_eq!(failed["problem"]["code"], "LUM-CANCELLED");
    assert!(!server.log().contains("Accepted publickey"), "{}", server.log());

    let session = desk.call("session_open", quick).await;
    let question = desk.question("passphrase").await;
    desk.answer(&question, json!({"kind": "without_key"})).await;
    desk.until(&session, "open").await;
    assert_eq!(desk.call("questions_list", json!({})).await, json!([]));
}
