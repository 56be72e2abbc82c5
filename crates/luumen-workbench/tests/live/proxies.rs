//! Out through a proxy: with an account and without, its password kept, asked for, wrong, and nowhere to be found afterwards.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use luumen_testkit::{
    proxy::{BASIC, Kind, PASSWORD, Proxy, USER},
    sshd::{Sshd, username},
};
use serde_json::{Value, json};
use tracing::{Event, Metadata, Subscriber, field, span};

use crate::support::Desk;

fn scheme(kind: Kind) -> &'static str {
    match kind {
        Kind::Http => "http",
        Kind::Socks5 => "socks5",
    }
}

/// A group whose hosts go out through this proxy, and a host in it.
async fn host(desk: &Desk, server: &Sshd, proxy: Value, credential: Value) -> Value {
    let settings = json!({"proxy": proxy, "proxy_credential": credential});
    let group = json!({"name": "Behind a proxy", "parent": null, "settings": settings});
    let group = desk.call("group_save", json!({ "group": group })).await;
    let host = json!({
        "group": group["id"], "name": "web-1", "protocol": "ssh", "address": "127.0.0.1", "tags": [], "note": "",
        "settings": {"port": server.port(), "user": username().unwrap()}, "forwards": [],
    });
    desk.call("host_save", json!({ "host": host })).await["id"].clone()
}

async fn credential(desk: &Desk, kind: &str, user: Option<&str>, secret: Option<&str>) -> Value {
    let credential = json!({"name": format!("proxy {kind}"), "user": user, "kind": kind, "key": null, "certificate": null});
    let mut args = json!({ "credential": credential });
    if let Some(secret) = secret {
        args["secret"] = json!(secret);
    }
    desk.call("credential_save", args).await["id"].clone()
}

async fn vault(desk: &Desk) {
    desk.call("vault_create", json!({"passphrase": "x"})).await;
}

async fn opens(desk: &Desk, host: &Value) -> Value {
    let session = desk.call("session_open", json!({ "host": host })).await;
    desk.until(&session, "open").await
}

async fn fails(desk: &Desk, host: &Value) -> Value {
    let session = desk.call("session_open", json!({ "host": host })).await;
    desk.until(&session, "failed").await
}

