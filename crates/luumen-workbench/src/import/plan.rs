//! How what was found stands to what is kept. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{FoundHost, ImportItem, ItemChange, ItemField, ItemState};
use crate::{
    Place,
    bridge::Id,
    hosts::{ForwardKind, ForwardSpec, Group, Host, above},
    identities::{Credential, Key},
};

/// Everything that is kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) hosts: Vec<Host>,
    pub(crate) groups: Vec<Group>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) keys: Vec<Key>,
}

/// What a host says, field by field, as a person reads it.
type Fields = BTreeMap<&'static str, String>;

/// Compares every found host with what is kept.
pub(crate) fn items(found: &[FoundHost], kept: &Kept) -> Vec<ImportItem> {
    found
        .iter()
        .enumerate()
        .map(|(index, host)| item(index, host, kept))
        .collect()
}

/// A way that leads through a host that nobody knows cannot be taken, and half of it would lead elsewhere.
pub(crate) fn leave_unknown_ways(found: &mut [FoundHost], kept: &Kept) {
    let names = found.iter().map(|host| host.name.to_lowercase());
    let mut names: BTreeSet<String> = names.collect();
    names.extend(kept.hosts.iter().map(|host| host.name.to_lowercase()));
    for host in found {
        let is_unknown =
            |hop: &&String| !names.contains(&hop.to_lowercase()) && hop.parse::<Place>().is_err();
        let Some(unknown) = host.jump.iter().flatten().find(is_unknown).cloned() else {
            continue;
        };
        host.jump = None;
        host.unsupported
            .push(format!("jump host {unknown} (no host is called so)"));
        host.warn_without_way("jump host");
    }
}

fn item(index: usize, found: &FoundHost, kept: &Kept) -> ImportItem {
    let existing = existing(found, kept);
    let changes = existing.map_or_else(Vec::new, |(host, _)| {
        let merged = FoundHost {
            tags: found.tags_over(&host.tags),
            forwards: found.forwards_over(&host.forwards),
            ..found.clone()
        };
        differences(&kept.fields(host), &fields(&merged))
    });
    let state = match existing {
        None => ItemState::New,
        Some((_, false)) => ItemState::NameTaken,
        Some(_) if changes.is_empty() => ItemState::Same,
        Some(_) => ItemState::Changes,
    };
    ImportItem {
        index,
        name: found.name.clone(),
        address: found.address.clone(),
        user: found.user.clone(),
        port: found.port.unwrap_or(22),
        group: found.group.clone(),
        jump: found.jump.clone().unwrap_or_default(),
        state,
        existing: existing.map(|(host, _)| host.id),
        changes,
        fields: all(found),
        unsupported: found.unsupported.clone(),
        warnings: found.warnings.clone(),
        agent_forwarding: agent(found, kept),
    }
}

/// What would turn agent forwarding on: the file's own word, or the nearest kept group around that says anything of it.
fn agent(found: &FoundHost, kept: &Kept) -> Option<String> {
    match found.settings.agent_forwarding {
        Some(true) => Some("the file".to_owned()),
        Some(false) => None,
        None => {
            let group = above(kept.nearest_group(&found.group), &kept.groups)
                .into_iter()
                .find(|group| group.settings.agent_forwarding.is_some())?;
            (group.settings.agent_forwarding == Some(true)).then(|| format!("the group {}", group.name))
        }
    }
}

/// The kept host that this one is, or (false) whose name it has: same name and address, else the same name, else
/// the same address, port and account under another name.
fn existing<'a>(found: &FoundHost, kept: &'a Kept) -> Option<(&'a Host, bool)> {
    let name = |host: &&Host| host.name.eq_ignore_ascii_case(&found.name);
    let address = |host: &&Host| host.address.eq_ignore_ascii_case(&found.address);
    if let Some(host) = kept.hosts.iter().find(|host| name(host) && address(host)) {
        return Some((host, true));
    }
    if let Some(host) = kept.hosts.iter().find(name) {
        return Some((host, false));
    }
    let same = |host: &&Host| {
        address(host)
            && host.settings.port.unwrap_or(22) == found.port.unwrap_or(22)
            && host.settings.user == found.user
    };
    kept.hosts.iter().find(same).map(|host| (host, true))
}

