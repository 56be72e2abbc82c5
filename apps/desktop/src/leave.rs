//! Asks before the window is closed over something that is not finished.

use std::sync::atomic::{AtomicBool, Ordering};

use luumen_workbench::{Unfinished, Workbench};
use tauri::{AppHandle, Manager as _};

use crate::{
    app::WINDOW,
    question::{Question, seen},
};

/// More are only counted.
const NAMED: usize = 5;

/// How far leaving is.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    asking: AtomicBool,
    agreed: AtomicBool,
}

/// Somebody wants to close the window, or the program. Answers whether they may at once; else it is closed when they agreed.
pub(crate) fn may_leave(app: &AppHandle) -> bool {
    let leaving = app.state::<Leaving>();
    if leaving.agreed.load(Ordering::Relaxed) || app.get_webview_window(WINDOW).is_none() {
        return true;
    }
    // Who presses the button again is asked already.
    if !leaving.asking.swap(true, Ordering::Relaxed) {
        tauri::async_runtime::spawn(leave(app.clone()));
    }
    false
}

async fn leave(app: AppHandle) {
    let agreed = agrees(&app).await;
    let leaving = app.state::<Leaving>();
    leaving.agreed.store(agreed, Ordering::Relaxed);
    leaving.asking.store(false, Ordering::Relaxed);
    if agreed
        && let Some(window) = app.get_webview_window(WINDOW)
        && let Err(error) = window.destroy()
    {
        tracing::error!(%error, "The window could not be closed");
        app.exit(0);
    }
}

/// Asks if there is something to ask about. What cannot be asked keeps nobody: changes are kept on disk in any case.
async fn agrees(app: &AppHandle) -> bool {
    let unfinished = app.state::<Workbench>().unfinished().await;
    let unfinished = unfinished.unwrap_or_else(|problem| {
        tracing::warn!("It is not known what is unfinished: {problem}");
        Unfinished::default()
    });
    if unfinished.is_empty() {
        return true;
    }
    let question = Question {
        title: "Quit Luumen?",
        text: text(&unfinished),
        yes: "Quit",
        no: "Keep it open",
    };
    let app = app.clone();
    let asked = tauri::async_runtime::spawn_blocking(move || question.ask(&app)).await;
    asked.ok().flatten().unwrap_or(true)
}

fn text(Unfinished { edits, transfers }: &Unfinished) -> String {
    let part = |what: &[String], one: &str, many: &str, then: &str| {
        let said = match what.len() {
            0 => return None,
            1 => one.to_owned(),
            count => format!("{count} {many}"),
        };
        Some(format!("{said}:\n{}\n{then}", named(what)))
    };
    let parts = [
        part(
            edits,
            "The change of a file was not sent to its host",
            "changes of files were not sent to their hosts",
            "What was not sent is kept on this device and shown at the next start.",
        ),
        part(
            transfers,
            "A transfer is on its way",
            "transfers are on their way",
            "What is on its way stops. It goes on from there when you carry it over again.",
        ),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn named(what: &[String]) -> String {
    let mut lines: Vec<String> = what
        .iter()
        .take(NAMED)
        .map(|each| format!("  {}", seen(each)))
        .collect();
    if what.len() > NAMED {
        lines.push(format!("  and {} more", what.len() - NAMED));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_what_is_unfinished_and_what_becomes_of_it() {
        let unfinished = Unfinished {
            edits: vec!["/etc/a\n\u{202e}b on web-1".to_owned()],
            transfers: (1..=7).map(|n| format!("/srv/{n} from db-3")).collect(),
        };
        let text = text(&unfinished);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "The change of a file was not sent to its host:",
                "  /etc/a\\u{a}\\u{202e}b on web-1",
                "What was not sent is kept on this device and shown at the next start.",
                "",
                "7 transfers are on their way:",
                "  /srv/1 from db-3",
                "  /srv/2 from db-3",
                "  /srv/3 from db-3",
                "  /srv/4 from db-3",
                "  /srv/5 from db-3",
                "  and 2 more",
                "What is on its way stops. It goes on from there when you carry it over again.",
            ]
        );
    }
}
