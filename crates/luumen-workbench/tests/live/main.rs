//! Live sessions against real peers: `sshd` as installed here, and a small server for one-time codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod support;

mod asked;
mod codes;
mod edits;
mod files;
mod forwards;
mod guarded;
mod inventory;
mod logs;
mod proxies;
mod sessions;
mod terminals;
