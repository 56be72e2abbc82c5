//! What is carried over when: two at a time for each browser, in the order they were asked for.
//!
//! A transfer goes on from where it was: after a pause, after a cut, after a question was answered.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, Weak, atomic::Ordering},
    time::{Duration, Instant},
};

use luumen_transport::sftp::Sftp;
use tokio_util::sync::CancellationToken;

use super::{
    browser::Browser,
    carry::Progress,
    decide::{Decision, decide, goal, one},
    part::{self, Place},
    threads::Threads,
    transfer::{Conflict, OnConflict, Transfer, TransferDirection, TransferState},
    walk::{Item, walk_local, walk_remote},
};
use crate::bridge::{Event, Events, Id, Problem};

/// At once, for each browser.
const AT_ONCE: usize = 2;
/// How often the window hears how far it is.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Every transfer.
#[derive(Debug)]
pub(super) struct Queue {
    me: Weak<Self>,
    events: Events,
    threads: Arc<Threads>,
    rows: Mutex<Vec<Row>>,
}

#[derive(Debug)]
struct Row {
    transfer: Transfer,
    browser: Arc<Browser>,
    on_conflict: OnConflict,
    /// What was decided about the thing in the way.
    decided: Option<OnConflict>,
    /// What there is to carry, once that is known, and how much of it is done.
    items: Arc<Vec<Item>>,
    next: usize,
    bytes_finished: u64,
    progress: Arc<Progress>,
    stop: CancellationToken,
    /// What it becomes when it is stopped.
    becomes: TransferState,
}

/// How a run ended.
enum Outcome {
    Done,
    Skipped,
    Conflict(Box<Conflict>),
    Stopped,
    Failed(Problem),
}

impl Queue {
    pub(super) fn new(events: Events, threads: Arc<Threads>) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            events,
            threads,
            rows: Mutex::default(),
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
        let added: Vec<Transfer> = from
            .iter()
            .map(|from| Transfer {
                id: Id::new(),
                files: browser.id,
                direction,
                from: from.clone(),
                to: goal(direction, from, to),
                state: TransferState::Waiting,
                bytes_done: 0,
                bytes_total: 0,
                bytes_per_s: None,
                problem: None,
                conflict: None,
            })
            .collect();
        self.with(|rows| {
            rows.extend(added.iter().map(|transfer| Row {
                transfer: transfer.clone(),
                browser: browser.clone(),
                on_conflict,
                decided: None,
                items: Arc::default(),
                next: 0,
                bytes_finished: 0,
                progress: Arc::default(),
                stop: CancellationToken::new(),
                becomes: TransferState::Cancelled,
            }));
        });
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
                self.forget_part(&transfer, &browser).await;
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
        use TransferState::{Conflict, Running, Waiting};
        let on_its_way = |row: &Row| matches!(row.transfer.state, Running | Waiting | Conflict);
        self.with(|rows| {
            rows.iter()
                .any(|row| row.transfer.files == files && on_its_way(row))
        })
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
            for number in 0..rows.len() {
                let files = rows[number].transfer.files;
                let running =
                    |row: &&Row| row.transfer.files == files && row.transfer.state == TransferState::Running;
                if rows[number].transfer.state != TransferState::Waiting
                    || rows.iter().filter(running).count() >= AT_ONCE
                {
                    continue;
                }
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
            let becomes = row.becomes;
            let transfer = &mut row.transfer;
            note(transfer, &progress, None);
            match outcome {
                Outcome::Done => {
                    transfer.state = TransferState::Done;
                    transfer.bytes_done = transfer.bytes_total;
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
                self.forget_part(&transfer, &browser).await;
            }
            self.tell(&transfer);
        }
        self.start_waiting();
    }

