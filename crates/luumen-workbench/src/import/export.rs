//! Writes hosts for elsewhere: a table, OpenSSH's configuration, or Luumen's own form. No form holds a secret. Pure.

use super::{FoundHost, own};
use crate::hosts::{Environment, ForwardKind, ForwardSpec, HostKeyRule};

pub(super) fn own(hosts: &[FoundHost]) -> String {
    own::write(hosts)
}

/// A table that [`super::table`] reads back.
pub(super) fn table(hosts: &[FoundHost]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "name",
        "address",
        "user",
        "port",
        "group",
        "tags",
        "note",
        "key_file",
        "jump",
        "environment",
        "proxy",
    ])?;
    for host in hosts {
        let port = host.port.map(|port| port.to_string()).unwrap_or_default();
        let environment = match host.settings.environment {
            Some(Environment::Production) => "production",
            Some(Environment::Staging) => "staging",
            Some(Environment::Development) => "development",
            Some(Environment::None) | None => "",
        };
        let (group, tags) = (host.group.join("/"), host.tags.join(";"));
        let jump = host.jump.clone().unwrap_or_default().join(";");
        let row = [
            &host.name,
            &host.address,
            text(host.user.as_ref()),
            &port,
            &group,
            &tags,
            text(host.note.as_ref()),
            text(host.key_file.as_ref()),
            &jump,
            environment,
            text(host.settings.proxy.as_ref()),
        ];
        writer.write_record(row.map(harmless))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn text(value: Option<&String>) -> &str {
    value.map_or("", String::as_str)
}

/// A cell that begins like a formula is run by spreadsheets; a blank in front stops that and is trimmed on the way back.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t']) {
        format!(" {cell}")
    } else {
        cell.to_owned()
    }
}

/// A configuration that `ssh` reads.
pub(super) fn ssh_config(hosts: &[FoundHost]) -> String {
    let mut text = "# Written by Luumen. Secrets are not in it.\n".to_owned();
    for host in hosts {
        text.push_str(&format!("\nHost {}\n", alias(&host.name)));
        for (keyword, value) in options(host) {
            text.push_str(&format!("  {keyword} {value}\n"));
        }
    }
    text
}

/// Names with blanks cannot be typed behind `ssh`.
fn alias(name: &str) -> String {
    let letter = |letter: char| match letter {
        '"' | '#' | '*' | '?' | '!' | ',' | '=' => '-',
        letter if letter.is_whitespace() || letter.is_control() => '-',
        letter => letter,
    };
    name.chars().map(letter).collect()
}

fn options(host: &FoundHost) -> Vec<(&'static str, String)> {
    let settings = &host.settings;
    let mut options = vec![("HostName", host.address.clone())];
    let mut put = |keyword, value: Option<String>| options.extend(value.map(|value| (keyword, value)));
    put("User", host.user.clone());
    put("Port", host.port.map(|port| port.to_string()));
    put("IdentityFile", host.key_file.as_deref().map(quoted));
    put("CertificateFile", host.certificate.as_deref().map(quoted));
    let hops = host
        .jump
        .as_ref()
        .map(|hops| hops.iter().map(|hop| alias(hop)).collect::<Vec<_>>());
    put(
        "ProxyJump",
        hops.map(|hops| {
            if hops.is_empty() {
                "none".to_owned()
            } else {
                hops.join(",")
            }
        }),
    );
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
    options.extend(host.forwards.iter().map(forward));
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
