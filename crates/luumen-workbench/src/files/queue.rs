//! What is carried over when: two at a time for each browser, in the order they were asked for.
//!
//! A transfer goes on from where it was: after a pause, after a cut, after a question was answered. No two write to one place at the
//! same time, whichever browsers they belong to.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    browser::Browser,
    carry::Progress,
    pace::{Pace, note},
    row::{Row, next_to_start},
    run::Outcome,
    threads::Threads,
    transfer::{OnConflict, Transfer, TransferDirection, TransferState},
};
use crate::{
    bridge::{Event, Events, Id, Problem},
    guard::Guard,
};

/// How often the window hears how far it is.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Every transfer.
#[derive(Debug)]
pub(super) struct Queue {
    me: Weak<Self>,
    events: Events,
    pub(super) guard: Arc<Guard>,
    threads: Arc<Threads>,
    rows: Mutex<Vec<Row>>,
    /// Is told when a browser may not be needed any more.
    needs: watch::Sender<()>,
}

impl Queue {
    pub(super) fn new(
        events: Events,
        guard: Arc<Guard>,
        threads: Arc<Threads>,
        needs: watch::Sender<()>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            events,
            guard,
            threads,
            rows: Mutex::default(),
            needs,
        })
    }

    pub(super) fn add(
        &self,
        browser: &Arc<Browser>,
        direction: TransferDirection,
        from: &[String],
        to: &str,
        on_conflict: OnConflict,
    ) -> Vec<Transfer> {
        let rows: Vec<Row> = from
            .iter()
            .map(|from| Row::new(browser, direction, from, to, on_conflict))
            .collect();
        let added = rows.iter().map(|row| row.transfer.clone()).collect();
        self.with(|all| all.extend(rows));
        self.start_waiting();
        added
    }

    pub(super) fn list(&self) -> Vec<Transfer> {
        self.with(|rows| rows.iter().map(|row| row.transfer.clone()).collect())
    }

    /// Removes what is over from the list.
    pub(super) fn clear(&self) {
        self.with(|rows| rows.retain(|row| !row.is_over()));
    }

    /// Says what to do about what is in the way; for all of the browser if wanted.
    pub(super) fn resolve(&self, id: Id, choice: OnConflict, all: bool) -> Result<(), Problem> {
        self.with(|rows| {
            let row = rows
                .iter()
                .find(|row| row.transfer.id == id)
                .ok_or_else(unknown)?;
            let files = row.transfer.files;
            for row in rows.iter_mut() {
                let this = row.transfer.id == id;
                let conflict = row.transfer.state == TransferState::Conflict;
                if all && row.transfer.files == files && !row.is_over() {
                    row.on_conflict = choice;
                }
                if conflict && (this || (all && row.transfer.files == files)) {
                    row.decided = Some(choice);
                    row.transfer.state = TransferState::Waiting;
                    row.transfer.conflict = None;
                }
            }
            Ok::<_, Problem>(())
        })?;
        self.start_waiting();
        Ok(())
    }

    /// Stops one; `becomes` says whether for now or for good.
    pub(super) async fn stop(&self, id: Id, becomes: TransferState) -> Result<(), Problem> {
        let stopped = self.with(|rows| {
            let row = rows
                .iter_mut()
                .find(|row| row.transfer.id == id)
                .ok_or_else(unknown)?;
            match row.transfer.state {
                TransferState::Running => {
                    row.becomes = becomes;
                    row.stop.cancel();
                    Ok::<_, Problem>(None)
                }
                TransferState::Done | TransferState::Skipped | TransferState::Cancelled => Ok(None),
                _ => {
                    row.transfer.state = becomes;
                    Ok(Some((row.transfer.clone(), row.browser.clone())))
                }
            }
        })?;
        if let Some((transfer, browser)) = stopped {
            self.tell(&transfer);
            if becomes == TransferState::Cancelled {
                self.forget_begun(&transfer, &browser).await;
            }
        }
        Ok(())
    }

    /// Goes on with one that failed or was stopped.
    pub(super) fn retry(&self, id: Id) -> Result<(), Problem> {
        self.with(|rows| {
            let row = rows
                .iter_mut()
                .find(|row| row.transfer.id == id)
                .ok_or_else(unknown)?;
            if matches!(
                row.transfer.state,
                TransferState::Failed | TransferState::Paused | TransferState::Cancelled
            ) {
                row.transfer.state = TransferState::Waiting;
                row.transfer.problem = None;
            }
            Ok::<_, Problem>(())
        })?;
        self.start_waiting();
        Ok(())
    }

    /// Whether something of a browser is on its way, or will be.
    pub(super) fn needs(&self, files: Id) -> bool {
        self.with(|rows| {
            rows.iter()
                .any(|row| row.transfer.files == files && row.is_on_its_way())
        })
    }

    /// What is on its way, or will be, in words.
    pub(super) fn on_its_way(&self) -> Vec<String> {
        let words = |row: &Row| match row.transfer.direction {
            TransferDirection::Upload => format!("{} to {}", row.transfer.from, row.browser.origin.title),
            TransferDirection::Download => format!("{} from {}", row.transfer.from, row.browser.origin.title),
        };
        self.with(|rows| rows.iter().filter(|row| row.is_on_its_way()).map(words).collect())
    }

    /// Stops what belongs to a browser that is closed.
    pub(super) fn browser_closed(&self, files: Id) {
        let stopped = self.with(|rows| {
            let mut stopped = Vec::new();
            for row in rows.iter_mut().filter(|row| row.transfer.files == files) {
                match row.transfer.state {
                    TransferState::Running => {
                        row.becomes = TransferState::Paused;
                        row.stop.cancel();
                    }
                    TransferState::Waiting | TransferState::Conflict => {
                        row.transfer.state = TransferState::Paused;
                        stopped.push(row.transfer.clone());
                    }
                    _ => {}
                }
            }
            stopped
        });
        stopped.iter().for_each(|transfer| self.tell(transfer));
    }

    fn start_waiting(&self) {
        let started = self.with(|rows| {
            let mut started = Vec::new();
            for number in next_to_start(rows) {
                let row = &mut rows[number];
                row.transfer.state = TransferState::Running;
                row.stop = CancellationToken::new();
                started.push((row.transfer.clone(), row.stop.clone(), row.progress.clone()));
            }
            started
        });
        for (transfer, stop, progress) in started {
            self.tell(&transfer);
            if let Some(me) = self.me.upgrade() {
                self.threads.spawn(me.run(transfer.id, stop, progress));
            }
        }
    }

    async fn run(self: Arc<Self>, id: Id, stop: CancellationToken, progress: Arc<Progress>) {
        let outcome = {
            let work = self.carry(id, &progress);
            tokio::pin!(work);
            let mut pace = Pace::new(&progress);
            loop {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => break Outcome::Stopped,
                    done = &mut work => break done.unwrap_or_else(Outcome::Failed),
                    () = tokio::time::sleep(TELL_EVERY) => {
                        let speed = pace.speed(&progress);
                        self.change(id, |transfer| note(transfer, &progress, speed));
                    }
                }
            }
        };
        let stopped = matches!(outcome, Outcome::Stopped);
        let ended = self.with(|rows| {
            let row = rows.iter_mut().find(|row| row.transfer.id == id)?;
            let (becomes, notes) = (row.becomes, row.notes());
            let transfer = &mut row.transfer;
            note(transfer, &progress, None);
            match outcome {
                Outcome::Done => {
                    transfer.state = TransferState::Done;
                    transfer.bytes_done = transfer.bytes_total;
                    transfer.notes = notes;
                }
                Outcome::Skipped => transfer.state = TransferState::Skipped,
                Outcome::Conflict(conflict) => {
                    transfer.state = TransferState::Conflict;
                    transfer.conflict = Some(*conflict);
                }
                Outcome::Stopped => transfer.state = becomes,
                Outcome::Failed(problem) => {
                    transfer.state = TransferState::Failed;
                    transfer.problem = Some(problem);
                }
            }
            Some((transfer.clone(), row.browser.clone()))
        });
        if let Some((transfer, browser)) = ended {
            if stopped && transfer.state == TransferState::Cancelled {
                self.forget_begun(&transfer, &browser).await;
            }
            self.tell(&transfer);
        }
        self.start_waiting();
    }

    pub(super) fn change(&self, id: Id, change: impl FnOnce(&mut Transfer)) {
        let changed = self.with(|rows| {
            let row = rows.iter_mut().find(|row| row.transfer.id == id)?;
            change(&mut row.transfer);
            Some(row.transfer.clone())
        });
        if let Some(transfer) = changed {
            self.tell(&transfer);
        }
    }

    fn tell(&self, transfer: &Transfer) {
        self.events.send(Event::Transfer {
            transfer: Box::new(transfer.clone()),
        });
        self.needs.send_replace(());
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Vec<Row>) -> T) -> T {
        work(&mut self.rows.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) fn unknown() -> Problem {
    Problem::new(
        "LUM-TRANSFER-UNKNOWN",
        "there is no such transfer",
        "it was cleared from the list",
    )
}
