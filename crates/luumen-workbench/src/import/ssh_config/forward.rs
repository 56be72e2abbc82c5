//! `LocalForward`, `RemoteForward` and `DynamicForward`. Pure.

use crate::{
    bridge::Id,
    hosts::{ForwardKind, ForwardSpec},
};

/// Reads the words of a forward; the error says what cannot be taken.
pub(super) fn read(kind: ForwardKind, words: &[String]) -> Result<ForwardSpec, &'static str> {
    let (listen, target) = match (kind, words) {
        (ForwardKind::Dynamic, [listen]) => (listen, None),
        (ForwardKind::Dynamic, _) => return Err("a dynamic forward has one address"),
        (ForwardKind::Remote, [_]) => return Err("remote SOCKS forwards are not supported"),
        (_, [listen, target]) => (listen, Some(target)),
        _ => return Err("a forward needs an address to listen on and one to lead to"),
    };
    if listen.contains('/') && !listen.contains(':') && listen.matches('/').count() > 1 {
        return Err("forwards of Unix sockets are not supported");
    }
    let (bind, port) = listen_at(listen).ok_or("it listens neither on a port nor on address and port")?;
    let (to_host, to_port) = match target {
        Some(target) if target.starts_with('/') => return Err("forwards of Unix sockets are not supported"),
        Some(target) => {
            let (host, port) = host_port(target).ok_or("it leads to no host and port")?;
            (Some(host), Some(port))
        }
        None => (None, None),
    };
    Ok(ForwardSpec {
        id: Id::new(),
        kind,
        bind: bind.unwrap_or_else(|| "localhost".to_owned()),
        port,
        to_host,
        to_port,
        auto: true,
        label: String::new(),
    })
}

fn listen_at(text: &str) -> Option<(Option<String>, u16)> {
    match text.parse::<u16>() {
        Ok(port) => Some((None, port)),
        Err(_) => host_port(text)
            .map(|(host, port)| (Some(if host.is_empty() { "*".to_owned() } else { host }), port)),
    }
}

/// `host:port`, `[address]:port` or `host/port`.
fn host_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix([':', '/'])?)
        }
        None => text.rsplit_once([':', '/'])?,
    };
    Some((host.to_owned(), port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: ForwardKind, words: &[&str], expected: Result<(&str, u16, &str), &str>) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let seen = read(kind, &words).map(|seen| {
            let to = match (seen.to_host, seen.to_port) {
                (Some(host), Some(port)) => format!("{host} {port}"),
                _ => String::new(),
            };
            (seen.bind, seen.port, to)
        });
        let expected = expected
            .map(|(bind, port, to)| (bind.to_owned(), port, to.to_owned()))
            .map_err(|why| why.to_owned());
        assert_eq!(seen.map_err(str::to_owned), expected, "{words:?}");
    }

    #[test]
    fn forwards_are_read_as_openssh_writes_them() {
        use ForwardKind::{Dynamic, Local, Remote};
        check(
            Local,
            &["8080", "localhost:80"],
            Ok(("localhost", 8080, "localhost 80")),
        );
        check(
            Local,
            &["0.0.0.0:8080", "db:5432"],
            Ok(("0.0.0.0", 8080, "db 5432")),
        );
        check(
            Local,
            &["[::1]:8080", "[2001:db8::1]:80"],
            Ok(("::1", 8080, "2001:db8::1 80")),
        );
        check(Local, &["*:8080", "db/80"], Ok(("*", 8080, "db 80")));
        check(
            Remote,
            &["9000", "127.0.0.1:3000"],
            Ok(("localhost", 9000, "127.0.0.1 3000")),
        );
        check(Dynamic, &["1080"], Ok(("localhost", 1080, "")));
        check(Dynamic, &["127.0.0.1:1080"], Ok(("127.0.0.1", 1080, "")));
        check(Remote, &["1080"], Err("remote SOCKS forwards are not supported"));
        check(
            Local,
            &["/run/a.sock", "db:80"],
            Err("forwards of Unix sockets are not supported"),
        );
        check(
            Local,
            &["8080", "/run/a.sock"],
            Err("forwards of Unix sockets are not supported"),
        );
        check(Local, &["8080", "db"], Err("it leads to no host and port"));
    }
}
