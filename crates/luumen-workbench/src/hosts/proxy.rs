//! The proxy of a host as its person writes it: `socks5://user@host:port`, `http://host:port`, or `none`. Pure.
//!
//! Its password is never part of this text, which is kept, shown, exported and logged as it is.

use luumen_crypto::Secret;
use luumen_transport::Proxy;

use crate::Place;

/// A proxy that was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrittenProxy {
    kind: ProxyKind,
    /// The account, where one was named.
    pub(crate) user: Option<String>,
    host: String,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProxyKind {
    Socks5,
    Http,
}

/// Why a text is no proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WrittenProxyError {
    /// It says no place to go to. What it says instead may be a password, so it is not repeated.
    #[error("it is not socks5://host:port, http://host:port or none; user@ may stand before the host")]
    Odd,
    /// It holds a password.
    #[error("the text of a proxy is shown and exported, so no password may stand in it")]
    Password,
}

impl WrittenProxyError {
    /// What a screen chooses by.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Odd => "LUM-HOST-PROXY",
            Self::Password => "LUM-HOST-PROXY-PASSWORD",
        }
    }

    /// What its person can do.
    pub(crate) fn next(self) -> &'static str {
        match self {
            Self::Odd => {
                "Write socks5://host:port or http://host:port, with user@ before the host if the proxy wants an account."
            }
            Self::Password => {
                "Leave only the user name before the @. Keep the password as a credential, and choose it as the proxy credential; without one it is asked for."
            }
        }
    }
}

impl WrittenProxy {
    /// Reads a proxy; `none` is answered with nothing.
    pub(crate) fn read(text: &str) -> Result<Option<Self>, WrittenProxyError> {
        let text = text.trim();
        if text == "none" {
            return Ok(None);
        }
        let (scheme, rest) = text.split_once("://").ok_or(WrittenProxyError::Odd)?;
        let kind = match scheme {
            "socks5" | "socks5h" => ProxyKind::Socks5,
            "http" => ProxyKind::Http,
            _ => return Err(WrittenProxyError::Odd),
        };
        // Accounts may hold an @ themselves; hosts never do.
        let (user, place) = match rest.trim_end_matches('/').rsplit_once('@') {
            Some((account, _)) if account.contains(':') => return Err(WrittenProxyError::Password),
            Some((user, place)) => (Some(user), place),
            None => (None, rest.trim_end_matches('/')),
        };
        let odd =
            |user: &str| user.is_empty() || user.contains(|c: char| c.is_control() || c.is_whitespace());
        let says_port = place
            .rsplit(']')
            .next()
            .is_some_and(|end| end.matches(':').count() == 1);
        let parsed: Place = place.parse().map_err(|_| WrittenProxyError::Odd)?;
        if !says_port || parsed.username.is_some() || user.is_some_and(odd) {
            return Err(WrittenProxyError::Odd);
        }
        Ok(Some(Self {
            kind,
            user: user.map(str::to_owned),
            host: parsed.host,
            port: parsed.port,
        }))
    }

    /// Where it is: `host:port`, with brackets around an address of IPv6.
    pub(crate) fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Whether it speaks HTTP, and not SOCKS 5.
    pub(crate) fn is_http(&self) -> bool {
        self.kind == ProxyKind::Http
    }

    /// The same for the transport, with the account of a credential where the text names none.
    pub(crate) fn with_account(self, user: Option<String>, password: Option<Secret>) -> Proxy {
        let Self { kind, host, port, .. } = self;
        let username = self.user.or(user);
        match kind {
            ProxyKind::Socks5 => Proxy::Socks5 {
                host,
                port,
                username,
                password,
            },
            ProxyKind::Http => Proxy::Http {
                host,
                port,
                username,
                password,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let seen = match WrittenProxy::read(text) {
            Ok(None) => "none".to_owned(),
            Ok(Some(proxy)) => {
                let proxy = proxy.with_account(None, None);
                format!("{} {proxy}", proxy.username().unwrap_or("-"))
            }
            Err(error) => error.code().to_owned(),
        };
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn a_proxy_is_an_address_with_its_kind_and_perhaps_an_account() {
        check("none", "none");
        check("socks5://127.0.0.1:1080", "- socks5://127.0.0.1:1080");
        check("socks5h://ann@proxy:1080/", "ann socks5://proxy:1080");
        check(
            "http://ann@corp.example@proxy:3128",
            "ann@corp.example http://proxy:3128",
        );
        check("http://[2001:db8::1]:3128", "- http://[2001:db8::1]:3128");
        for odd in [
            "https://proxy:3128",
            "proxy:3128",
            "http://proxy",
            "http://:3128",
            "http://@proxy:3128",
            "http://a b@proxy:3128",
            "socks5://2001:db8::1",
            "",
        ] {
            check(odd, "LUM-HOST-PROXY");
        }
        check("http://ann:secret@proxy:3128", "LUM-HOST-PROXY-PASSWORD");
        check("socks5://ann:@proxy:1080", "LUM-HOST-PROXY-PASSWORD");
        check("socks5://:secret@proxy:1080", "LUM-HOST-PROXY-PASSWORD");
    }

    #[test]
    fn the_account_that_is_written_goes_before_that_of_the_credential() {
        let user = |text: &str| {
            let written = WrittenProxy::read(text).ok().flatten();
            let proxy = written.map(|proxy| proxy.with_account(Some("kept".to_owned()), None));
            proxy.and_then(|proxy| proxy.username().map(str::to_owned))
        };
        assert_eq!(user("http://proxy:1").as_deref(), Some("kept"));
        assert_eq!(user("http://ann@proxy:1").as_deref(), Some("ann"));
    }
}
