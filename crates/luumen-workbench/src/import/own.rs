//! Luumen's own export: every host with what it says itself, by names and not by ids. Holds no secret. Pure.

use serde::{Deserialize, Serialize};

use super::{Found, FoundHost, ImportProblem};
use crate::{
    bridge::Id,
    hosts::{ForwardKind, ForwardSpec, Settings},
};

const FORMAT: &str = "luumen-hosts";
const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Document {
    format: String,
    version: u32,
    hosts: Vec<OwnHost>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct OwnHost {
    name: String,
    address: String,
    user: Option<String>,
    port: Option<u16>,
    group: Vec<String>,
    tags: Vec<String>,
    note: String,
    jump: Option<Vec<String>>,
    key_file: Option<String>,
    certificate: Option<String>,
    settings: Settings,
    forwards: Vec<OwnForward>,
}

#[derive(Debug, Serialize, Deserialize)]
struct OwnForward {
    kind: ForwardKind,
    bind: String,
    port: u16,
    to_host: Option<String>,
    to_port: Option<u16>,
    auto: bool,
    label: String,
}

/// Reads an export.
pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    let document: Document = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            let line = u32::try_from(error.line()).ok();
            let next = "Choose a file that Luumen exported.";
            found
                .problems
                .push(ImportProblem::new(line, "", error.to_string(), next));
            return found;
        }
    };
    if document.format != FORMAT || document.version > VERSION {
        let why = if document.format == FORMAT {
            "it is of a newer Luumen"
        } else {
            "it is no export of Luumen"
        };
        let next = "Choose a file that this or an older Luumen exported.";
        found
            .problems
            .push(ImportProblem::new(None, document.format, why, next));
        return found;
    }
    found.hosts = document.hosts.into_iter().map(OwnHost::into_found).collect();
    found
}

/// Writes an export.
pub(super) fn write(hosts: &[FoundHost]) -> String {
    let document = Document {
        format: FORMAT.to_owned(),
        version: VERSION,
        hosts: hosts.iter().cloned().map(OwnHost::from).collect(),
    };
    // Texts, numbers and lists: there is nothing in it that JSON could not write.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

impl OwnHost {
    fn into_found(self) -> FoundHost {
        let forward = |forward: OwnForward| ForwardSpec {
            id: Id::new(),
            kind: forward.kind,
            bind: forward.bind,
            port: forward.port,
            to_host: forward.to_host,
            to_port: forward.to_port,
            auto: forward.auto,
            label: forward.label,
        };
        FoundHost {
            name: self.name,
            address: self.address,
            user: self.user,
            port: self.port,
            group: self.group,
            tags: self.tags,
            note: Some(self.note).filter(|note| !note.is_empty()),
            jump: self.jump,
            key_file: self.key_file,
            certificate: self.certificate,
            settings: self.settings,
            forwards: self.forwards.into_iter().map(forward).collect(),
            unsupported: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl From<FoundHost> for OwnHost {
    fn from(host: FoundHost) -> Self {
        let forward = |forward: ForwardSpec| OwnForward {
            kind: forward.kind,
            bind: forward.bind,
            port: forward.port,
            to_host: forward.to_host,
            to_port: forward.to_port,
            auto: forward.auto,
            label: forward.label,
        };
        Self {
            name: host.name,
            address: host.address,
            user: host.user,
            port: host.port,
            group: host.group,
            tags: host.tags,
            note: host.note.unwrap_or_default(),
            jump: host.jump,
            key_file: host.key_file,
            certificate: host.certificate,
            settings: host.settings,
            forwards: host.forwards.into_iter().map(forward).collect(),
        }
    }
}
