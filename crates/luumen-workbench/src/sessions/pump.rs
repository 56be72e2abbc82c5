//! Carries the bytes of a terminal from its shell to the window, no faster than the window draws.
//!
//! Bytes go out in batches of at most 64 KB, at once when it is quiet and every 8 ms in a flood. At most
//! 1 MB is on its way unacknowledged, less on a slow screen ([`Flow`]); beyond that the host is not read, so
//! it stops sending. Where a shell was lost is told between its last bytes and the first of the next.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use luumen_transport::{ExitStatus, ShellEvent, ShellOutput};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::{flow::Flow, terminal::Stage};
use crate::{
    bridge::{Event, Events, Id, Output},
    logs::Recorder,
};

/// The most that is handed over at once.
const BATCH_BYTES: usize = 64 * 1024;
/// How long bytes wait for others in a flood.
const BATCH_EVERY: Duration = Duration::from_millis(8);
/// A window that acknowledges nothing for this long must not stop what else runs on the connection.
const STALLED_AFTER: Duration = Duration::from_secs(1);
/// What is kept for a window that draws nothing, before the connection has to wait after all.
const OVERFLOW_BYTES: usize = 16 * 1024 * 1024;
/// What is shown again to a window that was opened anew.
const AGAIN_BYTES: usize = 256 * 1024;

/// What a pump is told.
pub(super) enum Order {
    Attach(Box<dyn Output>),
    Acknowledged(usize),
    Shell(Box<ShellOutput>),
    Record(Option<Recorder>),
    Resized(u32, u32),
    Mark(&'static str),
    Show(Bytes),
    Keep(Bytes),
    Lost,
    Close,
}

/// Carries bytes from the shell to the window.
pub(super) struct Pump {
    terminal: Id,
    events: Events,
    stage: watch::Sender<Stage>,
    output: Option<Box<dyn Output>>,
    shell: Option<Box<ShellOutput>>,
    recorder: Option<Recorder>,
    /// Not handed over yet.
    pending: BytesMut,
    /// The end of what was handed over.
    shown: BytesMut,
    /// Its length, for those who ask from outside.
    again: Arc<AtomicUsize>,
    flow: Flow,
    full_since: Option<Instant>,
    last_batch: Instant,
    /// Where in `shown` and `pending` a shell was lost, until the window has said how it left it.
    left_at: Option<usize>,
    lost: Lost,
}

/// A lost line is heard of twice, by its shell and by its session, in either order, and is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lost {
    No,
    /// The shell has said it, and the window knows.
    Told,
    /// The session has said it, and the shell's last words are still to come.
    Due,
}

