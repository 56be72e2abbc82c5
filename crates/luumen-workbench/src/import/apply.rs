//! Takes found hosts into what is kept, in one step.

use serde::Deserialize;
use ts_rs::TS;

use super::{FoundHost, ImportItem, plan::Kept};
use crate::{
    Place,
    bridge::{Id, Problem},
    hosts::{Group, Host, Protocol, Settings, tidy_tags},
    identities::{self, Credential, CredentialKind, Key},
    store::records::Changes,
};

/// How a found host is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TakeAs {
    /// As a host of its own.
    New,
    /// Into the kept one: what the file says is changed, the rest stays.
    Merge,
    /// In place of what the kept one says.
    Replace,
}

/// What an import came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Applied {
    pub(crate) added: usize,
    pub(crate) changed: usize,
}

/// Takes hosts. Jumps are tied last: they may lead through hosts that come with the same file.
pub(crate) async fn apply(
    changes: &mut Changes,
    kept: &mut Kept,
    taken: &[(&FoundHost, &ImportItem, TakeAs)],
    home: &str,
) -> Result<Applied, Problem> {
    let mut applied = Applied::default();
    let mut ids = Vec::new();
    for (found, item, how) in taken {
        let before = item
            .existing
            .filter(|_| *how != TakeAs::New)
            .and_then(|id| kept.hosts.iter().find(|host| host.id == id).cloned());
        match &before {
            Some(_) => applied.changed += 1,
            None => applied.added += 1,
        }
        let mut host = host(found, before, *how, kept);
        host.group = group(changes, kept, found, host.group).await?;
        if let Some(credential) = credential(changes, kept, found, home).await? {
            host.settings.credential = Some(credential);
        }
        ids.push(host.id);
        kept.hosts.retain(|known| known.id != host.id);
        kept.hosts.push(host);
    }
    for ((found, _, _), id) in taken.iter().zip(&ids) {
        if let Some(hops) = &found.jump {
            applied.added += tie(kept, *id, hops);
        }
    }
    for host in &kept.hosts {
        changes.put(host).await?;
    }
    Ok(applied)
}

fn host(found: &FoundHost, before: Option<Host>, how: TakeAs, kept: &Kept) -> Host {
    let named = before.is_none();
    let mut host = before.unwrap_or_else(|| Host {
        id: Id::new(),
        group: None,
        name: String::new(),
        protocol: Protocol::Ssh,
        address: String::new(),
        tags: Vec::new(),
        note: String::new(),
        settings: Settings::default(),
        forwards: Vec::new(),
        last_connected_at: None,
        os: None,
        last_scan_at: None,
    });
    if named {
        host.name = free_name(&found.name, kept);
    } else {
        host.name.clone_from(&found.name);
    }
    if how == TakeAs::Replace {
        host.settings = Settings::default();
        host.forwards.clear();
    }
    host.address.clone_from(&found.address);
    host.note = found.note.clone().unwrap_or(host.note);
    host.tags.extend(found.tags.iter().cloned());
    host.tags = tidy_tags(host.tags);
    host.settings = merged(host.settings, found);
    for forward in &found.forwards {
        let same = |known: &&crate::hosts::ForwardSpec| {
            (known.kind, &known.bind, known.port) == (forward.kind, &forward.bind, forward.port)
        };
        if !host.forwards.iter().any(|known| same(&known)) {
            host.forwards.push(forward.clone());
        }
    }
    host
}

/// What the file says, and for the rest what was said before.
fn merged(before: Settings, found: &FoundHost) -> Settings {
    let said = found.settings.clone();
    Settings {
        user: found.user.clone().or(before.user),
        port: found.port.or(before.port),
        credential: before.credential,
        jump: before.jump,
        proxy: said.proxy.or(before.proxy),
        environment: said.environment.or(before.environment),
        host_key_policy: said.host_key_policy.or(before.host_key_policy),
        keepalive_s: said.keepalive_s.or(before.keepalive_s),
        connect_timeout_s: said.connect_timeout_s.or(before.connect_timeout_s),
        compression: said.compression.or(before.compression),
        agent_forwarding: said.agent_forwarding.or(before.agent_forwarding),
        log: said.log.or(before.log),
        sudo_tier: said.sudo_tier.or(before.sudo_tier),
        terminal: said.terminal.or(before.terminal),
    }
}

/// `web`, or `web (2)` when another host is called so.
fn free_name(name: &str, kept: &Kept) -> String {
    let is_taken = |name: &str| kept.hosts.iter().any(|host| host.name.eq_ignore_ascii_case(name));
    let mut free = name.to_owned();
    let mut number = 2;
    while is_taken(&free) {
        free = format!("{name} ({number})");
        number += 1;
    }
    free
}

