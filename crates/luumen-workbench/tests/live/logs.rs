//! Session logs: what is kept, and what never is.

use std::time::{Duration, Instant};

use luumen_workbench::bridge::Time;
use serde_json::{Value, json};

use crate::support::{Desk, place};

/// What a full log has shown so far.
async fn log_text(desk: &Desk, row: &Value) -> String {
    let page = desk
        .call("log_events", json!({"id": row["id"], "offset": 0}))
        .await;
    let events = page["events"].as_array().unwrap();
    let shown = events.iter().filter(|event| event[1] == "o");
    shown.map(|event| event[2].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_full_log_keeps_what_was_shown_and_never_what_was_typed() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let session = desk
        .call("session_open", json!({"quick": place(&server), "log": "full"}))
        .await;
    let open = desk.until(&session, "open").await;
    assert_eq!(open["recording"], "full");
    let screen = desk.terminal(&session).await;
    desk.write(
        &screen,
        "stty -echo; echo re''ady; read secret; stty echo; echo go''t ${#secret}\n",
    )
    .await;
    screen.shows("ready").await;
    desk.write(&screen, "hunter2-planted\n").await;
    screen.shows("got 15").await;
    desk.call(
        "terminal_resize",
        json!({"terminal": screen.id(), "cols": 101, "rows": 31}),
    )
    .await;
    let active = desk.call("logs_list", json!({})).await;
    assert_eq!(
        (&active[0]["mode"], &active[0]["ended_at"]),
        (&json!("full"), &Value::Null)
    );
    let busy = desk
        .refusal("logs_delete", json!({"ids": [active[0]["id"]]}))
        .await;
    assert_eq!(busy.code, "LUM-LOG-ACTIVE");
    desk.write(&screen, "exit 4\n").await;
    desk.hear("the end of the terminal", |event| {
        event["event"] == "terminal_closed"
    })
    .await;
    let row = desk.call("logs_list", json!({"search": "127.0.0"})).await[0].clone();
    assert_eq!((&row["end_reason"], &row["exit"]), (&json!("exit"), &json!(4)));
    assert!(row["bytes_shown"].as_u64().unwrap() > 0, "{row}");
    let page = desk
        .call("log_events", json!({"id": row["id"], "offset": 0}))
        .await;
    assert_eq!(page["header"]["version"], 3);
    let events = page["events"].as_array().unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event[1].as_str().unwrap()).collect();
    assert!(
        kinds.contains(&"o") && kinds.contains(&"r") && kinds.last() == Some(&"x"),
        "{kinds:?}"
    );
    let text = log_text(&desk, &row).await;
    assert!(text.contains("got 15"), "{text}");
    let export = desk.home().join("export.cast");
    std::fs::write(&export, "of years").unwrap();
    let taken = json!({"id": row["id"], "path": export});
    let problem = desk.refusal("log_export", taken).await;
    assert_eq!(problem.code, "LUM-EXPORT-TAKEN");
    assert_eq!(std::fs::read_to_string(&export).unwrap(), "of years");
    let replace = json!({"id": row["id"], "path": export, "overwrite": true});
    desk.call("log_export", replace).await;
    let exported = std::fs::read_to_string(&export).unwrap();
    assert!(
        exported.starts_with("{\"version\":3") && !exported.contains("hunter2"),
        "{exported}"
    );
    desk.call("logs_delete", json!({"ids": [row["id"]]})).await;
    assert_eq!(desk.call("logs_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn a_log_can_be_switched_on_and_off_and_metadata_keeps_no_text() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let session = desk.session(&server).await;
    let screen = desk.terminal(&session).await;
    desk.write(&screen, "echo o''ne\n").await;
    screen.shows("one").await;
    assert_eq!(desk.call("logs_list", json!({})).await, json!([]));
    let changed = desk
        .call("session_log", json!({"id": session["id"], "mode": "metadata"}))
        .await;
    assert_eq!(changed["recording"], "metadata");
    desk.write(&screen, "echo t''wo\n").await;
    screen.shows("two").await;
    desk.call("session_log", json!({"id": session["id"], "mode": "off"}))
        .await;
    let row = loop {
        let row = desk.call("logs_list", json!({})).await[0].clone();
        if row["end_reason"] == "stopped" {
            break row;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert!(row["bytes_shown"].as_u64().unwrap() > 0);
    assert_eq!(row["size_bytes"], 0);
    let none = desk
        .refusal("log_events", json!({"id": row["id"], "offset": 0}))
        .await;
    assert_eq!(none.code, "LUM-LOG-NO-CAST");
}

#[tokio::test]
async fn what_was_chosen_to_be_logged_holds_after_the_connection_was_lost() {
    let desk = Desk::open().await;
    let Some(mut server) = desk.server(true, |server| server) else {
        return;
    };
    let session = desk.session(&server).await;
    assert_eq!(session["recording"], "off");
    let screen = desk.terminal(&session).await;
    desk.write(&screen, "echo o''ne\n").await;
    screen.shows("one").await;
    desk.call("session_log", json!({"id": session["id"], "mode": "full"}))
        .await;
    server.stop();
    desk.until(&session, "lost").await;
    server.start_again().unwrap();
    let open = desk.reconnect(&session).await;
    assert_eq!(open["recording"], "full");
    let row = desk.call("logs_list", json!({})).await[0].clone();
    desk.write(&screen, "echo t''wo\n").await;
    screen.shows("two").await;
    let started = Instant::now();
    loop {
        let text = log_text(&desk, &row).await;
        if text.contains("two") {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // One more terminal is logged as well.
    let split = desk.terminal(&session).await;
    desk.write(&split, "echo th''ree\n").await;
    split.shows("three").await;
    assert_eq!(
        desk.call("logs_list", json!({})).await.as_array().unwrap().len(),
        2
    );
}

#[tokio::test]
async fn what_is_logged_by_the_hosts_own_wish_goes_on_when_that_wish_has_changed() {
    let desk = Desk::open().await;
    let Some(mut server) = desk.server(true, |server| server) else {
        return;
    };
    let mut kept = desk.host("web-1", &server, json!({"log": "full"})).await;
    let session = desk.call("session_open", json!({"host": kept["id"]})).await;
    let open = desk.until(&session, "open").await;
    assert_eq!(open["recording"], "full");
    let screen = desk.terminal(&session).await;
    desk.write(&screen, "echo o''ne\n").await;
    screen.shows("one").await;
    server.stop();
    desk.until(&session, "lost").await;
    server.start_again().unwrap();
    kept["settings"]["log"] = json!("off");
    desk.save_again(&kept).await;
    let open = desk.reconnect(&session).await;
    assert_eq!(open["recording"], "full");
}

#[tokio::test]
async fn a_session_whose_log_cannot_be_written_is_not_shown_as_recorded() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    // Not even an administrator writes into a file as if it were a folder.
    std::fs::write(desk.home().join("data/logs"), "").unwrap();
    let wish = json!({"quick": place(&server), "log": "full"});
    let session = desk.call("session_open", wish).await;
    desk.until(&session, "open").await;
    let screen = desk.terminal(&session).await;
    let off = |event: &Value| event["event"] == "session" && event["session"]["recording"] == "off";
    desk.hear("that nothing is logged", off).await;
    desk.hear("why", |event| event["problem"]["code"] == "LUM-LOG-WRITE")
        .await;
    desk.write(&screen, "echo st''ill here\n").await;
    screen.shows("still here").await;
    let again = json!({"id": session["id"], "mode": "full"});
    assert_eq!(desk.refusal("session_log", again).await.code, "LUM-LOG-WRITE");
    let sessions = desk.call("sessions_list", json!({})).await;
    assert_eq!(sessions[0]["recording"], "off");
}

#[tokio::test]
async fn a_log_of_a_window_that_is_closed_says_how_long_its_session_was() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let open = json!({"quick": place(&server), "log": "metadata"});
    let session = desk.call("session_open", open).await;
    desk.until(&session, "open").await;
    let screen = desk.terminal(&session).await;
    desk.write(&screen, "echo o''ne\n").await;
    screen.shows("one").await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    desk.workbench.close().await;
    // Nothing runs on: what is not written by now never is.
    let logs = std::fs::read_dir(desk.home().join("data/logs")).unwrap();
    let cards: Vec<Value> = logs
        .map(|log| std::fs::read(log.unwrap().path().join("log.json")).unwrap())
        .map(|card| serde_json::from_slice(&card).unwrap())
        .collect();
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0]["end_reason"], "closed");
    let at = |field: &str| {
        let time: Time = serde_json::from_value(cards[0][field].clone()).unwrap();
        time.as_millis()
    };
    assert!(at("ended_at") - at("started_at") >= 1000, "{}", cards[0]);
}
