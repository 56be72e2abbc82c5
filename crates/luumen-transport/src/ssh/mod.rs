//! Sessions over SSH, on russh.
//!
//! Reading order: `connect` walks the way hop by hop (`how_far` remembers where it is); `tcp` and `proxy` open the first stream,
//! `algorithms` says what we offer, `guard` is what russh asks us and `host_key` judges the other side
//! (`person` keeps the time of whoever is asked), `auth` proves ours (what to try is in `plan`, who
//! answers and signs in `answers` and `signers`, what opens keys in `keys` and `locked`). Then there is a `session`:
//! `exec` runs commands, `shell` opens terminals, `forward` carries connections (`socks` reads where
//! they want to go, `inbound` knows what the server may open), `subsystem` opens the way to files. What they leave is closed
//! by `closing`.

mod algorithms;
mod answers;
mod auth;
mod closing;
mod connect;
mod exec;
mod forward;
mod guard;
mod host_key;
mod how_far;
mod inbound;
mod keys;
mod locked;
mod passwords;
mod person;
mod pipe;
mod plan;
mod proxy;
mod session;
mod shell;
mod signers;
mod socks;
mod subsystem;
mod tcp;

pub(crate) use closing::Closing;
pub use connect::{connect, fetch_host_key};
pub use forward::{Forward, ForwardCount, ForwardError, ForwardPlan};
pub use guard::ServerFacts;
pub use keys::{KeyCache, decode_private_key};
pub use session::{LentSession, SshSession};
pub use shell::{Shell, ShellError, ShellEvent, ShellInput, ShellOutput, ShellRequest};
