//! The nouns: a host, a group, their settings, and what to forward.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::check::bare_address;
use crate::{
    bridge::{Id, Time},
    store::records::Record,
};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }
    };
}

words! {
    /// What a host is for; production is framed red.
    Environment {
        /// People depend on it now.
        Production,
        /// A rehearsal of production.
        Staging,
        /// For trying things out.
        Development,
        /// Not said.
        None,
    }
}

words! {
    /// What to do with a host key that was never seen.
    HostKeyRule {
        /// Ask the person.
        Ask,
        /// Refuse it.
        Strict,
    }
}

words! {
    /// How much of a session is logged.
    LogMode {
        /// Nothing.
        Off,
        /// When, where and how long.
        Metadata,
        /// Everything that was shown.
        Full,
    }
}

words! {
    /// How much of `sudo` a scan may use.
    SudoTier {
        /// Nothing.
        None,
        /// The usual lines.
        Standard,
        /// More lines.
        Extended,
    }
}

words! {
    /// How a host is spoken to.
    Protocol {
        /// SSH.
        Ssh,
    }
}

words! {
    /// Which way a forward goes.
    ForwardKind {
        /// From this device to what the host reaches.
        Local,
        /// From the host to what this device reaches.
        Remote,
        /// A SOCKS proxy on this device.
        Dynamic,
    }
}

/// What a host or group says about connecting; `null` is inherited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The account.
    pub user: Option<String>,
    /// The port.
    pub port: Option<u16>,
    /// What to sign in with.
    pub credential: Option<Id>,
    /// Hosts to go through, first hop first; an empty list goes straight.
    pub jump: Option<Vec<Id>>,
    /// `socks5://host:port`, `http://user@host:port`, or `none` to go without an inherited one. Never a password.
    pub proxy: Option<String>,
    /// What the proxy lets in: an account with its password. Goes with the proxy, never with one that is said nearer.
    pub proxy_credential: Option<Id>,
    /// What the host is for.
    pub environment: Option<Environment>,
    /// What to do with a new host key.
    pub host_key_policy: Option<HostKeyRule>,
    /// Seconds of silence after which the host is asked whether it is there; 0 never asks.
    pub keepalive_s: Option<u32>,
    /// Seconds to reach and sign in to each host on the way.
    pub connect_timeout_s: Option<u32>,
    /// Whether to compress.
    pub compression: Option<bool>,
    /// Whether the host may use this device's ssh-agent.
    pub agent_forwarding: Option<bool>,
    /// How much of a session is logged.
    pub log: Option<LogMode>,
    /// How much of `sudo` a scan may use.
    pub sudo_tier: Option<SudoTier>,
    /// `TERM` of its shells.
    pub terminal: Option<String>,
}

/// A group of hosts; groups nest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Group {
    /// Its id.
    pub id: Id,
    /// The group it is in.
    pub parent: Option<Id>,
    /// Its name.
    pub name: String,
    /// What its hosts and groups inherit.
    pub settings: Settings,
}

/// A port to forward.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ForwardSpec {
    /// Its id.
    pub id: Id,
    /// Which way.
    pub kind: ForwardKind,
    /// Address it listens on.
    pub bind: String,
    /// Port it listens on; 0 lets the system choose.
    pub port: u16,
    /// Where it leads, unless it is a proxy.
    pub to_host: Option<String>,
    /// Where it leads, unless it is a proxy.
    pub to_port: Option<u16>,
    /// Whether it starts with the session.
    pub auto: bool,
    /// What it is for.
    pub label: String,
}

/// A host that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Host {
    /// Its id.
    pub id: Id,
    /// The group it is in.
    pub group: Option<Id>,
    /// How its person calls it.
    pub name: String,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Name or address on the network.
    pub address: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Whatever its person wants to remember.
    pub note: String,
    /// What it says about connecting.
    pub settings: Settings,
    /// Ports to forward.
    pub forwards: Vec<ForwardSpec>,
    /// When a session was last open.
    #[serde(default)]
    pub last_connected_at: Option<Time>,
    /// What runs on it, as last seen.
    #[serde(default)]
    pub os: Option<String>,
    /// When it was last scanned.
    #[serde(default)]
    pub last_scan_at: Option<Time>,
}

impl Host {
    /// One of which nothing is said but its name and address.
    pub(crate) fn bare(name: &str, address: &str) -> Self {
        Self {
            id: Id::new(),
            group: None,
            name: name.to_owned(),
            protocol: Protocol::Ssh,
            address: address.to_owned(),
            tags: Vec::new(),
            note: String::new(),
            settings: Settings::default(),
            forwards: Vec::new(),
            last_connected_at: None,
            os: None,
            last_scan_at: None,
        }
    }
}

/// A host as its person fills it in.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostDraft {
    /// The group it is in.
    pub group: Option<Id>,
    /// How its person calls it.
    pub name: String,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Name or address on the network.
    pub address: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Whatever its person wants to remember.
    pub note: String,
    /// What it says about connecting.
    pub settings: Settings,
    /// Ports to forward.
    pub forwards: Vec<ForwardSpec>,
}

impl HostDraft {
    /// The host with this id; what was seen of it before stays.
    pub(crate) fn into_host(self, id: Id, before: Option<&Host>) -> Host {
        Host {
            id,
            group: self.group,
            name: self.name.trim().to_owned(),
            protocol: self.protocol,
            address: bare_address(&self.address).to_owned(),
            tags: tidy_tags(self.tags),
            note: self.note,
            settings: self.settings,
            forwards: self.forwards,
            last_connected_at: before.and_then(|host| host.last_connected_at),
            os: before.and_then(|host| host.os.clone()),
            last_scan_at: before.and_then(|host| host.last_scan_at),
        }
    }
}

/// Each tag once, without blanks around it, in their order.
pub(crate) fn tidy_tags(tags: Vec<String>) -> Vec<String> {
    let mut tidy: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.trim();
        if !tag.is_empty() && !tidy.iter().any(|known| known == tag) {
            tidy.push(tag.to_owned());
        }
    }
    tidy
}

impl Record for Host {
    const KIND: &'static str = "host";

    fn id(&self) -> Id {
        self.id
    }
}

impl Record for Group {
    const KIND: &'static str = "group";

    fn id(&self) -> Id {
        self.id
    }
}
