//! Sessions over SSH, on russh.
//!
//! Reading order: `connect` walks the way hop by hop; `tcp` and `proxy` open the first stream,
//! `algorithms` says what we offer, `host_key` judges the other side, `auth` proves ours (what to try
//! is in `plan`, who answers and signs in `answers` and `signers`, what opens keys in `keys`), and
//! `exec` runs commands.

mod algorithms;
mod answers;
mod auth;
mod connect;
mod exec;
mod host_key;
mod keys;
mod plan;
mod proxy;
mod signers;
mod tcp;

pub use connect::{connect, fetch_host_key};
pub use exec::SshSession;
pub use keys::KeyCache;
