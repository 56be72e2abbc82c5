//! What only the system can show: its dialogs for files, and its browser. The screens get a path, never a file's contents.

use std::path::PathBuf;

use luumen_workbench::bridge::Problem;
use rfd::AsyncFileDialog;
use serde::Deserialize;
use tauri::{AppHandle, Manager as _};
use tokio::sync::oneshot;

/// Which dialog.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Open,
    Save,
    Folder,
}

/// Asks for a file or a folder. `None` when the person thought better of it.
#[tauri::command]
pub(crate) async fn choose_path(
    app: AppHandle,
    kind: Kind,
    title: String,
    suggested: Option<String>,
) -> Result<Option<PathBuf>, Problem> {
    let (chosen, choice) = oneshot::channel();
    let parent = app.get_webview_window(crate::app::WINDOW);
    // The toolkit wants its dialogs to begin on the thread of its windows.
    app.run_on_main_thread(move || {
        let mut dialog = AsyncFileDialog::new().set_title(title);
        if let Some(parent) = &parent {
            dialog = dialog.set_parent(parent);
        }
        if let Some(name) = suggested {
            dialog = dialog.set_file_name(name);
        }
        tauri::async_runtime::spawn(async move {
            let file = match kind {
                Kind::Open => dialog.pick_file().await,
                Kind::Save => dialog.save_file().await,
                Kind::Folder => dialog.pick_folder().await,
            };
            // Nobody waits any more when the window was closed meanwhile.
            drop(chosen.send(file.map(|file| file.path().to_owned())));
        });
    })
    .map_err(|error| no_dialog(&error.to_string()))?;
    choice.await.map_err(|error| no_dialog(&error.to_string()))
}

fn no_dialog(why: &str) -> Problem {
    Problem::new(
        "LUM-DESKTOP-DIALOG",
        "The system's dialog for files could not be shown",
        why,
    )
    .next("Type the path instead.")
}

/// Opens an address with the system's browser. Only the web's own kinds: anything else could start a program.
#[tauri::command]
pub(crate) async fn open_link(url: String) -> Result<(), Problem> {
    if !is_web(&url) {
        return Err(Problem::new(
            "LUM-DESKTOP-LINK",
            "The link was not opened",
            "Luumen opens only http and https addresses.",
        )
        .next("Copy the link, and open it yourself if you trust it."));
    }
    open::that_detached(&url).map_err(|error| {
        Problem::of("LUM-DESKTOP-BROWSER", "The browser could not be started", &error)
            .next("Copy the link into your browser.")
    })
}

fn is_web(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://"))
        && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::is_web;

    #[track_caller]
    fn check(url: &str, expected: bool) {
        assert_eq!(is_web(url), expected, "{url}");
    }

    #[test]
    fn only_the_webs_own_addresses_are_opened() {
        check("https://example.net/a?b#c", true);
        check("HTTP://example.net", true);
        for url in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "ssh://db-3",
            "/usr/bin/xterm",
            "--help",
            "https://example.net/\n--option",
            " https://example.net",
            "",
        ] {
            check(url, false);
        }
    }
}
