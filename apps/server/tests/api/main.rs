//! The whole server against the whole contract: in-process, over a real store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod agents;
mod contract;
mod feeds;
mod fleet;
mod harness;
mod hosts;
mod outside;
mod people;
mod shown;
mod socket;
mod views;
mod vulnerabilities;
