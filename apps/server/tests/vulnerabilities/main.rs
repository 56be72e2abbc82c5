//! Judging, on SQLite and on PostgreSQL: what opens, what is gone and on what evidence, and what never happens.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod cells;
mod evidence;
mod jobs;
mod refresh;
mod story;
mod upstream;
mod world;
