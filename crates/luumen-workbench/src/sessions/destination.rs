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
    hosts::{CredentialUse, Environment, ForwardSpec, HostKeyRule, LogMode},
    identities::CredentialKind,
};

/// The code of a [`Problem`] that unlocking the vault would solve.
pub(crate) const VAULT_LOCKED: &str = "LUM-VAULT-LOCKED";

/// Keeps hosts, their settings and their secrets.
#[async_trait]
pub(crate) trait Destinations: Send + Sync + fmt::Debug {
    /// How to reach a kept host.
    async fn host(&self, host: Id, instead: Instead) -> Result<Destination, Problem>;

    /// How to reach a place that was typed: `user@host:port`, `ssh://…`, or the name of a kept host.
    async fn typed(&self, text: &str, instead: Instead) -> Result<Destination, Problem>;

    /// Keeps a secret that a person typed, that worked, and that shall be remembered.
    async fn remember(&self, keep: Keep, secret: Secret) -> Result<(), Problem>;

    /// A session to a kept host was opened just now.
    async fn connected(&self, host: Id);

    /// What a host forwards as it is kept just now; none when that cannot be read.
    async fn forwards(&self, host: Id) -> Option<Vec<ForwardSpec>>;
}

/// What holds for one connection in place of what is kept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Instead {
    /// What to sign in to the goal with.
    pub(crate) credential: Option<Id>,
    /// The host to go through, on the way that leads to it.
    pub(crate) jump: Option<Id>,
}

/// What a typed secret belongs to, if it may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// It is the password of this credential, and goes to all who use it from then on.
    Password(Id, CredentialUse),
    /// It is the passphrase of this key.
    Passphrase(Id),
}

impl Keep {
    /// The credential that a password would be kept in.
    pub(crate) fn credential(&self) -> Option<&CredentialUse> {
        match self {
            Self::Password(_, credential) => Some(credential),
            Self::Passphrase(_) => None,
        }
    }
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
    pub(crate) proxy: Option<WayOut>,
    /// What to do with a key that was never seen, on the whole way. A host on the way may be stricter for itself.
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

/// A proxy, and what is known of its account.
#[derive(Clone, Debug)]
pub(crate) struct WayOut {
    /// Where it is, and as whom. An account without a password is asked for one.
    pub(crate) proxy: Proxy,
    /// Where a password that is typed may be kept.
    pub(crate) keep: Option<Keep>,
    /// Which credential its account is of.
    pub(crate) by: Option<By>,
    /// Whether the password was typed, and not kept.
    pub(crate) typed: bool,
    /// Why its password is not here, when it is kept in a vault that is locked.
    pub(crate) locked: Option<Problem>,
}

/// A credential, and how it signs in. What is known of one is not told to another, nor to what it was changed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct By {
    pub(crate) credential: Id,
    pub(crate) kind: CredentialKind,
    pub(crate) key: Option<Id>,
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
    /// What to do with a key of its own that was never seen.
    pub(crate) host_keys: HostKeyRule,
    /// What to sign in with, in this order. What is not given is asked for.
    pub(crate) proofs: Vec<Proof>,
    /// Which credential they are of, if one was chosen.
    pub(crate) by: Option<By>,
    /// Why there are none, when they are kept in a vault that is locked.
    pub(crate) locked: Option<Problem>,
}

