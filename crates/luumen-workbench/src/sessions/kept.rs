//! Destinations out of what is kept: hosts, credentials, keys, and what holds for each.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use luumen_crypto::Secret;
use luumen_transport::Proxy;

use super::destination::{Destination, Destinations, Hop, Keep, Proof};
use crate::{
    bridge::{Id, Problem, Time},
    hosts::{Effective, Environment, ForwardSpec, Host, HostKeyRule, Hosts, Origin, OriginWord},
    identities::{Credential, Identities, Material},
    keys::default_keys,
};

/// A way of more hops is a loop, or a mistake.
const MAX_HOPS: usize = 8;
const DEFAULT_WAIT: Duration = Duration::from_secs(15);
const DEFAULT_TERMINAL: &str = "xterm-256color";

/// The hosts and identities of the workbench.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) identities: Arc<Identities>,
    /// Where the usual keys are.
    pub(crate) ssh_folder: PathBuf,
}

#[async_trait]
impl Destinations for Kept {
    async fn host(&self, host: Id, credential: Option<Id>) -> Result<Destination, Problem> {
        let page = self.hosts.find(host).await?;
        self.destination(page.host, page.effective, credential).await
    }

    async fn typed(&self, text: &str, credential: Option<Id>) -> Result<Destination, Problem> {
        let typed = self.hosts.quick(text).await?;
        if let Some(host) = typed.host {
            let mut destination = self.host(host, credential).await?;
            if let Some(goal) = destination.hops.last_mut() {
                goal.user = typed.user.unwrap_or_else(|| std::mem::take(&mut goal.user));
                goal.port = typed.port.unwrap_or(goal.port);
            }
            return Ok(destination);
        }
        let defaults = self.hosts.defaults().await?;
        let (named, proofs) = self.proofs(credential).await?;
        let user = typed.user.or(named).unwrap_or(defaults.user);
        let port = typed.port.unwrap_or(22);
        Ok(Destination {
            host: None,
            title: typed.address.clone(),
            environment: Environment::None,
            hops: vec![Hop {
                name: typed.address.clone(),
                address: typed.address,
                port,
                user,
                proofs,
            }],
            proxy: None,
            host_keys: HostKeyRule::Ask,
            keepalive: Some(DEFAULT_WAIT),
            connect_timeout: DEFAULT_WAIT,
            compression: false,
            agent_forwarding: None,
            log: defaults.log,
            terminal: DEFAULT_TERMINAL.to_owned(),
            forwards: Vec::new(),
        })
    }

    async fn remember(&self, keep: Keep, secret: Secret) -> Result<(), Problem> {
        match keep {
            Keep::Password(credential) => self.identities.remember_password(credential, secret).await,
            Keep::Passphrase(key) => self.identities.remember_passphrase(key, secret).await,
        }
    }

    async fn connected(&self, host: Id) {
        // The session is open either way.
        if let Err(problem) = self.hosts.seen(host, Time::now(), None).await {
            tracing::warn!("It could not be noted that a session was opened: {problem}");
        }
    }

    async fn forwards(&self, host: Id) -> Option<Vec<ForwardSpec>> {
        match self.hosts.find(host).await {
            Ok(page) => Some(page.host.forwards),
            Err(problem) => {
                tracing::warn!("What a host forwards could not be read again: {problem}");
                None
            }
        }
    }
}

impl Kept {
    async fn destination(
        &self,
        host: Host,
        effective: Effective,
        credential: Option<Id>,
    ) -> Result<Destination, Problem> {
        let mut proxy = effective.proxy.value.clone();
        let mut hops = Vec::new();
        for (host, effective) in self.way(&host, &effective).await? {
            if hops.is_empty() {
                proxy = effective.proxy.value.clone().or(proxy);
            }
            hops.push(self.hop(&host, &effective, None).await?);
        }
        hops.push(self.hop(&host, &effective, credential).await?);
        let keepalive = u64::from(effective.keepalive_s.value);
        Ok(Destination {
            host: Some(host.id),
            title: host.name,
            environment: effective.environment.value,
            hops,
            proxy: proxy.as_deref().map(read_proxy).transpose()?,
            host_keys: effective.host_key_policy.value,
            keepalive: (keepalive > 0).then(|| Duration::from_secs(keepalive)),
            connect_timeout: Duration::from_secs(u64::from(effective.connect_timeout_s.value.max(1))),
            compression: effective.compression.value,
            agent_forwarding: effective.agent_forwarding.value.then_some(None),
            log: effective.log.value,
            terminal: effective.terminal.value,
            forwards: host.forwards,
        })
    }

