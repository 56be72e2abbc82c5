//! Files of hosts and of this device: looking, changing, carrying them over, editing them here.
//!
//! Each browser has a connection of its own, so that a transfer never slows a terminal. A file that is
//! carried over has another name until it is whole, so a cut harms neither the old nor the new one.
//! `entry` says what is in a folder, `browser` holds the connection, `room` answers the calls about it;
//! `queue` decides what is carried when, `carry` carries one thing, `edit` watches files that are open
//! in an editor.

mod browser;
mod carry;
mod edit;
mod entry;
mod local;
mod queue;
mod room;
mod transfer;

pub(crate) use room::{Files, register};
pub use transfer::Transfer;
