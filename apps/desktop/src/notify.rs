//! Tells a person who looks elsewhere that something ended or waits. Nothing is shown while the window has the focus.

use std::collections::BTreeSet;

use luumen_workbench::Workbench;
use notify_rust::Notification;
use serde_json::Value;
use tauri::{AppHandle, Manager as _};
use tokio::sync::broadcast::error::RecvError;

use crate::app::WINDOW;

/// Words for the system's list of notifications, which others may read over a shoulder or on a locked screen.
/// INVARIANT: no names of hosts, accounts or files, and nothing that a host wrote.
#[derive(Debug, PartialEq, Eq)]
struct Words {
    title: String,
    body: String,
}

impl Words {
    fn new(title: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            body: body.into(),
        }
    }
}

/// Watches the workbench until it is closed.
pub(crate) async fn watch(app: AppHandle, workbench: Workbench) {
    let mut events = workbench.events();
    let mut ongoing = Ongoing::default();
    loop {
        match events.recv().await {
            // Read as the screens read it.
            Ok(event) => match serde_json::to_value(&event) {
                Ok(event) => {
                    if let Some(words) = ongoing.see(&event)
                        && is_elsewhere(&app)
                    {
                        show(&words).await;
                    }
                }
                Err(error) => tracing::error!(%error, "An event could not be written"),
            },
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn is_elsewhere(app: &AppHandle) -> bool {
    app.get_webview_window(WINDOW)
        .is_some_and(|window| matches!(window.is_focused(), Ok(false)))
}

async fn show(words: &Words) {
    let shown = Notification::new()
        .appname("Luumen")
        .icon("luumen-desktop")
        .summary(&words.title)
        .body(&words.body)
        .show_async()
        .await;
    if let Err(error) = shown {
        // As without a session bus. The window shows it anyway.
        tracing::debug!(%error, "The system shows no notifications");
    }
}

/// What goes on, so that only its end is told, and once.
#[derive(Debug, Default)]
struct Ongoing {
    transfers: BTreeSet<String>,
    /// Transfers that wait for an answer.
    asking: BTreeSet<String>,
    failed: BTreeSet<String>,
    lost: BTreeSet<String>,
}

impl Ongoing {
    /// What is worth a notification.
    fn see(&mut self, event: &Value) -> Option<Words> {
        match text(event, "event") {
            "transfer" => self.transfer(&event["transfer"]),
            "session" => self.session(&event["session"]),
            "question" => Some(Words::new(
                "A session has a question",
                "It waits for your answer in Luumen.",
            )),
            "scan_done" => Some(Words::new("A scan has ended", "Its findings are in Luumen.")),
            "notice" if matches!(text(event, "level"), "warning" | "error") => {
                let problem = &event["problem"];
                Some(Words::new(text(problem, "title"), text(problem, "next")))
            }
            _ => None,
        }
    }

    /// A queue of many files ends once, and asks once until it is answered.
    fn transfer(&mut self, transfer: &Value) -> Option<Words> {
        let id = text(transfer, "id").to_owned();
        let state = text(transfer, "state");
        if state == "conflict" {
            self.transfers.remove(&id);
            let first = self.asking.is_empty();
            self.asking.insert(id);
            return first.then(|| {
                Words::new(
                    "A transfer has a question",
                    "Something with its name is there already; Luumen shows both.",
                )
            });
        }
        self.asking.remove(&id);
        if matches!(state, "waiting" | "running") {
            self.failed.remove(&id);
            self.transfers.insert(id);
            return None;
        }
        let was_moving = self.transfers.remove(&id);
        // Who pauses one knows that it stands still.
        if !was_moving || state == "paused" {
            return None;
        }
        if state == "failed" {
            self.failed.insert(id);
        }
        (self.transfers.is_empty() && self.asking.is_empty()).then(|| self.ended())
    }

    fn ended(&mut self) -> Words {
        let title = "The transfers have ended";
        match std::mem::take(&mut self.failed).len() {
            0 => Words::new(title, ""),
            1 => Words::new(title, "One failed; Luumen says why."),
            failed => Words::new(title, format!("{failed} failed; Luumen says why.")),
        }
    }

    fn session(&mut self, session: &Value) -> Option<Words> {
        let id = text(session, "id");
        if text(session, "state") != "lost" {
            self.lost.remove(id);
            return None;
        }
        self.lost.insert(id.to_owned()).then(|| {
            Words::new(
                "A connection was lost",
                "What it showed is kept; Enter connects again.",
            )
        })
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use luumen_workbench::bridge::{Event, NoticeLevel, Problem};
    use serde_json::json;

    use super::*;

    /// What is told of these events, one after the other.
    #[track_caller]
    fn check(events: &[Value], expected: &[&str]) {
        let mut ongoing = Ongoing::default();
        let told: Vec<String> = events
            .iter()
            .filter_map(|event| ongoing.see(event))
            .map(|words| format!("{}. {}", words.title, words.body))
            .collect();
        assert_eq!(told, expected);
    }

    fn transfer(id: &str, state: &str) -> Value {
        json!({"event": "transfer", "transfer": {"id": id, "state": state, "to": "/home/ada/hunter2"}})
    }

    fn session(state: &str) -> Value {
        json!({"event": "session", "session": {"id": "1", "state": state, "title": "db-3"}})
    }

    #[test]
    fn warnings_are_told_without_their_details() {
        let problem =
            Problem::new("LUM-TEST", "The store was repaired", "row 7 holds hunter2").next("Nothing.");
        let notice = |level| {
            let problem = problem.clone();
            serde_json::to_value(Event::Notice { level, problem }).expect("JSON")
        };
        check(
            &[notice(NoticeLevel::Warning)],
            &["The store was repaired. Nothing."],
        );
        check(&[notice(NoticeLevel::Info)], &[]);
    }

    #[test]
    fn a_queue_of_transfers_ends_once() {
        check(
            &[
                transfer("1", "running"),
                transfer("2", "waiting"),
                transfer("1", "done"),
                transfer("2", "running"),
                transfer("2", "failed"),
                transfer("2", "failed"),
            ],
            &["The transfers have ended. One failed; Luumen says why."],
        );
        check(&[transfer("1", "done")], &[]);
    }

    #[test]
    fn transfers_that_are_skipped_or_stand_still_keep_no_end_back() {
        let ended = "The transfers have ended. ";
        for last in ["skipped", "cancelled", "paused"] {
            let told = if last == "paused" {
                &[ended][..]
            } else {
                &[ended, ended]
            };
            check(
                &[
                    transfer("1", "running"),
                    transfer("1", last),
                    transfer("2", "running"),
                    transfer("2", "done"),
                ],
                told,
            );
        }
    }

    #[test]
    fn a_transfer_that_asks_is_told_once_until_it_is_answered() {
        let asks = "A transfer has a question. Something with its name is there already; Luumen shows both.";
        check(
            &[
                transfer("1", "running"),
                transfer("2", "running"),
                transfer("1", "conflict"),
                transfer("2", "conflict"),
                transfer("1", "running"),
                transfer("1", "done"),
                transfer("2", "running"),
                transfer("2", "skipped"),
                transfer("3", "running"),
                transfer("3", "conflict"),
                transfer("3", "cancelled"),
            ],
            &[asks, "The transfers have ended. ", asks],
        );
    }

    #[test]
    fn a_lost_connection_is_told_each_time_it_is_lost() {
        check(
            &[
                session("open"),
                session("lost"),
                session("lost"),
                session("open"),
                session("lost"),
            ],
            &["A connection was lost. What it showed is kept; Enter connects again."; 2],
        );
    }

    #[test]
    fn questions_and_scans_are_told_and_small_things_are_not() {
        check(
            &[
                json!({"event": "question", "ask": {"kind": "password", "user": "ada", "target": "db-3"}}),
                json!({"event": "scan_done", "scan": "1"}),
                json!({"event": "changed", "what": "hosts"}),
            ],
            &[
                "A session has a question. It waits for your answer in Luumen.",
                "A scan has ended. Its findings are in Luumen.",
            ],
        );
    }
}