/// Only what the file says can differ.
fn differences(kept: &Fields, found: &Fields) -> Vec<ItemChange> {
    found
        .iter()
        .filter(|(field, value)| kept.get(*field) != Some(value))
        .map(|(field, value)| ItemChange {
            field: (*field).to_owned(),
            from: kept.get(field).cloned(),
            to: Some(value.clone()),
        })
        .collect()
}

/// All that a host says, so that nothing is taken unseen.
fn all(found: &FoundHost) -> Vec<ItemField> {
    let single = fields(found)
        .into_iter()
        .filter(|(field, _)| !matches!(*field, "tags" | "forwards"));
    let tags = found.tags.iter().map(|tag| ("tag", tag.clone()));
    let forwards = found.forwards.iter().map(|spec| ("forward", forward(spec)));
    single
        .chain(tags)
        .chain(forwards)
        .map(|(field, value)| ItemField {
            field: field.to_owned(),
            value,
        })
        .collect()
}

fn fields(found: &FoundHost) -> Fields {
    let mut fields = settings_fields(&found.settings);
    let mut put = |field, value: Option<String>| {
        fields.extend(value.map(|value| (field, value)));
    };
    put("name", Some(found.name.clone()));
    put("address", Some(found.address.clone()));
    put("user", found.user.clone());
    put("port", found.port.map(|port| port.to_string()));
    put("group", join(&found.group, "/"));
    put("note", found.note.clone());
    put(
        "jump",
        found.jump.as_ref().map(|jump| {
            jump.iter()
                .map(|hop| hop_name(hop))
                .collect::<Vec<_>>()
                .join(", ")
        }),
    );
    put("key", found.key_file.clone());
    put("certificate", found.certificate.clone());
    put("tags", join(&found.tags, ", "));
    let forwards: Vec<String> = found.forwards.iter().map(forward).collect();
    put("forwards", join(&forwards, "; "));
    fields
}

/// `ann@gw:22` and `ann@gw` are the same hop; the name of a host is itself.
fn hop_name(hop: &str) -> String {
    match hop.parse::<Place>() {
        Ok(place) if place.username.is_some() || place.port != 22 => place.to_string(),
        Ok(place) => place.host,
        Err(_) => hop.to_owned(),
    }
}

fn settings_fields(settings: &crate::hosts::Settings) -> Fields {
    let mut fields = Fields::new();
    let mut put = |field, value: Option<String>| {
        fields.extend(value.map(|value| (field, value)));
    };
    put("proxy", settings.proxy.clone());
    put("environment", settings.environment.map(word));
    put("host_key_policy", settings.host_key_policy.map(word));
    put("log", settings.log.map(word));
    put("sudo_tier", settings.sudo_tier.map(word));
    put(
        "keepalive_s",
        settings.keepalive_s.map(|seconds| seconds.to_string()),
    );
    put(
        "connect_timeout_s",
        settings.connect_timeout_s.map(|seconds| seconds.to_string()),
    );
    put("compression", settings.compression.map(yes_no));
    put("agent_forwarding", settings.agent_forwarding.map(yes_no));
    put("terminal", settings.terminal.clone());
    fields
}

