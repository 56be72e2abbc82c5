//! Makes hosts of a configuration: one for each name that stands for itself alone.

use std::collections::BTreeSet;

use super::{
    forward, proxy,
    resolve::{self, Asked, Resolved, Said},
    tokens::{self, Tokens},
    tree::{Files, Tree},
};
use crate::{
    hosts::{ForwardKind, HostKeyRule},
    import::{Found, FoundHost, ImportProblem},
};

/// Said without any bearing on what Luumen does.
const WITHOUT_BEARING: [&str; 6] = [
    "ignoreunknown",
    "usekeychain",
    "addkeystoagent",
    "hashknownhosts",
    "visualhostkey",
    "updatehostkeys",
];

/// Reads a configuration.
pub(crate) fn read(text: &str, name: &str, files: &Files, asked: &Asked) -> Found {
    let tree = Tree::read(text, name, files);
    let mut found = Found::default();
    for fault in &tree.faults {
        let line = (fault.number > 0).then_some(fault.number);
        let text = format!("{}: {}", fault.file, fault.text);
        found.problems.push(ImportProblem::new(
            line,
            text,
            fault.why.clone(),
            "Correct the line, or go on without it.",
        ));
    }
    let mut unjudged = BTreeSet::new();
    for name in resolve::names(&tree.lines) {
        let resolved = resolve::resolve(&tree, &name, asked);
        unjudged.extend(resolved.unjudged.iter().cloned());
        found.hosts.push(host(&name, &resolved, asked));
    }
    for why in unjudged {
        let next = if why.starts_with("Match exec") && asked.exec.leaves() {
            "Allow commands of Match exec if you trust this file, and read it again."
        } else {
            "What stands below that line was left out; set it by hand where it is needed."
        };
        let why_not = if asked.exec.leaves() && why.starts_with("Match exec") {
            "a command in the file decides, and commands are not run unless you say so"
        } else {
            "Luumen cannot tell whether it applies"
        };
        found.problems.push(ImportProblem::new(None, why, why_not, next));
    }
    if found.hosts.is_empty() && tree.faults.is_empty() {
        found.problems.push(ImportProblem::new(
            None,
            name,
            "it names no host: only patterns, or nothing at all",
            "Choose the file in which your hosts are, usually ~/.ssh/config.",
        ));
    }
    found
}

fn host(name: &str, resolved: &Resolved, asked: &Asked) -> FoundHost {
    let mut host = FoundHost::new(name, resolved.host_name.clone());
    host.user = resolved.value("user").map(str::to_owned);
    host.port = resolved.value("port").and_then(|port| port.parse().ok());
    let mut taker = Taker {
        asked,
        resolved,
        host,
        odd: Vec::new(),
    };
    for said in resolved.said() {
        taker.take(said);
    }
    let mut host = taker.host;
    host.unsupported = taker.odd;
    for way in ["ProxyCommand", "ProxyJump"] {
        if host.unsupported.iter().any(|odd| odd.starts_with(way)) {
            host.warn_without_way(way);
        }
    }
    host
}

struct Taker<'a> {
    asked: &'a Asked,
    resolved: &'a Resolved,
    host: FoundHost,
    odd: Vec<String>,
}

