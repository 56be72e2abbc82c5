//! PuTTY's sessions, as `regedit` exports them. Pure.

use std::collections::BTreeMap;

use super::{
    Found, FoundHost, ImportProblem,
    text::{port, some},
};
use crate::{
    bridge::Id,
    hosts::{ForwardKind, ForwardSpec},
};

const SESSIONS: &str = "\\Software\\SimonTatham\\PuTTY\\Sessions\\";

/// Reads an export.
pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    let mut session: Option<(u32, String, BTreeMap<String, String>)> = None;
    for (number, line) in (1..).zip(unfolded(text)) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            finish(session.take(), &mut found);
            let name = section
                .find(SESSIONS)
                .map(|at| percent(&section[at + SESSIONS.len()..]));
            session = name.map(|name| (number, name, BTreeMap::new()));
        } else if let (Some((_, _, values)), Some((key, value))) = (&mut session, value(&line)) {
            values.insert(key, value);
        }
    }
    finish(session, &mut found);
    if found.hosts.is_empty() && found.problems.is_empty() {
        found.problems.push(ImportProblem::new(
            None,
            "the file",
            "it holds no PuTTY session",
            "Export HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions with regedit and choose that file.",
        ));
    }
    found
}

/// Lines that end in a backslash go on in the next one.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut folded = false;
    for line in text.lines() {
        let line = line.trim();
        let part = line.strip_suffix('\\').unwrap_or(line);
        match lines.last_mut() {
            Some(last) if folded => last.push_str(part),
            _ => lines.push(part.to_owned()),
        }
        folded = line.ends_with('\\') && !line.starts_with('[');
    }
    lines
}

/// `"Key"="text"` or `"Key"=dword:00000016`, the number in decimal.
fn value(line: &str) -> Option<(String, String)> {
    let (key, value) = line.strip_prefix('"')?.split_once("\"=")?;
    let value = match value.strip_prefix("dword:") {
        Some(hex) => u32::from_str_radix(hex.trim(), 16).ok()?.to_string(),
        None => unquoted(value.strip_prefix('"')?.strip_suffix('"')?),
    };
    Some((key.to_owned(), value))
}

fn unquoted(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next()),
            letter => plain.push(letter),
        }
    }
    plain
}

/// `web%201` is `web 1`.
fn percent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let code = more
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &more[2..] } else { more };
    }
    super::text::decode(&bytes)
}

fn finish(session: Option<(u32, String, BTreeMap<String, String>)>, found: &mut Found) {
    let Some((number, name, values)) = session else {
        return;
    };
    let get = |key: &str| values.get(key).and_then(|value| some(value));
    let Some(address) = get("HostName") else {
        // The defaults of PuTTY itself have no host.
        if name != "Default Settings" {
            let next = "Give it a host name in PuTTY, or add it by hand.";
            found.problems.push(ImportProblem::new(
                Some(number),
                name,
                "it has no host name",
                next,
            ));
        }
        return;
    };
    if let Some(protocol) = get("Protocol").filter(|protocol| !protocol.eq_ignore_ascii_case("ssh")) {
        let why = format!("it is a {protocol} session; only SSH is taken");
        found.problems.push(ImportProblem::new(
            Some(number),
            name,
            why,
            "Nothing needs to be done.",
        ));
        return;
    }
    let (user, address) = match address.rsplit_once('@') {
        Some((user, host)) => (Some(user.to_owned()), host.to_owned()),
        None => (get("UserName"), address),
    };
    let mut host = FoundHost::new(name, address);
    host.user = user;
    host.port = get("PortNumber").as_deref().and_then(port);
    host.key_file = get("PublicKeyFile");
    host.settings.compression = get("Compression").map(|yes| yes != "0");
    host.settings.agent_forwarding = get("AgentFwd").map(|yes| yes != "0");
    host.settings.keepalive_s = get("PingIntervalSecs")
        .and_then(|s| s.parse().ok())
        .filter(|s| *s > 0);
    host.settings.terminal = get("TerminalType").filter(|terminal| terminal != "xterm");
    take_proxy(&mut host, &values);
    take_forwards(&mut host, get("PortForwardings").as_deref().unwrap_or_default());
    for (key, word) in [
        ("RemoteCommand", "remote command"),
        ("X11Forward", "X11 forwarding"),
    ] {
        if get(key).is_some_and(|value| value != "0") {
            host.unsupported.push(word.to_owned());
        }
    }
    found.hosts.push(host);
}

