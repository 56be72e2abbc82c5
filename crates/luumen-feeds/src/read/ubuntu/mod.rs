//! Ubuntu: its releases, its CVE tracker, its VEX documents and its OVAL, a room each.

pub(super) mod oval;
mod releases;
mod status;
pub(super) mod tracker;
pub(super) mod vex;

pub(super) use releases::{Place, place};
use status::{Said, said};