impl Taker<'_> {
    fn take(&mut self, said: &Said) {
        let Some(value) = said
            .words
            .first()
            .map(String::as_str)
            .or(Some(said.rest.as_str()))
        else {
            return;
        };
        let taken = match said.keyword.as_str() {
            "hostname" => tokens::expand_host_name(value, &self.host.name).is_ok(),
            "user" => !value.contains('%'),
            "port" => self.host.port.is_some_and(|port| port > 0),
            "proxyjump" => self.jump(value),
            "proxycommand" => self.command(&said.rest),
            "identityfile" => self.key(value),
            "certificatefile" => self.certificate(value),
            "forwardagent" => yes_no(value)
                .map(|yes| self.host.settings.agent_forwarding = Some(yes))
                .is_some(),
            "compression" => yes_no(value)
                .map(|yes| self.host.settings.compression = Some(yes))
                .is_some(),
            "serveraliveinterval" => seconds(value)
                .map(|s| self.host.settings.keepalive_s = Some(s))
                .is_some(),
            "connecttimeout" => self.connect_timeout(value),
            "stricthostkeychecking" => self.host_keys(value),
            "userknownhostsfile" => said.words.iter().all(|file| is_usual_known_hosts(file)),
            "localforward" => self.forward(ForwardKind::Local, said),
            "remoteforward" => self.forward(ForwardKind::Remote, said),
            "dynamicforward" => self.forward(ForwardKind::Dynamic, said),
            other => WITHOUT_BEARING.contains(&other),
        };
        if !taken {
            self.name_odd(said);
        }
    }

    fn name_odd(&mut self, said: &Said) {
        let keyword = spelled(&said.keyword);
        // Values may hold passwords in these.
        let text = match said.keyword.as_str() {
            "setenv" | "sendenv" => keyword,
            "proxycommand" => format!("{keyword} {}", proxy::shown(&said.rest)),
            _ => format!("{keyword} {}", said.rest),
        };
        if !self.odd.contains(&text) {
            self.odd.push(text);
        }
    }

    fn jump(&mut self, value: &str) -> bool {
        let target = self.host.address.clone();
        let hops = proxy::jumps(value);
        let expanded: Result<Vec<String>, String> = hops
            .iter()
            .map(|hop| tokens::expand(hop, &self.tokens(&target)))
            .collect();
        let taken = expanded.is_ok();
        if let Ok(hops) = expanded {
            self.host.jump = Some(hops);
        }
        taken
    }

    fn command(&mut self, command: &str) -> bool {
        if command.eq_ignore_ascii_case("none") {
            self.host.jump = Some(Vec::new());
            return true;
        }
        if let Some(hop) = proxy::plain_jump(command) {
            self.host.jump = Some(vec![hop]);
            return true;
        }
        let proxy = proxy::plain_proxy(command);
        let taken = proxy.is_some();
        if taken {
            self.host.settings.proxy = proxy;
        }
        taken
    }

    /// The first key is the host's own; `ssh` would try the others after it.
    fn key(&mut self, value: &str) -> bool {
        if value.eq_ignore_ascii_case("none") {
            return true;
        }
        let target = self.host.address.clone();
        match tokens::expand_path(value, &self.tokens(&target)) {
            Ok(path) if self.host.key_file.is_none() => {
                self.host.key_file = Some(path);
                true
            }
            _ => false,
        }
    }

    fn certificate(&mut self, value: &str) -> bool {
        let target = self.host.address.clone();
        match tokens::expand_path(value, &self.tokens(&target)) {
            Ok(path) if self.host.certificate.is_none() => {
                self.host.certificate = Some(path);
                true
            }
            _ => false,
        }
    }

    fn connect_timeout(&mut self, value: &str) -> bool {
        if value.eq_ignore_ascii_case("none") {
            return true;
        }
        seconds(value)
            .filter(|seconds| *seconds > 0)
            .map(|seconds| self.host.settings.connect_timeout_s = Some(seconds))
            .is_some()
    }

    fn host_keys(&mut self, value: &str) -> bool {
        let rule = match value.to_ascii_lowercase().as_str() {
            "yes" | "true" => HostKeyRule::Strict,
            "ask" | "accept-new" => HostKeyRule::Ask,
            // Believing every key is not offered; the person is asked instead, and told so.
            _ => {
                self.host.settings.host_key_policy = Some(HostKeyRule::Ask);
                return false;
            }
        };
        self.host.settings.host_key_policy = Some(rule);
        true
    }

    fn forward(&mut self, kind: ForwardKind, said: &Said) -> bool {
        let read = forward::read(kind, &said.words);
        let taken = read.is_ok();
        self.host.forwards.extend(read.ok());
        taken
    }

    fn tokens<'a>(&'a self, target: &'a str) -> Tokens<'a> {
        Tokens {
            host: target,
            asked: &self.host.name,
            port: self.host.port.unwrap_or(22),
            user: self.resolved.value("user").unwrap_or(&self.asked.local_user),
            local_user: &self.asked.local_user,
            home: &self.asked.home,
            device: &self.asked.device,
        }
    }
}