fn take_proxy(host: &mut FoundHost, values: &BTreeMap<String, String>) {
    let get = |key: &str| values.get(key).and_then(|value| some(value));
    let user = || get("ProxyUsername").map_or_else(String::new, |user| format!("{user}@"));
    let place = || Some(format!("{}{}:{}", user(), get("ProxyHost")?, get("ProxyPort")?));
    match get("ProxyMethod").as_deref() {
        None | Some("0") => {}
        Some("2") => host.settings.proxy = place().map(|place| format!("socks5://{place}")),
        Some("3") => host.settings.proxy = place().map(|place| format!("http://{place}")),
        Some("6") => host.jump = place().map(|place| vec![place]),
        Some(other) => {
            let what = if other == "1" {
                "SOCKS 4 proxy"
            } else {
                "proxy command"
            };
            host.unsupported.push(what.to_owned());
            host.warn_without_way(what);
        }
    }
    if get("ProxyPassword").is_some() {
        host.unsupported.push("proxy password (not read)".to_owned());
    }
}

/// `L8080=localhost:80,R9000=localhost:3000,D1080=`
fn take_forwards(host: &mut FoundHost, text: &str) {
    for one in text.split(',').filter(|one| !one.is_empty()) {
        match forward(one) {
            Some(forward) => host.forwards.push(forward),
            None => host.unsupported.push(format!("port forwarding {one}")),
        }
    }
}

fn forward(text: &str) -> Option<ForwardSpec> {
    let (listen, target) = text.split_once('=').unwrap_or((text, ""));
    // 4 and 6 in front say over which kind of address it listens.
    let listen = listen.trim_start_matches(['4', '6']);
    let (kind, listen) = match listen.split_at_checked(1)? {
        ("L", listen) => (ForwardKind::Local, listen),
        ("R", listen) => (ForwardKind::Remote, listen),
        ("D", listen) => (ForwardKind::Dynamic, listen),
        _ => return None,
    };
    let (bind, listens_on) = listen.rsplit_once(':').unwrap_or(("localhost", listen));
    let target = if kind == ForwardKind::Dynamic {
        None
    } else {
        let (host, to) = target.rsplit_once(':')?;
        Some((host.to_owned(), port(to)?))
    };
    Some(ForwardSpec {
        id: Id::new(),
        kind,
        bind: bind.to_owned(),
        port: port(listens_on)?,
        to_host: target.as_ref().map(|(host, _)| host.clone()),
        to_port: target.map(|(_, port)| port),
        auto: true,
        label: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = "Windows Registry Editor Version 5.00\r\n\r\n\
        [HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions]\r\n\r\n\
        [HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\Default%20Settings]\r\n\"HostName\"=\"\"\r\n\r\n\
        [HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\B%C3%BCro%20web]\r\n\
        \"HostName\"=\"deploy@web-1.example.com\"\r\n\"Protocol\"=\"ssh\"\r\n\"PortNumber\"=dword:000008ae\r\n\
        \"PublicKeyFile\"=\"C:\\\\keys\\\\id.ppk\"\r\n\"PortForwardings\"=\"L8080=localhost:80,4R9000=db:3000,D1080=,Lx=y\"\r\n\
        \"ProxyMethod\"=dword:00000002\r\n\"ProxyHost\"=\"proxy\"\r\n\"ProxyPort\"=dword:00000438\r\n\"ProxyUsername\"=\"ann\"\r\n\"ProxyPassword\"=\"hunter2\"\r\n\
        \"Compression\"=dword:00000001\r\n\"PingIntervalSecs\"=dword:0000001e\r\n\r\n\
        [HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\switch]\r\n\"HostName\"=\"10.0.0.9\"\r\n\"Protocol\"=\"telnet\"\r\n";

    #[test]
    fn sessions_are_read_from_the_registry() {
        let found = read(EXPORT);
        assert_eq!(found.hosts.len(), 1);
        let host = &found.hosts[0];
        assert_eq!(
            (host.name.as_str(), host.address.as_str()),
            ("Büro web", "web-1.example.com")
        );
        assert_eq!((host.user.as_deref(), host.port), (Some("deploy"), Some(2222)));
        assert_eq!(host.key_file.as_deref(), Some("C:\\keys\\id.ppk"));
        assert_eq!(host.settings.proxy.as_deref(), Some("socks5://ann@proxy:1080"));
        assert_eq!(
            (host.settings.compression, host.settings.keepalive_s),
            (Some(true), Some(30))
        );
        let forwards: Vec<_> = host
            .forwards
            .iter()
            .map(|forward| (forward.port, forward.to_port))
            .collect();
        assert_eq!(forwards, [(8080, Some(80)), (9000, Some(3000)), (1080, None)]);
        assert_eq!(
            host.unsupported,
            ["proxy password (not read)", "port forwarding Lx=y"]
        );
        assert_eq!(found.problems.len(), 1);
        assert!(found.problems[0].why.contains("telnet"));
        assert!(!format!("{found:?}").contains("hunter2"));
    }
}
