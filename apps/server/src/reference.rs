//! Two pages of `docs/reference`, written from the code: the settings, and who may do what. Tests only.
//!
//! The tests say when a committed page is old; `UPDATE_DOCS=1 cargo nextest run -p luumen-server reference` writes it anew,
//! and so does `cargo xtask generate`.

#![cfg(test)]

use std::{collections::BTreeMap, fmt::Write as _, fs};

use luumen_api::access::Permission;
use luumen_store::api_keys::KeyScope;
use luumen_testkit::pages::check;

use crate::{
    app::Limits,
    caller,
    config::keys::{Fallback, KEYS},
    openapi,
};

const SETTINGS: &str = "\
# Settings of the server

`luumen-server` reads `luumen-server.yaml` in the current folder, or the file that `--config` names. A flag beats the environment,
the environment beats the file, the file beats the default. A file with an unknown key, or a value of the wrong kind, is refused
and the first such is named; of the rest every bad value is named at once. Nothing starts before all are good.

A path that does not begin with `/` counts from the folder in which the program is started, also in `database`
(`sqlite://luumen.db`), and a database that is not there is made: give every command the same `--config`, with whole paths in it.

```yaml
database: postgres://luumen@db.example.com/luumen
public_url: https://luumen.example.com
trust_proxy: true
catalogue_dir: /var/lib/luumen/catalogue
```

";

fn settings() -> String {
    let mut page = SETTINGS.to_owned();
    page.push_str(
        "| setting | variable | default | takes | example | meaning |\n|---|---|---|---|---|---|\n",
    );
    for key in KEYS {
        let default = match key.default {
            Fallback::Text(text) => format!("`{text}`"),
            Fallback::Flag(flag) => format!("`{flag}`"),
            Fallback::None => "–".to_owned(),
        };
        let _ = writeln!(
            page,
            "| `{}` | `{}` | {default} | {} | `{}` | {} |",
            key.name,
            key.variable(),
            key.takes,
            key.example,
            key.meaning
        );
    }
    let limits = Limits::default();
    let (mib, gib) = (1024 * 1024, 1024 * 1024 * 1024);
    let _ = write!(
        page,
        "\n## Limits that are no settings\n\n| limit | value |\n|---|---|\n\
         | failed sign-ins to one account from one address, before it has to wait | {} in {} s |\n\
         | failed sign-ins from one address, to whatever accounts (an IPv6 network of 64 bits is one address) | {} in {} s |\n\
         | a session that nobody uses ends after | {} h |\n\
         | every session ends after | {} days |\n\
         | largest report of a host, unpacked | {} MiB |\n\
         | largest bundle | {} GiB |\n\
         | visits, runs and resolved findings are kept for | 365 days, unless the workspace says otherwise (Settings, Workspace, \
         *Keep snapshots for*: `retention_days`); the newest visit of each host stays |\n",
        limits.failures_per_account,
        limits.failure_window_s,
        limits.failures_per_ip,
        limits.failure_window_s,
        caller::IDLE_MS / 3_600_000,
        caller::LONGEST_MS / 86_400_000,
        limits.report_bytes / mib,
        limits.bundle_bytes / gib,
    );
    page
}

/// What a permission is for. A new one does not compile before it is said here.
fn meaning(permission: Permission) -> &'static str {
    match permission {
        Permission::ReadHosts => "See hosts, what was seen on them, packages, properties and the overview.",
        Permission::WriteHosts => "Add, change, import and delete hosts.",
        Permission::ReadRuns => "See runs and what became of each host.",
        Permission::ReadAgents => "See agents and whether they are silent.",
        Permission::WriteAgents => "Remove agents that are silent.",
        Permission::ReadApiKeys => "See which API keys there are, never a key itself.",
        Permission::WriteApiKeys => "Make, rotate and revoke API keys.",
        Permission::ReadSettings => "See the workspace's settings.",
        Permission::WriteSettings => "Change the workspace's settings.",
        Permission::ReadVulnerabilities => "See findings, exceptions, feeds and jobs.",
        Permission::WriteExceptions => "Make, change and end exceptions.",
        Permission::WriteFeeds => "Refresh feeds and import a bundle.",
        Permission::Report => "Pull the agent's configuration and push reports.",
    }
}

