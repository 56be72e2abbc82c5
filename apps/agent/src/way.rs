//! The way to the hosts as people write it: `user@bastion:22,user@inner`, `socks5://proxy:1080`.

use luumen_crypto::Secret;
use luumen_transport::Proxy;

/// A host to go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JumpHost {
    pub(crate) username: String,
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// Reads a list of jump hosts; the error names the one that is wrong.
pub(crate) fn parse_jumps(text: &str) -> Result<Vec<JumpHost>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| parse_jump(item).ok_or_else(|| format!("{item:?} is not user@host or user@host:port")))
        .collect()
}

fn parse_jump(text: &str) -> Option<JumpHost> {
    let (username, place) = text.rsplit_once('@')?;
    let (host, port) = parse_place(place, 22)?;
    (!username.is_empty()).then(|| JumpHost {
        username: username.to_owned(),
        host,
        port,
    })
}

/// `host`, `host:port`, `[address]:port`, or a bare IPv6 address.
pub(crate) fn parse_place(text: &str, default_port: u16) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some("")))
        }
        None if text.matches(':').count() > 1 => (text, Some("")),
        None => text
            .split_once(':')
            .map_or((text, Some("")), |(host, port)| (host, Some(port))),
    };
    let port = match port? {
        // `host:` has an end that nobody meant.
        "" if text.ends_with(':') && text.matches(':').count() == 1 => return None,
        "" => default_port,
        digits => digits.parse().ok().filter(|port| *port > 0)?,
    };
    (!host.is_empty() && !host.contains([' ', '/', '@'])).then(|| (host.to_owned(), port))
}

/// Reads a proxy address; `None` says only that it is wrong, because it may hold a password.
pub(crate) fn parse_proxy(text: &Secret) -> Option<Proxy> {
    let (scheme, rest) = text.expose_secret().trim().split_once("://")?;
    let (account, place) = rest
        .trim_end_matches('/')
        .rsplit_once('@')
        .map_or((None, rest), |(a, p)| (Some(a), p));
    let place = place.trim_end_matches('/');
    let (username, password) = match account.map(|account| account.split_once(':').unwrap_or((account, ""))) {
        Some((username, "")) => (Some(username.to_owned()), None),
        Some((username, password)) => (Some(username.to_owned()), Some(Secret::new(password))),
        None => (None, None),
    };
    let (host, port) = parse_place(place, if scheme == "http" { 3128 } else { 1080 })?;
    match scheme {
        "http" => Some(Proxy::Http {
            host,
            port,
            username,
            password,
        }),
        "socks5" | "socks5h" => Some(Proxy::Socks5 {
            host,
            port,
            username,
            password,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, u16)>) {
        assert_eq!(
            parse_place(text, 22),
            expected.map(|(host, port)| (host.to_owned(), port)),
            "{text}"
        );
    }

    #[test]
    fn a_place_is_a_host_with_or_without_a_port() {
        check("db-3", Some(("db-3", 22)));
        check("db-3:2222", Some(("db-3", 2222)));
        check("[2001:db8::1]:2222", Some(("2001:db8::1", 2222)));
        check("[2001:db8::1]", Some(("2001:db8::1", 22)));
        check("2001:db8::1", Some(("2001:db8::1", 22)));
        for wrong in [
            "",
            ":22",
            "db-3:",
            "db-3:0",
            "db-3:65536",
            "db-3:ssh",
            "[::1",
            "[::1]x",
            "a b",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn jumps_are_read_in_order() {
        let jumps = parse_jumps("ops@bastion:2200, root@[::1]").expect("two jumps");
        let seen: Vec<_> = jumps
            .iter()
            .map(|j| (j.username.as_str(), j.host.as_str(), j.port))
            .collect();
        assert_eq!(seen, [("ops", "bastion", 2200), ("root", "::1", 22)]);
        assert_eq!(parse_jumps(""), Ok(Vec::new()));
        assert!(parse_jumps("bastion").is_err());
    }

    #[test]
    fn a_proxy_may_have_an_account() {
        let shown = |text: &str| parse_proxy(&Secret::new(text)).map(|proxy| proxy.to_string());
        assert_eq!(
            shown("http://u:p@proxy:8080"),
            Some("http://proxy:8080".to_owned())
        );
        assert_eq!(shown("socks5://proxy"), Some("socks5://proxy:1080".to_owned()));
        assert_eq!(shown("https://proxy"), None);
        assert_eq!(shown("proxy:1080"), None);
    }
}
