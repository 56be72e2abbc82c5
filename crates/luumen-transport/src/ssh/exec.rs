//! Runs commands on a host we are signed in to.
//!
//! One channel per command. Input is fed while output is read, so neither side waits for the other;
//! what a command said before it was stopped is kept.

use std::sync::Arc;

use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig, client::Msg};
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    closing::Closing,
    session::{GOODBYE, SshSession},
};
use crate::{ExecError, ExecOutput, ExecRequest, ExitStatus, Watch};

/// The steps of a command, for errors.
const OPENING: &str = "opening a channel";
const RUNNING: &str = "running the command";

/// RFC 4254 §5.2: extended data of type 1 is standard error.
const STDERR: u32 = 1;

impl SshSession {
    async fn open(&self, command: &str) -> Result<(ChannelReadHalf, Closing), ExecError> {
        let handle = &self.connection().handle;
        let refused = |step| ExecError::Refused {
            endpoint: self.name(),
            step,
        };
        let channel = match handle.channel_open_session().await {
            Ok(channel) => channel,
            Err(russh::Error::ChannelOpenFailure(_)) => return Err(refused(OPENING)),
            Err(_) => return Err(self.lost_before_output()),
        };
        let (read, write) = Closing::split(channel);
        // The answer is awaited together with the output: input follows without another round trip.
        match write.exec(true, command).await {
            Ok(()) => Ok((read, write)),
            Err(_) => Err(self.lost_before_output()),
        }
    }

    pub(super) fn lost_before_output(&self) -> ExecError {
        self.lost(Progress::new(0))
    }

    fn cancelled(&self, step: &'static str) -> ExecError {
        ExecError::Cancelled {
            endpoint: self.name(),
            step,
        }
    }

    fn lost(&self, progress: Progress) -> ExecError {
        ExecError::Lost {
            endpoint: self.name(),
            partial: Box::new(progress.into_output()),
        }
    }

    pub(super) async fn run(
        &self,
        request: ExecRequest,
        watch: Option<Arc<dyn Watch>>,
    ) -> Result<ExecOutput, ExecError> {
        let mut progress = Progress::new(request.max_output_bytes);
        let deadline = progress.started + request.timeout;
        let opened = tokio::select! {
            biased;
            () = request.cancel.cancelled() => return Err(self.cancelled(OPENING)),
            opened = self.open(&request.command) => opened,
            () = sleep_until(deadline) => {
                progress.timed_out = true;
                return Ok(progress.into_output());
            }
        };
        let (mut read, write) = opened?;
        let feeding = feed(&write, request.stdin);
        let cancelled = request.cancel.cancelled();
        let time_up = sleep_until(deadline);
        tokio::pin!(feeding, cancelled, time_up);
        let mut fed = false;
        // Not biased: a flood of output must not keep the clock from being looked at.
        let stop = loop {
            tokio::select! {
                () = &mut cancelled => break Stop::Cancelled,
                message = read.wait() => match progress.take(watched(message, watch.as_deref())) {
                    Next::More => {}
                    Next::Full => break Stop::Early,
                    Next::Closed => break Stop::Finished,
                    Next::Refused => break Stop::Refused,
                    Next::Lost => break Stop::Lost,
                },
                () = &mut feeding, if !fed => fed = true,
                () = &mut time_up => {
                    progress.timed_out = true;
                    break Stop::Early;
                }
            }
        };
        if matches!(stop, Stop::Early | Stop::Cancelled | Stop::Refused) {
            // What still comes is thrown away, so that a flood cannot hold up the goodbye.
            drop(read);
            end(&write).await;
        }
        match stop {
            Stop::Finished | Stop::Early => Ok(progress.into_output()),
            Stop::Cancelled => Err(self.cancelled(RUNNING)),
            Stop::Refused => Err(ExecError::Refused {
                endpoint: self.name(),
                step: "starting the command",
            }),
            Stop::Lost => Err(self.lost(progress)),
        }
    }
}

/// Shows whoever looks on what came, before it is kept.
fn watched(message: Option<ChannelMsg>, watch: Option<&dyn Watch>) -> Option<ChannelMsg> {
    if let (Some(ChannelMsg::Data { data }), Some(watch)) = (&message, watch) {
        watch.stdout(data);
    }
    message
}

enum Stop {
    Finished,
    /// The time was up, or there was more output than wanted.
    Early,
    Cancelled,
    Refused,
    Lost,
}

/// Gives the command its input. A command that does not want it is no error.
async fn feed(write: &ChannelWriteHalf<Msg>, stdin: Vec<u8>) {
    if write.data_bytes(stdin).await.is_ok() {
        let _ = write.eof().await;
    }
}

/// Ends a command that still runs. sshd passes the signal on to the command's process group; closing
/// the channel alone would let it run on.
async fn end(write: &ChannelWriteHalf<Msg>) {
    let goodbye = async {
        let _ = write.signal(Sig::TERM).await;
        let _ = write.close().await;
    };
    // A connection that is already dead must not hold us up.
    let _ = timeout(GOODBYE, goodbye).await;
}

/// What has come of a command so far.
struct Progress {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    status: ExitStatus,
    truncated: bool,
    timed_out: bool,
    started: Instant,
    max_bytes: usize,
}

enum Next {
    More,
    Full,
    Closed,
    Refused,
    Lost,
}

impl Progress {
    fn new(max_bytes: usize) -> Self {
        Self {
            stdout: Vec::new(),
            stderr: Vec::new(),
            status: ExitStatus::Unknown,
            truncated: false,
            timed_out: false,
            started: Instant::now(),
            max_bytes,
        }
    }

    fn take(&mut self, message: Option<ChannelMsg>) -> Next {
        match message {
            Some(ChannelMsg::Data { data }) => self.keep(false, &data),
            Some(ChannelMsg::ExtendedData { data, ext: STDERR }) => self.keep(true, &data),
            Some(ChannelMsg::ExitStatus { exit_status }) => {
                self.status = ExitStatus::Code(exit_status);
                Next::More
            }
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                self.status = ExitStatus::Signal(signal_text(&signal_name));
                Next::More
            }
            Some(ChannelMsg::Failure) => Next::Refused,
            Some(ChannelMsg::Close) => Next::Closed,
            Some(_) => Next::More,
            None => Next::Lost,
        }
    }

    fn keep(&mut self, stderr: bool, data: &[u8]) -> Next {
        let kept = if stderr {
            &mut self.stderr
        } else {
            &mut self.stdout
        };
        let room = self.max_bytes.saturating_sub(kept.len());
        if data.len() <= room {
            kept.extend_from_slice(data);
            return Next::More;
        }
        kept.extend_from_slice(&data[..room]);
        self.truncated = true;
        Next::Full
    }

    fn into_output(self) -> ExecOutput {
        ExecOutput {
            stdout: self.stdout,
            stderr: self.stderr,
            status: self.status,
            truncated: self.truncated,
            timed_out: self.timed_out,
            duration: self.started.elapsed(),
        }
    }
}

pub(super) fn signal_text(signal: &Sig) -> String {
    match signal {
        Sig::Custom(name) => name.clone(),
        // The other names are spelled like their variants.
        other => format!("{other:?}"),
    }
}
