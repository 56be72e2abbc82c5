//! Files of hosts and of this device: looking, changing, carrying them over, editing them here.
//!
//! Each browser has a connection of its own, on `threads` of their own, so that a transfer never slows a
//! terminal. A file that is carried over has another name until it is whole, so a cut harms neither the old
//! nor the new one.
//! `entry` says what is in a folder, `browser` holds the connection, `room` answers the calls about it;
//! `queue` says what is carried when, `row` is one of it, `run` carries that: `walk` says what there is in a folder, `decide` what to do
//! with each thing, `carry` carries one file, `part` is where that lies until it is whole, `begun` opens it, `source` remembers of what it is, `keep` gives it what the one
//! before it had, `manners` gives way to who types; `change` removes folders and sets permissions; `edit` watches files that are open in an editor, `copies` is where
//! those lie.
#![allow(
    unreachable_pub,
    reason = "the window's contract is written from these types; no crate names them"
)]

pub(crate) mod begun;
mod browser;
mod carry;
mod change;
mod copies;
mod decide;
mod edit;
mod entry;
mod keep;
mod local;
mod manners;
mod pace;
mod part;
mod queue;
mod room;
mod row;
mod run;
mod source;
mod threads;
mod transfer;
mod walk;

pub use room::Unfinished;
pub(crate) use room::{Files, register};
pub use transfer::Transfer;