/// The group that the file names, made where it is not there; else the one the host is in.
async fn group(
    changes: &mut Changes,
    kept: &mut Kept,
    found: &FoundHost,
    before: Option<Id>,
) -> Result<Option<Id>, Problem> {
    let mut parent = None;
    for name in &found.group {
        let known = kept
            .groups
            .iter()
            .find(|group| group.parent == parent && group.name.eq_ignore_ascii_case(name));
        parent = match known {
            Some(group) => Some(group.id),
            None => {
                let group = Group {
                    id: Id::new(),
                    parent,
                    name: name.clone(),
                    settings: Settings::default(),
                };
                changes.put(&group).await?;
                kept.groups.push(group);
                kept.groups.last().map(|group| group.id)
            }
        };
    }
    Ok(parent.or(before))
}

/// A credential for the key file that the file names; one that is kept already is used again.
async fn credential(
    changes: &mut Changes,
    kept: &mut Kept,
    found: &FoundHost,
    home: &str,
) -> Result<Option<Id>, Problem> {
    let Some(path) = &found.key_file else {
        return Ok(None);
    };
    let path = match path.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", home.trim_end_matches('/')),
        None => path.clone(),
    };
    let known = kept
        .keys
        .iter()
        .find(|key| key.path.as_deref() == Some(&path))
        .map(|key| key.id);
    let key = match known {
        Some(id) => id,
        None => {
            // A file that is not there today may be tomorrow, but a key that was never seen is none.
            let Some(key) = identities::in_file(path.as_ref()).await else {
                return Ok(None);
            };
            changes.put(&key).await?;
            kept.keys.push(key);
            match kept.keys.last() {
                Some(key) => key.id,
                None => return Ok(None),
            }
        }
    };
    let same = |credential: &&Credential| {
        credential.key == Some(key)
            && credential.certificate == found.certificate
            && credential.user.is_none()
    };
    if let Some(credential) = kept.credentials.iter().find(same) {
        return Ok(Some(credential.id));
    }
    let credential = Credential {
        id: Id::new(),
        name: key_name(&kept.keys, key),
        user: None,
        kind: CredentialKind::Key,
        key: Some(key),
        certificate: found.certificate.clone(),
        has_secret: false,
    };
    changes.put(&credential).await?;
    kept.credentials.push(credential);
    Ok(kept.credentials.last().map(|credential| credential.id))
}

fn key_name(keys: &[Key], id: Id) -> String {
    keys.iter()
        .find(|key| key.id == id)
        .map_or_else(String::new, |key| key.name.clone())
}

/// Ties a host to its hops; a hop that nobody knows is added as a host. Answers how many were.
fn tie(kept: &mut Kept, id: Id, hops: &[String]) -> usize {
    let mut added = 0;
    let mut jump = Vec::new();
    for hop in hops {
        let place = hop.parse::<Place>().ok();
        let known = kept
            .hosts
            .iter()
            .find(|host| host.id != id && is_hop(host, hop, place.as_ref()));
        if let Some(host) = known {
            jump.push(host.id);
            continue;
        }
        let Some(place) = place else {
            continue;
        };
        let found = FoundHost {
            user: place.username.clone(),
            port: Some(place.port).filter(|port| *port != 22),
            ..FoundHost::new(hop.clone(), place.host)
        };
        let host = host(&found, None, TakeAs::New, kept);
        jump.push(host.id);
        kept.hosts.push(host);
        added += 1;
    }
    // A way that leads back here would never arrive.
    let loops = |start: Id| {
        let mut open = vec![start];
        let mut seen = Vec::new();
        while let Some(next) = open.pop() {
            if next == id {
                return true;
            }
            if !seen.contains(&next) {
                seen.push(next);
                let hop = kept.hosts.iter().find(|host| host.id == next);
                open.extend(
                    hop.into_iter()
                        .flat_map(|host| host.settings.jump.iter().flatten().copied()),
                );
            }
        }
        false
    };
    jump.retain(|hop| !loops(*hop));
    if let Some(host) = kept.hosts.iter_mut().find(|host| host.id == id) {
        host.settings.jump = Some(jump);
    }
    added
}

fn is_hop(host: &Host, hop: &str, place: Option<&Place>) -> bool {
    if host.name.eq_ignore_ascii_case(hop) {
        return true;
    }
    place.is_some_and(|place| {
        let named =
            host.name.eq_ignore_ascii_case(&place.host) || host.address.eq_ignore_ascii_case(&place.host);
        let user = place
            .username
            .as_ref()
            .is_none_or(|user| host.settings.user.as_ref() == Some(user));
        named && user && (place.port == 22 || host.settings.port == Some(place.port))
    })
}
