//! Why a host could not be reached: which host, at which step, and what a person can do about it.
//!
//! The texts follow the house rule (no capital, no full stop, the source never repeated); code and
//! next step are for apps that must choose or advise.

use std::{fmt, io, path::PathBuf, time::Duration};

use crate::{Endpoint, HostKey};

/// How far a connection had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Turning the name into addresses.
    Resolve,
    /// Opening the TCP connection.
    Connect,
    /// Asking the proxy for the way out.
    Proxy,
    /// Asking a jump host for the way on.
    Jump,
    /// Agreeing on keys, up to the host key.
    KeyExchange,
    /// Signing in.
    SignIn,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "resolving the name",
            Self::Connect => "opening the connection",
            Self::Proxy => "asking the proxy",
            Self::Jump => "asking the jump host",
            Self::KeyExchange => "the key exchange",
            Self::SignIn => "signing in",
        })
    }
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The name has no address.
    #[error("could not resolve the name of {endpoint}")]
    Resolve { endpoint: Endpoint, source: io::Error },
    /// No address answered.
    #[error("could not reach {endpoint}")]
    Unreachable { endpoint: Endpoint, source: io::Error },
    /// The time was up.
    #[error("{endpoint} did not answer within {} s ({step})", after.as_secs_f32())]
    TimedOut {
        endpoint: Endpoint,
        step: Step,
        after: Duration,
    },
    /// The proxy cannot be reached or does not let us through.
    #[error("the proxy {proxy} did not open the way to {endpoint}: {reason}")]
    Proxy {
        endpoint: Endpoint,
        proxy: String,
        reason: String,
    },
    /// The jump host does not let us through.
    #[error("{jump} did not open the way to {endpoint}: {reason}")]
    JumpRefused {
        endpoint: Endpoint,
        jump: Box<Endpoint>,
        reason: String,
    },
    /// Never seen before, and the policy does not learn.
    #[error("the host key of {endpoint} is not known ({} {})", key.algorithm(), key.fingerprint())]
    HostKeyUnknown { endpoint: Endpoint, key: Box<HostKey> },
    /// Seen before with another key: a reinstalled host, or someone in between.
    #[error("the host key of {endpoint} has changed: {} is known ({file}:{line}), it showed {} {}",
        known.fingerprint(), seen.algorithm(), seen.fingerprint())]
    HostKeyChanged {
        endpoint: Endpoint,
        known: Box<HostKey>,
        seen: Box<HostKey>,
        file: String,
        line: usize,
    },
    /// The key, or the authority behind it, is marked `@revoked`.
    #[error("the host key of {endpoint} is revoked ({} in {file}:{line})", key.fingerprint())]
    HostKeyRevoked {
        endpoint: Endpoint,
        key: Box<HostKey>,
        file: String,
        line: usize,
    },
    /// A certificate was needed or shown, and it does not hold.
    #[error("the host certificate of {endpoint} does not hold: {reason}")]
    HostCertificateInvalid { endpoint: Endpoint, reason: String },
    /// A new key was believed but could not be remembered, so the next visit could not notice a change.
    #[error("could not remember the host key of {endpoint} in {}", file.display())]
    HostKeyNotSaved {
        endpoint: Endpoint,
        file: PathBuf,
        source: io::Error,
    },
    /// Both sides could not agree, or the peer does not speak SSH.
    #[error("could not agree with {endpoint} on a protected connection")]
    Negotiation {
        endpoint: Endpoint,
        source: Box<russh::Error>,
    },
    /// The server ended the connection before we were signed in.
    #[error("{endpoint} ended the connection during {step}: {reason}")]
    Lost {
        endpoint: Endpoint,
        step: Step,
        reason: String,
    },
    /// No proof was accepted.
    #[error(
        "{endpoint} refused to sign us in (tried: {}; the server offers: {})",
        list(tried, "nothing"),
        list(offered, "nothing more")
    )]
    AuthRefused {
        endpoint: Endpoint,
        /// What was tried, in order, and why some of it could not be.
        tried: Vec<String>,
        /// What the server would still listen to.
        offered: Vec<String>,
    },
    /// The only proof we have is a key that cannot be read.
    #[error("the key {origin} for {endpoint} cannot be read: {reason}")]
    KeyUnreadable {
        endpoint: Endpoint,
        origin: String,
        reason: String,
    },
    /// The only proof we have is a locked key.
    #[error("the key {origin} for {endpoint} is encrypted and no passphrase was given")]
    PassphraseNeeded { endpoint: Endpoint, origin: String },
    /// The only proof we have lies in an agent that does not answer.
    #[error("the ssh-agent for {endpoint} cannot be used: {reason}")]
    AgentUnavailable { endpoint: Endpoint, reason: String },
    /// The caller changed their mind, or did not let us sign in.
    #[error("the connection to {endpoint} was cancelled ({step})")]
    Cancelled { endpoint: Endpoint, step: Step },
}

fn list(words: &[String], none: &str) -> String {
    if words.is_empty() {
        none.to_owned()
    } else {
        words.join(", ")
    }
}

