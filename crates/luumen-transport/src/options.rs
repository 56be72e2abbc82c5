//! How to connect: what a fleet of connections has in common.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{known_hosts::KnownHosts, ssh::KeyCache};

/// What to do with the key a host shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostKeyPolicy {
    /// Only keys and authorities that `known_hosts` names.
    #[default]
    Strict,
    /// Trust on first use: a host never seen before is believed and remembered. A changed key is an
    /// error here too.
    Tofu,
    /// Only certificates of an authority that `known_hosts` names; plain keys are refused.
    Ca,
}

/// What connections share. Clone it freely: caches and the token are shared by the clones.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// What to do with the key a host shows.
    pub host_keys: HostKeyPolicy,
    /// Which keys are known, and where new ones are written.
    pub known_hosts: Arc<KnownHosts>,
    /// For each host on the way: from resolving its name to being signed in. The time a person takes
    /// to answer a question is not counted.
    pub connect_timeout: Duration,
    /// After this long without a word from the server, ask whether it is still there.
    pub keepalive_interval: Option<Duration>,
    /// The connection is given up after this many unanswered questions.
    pub keepalive_max: usize,
    /// Compress; worth it on slow lines only.
    pub compression: bool,
    /// Also offer algorithms that are no longer thought safe (SHA-1, CBC), for very old servers.
    pub legacy_algorithms: bool,
    /// Ends every connection attempt made with these options.
    pub cancel: CancellationToken,
    /// Private keys that were already opened, so that a fleet shares one costly decryption.
    pub keys: Arc<KeyCache>,
}

impl ConnectOptions {
    /// Careful settings: strict, 15 seconds to connect, a lost peer noticed after about a minute.
    pub fn new(known_hosts: Arc<KnownHosts>) -> Self {
        Self {
            host_keys: HostKeyPolicy::default(),
            known_hosts,
            connect_timeout: Duration::from_secs(15),
            keepalive_interval: Some(Duration::from_secs(15)),
            keepalive_max: 3,
            compression: false,
            legacy_algorithms: false,
            cancel: CancellationToken::new(),
            keys: Arc::default(),
        }
    }

    /// The same with another policy.
    pub fn with_policy(mut self, policy: HostKeyPolicy) -> Self {
        self.host_keys = policy;
        self
    }
}
