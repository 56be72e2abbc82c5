//! Sessions over SSH, on russh.
//!
//! Reading order: `connect` walks the way hop by hop; `tcp` and `proxy` open the first stream,
//! `algorithms` says what we offer, `host_key` judges the other side, `auth` proves ours with what
//! `keys` opened, `exec` runs commands.

mod algorithms;
mod auth;
mod connect;
mod exec;
mod host_key;
mod keys;
mod proxy;
mod tcp;

pub use connect::{connect, fetch_host_key};
pub use exec::SshSession;
pub use keys::KeyCache;
