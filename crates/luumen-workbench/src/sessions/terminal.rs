//! One terminal: its size, the keys on their way to its host, and whether there is a shell to take them. A terminal outlives its connection:
//! when that is lost it keeps what it has and waits for the next one. Its bytes go to the window by a [`Pump`].

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use luumen_transport::{Shell, ShellInput};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

use super::pump::{Order, Pump};
use crate::{
    bridge::{Events, Id, Output, Problem},
    logs::Recorder,
};

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
pub(super) enum Stage {
    /// Not yet: they wait.
    Waiting,
    /// They go here.
    Open(ShellInput),
    /// The connection is gone. Keys typed now must not run on the next one.
    Lost,
    /// The shell has ended.
    Ended,
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
        let pump = Pump::new(id, events, stage.clone(), again.clone());
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
        self.order(Order::Lost);
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
