//! Asks what the page may not decide: in a dialog of the system, which the page can neither see nor answer.

use std::sync::{OnceLock, mpsc};

use luumen_workbench::Consent;
use rfd::{AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};
use tauri::{AppHandle, Manager as _};

const RUN: &str = "Run it";
const LEAVE: &str = "Do not run it";

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
        let Some(app) = self.0.get() else { return false };
        let (answer, answered) = mpsc::channel();
        let parent = app.get_webview_window(crate::app::WINDOW);
        let text = question(command);
        // The toolkit wants its dialogs to begin on the thread of its windows.
        let shown = app.run_on_main_thread(move || {
            let mut dialog = AsyncMessageDialog::new()
                .set_level(MessageLevel::Warning)
                .set_title("Run a command on this device?")
                .set_description(text)
                .set_buttons(MessageButtons::OkCancelCustom(RUN.to_owned(), LEAVE.to_owned()));
            if let Some(parent) = &parent {
                dialog = dialog.set_parent(parent);
            }
            tauri::async_runtime::spawn(async move {
                let said = dialog.show().await;
                // Nobody waits any more when the window was closed meanwhile.
                let _ = answer.send(allows(&said));
            });
        });
        shown.is_ok() && answered.recv().unwrap_or(false)
    }
}

fn question(command: &str) -> String {
    // What cannot be seen is written out, so that nothing hides in the text that is agreed to.
    let seen: String = command.chars().flat_map(shown).collect();
    format!(
        "The configuration that you import decides by a command whether some of its lines apply. It would run on this device, \
         with your rights:\n\n{seen}\n\nRun it only if you know the file and what the command does."
    )
}

fn shown(letter: char) -> Vec<char> {
    let hidden = letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if hidden {
        letter.escape_unicode().collect()
    } else {
        vec![letter]
    }
}

fn allows(said: &MessageDialogResult) -> bool {
    match said {
        MessageDialogResult::Ok | MessageDialogResult::Yes => true,
        MessageDialogResult::Custom(button) => button == RUN,
        MessageDialogResult::No | MessageDialogResult::Cancel => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_button_that_says_so_runs_it() {
        assert!(allows(&MessageDialogResult::Custom(RUN.to_owned())));
        for said in [
            MessageDialogResult::Cancel,
            MessageDialogResult::No,
            MessageDialogResult::Custom(LEAVE.to_owned()),
        ] {
            assert!(!allows(&said), "{said:?}");
        }
    }

    #[test]
    fn nothing_hides_in_the_command_that_is_shown() {
        let text = question("true\u{202e} # x\n; rm -rf ~");
        assert!(text.contains("true\\u{202e} # x\\u{a}; rm -rf ~"), "{text}");
    }

    #[test]
    fn before_there_is_a_window_nothing_runs() {
        assert!(!Dialog::default().may_run("true"));
    }
}