impl Pump {
    pub(super) fn new(
        terminal: Id,
        events: Events,
        stage: watch::Sender<Stage>,
        again: Arc<AtomicUsize>,
    ) -> Self {
        Self {
            terminal,
            events,
            stage,
            output: None,
            shell: None,
            recorder: None,
            pending: BytesMut::new(),
            shown: BytesMut::new(),
            again,
            flow: Flow::new(),
            full_since: None,
            last_batch: Instant::now(),
            left_at: None,
            lost: Lost::No,
        }
    }

    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            while self.may_send() && self.pending.len() >= BATCH_BYTES {
                self.send_batch();
            }
            let (may_send, may_read) = (self.may_send(), self.may_read());
            let wait_until = self.wait_until();
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(order) => {
                        if !self.obey(order).await {
                            return;
                        }
                    }
                    None => return,
                },
                event = next(&mut self.shell), if may_read => self.hear(event).await,
                () = sleep_until(self.last_batch + BATCH_EVERY), if may_send => self.send_batch(),
                () = sleep_until(wait_until), if self.full_since.is_some() && !may_read => {}
            }
        }
    }

    fn may_send(&self) -> bool {
        self.output.is_some() && !self.pending.is_empty() && !self.flow.is_full()
    }

    fn may_read(&self) -> bool {
        let limit = match self.full_since {
            Some(since) if since.elapsed() >= STALLED_AFTER => OVERFLOW_BYTES,
            _ => BATCH_BYTES,
        };
        self.shell.is_some() && self.pending.len() < limit
    }

    /// When a window that does not draw counts as stalled.
    fn wait_until(&self) -> Instant {
        self.full_since
            .map_or_else(Instant::now, |since| since + STALLED_AFTER)
    }

    /// Does what it is told. False at the end.
    async fn obey(&mut self, order: Order) -> bool {
        match order {
            Order::Attach(output) => self.attach(output),
            Order::Acknowledged(bytes) => {
                self.flow.acknowledged(bytes, Instant::now());
                if self.pending.is_empty() || !self.flow.is_full() {
                    self.full_since = None;
                }
            }
            Order::Shell(shell) => {
                if self.shell.replace(shell).is_some() {
                    // The window read so slowly that the end of the one before was not heard yet.
                    self.shell_lost();
                    self.lost = Lost::No;
                }
            }
            Order::Record(recorder) => {
                if let Some(before) = std::mem::replace(&mut self.recorder, recorder) {
                    before.end("stopped", None).await;
                }
            }
            Order::Resized(columns, rows) => {
                if let Some(recorder) = &self.recorder {
                    recorder.resize((columns, rows)).await;
                }
            }
            Order::Mark(word) => {
                if let Some(recorder) = &self.recorder {
                    recorder.mark(word).await;
                }
            }
            Order::Show(bytes) => self.pending.extend_from_slice(&bytes),
            Order::Keep(bytes) => self.keep_left(&bytes),
            Order::Lost if self.shell.is_some() => self.lost = Lost::Due,
            Order::Lost => {
                if self.lost != Lost::Told {
                    self.shell_lost();
                }
                self.lost = Lost::No;
            }
            Order::Close => {
                self.end_log("closed", None).await;
                return false;
            }
        }
        true
    }

    /// A window that was opened anew has drawn nothing, and sees the last of what was shown before.
    fn attach(&mut self, output: Box<dyn Output>) {
        self.output = Some(output);
        self.flow = Flow::new();
        self.full_since = None;
        let mut again = std::mem::take(&mut self.shown);
        again.extend_from_slice(&self.pending);
        self.pending = again;
        // It sees where a lost shell ended, too, also when the window before has left that already.
        let is_lost = matches!(*self.stage.borrow(), Stage::Lost);
        let end = is_lost.then_some(self.pending.len());
        if let Some(at) = self.left_at.or(end) {
            let next = self.pending.split_off(at.min(self.pending.len()));
            self.shell_lost();
            self.pending.extend_from_slice(&next);
        }
    }

    /// Tells the window behind the last bytes of the shell, and before the first of the next: what the shell has switched on is off from
    /// there on.
    fn shell_lost(&mut self) {
        self.hand_over_rest();
        self.left_at = Some(self.shown.len() + self.pending.len());
        if self.output.as_mut().is_some_and(|output| !output.write(&[])) {
            self.output = None;
        }
    }

    /// What the window wrote when it left the lost shell stands where that ended, whatever the next has said by now.
    fn keep_left(&mut self, bytes: &[u8]) {
        let at = self.left_at.take().unwrap_or(self.shown.len());
        let next = self.shown.split_off(at.min(self.shown.len()));
        self.shown.extend_from_slice(bytes);
        self.keep_shown(&next);
    }

    async fn hear(&mut self, event: ShellEvent) {
        match event {
            ShellEvent::Data(data) => {
                if let Some(recorder) = &self.recorder {
                    recorder.output(data.clone()).await;
                }
                self.pending.extend_from_slice(&data);
                if self.flow.is_full() {
                    self.full_since.get_or_insert_with(Instant::now);
                }
            }
            ShellEvent::Ended(status) => {
                self.shell = None;
                self.hand_over_rest();
                self.stage.send_replace(Stage::Ended);
                let (exit, signal) = match status {
                    ExitStatus::Code(code) => (Some(code), None),
                    ExitStatus::Signal(name) => (None, Some(name)),
                    ExitStatus::Unknown => (None, None),
                };
                self.end_log("exit", exit).await;
                self.events.send(Event::TerminalClosed {
                    terminal: self.terminal,
                    exit,
                    signal,
                });
            }
            ShellEvent::Lost => {
                self.shell = None;
                self.shell_lost();
                self.lost = match self.lost {
                    Lost::Due => Lost::No,
                    Lost::No | Lost::Told => Lost::Told,
                };
                self.stage.send_replace(Stage::Lost);
            }
        }
    }

    async fn end_log(&mut self, reason: &str, exit: Option<u32>) {
        if let Some(recorder) = self.recorder.take() {
            recorder.end(reason, exit).await;
        }
    }

    /// At the end the window gets everything: what follows is nothing.
    fn hand_over_rest(&mut self) {
        while self.output.is_some() && !self.pending.is_empty() {
            self.send_batch();
        }
    }

    fn send_batch(&mut self) {
        let batch = self.pending.split_to(self.pending.len().min(BATCH_BYTES));
        let taken = self.output.as_mut().is_some_and(|output| output.write(&batch));
        if !taken {
            // Nobody listens: it waits for the next window.
            self.output = None;
            let mut back = batch;
            back.extend_from_slice(&self.pending);
            self.pending = back;
            return;
        }
        let now = Instant::now();
        self.flow.sent(batch.len(), now);
        if self.flow.is_full() {
            self.full_since.get_or_insert(now);
        }
        self.last_batch = now;
        self.keep_shown(&batch);
    }

    fn keep_shown(&mut self, batch: &[u8]) {
        self.shown.extend_from_slice(batch);
        if self.shown.len() > 2 * AGAIN_BYTES {
            let cut = self.shown.len() - AGAIN_BYTES;
            // From the beginning of a line, so that no escape sequence is torn.
            let line = self.shown[cut..].iter().position(|byte| *byte == b'\n');
            let cut = cut + line.map_or(0, |line| line + 1);
            let _ = self.shown.split_to(cut);
            self.left_at = self.left_at.and_then(|at| at.checked_sub(cut));
        }
        self.again.store(self.shown.len(), Ordering::Relaxed);
    }
}

async fn next(shell: &mut Option<Box<ShellOutput>>) -> ShellEvent {
    match shell {
        Some(shell) => shell.next().await,
        None => std::future::pending().await,
    }
}
