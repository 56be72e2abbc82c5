//! The logs on disk: one folder each, with a card (`log.json`) and, for full ones, the cast.
//!
//! A log whose card has no end and that nobody writes any more was interrupted: the program or the device
//! stopped. What was on the disk by then is kept and can be read.

use std::{
    collections::BTreeSet,
    fs, io,
    io::{BufRead as _, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::cast::{CastEvent, CastHeader, read_event};
use crate::{
    bridge::{Changed, Event, Events, Id, NoticeLevel, Problem, Time},
    hosts::LogMode,
};

const CARD: &str = "log.json";
const CAST: &str = "session.cast";
/// One page of a log that is read.
const PAGE_BYTES: u64 = 512 * 1024;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What is said of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Card {
    pub(super) id: Id,
    pub(super) host: Option<Id>,
    pub(super) title: String,
    pub(super) target: String,
    pub(super) mode: LogMode,
    pub(super) started_at: Time,
    pub(super) ended_at: Option<Time>,
    pub(super) end_reason: Option<String>,
    pub(super) exit: Option<u32>,
    pub(super) bytes_shown: u64,
}

/// A log in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct LogRow {
    /// Its id.
    pub id: Id,
    /// The kept host, if it was one.
    pub host: Option<Id>,
    /// What the tab was called.
    pub title: String,
    /// `user@host:port`.
    pub target: String,
    /// How much was logged.
    pub mode: LogMode,
    /// When it began.
    pub started_at: Time,
    /// When it ended; not yet for one that is being written.
    pub ended_at: Option<Time>,
    /// What it takes on the disk.
    pub size_bytes: u64,
    /// How many bytes the host sent.
    pub bytes_shown: u64,
    /// With which code the shell ended.
    pub exit: Option<u32>,
    /// `exit`, `closed`, `stopped`, `interrupted`, `not written`; none for one that is being written.
    pub end_reason: Option<String>,
}

/// A part of a log.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Page {
    pub(super) header: CastHeader,
    pub(super) events: Vec<CastEvent>,
    pub(super) next: Option<u64>,
}

/// Every log.
#[derive(Debug)]
pub(crate) struct Logs {
    root: PathBuf,
    events: Events,
    /// Those that are being written.
    active: Mutex<BTreeSet<Id>>,
    keep_days: AtomicU32,
}

impl Logs {
    /// The logs in a folder, which is made when the first is written.
    pub(crate) fn new(root: PathBuf, events: Events) -> Self {
        Self {
            root,
            events,
            active: Mutex::default(),
            keep_days: AtomicU32::new(0),
        }
    }

    /// Keeps logs for so many days from now on, 0 for ever, and removes what is older.
    pub(crate) fn keep(&self, days: u32) -> usize {
        self.keep_days.store(days, Ordering::Relaxed);
        self.prune(Time::now())
    }

    fn prune(&self, now: Time) -> usize {
        let days = self.keep_days.load(Ordering::Relaxed);
        if days == 0 {
            return 0;
        }
        let oldest = now.as_millis() - i64::from(days) * DAY_MS;
        let old = |row: &LogRow| row.ended_at.is_some_and(|ended| ended.as_millis() < oldest);
        let doomed: Vec<Id> = self.rows().into_iter().filter(old).map(|row| row.id).collect();
        let removed = doomed
            .iter()
            .filter(|id| fs::remove_dir_all(self.folder(**id)).is_ok())
            .count();
        if removed > 0 {
            tracing::info!(logs = removed, "Removed session logs older than {days} days");
            self.events.changed(Changed::Logs);
        }
        removed
    }

