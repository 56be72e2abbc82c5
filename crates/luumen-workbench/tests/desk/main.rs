//! The workbench as a window sees it: calls in, answers and events out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod catalogue;
mod contract;
mod export;
mod guarded;
mod hosts;
mod import;
mod keychain;
mod keys;
mod secrets;
mod store;
mod support;
