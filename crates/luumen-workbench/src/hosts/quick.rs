//! Reads what a person types to connect at once: the name of a host, `user@host:port`, `ssh://…`. Pure.

use serde::Serialize;
use ts_rs::TS;

use super::Host;
use crate::{
    Place,
    bridge::{Id, Problem},
};

/// Where to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Quick {
    /// The account, where one was named.
    pub user: Option<String>,
    /// Name or address.
    pub address: String,
    /// The port, where one was named.
    pub port: Option<u16>,
    /// The kept host that was meant, if it is one.
    pub host: Option<Id>,
}

/// What a text means, given the hosts that are kept.
pub(crate) fn read(text: &str, hosts: &[Host]) -> Result<Quick, Problem> {
    let text = text.trim();
    // A name may hold anything, so names come first.
    let named: Vec<&Host> = hosts
        .iter()
        .filter(|host| host.name.eq_ignore_ascii_case(text))
        .collect();
    if let [host] = named.as_slice() {
        return Ok(Quick {
            user: None,
            address: host.address.clone(),
            port: None,
            host: Some(host.id),
        });
    }
    let written = text
        .strip_prefix("ssh://")
        .map_or(text, |rest| rest.trim_end_matches('/'));
    let place: Place = written.parse().map_err(|error: crate::ParsePlaceError| {
        Problem::new(
            "LUM-QUICK-TEXT",
            "this is no place to connect to",
            error.to_string(),
        )
        .next("Write host, user@host, user@host:port or ssh://user@host:port.")
    })?;
    let says_port = written
        .rsplit(']')
        .next()
        .is_some_and(|rest| rest.contains(':') && rest.matches(':').count() == 1);
    // `root@web-1` means the host that is kept as web-1, with another account for once.
    let meant = |host: &&Host| {
        host.name.eq_ignore_ascii_case(&place.host) || host.address.eq_ignore_ascii_case(&place.host)
    };
    let meant: Vec<&Host> = hosts.iter().filter(meant).collect();
    let host = if let [host] = meant.as_slice() {
        Some(*host)
    } else {
        None
    };
    Ok(Quick {
        user: place.username,
        address: host.map_or(place.host, |host| host.address.clone()),
        port: says_port.then_some(place.port),
        host: host.map(|host| host.id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, user: Option<&str>, address: &str, port: Option<u16>, kept: Option<&str>) {
        let hosts = [
            Host::bare("Web 1", "10.0.0.1"),
            Host::bare("db-3", "db-3.example.com"),
            Host::bare("twin", "a"),
            Host::bare("twin", "b"),
        ];
        let seen = read(text, &hosts).expect(text);
        let name = hosts
            .iter()
            .find(|host| Some(host.id) == seen.host)
            .map(|host| host.name.as_str());
        assert_eq!(
            (seen.user.as_deref(), seen.address.as_str(), seen.port, name),
            (user, address, port, kept),
            "{text}"
        );
    }

    #[test]
    fn a_name_an_address_and_a_url_are_understood() {
        check("web 1", None, "10.0.0.1", None, Some("Web 1"));
        check("root@10.0.0.1", Some("root"), "10.0.0.1", None, Some("Web 1"));
        check(
            "root@db-3:2222",
            Some("root"),
            "db-3.example.com",
            Some(2222),
            Some("db-3"),
        );
        check(
            "ssh://ann@new.example.com:2200/",
            Some("ann"),
            "new.example.com",
            Some(2200),
            None,
        );
        check("[2001:db8::1]:22", None, "2001:db8::1", Some(22), None);
        check("2001:db8::1", None, "2001:db8::1", None, None);
        // Two hosts have this name, so it is taken as an address.
        check("twin", None, "twin", None, None);
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", "a b", "-oProxyCommand=x", "h:0", "ssh://"] {
            assert!(read(text, &[]).is_err(), "{text}");
        }
    }
}
