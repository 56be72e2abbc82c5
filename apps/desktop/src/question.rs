//! Asks a person in a dialog of the system, which the page can neither see nor answer, and which is there when the page hangs.

use std::sync::mpsc;

use tauri::{AppHandle, Manager as _, WebviewWindow};

/// A question with two answers. Who types on, or leaves it, has said `no`.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) title: &'static str,
    pub(crate) text: String,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
}

impl Question {
    /// Waits for the answer; none if the dialog could not be shown.
    pub(crate) fn ask(self, app: &AppHandle) -> Option<bool> {
        let (answer, answered) = mpsc::channel();
        let parent = app.get_webview_window(crate::app::WINDOW);
        // The toolkit wants its dialogs to begin on the thread of its windows.
        let shown = app.run_on_main_thread(move || show(parent.as_ref(), self, answer));
        shown.ok().and_then(|()| answered.recv().ok())
    }
}

/// The toolkit itself, because the keyboard must be on the button that does nothing: who types on must not agree.
#[cfg(target_os = "linux")]
fn show(parent: Option<&WebviewWindow>, question: Question, answer: mpsc::Sender<bool>) {
    use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, ResponseType, prelude::*};

    let parent = parent.and_then(|parent| parent.gtk_window().ok());
    let dialog = MessageDialog::new(
        parent.as_ref(),
        DialogFlags::MODAL,
        MessageType::Warning,
        ButtonsType::None,
        question.title,
    );
    dialog.set_title(question.title);
    dialog.set_secondary_text(Some(&question.text));
    dialog.add_button(question.no, ResponseType::Cancel);
    dialog.add_button(question.yes, ResponseType::Accept);
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
fn show(parent: Option<&WebviewWindow>, question: Question, answer: mpsc::Sender<bool>) {
    use rfd::{AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};

    let mut dialog = AsyncMessageDialog::new()
        .set_level(MessageLevel::Warning)
        .set_title(question.title)
        .set_description(&question.text)
        .set_buttons(MessageButtons::OkCancelCustom(
            question.yes.to_owned(),
            question.no.to_owned(),
        ));
    if let Some(parent) = parent {
        dialog = dialog.set_parent(parent);
    }
    tauri::async_runtime::spawn(async move {
        let said = dialog.show().await;
        // Nobody waits any more when the program ends meanwhile.
        let _ = answer.send(matches!(said, MessageDialogResult::Custom(button) if button == question.yes));
    });
}

/// A text that somebody else chose. What cannot be seen is written out, so that nothing hides in what is agreed to.
pub(crate) fn seen(text: &str) -> String {
    text.chars().flat_map(shown).collect()
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
