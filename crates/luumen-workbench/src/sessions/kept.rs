//! Destinations out of what is kept: hosts, credentials, keys, and what holds for each.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use luumen_crypto::Secret;
use luumen_transport::Proxy;

use super::destination::{By, Destination, Destinations, Hop, Instead, Keep, Proof, VAULT_LOCKED, WayOut};
use crate::{
    bridge::{Id, Problem, Time},
    hosts::{
        Effective, Environment, ForwardSpec, Host, HostKeyRule, Hosts, Origin, OriginWord, WrittenProxy,
        bare_address,
    },
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
    async fn host(&self, host: Id, instead: Instead) -> Result<Destination, Problem> {
        let page = self.hosts.find(host).await?;
        self.destination(page.host, page.effective, instead).await
    }

    async fn typed(&self, text: &str, instead: Instead) -> Result<Destination, Problem> {
        let typed = self.hosts.quick(text).await?;
        if let Some(host) = typed.host {
            let mut destination = self.host(host, instead).await?;
            if let Some(port) = typed.port {
                destination.go_to_port(port, instead.credential.is_some());
            }
            if let Some(goal) = destination.hops.last_mut() {
                match typed.user {
                    // Who chooses a credential for this account means it.
                    Some(user) if instead.credential.is_some() => goal.user = user,
                    Some(user) => goal.go_as(user),
                    None => {}
                }
            }
            return Ok(destination);
        }
        let defaults = self.hosts.defaults().await?;
        let signing = self.signing(instead.credential).await?;
        let user = typed.user.or(signing.user).unwrap_or(defaults.user);
        let way = self.way(None, &typed.address, instead.jump.as_slice()).await?;
        let (mut hops, proxy) = self.hops(&way).await?;
        hops.push(Hop {
            name: typed.address.clone(),
            address: typed.address.clone(),
            port: typed.port.unwrap_or(22),
            user,
            host_keys: HostKeyRule::Ask,
            proofs: signing.proofs,
            by: signing.by,
            locked: signing.locked,
        });
        Ok(Destination {
            host: None,
            title: typed.address,
            environment: Environment::None,
            hops,
            proxy,
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
            Keep::Password(credential, _) => self.identities.remember_password(credential, secret).await,
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
        instead: Instead,
    ) -> Result<Destination, Problem> {
        let before = instead
            .jump
            .as_ref()
            .map_or(effective.jump.value.as_slice(), std::slice::from_ref);
        let way = self.way(Some(host.id), &host.name, before).await?;
        let (mut hops, mut proxy) = self.hops(&way).await?;
        if proxy.is_none() {
            proxy = self.way_out(&effective).await?;
        }
        hops.push(self.hop(&host, &effective, instead.credential).await?);
        let keepalive = u64::from(effective.keepalive_s.value);
        Ok(Destination {
            host: Some(host.id),
            title: host.name,
            environment: effective.environment.value,
            hops,
            proxy,
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
    async fn way(
        &self,
        goal: Option<Id>,
        name: &str,
        before: &[Id],
    ) -> Result<Vec<(Host, Effective)>, Problem> {
        let mut way: Vec<(Host, Effective)> = Vec::new();
        let mut before = before.to_vec();
        let mut seen: Vec<Id> = goal.into_iter().collect();
        while !before.is_empty() {
            let mut stretch = Vec::new();
            for id in before {
                if seen.contains(&id) || seen.len() > MAX_HOPS {
                    return Err(Problem::new(
                        "LUM-HOST-LOOP",
                        format!("the way to {name} has no end"),
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

    /// The hosts on the way with what to sign in with, and the proxy of the first.
    async fn hops(&self, way: &[(Host, Effective)]) -> Result<(Vec<Hop>, Option<WayOut>), Problem> {
        let mut hops = Vec::new();
        for (host, effective) in way {
            hops.push(self.hop(host, effective, None).await?);
        }
        let proxy = match way.first() {
            Some((_, first)) => self.way_out(first).await?,
            None => None,
        };
        Ok((hops, proxy))
    }

    /// The proxy that holds for a host, with the password that is kept for it.
    async fn way_out(&self, effective: &Effective) -> Result<Option<WayOut>, Problem> {
        let Some(text) = &effective.proxy.value else {
            return Ok(None);
        };
        let written = WrittenProxy::read(text).map_err(|error| {
            Problem::of(error.code(), "the proxy of this host is not understood", &error).next(error.next())
        })?;
        let Some(written) = written else {
            return Ok(None);
        };
        let Some(id) = effective.proxy_credential.value else {
            return Ok(Some(WayOut {
                proxy: written.with_account(None, None),
                keep: None,
                by: None,
                typed: false,
                locked: None,
            }));
        };
        let (credential, material) = self.material(id).await?;
        let by = Some(by(&credential));
        let (password, keep, locked) = match material {
            Err(locked) => (None, None, Some(locked)),
            Ok(Material::Password(Some(password))) => (Some(password), None, None),
            Ok(Material::Password(None)) => (None, Some(self.keep(&credential).await?), None),
            Ok(Material::Ask) => (None, None, None),
            Ok(Material::Agent | Material::Key { .. }) => {
                return Err(Problem::new(
                    "LUM-HOST-PROXY-CREDENTIAL",
                    format!("{:?} does not let into a proxy", credential.name),
                    "a proxy is signed in to with a password, and this credential has a key",
                )
                .next("Choose a credential with a password for the proxy."));
            }
        };
        let proxy = written.with_account(credential.user, password);
        if proxy.username().is_none() {
            return Err(nameless(&proxy));
        }
        Ok(Some(WayOut {
            proxy,
            keep,
            by,
            typed: false,
            locked,
        }))
    }

    async fn hop(&self, host: &Host, effective: &Effective, credential: Option<Id>) -> Result<Hop, Problem> {
        let signing = self.signing(credential.or(effective.credential.value)).await?;
        let said = !matches!(effective.user.from, Origin::Word(OriginWord::Default));
        let user = match signing.user {
            Some(named) if !said => named,
            _ => effective.user.value.clone(),
        };
        Ok(Hop {
            name: host.name.clone(),
            // Hosts that were saved before addresses were stored bare may still have brackets.
            address: bare_address(&host.address).to_owned(),
            port: effective.port.value,
            user,
            host_keys: effective.host_key_policy.value,
            proofs: signing.proofs,
            by: signing.by,
            locked: signing.locked,
        })
    }

    /// A credential with its secrets, or why they are not to be had before the vault is opened.
    async fn material(&self, id: Id) -> Result<(Credential, Result<Material, Problem>), Problem> {
        match self.identities.material(id).await {
            Ok((credential, material)) => Ok((credential, Ok(material))),
            Err(problem) if problem.code == VAULT_LOCKED => {
                Ok((self.identities.credential(id).await?, Err(problem)))
            }
            Err(problem) => Err(problem),
        }
    }

    /// Where the password of a credential is kept once it is typed, with those to whom it goes then.
    async fn keep(&self, credential: &Credential) -> Result<Keep, Problem> {
        let users = self.hosts.users_of(credential).await?;
        Ok(Keep::Password(credential.id, users))
    }

    /// What to sign in with, and as whom, if the credential says so. Without a credential: what `ssh` would
    /// try, the agent and the usual keys.
    async fn signing(&self, credential: Option<Id>) -> Result<Signing, Problem> {
        let Some(id) = credential else {
            let folder = self.ssh_folder.clone();
            let keys = tokio::task::spawn_blocking(move || default_keys(&folder))
                .await
                .unwrap_or_default();
            let keys = keys.into_iter().map(|key| Proof::Key {
                private_key: key.text,
                passphrase: key.passphrase,
                typed: false,
                certificate: key.certificate,
                origin: key.path.display().to_string(),
                keep: None,
            });
            return Ok(Signing {
                user: None,
                proofs: std::iter::once(Proof::Agent(None)).chain(keys).collect(),
                by: None,
                locked: None,
            });
        };
        let (credential, material) = self.material(id).await?;
        let by = Some(by(&credential));
        let user = credential.user.clone();
        let material = match material {
            Ok(material) => material,
            Err(locked) => {
                return Ok(Signing {
                    user,
                    proofs: Vec::new(),
                    by,
                    locked: Some(locked),
                });
            }
        };
        let proof = match material {
            Material::Ask => Proof::AskPassword { keep: None },
            Material::Agent => Proof::Agent(None),
            Material::Password(Some(password)) => Proof::Password(password),
            Material::Password(None) => Proof::AskPassword {
                keep: Some(self.keep(&credential).await?),
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
                typed: false,
                certificate,
                origin,
                keep: Some(Keep::Passphrase(key)),
            },
        };
        Ok(Signing {
            user,
            proofs: vec![proof],
            by,
            locked: None,
        })
    }
}

/// How to sign in at one host.
struct Signing {
    /// As whom, if the credential says so.
    user: Option<String>,
    proofs: Vec<Proof>,
    by: Option<By>,
    locked: Option<Problem>,
}

fn by(credential: &Credential) -> By {
    By {
        credential: credential.id,
        kind: credential.kind,
        key: credential.key,
    }
}

/// The account of a proxy that wants a password has to have a name.
fn nameless(proxy: &Proxy) -> Problem {
    Problem::new(
        "LUM-HOST-PROXY-USER",
        format!("it is not said as whom to sign in to the proxy {proxy}"),
        "neither the proxy nor its credential names a user",
    )
    .next("Write the user before the @ of the proxy, or in its credential.")
}