fn word(value: impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn join(words: &[String], between: &str) -> Option<String> {
    (!words.is_empty()).then(|| words.join(between))
}

fn forward(spec: &ForwardSpec) -> String {
    let kind = match spec.kind {
        ForwardKind::Local => "L",
        ForwardKind::Remote => "R",
        ForwardKind::Dynamic => "D",
    };
    let to = match (&spec.to_host, spec.to_port) {
        (Some(host), Some(port)) => format!("→{host}:{port}"),
        _ => String::new(),
    };
    let when = if spec.auto {
        "listens from the first connect"
    } else {
        "listens when you start it"
    };
    format!("{kind} {}:{}{to} ({when})", spec.bind, spec.port)
}

impl Kept {
    /// The innermost group that is kept of those that a file names, outermost first.
    fn nearest_group(&self, names: &[String]) -> Option<Id> {
        let mut parent = None;
        for name in names {
            let inside = |group: &&Group| group.parent == parent && group.name.eq_ignore_ascii_case(name);
            match self.groups.iter().find(inside) {
                Some(group) => parent = Some(group.id),
                None => break,
            }
        }
        parent
    }

    /// Whether a host may use this device's ssh-agent.
    pub(crate) fn forwards_agent(&self, host: &Host) -> bool {
        let groups = above(host.group, &self.groups);
        host.settings
            .agent_forwarding
            .or_else(|| groups.iter().find_map(|group| group.settings.agent_forwarding))
            .unwrap_or(false)
    }

    /// These hosts, or all, with those that they are reached through.
    pub(crate) fn with_hops(&self, ids: Option<&[Id]>) -> Vec<&Host> {
        let mut open: Vec<Id> = match ids {
            Some(ids) => ids.to_vec(),
            None => self.hosts.iter().map(|host| host.id).collect(),
        };
        let mut wanted = BTreeSet::new();
        while let Some(id) = open.pop() {
            if wanted.insert(id)
                && let Some(host) = self.hosts.iter().find(|host| host.id == id)
            {
                open.extend(self.jump(host));
            }
        }
        self.hosts
            .iter()
            .filter(|host| wanted.contains(&host.id))
            .collect()
    }

    /// The hosts that one is reached through, by its own word or by that of the nearest group that says anything of it.
    fn jump<'a>(&'a self, host: &'a Host) -> &'a [Id] {
        let groups = above(host.group, &self.groups);
        let said = groups.iter().find_map(|group| group.settings.jump.as_ref());
        host.settings.jump.as_ref().or(said).map_or(&[], Vec::as_slice)
    }

    fn fields(&self, host: &Host) -> Fields {
        fields(&self.described(host))
    }

    /// The names of the groups that a host is in, outermost first.
    fn group_names(&self, host: &Host) -> Vec<String> {
        let mut names = Vec::new();
        let mut next = host.group;
        while let Some(group) = next.and_then(|id| self.groups.iter().find(|group| group.id == id)) {
            names.insert(0, group.name.clone());
            next = group.parent.filter(|_| names.len() < 64);
        }
        names
    }

    fn host_name(&self, id: Id) -> String {
        let host = self.hosts.iter().find(|host| host.id == id);
        host.map_or_else(|| id.to_string(), |host| host.name.clone())
    }

    /// A kept host as a file would describe it: by names, without a secret.
    pub(crate) fn described(&self, host: &Host) -> FoundHost {
        let credential = host
            .settings
            .credential
            .and_then(|id| self.credentials.iter().find(|credential| credential.id == id));
        let key = credential
            .and_then(|credential| credential.key)
            .and_then(|id| self.keys.iter().find(|key| key.id == id));
        let mut settings = host.settings.clone();
        let (user, port) = (settings.user.take(), settings.port.take());
        let jump = settings.jump.take();
        settings.credential = None;
        settings.proxy_credential = None;
        FoundHost {
            name: host.name.clone(),
            address: host.address.clone(),
            user: user.or_else(|| credential.and_then(|credential| credential.user.clone())),
            port,
            group: self.group_names(host),
            tags: host.tags.clone(),
            note: Some(host.note.clone()).filter(|note| !note.is_empty()),
            jump: jump.map(|hops| hops.into_iter().map(|hop| self.host_name(hop)).collect()),
            key_file: key.and_then(|key| key.path.clone()),
            certificate: credential
                .and_then(|credential| credential.certificate.clone())
                .filter(|certificate| !certificate.contains(' ')),
            settings,
            forwards: host.forwards.clone(),
            unsupported: Vec::new(),
            warnings: Vec::new(),
        }
    }
}
