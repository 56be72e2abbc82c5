//! OpenSSH `known_hosts`: which host has which key.
//!
//! `entry` reads lines, `lookup` judges keys, `store` keeps the files. What follows from a verdict is
//! decided where the connection is made.

mod entry;
mod lookup;
mod store;

pub(crate) use entry::wildcard;
pub use entry::{Entry, HostKey, Hosts, Marker, Pattern, Problem, lookup_name, parse};
pub use lookup::{Known, Verdict};
pub use store::{KnownHosts, LearnError};
