//! Hosts from elsewhere, and out again: read, looked at, and only then taken.
//!
//! Each form has a room that turns a text into [`Found`] and touches nothing; [`plan`] says how that differs from what
//! is kept; [`apply`] changes it, in one step that can be taken back. No form's passwords are read.

mod found;
mod room;

mod apply;
mod plan;
mod ways;

mod ansible;
mod mobaxterm;
mod mremoteng;
mod own;
mod putty;
mod ssh_arguments;
mod ssh_config;
mod table;
mod termius;

mod export;
mod left_out;
mod ssh_export;
mod text;

pub(crate) use found::{Found, FoundHost};
pub use found::{ImportItem, ImportKind, ImportProblem, ItemChange, ItemField, ItemState};
pub(crate) use room::register;
