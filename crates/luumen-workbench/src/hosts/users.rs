//! Who uses a credential: what is kept in it goes to all of them. Pure.

use serde::Serialize;
use ts_rs::TS;

use super::{Defaults, Group, Host, effective};
use crate::identities::Credential;

/// A credential, and how many use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CredentialUse {
    /// How its person calls it.
    pub name: String,
    /// How many hosts are signed in to with it, a group's hosts and those on the way to others among them.
    pub hosts: usize,
    /// For how many hosts it signs in to the proxy.
    pub proxies: usize,
}

/// Counts who uses a credential.
pub(super) fn users_of(
    credential: &Credential,
    hosts: &[Host],
    groups: &[Group],
    defaults: &Defaults,
) -> CredentialUse {
    let wanted = Some(credential.id);
    let mut found = CredentialUse {
        name: credential.name.clone(),
        hosts: 0,
        proxies: 0,
    };
    for host in hosts {
        let holds = effective(host, groups, defaults);
        found.hosts += usize::from(holds.credential.value == wanted);
        let has_proxy = holds.proxy.value.is_some();
        found.proxies += usize::from(has_proxy && holds.proxy_credential.value == wanted);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bridge::Id,
        hosts::{LogMode, Settings},
        identities::CredentialKind,
    };

    fn host(group: Option<Id>, settings: Settings) -> Host {
        Host {
            group,
            settings,
            ..Host::bare("web", "web")
        }
    }

    #[test]
    fn hosts_of_a_group_use_what_the_group_says_unless_they_say_something_else() {
        let credential = Credential {
            id: Id::new(),
            name: "ops".to_owned(),
            user: None,
            kind: CredentialKind::Password,
            key: None,
            certificate: None,
            has_secret: false,
        };
        let ops = Some(credential.id);
        let settings = |credential, proxy: Option<&str>, proxy_credential| Settings {
            credential,
            proxy: proxy.map(str::to_owned),
            proxy_credential,
            ..Settings::default()
        };
        let (outer, inner) = (Id::new(), Id::new());
        let group = |id, parent, settings| Group {
            id,
            parent,
            name: "a group".to_owned(),
            settings,
        };
        let groups = [
            group(outer, None, settings(ops, Some("http://proxy:3128"), ops)),
            group(inner, Some(outer), Settings::default()),
        ];
        let hosts = [
            host(None, settings(ops, None, None)),
            host(Some(inner), Settings::default()),
            host(Some(inner), settings(Some(Id::new()), None, None)),
            host(Some(outer), settings(None, Some("none"), None)),
            host(None, settings(None, Some("http://other:3128"), ops)),
            host(None, Settings::default()),
        ];
        let defaults = Defaults {
            user: "ann".to_owned(),
            log: LogMode::Off,
        };
        let found = users_of(&credential, &hosts, &groups, &defaults);
        assert_eq!((found.name.as_str(), found.hosts, found.proxies), ("ops", 3, 3));
    }
}
