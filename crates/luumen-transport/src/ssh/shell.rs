//! Terminals: a shell, or one command, on a channel with a pseudo-terminal.
//!
//! What is typed and what is shown are bytes here; drawing and keys are the window's. Reading slowly
//! slows the server down: nothing is thrown away and little is kept.

use std::{collections::VecDeque, path::PathBuf, sync::Arc};

use bytes::Bytes;
use russh::{Channel, ChannelMsg, ChannelReadHalf, Pty, client::Msg};

use super::{closing::Closing, exec::signal_text, inbound::Agent, session::SshSession};
use crate::ExitStatus;

/// The terminal modes we ask for: UTF-8 input, so that erasing a character erases all its bytes.
const MODES: &[(Pty, u32)] = &[(Pty::IUTF8, 1)];

/// What kind of terminal to open.
#[derive(Clone, Debug)]
pub struct ShellRequest {
    /// The value of `TERM`: `xterm-256color`.
    pub term: String,
    /// Its width in characters.
    pub columns: u32,
    /// Its height in characters.
    pub rows: u32,
    /// Asked for; most servers accept only `LANG` and `LC_*`.
    pub env: Vec<(String, String)>,
    /// Lets the server use an ssh-agent of this machine: `Some(None)` the one of `SSH_AUTH_SOCK`.
    /// Whoever is root there can use it too, for as long as the connection lasts.
    pub agent: Option<Option<PathBuf>>,
    /// Instead of the login shell.
    pub command: Option<String>,
}

impl ShellRequest {
    /// The login shell on a terminal of this size.
    pub fn new(term: impl Into<String>, columns: u32, rows: u32) -> Self {
        Self {
            term: term.into(),
            columns,
            rows,
            env: Vec::new(),
            agent: None,
            command: None,
        }
    }
}

/// Why there is no terminal.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// The server does not allow it.
    #[error("{endpoint} refused a terminal ({step}){}", reason(detail))]
    Refused {
        endpoint: String,
        step: &'static str,
        detail: String,
    },
    /// The connection ended first.
    #[error("the connection to {endpoint} was lost while a terminal was opened")]
    Lost { endpoint: String },
}

fn reason(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(": {detail}")
    }
}

impl ShellError {
    /// A stable word for lists and filters. Never changes its meaning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "LUM-SSH-CHANNEL",
            Self::Lost { .. } => "LUM-SSH-LOST",
        }
    }

    /// One sentence that tells a person what to do now.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Refused {
                step: "opening a channel",
                ..
            } => "Close a terminal of this session, or have MaxSessions raised in the server's sshd_config.",
            Self::Refused { .. } => {
                "Check PermitTTY, ForceCommand and the login shell of the account on the server."
            }
            Self::Lost { .. } => "Connect again.",
        }
    }
}

/// An open terminal. It is closed once both of its sides are dropped.
#[derive(Debug)]
pub struct Shell {
    /// What it shows.
    pub output: ShellOutput,
    /// What is typed.
    pub input: ShellInput,
    /// False when forwarding the agent was asked for and refused, or not asked for.
    pub agent_forwarded: bool,
}

/// The showing side.
#[derive(Debug)]
pub struct ShellOutput {
    read: ChannelReadHalf,
    status: ExitStatus,
    // What came before the server had answered all our questions.
    early: VecDeque<Bytes>,
    // Whoever still listens keeps the terminal open.
    _closing: Arc<Closing>,
}

/// The typing side. Clones type into the same terminal.
#[derive(Clone, Debug)]
pub struct ShellInput(Arc<Closing>);

/// What a terminal says next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShellEvent {
    /// Bytes to show.
    Data(Bytes),
    /// The shell has ended.
    Ended(ExitStatus),
    /// The connection has ended, and the shell may still run on the server.
    Lost,
}

