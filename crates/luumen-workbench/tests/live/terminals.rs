//! Bytes to the window and keys to the host.

use std::time::{Duration, Instant};

use luumen_workbench::bridge::Id;
use serde_json::json;

use crate::support::{Desk, Screen};

async fn settled(screen: &Screen) -> usize {
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
    let sent = settled(&screen).await;
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
    settled(&flooded).await;
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
}
