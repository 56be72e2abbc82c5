//! The server of Luumen Enterprise: API and web app over one database.
//!
//! It answers and never calls: it links neither transport nor collect (P1), and it holds no key to any
//! sealed credential (P5).

pub mod app;
mod caller;
pub mod cli;
pub mod clock;
pub mod config;
mod csv_out;
mod filter;
mod housekeeping;
mod http;
pub mod import;
mod metrics;
pub mod openapi;
mod problem;
mod routes;
pub mod secrets;
mod serve;
mod validate;
mod web;
