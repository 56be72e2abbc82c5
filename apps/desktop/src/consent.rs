//! Asks what the page may not decide: in a dialog of the system, which the page can neither see nor answer.

use std::sync::{OnceLock, mpsc};

use luumen_workbench::Consent;
use tauri::{AppHandle, Manager as _, WebviewWindow};

const TITLE: &str = "Run a command on this device?";
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
        let shown = app.run_on_main_thread(move || ask(parent.as_ref(), &text, answer));
        shown.is_ok() && answered.recv().unwrap_or(false)
    }
}

/// The toolkit itself, because the keyboard must be on the button that runs nothing: who types on must not agree.
#[cfg(target_os = "linux")]
fn ask(parent: Option<&WebviewWindow>, text: &str, answer: mpsc::Sender<bool>) {
    use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, ResponseType, prelude::*};

    let parent = parent.and_then(|parent| parent.gtk_window().ok());
    let dialog = MessageDialog::new(
        parent.as_ref(),
        DialogFlags::MODAL,
        MessageType::Warning,
        ButtonsType::None,
        TITLE,
    );
    dialog.set_title(TITLE);
    dialog.set_secondary_text(Some(text));
    dialog.add_button(LEAVE, ResponseType::Cancel);
    dialog.add_button(RUN, ResponseType::Accept);
    dialog.set_default_response(ResponseType::Cancel);
    dialog.connect_response(move |dialog, said| {
        // Nobody waits any more when the program ends meanwhile.
        let _ = answer.send(said == ResponseType::Accept);
        if said != ResponseType::DeleteEvent {
            dialog.close();
        }
    });
    dialog.show_all();
}

#[cfg(not(target_os = "linux"))]
fn ask(parent: Option<&WebviewWindow>, text: &str, answer: mpsc::Sender<bool>) {
    use rfd::{AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};

    let mut dialog = AsyncMessageDialog::new()
        .set_level(MessageLevel::Warning)
        .set_title(TITLE)
        .set_description(text)
        .set_buttons(MessageButtons::OkCancelCustom(RUN.to_owned(), LEAVE.to_owned()));
    if let Some(parent) = parent {
        dialog = dialog.set_parent(parent);
    }
    tauri::async_runtime::spawn(async move {
        let said = dialog.show().await;
        // Nobody waits any more when the program ends meanwhile.
        let _ = answer.send(matches!(said, MessageDialogResult::Custom(button) if button == RUN));
    });
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

#[cfg(test)]
mod tests {
    use super::*;

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
