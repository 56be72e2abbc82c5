//! Carries one transfer of the queue: thing after thing, from where it was.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};

use luumen_transport::sftp::Sftp;

use super::{
    browser::Browser,
    carry::{Carried, Progress},
    decide::{Decision, decide, one},
    part::{self, Place},
    queue::{Queue, unknown},
    row::Row,
    transfer::{Conflict, OnConflict, Transfer, TransferDirection, TransferState},
    walk::{Item, Walk, walk_local, walk_remote},
};
use crate::{
    bridge::{Id, Problem},
    consent::Deed,
};

/// How a run ended.
pub(super) enum Outcome {
    Done,
    Skipped,
    Conflict(Box<Conflict>),
    Stopped,
    Failed(Problem),
}

/// What became of one thing.
enum Step {
    Carried,
    Left,
    Ask(Box<Conflict>),
    /// Something came into its way meanwhile.
    Again,
}

/// What is carried, over which browser.
struct Run<'a> {
    transfer: &'a Transfer,
    browser: &'a Browser,
    sftp: &'a Sftp,
    progress: &'a Progress,
    single: bool,
}

impl Queue {
    pub(super) async fn carry(&self, id: Id, progress: &Progress) -> Result<Outcome, Problem> {
        let (transfer, browser) = self.row(id, |row| (row.transfer.clone(), row.browser.clone()))?;
        let sftp = browser.sftp().await?;
        let walk = self.walk(&transfer, &sftp).await?;
        self.agreed(&transfer, &browser, &walk.items).await?;
        let files = walk.items.iter().filter(|item| !item.directory);
        let total = files.map(|item| item.size).sum();
        progress.total.store(total, Ordering::Relaxed);
        let run = Run {
            transfer: &transfer,
            browser: &browser,
            sftp: &sftp,
            progress,
            single: walk.items.len() == 1,
        };
        loop {
            let (next, finished, policy) = self.row(id, |row| {
                let policy = row.decided.take().unwrap_or(row.on_conflict);
                (row.next, row.bytes_finished, policy)
            })?;
            let Some(item) = walk.items.get(next) else {
                return Ok(Outcome::Done);
            };
            progress.done.store(finished, Ordering::Relaxed);
            match self.step(&run, item, policy).await? {
                Step::Ask(conflict) => return Ok(Outcome::Conflict(conflict)),
                Step::Left if run.single => return Ok(Outcome::Skipped),
                Step::Again => self.row(id, |row| row.decided = Some(policy))?,
                Step::Carried | Step::Left => self.row(id, |row| {
                    row.next = next + 1;
                    row.bytes_finished += if item.directory { 0 } else { item.size };
                })?,
            }
        }
    }

    /// Carries one thing, or says why not.
    async fn step(&self, run: &Run<'_>, item: &Item, policy: OnConflict) -> Result<Step, Problem> {
        let direction = run.transfer.direction;
        let (item, place, renamed) = match decide(run.sftp, direction, item, policy).await? {
            Decision::Ask(conflict) => return Ok(Step::Ask(conflict)),
            Decision::Leave => {
                self.begin(run, None).await;
                return Ok(Step::Left);
            }
            Decision::Carry(place) => (item.clone(), place, false),
            Decision::CarryTo(other) => (other, Place::Free, true),
        };
        // What was judged at the beginning may lead elsewhere by now.
        let touched = touched(direction, std::slice::from_ref(&item));
        self.may(run.transfer, run.browser, touched).await?;
        self.begin(run, Some(&item)).await;
        let Carried::InPlace(owner) =
            one(run.browser, run.sftp, direction, &item, place, run.progress).await?
        else {
            return Ok(Step::Again);
        };
        let id = run.transfer.id;
        self.row(id, |row| {
            row.begun = None;
            let words = owner.map(|owner| format!("{}: {}", item.remote, owner.words()));
            row.other_owners.extend(words);
        })?;
        if run.single && renamed {
            self.change(id, |transfer| {
                transfer.to = match direction {
                    TransferDirection::Upload => item.remote,
                    TransferDirection::Download => item.local.display().to_string(),
                };
            });
        }
        Ok(Step::Carried)
    }

