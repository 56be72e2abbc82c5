//! One terminal: carries its bytes to the window no faster than the window draws, and keys to the host.
//!
//! Bytes go out in batches of at most 64 KB, at once when it is quiet and every 8 ms in a flood. At most
//! 1 MB is on its way unacknowledged, less on a slow screen ([`Flow`]); beyond that the host is not read, so
//! it stops sending. A terminal outlives its connection: when that is lost it keeps what it has and waits for
//! the next one.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use luumen_transport::{ExitStatus, Shell, ShellEvent, ShellInput, ShellOutput};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until, timeout},
};

use super::flow::Flow;
use crate::{
    bridge::{Event, Events, Id, Output, Problem},
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
/// Keys that wait for the host.
const QUEUED_KEYS_BYTES: usize = 1024 * 1024;
/// How long the end of a log is waited for.
const LOG_PATIENCE: Duration = Duration::from_secs(3);

/// A terminal of a session.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) id: Id,
    size: Mutex<(u32, u32)>,
    orders: mpsc::UnboundedSender<Order>,
    keys: mpsc::UnboundedSender<Bytes>,
    queued_keys: Arc<AtomicUsize>,
    had_shell: AtomicBool,
    opening: AtomicBool,
    /// How much a window that attaches now is shown again.
    again: Arc<AtomicUsize>,
    stage: watch::Sender<Stage>,
}

/// Whether keys have somewhere to go.
#[derive(Clone, Debug)]
enum Stage {
    /// Not yet: they wait.
    Waiting,
    /// They go here.
    Open(ShellInput),
    /// The connection is gone. Keys typed now must not run on the next one.
    Lost,
    /// The shell has ended.
    Ended,
}

