//! Takes found hosts into what is kept, in one step.

use serde::Deserialize;
use ts_rs::TS;

use super::{FoundHost, ImportItem, plan::Kept, ways::Ways};
use crate::{
    bridge::{Id, Problem},
    hosts::{Group, Host, Settings},
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

/// A found host that is taken.
pub(crate) struct Taken<'a> {
    pub(crate) found: &'a FoundHost,
    pub(crate) item: &'a ImportItem,
    pub(crate) how: TakeAs,
    /// Its person lets it use the ssh-agent, if it comes to that.
    pub(crate) agent: bool,
}

/// All that a file holds, and how it stands to what is kept.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) found: &'a [FoundHost],
    pub(crate) items: &'a [ImportItem],
}

/// What an import came to.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub(crate) added: usize,
    pub(crate) changed: usize,
    /// Why the way to a host was left as it was.
    pub(crate) left: Vec<Problem>,
}

/// Takes hosts. Jumps are tied last: they may lead through hosts that come with the same file. Nothing but these hosts is
/// written, so that taking it back leaves alone what was done to others since.
pub(crate) async fn apply(
    changes: &mut Changes,
    kept: &mut Kept,
    file: File<'_>,
    taken: Vec<Taken<'_>>,
    home: &str,
) -> Result<Applied, Problem> {
    let taken = with_hops(taken, file);
    let mut applied = Applied::default();
    let mut ids = Vec::new();
    for Taken {
        found,
        item,
        how,
        agent,
    } in &taken
    {
        let before = item
            .existing
            .filter(|_| *how != TakeAs::New)
            .and_then(|id| kept.hosts.iter().find(|host| host.id == id).cloned());
        match &before {
            Some(_) => applied.changed += 1,
            None => applied.added += 1,
        }
        let had_agent = before
            .as_ref()
            .is_some_and(|host| *how == TakeAs::Merge && kept.forwards_agent(host));
        let mut host = host(found, before, *how, kept);
        host.group = group(changes, kept, found, host.group).await?;
        if let Some(credential) = credential(changes, kept, found, home).await? {
            host.settings.credential = Some(credential);
        }
        // Neither a file nor the group it comes into lends a host the agent unless its person says so.
        if !agent && !had_agent && kept.forwards_agent(&host) {
            host.settings.agent_forwarding = Some(false);
        }
        ids.push(host.id);
        kept.hosts.retain(|known| known.id != host.id);
        kept.hosts.push(host);
    }
    let mut ways = Ways::new(
        kept,
        file,
        taken.iter().map(|taken| taken.found).zip(ids.iter().copied()),
    );
    for (Taken { found, .. }, id) in taken.iter().zip(&ids) {
        if let Some(hops) = &found.jump
            && let Err(why) = ways.tie(*id, hops)
        {
            applied.left.push(left(&found.name, why));
        }
    }
    applied.added += ways.added.len();
    ids.extend(ways.added);
    for host in kept.hosts.iter().filter(|host| ids.contains(&host.id)) {
        changes.put(host).await?;
    }
    Ok(applied)
}

/// The hosts of the file that others are reached through come along with these, and in turn those that lead to them.
fn with_hops<'a>(mut taken: Vec<Taken<'a>>, file: File<'a>) -> Vec<Taken<'a>> {
    let mut at = 0;
    while let Some(found) = taken.get(at).map(|taken| taken.found) {
        at += 1;
        for hop in found.jump.iter().flatten() {
            if taken.iter().any(|taken| taken.found.is_called(hop)) {
                continue;
            }
            let hops = file.found.iter().zip(file.items);
            let missing = hops
                .filter(|(hop, item)| !item.is_kept() && !std::ptr::eq(*hop, found))
                .find(|(found, _)| found.is_called(hop));
            taken.extend(missing.map(|(found, item)| Taken {
                found,
                item,
                how: TakeAs::New,
                agent: false,
            }));
        }
    }
    taken
}

fn left(host: &str, why: String) -> Problem {
    let title = format!("the way to {host} was left as it was");
    Problem::new("LUM-IMPORT-WAY", title, why).next("Look at its jump hosts before you connect to it.")
}

/// A host of its own, out of what a file says of it.
pub(super) fn new_host(found: &FoundHost, kept: &Kept) -> Host {
    host(found, None, TakeAs::New, kept)
}

fn host(found: &FoundHost, before: Option<Host>, how: TakeAs, kept: &Kept) -> Host {
    let mut host = match before {
        Some(before) => Host {
            name: found.name.clone(),
            ..before
        },
        None => Host::bare(&free_name(&found.name, kept), &found.address),
    };
    if how == TakeAs::Replace {
        host.settings = Settings {
            // Until the one in the file is tied, if it can be.
            jump: host.settings.jump.filter(|_| found.jump.is_some()),
            ..Settings::default()
        };
        host.forwards.clear();
    }
    host.address.clone_from(&found.address);
    host.note = found.note.clone().unwrap_or(host.note);
    host.tags = found.tags_over(&host.tags);
    host.settings = merged(host.settings, found);
    host.forwards = found.forwards_over(&host.forwards);
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
        // What lets into the proxy of before says nothing about another one.
        proxy_credential: before
            .proxy_credential
            .filter(|_| said.proxy.is_none() || said.proxy == before.proxy),
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
