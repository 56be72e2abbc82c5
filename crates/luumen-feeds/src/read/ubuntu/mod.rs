//! Ubuntu: its releases, and its CVE tracker, VEX documents and OVAL definitions, a room each.

mod releases;
mod status;
pub(super) mod tracker;

pub(super) use releases::{Place, place};
use status::{Said, said};