enum Order {
    Attach(Box<dyn Output>),
    Acknowledged(usize),
    Shell(Box<ShellOutput>),
    Record(Option<Recorder>),
    Resized(u32, u32),
    Mark(&'static str),
    Show(Bytes),
    Keep(Bytes),
    Close,
}

impl Terminal {
    /// A terminal that waits for its shell.
    pub(super) fn new(size: (u32, u32), events: Events) -> Arc<Self> {
        let id = Id::new();
        let (orders, ordered) = mpsc::unbounded_channel();
        let (keys, typed) = mpsc::unbounded_channel();
        let (stage, stages) = watch::channel(Stage::Waiting);
        let queued_keys = Arc::new(AtomicUsize::new(0));
        tokio::spawn(type_keys(typed, stages, queued_keys.clone()));
        let again = Arc::new(AtomicUsize::new(0));
        let pump = Pump {
            terminal: id,
            events,
            stage: stage.clone(),
            output: None,
            shell: None,
            recorder: None,
            pending: BytesMut::new(),
            shown: BytesMut::new(),
            again: again.clone(),
            flow: Flow::new(),
            full_since: None,
            last_batch: Instant::now(),
        };
        tokio::spawn(pump.run(ordered));
        Arc::new(Self {
            id,
            size: Mutex::new(size),
            orders,
            keys,
            queued_keys,
            had_shell: AtomicBool::new(false),
            opening: AtomicBool::new(false),
            again,
            stage,
        })
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (u32, u32) {
        *self.size.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether its shell has ended by itself.
    pub(super) fn has_ended(&self) -> bool {
        matches!(*self.stage.borrow(), Stage::Ended)
    }

    /// How many bytes a window that attaches now is shown again.
    pub(super) fn again(&self) -> usize {
        self.again.load(Ordering::Relaxed)
    }

    /// The shell is there.
    pub(super) fn opened(&self, shell: Shell) {
        self.order(Order::Shell(Box::new(shell.output)));
        self.stage.send_replace(Stage::Open(shell.input));
        self.opening.store(false, Ordering::Release);
    }

    /// Whether this is its first shell. What follows is shown in the same place, and in the same log.
    pub(super) fn is_first_shell(&self) -> bool {
        !self.had_shell.swap(true, Ordering::Relaxed)
    }

    /// Whether a shell was ever there.
    pub(super) fn has_shell(&self) -> bool {
        self.had_shell.load(Ordering::Relaxed)
    }

    /// True for the one caller that is to open the shell it waits for, first or again. A terminal that is
    /// made in the moment in which its connection opens has two.
    pub(super) fn begin_opening(&self) -> bool {
        if self.opening.swap(true, Ordering::AcqRel) {
            return false;
        }
        let wanted = matches!(*self.stage.borrow(), Stage::Waiting | Stage::Lost);
        self.opening.store(wanted, Ordering::Release);
        wanted
    }

    /// Keys typed from now on wait for the next shell.
    pub(super) fn waits(&self) {
        self.stage.send_if_modified(|stage| {
            let lost = matches!(stage, Stage::Lost);
            if lost {
                *stage = Stage::Waiting;
            }
            lost
        });
    }

    /// The connection is gone, before or after there was a shell.
    pub(super) fn lost(&self) {
        self.stage.send_if_modified(|stage| {
            let going = !matches!(stage, Stage::Ended);
            if going {
                *stage = Stage::Lost;
            }
            going
        });
        self.opening.store(false, Ordering::Release);
    }

    pub(super) fn write(&self, keys: impl Into<Bytes>) -> Result<(), Problem> {
        let keys = keys.into();
        match *self.stage.borrow() {
            Stage::Waiting | Stage::Open(_) => {}
            Stage::Lost | Stage::Ended => {
                return Err(Problem::new(
                    "LUM-TERMINAL-LOST",
                    "nothing was typed",
                    "the terminal is not connected",
                )
                .next("Reconnect the session, and type again."));
            }
        }
        if self.queued_keys.load(Ordering::Relaxed) + keys.len() > QUEUED_KEYS_BYTES {
            return Err(Problem::new(
                "LUM-TERMINAL-BUSY",
                "the text was not typed",
                "the host takes input more slowly than it is typed or pasted",
            )
            .next("Wait until the host has caught up, and paste again."));
        }
        self.queued_keys.fetch_add(keys.len(), Ordering::Relaxed);
        // The queue lives as long as the terminal.
        let _ = self.keys.send(keys);
        Ok(())
    }

    pub(super) async fn resize(&self, columns: u32, rows: u32) {
        *self.size.lock().unwrap_or_else(PoisonError::into_inner) = (columns, rows);
        self.order(Order::Resized(columns, rows));
        let input = match &*self.stage.borrow() {
            Stage::Open(input) => Some(input.clone()),
            _ => None,
        };
        if let Some(input) = input {
            // A shell that has just ended has no size.
            input.resize(columns, rows).await;
        }
    }

    pub(super) fn attach(&self, output: Box<dyn Output>) {
        self.order(Order::Attach(output));
    }

    pub(super) fn acknowledge(&self, bytes: usize) {
        self.order(Order::Acknowledged(bytes));
    }

    pub(super) fn record(&self, recorder: Option<Recorder>) {
        self.order(Order::Record(recorder));
    }

    /// Notes in the log that something happened to the line.
    pub(super) fn mark(&self, word: &'static str) {
        self.order(Order::Mark(word));
    }

    /// Shows something that no shell said: a banner.
    pub(super) fn show(&self, bytes: impl Into<Bytes>) {
        self.order(Order::Show(bytes.into()));
    }

    /// Keeps what the window wrote by itself with what it was shown.
    pub(super) fn keep(&self, bytes: impl Into<Bytes>) {
        self.order(Order::Keep(bytes.into()));
    }

    /// Ends it, and waits until its log says so.
    pub(super) async fn close(&self) {
        let before = self.stage.send_replace(Stage::Ended);
        if let Stage::Open(input) = before {
            input.close().await;
        }
        self.order(Order::Close);
        // A disk that does not answer keeps nobody.
        let _ = timeout(LOG_PATIENCE, self.orders.closed()).await;
    }

    fn order(&self, order: Order) {
        // A pump that has ended has nothing left to do with it.
        let _ = self.orders.send(order);
    }
}

/// Hands keys to the shell, one after the other, as fast as the host takes them.
async fn type_keys(
    mut typed: mpsc::UnboundedReceiver<Bytes>,
    mut stages: watch::Receiver<Stage>,
    queued: Arc<AtomicUsize>,
) {
    while let Some(keys) = typed.recv().await {
        let length = keys.len();
        let input = match stages.wait_for(|stage| !matches!(stage, Stage::Waiting)).await {
            Ok(stage) => match &*stage {
                Stage::Open(input) => Some(input.clone()),
                _ => None,
            },
            Err(_) => return,
        };
        if let Some(input) = input {
            let gone = async {
                let gone = stages.wait_for(|stage| matches!(stage, Stage::Lost | Stage::Ended));
                gone.await.is_ok()
            };
            tokio::select! {
                // Keys that a lost connection did not take are gone with it.
                _ = gone => {}
                _ = input.write(keys) => {}
            }
        }
        queued.fetch_sub(length, Ordering::Relaxed);
    }
}

/// Carries bytes from the shell to the window.
struct Pump {
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
}

impl Pump {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
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
            Order::Shell(shell) => self.shell = Some(shell),
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
            Order::Keep(bytes) => self.keep_shown(&bytes),
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
        if !self.shown.is_empty() {
            let mut again = std::mem::take(&mut self.shown);
            again.extend_from_slice(&self.pending);
            self.pending = again;
        }
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
            let _ = self.shown.split_to(cut + line.map_or(0, |line| line + 1));
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
