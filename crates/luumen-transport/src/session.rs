//! The one door to a host: a session that runs commands.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

/// A command to run, with its bounds.
#[derive(Clone, Debug)]
pub struct ExecRequest {
    /// Handed to the account's login shell by sshd.
    pub command: String,
    /// Fed to the command, then closed.
    pub stdin: Vec<u8>,
    /// From sending the command until its last byte.
    pub timeout: Duration,
    /// Most bytes kept of stdout, and again of stderr; the command is ended when it sends more.
    pub max_output_bytes: usize,
    /// Ends the command early.
    pub cancel: CancellationToken,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// With an exit code.
    Code(u32),
    /// By a signal, named as in RFC 4254 §6.10 (`TERM`, `KILL`, …).
    Signal(String),
    /// The channel closed without saying.
    Unknown,
}

/// What a command said.
#[derive(Clone, PartialEq, Eq)]
pub struct ExecOutput {
    /// Standard output, up to the cap.
    pub stdout: Vec<u8>,
    /// Standard error, up to the cap.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub status: ExitStatus,
    /// True when a cap cut something off.
    pub truncated: bool,
    /// True when the time was up; what had come until then is kept.
    pub timed_out: bool,
    /// From sending the command until its end.
    pub duration: Duration,
}

impl fmt::Debug for ExecOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Output may hold anything a host says, so logs get its size only.
        f.debug_struct("ExecOutput")
            .field("stdout_bytes", &self.stdout.len())
            .field("stderr_bytes", &self.stderr.len())
            .field("status", &self.status)
            .field("truncated", &self.truncated)
            .field("timed_out", &self.timed_out)
            .field("duration", &self.duration)
            .finish()
    }
}

/// Why a command gave no output at all.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The server refused a channel or the command.
    #[error("{endpoint} refused to run a command ({step})")]
    Refused { endpoint: String, step: &'static str },
    /// The connection ended before the command did; `partial` is what had come.
    #[error("the connection to {endpoint} was lost while a command ran")]
    Lost {
        endpoint: String,
        partial: Box<ExecOutput>,
    },
    /// The caller cancelled.
    #[error("a command on {endpoint} was cancelled ({step})")]
    Cancelled { endpoint: String, step: &'static str },
}

/// Looks on while a command speaks.
pub trait Watch: Send + Sync {
    /// A piece of standard output, as it came. Must return at once: the connection waits for it.
    fn stdout(&self, bytes: &[u8]);
}

/// An open, signed-in connection to one host.
#[async_trait]
pub trait Session: Send {
    /// Runs one command on a channel of its own. A timeout or a full cap is not an error: partial
    /// output is worth keeping, and the output says so.
    async fn exec(&mut self, request: ExecRequest) -> Result<ExecOutput, ExecError>;

    /// The same, telling `watch` what the command says while it says it. A session that only knows the whole
    /// answer tells nothing on the way.
    async fn exec_watched(
        &mut self,
        request: ExecRequest,
        watch: Arc<dyn Watch>,
    ) -> Result<ExecOutput, ExecError> {
        drop(watch);
        self.exec(request).await
    }

    /// Where this session goes, for messages: `scan@db-3:22`.
    fn endpoint(&self) -> String;

    /// Says goodbye. Dropping a session closes it too, less politely.
    async fn close(&mut self);
}

#[async_trait]
impl<S: Session + ?Sized> Session for Box<S> {
    async fn exec(&mut self, request: ExecRequest) -> Result<ExecOutput, ExecError> {
        (**self).exec(request).await
    }

    async fn exec_watched(
        &mut self,
        request: ExecRequest,
        watch: Arc<dyn Watch>,
    ) -> Result<ExecOutput, ExecError> {
        (**self).exec_watched(request, watch).await
    }

    fn endpoint(&self) -> String {
        (**self).endpoint()
    }

    async fn close(&mut self) {
        (**self).close().await;
    }
}