    /// Notes what is written from now on. What was begun before, and is not wanted under that name any more, is removed.
    async fn begin(&self, run: &Run<'_>, item: Option<&Item>) {
        let note = |row: &mut Row| std::mem::replace(&mut row.begun, item.cloned());
        let before = self.row(run.transfer.id, note).ok().flatten();
        if let Some(before) = before.filter(|before| Some(before) != item) {
            forget(run.transfer.direction, run.browser, &before).await;
        }
    }

    /// What there is to carry; looked up once.
    async fn walk(&self, transfer: &Transfer, sftp: &Sftp) -> Result<Arc<Walk>, Problem> {
        let known = self.row(transfer.id, |row| row.walk.clone())?;
        if !known.items.is_empty() {
            return Ok(known);
        }
        let walk = Arc::new(match transfer.direction {
            TransferDirection::Upload => walk_local(Path::new(&transfer.from), &transfer.to).await?,
            TransferDirection::Download => walk_remote(sftp, &transfer.from, Path::new(&transfer.to)).await?,
        });
        self.row(transfer.id, |row| row.walk = walk.clone())?;
        Ok(walk)
    }

    /// Makes sure, once for a transfer, that its person agrees to what of it is guarded on this device.
    async fn agreed(&self, transfer: &Transfer, browser: &Browser, items: &[Item]) -> Result<(), Problem> {
        if self.row(transfer.id, |row| row.agreed)? {
            return Ok(());
        }
        self.may(transfer, browser, touched(transfer.direction, items))
            .await?;
        self.row(transfer.id, |row| row.agreed = true)
    }

    async fn may(&self, transfer: &Transfer, browser: &Browser, paths: Vec<PathBuf>) -> Result<(), Problem> {
        if paths.is_empty() {
            return Ok(());
        }
        let deed = match transfer.direction {
            TransferDirection::Upload => Deed::Send,
            TransferDirection::Download => Deed::Fetch,
        };
        let target = Some(browser.origin.target.clone());
        self.guard.may(deed, target, paths).await
    }

    /// Removes what was begun of a transfer that nobody wants any more.
    pub(super) async fn forget_begun(&self, transfer: &Transfer, browser: &Browser) {
        let begun = self.with(|rows| {
            let number = rows.iter().position(|row| row.transfer.id == transfer.id)?;
            let begun = rows[number].begun.take()?;
            // What another goes on with is that one's now.
            let taken_over = rows.iter().enumerate().any(|(other, row)| {
                other != number && row.transfer.state == TransferState::Running && row.meets(&rows[number])
            });
            (!taken_over).then_some(begun)
        });
        if let Some(item) = begun {
            forget(transfer.direction, browser, &item).await;
        }
    }

    fn row<T>(&self, id: Id, work: impl FnOnce(&mut Row) -> T) -> Result<T, Problem> {
        self.with(|rows| rows.iter_mut().find(|row| row.transfer.id == id).map(work))
            .ok_or_else(unknown)
    }
}

/// What is read or written on this device.
fn touched(direction: TransferDirection, items: &[Item]) -> Vec<PathBuf> {
    // Of a folder nothing is sent but what is in it.
    let folders = direction == TransferDirection::Download;
    let touched = items.iter().filter(|item| folders || !item.directory);
    touched.map(|item| item.local.clone()).collect()
}

async fn forget(direction: TransferDirection, browser: &Browser, item: &Item) {
    if item.directory {
        return;
    }
    match direction {
        TransferDirection::Download => {
            part::forget_local_part(&item.local).await;
            browser.sources.forget_fetched(&item.local);
        }
        TransferDirection::Upload => {
            browser.sources.forget_sent(&browser.origin.target, &item.remote);
            if let Ok(sftp) = browser.sftp().await {
                part::forget_remote_part(&sftp, &item.remote).await;
            }
        }
    }
}
