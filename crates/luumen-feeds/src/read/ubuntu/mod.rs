//! Ubuntu: its releases, and its CVE tracker, and its VEX documents, a room each.

mod releases;
mod status;
pub(super) mod tracker;
pub(super) mod vex;

pub(super) use releases::{Place, place};
use status::{Said, said};
