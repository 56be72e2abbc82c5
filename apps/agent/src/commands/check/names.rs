//! The names that a run has to resolve: which there are, who resolves them, and what they resolve to.
//!
//! Behind a proxy or a jump host, a name is resolved there and not here; such names are listed and not asked for.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures::{StreamExt as _, stream};
use tokio::time::timeout;

use super::parts::Part;
use crate::{
    config::Config,
    plan::HostRef,
    way::{self, parse_place},
};

/// Many at once, yet no flood for the resolver of the site.
const AT_ONCE: usize = 20;

/// A name, and what it is needed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) name: String,
    /// `the API`, `host db-3`, …
    pub(crate) of: Vec<String>,
    /// Who resolves it, if not this machine.
    pub(crate) resolved_by: Option<String>,
}

/// The names on the way to the API. `variable` reads one of the environment.
pub(crate) fn of_api(config: &Config, variable: impl Fn(&str) -> Option<String>) -> Vec<Name> {
    let mut names = Names::default();
    let told = config
        .api
        .proxy
        .as_ref()
        .map(|proxy| proxy.expose_secret().to_owned());
    let proxy = told.or_else(|| environment_proxy(&config.api.base_url, variable));
    let proxy_host = proxy.as_deref().and_then(host_of);
    if let Some(host) = &proxy_host {
        names.add(host, "the proxy before the API".to_owned(), None);
    }
    if let Some(host) = host_of(&config.api.base_url) {
        // A client of plain SOCKS5 resolves for itself.
        let asks =
            proxy.is_some_and(|proxy| !proxy.starts_with("socks5://") && !proxy.starts_with("socks4://"));
        let by = proxy_host
            .filter(|_| asks)
            .map(|proxy| format!("the proxy {proxy}"));
        names.add(&host, "the API".to_owned(), by);
    }
    names.in_order()
}

/// The names on the way to the hosts, and the hosts' own.
pub(crate) fn of_hosts<'a>(config: &Config, hosts: impl Iterator<Item = &'a HostRef>) -> Vec<Name> {
    let mut names = Names::default();
    let proxy = config.ssh.proxy.as_ref().and_then(way::parse_proxy);
    let mut by = None;
    if let Some(proxy) = &proxy {
        names.add(proxy.address().0, "the proxy before the hosts".to_owned(), None);
        by = Some(format!("the proxy {proxy}"));
    }
    for jump in &config.ssh.jumps {
        names.add(&jump.host, "a jump host".to_owned(), by);
        by = Some(format!("the jump host {}", jump.host));
    }
    for host in hosts {
        names.add(&host.address, format!("host {}", host.name), by.clone());
    }
    names.in_order()
}

/// Each name with its part of the check, in the order of the names.
pub(crate) async fn resolve(names: Vec<Name>, within: Duration) -> Vec<Part> {
    stream::iter(names.into_iter().map(|name| resolve_one(name, within)))
        .buffered(AT_ONCE)
        .collect()
        .await
}

async fn resolve_one(name: Name, within: Duration) -> Part {
    let part = match &name.resolved_by {
        Some(by) => Part::skipped(
            "dns",
            &name.name,
            "LUM-CHECK-DNS-ELSEWHERE",
            format!("{by} resolves it"),
        ),
        None => match timeout(within, tokio::net::lookup_host((name.name.as_str(), 0))).await {
            Ok(Ok(found)) => found_part(&name.name, found),
            Ok(Err(error)) => unresolved(&name, &error.to_string()),
            Err(_) => unresolved(&name, &format!("no answer within {} s", within.as_secs())),
        },
    };
    part.with("of", name.of)
}

fn found_part(name: &str, found: impl Iterator<Item = SocketAddr>) -> Part {
    let mut addresses: Vec<String> = found.map(|address| address.ip().to_string()).collect();
    addresses.dedup();
    Part::ok("dns", name, addresses.join(", ")).with("addresses", addresses)
}

fn unresolved(name: &Name, why: &str) -> Part {
    let next_step = format!(
        "Correct the name of {}, or have this machine's resolver (/etc/resolv.conf, /etc/hosts) know it.",
        name.of.join(", ")
    );
    Part::failed(
        "dns",
        &name.name,
        "LUM-DNS",
        format!("it does not resolve: {why}"),
    )
    .next_step(next_step)
}

