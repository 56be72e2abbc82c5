//! Writes hosts as a configuration that `ssh` reads. No secret is in it. Pure.
//!
//! `ssh` knows no groups, so what a host inherits is written with it. What cannot be said so that it comes to the same is left
//! out, and named.

use std::collections::{BTreeMap, BTreeSet};

use super::{FoundHost, plan::Kept};
use crate::{
    bridge::Id,
    hosts::{
        Defaults, Effective, ForwardKind, ForwardSpec, Host, HostKeyRule, Inherited, LogMode, Origin,
        OriginWord, Settings, WrittenProxy, effective,
    },
    identities::{CredentialKind, KeySource},
};

/// A configuration, and what is not in it.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) left_out: Vec<String>,
}

/// A configuration of these hosts.
pub(super) fn ssh_config(kept: &Kept, hosts: &[&Host]) -> Written {
    let mut export = Export {
        kept,
        aliases: aliases(hosts),
        left_out: Vec::new(),
    };
    let mut text =
        "# Written by Luumen. Secrets are not in it. A ProxyCommand needs the nc of OpenBSD.\n".to_owned();
    for host in hosts {
        let Some(alias) = export.aliases.get(&host.id).cloned() else {
            continue;
        };
        text.push_str(&format!("\nHost {alias}\n"));
        for (keyword, value) in export.options(host) {
            text.push_str(&format!("  {keyword} {value}\n"));
        }
    }
    Written {
        text,
        left_out: export.left_out,
    }
}

/// What each host is called in the file. Hosts that are called the same are numbered: for `ssh` they would be one.
fn aliases(hosts: &[&Host]) -> BTreeMap<Id, String> {
    let (mut aliases, mut used) = (BTreeMap::new(), BTreeSet::new());
    for host in hosts {
        let name = alias(&host.name);
        let (mut free, mut number) = (name.clone(), 2);
        while !used.insert(free.to_lowercase()) {
            free = format!("{name}-{number}");
            number += 1;
        }
        aliases.insert(host.id, free);
    }
    aliases
}

/// A name that can be typed behind `ssh`, and that is no pattern and no `user@host:port` in a way.
fn alias(name: &str) -> String {
    let letter = |letter: char| match letter {
        letter if "\"'#*?!,=%@:/[]\\".contains(letter) => '-',
        letter if letter.is_whitespace() || letter.is_control() => '-',
        letter => letter,
    };
    let name: String = name.chars().map(letter).collect();
    let name = name.trim_start_matches('-');
    if name.is_empty() { "host" } else { name }.to_owned()
}

struct Export<'a> {
    kept: &'a Kept,
    aliases: BTreeMap<Id, String>,
    left_out: Vec<String>,
}

impl Export<'_> {
    fn options(&mut self, host: &Host) -> Vec<(&'static str, String)> {
        let holds = self.effective(host);
        let written = Host {
            settings: said(&holds),
            ..host.clone()
        };
        let jump = written.settings.jump.clone();
        let found = self.kept.described(&written);
        self.name_key(host, &holds, &found);
        let mut options = identity(&found);
        options.extend(self.way(host, &holds, jump.as_deref()));
        options.extend(manners(&found.settings));
        options.extend(found.forwards.iter().map(forward));
        options
    }

    fn effective(&self, host: &Host) -> Effective {
        let defaults = Defaults {
            user: String::new(),
            log: LogMode::Off,
        };
        effective(host, &self.kept.groups, &defaults)
    }

    fn leave_out(&mut self, what: &str, host: &Host, why: &str) {
        self.left_out.push(format!("{what} of {}: {why}", host.name));
    }

    /// Jump hosts or a proxy: `ssh` takes one of them.
    fn way(&mut self, host: &Host, holds: &Effective, jump: Option<&[Id]>) -> Option<(&'static str, String)> {
        let hops = jump.unwrap_or_default();
        let Some(first) = hops.first() else {
            let none = || jump.map(|_| ("ProxyJump", "none".to_owned()));
            return match &holds.proxy.value {
                Some(proxy) => self
                    .proxy(host, holds, proxy)
                    .map(|command| ("ProxyCommand", command)),
                None => none(),
            };
        };
        let first = self.kept.hosts.iter().find(|host| host.id == *first);
        let has_proxy = |first: &Host| self.effective(first).proxy.value.is_some();
        if holds.proxy.value.is_some() && !first.is_some_and(has_proxy) {
            let why = "ssh goes through its jump hosts alone; the proxy belongs to the first of them there";
            self.leave_out("the proxy", host, why);
        }
        let names: Vec<&str> = hops
            .iter()
            .filter_map(|hop| self.aliases.get(hop))
            .map(String::as_str)
            .collect();
        if names.len() < hops.len() {
            self.leave_out("the way", host, "one of its jump hosts is no longer there");
            return None;
        }
        Some(("ProxyJump", names.join(",")))
    }

    /// The command that leads through a proxy. `ssh` hands it to a shell, so there is nothing in it that a shell makes something of.
    fn proxy(&mut self, host: &Host, holds: &Effective, proxy: &str) -> Option<String> {
        let written = WrittenProxy::read(proxy).ok().flatten()?;
        let credential = holds.proxy_credential.value;
        let credential = credential.and_then(|id| self.kept.credentials.iter().find(|one| one.id == id));
        let account = credential.and_then(|credential| credential.user.clone());
        let account = written.user.clone().or(account);
        let place = written.place();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._:@[]".contains(letter);
        let is_plain = place
            .chars()
            .chain(account.iter().flat_map(|user| user.chars()))
            .all(plain);
        if !is_plain || account.as_ref().is_some_and(|user| user.starts_with('-')) {
            self.leave_out(
                "the proxy",
                host,
                "its name or account has letters that a shell would read",
            );
            return None;
        }
        let kind = if written.is_http() { "connect" } else { "5" };
        let account = account.map_or_else(String::new, |user| format!(" -P {user}"));
        if !account.is_empty() && !written.is_http() {
            let why = "nc signs in to HTTP proxies only";
            self.leave_out("the account at the proxy", host, why);
        }
        Some(format!("nc -X {kind} -x {place}{account} %h %p"))
    }

    /// Keys and certificates that are kept here are in no file that `ssh` could read.
    fn name_key(&mut self, host: &Host, holds: &Effective, found: &FoundHost) {
        let credential = holds.credential.value;
        let credential = credential.and_then(|id| self.kept.credentials.iter().find(|one| one.id == id));
        let Some(credential) = credential.filter(|credential| credential.kind == CredentialKind::Key) else {
            return;
        };
        let key = self.kept.keys.iter().find(|key| Some(key.id) == credential.key);
        if key.is_some_and(|key| key.source != KeySource::File) {
            self.leave_out("the key", host, "it is kept here, and not in a file");
        }
        if credential.certificate.is_some() && found.certificate.is_none() {
            self.leave_out("the certificate", host, "it is kept here, and not in a file");
        }
    }
}