fn yes_no(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

/// `90`, `1m30s`, `2h`.
fn seconds(text: &str) -> Option<u32> {
    let mut total: u32 = 0;
    let mut digits = String::new();
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let unit = match letter.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(digits.parse::<u32>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    if digits.is_empty() {
        return (!text.is_empty()).then_some(total);
    }
    total.checked_add(digits.parse().ok()?)
}

fn is_usual_known_hosts(file: &str) -> bool {
    ["~/.ssh/known_hosts", "~/.ssh/known_hosts2", "%d/.ssh/known_hosts"].contains(&file)
}

/// Keywords as people write them, for those that are met most.
fn spelled(keyword: &str) -> String {
    const SPELLED: [&str; 26] = [
        "ProxyCommand",
        "ProxyJump",
        "IdentityFile",
        "IdentitiesOnly",
        "IdentityAgent",
        "CertificateFile",
        "StrictHostKeyChecking",
        "UserKnownHostsFile",
        "LocalForward",
        "RemoteForward",
        "DynamicForward",
        "SendEnv",
        "SetEnv",
        "RemoteCommand",
        "RequestTTY",
        "ControlMaster",
        "ControlPath",
        "ControlPersist",
        "ForwardX11",
        "ForwardX11Trusted",
        "ServerAliveCountMax",
        "PreferredAuthentications",
        "PubkeyAcceptedAlgorithms",
        "HostKeyAlgorithms",
        "KexAlgorithms",
        "LogLevel",
    ];
    let known = SPELLED.iter().find(|known| known.eq_ignore_ascii_case(keyword));
    known.map_or_else(|| keyword.to_owned(), |known| (*known).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{super::resolve::ExecRule, *};

    fn asked() -> Asked {
        Asked {
            local_user: "ann".to_owned(),
            home: "/home/ann".to_owned(),
            device: "desk".to_owned(),
            exec: ExecRule::Leave,
        }
    }

    fn found(text: &str) -> Found {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files {
            home: folder.path().to_owned(),
            ssh_folder: folder.path().join(".ssh"),
        };
        read(text, "config", &files, &asked())
    }

    #[test]
    fn patterns_apply_and_are_no_hosts() {
        let seen = found(
            "Host web-* !web-9\n User deploy\nHost web-1 web-9\n HostName %h.example.com\nHost *\n Port 2200\n User ann\n",
        );
        let told: Vec<_> = seen
            .hosts
            .iter()
            .map(|host| {
                (
                    host.name.as_str(),
                    host.address.as_str(),
                    host.user.as_deref(),
                    host.port,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("web-1", "web-1.example.com", Some("deploy"), Some(2200)),
                ("web-9", "web-9.example.com", Some("ann"), Some(2200)),
            ]
        );
    }

    #[test]
    fn what_cannot_be_done_is_named() {
        let seen = found(
            "Host a\n ProxyCommand ncat --proxy proxy:1080 --proxy-auth ann:hunter2 %h %p\n SetEnv TOKEN=hunter2\n StrictHostKeyChecking no\n HashKnownHosts yes\n RemoteForward 1080\n IdentityFile ~/.ssh/a\n IdentityFile ~/.ssh/b\nMatch exec \"test -f /x\"\n User root\n",
        );
        let host = &seen.hosts[0];
        assert_eq!(
            host.unsupported,
            [
                "ProxyCommand ncat --proxy proxy:1080 --proxy-auth … %h %p",
                "SetEnv",
                "StrictHostKeyChecking no",
                "RemoteForward 1080",
                "IdentityFile ~/.ssh/b"
            ]
        );
        assert_eq!(
            host.warnings,
            ["Without its ProxyCommand, this host would be reached directly"]
        );
        assert_eq!(host.key_file.as_deref(), Some("/home/ann/.ssh/a"));
        assert_eq!((host.user.as_deref(), host.jump.as_deref()), (None, None));
        assert_eq!(seen.problems.len(), 1);
        assert!(
            seen.problems[0].text.contains("Match exec"),
            "{:?}",
            seen.problems
        );
    }

    #[test]
    fn an_odd_line_costs_only_itself() {
        let seen = found("Host a\n User \"open\n Port\n HostName 10.0.0.1\n");
        assert_eq!(seen.hosts[0].address, "10.0.0.1");
        let lines: Vec<_> = seen.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [Some(2), Some(3)]);
    }

    #[test]
    fn times_have_units() {
        for (text, expected) in [
            ("90", Some(90)),
            ("1m30s", Some(90)),
            ("2h", Some(7200)),
            ("1m30", Some(90)),
            ("x", None),
            ("", None),
            ("m", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
