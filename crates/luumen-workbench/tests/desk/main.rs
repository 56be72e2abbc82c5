//! The workbench as a window sees it: calls in, answers and events out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod contract;
mod support;
