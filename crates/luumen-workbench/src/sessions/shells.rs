//! Opens the shells of a session's terminals, and logs what they say.

use std::sync::{Arc, Weak};

use luumen_transport::{ShellError, ShellRequest, SshSession};
use tokio::sync::oneshot;

use super::{
    live::Live,
    model::{Session, StepState},
    terminal::Terminal,
    words::printable,
};
use crate::{
    bridge::{Event, Problem},
    hosts::LogMode,
    logs::LogStart,
};

impl Live {
    /// Logs so much from now on, in every terminal. Where a log cannot begin nothing is logged, and that is shown.
    pub(super) async fn set_recording(self: &Arc<Self>, mode: LogMode) -> Result<Session, Problem> {
        let _logging = self.logging.lock().await;
        let session = self.say_recording(mode);
        for terminal in self.terminals() {
            if terminal.has_shell() {
                self.log(&terminal).await?;
            }
        }
        Ok(session)
    }

    /// Begins the log of a terminal, or ends it, as the session says.
    async fn log(self: &Arc<Self>, terminal: &Terminal) -> Result<(), Problem> {
        let session = self.session();
        let term = self.destination().map(|destination| destination.terminal.clone());
        let start = LogStart {
            mode: session.recording,
            host: session.host,
            title: session.title,
            target: session.target,
            term: term.unwrap_or_else(|| "xterm-256color".to_owned()),
            size: terminal.size(),
        };
        match self.tools.logs.record(start).await {
            Ok(Some(log)) => {
                tokio::spawn(notice_failure(Arc::downgrade(self), log.failed));
                terminal.record(Some(log.recorder));
                Ok(())
            }
            Ok(None) => {
                terminal.record(None);
                Ok(())
            }
            Err(problem) => {
                self.stop_logging();
                Err(problem)
            }
        }
    }

    /// Nothing is logged any more. A disk that does not take one log takes none: REC must not stay where some of it is missing.
    fn stop_logging(&self) {
        for terminal in self.terminals() {
            terminal.record(None);
        }
        self.say_recording(LogMode::Off);
    }

    fn say_recording(&self, mode: LogMode) -> Session {
        self.with(|state| state.log = Some(mode));
        self.update(|session| session.recording = mode)
    }

    pub(super) async fn open_shell(self: &Arc<Self>, connection: &SshSession, terminal: &Terminal) {
        let Some(destination) = self.destination() else {
            return;
        };
        if !terminal.begin_opening() {
            return;
        }
        let first = self.with(|state| {
            state.checklist.begin_shell();
            state.session.steps = state.checklist.steps.clone();
            std::mem::take(&mut state.banner)
        });
        self.tell();
        if terminal.is_first_shell() {
            let _logging = self.logging.lock().await;
            // Its person must know, but a full disk here is no reason not to reach a host.
            if let Err(problem) = self.log(terminal).await {
                self.tools.warn(problem);
            }
        } else {
            terminal.mark("connected again");
        }
        if !first.is_empty() {
            terminal.show(printable(&first));
        }
        let (columns, rows) = terminal.size();
        let mut request = ShellRequest::new(&destination.terminal, columns, rows);
        request.env = self.tools.env.clone();
        request.agent = destination.agent_forwarding.clone();
        match connection.open_shell(&request).await {
            Ok(shell) => {
                let refused = request.agent.is_some() && !shell.agent_forwarded;
                terminal.opened(shell);
                self.with(|state| {
                    state
                        .checklist
                        .finish_shell(StepState::Done, &destination.terminal);
                    state.session.steps = state.checklist.steps.clone();
                    state.session.agent_forwarding &= !refused;
                    let warning = "The host does not take the forwarded ssh-agent.";
                    if refused && !state.session.warnings.iter().any(|said| said == warning) {
                        state.session.warnings.push(warning.to_owned());
                    }
                });
                self.tell();
            }
            Err(error) => {
                terminal.lost();
                self.with(|state| {
                    state
                        .checklist
                        .finish_shell(StepState::Failed, &error.to_string());
                    state.session.steps = state.checklist.steps.clone();
                });
                self.tell();
                // Where the line is gone the session says so, and the terminal has its shell with the next.
                if let ShellError::Refused { .. } = error {
                    let problem = Problem::of(error.code(), "the terminal could not be opened", &error)
                        .next(error.next_step());
                    self.tools.events.send(Event::TerminalRefused {
                        terminal: terminal.id,
                        problem,
                    });
                }
            }
        }
    }
}

/// Waits until a log ends. One that could not be written on is not shown as if it were.
async fn notice_failure(live: Weak<Live>, failed: oneshot::Receiver<()>) {
    if failed.await.is_err() {
        return;
    }
    if let Some(live) = live.upgrade() {
        let _logging = live.logging.lock().await;
        live.stop_logging();
    }
}
