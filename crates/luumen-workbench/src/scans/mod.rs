//! Scans: look at a host over its open session, judge what was seen with the catalogue on disk, keep it, compare.
//!
//! The same collect and match as the fleet's. Nothing leaves the device but the read commands to the host.

mod catalogue;
mod diff;
mod export;
mod finding;
mod keep;
mod model;
mod room;
mod run;
#[cfg(test)]
mod tests;

pub(crate) use room::register;
pub(crate) use run::{ScanSource, ScanTarget};
