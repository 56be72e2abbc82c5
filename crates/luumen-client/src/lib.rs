//! Typed HTTP client of the API, as agents use it.
//!
//! It speaks `luumen-api` over HTTPS and knows how to try again. It keeps nothing on disk and
//! decides nothing: whether an unreachable API means waiting or giving up is the app's business.

mod settings;

mod client;

mod report;

mod call;
mod error;
mod retry;

pub use client::{Client, ConfigAnswer};
pub use error::{ApiError, Refusal};
pub use report::Told;
pub use retry::RetryPolicy;
pub use settings::{Settings, SettingsError};
