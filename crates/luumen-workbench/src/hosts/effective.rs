//! What holds for a host when all its groups have spoken, and who said it. Pure.

use serde::Serialize;
use ts_rs::TS;

use super::{Environment, Group, Host, HostKeyRule, LogMode, Settings, SudoTier};
use crate::bridge::Id;

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[ts(rename = "From")]
pub struct Inherited<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub from: Origin,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(untagged)]
pub enum Origin {
    /// From the host itself, or from nobody.
    Word(OriginWord),
    /// From a group that it is in.
    Group {
        /// The group.
        group: Id,
        /// Its name.
        name: String,
    },
}

/// The origins that are no group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OriginWord {
    /// The host says it.
    Host,
    /// Nobody says it.
    Default,
}

/// All that holds for a host.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[allow(missing_docs, reason = "each is told in `Settings`")]
pub struct Effective {
    pub user: Inherited<String>,
    pub port: Inherited<u16>,
    pub credential: Inherited<Option<Id>>,
    pub jump: Inherited<Vec<Id>>,
    pub proxy: Inherited<Option<String>>,
    pub proxy_credential: Inherited<Option<Id>>,
    pub environment: Inherited<Environment>,
    pub host_key_policy: Inherited<HostKeyRule>,
    pub keepalive_s: Inherited<u32>,
    pub connect_timeout_s: Inherited<u32>,
    pub compression: Inherited<bool>,
    pub agent_forwarding: Inherited<bool>,
    pub log: Inherited<LogMode>,
    pub sudo_tier: Inherited<SudoTier>,
    pub terminal: Inherited<String>,
}

/// What holds where nobody says anything.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    pub(crate) user: String,
    pub(crate) log: LogMode,
}

/// What holds for a host.
pub(crate) fn effective(host: &Host, groups: &[Group], defaults: &Defaults) -> Effective {
    effective_of(&host.settings, host.group, groups, defaults)
}

/// What holds for settings in a group.
pub(crate) fn effective_of(
    own: &Settings,
    group: Option<Id>,
    groups: &[Group],
    defaults: &Defaults,
) -> Effective {
    let way = Way {
        own,
        above: above(group, groups),
    };
    Effective {
        user: way.find(|settings| settings.user.clone(), defaults.user.clone()),
        port: way.find(|settings| settings.port, 22),
        credential: way.find(|settings| settings.credential.map(Some), None),
        jump: way.find(|settings| settings.jump.clone(), Vec::new()),
        proxy: way.find(
            |settings| {
                settings
                    .proxy
                    .as_ref()
                    .map(|proxy| Some(proxy.clone()).filter(|proxy| proxy != "none"))
            },
            None,
        ),
        proxy_credential: way.proxy_credential(),
        environment: way.find(|settings| settings.environment, Environment::None),
        host_key_policy: way.find(|settings| settings.host_key_policy, HostKeyRule::Ask),
        keepalive_s: way.find(|settings| settings.keepalive_s, 15),
        connect_timeout_s: way.find(|settings| settings.connect_timeout_s, 15),
        compression: way.find(|settings| settings.compression, false),
        agent_forwarding: way.find(|settings| settings.agent_forwarding, false),
        log: way.find(|settings| settings.log, defaults.log),
        sudo_tier: way.find(|settings| settings.sudo_tier, SudoTier::Standard),
        terminal: way.find(|settings| settings.terminal.clone(), "xterm-256color".to_owned()),
    }
}

struct Way<'a> {
    own: &'a Settings,
    above: Vec<&'a Group>,
}

impl Way<'_> {
    /// As every setting, but looked for only up to where the proxy is said: a password that was meant for the group's proxy
    /// must not reach the one that a host chose for itself.
    fn proxy_credential(&self) -> Inherited<Option<Id>> {
        let nearest = if self.own.proxy.is_some() {
            Some(0)
        } else {
            let says = |group: &&Group| group.settings.proxy.is_some();
            self.above.iter().position(says).map(|at| at + 1)
        };
        let up_to = Way {
            own: self.own,
            above: self.above.iter().take(nearest.unwrap_or(0)).copied().collect(),
        };
        up_to.find(|settings| settings.proxy_credential.map(Some), None)
    }

    fn find<T>(&self, of: impl Fn(&Settings) -> Option<T>, default: T) -> Inherited<T> {
        if let Some(value) = of(self.own) {
            return Inherited {
                value,
                from: Origin::Word(OriginWord::Host),
            };
        }
        let group = self
            .above
            .iter()
            .find_map(|group| Some((of(&group.settings)?, *group)));
        match group {
            Some((value, group)) => Inherited {
                value,
                from: Origin::Group {
                    group: group.id,
                    name: group.name.clone(),
                },
            },
            None => Inherited {
                value: default,
                from: Origin::Word(OriginWord::Default),
            },
        }
    }
}

/// The groups above, nearest first. A loop, which nothing should write, ends where it closes.
pub(crate) fn above(mut group: Option<Id>, groups: &[Group]) -> Vec<&Group> {
    let mut way: Vec<&Group> = Vec::new();
    while let Some(next) = group.and_then(|id| groups.iter().find(|group| group.id == id)) {
        if way.iter().any(|passed| passed.id == next.id) {
            break;
        }
        way.push(next);
        group = next.parent;
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: Id, parent: Option<Id>, name: &str, settings: Settings) -> Group {
        Group {
            id,
            parent,
            name: name.to_owned(),
            settings,
        }
    }

    fn user(name: &str) -> Settings {
        Settings {
            user: Some(name.to_owned()),
            ..Settings::default()
        }
    }

    #[test]
    fn the_nearest_who_says_something_is_heard_and_named() {
        let (outer, inner) = (Id::new(), Id::new());
        let mut far = user("outer");
        far.port = Some(2222);
        far.proxy = Some("http://proxy:3128".to_owned());
        let groups = [
            group(outer, None, "Outer", far),
            group(inner, Some(outer), "Inner", user("inner")),
        ];
        let defaults = Defaults {
            user: "ann".to_owned(),
            log: LogMode::Metadata,
        };
        let seen = effective_of(&Settings::default(), Some(inner), &groups, &defaults);
        let from = |group, name: &str| Origin::Group {
            group,
            name: name.to_owned(),
        };
        assert_eq!(
            (seen.user.value.as_str(), seen.user.from),
            ("inner", from(inner, "Inner"))
        );
        assert_eq!((seen.port.value, seen.port.from), (2222, from(outer, "Outer")));
        assert_eq!(seen.log.from, Origin::Word(OriginWord::Default));
        let mut own = user("root");
        own.proxy = Some("none".to_owned());
        let seen = effective_of(&own, Some(inner), &groups, &defaults);
        assert_eq!(seen.user.from, Origin::Word(OriginWord::Host));
        assert_eq!(
            (seen.proxy.value, seen.proxy.from),
            (None, Origin::Word(OriginWord::Host))
        );
        let seen = effective_of(&Settings::default(), None, &groups, &defaults);
        assert_eq!(
            (seen.user.value.as_str(), seen.user.from),
            ("ann", Origin::Word(OriginWord::Default))
        );
    }

    #[test]
    fn a_loop_of_groups_ends() {
        let (a, b) = (Id::new(), Id::new());
        let groups = [
            group(a, Some(b), "A", Settings::default()),
            group(b, Some(a), "B", Settings::default()),
        ];
        assert_eq!(above(Some(a), &groups).len(), 2);
    }
}
