//! Live sessions: connecting step by step, asking the person, terminals, losing the line and finding it
//! again.
//!
//! `room` answers the calls, `live` is the life of one session, `way` looks up where it goes, `shells` opens its shells, `person`
//! asks, `questions` keeps what was asked, `checklist` follows the steps, `terminal` is one terminal, `pump` carries its bytes, `flow` says how many at once, `typing` when
//! somebody typed last, `words` says things. Who keeps hosts and secrets says so by implementing [`Destinations`]; nothing here reads the
//! store.
#![allow(
    unreachable_pub,
    reason = "the window's contract is written from these types; no crate names them"
)]

mod checklist;
mod destination;
mod flow;
mod kept;
mod live;
mod model;
mod person;
mod pump;
mod questions;
mod room;
mod shells;
mod terminal;
mod typing;
mod way;
mod words;

pub(crate) use kept::Kept;
pub use model::{Question, Session};
pub(crate) use questions::Questions;
pub(crate) use room::{Riders, Sessions, Tools, register};
pub(crate) use typing::Typing;
