//! Sessions to hosts: connect, prove who both sides are, run commands.
//!
//! Knows nothing of what is worth reading on a host (`luumen-collect` does) and nothing of
//! settings files (the apps do).

mod error;
pub mod known_hosts;
mod options;
pub mod replay;
mod session;
mod ssh;
mod target;

pub use error::{ConnectError, Step};
pub use known_hosts::{HostKey, KnownHosts};
pub use options::{ConnectOptions, HostKeyPolicy};
pub use session::{ExecError, ExecOutput, ExecRequest, ExitStatus, Session, Watch};
pub use ssh::{KeyCache, SshSession, connect, fetch_host_key};
pub use target::{AuthMethod, Endpoint, Jump, Prompt, Prompter, Proxy, Questions, SshTarget};