impl ConnectError {
    /// A stable word for lists, filters and alert rules. Never changes its meaning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Resolve { .. } => "LUM-DNS",
            Self::Unreachable { .. } => "LUM-CONNECT",
            Self::TimedOut { .. } => "LUM-CONNECT-TIMEOUT",
            Self::Proxy { .. } => "LUM-PROXY",
            Self::JumpRefused { .. } => "LUM-SSH-CHANNEL",
            Self::HostKeyUnknown { .. } => "LUM-SSH-HOSTKEY-UNKNOWN",
            Self::HostKeyChanged { .. } => "LUM-SSH-HOSTKEY",
            Self::HostKeyRevoked { .. } => "LUM-SSH-HOSTKEY-REVOKED",
            Self::HostCertificateInvalid { .. } => "LUM-SSH-HOSTCERT",
            Self::HostKeyNotSaved { .. } => "LUM-SSH-HOSTKEY-SAVE",
            Self::Negotiation { .. } => "LUM-SSH-KEX",
            Self::Lost { .. } => "LUM-SSH-LOST",
            Self::AuthRefused { .. } => "LUM-SSH-AUTH",
            Self::KeyUnreadable { .. } => "LUM-SSH-KEY-UNREADABLE",
            Self::PassphraseNeeded { .. } => "LUM-SSH-KEY-PASSPHRASE",
            Self::AgentUnavailable { .. } => "LUM-SSH-AGENT",
            Self::Cancelled { .. } => "LUM-CANCELLED",
        }
    }

    /// The host the error speaks of.
    pub fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Resolve { endpoint, .. }
            | Self::Unreachable { endpoint, .. }
            | Self::TimedOut { endpoint, .. }
            | Self::Proxy { endpoint, .. }
            | Self::JumpRefused { endpoint, .. }
            | Self::HostKeyUnknown { endpoint, .. }
            | Self::HostKeyChanged { endpoint, .. }
            | Self::HostKeyRevoked { endpoint, .. }
            | Self::HostCertificateInvalid { endpoint, .. }
            | Self::HostKeyNotSaved { endpoint, .. }
            | Self::Negotiation { endpoint, .. }
            | Self::Lost { endpoint, .. }
            | Self::AuthRefused { endpoint, .. }
            | Self::KeyUnreadable { endpoint, .. }
            | Self::PassphraseNeeded { endpoint, .. }
            | Self::AgentUnavailable { endpoint, .. }
            | Self::Cancelled { endpoint, .. } => endpoint,
        }
    }

    /// One sentence that tells a person what to do now.
    pub fn next_step(&self) -> String {
        match self {
            Self::Resolve { endpoint, .. } => {
                format!(
                    "Check the spelling of “{}” and the name servers of this machine.",
                    endpoint.host
                )
            }
            Self::Unreachable { endpoint, .. } => {
                format!(
                    "Check that the host is up and that this machine may reach {}.",
                    endpoint.host_port()
                )
            }
            Self::TimedOut {
                step: Step::KeyExchange | Step::SignIn,
                ..
            } => {
                "The host answers, but too slowly: look at its load, or raise the connect timeout.".to_owned()
            }
            Self::TimedOut { endpoint, .. } => {
                format!(
                    "Check for a firewall on the way to {}, or raise the connect timeout.",
                    endpoint.host_port()
                )
            }
            Self::Proxy { .. } => "Check the address, the account and the rules of the proxy.".to_owned(),
            Self::JumpRefused { jump, endpoint, .. } => format!(
                "Check that {} may forward (AllowTcpForwarding) and can reach {}.",
                jump.host,
                endpoint.host_port()
            ),
            Self::HostKeyUnknown { key, .. } => format!(
                "Compare {} with the host's own key and accept it if they are the same.",
                key.fingerprint()
            ),
            Self::HostKeyChanged { file, line, .. } => format!(
                "Ask the owner of the host whether its key was replaced; only then remove {file} line {line}."
            ),
            Self::HostKeyRevoked { .. } => "Do not connect; ask who revoked the key, and why.".to_owned(),
            Self::HostCertificateInvalid { .. } => {
                "Have the authority sign the host's key again, for this name and for today.".to_owned()
            }
            Self::HostKeyNotSaved { file, .. } => {
                format!("Make {} writable for this account.", file.display())
            }
            Self::Negotiation { .. } => {
                "Check that this is an SSH server; a very old one may need legacy algorithms.".to_owned()
            }
            Self::Lost { .. } => {
                "Look into the log of the server's sshd; MaxStartups may be reached.".to_owned()
            }
            Self::AuthRefused { endpoint, .. } => {
                format!(
                    "Check the account “{}” and what it accepts; the server's auth log says more.",
                    endpoint.username
                )
            }
            Self::KeyUnreadable { origin, .. } => {
                format!("Check that {origin} is a whole private key and that its passphrase is right.")
            }
            Self::PassphraseNeeded { origin, .. } => format!("Give the passphrase of {origin}."),
            Self::AgentUnavailable { .. } => {
                "Start ssh-agent and set SSH_AUTH_SOCK, or name its socket.".to_owned()
            }
            Self::Cancelled { .. } => "Nothing to do.".to_owned(),
        }
    }
}

impl crate::ExecError {
    /// A stable word for lists, filters and alert rules. Never changes its meaning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "LUM-SSH-CHANNEL",
            Self::Lost { .. } => "LUM-SSH-LOST",
            Self::Cancelled { .. } => "LUM-CANCELLED",
        }
    }
}
