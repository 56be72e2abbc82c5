//! Which hosts to visit as whom: the remote configuration laid over the local one. Pure.

use std::collections::BTreeMap;

use luumen_api::agent::{AgentConfig, AgentHost};
use luumen_model::{HostId, VisitError};

use crate::{
    config::Credential,
    errors::{self, visit_error},
    guard::Account,
};

/// A host as results and logs name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostRef {
    pub(crate) id: HostId,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) port: u16,
}

impl HostRef {
    /// `db-3:22`, for people.
    pub(crate) fn place(&self) -> String {
        if self.address.contains(':') {
            format!("[{}]:{}", self.address, self.port)
        } else {
            format!("{}:{}", self.address, self.port)
        }
    }
}

/// One visit to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) host: HostRef,
    pub(crate) account: Account,
}

/// What became of one host of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Planned {
    Visit(Visit),
    /// It cannot be visited as things stand.
    Not {
        host: HostRef,
        error: VisitError,
    },
}

impl Planned {
    pub(crate) fn host(&self) -> &HostRef {
        match self {
            Self::Visit(visit) => &visit.host,
            Self::Not { host, .. } => host,
        }
    }
}

/// What the plan has to know of this machine's configuration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local<'a> {
    pub(crate) credentials: &'a BTreeMap<String, Credential>,
    /// A jump host with a password of its own can lock that account, too.
    pub(crate) jump_credential: Option<&'a str>,
}

/// Plans a visit to each host that `only` names, or to all of them when it names none.
pub(crate) fn plan(
    remote: &AgentConfig,
    local: Local<'_>,
    only: &[String],
) -> Result<Vec<Planned>, Vec<String>> {
    let wanted = |host: &AgentHost| only.is_empty() || only.iter().any(|word| is_called(host, word));
    let strangers: Vec<String> = only
        .iter()
        .filter(|word| !remote.hosts.iter().any(|host| is_called(host, word)))
        .cloned()
        .collect();
    if !strangers.is_empty() {
        return Err(strangers);
    }
    Ok(remote
        .hosts
        .iter()
        .filter(|host| wanted(host))
        .map(|host| plan_one(remote, local, host))
        .collect())
}

fn is_called(host: &AgentHost, word: &str) -> bool {
    host.name == word || host.address == word || host.id.to_string() == word
}

fn plan_one(remote: &AgentConfig, local: Local<'_>, host: &AgentHost) -> Planned {
    let port = u16::try_from(host.port).unwrap_or(0);
    let reference = HostRef {
        id: host.id,
        name: host.name.clone(),
        address: host.address.clone(),
        port,
    };
    match account(remote, local, host) {
        _ if port == 0 || host.address.trim().is_empty() || host.address.starts_with('-') => {
            let message = format!("{:?} port {} is not an address", host.address, host.port);
            Planned::Not {
                host: reference,
                error: visit_error(errors::ADDRESS, message),
            }
        }
        Ok(account) => Planned::Visit(Visit {
            host: reference,
            account,
        }),
        Err(error) => Planned::Not {
            host: reference,
            error,
        },
    }
}

fn account(remote: &AgentConfig, local: Local<'_>, host: &AgentHost) -> Result<Account, VisitError> {
    let Some(name) = credential_name(Some(remote), Some(host), local.credentials) else {
        return Err(visit_error(
            errors::NO_CREDENTIAL,
            format!("no credential is named for {}", host.name),
        ));
    };
    let Some(credential) = local.credentials.get(&name) else {
        let message = format!("config.yaml of this agent has no credential {name:?}");
        return Err(visit_error(errors::CREDENTIAL_UNKNOWN, message));
    };
    let username = host.username.clone().or_else(|| credential.username.clone());
    let Some(username) = username.or_else(|| remote.default_username.clone()) else {
        return Err(visit_error(
            errors::NO_USERNAME,
            format!("no account is named for {}", host.name),
        ));
    };
    let jump = local.jump_credential.and_then(|name| local.credentials.get(name));
    let password = credential.source.is_password() || jump.is_some_and(|jump| jump.source.is_password());
    Ok(Account {
        username,
        credential: name,
        password,
    })
}