impl SshSession {
    /// Opens a terminal on a channel of its own.
    pub async fn open_shell(&self, request: &ShellRequest) -> Result<Shell, ShellError> {
        let lost = |_: russh::Error| ShellError::Lost {
            endpoint: self.name(),
        };
        // A server that refuses any of this keeps the channel open: it is closed when it is dropped here.
        let (read, write) = Closing::split(self.open_channel().await?);
        for (name, value) in &request.env {
            write
                .set_env(false, name.as_str(), value.as_str())
                .await
                .map_err(lost)?;
        }
        let (columns, rows) = (request.columns, request.rows);
        let pty = write.request_pty(true, &request.term, columns, rows, 0, 0, MODES);
        pty.await.map_err(lost)?;
        if let Some(socket) = &request.agent {
            let socket = socket.clone();
            self.connection().inbound.allow_agent(Agent { socket });
            write.agent_forward(true).await.map_err(lost)?;
        }
        let started = match &request.command {
            Some(command) => write.exec(true, command.as_str()).await,
            None => write.request_shell(true).await,
        };
        started.map_err(lost)?;
        let write = Arc::new(write);
        let mut output = ShellOutput {
            read,
            status: ExitStatus::Unknown,
            early: VecDeque::new(),
            _closing: write.clone(),
        };
        let agent_forwarded = self.answers(&mut output, request.agent.is_some()).await?;
        Ok(Shell {
            output,
            input: ShellInput(write),
            agent_forwarded,
        })
    }

    async fn open_channel(&self) -> Result<Channel<Msg>, ShellError> {
        let opened = self.connection().handle.channel_open_session().await;
        opened.map_err(|error| match error {
            russh::Error::ChannelOpenFailure(failure) => ShellError::Refused {
                endpoint: self.name(),
                step: "opening a channel",
                detail: failure.description().to_ascii_lowercase(),
            },
            _ => ShellError::Lost {
                endpoint: self.name(),
            },
        })
    }

    /// Waits for the answers to our questions, which come in their order. True when the agent may be
    /// asked.
    async fn answers(&self, output: &mut ShellOutput, agent: bool) -> Result<bool, ShellError> {
        if !output.answer().await.ok_or_else(|| self.lost_shell())? {
            return Err(self.no_shell("giving it a size and a type"));
        }
        // A refused agent costs convenience, not the session.
        let agent_forwarded = agent && output.answer().await.ok_or_else(|| self.lost_shell())?;
        if !output.answer().await.ok_or_else(|| self.lost_shell())? {
            return Err(self.no_shell("starting the shell"));
        }
        Ok(agent_forwarded)
    }

    fn lost_shell(&self) -> ShellError {
        ShellError::Lost {
            endpoint: self.name(),
        }
    }

    fn no_shell(&self, step: &'static str) -> ShellError {
        ShellError::Refused {
            endpoint: self.name(),
            step,
            detail: String::new(),
        }
    }
}

impl ShellOutput {
    /// The next thing the terminal says. After the end it says the end again.
    pub async fn next(&mut self) -> ShellEvent {
        if let Some(data) = self.early.pop_front() {
            return ShellEvent::Data(data);
        }
        loop {
            match self.read.wait().await {
                Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) => {
                    return ShellEvent::Data(data);
                }
                Some(ChannelMsg::ExitStatus { exit_status }) => self.status = ExitStatus::Code(exit_status),
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                    self.status = ExitStatus::Signal(signal_text(&signal_name));
                }
                Some(ChannelMsg::Close) => return ShellEvent::Ended(self.status.clone()),
                Some(_) => {}
                // Channels end with Close; without it, the whole connection has ended.
                None if self.status == ExitStatus::Unknown => return ShellEvent::Lost,
                None => return ShellEvent::Ended(self.status.clone()),
            }
        }
    }

    /// Yes or no to one question; `None` when the connection ended instead.
    async fn answer(&mut self) -> Option<bool> {
        loop {
            match self.read.wait().await? {
                ChannelMsg::Success => return Some(true),
                ChannelMsg::Failure => return Some(false),
                ChannelMsg::Close => return None,
                ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. } => {
                    self.early.push_back(data)
                }
                _ => {}
            }
        }
    }
}

impl ShellInput {
    /// Types. Waits while the server is not ready to take more. False when the terminal has ended.
    pub async fn write(&self, bytes: impl Into<Bytes>) -> bool {
        self.0.data_bytes(bytes.into()).await.is_ok()
    }

    /// Tells the server the new size. False when the terminal has ended.
    pub async fn resize(&self, columns: u32, rows: u32) -> bool {
        self.0.window_change(columns, rows, 0, 0).await.is_ok()
    }

    /// Hangs up, as closing a terminal window does.
    pub async fn close(&self) {
        // A channel that has ended already is closed.
        let _ = self.0.close().await;
    }
}
