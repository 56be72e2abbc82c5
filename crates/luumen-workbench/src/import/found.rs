//! What was found in a text, before anything is done with it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    bridge::Id,
    hosts::{ForwardSpec, Settings, tidy_tags},
};

/// Where hosts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum ImportKind {
    /// OpenSSH's client configuration.
    #[serde(rename = "ssh_config")]
    SshConfig,
    /// PuTTY's sessions, exported from the registry.
    Putty,
    /// A table with a head.
    Csv,
    /// An Ansible inventory, INI or YAML.
    Ansible,
    /// A Termius export.
    Termius,
    /// MobaXterm sessions.
    Mobaxterm,
    /// mRemoteNG's `confCons.xml`.
    Mremoteng,
    /// What Luumen exports.
    Luumen,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) hosts: Vec<FoundHost>,
    pub(crate) problems: Vec<ImportProblem>,
}

/// A host as a file describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FoundHost {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) user: Option<String>,
    pub(crate) port: Option<u16>,
    /// Groups, outermost first.
    pub(crate) group: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) note: Option<String>,
    /// Hops, first hop first: names of hosts, or `user@host:port`.
    pub(crate) jump: Option<Vec<String>>,
    /// Private key file.
    pub(crate) key_file: Option<String>,
    /// Certificate file.
    pub(crate) certificate: Option<String>,
    /// Everything else; its user, port, jump and credential are not used.
    pub(crate) settings: Settings,
    pub(crate) forwards: Vec<ForwardSpec>,
    /// What the file says and Luumen cannot do.
    pub(crate) unsupported: Vec<String>,
    /// What would be otherwise than the file means it, and matters.
    pub(crate) warnings: Vec<String>,
}

impl FoundHost {
    pub(crate) fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
            ..Self::default()
        }
    }

    /// Whether this is its name in the file.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name.to_lowercase() == name.to_lowercase()
    }

    /// The forwards of a kept host once this one is merged into it: what listens at the same place leads where the file says.
    pub(crate) fn forwards_over(&self, kept: &[ForwardSpec]) -> Vec<ForwardSpec> {
        let mut forwards = kept.to_vec();
        for said in &self.forwards {
            let same = |known: &&mut ForwardSpec| {
                (known.kind, &known.bind, known.port) == (said.kind, &said.bind, said.port)
            };
            match forwards.iter_mut().find(same) {
                Some(known) => {
                    known.to_host.clone_from(&said.to_host);
                    known.to_port = said.to_port;
                }
                None => forwards.push(said.clone()),
            }
        }
        forwards
    }

    /// The way that the file leads to it is not taken: without another one, a connection would go straight there.
    pub(crate) fn warn_without_way(&mut self, what: &str) {
        let has_way =
            self.settings.proxy.is_some() || self.jump.as_ref().is_some_and(|hops| !hops.is_empty());
        if !has_way {
            let warning = format!("Without its {what}, this host would be reached directly");
            self.warnings.push(warning);
        }
    }

    /// The tags of a kept host once this one is merged into it.
    pub(crate) fn tags_over(&self, kept: &[String]) -> Vec<String> {
        tidy_tags([kept, &self.tags].concat())
    }
}

/// A line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ImportProblem {
    /// Counted from 1, where there are lines.
    pub line: Option<u32>,
    /// What stands there, without secrets.
    pub text: String,
    /// Why it was not taken.
    pub why: String,
    /// What to do now.
    pub next: String,
}

impl ImportProblem {
    pub(crate) fn new(
        line: Option<u32>,
        text: impl Into<String>,
        why: impl Into<String>,
        next: &str,
    ) -> Self {
        Self {
            line,
            text: shortened(&text.into()),
            why: why.into(),
            next: next.to_owned(),
        }
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text
        .chars()
        .filter(|letter| !letter.is_control())
        .take(200)
        .collect();
    if short.len() < text.trim_end().len() {
        short.push('…');
    }
    short
}

/// How a found host stands to what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Nothing like it is kept.
    New,
    /// It is kept as it is.
    Same,
    /// It is kept, with other settings.
    Changes,
    /// Another host has its name.
    NameTaken,
}

/// A difference between a kept host and the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ItemChange {
    /// Which field.
    pub field: String,
    /// What is kept.
    pub from: Option<String>,
    /// What the file says.
    pub to: Option<String>,
}

/// Something that a found host says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ItemField {
    /// Which field.
    pub field: String,
    /// What the file says.
    pub value: String,
}

/// A found host, to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ImportItem {
    /// Its place in the batch.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The account, where one is said.
    pub user: Option<String>,
    /// The port.
    pub port: u16,
    /// Groups, outermost first.
    pub group: Vec<String>,
    /// Hops, first hop first.
    pub jump: Vec<String>,
    /// How it stands to what is kept.
    pub state: ItemState,
    /// The kept host that it is, or whose name it has.
    pub existing: Option<Id>,
    /// How the two differ.
    pub changes: Vec<ItemChange>,
    /// All that comes with it when it is taken as a host of its own, each forward and tag for itself.
    pub fields: Vec<ItemField>,
    /// What the file says and Luumen cannot do.
    pub unsupported: Vec<String>,
    /// What would be otherwise than the file means it, and matters.
    pub warnings: Vec<String>,
    /// What would let the host use this device's ssh-agent: `the file`, or the name of the group it comes into. Taken only with leave.
    pub agent_forwarding: Option<String>,
}

impl ImportItem {
    /// Whether it is one of the hosts that are kept, and not only called like one.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self.state, ItemState::Same | ItemState::Changes)
    }
}