/// One way to sign in.
#[derive(Clone)]
pub(crate) enum Proof {
    /// A password that is kept.
    Password(Secret),
    /// A password that the person typed for an earlier connection.
    Typed(Secret),
    /// A password that the person types.
    AskPassword {
        /// Where it may be kept.
        keep: Option<Keep>,
    },
    /// A private key.
    Key {
        /// The text of the key file.
        private_key: Secret,
        /// Opens it, if that is known. A key that it does not open is asked about.
        passphrase: Option<Secret>,
        /// Whether its person typed it, and it opened the key.
        typed: bool,
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
    /// With what is known of an earlier connection in place of what would be asked again, as far as it is still what the settings
    /// ask for: a password that was kept for it is none of them.
    pub(crate) fn knowing_from(mut self, before: &Self) -> Self {
        for hop in &mut self.hops {
            let same = |other: &&Hop| {
                (&other.user, &other.address, other.port) == (&hop.user, &hop.address, hop.port)
            };
            if let Some(known) = before.hops.iter().find(same) {
                hop.learn(known);
            }
        }
        if let (Some(way), Some(known)) = (&mut self.proxy, &before.proxy) {
            way.learn(known);
        }
        self
    }

    /// Goes to another port of the same address. What listens there is not the kept host: it gets neither the host's password nor
    /// its forwards nor the agent, and nothing is noted of it. The way there and what it is for stay. `chosen`: a person chose what
    /// to sign in with for this very place.
    pub(crate) fn go_to_port(&mut self, port: u16, chosen: bool) {
        let Some(goal) = self.hops.last_mut().filter(|goal| goal.port != port) else {
            return;
        };
        goal.port = port;
        goal.name = format!("{}:{port}", goal.name);
        if !chosen {
            goal.leave_password();
        }
        self.title.clone_from(&goal.name);
        self.host = None;
        self.agent_forwarding = None;
        self.forwards.clear();
    }

    /// Why something to sign in with is not here, when a vault has to be opened for it.
    pub(crate) fn locked(&self) -> Option<&Problem> {
        let way = self.proxy.as_ref().and_then(|way| way.locked.as_ref());
        way.or_else(|| self.hops.iter().find_map(|hop| hop.locked.as_ref()))
    }
}

impl WayOut {
    /// Takes over the password that is known of the same account at the same proxy.
    fn learn(&mut self, known: &Self) {
        let same = self.proxy.to_string() == known.proxy.to_string()
            && self.proxy.username() == known.proxy.username()
            && self.by == known.by;
        if let Some(password) = known.proxy.password()
            && same
            && self.proxy.password().is_none()
            && (known.typed || self.locked.is_some())
        {
            self.proxy.set_password(Some(password.clone()));
            self.typed = known.typed;
            self.locked = None;
        }
    }
}

impl Hop {
    /// Signs in to another account than the host's own. The password of the one is not that of the other: it is neither tried
    /// there, nor is what is typed kept in its place.
    pub(crate) fn go_as(&mut self, user: String) {
        if user != self.user {
            self.leave_password();
        }
        self.user = user;
    }

    /// Asks for a password in place of the one that is kept, and keeps what is typed nowhere. A key goes on: it is not told to who
    /// is signed in to.
    fn leave_password(&mut self) {
        if self.by.is_some_and(|by| by.kind == CredentialKind::Password) {
            self.proofs = vec![Proof::AskPassword { keep: None }];
            self.locked = None;
        }
    }

    /// Takes over what is known of the same account.
    fn learn(&mut self, known: &Self) {
        if self.by == known.by && self.locked.take().is_some() {
            // A vault that was locked meanwhile does not have to be opened for what is known.
            self.proofs.clone_from(&known.proofs);
            return;
        }
        for proof in &mut self.proofs {
            proof.learn(&known.proofs);
        }
        let kept = |proof: &Proof| matches!(proof, Proof::Password(_));
        if let Some(password) = known.proofs.iter().find_map(Proof::typed)
            && self.by == known.by
            && !self.proofs.iter().any(kept)
        {
            self.know_password(password.clone());
        }
    }

    /// Has a password that was typed in place of asking for one.
    pub(crate) fn know_password(&mut self, password: Secret) {
        self.proofs
            .retain(|proof| !matches!(proof, Proof::AskPassword { .. } | Proof::Typed(_)));
        self.proofs.push(Proof::Typed(password));
    }
}

impl Proof {
    fn typed(&self) -> Option<&Secret> {
        match self {
            Self::Typed(password) => Some(password),
            _ => None,
        }
    }

