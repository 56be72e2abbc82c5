//! The nouns: a host, a group, their settings, and what to forward.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::bridge::Id;

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
