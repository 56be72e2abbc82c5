//! What no page may decide in its person's place. The program asks outside of the page, where the page can neither see nor answer.

use std::{fmt, path::PathBuf};

/// Asks the person. Called where waiting is allowed.
pub trait Consent: fmt::Debug + Send + Sync + 'static {
    /// May this command run on this device? These very bytes are what runs.
    fn may_run(&self, command: &str) -> bool;

    /// May this be done with these files of this device? Not where nobody asks about files.
    fn may_touch(&self, _touch: &Touch) -> bool {
        false
    }
}

/// What is wanted with files of this device that no page may touch by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// What is done with them.
    pub deed: Deed,
    /// The account and place that they go to or come from; none where no host has part in it.
    pub target: Option<String>,
    /// The files, without links and dots. At least one.
    pub files: Vec<Guarded>,
}

/// What is done with a file of this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// It is read and sent to a host.
    Send,
    /// It is written, with what a host sends.
    Fetch,
    /// It is written, with what Luumen knows.
    Export,
}

/// A file or folder that no page may touch by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guarded {
    /// Where it is.
    pub path: PathBuf,
    /// Why it is guarded, as in “it is …”.
    pub why: &'static str,
}

/// Nobody is there to ask, so nothing is allowed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoConsent;

impl Consent for NoConsent {
    fn may_run(&self, _: &str) -> bool {
        false
    }
}