/// The proxy that the HTTP client takes when `luumen.api.proxy` names none.
fn environment_proxy(base_url: &str, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let own = if base_url.starts_with("https") {
        "HTTPS_PROXY"
    } else {
        "HTTP_PROXY"
    };
    [own, "ALL_PROXY"]
        .into_iter()
        .flat_map(|name| [name.to_owned(), name.to_lowercase()])
        .filter_map(|name| variable(&name))
        .find(|value| !value.is_empty())
}

/// The host of an address with or without scheme, account and path.
fn host_of(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let place = rest.split(['/', '?', '#']).next()?;
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    parse_place(place, 443).map(|(host, _)| host)
}

#[derive(Default)]
struct Names {
    known: BTreeMap<(String, Option<String>), usize>,
    names: Vec<Name>,
}

impl Names {
    /// An address needs no resolving; a name that several need is listed once.
    fn add(&mut self, name: &str, of: String, resolved_by: Option<String>) {
        if name.is_empty() || name.parse::<IpAddr>().is_ok() {
            return;
        }
        let next = self.names.len();
        let at = *self
            .known
            .entry((name.to_owned(), resolved_by.clone()))
            .or_insert(next);
        match self.names.get_mut(at) {
            Some(known) => known.of.push(of),
            None => self.names.push(Name {
                name: name.to_owned(),
                of: vec![of],
                resolved_by,
            }),
        }
    }

    fn in_order(self) -> Vec<Name> {
        self.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address_is_found_whatever_surrounds_it() {
        for (url, host) in [
            ("https://l.example.com/api/v1", Some("l.example.com")),
            ("http://u:p@proxy:8080", Some("proxy")),
            ("socks5h://[2001:db8::1]:1080/", Some("2001:db8::1")),
            ("proxy:3128", Some("proxy")),
            ("https://", None),
        ] {
            assert_eq!(host_of(url).as_deref(), host, "{url}");
        }
    }

    #[test]
    fn the_environment_names_a_proxy_by_scheme() {
        let set = |name: &str| match name {
            "https_proxy" => Some("http://secure:1".to_owned()),
            "ALL_PROXY" => Some("socks5h://all:1".to_owned()),
            _ => None,
        };
        assert_eq!(
            environment_proxy("https://l", set).as_deref(),
            Some("http://secure:1")
        );
        assert_eq!(
            environment_proxy("http://l", set).as_deref(),
            Some("socks5h://all:1")
        );
        assert_eq!(environment_proxy("https://l", |_| None), None);
    }

    #[test]
    fn a_name_is_listed_once_with_all_that_need_it_and_addresses_are_not() {
        let mut names = Names::default();
        names.add("db", "host a".into(), None);
        names.add("10.0.0.1", "host b".into(), None);
        names.add("::1", "host c".into(), None);
        names.add("db", "host d".into(), None);
        names.add("db", "host e".into(), Some("the jump host j".into()));
        let names = names.in_order();
        assert_eq!(names.len(), 2, "{names:?}");
        assert_eq!(names[0].of, ["host a", "host d"]);
        assert_eq!(names[1].resolved_by.as_deref(), Some("the jump host j"));
    }

    #[tokio::test]
    async fn what_does_not_resolve_says_what_to_do() {
        let name = |name: &str| Name {
            name: name.to_owned(),
            of: vec!["host db".to_owned()],
            resolved_by: None,
        };
        let names = vec![name("localhost"), name("no-such-name.invalid")];
        let parts = resolve(names, Duration::from_secs(20)).await;
        let json = serde_json::to_value(&parts).expect("a document");
        assert_eq!(json[0]["status"], "ok", "{json}");
        assert!(
            json[0]["addresses"]
                .as_array()
                .is_some_and(|found| !found.is_empty()),
            "{json}"
        );
        assert_eq!(
            (&json[1]["status"], &json[1]["code"]),
            (&"failed".into(), &"LUM-DNS".into())
        );
        assert!(
            json[1]["next_step"]
                .as_str()
                .is_some_and(|step| step.contains("host db")),
            "{json}"
        );
    }
}
