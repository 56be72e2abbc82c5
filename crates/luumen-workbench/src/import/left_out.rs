//! What a table or Luumen's own form cannot say of hosts, named so that nobody takes the file for all there is. Pure.
//!
//! Both name groups and say nothing of what these hand down, and credentials only where they are keys in files. A table has
//! columns for the usual things alone.

use std::collections::BTreeSet;

use super::plan::Kept;
use crate::{
    bridge::Id,
    hosts::{Group, Host, Settings, above},
    identities::{Credential, CredentialKind, KeySource},
};

/// A form that names groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Table,
    Own,
}

/// What is not in the file, and why: of each host, then of the groups that these hosts are in.
pub(super) fn left_out(kept: &Kept, hosts: &[&Host], form: Form) -> Vec<String> {
    let around = |host: &&Host| above(host.group, &kept.groups).into_iter().map(|group| group.id);
    let groups: BTreeSet<Id> = hosts.iter().flat_map(around).collect();
    let groups = kept.groups.iter().filter(|group| groups.contains(&group.id));
    hosts
        .iter()
        .flat_map(|host| of_host(kept, host, form))
        .chain(groups.filter_map(of_group))
        .collect()
}

fn of_host(kept: &Kept, host: &Host, form: Form) -> Vec<String> {
    let mut why_not: Vec<(String, String)> = Vec::new();
    let mut leave_out = |what: &str, why: &str| why_not.push((what.to_owned(), why.to_owned()));
    let credential = host.settings.credential;
    let credential = credential.and_then(|id| kept.credentials.iter().find(|one| one.id == id));
    if form == Form::Table {
        let without = without_column(host, credential);
        if !without.is_empty() {
            leave_out(&listed(&without), "a table has no column for that");
        }
        if host.settings.jump.as_ref().is_some_and(Vec::is_empty) {
            leave_out("the straight way", "an empty cell says nothing of jump hosts");
        }
        for what in read_as_several(kept, host) {
            leave_out(
                what,
                "a letter in them is what stands between two, so they are read as others",
            );
        }
    }
    if let Some((what, why)) = credential.and_then(|credential| of_credential(kept, credential, form)) {
        leave_out(&what, why);
    }
    if host.settings.proxy_credential.is_some() {
        leave_out("the proxy credential", "only keys in files are written");
    }
    let line = |(what, why): (String, String)| format!("{what} of {}: {why}", host.name);
    why_not.into_iter().map(line).collect()
}

/// What a host says and no column holds.
fn without_column(host: &Host, credential: Option<&Credential>) -> Vec<&'static str> {
    const COLUMNS: [&str; 7] = [
        "user",
        "port",
        "credential",
        "jump hosts",
        "proxy",
        "proxy credential",
        "environment",
    ];
    let mut without = said(&host.settings);
    without.retain(|word| !COLUMNS.contains(word));
    if !host.forwards.is_empty() {
        without.push("forwards");
    }
    if credential.is_some_and(|credential| credential.certificate.is_some()) {
        without.push("certificate");
    }
    without
}

/// Cells that hold several names come apart at some letters.
fn read_as_several(kept: &Kept, host: &Host) -> Vec<&'static str> {
    let found = kept.described(host);
    let has = |names: &[String], letters: &[char]| names.iter().any(|name| name.contains(letters));
    [
        ("the groups", has(&found.group, &['/', '\\'])),
        ("the tags", has(&found.tags, &[',', ';', ' '])),
        (
            "the jump hosts",
            has(&found.jump.unwrap_or_default(), &[',', ';']),
        ),
    ]
    .into_iter()
    .filter_map(|(what, comes_apart)| comes_apart.then_some(what))
    .collect()
}

fn of_credential(kept: &Kept, credential: &Credential, form: Form) -> Option<(String, &'static str)> {
    let key = kept.keys.iter().find(|key| Some(key.id) == credential.key);
    let is_in_file = key.is_some_and(|key| key.source == KeySource::File);
    if credential.kind != CredentialKind::Key || !is_in_file {
        let what = format!("the credential {:?}", credential.name);
        return Some((what, "only keys in files are written"));
    }
    let is_text = credential
        .certificate
        .as_ref()
        .is_some_and(|text| text.contains(' '));
    (form == Form::Own && is_text)
        .then(|| ("the certificate".to_owned(), "it is kept here, and not in a file"))
}

fn of_group(group: &Group) -> Option<String> {
    let said = said(&group.settings);
    let why = "only the names of groups are written, not what their hosts inherit";
    (!said.is_empty()).then(|| format!("{} of the group {}: {why}", listed(&said), group.name))
}

