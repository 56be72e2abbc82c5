//! Sessions to hosts: connect, prove who both sides are, run commands.
//!
//! Knows nothing of what is worth reading on a host (`luumen-collect` does) and nothing of
//! settings files (the apps do).

mod error;
pub mod known_hosts;
mod observe;
mod options;
pub mod replay;
mod session;
pub mod sftp;
mod ssh;
mod target;

pub use error::{ConnectError, Step};
pub use known_hosts::{HostKey, KnownHosts};
pub use observe::{
    ConnectEvent, ConnectObserver, HostKeyDecision, HostKeyJudge, HostKeyQuestion, SignInGate,
};
pub use options::{Buffers, ConnectOptions, HostKeyPolicy, RekeyAfter};
pub use session::{ExecError, ExecOutput, ExecRequest, ExitStatus, Session, Watch};
pub use ssh::{
    Forward, ForwardCount, ForwardError, ForwardPlan, KeyCache, LentSession, ServerFacts, Shell, ShellError,
    ShellEvent, ShellInput, ShellOutput, ShellRequest, SshSession, connect, decode_private_key,
    fetch_host_key,
};
pub use target::{
    AuthMethod, Endpoint, Jump, Prompt, Prompter, Proxy, Questions, SecretAsker, SecretNeed, SshTarget,
};
