//! How to connect: what a fleet of connections has in common.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{ConnectObserver, HostKeyJudge, SignInGate, known_hosts::KnownHosts, ssh::KeyCache};

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
    /// Puts new and changed keys to [`ConnectOptions::judge`]; without a judge it is as strict as
    /// `Strict`.
    Ask,
}

/// How much may pass under one set of keys before new ones are agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RekeyAfter {
    /// In either direction. At most 1 GiB counts: AES-GCM allows no more.
    pub bytes: usize,
    /// Since the last exchange.
    pub time: Duration,
}

impl RekeyAfter {
    /// The most bytes that one set of keys may protect.
    pub const MAX_BYTES: usize = 1 << 30;
}

impl Default for RekeyAfter {
    /// What RFC 4253 §9 recommends.
    fn default() -> Self {
        Self {
            bytes: Self::MAX_BYTES,
            time: Duration::from_secs(60 * 60),
        }
    }
}

/// How much of one channel may be on its way to us, or wait to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers {
    /// Bytes a server may send before we have taken them from the line.
    pub window_bytes: u32,
    /// Packets taken from the line that nobody has read yet. When they are full, the whole connection
    /// waits.
    pub packets: usize,
}

impl Buffers {
    /// For commands whose whole output is wanted.
    pub const COMMANDS: Self = Self {
        window_bytes: 2 * 1024 * 1024,
        packets: 100,
    };
    /// For terminals: what was sent before Ctrl-C arrived has to be drawn first, so little is kept.
    pub const TERMINAL: Self = Self {
        window_bytes: 1024 * 1024,
        packets: 16,
    };
    /// For files: a long line is kept full.
    pub const FILES: Self = Self {
        window_bytes: 16 * 1024 * 1024,
        packets: 1024,
    };
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
    /// When new keys are agreed on.
    pub rekey: RekeyAfter,
    /// How much may wait to be read.
    pub buffers: Buffers,
    /// Decides about new and changed keys under [`HostKeyPolicy::Ask`].
    pub judge: Option<Arc<dyn HostKeyJudge>>,
    /// Follows the connection as it is made.
    pub observer: Option<Arc<dyn ConnectObserver>>,
    /// Says when a host may be asked to sign us in; without it, at once.
    pub gate: Option<Arc<dyn SignInGate>>,
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
            rekey: RekeyAfter::default(),
            buffers: Buffers::COMMANDS,
            judge: None,
            observer: None,
            gate: None,
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
