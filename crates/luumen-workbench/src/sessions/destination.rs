//! What sessions ask of whoever keeps hosts and secrets.
//!
//! The sessions know neither the store nor the vault: they are handed a [`Destination`] in which every
//! setting is decided and every secret that is open is there. What is missing is asked of the person.

use std::{fmt, path::PathBuf, time::Duration};

use async_trait::async_trait;
use luumen_crypto::Secret;
use luumen_transport::Proxy;

use crate::{
    bridge::{Id, Problem},
    hosts::{Environment, ForwardSpec, HostKeyRule, LogMode},
};

/// The code of a [`Problem`] that unlocking the vault would solve.
pub(crate) const VAULT_LOCKED: &str = "LUM-VAULT-LOCKED";

/// Keeps hosts, their settings and their secrets.
#[async_trait]
pub(crate) trait Destinations: Send + Sync + fmt::Debug {
    /// How to reach a kept host. `credential` is used in place of the host's own.
    async fn host(&self, host: Id, credential: Option<Id>) -> Result<Destination, Problem>;

    /// How to reach a place that was typed: `user@host:port`, `ssh://…`, or the name of a kept host.
    async fn typed(&self, text: &str, credential: Option<Id>) -> Result<Destination, Problem>;

    /// Keeps a secret that a person typed, that worked, and that shall be remembered.
    async fn remember(&self, keep: Keep, secret: Secret) -> Result<(), Problem>;

    /// A session to a kept host was opened just now.
    async fn connected(&self, host: Id);

    /// What a host forwards as it is kept just now; none when that cannot be read.
    async fn forwards(&self, host: Id) -> Option<Vec<ForwardSpec>>;
}

/// What a typed secret belongs to, if it may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// It is the password of this credential.
    Password(Id),
    /// It is the passphrase of this key.
    Passphrase(Id),
}

/// Where a session goes, with everything decided.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    /// The kept host, if it is one.
    pub(crate) host: Option<Id>,
    /// What the tab is called.
    pub(crate) title: String,
    /// What the host is for.
    pub(crate) environment: Environment,
    /// Hosts to go through, nearest first, and the goal at the end. INVARIANT: never empty.
    pub(crate) hops: Vec<Hop>,
    /// The way out of this network, for the first hop.
    pub(crate) proxy: Option<Proxy>,
    /// What to do with a key that was never seen.
    pub(crate) host_keys: HostKeyRule,
    /// After this much silence the host is asked whether it is there.
    pub(crate) keepalive: Option<Duration>,
    /// For each hop.
    pub(crate) connect_timeout: Duration,
    /// Whether to compress.
    pub(crate) compression: bool,
    /// Whether the host may use this device's ssh-agent, which is at this socket or the usual one.
    pub(crate) agent_forwarding: Option<Option<PathBuf>>,
    /// How much of the session is logged.
    pub(crate) log: LogMode,
    /// `TERM`.
    pub(crate) terminal: String,
    /// What to forward once the session is open, as far as `auto` says so.
    pub(crate) forwards: Vec<ForwardSpec>,
}

/// One host on the way.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    /// How its person calls it; this is what must be typed to replace its key.
    pub(crate) name: String,
    /// Name or address on the network.
    pub(crate) address: String,
    /// Its port.
    pub(crate) port: u16,
    /// The account.
    pub(crate) user: String,
    /// What to sign in with, in this order. What is not given is asked for.
    pub(crate) proofs: Vec<Proof>,
}

/// One way to sign in.
#[derive(Clone)]
pub(crate) enum Proof {
    /// A password that is known.
    Password(Secret),
    /// A password that the person types.
    AskPassword {
        /// Where it may be kept.
        keep: Option<Keep>,
    },
    /// A private key.
    Key {
        /// The text of the key file.
        private_key: Secret,
        /// Opens it, if that is known. A locked key without one is asked about.
        passphrase: Option<Secret>,
        /// The text of the `-cert.pub` file.
        certificate: Option<String>,
        /// For messages: its path or name.
        origin: String,
        /// Where its passphrase may be kept.
        keep: Option<Keep>,
    },
    /// Every key of an ssh-agent: the one at this socket, or the usual one.
    Agent(Option<PathBuf>),
}

impl Destination {
    /// With what was typed for an earlier connection in place of what would be asked again: for the same accounts and keys only.
    pub(crate) fn knowing_from(mut self, before: &Self) -> Self {
        for hop in &mut self.hops {
            let same = |other: &&Hop| {
                (&other.user, &other.address, other.port) == (&hop.user, &hop.address, hop.port)
            };
            let known = before
                .hops
                .iter()
                .find(same)
                .map_or(&[][..], |other| &other.proofs);
            for proof in &mut hop.proofs {
                proof.learn(known);
            }
            let password = known.iter().find_map(Proof::password);
            if let Some(password) = password
                && !hop.proofs.iter().any(|proof| proof.password().is_some())
            {
                hop.know_password(password.clone());
            }
        }
        self
    }
}

impl Hop {
    /// Has a password in place of asking for one.
    pub(crate) fn know_password(&mut self, password: Secret) {
        self.proofs
            .retain(|proof| !matches!(proof, Proof::AskPassword { .. }));
        self.proofs.push(Proof::Password(password));
    }
}

impl Proof {
    fn password(&self) -> Option<&Secret> {
        match self {
            Self::Password(password) => Some(password),
            _ => None,
        }
    }

    /// Takes over the passphrase that is known of the same key.
    fn learn(&mut self, known: &[Self]) {
        let Self::Key {
            private_key,
            passphrase: passphrase @ None,
            ..
        } = self
        else {
            return;
        };
        *passphrase = known.iter().find_map(|proof| match proof {
            Self::Key {
                private_key: other,
                passphrase,
                ..
            } if other == private_key => passphrase.clone(),
            _ => None,
        });
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password(_) => f.write_str("Password(***)"),
            Self::AskPassword { .. } => f.write_str("AskPassword"),
            Self::Key { origin, .. } => write!(f, "Key({origin})"),
            Self::Agent(_) => f.write_str("Agent"),
        }
    }
}