fn names_the_proxy(failed: &Value, address: &str, why: &str) {
    let problem = &failed["problem"];
    assert_eq!(problem["code"], "LUM-PROXY", "{failed}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(address) && detail.contains(why), "{detail}");
    let step = &failed["steps"].as_array().unwrap()[1];
    assert_eq!(
        (&step["step"], &step["state"]),
        (&json!("connect"), &json!("failed"))
    );
}

#[tokio::test]
async fn a_proxy_without_an_account_leads_out() {
    for kind in [Kind::Http, Kind::Socks5] {
        let desk = Desk::open().await;
        let Some(server) = desk.server(true, |server| server) else {
            return;
        };
        let proxy = Proxy::start(kind, false).await.unwrap();
        let address = format!("{}://127.0.0.1:{}", scheme(kind), proxy.port());
        let host = host(&desk, &server, json!(address), Value::Null).await;
        let open = opens(&desk, &host).await;
        let screen = desk.terminal(&open).await;
        desk.write(&screen, "echo out''side\n").await;
        screen.shows("outside").await;
        assert_eq!(proxy.passed(), 1);
        // Files have a connection of their own, which takes the same way.
        desk.call("files_open", json!({"session": open["id"]})).await;
        assert_eq!(proxy.passed(), 2);
        desk.call("session_close", json!({"id": open["id"]})).await;

        // A proxy that is not there is the proxy's fault, not the host's.
        let gone = format!("{}://127.0.0.1:1", scheme(kind));
        let page = desk.call("host_get", json!({ "id": host })).await;
        let mut draft = page["host"].clone();
        for seen in ["id", "last_connected_at", "os", "last_scan_at"] {
            draft.as_object_mut().unwrap().remove(seen);
        }
        draft["settings"]["proxy"] = json!(gone);
        desk.call("host_save", json!({"id": host, "host": draft})).await;
        names_the_proxy(&fails(&desk, &host).await, &gone, "");
    }
}

#[tokio::test]
async fn a_kept_password_lets_in_and_is_nowhere_to_be_read() {
    for kind in [Kind::Http, Kind::Socks5] {
        let log = Log::default();
        let _listening = tracing::subscriber::set_default(log.clone());
        let desk = Desk::open().await;
        let Some(server) = desk.server(true, |server| server) else {
            return;
        };
        vault(&desk).await;
        let proxy = Proxy::start(kind, true).await.unwrap();
        let address = format!("{}://127.0.0.1:{}", scheme(kind), proxy.port());
        let kept = credential(&desk, "password", Some(USER), Some(PASSWORD)).await;
        let host = host(&desk, &server, json!(address), kept.clone()).await;
        let page = desk.call("host_get", json!({ "id": host })).await;
        let origin = &page["effective"]["proxy_credential"];
        assert_eq!(
            (&origin["value"], &origin["from"]["name"]),
            (&kept, &json!("Behind a proxy"))
        );
        opens(&desk, &host).await;
        assert_eq!(proxy.passed(), 1);

        // A wrong one fails, and the proxy is named.
        let wrong = json!({"id": kept, "name": "proxy", "user": USER, "kind": "password", "key": null, "certificate": null});
        desk.call(
            "credential_save",
            json!({"credential": wrong, "secret": "barley"}),
        )
        .await;
        names_the_proxy(&fails(&desk, &host).await, &address, "user name");

        let export = desk.home().join("hosts.json");
        desk.call("export_hosts", json!({"kind": "luumen", "path": export}))
            .await;
        let told = format!(
            "{} {page} {} {}",
            desk.told(),
            desk.call("credentials_list", json!({})).await,
            log.text()
        );
        for secret in [PASSWORD, BASIC, "barley"] {
            assert!(!told.contains(secret), "{secret} is told: {told}");
            assert_eq!(files_with(desk.home(), secret.as_bytes()), Vec::<String>::new());
        }
        assert!(log.text().contains("127.0.0.1"), "the log was not listened to");
    }
}

#[tokio::test]
async fn a_password_that_is_not_kept_is_asked_for_and_may_be_kept_then() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    vault(&desk).await;
    let proxy = Proxy::start(Kind::Socks5, true).await.unwrap();
    let address = format!("socks5://127.0.0.1:{}", proxy.port());
    let kept = credential(&desk, "password", Some("somebody else"), None).await;
    let with_user = address.replace("://", &format!("://{USER}@"));
    let host = host(&desk, &server, json!(with_user), kept.clone()).await;

    // Wrong: it fails, and is not kept.
    let session = desk.call("session_open", json!({ "host": host })).await;
    let question = desk.question("password").await;
    assert_eq!(
        (&question["ask"]["user"], &question["ask"]["target"]),
        (&json!(USER), &json!(format!("the proxy {address}")))
    );
    let keep_in = &question["ask"]["keep_in"];
    assert_eq!((&keep_in["hosts"], &keep_in["proxies"]), (&json!(0), &json!(1)));
    let wrong = json!({"kind": "texts", "texts": ["barley"], "remember": true});
    desk.answer(&question, wrong).await;
    names_the_proxy(&desk.until(&session, "failed").await, &address, "refused");
    let list = desk.call("credentials_list", json!({})).await;
    assert_eq!(list[0]["has_secret"], false);

    // Left: it is said so.
    desk.call("session_reconnect", json!({"id": session["id"]})).await;
    let question = desk.question("password").await;
    desk.answer(&question, json!({"kind": "cancel"})).await;
    let failed = desk.until(&session, "failed").await;
    assert_eq!(failed["problem"]["code"], "LUM-CANCELLED");

    // Right: it opens, and is kept for the next session.
    desk.call("session_reconnect", json!({"id": session["id"]})).await;
    let question = desk.question("password").await;
    let right = json!({"kind": "texts", "texts": [PASSWORD], "remember": true});
    desk.answer(&question, right).await;
    let open = desk.until(&session, "open").await;
    // Nobody is asked again for the files.
    desk.call("files_open", json!({"session": open["id"]})).await;
    let list = desk.call("credentials_list", json!({})).await;
    assert_eq!(list[0]["has_secret"], true);
    opens(&desk, &host).await;
    assert_eq!(proxy.passed(), 3);
    assert_eq!(desk.call("questions_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn an_account_without_a_credential_is_asked_once_a_session() {
    let desk = Desk::open().await;
    let Some(mut server) = desk.server(true, |server| server) else {
        return;
    };
    let proxy = Proxy::start(Kind::Http, true).await.unwrap();
    let address = format!("http://{USER}@127.0.0.1:{}", proxy.port());
    let host = host(&desk, &server, json!(address), Value::Null).await;
    let session = desk.call("session_open", json!({ "host": host })).await;
    let question = desk.question("password").await;
    assert_eq!(question["ask"]["keep_in"], Value::Null);
    desk.answer(&question, json!({"kind": "texts", "texts": [PASSWORD]}))
        .await;
    let open = desk.until(&session, "open").await;
    server.stop();
    server.start_again().unwrap();
    desk.until(&session, "lost").await;
    desk.reconnect(&open).await;
    assert_eq!(proxy.passed(), 2);
    assert_eq!(desk.call("questions_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn a_password_goes_only_to_the_proxy_that_it_was_chosen_with() {
    let desk = Desk::open().await;
    vault(&desk).await;
    let kept = credential(&desk, "password", Some(USER), Some(PASSWORD)).await;
    let group = json!({"name": "Office", "parent": null,
        "settings": {"proxy": "http://proxy:3128", "proxy_credential": kept}});
    let group = desk.call("group_save", json!({ "group": group })).await["id"].clone();
    let save = async |settings: Value| {
        let host = json!({"group": group, "name": "web", "protocol": "ssh", "address": "web", "tags": [], "note": "",
            "settings": settings, "forwards": []});
        let host = desk.call("host_save", json!({ "host": host })).await;
        desk.call("host_get", json!({"id": host["id"]})).await["effective"]["proxy_credential"]["value"]
            .clone()
    };
    assert_eq!(save(json!({})).await, kept);
    assert_eq!(save(json!({"proxy": "http://elsewhere:3128"})).await, Value::Null);
    let own = json!({"proxy": "http://elsewhere:3128", "proxy_credential": kept});
    assert_eq!(save(own).await, kept);

    // A key is nothing that a proxy could ask for.
    let agent = credential(&desk, "agent", None, None).await;
    let draft = json!({"group": null, "name": "web", "protocol": "ssh", "address": "web", "tags": [], "note": "",
        "settings": {"proxy": "http://proxy:3128", "proxy_credential": agent}, "forwards": []});
    let refused = desk.refusal("host_save", json!({ "host": draft })).await;
    assert_eq!(refused.code, "LUM-HOST-PROXY-CREDENTIAL");
    // A credential that is deleted is gone there, too.
    desk.call("credential_delete", json!({ "id": kept })).await;
    let tree = desk.call("hosts_tree", json!({})).await;
    assert!(!tree.to_string().contains(kept.as_str().unwrap()), "{tree}");
}

/// The files below a folder that hold these bytes.
fn files_with(folder: &Path, wanted: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, wanted));
        } else if let Ok(bytes) = fs::read(&path)
            && bytes.windows(wanted.len()).any(|window| window == wanted)
        {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Everything that is logged on this thread, fields and all.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl field::Visit for Log {
    fn record_debug(&mut self, field: &field::Field, value: &dyn std::fmt::Debug) {
        write!(self.0.lock().unwrap(), "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut self.clone());
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
