//! Forwards through the workbench: started, counted, stopped, and found again after a loss.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::support::Desk;

async fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut text = [0; 5];
            if stream.read_exact(&mut text).await.is_ok() {
                let _ = stream.write_all(&text).await;
            }
        }
    });
    port
}

async fn ask(port: &Value) {
    let port = u16::try_from(port.as_u64().unwrap()).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"hello");
}

fn spec(id: u128, kind: &str, to: Option<u16>) -> Value {
    json!({
        "id": uuid::Uuid::from_u128(id), "kind": kind, "bind": "localhost", "port": 0,
        "to_host": to.map(|_| "127.0.0.1"), "to_port": to, "auto": true, "label": "test",
    })
}

#[tokio::test]
async fn forwards_are_started_counted_stopped_and_come_back_after_a_loss() {
    let desk = Desk::open().await;
    let Some(mut server) = desk.server(true, |server| server) else {
        return;
    };
    let port = echo().await;
    let host = json!({
        "group": null, "name": "db-3", "protocol": "ssh", "address": "127.0.0.1", "tags": [], "note": "",
        "settings": {"port": server.port()}, "forwards": [spec(1, "local", Some(port))],
    });
    let host = desk.call("host_save", json!({ "host": host })).await;
    let session = desk.call("session_open", json!({"host": host["id"]})).await;
    let session = desk.until(&session, "open").await;
    let listening = |event: &Value| event["event"] == "forward" && event["forward"]["state"] == "listening";
    let told = desk.hear("the forward", listening).await;
    ask(&told["forward"]["bound_port"]).await;
    let passed = |event: &Value| event["forward"]["bytes_in"] == 5 && event["forward"]["bytes_out"] == 5;
    desk.hear("what passed", passed).await;
    let remote = desk
        .call(
            "forward_start",
            json!({"session": session["id"], "spec": spec(2, "remote", Some(port))}),
        )
        .await;
    ask(&remote["bound_port"]).await;
    let dynamic = desk
        .call(
            "forward_start",
            json!({"session": session["id"], "spec": spec(3, "dynamic", None)}),
        )
        .await;
    assert!(dynamic["bound_port"].is_number());
    desk.call(
        "forward_stop",
        json!({"session": session["id"], "id": dynamic["id"]}),
    )
    .await;
    let rows = desk.call("forwards_list", json!({})).await;
    let states: Vec<&Value> = rows.as_array().unwrap().iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["listening", "listening", "off"]);

    server.stop();
    desk.until(&session, "lost").await;
    let failed =
        |event: &Value| event["event"] == "forward" && event["forward"]["problem"]["code"] == "LUM-SSH-LOST";
    desk.hear("that the forward stopped", failed).await;
    server.start_again().unwrap();
    desk.reconnect(&session).await;
    let again = desk
        .hear("the forward again", |event| {
            listening(event) && event["forward"]["kind"] == "remote"
        })
        .await;
    ask(&again["forward"]["bound_port"]).await;
    let problem = desk
        .refusal(
            "forward_start",
            json!({"session": session["id"], "spec": spec(4, "local", None)}),
        )
        .await;
    assert_eq!(problem.code, "LUM-FORWARD-WHERE");
    desk.call("session_close", json!({"id": session["id"]})).await;
    assert_eq!(desk.call("forwards_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn a_forward_that_leads_elsewhere_listens_where_it_did_and_none_outlives_its_session() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bound = free.local_addr().unwrap().port();
    drop(free);
    let mut forward = spec(1, "local", Some(echo().await));
    forward["port"] = json!(bound);
    let mut host = desk.host("db-3", &server, json!({})).await;
    host["forwards"] = json!([forward]);
    desk.save_again(&host).await;
    let session = desk.call("session_open", json!({"host": host["id"]})).await;
    let session = desk.until(&session, "open").await;
    for _ in 0..10 {
        let to = echo().await;
        host["forwards"][0]["to_port"] = json!(to);
        desk.save_again(&host).await;
        let told = desk
            .hear("the forward that leads elsewhere", |event| {
                event["event"] == "forward" && event["forward"]["to_port"] == to
            })
            .await;
        assert_eq!(told["forward"]["state"], "listening", "{told}");
        ask(&json!(bound)).await;
    }
    // Another of the panel takes its place at once.
    let id = host["forwards"][0]["id"].clone();
    desk.call("forward_stop", json!({"session": session["id"], "id": id}))
        .await;
    let mut other = spec(2, "dynamic", None);
    other["port"] = json!(bound);
    let start = json!({"session": session["id"], "spec": other});
    assert_eq!(desk.call("forward_start", start).await["state"], "listening");
    desk.call("session_close", json!({"id": session["id"]})).await;
    for _ in 0..100 {
        if TcpListener::bind(("127.0.0.1", bound)).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("something still listens on {bound}");
}

/// Closed while its forwards are about to start: nothing of it may listen afterwards.
#[tokio::test]
async fn a_session_that_is_closed_as_it_opens_leaves_nothing_that_listens() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let port = echo().await;
    let mut host = desk.host("db-3", &server, json!({})).await;
    host["forwards"] = json!([spec(1, "local", Some(port)), spec(2, "dynamic", None)]);
    desk.save_again(&host).await;
    for round in 0..20 {
        let session = desk.call("session_open", json!({"host": host["id"]})).await;
        let terminal = json!({"session": session["id"], "cols": 80, "rows": 24});
        desk.call("terminal_open", terminal).await;
        desk.until(&session, "open").await;
        tokio::time::sleep(std::time::Duration::from_millis(round)).await;
        desk.call("session_close", json!({"id": session["id"]})).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(desk.call("forwards_list", json!({})).await, json!([]));
}