    async fn carry(&self, id: Id, progress: &Progress) -> Result<Outcome, Problem> {
        let (transfer, browser) = self
            .with(|rows| {
                let row = rows.iter().find(|row| row.transfer.id == id)?;
                Some((row.transfer.clone(), row.browser.clone()))
            })
            .ok_or_else(unknown)?;
        let sftp = browser.sftp().await?;
        let items = self.items(id, &transfer, &sftp).await?;
        progress.total.store(
            items
                .iter()
                .filter(|item| !item.directory)
                .map(|item| item.size)
                .sum(),
            Ordering::Relaxed,
        );
        let single = items.len() == 1;
        loop {
            let (next, finished, policy) = self
                .with(|rows| {
                    let row = rows.iter_mut().find(|row| row.transfer.id == id)?;
                    Some((
                        row.next,
                        row.bytes_finished,
                        row.decided.take().unwrap_or(row.on_conflict),
                    ))
                })
                .ok_or_else(unknown)?;
            let Some(item) = items.get(next) else {
                return Ok(Outcome::Done);
            };
            progress.done.store(finished, Ordering::Relaxed);
            let left = match decide(&sftp, transfer.direction, item, policy).await? {
                Decision::Ask(conflict) => return Ok(Outcome::Conflict(conflict)),
                Decision::Leave => true,
                Decision::Carry(place) => {
                    one(&sftp, transfer.direction, item, place, progress).await?;
                    false
                }
                Decision::CarryTo(other) => {
                    one(&sftp, transfer.direction, &other, Place::Replace, progress).await?;
                    if single {
                        self.change(id, |transfer| {
                            transfer.to = match transfer.direction {
                                TransferDirection::Upload => other.remote.clone(),
                                TransferDirection::Download => other.local.display().to_string(),
                            };
                        });
                    }
                    false
                }
            };
            if single && left {
                return Ok(Outcome::Skipped);
            }
            self.with(|rows| {
                if let Some(row) = rows.iter_mut().find(|row| row.transfer.id == id) {
                    row.next = next + 1;
                    row.bytes_finished += if item.directory { 0 } else { item.size };
                }
            });
        }
    }

    /// What there is to carry; looked up once.
    async fn items(&self, id: Id, transfer: &Transfer, sftp: &Sftp) -> Result<Arc<Vec<Item>>, Problem> {
        let known = self.with(|rows| {
            let row = rows.iter().find(|row| row.transfer.id == id);
            row.map(|row| row.items.clone()).unwrap_or_default()
        });
        if !known.is_empty() {
            return Ok(known);
        }
        let items = Arc::new(match transfer.direction {
            TransferDirection::Upload => walk_local(Path::new(&transfer.from), &transfer.to).await?,
            TransferDirection::Download => walk_remote(sftp, &transfer.from, Path::new(&transfer.to)).await?,
        });
        self.with(|rows| {
            if let Some(row) = rows.iter_mut().find(|row| row.transfer.id == id) {
                row.items = items.clone();
            }
        });
        Ok(items)
    }

    async fn forget_part(&self, transfer: &Transfer, browser: &Browser) {
        let unfinished = self.with(|rows| {
            let row = rows.iter().find(|row| row.transfer.id == transfer.id)?;
            row.items.get(row.next).cloned()
        });
        let Some(item) = unfinished.filter(|item| !item.directory) else {
            return;
        };
        match transfer.direction {
            TransferDirection::Download => part::forget_local_part(&item.local).await,
            TransferDirection::Upload => {
                if let Ok(sftp) = browser.sftp().await {
                    part::forget_remote_part(&sftp, &item.remote).await;
                }
            }
        }
    }

    fn change(&self, id: Id, change: impl FnOnce(&mut Transfer)) {
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
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Row>) -> T) -> T {
        work(&mut self.rows.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Row {
    fn is_over(&self) -> bool {
        matches!(
            self.transfer.state,
            TransferState::Done | TransferState::Skipped | TransferState::Failed | TransferState::Cancelled
        )
    }
}

/// How quick a transfer is, evened out over about two seconds.
struct Pace {
    at: Instant,
    done: u64,
    speed: Option<f64>,
}

impl Pace {
    fn new(progress: &Progress) -> Self {
        Self {
            at: Instant::now(),
            done: progress.done.load(Ordering::Relaxed),
            speed: None,
        }
    }

    fn speed(&mut self, progress: &Progress) -> Option<u64> {
        let (now, done) = (Instant::now(), progress.done.load(Ordering::Relaxed));
        let seconds = now.duration_since(self.at).as_secs_f64().max(0.001);
        // A file that begins anew counts from where it begins.
        let current = done.saturating_sub(self.done) as f64 / seconds;
        let speed = self.speed.map_or(current, |before| before * 0.8 + current * 0.2);
        (self.at, self.done, self.speed) = (now, done, Some(speed));
        Some(speed as u64)
    }
}

fn note(transfer: &mut Transfer, progress: &Progress, speed: Option<u64>) {
    transfer.bytes_done = progress.done.load(Ordering::Relaxed);
    transfer.bytes_total = progress.total.load(Ordering::Relaxed).max(transfer.bytes_done);
    transfer.bytes_per_s = speed;
}

fn unknown() -> Problem {
    Problem::new(
        "LUM-TRANSFER-UNKNOWN",
        "there is no such transfer",
        "it was cleared from the list",
    )
}
