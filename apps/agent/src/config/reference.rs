//! The reference page of the configuration, written from the list of keys.
//!
//! `docs/reference/agent-config.md` is this text; a test says when it is old, and
//! `UPDATE_DOCS=1 cargo nextest run -p luumen-agent` writes it anew.

#![cfg(test)]

use std::fmt::Write as _;

use super::keys::{CREDENTIAL_KEYS, KEYS};

const HEAD: &str = "\
# Configuration of the agent

The agent reads `config.yaml` beside its binary, or the file that `--config` or `LUUMEN_CONFIG` names. Every key may
also be given as an environment variable, and every variable also as `…_FILE` with the path of a file that holds the
value. A flag (`--set KEY=VALUE`, not for secrets) beats the environment, the environment beats the file, the file beats
what the API says. A configuration with faults starts nothing; all faults are named at once.

A file with a secret must not be readable by others (`chmod 600`). `…_s` are seconds.

```yaml
luumen:
  api:
    key: lum_…
    base_url: https://luumen.example.com
ssh:
  host_key_policy: strict
privilege:
  tier: standard
credentials:
  linux:
    username: luumen
    key_file: id_ed25519
```

";

const CREDENTIALS: &str = "
## Credentials

`credentials:` maps a name to a way to sign in. The web app and the API know only the name. A host uses its own
credential, else the workspace's default one, else the one called `default`. Of `key_file`, `password_file`, `env` and
`agent`, each entry has exactly one. The secrets are read anew for each host, so a rotated key needs no restart.

| key | meaning |
|---|---|
";

const GUARD: &str = "
## The login guard

Directories lock an account after a few wrong passwords, often five. So a password that has not worked anywhere in the
run is tried on at most `login_guard_failures` hosts at once, and when that many hosts refused it and none accepted it,
the remaining hosts are skipped with `LUM-LOGIN-GUARD`. Once a host accepted the password, a refusal elsewhere is that
host's own matter. No account is tried twice on the same address in a run. Keys and ssh-agents lock no account: one host
without the key never stops the others.
";

const COST: &str = "
## What a visit costs a host

A visit that reads everything takes 44 to 51 ms of CPU on a small Debian host, half of it for packages and updates, besides
the 16 to 26 ms that its sshd takes for any connection. At most visits the package database and apt's lists and settings are what
they were an hour ago. So the agent keeps what a host answered about packages and updates, with size, times and inode of
all that decides these answers. The next visit asks for those first, in one `stat`; where they are the same, the host is
not asked for the answers again, and the visit takes 21 to 24 ms. The server gets the same facts either way, and ages,
running kernels and everything else are read each time.

Everything is read in full when anything among the inputs has changed, at least once every 24 hours, with
`run --once --full`, by `check`, after a change of the account, the address, the host key, the tier, the limits or the
agent's version, on hosts without GNU `stat`, and whenever what was kept is missing or damaged. Only answers without any
problem are kept. They are in `kept` in `state_dir`, one packed file a host, readable for the agent's account alone; the
folder may be removed at any time. `run --once` and the log say how many sections were unchanged.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("| key | variable | takes | default | meaning |\n|---|---|---|---|---|\n");
    for key in KEYS {
        let default = match key.default {
            Some(default) => format!("`{default}`"),
            None if key.required => "required".to_owned(),
            None => String::new(),
        };
        let _ = writeln!(
            page,
            "| `{}` | `{}` | {} | {default} | {} |",
            key.path,
            key.variable(),
            key.takes(),
            key.doc
        );
    }
    page.push_str(CREDENTIALS);
    for (name, meaning) in CREDENTIAL_KEYS {
        let _ = writeln!(page, "| `{name}` | {meaning} |");
    }
    page.push_str(GUARD);
    page.push_str(COST);
    page
}

#[test]
fn the_reference_page_is_current() {
    crate::reference::check("agent-config.md", &page());
}
