//! Forwards of sessions: what listens where, and what passed through.
//!
//! Carrying the bytes is the transport's work. A forward is wanted until its person stops it: when the
//! connection is lost it waits, and starts again with the next one.
#![allow(
    unreachable_pub,
    reason = "the window's contract is written from these types; no crate names them"
)]

mod room;
mod row;

pub(crate) use room::{Forwards, register};
pub use row::Forward;
