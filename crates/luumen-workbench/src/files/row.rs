//! One transfer of the queue: how it stands, and whose way it would get into.

use std::{
    path::{Component, Path},
    sync::Arc,
};

use tokio_util::sync::CancellationToken;

use super::{
    browser::Browser,
    carry::Progress,
    decide::goal,
    transfer::{OnConflict, Transfer, TransferDirection, TransferState},
    walk::{Item, Walk},
};
use crate::bridge::Id;

/// At once, for each browser.
const AT_ONCE: usize = 2;

#[derive(Debug)]
pub(super) struct Row {
    pub(super) transfer: Transfer,
    pub(super) browser: Arc<Browser>,
    pub(super) on_conflict: OnConflict,
    /// What was decided about the thing in the way.
    pub(super) decided: Option<OnConflict>,
    /// What there is to carry, once that is known, and how much of it is done.
    pub(super) walk: Arc<Walk>,
    /// Whether what of it is guarded was agreed to.
    pub(super) agreed: bool,
    pub(super) next: usize,
    /// What was begun, under the name that it gets, and is not in its place yet.
    pub(super) begun: Option<Item>,
    /// Files that could not be given back to their owners, and how.
    pub(super) other_owners: Vec<String>,
    pub(super) bytes_finished: u64,
    pub(super) progress: Arc<Progress>,
    pub(super) stop: CancellationToken,
    /// What it becomes when it is stopped.
    pub(super) becomes: TransferState,
    place: Written,
}

impl Row {
    pub(super) fn new(
        browser: &Arc<Browser>,
        direction: TransferDirection,
        from: &str,
        folder: &str,
        on_conflict: OnConflict,
    ) -> Self {
        let to = goal(direction, from, folder);
        let host = match direction {
            TransferDirection::Upload => Some(browser.origin.target.as_str()),
            TransferDirection::Download => None,
        };
        Self {
            place: Written::new(host, &to),
            transfer: Transfer {
                id: Id::new(),
                files: browser.id,
                direction,
                from: from.to_owned(),
                to,
                state: TransferState::Waiting,
                bytes_done: 0,
                bytes_total: 0,
                bytes_per_s: None,
                problem: None,
                conflict: None,
                notes: Vec::new(),
            },
            browser: browser.clone(),
            on_conflict,
            decided: None,
            walk: Arc::default(),
            agreed: false,
            next: 0,
            begun: None,
            other_owners: Vec::new(),
            bytes_finished: 0,
            progress: Arc::default(),
            stop: CancellationToken::new(),
            becomes: TransferState::Cancelled,
        }
    }

    pub(super) fn is_on_its_way(&self) -> bool {
        matches!(
            self.transfer.state,
            TransferState::Running | TransferState::Waiting | TransferState::Conflict
        )
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(
            self.transfer.state,
            TransferState::Done | TransferState::Skipped | TransferState::Failed | TransferState::Cancelled
        )
    }

    /// Whether both write to one place.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.place.meets(&other.place)
    }

    /// What its person should know when it is done.
    pub(super) fn notes(&self) -> Vec<String> {
        let left_out = self.walk.left_out.first().map(|first| {
            let were = match self.walk.left_out.len() {
                1 => "was".to_owned(),
                all => format!("and {} more were", all - 1),
            };
            format!("{first} {were} left out: only files, folders and links to files are carried over.")
        });
        let owners = self.other_owners.first().map(|first| {
            let more = match self.other_owners.len() {
                1 => String::new(),
                all => format!("; so it is with {} more", all - 1),
            };
            format!("{first}{more}. Give it back with chown on the host.")
        });
        left_out.into_iter().chain(owners).collect()
    }
}

/// The next rows that may begin: as many as their browsers carry at once, and none that would write where another writes.
pub(super) fn next_to_start(rows: &[Row]) -> Vec<usize> {
    let of = |state: TransferState| {
        let is = move |number: &usize| rows.get(*number).is_some_and(|row| row.transfer.state == state);
        (0..rows.len()).filter(is)
    };
    let mut running: Vec<usize> = of(TransferState::Running).collect();
    let mut starting = Vec::new();
    for number in of(TransferState::Waiting) {
        let row = &rows[number];
        let beside = running.iter().map(|number| &rows[*number]);
        let (mut at_once, mut free) = (0, true);
        for other in beside {
            at_once += usize::from(other.transfer.files == row.transfer.files);
            free &= !other.meets(row);
        }
        if free && at_once < AT_ONCE {
            running.push(number);
            starting.push(number);
        }
    }
    starting
}

/// Where a transfer writes, so that no two write there at the same time.
#[derive(Debug)]
struct Written {
    /// The host without the account; none for this device.
    host: Option<String>,
    /// The names of folders, and the last one. In small letters: some systems tell no `a` from `A`.
    names: Vec<String>,
}

impl Written {
    fn new(target: Option<&str>, path: &str) -> Self {
        let named = |part: Component<'_>| match part {
            Component::Normal(name) => Some(name.to_string_lossy().to_lowercase()),
            _ => None,
        };
        Self {
            host: target.map(|target| target.rsplit('@').next().unwrap_or(target).to_lowercase()),
            names: Path::new(path).components().filter_map(named).collect(),
        }
    }

    /// Whether one is in the other, or they are the same.
    fn meets(&self, other: &Self) -> bool {
        self.host == other.host
            && self
                .names
                .iter()
                .zip(&other.names)
                .all(|(one, other)| one == other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: (Option<&str>, &str), other: (Option<&str>, &str), meet: bool) {
        let written = |(target, path)| Written::new(target, path);
        let (first, second) = (written(one), written(other));
        assert_eq!(first.meets(&second), meet, "{one:?} {other:?}");
        assert_eq!(second.meets(&first), meet, "{other:?} {one:?}");
    }

    #[test]
    fn what_is_written_to_one_place_meets() {
        let (db, web) = (Some("ann@db-3:22"), Some("ann@web-1:22"));
        check((None, "/home/ann/x"), (None, "/home/ann//x/"), true);
        check((None, "/home/ann/x"), (None, "/home/ann/X"), true);
        check((None, "/home/ann/x"), (None, "/home/ann/x/deep/y"), true);
        check((None, "/home/ann/x"), (None, "/home/ann/xy"), false);
        check((None, "/home/ann/x"), (None, "/home/ann/y"), false);
        check((db, "/srv/x"), (Some("root@db-3:22"), "/srv/x"), true);
        check((db, "/srv/x"), (web, "/srv/x"), false);
        check((db, "/srv/x"), (None, "/srv/x"), false);
    }
}
