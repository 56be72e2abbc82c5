//! The server of Luumen Enterprise: API and web app over one database.
//!
//! It answers and never calls: it links neither transport nor collect (P1), and it holds no key to any
//! sealed credential (P5).

pub mod app;
pub mod caller;
pub mod cli;
pub mod clock;
pub mod config;
pub mod csv_out;
pub mod exports;
pub mod filter;
pub mod housekeeping;
pub mod http;
pub mod import;
pub mod metrics;
pub mod noting;
pub mod openapi;
pub mod problem;
mod reference;
pub mod routes;
pub mod secrets;
pub mod serve;
pub mod validate;
pub mod vulnerabilities;
pub mod web;
