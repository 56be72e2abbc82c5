//! The HTTP contract of `/api/v1`: requests, responses, error codes, paging.
//!
//! The server answers with these types, the agent and the desktop ask with them, and the OpenAPI
//! document is generated from them. No behaviour beyond reading and writing JSON.

pub mod access;
pub mod agent;
pub mod exceptions;
pub mod feeds;
pub mod fleet;
pub mod hosts;
pub mod overview;
pub mod paging;
pub mod problem;
pub mod snapshots;
pub mod views;
pub mod vulnerabilities;
pub mod workspace;

pub use paging::{Cursor, PageQuery};
pub use problem::{Code, FieldError, ProblemDetails};