    /// All logs, the newest first.
    pub(super) fn rows(&self) -> Vec<LogRow> {
        let Ok(folders) = fs::read_dir(&self.root) else {
            // No log was ever written.
            return Vec::new();
        };
        let mut rows: Vec<LogRow> = folders
            .flatten()
            .filter_map(|folder| self.row(&folder.path()))
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.started_at, row.id)));
        rows
    }

    fn row(&self, folder: &Path) -> Option<LogRow> {
        let card: Card = match serde_json::from_slice(&fs::read(folder.join(CARD)).ok()?) {
            Ok(card) => card,
            Err(error) => {
                tracing::warn!(%error, "The card of the log in {} cannot be read", folder.display());
                return None;
            }
        };
        let cast = fs::metadata(folder.join(CAST)).ok();
        let mut row = LogRow {
            id: card.id,
            host: card.host,
            title: card.title,
            target: card.target,
            mode: card.mode,
            started_at: card.started_at,
            ended_at: card.ended_at,
            size_bytes: cast.as_ref().map_or(0, fs::Metadata::len),
            bytes_shown: card.bytes_shown,
            exit: card.exit,
            end_reason: card.end_reason,
        };
        if row.ended_at.is_none() && !self.is_active(row.id) {
            // Without a cast it is the card that is written while something is shown.
            let card = || fs::metadata(folder.join(CARD)).ok();
            let changed = cast.or_else(card).and_then(|written| written.modified().ok());
            let since = changed.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
            let millis = since.and_then(|since| i64::try_from(since.as_millis()).ok());
            row.ended_at = Some(millis.map_or(row.started_at, Time::from_millis));
            row.end_reason = Some("interrupted".to_owned());
        }
        Some(row)
    }

    /// A part of a full log, from a byte on.
    pub(super) fn page(&self, id: Id, offset: u64) -> Result<Page, Problem> {
        let failed = |error: &dyn std::error::Error| {
            Problem::of("LUM-LOG-READ", "the session log cannot be read", error)
        };
        let file = fs::File::open(self.cast(id)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => no_cast(),
            _ => failed(&error),
        })?;
        let mut reader = io::BufReader::new(file);
        let mut first = String::new();
        reader.read_line(&mut first).map_err(|error| failed(&error))?;
        let header = serde_json::from_str(&first).map_err(|error| failed(&error))?;
        let start = offset.max(first.len() as u64);
        reader
            .seek(SeekFrom::Start(start))
            .map_err(|error| failed(&error))?;
        let (mut events, mut read) = (Vec::new(), 0);
        let mut line = Vec::new();
        loop {
            line.clear();
            let count = reader
                .by_ref()
                .read_until(b'\n', &mut line)
                .map_err(|error| failed(&error))?;
            // A last line without its end is still being written.
            if count == 0 || line.last() != Some(&b'\n') {
                return Ok(Page {
                    header,
                    events,
                    next: None,
                });
            }
            read += count as u64;
            match read_event(&String::from_utf8_lossy(&line)) {
                Some(Ok(event)) => events.push(event),
                // One torn line does not spoil the log.
                Some(Err(error)) => tracing::warn!(%error, "A line of a session log cannot be read"),
                None => {}
            }
            if read >= PAGE_BYTES {
                return Ok(Page {
                    header,
                    events,
                    next: Some(start + read),
                });
            }
        }
    }

    /// Removes logs that are complete.
    pub(super) fn delete(&self, ids: &[Id]) -> Result<(), Problem> {
        if ids.iter().any(|id| self.is_active(*id)) {
            return Err(
                Problem::new("LUM-LOG-ACTIVE", "the log was not removed", "it is being written")
                    .next("Switch logging off for its session first."),
            );
        }
        for id in ids {
            match fs::remove_dir_all(self.folder(*id)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Problem::of("LUM-LOG-DELETE", "the log was not removed", &error));
                }
                _ => {}
            }
        }
        self.events.changed(Changed::Logs);
        Ok(())
    }

    /// The file of a log that a person would keep elsewhere: the cast, or the card where there is no cast.
    pub(super) fn whole(&self, id: Id) -> PathBuf {
        let cast = self.cast(id);
        if cast.exists() {
            cast
        } else {
            self.folder(id).join(CARD)
        }
    }

    pub(super) fn folder(&self, id: Id) -> PathBuf {
        self.root.join(id.to_string())
    }

    pub(super) fn cast(&self, id: Id) -> PathBuf {
        self.folder(id).join(CAST)
    }

    pub(super) fn write_card(&self, card: &Card) -> io::Result<()> {
        let (path, beside) = (
            self.folder(card.id).join(CARD),
            self.folder(card.id).join("log.json.new"),
        );
        fs::write(&beside, serde_json::to_vec_pretty(card)?)?;
        fs::rename(beside, path)
    }

    pub(super) fn begun(&self, id: Id) {
        self.active
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id);
        self.events.changed(Changed::Logs);
    }

    pub(super) fn ended(&self, id: Id) {
        self.active
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id);
        self.events.changed(Changed::Logs);
    }

    pub(super) fn warn(&self, problem: Problem) {
        self.events.send(Event::Notice {
            level: NoticeLevel::Error,
            problem,
        });
    }

    fn is_active(&self, id: Id) -> bool {
        self.active
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&id)
    }
}

fn no_cast() -> Problem {
    Problem::new(
        "LUM-LOG-NO-CAST",
        "there is nothing to play",
        "only full logs keep what was shown; this one keeps who, where and when",
    )
}
