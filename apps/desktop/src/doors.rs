//! The three ways from the screens to the workbench. Each hands through and adds nothing.

use std::sync::{Mutex, PoisonError};

use luumen_workbench::{
    Workbench,
    bridge::{Event, Id, NoticeLevel, Problem},
};
use serde_json::Value;
use tauri::{State, WebviewWindow, async_runtime::JoinHandle, ipc::Channel};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::bytes::Bytes;

/// Whoever sends events to the page that is shown now. A page that was loaded again asks anew, and the old one is let go.
#[derive(Debug, Default)]
pub(crate) struct Listening(Mutex<Option<JoinHandle<()>>>);

/// Answers one call: a JSON document in, one out.
#[tauri::command]
pub(crate) async fn call(
    workbench: State<'_, Workbench>,
    name: String,
    args: Value,
) -> Result<Value, Problem> {
    workbench.call(&name, args).await
}

/// Sends what happens from now on.
#[tauri::command]
pub(crate) async fn events(
    workbench: State<'_, Workbench>,
    listening: State<'_, Listening>,
    channel: Channel<Event>,
) -> Result<(), Problem> {
    let pump = tauri::async_runtime::spawn(pump(workbench.events(), channel));
    let mut current = listening.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = current.replace(pump) {
        before.abort();
    }
    Ok(())
}

async fn pump(mut events: Receiver<Event>, channel: Channel<Event>) {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(missed)) => fell_behind(missed),
            Err(RecvError::Closed) => return,
        };
        if let Err(error) = channel.send(event) {
            tracing::debug!(%error, "The page no longer listens for events");
            return;
        }
    }
}

fn fell_behind(missed: u64) -> Event {
    Event::Notice {
        level: NoticeLevel::Warning,
        problem: Problem::new(
            "LUM-DESKTOP-BEHIND",
            "The window could not keep up",
            format!("{missed} messages of the workbench were passed over, so what is shown may be old."),
        )
        .next("Close and open what looks wrong. Terminals have lost nothing."),
    }
}

/// Sends a terminal's bytes to a callback of the page.
#[tauri::command]
pub(crate) async fn attach(
    window: WebviewWindow,
    workbench: State<'_, Workbench>,
    terminal: Id,
    callback: u32,
) -> Result<(), Problem> {
    workbench.attach(terminal, Box::new(Bytes::new(window, callback)))
}
