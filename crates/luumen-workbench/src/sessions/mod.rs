//! Live sessions: connecting step by step, asking the person, terminals, losing the line and finding it
//! again.
//!
//! `room` answers the calls, `live` is the life of one session, `person` asks, `questions` keeps what was
//! asked, `checklist` follows the way, `terminal` carries bytes. Who keeps hosts and secrets says so by
//! implementing [`Identities`]; nothing here reads the store.

mod checklist;
mod identities;
mod live;
mod model;
mod person;
mod questions;
mod room;
mod terminal;

#[cfg(test)]
mod tests;

pub(crate) use identities::{Destination, Hop, Identities, Proof, VAULT_LOCKED};
pub use model::{
    Answer, AskedPrompt, KnownKey, Question, Session, SessionKind, SessionState, Step, StepName, StepState,
};
pub(crate) use questions::Questions;
pub(crate) use room::{Riders, Sessions, Tools, register};