/// What a host or group has set, as the window calls it.
fn said(settings: &Settings) -> Vec<&'static str> {
    [
        ("user", settings.user.is_some()),
        ("port", settings.port.is_some()),
        ("credential", settings.credential.is_some()),
        ("jump hosts", settings.jump.is_some()),
        ("proxy", settings.proxy.is_some()),
        ("proxy credential", settings.proxy_credential.is_some()),
        ("environment", settings.environment.is_some()),
        ("new host keys", settings.host_key_policy.is_some()),
        ("keepalive", settings.keepalive_s.is_some()),
        ("connect timeout", settings.connect_timeout_s.is_some()),
        ("compression", settings.compression.is_some()),
        ("agent forwarding", settings.agent_forwarding.is_some()),
        ("session log", settings.log.is_some()),
        ("sudo for scans", settings.sudo_tier.is_some()),
        ("terminal type", settings.terminal.is_some()),
    ]
    .into_iter()
    .filter_map(|(word, is_said)| is_said.then_some(word))
    .collect()
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What was kept, as it is stored: `more` goes over a bare host.
    fn host(name: &str, more: Value) -> Host {
        let mut host = json!({
            "id": Id::new(), "group": null, "name": name, "protocol": "ssh", "address": "10.0.0.1",
            "tags": [], "note": "", "settings": {}, "forwards": [],
        });
        for (key, value) in more.as_object().expect("fields") {
            host[key] = value.clone();
        }
        serde_json::from_value(host).expect("a host")
    }

    fn credential(kind: &str, key: Option<Id>, certificate: Option<&str>) -> Credential {
        let credential = json!({
            "id": Id::new(), "name": "mine", "user": null, "kind": kind, "key": key, "certificate": certificate,
            "has_secret": false,
        });
        serde_json::from_value(credential).expect("a credential")
    }

    #[track_caller]
    fn check(kept: &Kept, table: &[&str], own: &[&str]) {
        let hosts: Vec<&Host> = kept.hosts.iter().collect();
        assert_eq!(left_out(kept, &hosts, Form::Table), table);
        assert_eq!(left_out(kept, &hosts, Form::Own), own);
    }

    fn only(host: Host) -> Kept {
        Kept {
            hosts: vec![host],
            ..Kept::default()
        }
    }

    #[test]
    fn what_has_a_column_is_not_named() {
        let settings = json!({"user": "root", "port": 2222, "environment": "production", "proxy": "none"});
        let kept = only(host("web", json!({"settings": settings, "tags": ["a", "b"]})));
        check(&kept, &[], &[]);
    }

    #[test]
    fn what_has_no_column_is_named_for_a_table_alone() {
        let settings = json!({"jump": [], "host_key_policy": "strict", "log": "full"});
        let forward = json!({
            "id": Id::new(), "kind": "dynamic", "bind": "localhost", "port": 1080, "to_host": null, "to_port": null,
            "auto": true, "label": "",
        });
        let more = json!({"settings": settings, "forwards": [forward], "tags": ["of the shop"]});
        check(
            &only(host("web", more)),
            &[
                "new host keys, session log and forwards of web: a table has no column for that",
                "the straight way of web: an empty cell says nothing of jump hosts",
                "the tags of web: a letter in them is what stands between two, so they are read as others",
            ],
            &[],
        );
    }

    #[test]
    fn credentials_that_are_no_key_in_a_file_are_named_for_both() {
        let key: crate::identities::Key = serde_json::from_value(json!({
            "id": Id::new(), "name": "laptop", "algorithm": "ssh-ed25519", "bits": null, "fingerprint": "",
            "public_key": "", "encrypted": false, "source": "file", "path": "/home/ann/.ssh/id", "created_at": "2026-11-29T10:00:00Z",
        }))
        .expect("a key");
        let vault = crate::identities::Key {
            id: Id::new(),
            source: KeySource::Imported,
            path: None,
            ..key.clone()
        };
        let line = "the credential \"mine\" of web: only keys in files are written";
        let of = |credential: Credential, table: &[&str], own: &[&str]| {
            let settings = json!({"credential": credential.id});
            let kept = Kept {
                hosts: vec![host("web", json!({"settings": settings}))],
                credentials: vec![credential],
                keys: vec![key.clone(), vault.clone()],
                ..Kept::default()
            };
            check(&kept, table, own);
        };
        for kind in ["password", "ask", "agent"] {
            of(credential(kind, None, None), &[line], &[line]);
        }
        of(credential("key", Some(vault.id), None), &[line], &[line]);
        of(credential("key", Some(key.id), None), &[], &[]);
        let column = "certificate of web: a table has no column for that";
        of(
            credential("key", Some(key.id), Some("~/id-cert.pub")),
            &[column],
            &[],
        );
        let text = "the certificate of web: it is kept here, and not in a file";
        of(
            credential("key", Some(key.id), Some("ssh-ed25519-cert AAAA")),
            &[column],
            &[text],
        );
    }

    #[test]
    fn what_groups_hand_down_is_named_once_and_only_where_a_host_is_in_them() {
        let group = |name: &str, parent: Option<&Group>, settings: Value| Group {
            id: Id::new(),
            parent: parent.map(|group| group.id),
            name: name.to_owned(),
            settings: serde_json::from_value(settings).expect("settings"),
        };
        let shop = group(
            "Shop",
            None,
            json!({"user": "deploy", "proxy_credential": Id::new()}),
        );
        let web = group("Web", Some(&shop), json!({}));
        let lab = group("Lab", None, json!({"user": "root"}));
        let inside = json!({"group": web.id});
        let kept = Kept {
            hosts: vec![host("web-1", inside.clone()), host("web-2", inside)],
            groups: vec![shop, web, lab],
            ..Kept::default()
        };
        let line = "user and proxy credential of the group Shop: only the names of groups are written, not what their hosts inherit";
        check(&kept, &[line], &[line]);
        let proxied = only(host("web", json!({"settings": {"proxy_credential": Id::new()}})));
        let line = "the proxy credential of web: only keys in files are written";
        check(&proxied, &[line], &[line]);
    }
}