/// What somebody says of a host: itself or a group.
fn said(holds: &Effective) -> Settings {
    fn of<T: Clone>(one: &Inherited<T>) -> Option<T> {
        let is_said = !matches!(one.from, Origin::Word(OriginWord::Default));
        is_said.then(|| one.value.clone())
    }
    Settings {
        user: of(&holds.user),
        port: of(&holds.port),
        credential: holds.credential.value,
        jump: of(&holds.jump),
        host_key_policy: of(&holds.host_key_policy),
        keepalive_s: of(&holds.keepalive_s),
        connect_timeout_s: of(&holds.connect_timeout_s),
        compression: of(&holds.compression),
        agent_forwarding: of(&holds.agent_forwarding),
        ..Settings::default()
    }
}

/// Where the host is, and as whom to sign in.
fn identity(host: &FoundHost) -> Vec<(&'static str, String)> {
    let mut options = vec![("HostName", host.address.clone())];
    let mut put = |keyword, value: Option<String>| options.extend(value.map(|value| (keyword, value)));
    put("User", host.user.clone());
    put("Port", host.port.map(|port| port.to_string()));
    put("IdentityFile", host.key_file.as_deref().map(quoted));
    put("CertificateFile", host.certificate.as_deref().map(quoted));
    options
}

/// How the connection is made.
fn manners(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut options = Vec::new();
    let mut put = |keyword, value: Option<String>| options.extend(value.map(|value| (keyword, value)));
    put("ForwardAgent", settings.agent_forwarding.map(yes_no));
    put("Compression", settings.compression.map(yes_no));
    put(
        "ServerAliveInterval",
        settings.keepalive_s.map(|seconds| seconds.to_string()),
    );
    put(
        "ConnectTimeout",
        settings.connect_timeout_s.map(|seconds| seconds.to_string()),
    );
    let rule = settings.host_key_policy.map(|rule| match rule {
        HostKeyRule::Strict => "yes",
        HostKeyRule::Ask => "ask",
    });
    put("StrictHostKeyChecking", rule.map(str::to_owned));
    options
}

fn quoted(path: &str) -> String {
    if path.contains([' ', '#', '"']) {
        format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        path.to_owned()
    }
}

fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn forward(spec: &ForwardSpec) -> (&'static str, String) {
    let bracket = |host: &str| {
        if host.contains(':') {
            format!("[{host}]")
        } else {
            host.to_owned()
        }
    };
    let listen = format!("{}:{}", bracket(&spec.bind), spec.port);
    let keyword = match spec.kind {
        ForwardKind::Local => "LocalForward",
        ForwardKind::Remote => "RemoteForward",
        ForwardKind::Dynamic => "DynamicForward",
    };
    match (&spec.to_host, spec.to_port) {
        (Some(host), Some(port)) => (keyword, format!("{listen} {}:{port}", bracket(host))),
        _ => (keyword, listen),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{
        super::ssh_config::{Asked, ExecRule, Files, read},
        *,
    };
    use crate::hosts::Group;

    fn host(name: &str, group: Option<Id>, settings: Settings) -> Host {
        Host {
            group,
            settings,
            ..Host::bare(name, &format!("{}.example.com", alias(name)))
        }
    }

    fn proxied(proxy: &str) -> Settings {
        Settings {
            proxy: Some(proxy.to_owned()),
            ..Settings::default()
        }
    }

    fn through(hops: &[&Host]) -> Settings {
        Settings {
            jump: Some(hops.iter().map(|hop| hop.id).collect()),
            ..Settings::default()
        }
    }

    /// Writes these hosts, and reads them as `ssh` would.
    fn round(kept: &Kept, hosts: &[&Host]) -> (Vec<FoundHost>, Vec<String>) {
        let written = ssh_config(kept, hosts);
        let asked = Asked {
            local_user: "ann".to_owned(),
            home: "/home/ann".to_owned(),
            device: "desk".to_owned(),
            exec: ExecRule::Leave,
        };
        let files = Files {
            home: PathBuf::from("/nowhere"),
            ssh_folder: PathBuf::from("/nowhere/.ssh"),
        };
        let found = read(&written.text, "config", &files, &asked);
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        for host in &found.hosts {
            assert!(
                host.unsupported.is_empty() && host.warnings.is_empty(),
                "{host:?}"
            );
        }
        (found.hosts, written.left_out)
    }

    fn kept(hosts: Vec<Host>) -> Kept {
        Kept {
            hosts,
            ..Kept::default()
        }
    }

    #[test]
    fn a_proxy_comes_back() {
        let kept = kept(vec![
            host("a", None, proxied("socks5://proxy:1080")),
            host("b", None, proxied("http://ann@[2001:db8::1]:3128")),
            host("c", None, proxied("none")),
            host("d", None, proxied("socks5://ann@proxy:1080")),
            host("e", None, proxied("http://$(id)@proxy:8080")),
        ]);
        let hosts: Vec<&Host> = kept.hosts.iter().collect();
        let (found, left_out) = round(&kept, &hosts);
        let proxies: Vec<Option<&str>> = found.iter().map(|host| host.settings.proxy.as_deref()).collect();
        assert_eq!(
            proxies,
            [
                Some("socks5://proxy:1080"),
                Some("http://ann@[2001:db8::1]:3128"),
                None,
                Some("socks5://ann@proxy:1080"),
                None
            ]
        );
        assert_eq!(
            left_out,
            [
                "the account at the proxy of d: nc signs in to HTTP proxies only",
                "the proxy of e: its name or account has letters that a shell would read"
            ]
        );
    }

    #[test]
    fn what_a_group_says_is_written_with_the_host() {
        let gate = host("gate", None, Settings::default());
        let group = |settings| Group {
            id: Id::new(),
            parent: None,
            name: "Prod".to_owned(),
            settings,
        };
        let (behind, proxied) = (group(through(&[&gate])), group(proxied("http://proxy:8080")));
        let web = host("web", Some(behind.id), Settings::default());
        let straight = host("straight", Some(proxied.id), through(&[]));
        let kept = Kept {
            hosts: vec![gate, web, straight],
            groups: vec![behind, proxied],
            ..Kept::default()
        };
        let only = [kept.hosts[1].id, kept.hosts[2].id];
        let hosts = kept.with_hops(Some(&only));
        assert_eq!(hosts.len(), 3, "the host that leads to another comes along");
        let (found, left_out) = round(&kept, &hosts);
        assert_eq!(found[1].jump.as_deref(), Some(["gate".to_owned()].as_slice()));
        assert_eq!(found[2].settings.proxy.as_deref(), Some("http://proxy:8080"));
        assert_eq!(left_out, Vec::<String>::new());
    }

    #[test]
    fn hosts_that_are_called_the_same_stay_apart() {
        let (one, other) = (
            host("my gate", None, Settings::default()),
            host("My-Gate", None, Settings::default()),
        );
        let place = host("ann@gw:2200", None, Settings::default());
        let web = host("web", None, through(&[&other, &place]));
        let kept = kept(vec![one, other, place, web]);
        let hosts: Vec<&Host> = kept.hosts.iter().collect();
        let (found, _) = round(&kept, &hosts);
        let names: Vec<&str> = found.iter().map(|host| host.name.as_str()).collect();
        assert_eq!(names, ["my-gate", "My-Gate-2", "ann-gw-2200", "web"]);
        let jump = ["My-Gate-2".to_owned(), "ann-gw-2200".to_owned()];
        assert_eq!(found[3].jump.as_deref(), Some(jump.as_slice()));
    }

    #[test]
    fn a_proxy_before_jump_hosts_is_named() {
        let gate = host("gate", None, Settings::default());
        let both = Settings {
            proxy: Some("http://proxy:8080".to_owned()),
            ..through(&[&gate])
        };
        let kept = kept(vec![gate, host("web", None, both)]);
        let hosts: Vec<&Host> = kept.hosts.iter().collect();
        let (found, left_out) = round(&kept, &hosts);
        assert_eq!(found[1].jump.as_deref(), Some(["gate".to_owned()].as_slice()));
        assert!(left_out[0].starts_with("the proxy of web"), "{left_out:?}");
    }
}
