//! The whole store, walked on SQLite and on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod concurrent;
mod isolation;
mod letters;
mod lists;
mod opening;
mod removed;
mod stale;
mod story;
mod views;
mod world;