/// The credential of a host: its own, or else the one for hosts that name none. The API need not have named the host.
pub(crate) fn credential_name(
    remote: Option<&AgentConfig>,
    host: Option<&AgentHost>,
    credentials: &BTreeMap<String, Credential>,
) -> Option<String> {
    let fallback = || credentials.contains_key("default").then(|| "default".to_owned());
    host.and_then(|host| host.credential.clone())
        .or_else(|| remote.and_then(|remote| remote.default_credential.clone()))
        .or_else(fallback)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;
    use luumen_api::agent::Schedule;

    fn credential(username: Option<&str>, source: Source) -> Credential {
        Credential {
            username: username.map(str::to_owned),
            source,
        }
    }

    fn host(number: u128, username: Option<&str>, credential: Option<&str>, port: i64) -> AgentHost {
        AgentHost {
            id: HostId(uuid::Uuid::from_u128(number)),
            name: format!("h{number}"),
            address: format!("10.0.0.{number}"),
            port,
            username: username.map(str::to_owned),
            credential: credential.map(str::to_owned),
        }
    }

    fn remote(defaults: (Option<&str>, Option<&str>), hosts: Vec<AgentHost>) -> AgentConfig {
        AgentConfig {
            workspace: "w".into(),
            schedule: Schedule {
                interval_s: 3600,
                polling_s: 30,
            },
            default_credential: defaults.0.map(str::to_owned),
            default_username: defaults.1.map(str::to_owned),
            hosts,
        }
    }

    fn shown(planned: &Planned) -> String {
        match planned {
            Planned::Visit(visit) => {
                let password = if visit.account.password {
                    " by password"
                } else {
                    ""
                };
                format!(
                    "{}@{} with {}{password}",
                    visit.account.username,
                    visit.host.place(),
                    visit.account.credential
                )
            }
            Planned::Not { error, .. } => error.code.clone(),
        }
    }

    #[track_caller]
    fn check(defaults: (Option<&str>, Option<&str>), host: AgentHost, expected: &str) {
        let credentials = BTreeMap::from([
            (
                "key".to_owned(),
                credential(Some("keyed"), Source::Agent { socket: None }),
            ),
            (
                "pw".to_owned(),
                credential(None, Source::PasswordVariable("PW".into())),
            ),
        ]);
        let local = Local {
            credentials: &credentials,
            jump_credential: None,
        };
        let planned = plan(&remote(defaults, vec![host]), local, &[]).expect("a plan");
        assert_eq!(planned.iter().map(shown).collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn the_nearest_word_wins() {
        check(
            (Some("pw"), Some("all")),
            host(1, None, None, 22),
            "all@10.0.0.1:22 with pw by password",
        );
        check(
            (Some("pw"), Some("all")),
            host(1, None, Some("key"), 22),
            "keyed@10.0.0.1:22 with key",
        );
        check(
            (Some("pw"), Some("all")),
            host(1, Some("own"), Some("key"), 2222),
            "own@10.0.0.1:2222 with key",
        );
    }

    #[test]
    fn what_is_missing_has_a_code() {
        check((None, None), host(1, None, None, 22), "LUM-CREDENTIAL-NONE");
        check(
            (None, None),
            host(1, None, Some("k"), 22),
            "LUM-CREDENTIAL-UNKNOWN",
        );
        check((None, None), host(1, None, Some("pw"), 22), "LUM-USERNAME-NONE");
        check((None, None), host(1, None, Some("key"), 0), "LUM-ADDRESS");
        check((None, None), host(1, None, Some("key"), 70_000), "LUM-ADDRESS");
    }

    #[test]
    fn some_hosts_may_be_picked_and_strangers_are_named() {
        let credentials = BTreeMap::from([(
            "default".to_owned(),
            credential(Some("u"), Source::Agent { socket: None }),
        )]);
        let local = Local {
            credentials: &credentials,
            jump_credential: None,
        };
        let remote = remote(
            (None, None),
            vec![host(1, None, None, 22), host(2, None, None, 22)],
        );
        let pick = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|word| (*word).to_owned()).collect();
            plan(&remote, local, &only).map(|planned| planned.len())
        };
        assert_eq!(pick(&[]), Ok(2));
        assert_eq!(pick(&["h2"]), Ok(1));
        assert_eq!(pick(&["10.0.0.1", "h2"]), Ok(2));
        assert_eq!(pick(&["h2", "h3"]), Err(vec!["h3".to_owned()]));
    }
}
