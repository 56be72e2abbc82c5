//! Session logs: who went where, and when; and, if wanted, everything that was shown.
//!
//! A full log is an asciicast (version 3) of what the host sent. What is typed is never recorded: a
//! password that the host does not echo is in no log. `cast` writes and reads the format, `recorder`
//! follows one terminal, `shelf` keeps the files, `room` answers the calls.
#![allow(
    unreachable_pub,
    reason = "the window's contract is written from these types; no crate names them"
)]

mod cast;
mod recorder;
mod room;
mod shelf;

pub(crate) use recorder::{LogStart, Recorder};
pub(crate) use room::register;
pub(crate) use shelf::Logs;
