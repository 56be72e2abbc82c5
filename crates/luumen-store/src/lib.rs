//! The server's database: one code path for SQLite and PostgreSQL.
//!
//! A [`Store`] opens and migrates it; everything else is functions per aggregate that take a connection,
//! so that they join any transaction, and speak model types. Every function that reads or writes what a
//! workspace owns takes that workspace and is bound to it. Nothing here reads a clock: time is an argument.
//!
//! A function that writes may need several statements, so it is given a transaction ([`Store::begin`], or
//! [`transaction!`], which begins anew when it met another one).

#[macro_use]
mod entity;
mod codec;
mod error;
mod ids;
mod letters;
mod migration;
mod page;
mod store;
mod token;
mod transaction;

pub mod agents;
pub mod api_keys;
pub mod assessments;
mod content;
pub mod diff;
pub mod exceptions;
pub mod feeds;
pub mod findings;
pub mod hosts;
pub mod jobs;
pub mod overview;
pub mod packages;
pub mod properties;
pub mod reports;
pub mod retention;
pub mod runs;
pub mod sessions;
pub mod snapshots;
pub mod users;
pub mod views;
pub mod workspaces;

pub use error::{Field, StoreError, Thing};
pub use page::Page;
pub use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction};
pub use store::{AsTransient, OpenOptions, Store};
pub use token::TokenHash;
