//! Bytes to the window and keys to the host.

use std::time::{Duration, Instant};

use luumen_workbench::bridge::Id;
use serde_json::json;

use crate::support::{Desk, Screen};

/// How much the window has been sent when no more comes; at first it waits for `least`, for a shell takes its time to begin.
async fn settled(screen: &Screen, least: usize) -> usize {
    let begun = Instant::now();
    while screen.length() < least && begun.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut before = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let now = screen.length();
        if now == before && now > 0 {
            return now;
        }
        before = now;
    }
}

#[tokio::test]
async fn a_window_that_draws_nothing_is_sent_one_megabyte() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let session = desk.session(&server).await;
    let screen = desk.terminal(&session).await;
    desk.write(
        &screen,
        "head -c 6000000 /dev/zero | tr '\\0' x; echo; echo do''ne\n",
    )
    .await;
    let sent = settled(&screen, 1_000_000).await;
    assert!(
        (1_000_000..1_200_000).contains(&sent),
        "{sent} bytes without a word"
    );
    assert!(
        screen.longest() <= 64 * 1024,
        "{} bytes at once",
        screen.longest()
    );
    let mut acknowledged = 0;
    while !screen.text().contains("\ndone") {
        let shown = screen.length();
        let bytes = shown - acknowledged;
        acknowledged = shown;
        desk.call("terminal_ack", json!({"terminal": screen.id(), "bytes": bytes}))
            .await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(screen.length() >= 6_000_000);
}

#[tokio::test]
async fn one_terminal_that_is_not_drawn_does_not_stop_the_other() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let session = desk.session(&server).await;
    let (flooded, quiet) = (desk.terminal(&session).await, desk.terminal(&session).await);
    desk.write(&flooded, "head -c 8000000 /dev/zero | tr '\\0' x\n")
        .await;
    settled(&flooded, 1_000_000).await;
    desk.write(&quiet, "echo al''ive\n").await;
    quiet.shows("alive").await;
}

#[tokio::test]
async fn keys_typed_early_wait_and_ctrl_c_is_quick() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let session = desk
        .call("session_open", json!({"quick": crate::support::place(&server)}))
        .await;
    let screen = desk.terminal(&session).await;
    desk.write(&screen, "echo ear''ly; yes\n").await;
    screen.shows("early").await;
    screen.shows("y\r\ny\r\n").await;
    // The window draws as quickly as it is sent.
    let (workbench, watched) = (desk.workbench.clone(), screen.clone());
    let drawing = tokio::spawn(async move {
        let mut acknowledged = 0;
        loop {
            let bytes = watched.length() - acknowledged;
            acknowledged += bytes;
            let ack = json!({"terminal": watched.id(), "bytes": bytes});
            workbench.call("terminal_ack", ack).await.unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let pressed = Instant::now();
    desk.write(&screen, "\x03").await;
    screen.shows("^C").await;
    eprintln!("Ctrl-C under yes: {:?}", pressed.elapsed());
    assert!(pressed.elapsed() < Duration::from_secs(5));
    desk.call(
        "terminal_resize",
        json!({"terminal": screen.id(), "cols": 101, "rows": 31}),
    )
    .await;
    desk.write(&screen, "stty size\n").await;
    screen.shows("31 101").await;
    drawing.abort();
}

#[tokio::test]
async fn a_window_that_is_opened_anew_sees_the_last_of_what_was_shown() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let session = desk.session(&server).await;
    let first = desk.terminal(&session).await;
    desk.write(&first, "echo sho''wn\n").await;
    first.shows("shown").await;
    let listed = desk.call("terminals_list", json!({})).await;
    assert_eq!(listed[0]["terminal"], first.id());
    assert_eq!(listed[0]["session"], session["id"]);
    assert_eq!((&listed[0]["cols"], &listed[0]["rows"]), (&json!(80), &json!(24)));
    assert_eq!(listed[0]["again"], first.length());
    let second = Screen::default();
    let id: Id = first.id().as_str().unwrap().parse().unwrap();
    desk.workbench.attach(id, Box::new(second.clone())).unwrap();
    second.shows("shown").await;
    desk.write(&first, "echo mo''re\n").await;
    second.shows("more").await;
    assert!(!first.text().contains("more"));
    desk.call("terminal_close", json!({"terminal": first.id()})).await;
    let gone = desk
        .refusal("terminal_write", json!({"terminal": first.id(), "text": "x"}))
        .await;
    assert_eq!(gone.code, "LUM-TERMINAL-UNKNOWN");
    assert_eq!(desk.call("terminals_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn a_terminal_that_the_host_gives_no_shell_is_told_by_its_name() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server.config("MaxSessions 1")) else {
        return;
    };
    let session = desk.session(&server).await;
    let first = desk.terminal(&session).await;
    desk.write(&first, "echo the-''one\n").await;
    first.shows("the-one").await;
    let second = desk.terminal(&session).await;
    let refused = desk
        .hear("a refused terminal", |event| event["event"] == "terminal_refused")
        .await;
    assert_eq!(refused["terminal"], second.id());
    assert_eq!(refused["problem"]["code"], "LUM-SSH-CHANNEL");
    assert!(
        refused["problem"]["next"]
            .as_str()
            .unwrap()
            .contains("MaxSessions")
    );
    let shown = desk.call("sessions_list", json!({})).await[0].clone();
    assert_eq!(
        (&shown["state"], &shown["problem"]),
        (&json!("open"), &json!(null))
    );
    assert!(
        !desk.told().contains("notice"),
        "it is said once, where it belongs"
    );
    // The first goes on, and its place is free once it is closed.
    desk.write(&first, "echo still-''there\n").await;
    first.shows("still-there").await;
    desk.call("terminal_close", json!({"terminal": second.id()}))
        .await;
    desk.call("terminal_close", json!({"terminal": first.id()})).await;
    // The host gives the place back once the shell in it has ended, which takes a moment.
    let refusals = || desk.told().matches("terminal_refused").count();
    let third = loop {
        let before = refusals();
        let third = desk.terminal(&session).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        if refusals() == before {
            break third;
        }
    };
    desk.write(&third, "echo in-its-''place\n").await;
    third.shows("in-its-place").await;
}

#[tokio::test]
async fn bytes_that_are_no_text_reach_the_host_as_they_are() {
    let desk = Desk::open().await;
    let Some(server) = desk.server(true, |server| server) else {
        return;
    };
    let session = desk.session(&server).await;
    let screen = desk.terminal(&session).await;
    desk.write(
        &screen,
        "stty raw -echo; head -c 6 | od -An -tx1; stty sane; echo do''ne\n",
    )
    .await;
    screen.shows("raw -echo").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let click = json!({"terminal": screen.id(), "bytes": [0x1b, 0x5b, 0x4d, 0x20, 0xe1, 0x21]});
    desk.call("terminal_write_bytes", click).await;
    screen.shows("done").await;
    assert!(screen.text().contains("1b 5b 4d 20 e1 21"), "{}", screen.text());
}
