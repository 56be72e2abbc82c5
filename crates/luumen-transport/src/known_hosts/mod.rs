//! OpenSSH `known_hosts`: which host has which key.
//!
//! `host_key` holds a key, `entry` reads lines, `lookup` judges keys, `store` keeps the files,
//! whose bytes `file` reads and writes. What
//! follows from a verdict is decided where the connection is made.

mod entry;
mod file;
mod host_key;
mod lookup;
mod store;

pub(crate) use entry::wildcard;
pub use entry::{Entry, Hosts, Marker, Pattern, Problem, lookup_name, parse};
pub use host_key::HostKey;
pub use lookup::{Known, Verdict};
pub use store::{KnownHosts, LearnError};