const PERMISSIONS: &str = "\
# Permissions

Whoever calls is a person with a session or a program with an API key, works in one workspace, and may do there what the table says;
anything else is answered with `LUM-API-FORBIDDEN`. A thing of another workspace is answered as one that does not exist. Every
member of a workspace may do what a person may; roles (owner, admin, operator, auditor, viewer) are kept and take nothing from
it yet. Addresses are below `/api/v1`; `x-permission` in [openapi.json](openapi.json) says the same.

";

const OUTSIDE: &str = "
## Beside the API

| address | who may |
|---|---|
| `GET /livez`, `GET /readyz`, `GET /metrics` | everybody: they hold no secret and name workspaces and agents by id only. Keep them from the internet at the proxy. |
| `GET /config` | whoever has `report`; the key may come in the header `api-key`. |
";

/// The operations by the permission they need; those that need none stand under nothing.
fn operations() -> BTreeMap<String, Vec<String>> {
    let document = serde_json::to_value(openapi::document()).expect("a document");
    let mut by_permission = BTreeMap::<String, Vec<String>>::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let permission = operation["x-permission"].as_str().unwrap_or_default().to_owned();
            let operations = by_permission.entry(permission).or_default();
            operations.push(format!("`{} {path}`", method.to_uppercase()));
        }
    }
    by_permission
}

fn permissions() -> String {
    let mut operations = operations();
    let callers = [
        ("person", caller::OF_PEOPLE),
        ("key `read`", caller::permissions_of(KeyScope::Read)),
        ("key `write`", caller::permissions_of(KeyScope::Write)),
        ("key `agent`", caller::permissions_of(KeyScope::Agent)),
    ];
    let mut all: Vec<Permission> = callers.iter().flat_map(|(_, may)| may.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    let mut page = PERMISSIONS.to_owned();
    page.push_str("| permission | what for | who has it | operations that need it |\n|---|---|---|---|\n");
    for permission in all {
        let name = serde_json::to_value(permission).expect("a name");
        let name = name.as_str().expect("a text");
        let who: Vec<&str> = callers
            .iter()
            .filter(|(_, may)| may.contains(&permission))
            .map(|(who, _)| *who)
            .collect();
        let needed = operations.remove(name).unwrap_or_default();
        let _ = writeln!(
            page,
            "| `{name}` | {} | {} | {} |",
            meaning(permission),
            who.join(", "),
            needed.join(", ")
        );
    }
    let mut rest = |name: &str, what: &str, who: &str| {
        let needed = operations.remove(name).unwrap_or_default();
        let _ = writeln!(page, "| – | {what} | {who} | {} |", needed.join(", "));
    };
    rest("person", "Things of the person who is signed in.", "person");
    rest(
        "",
        "Setting up and signing in; each takes its own proof.",
        "everybody",
    );
    assert!(
        operations.is_empty(),
        "nobody has the permission for {operations:?}"
    );
    page.push_str(OUTSIDE);
    page
}

#[test]
fn the_reference_page_of_settings_is_current() {
    check("server-settings.md", &settings());
}

#[test]
fn the_reference_page_of_permissions_is_current() {
    check("permissions.md", &permissions());
}

/// An example that the server would refuse is worse than none.
#[test]
fn every_example_of_a_setting_is_good() {
    for key in KEYS {
        let mut text = format!(
            "{}: {}\n",
            key.name,
            key.example.replace("luumen-bundle-public-1 …", &public_key())
        );
        if key.name == "feeds_dir" {
            text.push_str("catalogue_dir: /var/lib/luumen/catalogue\n");
        }
        let file =
            std::env::temp_dir().join(format!("luumen-example-{}-{}.yaml", key.name, std::process::id()));
        fs::write(&file, &text).expect("a file");
        let read = crate::config::Config::read(Some(&file), &crate::config::Flags::default(), None);
        fs::remove_file(&file).expect("gone");
        assert!(read.is_ok(), "{text}{read:?}");
    }
}

fn public_key() -> String {
    luumen_feeds::bundle::SigningKey::generate().public().to_string()
}