    /// Takes over the passphrase that is known of the same key. One that was typed opened it, which is more than is known of one
    /// that is kept.
    fn learn(&mut self, known: &[Self]) {
        let Self::Key {
            private_key,
            passphrase,
            typed,
            ..
        } = self
        else {
            return;
        };
        let other = known.iter().find_map(|proof| match proof {
            Self::Key {
                private_key: other,
                passphrase: Some(passphrase),
                typed,
                ..
            } if other == private_key => Some((passphrase, *typed)),
            _ => None,
        });
        if let Some((opens, was_typed)) = other
            && (was_typed || passphrase.is_none())
        {
            *passphrase = Some(opens.clone());
            *typed = was_typed;
        }
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password(_) => f.write_str("Password(***)"),
            Self::Typed(_) => f.write_str("Typed(***)"),
            Self::AskPassword { .. } => f.write_str("AskPassword"),
            Self::Key { origin, .. } => write!(f, "Key({origin})"),
            Self::Agent(_) => f.write_str("Agent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(kind: CredentialKind, proof: Proof) -> Hop {
        Hop {
            name: "web-1".to_owned(),
            address: "10.0.0.1".to_owned(),
            port: 22,
            user: "deploy".to_owned(),
            host_keys: HostKeyRule::Ask,
            proofs: vec![proof],
            by: Some(By {
                credential: Id::new(),
                kind,
                key: None,
            }),
            locked: None,
        }
    }

    #[test]
    fn the_password_of_one_account_is_neither_tried_nor_replaced_by_that_of_another() {
        let ops = CredentialUse {
            name: "ops".to_owned(),
            hosts: 2,
            proxies: 0,
        };
        let keep = Some(Keep::Password(Id::new(), ops));
        for proof in [
            Proof::Password(Secret::new("hunter2")),
            Proof::AskPassword { keep },
        ] {
            let mut goal = hop(CredentialKind::Password, proof);
            goal.locked = Some(Problem::new(VAULT_LOCKED, "locked", "locked"));
            goal.go_as("root".to_owned());
            assert_eq!(goal.user, "root");
            assert!(
                matches!(goal.proofs.as_slice(), [Proof::AskPassword { keep: None }]),
                "{goal:?}"
            );
            // Nothing that is in the vault is needed.
            assert_eq!(goal.locked, None);
        }
    }

    fn to(goal: Hop) -> Destination {
        Destination {
            host: Some(Id::new()),
            title: goal.name.clone(),
            environment: Environment::Production,
            hops: vec![goal],
            proxy: None,
            host_keys: HostKeyRule::Strict,
            keepalive: None,
            connect_timeout: Duration::from_secs(1),
            compression: false,
            agent_forwarding: Some(None),
            log: LogMode::Off,
            terminal: "xterm".to_owned(),
            forwards: Vec::new(),
        }
    }

    #[test]
    fn another_port_is_another_server_and_hears_no_secret_of_the_kept_one() {
        let kept = || {
            let mut goal = hop(CredentialKind::Password, Proof::Password(Secret::new("hunter2")));
            goal.locked = Some(Problem::new(VAULT_LOCKED, "locked", "locked"));
            to(goal)
        };
        let mut other = kept();
        other.go_to_port(2222, false);
        assert_eq!((other.host, other.title.as_str()), (None, "web-1:2222"));
        assert!(other.agent_forwarding.is_none() && other.locked().is_none());
        // The frame that says production and the care about keys stay.
        assert_eq!(
            (other.environment, other.host_keys),
            (Environment::Production, HostKeyRule::Strict)
        );
        let goal = &other.hops[0];
        assert_eq!((goal.address.as_str(), goal.port), ("10.0.0.1", 2222));
        assert!(
            matches!(goal.proofs.as_slice(), [Proof::AskPassword { keep: None }]),
            "{goal:?}"
        );
        // What its person chose for this place is meant for it.
        let mut chosen = kept();
        chosen.go_to_port(2222, true);
        assert!(matches!(chosen.hops[0].proofs.as_slice(), [Proof::Password(_)]));
        // Its own port, said once more, is no other.
        let mut same = kept();
        same.go_to_port(22, false);
        assert!(same.host.is_some() && same.agent_forwarding.is_some());
        assert!(matches!(same.hops[0].proofs.as_slice(), [Proof::Password(_)]));
    }

    fn key(passphrase: Option<&str>, typed: bool) -> Proof {
        Proof::Key {
            private_key: Secret::new("a key"),
            passphrase: passphrase.map(Secret::new),
            typed,
            certificate: None,
            origin: "laptop".to_owned(),
            keep: None,
        }
    }

    #[track_caller]
    fn check_learned(kept: Option<&str>, known: Option<&str>, typed: bool, learned: Option<&str>) {
        let mut now = key(kept, false);
        now.learn(&[key(known, typed)]);
        let Proof::Key { passphrase, .. } = &now else {
            unreachable!("a key stays one")
        };
        assert_eq!(passphrase.as_ref().map(Secret::expose_secret), learned);
    }

    #[test]
    fn a_passphrase_that_opened_the_key_is_known_better_than_one_that_is_kept() {
        check_learned(None, Some("typed"), true, Some("typed"));
        check_learned(Some("kept"), Some("typed"), true, Some("typed"));
        check_learned(Some("kept now"), Some("kept before"), false, Some("kept now"));
        check_learned(Some("kept"), None, false, Some("kept"));
        check_learned(None, Some("kept before"), false, Some("kept before"));
    }

    #[test]
    fn the_same_account_keeps_its_password_and_a_key_goes_for_every_account() {
        let mut same = hop(CredentialKind::Password, Proof::Password(Secret::new("hunter2")));
        same.go_as("deploy".to_owned());
        assert!(matches!(same.proofs.as_slice(), [Proof::Password(_)]), "{same:?}");
        let mut key = hop(CredentialKind::Agent, Proof::Agent(None));
        key.go_as("root".to_owned());
        assert!(matches!(key.proofs.as_slice(), [Proof::Agent(None)]), "{key:?}");
    }
}
