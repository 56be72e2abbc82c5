//! Opens the shells of a session's terminals, and logs what they say.

use luumen_transport::{ShellRequest, SshSession};

use super::{
    live::Live,
    model::{Session, StepState},
    terminal::Terminal,
    words::printable,
};
use crate::{
    bridge::Problem,
    hosts::LogMode,
    logs::{LogStart, Recorder},
};

impl Live {
    /// Logs so much from now on.
    pub(super) async fn set_recording(&self, mode: LogMode) -> Result<Session, Problem> {
        let session = self.update(|session| session.recording = mode);
        for terminal in self.terminals() {
            if terminal.has_shell() {
                terminal.record(self.recorder(&terminal).await?);
            }
        }
        Ok(session)
    }

    async fn recorder(&self, terminal: &Terminal) -> Result<Option<Recorder>, Problem> {
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
        self.tools.logs.record(start).await
    }

    pub(super) async fn open_shell(&self, connection: &SshSession, terminal: &Terminal) {
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
            match self.recorder(terminal).await {
                Ok(recorder) => terminal.record(recorder),
                // Its person must know, but a full disk here is no reason not to reach a host.
                Err(problem) => self.tools.warn(problem),
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
                    let warning = "The host does not take the forwarded ssh-agent.";
                    if refused && !state.session.warnings.iter().any(|said| said == warning) {
                        state.session.warnings.push(warning.to_owned());
                    }
                });
                self.tell();
            }
            Err(error) => {
                terminal.lost();
                let problem = Problem::of(error.code(), "the terminal could not be opened", &error)
                    .next(error.next_step());
                self.with(|state| {
                    state
                        .checklist
                        .finish_shell(StepState::Failed, &error.to_string());
                    state.session.steps = state.checklist.steps.clone();
                    state.session.problem = Some(problem.clone());
                });
                self.tell();
                self.tools.warn(problem);
            }
        }
    }
}