    /// The hosts to go through, nearest first. The way to the first may lead through others in its turn.
    async fn way(&self, host: &Host, effective: &Effective) -> Result<Vec<(Host, Effective)>, Problem> {
        let mut way: Vec<(Host, Effective)> = Vec::new();
        let mut before = effective.jump.value.clone();
        let mut seen = vec![host.id];
        while !before.is_empty() {
            let mut stretch = Vec::new();
            for id in before {
                if seen.contains(&id) || seen.len() > MAX_HOPS {
                    return Err(Problem::new(
                        "LUM-HOST-LOOP",
                        format!("the way to {} has no end", host.name),
                        "a host on the way is reached through itself, or through too many others",
                    )
                    .next("Correct the jump hosts of the hosts on the way."));
                }
                seen.push(id);
                let page = self.hosts.find(id).await?;
                stretch.push((page.host, page.effective));
            }
            before = stretch
                .first()
                .map_or_else(Vec::new, |(_, first)| first.jump.value.clone());
            stretch.append(&mut way);
            way = stretch;
        }
        Ok(way)
    }

    async fn hop(&self, host: &Host, effective: &Effective, credential: Option<Id>) -> Result<Hop, Problem> {
        let (named, proofs) = self.proofs(credential.or(effective.credential.value)).await?;
        let said = !matches!(effective.user.from, Origin::Word(OriginWord::Default));
        let user = match named {
            Some(named) if !said => named,
            _ => effective.user.value.clone(),
        };
        Ok(Hop {
            name: host.name.clone(),
            address: host.address.clone(),
            port: effective.port.value,
            user,
            proofs,
        })
    }

    /// What to sign in with, and as whom, if the credential says so. Without a credential: what `ssh` would
    /// try, the agent and the usual keys.
    async fn proofs(&self, credential: Option<Id>) -> Result<(Option<String>, Vec<Proof>), Problem> {
        let Some(id) = credential else {
            let folder = self.ssh_folder.clone();
            let keys = tokio::task::spawn_blocking(move || default_keys(&folder))
                .await
                .unwrap_or_default();
            let keys = keys.into_iter().map(|key| Proof::Key {
                private_key: key.text,
                passphrase: key.passphrase,
                certificate: key.certificate,
                origin: key.path.display().to_string(),
                keep: None,
            });
            return Ok((None, std::iter::once(Proof::Agent(None)).chain(keys).collect()));
        };
        let (Credential { user, .. }, material) = self.identities.material(id).await?;
        let proof = match material {
            Material::Ask => Proof::AskPassword { keep: None },
            Material::Agent => Proof::Agent(None),
            Material::Password(Some(password)) => Proof::Password(password),
            Material::Password(None) => Proof::AskPassword {
                keep: Some(Keep::Password(id)),
            },
            Material::Key {
                private_key,
                passphrase,
                certificate,
                origin,
                key,
            } => Proof::Key {
                private_key,
                passphrase,
                certificate,
                origin,
                keep: Some(Keep::Passphrase(key)),
            },
        };
        Ok((user, vec![proof]))
    }
}

/// `socks5://[user[:password]@]host:port` or the same with `http://`.
fn read_proxy(text: &str) -> Result<Proxy, Problem> {
    let odd = || {
        Problem::new(
            "LUM-HOST-PROXY",
            "the proxy of this host is not understood",
            "it is no address of a SOCKS or HTTP proxy",
        )
        .next("Write socks5://host:port or http://host:port.")
    };
    let (scheme, rest) = text
        .trim()
        .trim_end_matches('/')
        .split_once("://")
        .ok_or_else(odd)?;
    let (account, place) = match rest.rsplit_once('@') {
        Some((account, place)) => (Some(account), place),
        None => (None, rest),
    };
    let (host, port) = place.rsplit_once(':').ok_or_else(odd)?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port: u16 = port.parse().map_err(|_| odd())?;
    if host.is_empty() {
        return Err(odd());
    }
    let (username, password) = match account.map(|account| account.split_once(':').unwrap_or((account, ""))) {
        Some((user, password)) => (Some(user.to_owned()), Some(Secret::new(password))),
        None => (None, None),
    };
    match scheme {
        "socks5" | "socks5h" => Ok(Proxy::Socks5 {
            host,
            port,
            username,
            password,
        }),
        "http" => Ok(Proxy::Http {
            host,
            port,
            username,
            password,
        }),
        _ => Err(odd()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let seen = read_proxy(text).map_or_else(|problem| problem.code, |proxy| proxy.to_string());
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn a_proxy_is_an_address_with_its_kind() {
        check("socks5://127.0.0.1:1080", "socks5://127.0.0.1:1080");
        check("socks5h://ann:secret@proxy:1080/", "socks5://proxy:1080");
        check("http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128");
        check("https://proxy:3128", "LUM-HOST-PROXY");
        check("proxy:3128", "LUM-HOST-PROXY");
        check("http://proxy", "LUM-HOST-PROXY");
        check("http://:3128", "LUM-HOST-PROXY");
    }
}
