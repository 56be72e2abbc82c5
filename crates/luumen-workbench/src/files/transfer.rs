//! A transfer as the window sees it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::entry::Entry;
use crate::bridge::{Id, Problem};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TransferDirection {
    /// To the host.
    Upload,
    /// To this device.
    Download,
}

/// How a transfer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TransferState {
    /// Others come first.
    Waiting,
    /// Bytes pass.
    Running,
    /// There is something of that name; `transfer_resolve` says what to do.
    Conflict,
    /// All of it is there.
    Done,
    /// It was left out, because something of that name was there.
    Skipped,
    /// It stopped; `transfer_retry` goes on from where it was.
    Failed,
    /// Its person does not want it; what had come of it is removed.
    Cancelled,
    /// Its person wants it later; `transfer_retry` goes on.
    Paused,
}

/// What to do when there is something of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Ask.
    Ask,
    /// Put the new one in its place, once it is whole.
    Overwrite,
    /// Leave it.
    Skip,
    /// Give the new one another name.
    Rename,
    /// It is the beginning of the same: go on where it ends.
    Resume,
}

/// Two things of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Conflict {
    /// The one on this device.
    pub local: Entry,
    /// The one on the host.
    pub remote: Entry,
}

/// Something that is carried over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Transfer {
    /// Its id.
    pub id: Id,
    /// The browser it belongs to.
    pub files: Id,
    /// Which way.
    pub direction: TransferDirection,
    /// What.
    pub from: String,
    /// Where to, with its name there.
    pub to: String,
    /// How it stands.
    pub state: TransferState,
    /// How much is there.
    pub bytes_done: u64,
    /// How much there is; it is found out on the way for folders.
    pub bytes_total: u64,
    /// How quick it is.
    pub bytes_per_s: Option<u64>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// What is in its way.
    pub conflict: Option<Conflict>,
    /// What else its person should know once it is done: what was left out, or belongs to somebody else now.
    pub notes: Vec<String>,
}
