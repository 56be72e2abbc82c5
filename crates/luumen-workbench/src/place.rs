//! A host as people write it: `user@host`, `host:2222`, `user@[2001:db8::1]:22`.

use std::{fmt, str::FromStr};

/// Where to go, and as whom when that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The account, if one was named.
    pub username: Option<String>,
    /// Name or address.
    pub host: String,
    /// 22 unless told.
    pub port: u16,
}

/// A text that names no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not host, user@host, user@host:port or user@[address]:port")]
pub struct ParsePlaceError {
    /// What was given.
    pub text: String,
}

impl FromStr for Place {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, ParsePlaceError> {
        read(text).ok_or_else(|| ParsePlaceError {
            text: text.to_owned(),
        })
    }
}

fn read(text: &str) -> Option<Place> {
    let text = text.strip_prefix("ssh://").unwrap_or(text);
    // Accounts of a directory may hold an @ themselves; hosts never do.
    let (username, place) = match text.rsplit_once('@') {
        Some((username, place)) => (Some(username), place),
        None => (None, text),
    };
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (
                host,
                if rest.is_empty() {
                    None
                } else {
                    Some(rest.strip_prefix(':')?)
                },
            )
        }
        // More than one colon is an IPv6 address without brackets, which has no port.
        None if place.matches(':').count() > 1 => (place, None),
        None => place
            .split_once(':')
            .map_or((place, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some(digits) => digits.parse().ok().filter(|port| *port > 0)?,
        None => 22,
    };
    let odd = |text: &str| text.is_empty() || text.starts_with('-') || text.contains([' ', '/', '\t', '\n']);
    if odd(host) || username.is_some_and(odd) {
        return None;
    }
    Some(Place {
        username: username.map(str::to_owned),
        host: host.to_owned(),
        port,
    })
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(username) = &self.username {
            write!(f, "{username}@")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let seen = text.parse::<Place>().map(|place| place.to_string());
        assert_eq!(seen.unwrap_or_else(|_| "no".to_owned()), expected, "{text}");
    }

    #[test]
    fn reads_what_people_write() {
        check("db-3", "db-3:22");
        check("root@db-3", "root@db-3:22");
        check("root@db-3:2222", "root@db-3:2222");
        check("ssh://root@db-3:2222", "root@db-3:2222");
        check("ann@corp.example.com@db-3", "ann@corp.example.com@db-3:22");
        check("root@[2001:db8::1]:2222", "root@[2001:db8::1]:2222");
        check("[::1]", "[::1]:22");
        check("root@2001:db8::1", "root@[2001:db8::1]:22");
    }

    #[test]
    fn refuses_what_is_no_place() {
        for text in [
            "",
            "@",
            "@h",
            "root@",
            "h:",
            "h:0",
            "h:99999",
            "h:ssh",
            "[::1",
            "[::1]22",
            "-oProxyCommand=x",
            "a b",
            "u@-h",
        ] {
            check(text, "no");
        }
    }
}
