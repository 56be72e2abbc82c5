//! Asks what the page may not decide: whether a command runs on this device, and whether a guarded file of it is touched.

use std::sync::OnceLock;

use luumen_workbench::{Consent, Deed, Touch};
use tauri::AppHandle;

use crate::question::{Question, seen};

/// As many files are named; a dialog of more would not fit the screen.
const NAMED: usize = 5;

/// The dialog. Until there is a window, everything is refused.
#[derive(Debug, Default)]
pub(crate) struct Dialog(OnceLock<AppHandle>);

impl Dialog {
    /// From now on there is a window to ask in front of.
    pub(crate) fn show_with(&self, app: &AppHandle) {
        // A second window would be asked in front of the first.
        let _ = self.0.set(app.clone());
    }
}

impl Consent for Dialog {
    fn may_run(&self, command: &str) -> bool {
        self.ask(|| Question {
            title: "Run a command on this device?",
            text: text(command),
            yes: "Run it",
            no: "Do not run it",
        })
    }

    fn may_touch(&self, touch: &Touch) -> bool {
        self.ask(|| about_files(touch))
    }
}

impl Dialog {
    fn ask(&self, question: impl FnOnce() -> Question) -> bool {
        self.0.get().and_then(|app| question().ask(app)).unwrap_or(false)
    }
}

fn about_files(touch: &Touch) -> Question {
    let target = touch.target.as_deref().map(seen);
    let (title, yes, no) = match touch.deed {
        Deed::Send => ("Send a guarded file to a host?", "Send it", "Do not send it"),
        Deed::Fetch | Deed::Export => ("Write to a guarded place?", "Write it", "Do not write it"),
    };
    let what = match (touch.deed, target) {
        (Deed::Send, Some(target)) => format!("This is to be sent to {target}, which can keep and show it:"),
        (Deed::Send, None) => "This is to be sent to a host, which can keep and show it:".to_owned(),
        (Deed::Fetch | Deed::Export, Some(target)) => {
            format!("This is to be written on this device, with what comes from {target}:")
        }
        (Deed::Fetch | Deed::Export, None) => {
            "This is to be written on this device, with what Luumen exports:".to_owned()
        }
    };
    let named = touch.files.iter().take(NAMED);
    let mut files: Vec<String> = named
        .map(|file| format!("{}\n({})", seen(&file.path.to_string_lossy()), file.why))
        .collect();
    if let Some(more) = touch.files.len().checked_sub(NAMED).filter(|more| *more > 0) {
        files.push(format!("and {more} more; {} in all", touch.files.len()));
    }
    Question {
        title,
        text: format!(
            "{what}\n\n{}\n\nAgree only if you have just asked for it yourself.",
            files.join("\n\n")
        ),
        yes,
        no,
    }
}

fn text(command: &str) -> String {
    let seen = seen(command);
    format!(
        "The configuration that you import decides by a command whether some of its lines apply. It would run on this device, \
         with your rights:\n\n{seen}\n\nRun it only if you know the file and what the command does."
    )
}

#[cfg(test)]
mod tests {
    use luumen_workbench::Guarded;

    use super::*;

    #[test]
    fn nothing_hides_in_the_command_that_is_shown() {
        let text = text("true\u{202e} # x\n; rm -rf ~");
        assert!(text.contains("true\\u{202e} # x\\u{a}; rm -rf ~"), "{text}");
    }

    #[test]
    fn before_there_is_a_window_nothing_runs_and_nothing_is_touched() {
        assert!(!Dialog::default().may_run("true"));
        assert!(!Dialog::default().may_touch(&touch(Deed::Send, 1)));
    }

    fn touch(deed: Deed, count: usize) -> Touch {
        let file = |number| Guarded {
            path: format!("/home/ada/.ssh/k{number}\u{202e}").into(),
            why: "a private key",
        };
        Touch {
            deed,
            target: Some("ada@db-3:22".to_owned()),
            files: (1..=count).map(file).collect(),
        }
    }

    #[test]
    fn the_dialog_names_the_files_what_is_done_and_the_host() {
        let one = about_files(&touch(Deed::Send, 1)).text;
        assert!(one.contains("sent to ada@db-3:22"), "{one}");
        assert!(
            one.contains("/home/ada/.ssh/k1\\u{202e}\n(a private key)"),
            "{one}"
        );
        assert!(!one.contains("more"), "{one}");
        let many = about_files(&touch(Deed::Fetch, 8)).text;
        assert!(
            many.contains("written on this device, with what comes from ada@db-3:22"),
            "{many}"
        );
        assert!(many.contains("k5") && !many.contains("k6"), "{many}");
        assert!(many.contains("and 3 more; 8 in all"), "{many}");
    }
}
