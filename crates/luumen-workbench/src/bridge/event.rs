//! What the workbench tells the window by itself. An event carries no secret, only ids and states.

use serde::Serialize;
use tokio::sync::broadcast;
use ts_rs::TS;

use super::{Id, Problem};
use crate::{
    files::Transfer,
    forwards::Forward,
    sessions::{Question, Session},
};

/// How many events a slow window may lag behind before it must ask for everything anew.
const KEPT: usize = 4096;

/// Something happened.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A list is no longer what the window read.
    Changed {
        /// Which list.
        what: Changed,
    },
    /// A session stands differently.
    Session {
        /// As it is now.
        session: Box<Session>,
    },
    /// A person is asked something; `question_answer` answers.
    Question {
        /// Which question.
        question: Id,
        /// The session that wants to know.
        session: Option<Id>,
        /// What it wants to know.
        ask: Question,
    },
    /// A question was answered, or nobody wants to know any more.
    QuestionGone {
        /// Which question.
        question: Id,
    },
    /// The shell of a terminal has ended by itself.
    TerminalClosed {
        /// Which terminal.
        terminal: Id,
        /// With which code.
        exit: Option<u32>,
        /// By which signal.
        signal: Option<String>,
    },
    /// A terminal has no shell: its host gave none. It stays without one until it is closed.
    TerminalRefused {
        /// Which terminal.
        terminal: Id,
        /// Why.
        problem: Problem,
    },
    /// A forward stands differently, or something passed through it.
    Forward {
        /// As it is now.
        forward: Forward,
    },
    /// A transfer stands differently.
    Transfer {
        /// As it is now.
        transfer: Box<Transfer>,
    },
    /// A file that is being edited was saved on this device; `edit_upload` sends it.
    EditChanged {
        /// Which edit.
        edit: Id,
        /// The file on the host.
        path: String,
    },
    /// A scan goes on.
    Scan {
        /// Which one.
        scan: Id,
        /// Commands that are behind it.
        done: usize,
        /// All of its commands.
        total: usize,
        /// The section that is being read.
        section: String,
    },
    /// A scan has ended; `scan_get` says how.
    ScanDone {
        /// Which one.
        scan: Id,
    },
    /// Something that a person should read, and that no call is waiting for.
    Notice {
        /// How loud.
        level: NoticeLevel,
        /// What.
        problem: Problem,
    },
}

/// Lists that change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Changed {
    /// Hosts, groups and their settings.
    Hosts,
    /// Credentials.
    Credentials,
    /// Keys.
    Keys,
    /// Preferences.
    Preferences,
    /// Session logs.
    Logs,
    /// Where secrets live, or whether it is open.
    Vault,
    /// Kept scans.
    Scans,
    /// Which forwards there are.
    Forwards,
}

/// How loud a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Something is not as it should be.
    Warning,
    /// Something did not work.
    Error,
}

/// Sends events to every window that listens. Clones share the listeners.
#[derive(Clone, Debug)]
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(KEPT).0)
    }
}

impl Events {
    /// Tells everybody who listens; nobody listening is no fault.
    pub fn send(&self, event: Event) {
        if self.0.send(event).is_err() {
            tracing::trace!("No window listens for events");
        }
    }

    /// Says that a list changed.
    pub fn changed(&self, what: Changed) {
        self.send(Event::Changed { what });
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
