//! The transport against real peers: `sshd` as installed here, and small in-process servers for what
//! `sshd` cannot be made to do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod support;

mod asks;
mod exec;
mod files;
mod forwards;
mod host_keys;
mod known_files;
mod long;
mod peer;
mod shell;
mod sign_in;
mod way;
