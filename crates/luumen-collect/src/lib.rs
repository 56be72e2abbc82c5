//! Looks at a Linux host through an open session: what to ask, how to read the answer.
//!
//! [`plan`] turns options into one shell script made of catalogued [`ReadCommand`]s, [`run`] sends it over
//! a session, [`parse`] turns what came back into a [`luumen_model::Snapshot`]. Everything but `run` is
//! pure. It does not connect (`luumen-transport` does) and judges nothing.

pub mod catalogue;
mod command;
mod consent;
mod judge;
mod kept;
mod parse;
mod plan;
mod run;
mod schema;
mod script;
mod transcript;
mod unseen;
mod view;
mod watch;

pub use command::ReadCommand;
pub use consent::{commands_markdown, sudoers};
pub use kept::{Kept, Seen};
pub use parse::{VisitFacts, parse, parse_seen};
pub use plan::{CollectOptions, Plan, plan, plan_again, plan_with_marker};
pub use run::{run, run_again, run_watched};
pub use schema::schema_json;
pub use unseen::LookError;
pub use watch::Reached;
