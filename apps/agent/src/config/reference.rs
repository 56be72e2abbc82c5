//! The reference page of the configuration, written from the list of keys.
//!
//! `docs/reference/agent-config.md` is this text; a test says when it is old, and
//! `UPDATE_DOCS=1 cargo nextest run -p luumen-agent` writes it anew.

#![cfg(test)]

use std::fmt::Write as _;

use super::keys::{CREDENTIAL_KEYS, KEYS};

const HEAD: &str = "\
# Configuration of the agent

The agent reads `config.yaml` beside its binary, or the file that `--config` or `LUUMEN_CONFIG` names. Every key of the table
may also be given as an environment variable, and every variable also as `…_FILE` with the path of a file that holds the value;
`credentials:` stands in the file alone. A flag (`--set KEY=VALUE`, not for secrets) beats the environment, the environment beats
the file, the file beats what the API says. A configuration with faults starts nothing; all faults are named at once.

A file with a secret must not be readable by others (`chmod 600`). `…_s` are seconds. Relative paths, those of the defaults too,
count from the folder of `config.yaml`, those of variables and flags from the current one: set `log_dir` and `state_dir` where a
service may write.

```yaml
luumen:
  api:
    key: lum_…
    base_url: https://luumen.example.com
ssh:
  host_key_policy: strict  # first, for each host: luumen-agent hostkeys accept HOST. Or: tofu
privilege:
  tier: standard           # first, on each host: what luumen-agent sudoers prints. Or: none
credentials:
  default:
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
run is tried on at most `login_guard_failures` hosts at once, one by default, whether the host asks for it as a password
or as keyboard-interactive. When that many hosts refused it and none accepted it, the remaining hosts of the account are
skipped with `LUM-LOGIN-GUARD`. A host that got the password and gave no answer may have counted the
try, or only be ill: the first one alone stops nobody, and any failure after it counts with it. Hosts that cannot be reached, do not get as far as that, or
take keys alone, count for nothing and hold up no other. Once a host accepted the password, a refusal elsewhere is that host's own matter. An
account that an address refused is not tried there again in the run. Keys and ssh-agents lock no account: one host without
the key never stops the others. A jump host that refuses the login, with a key or a password, stops all hosts of that account for
this run: they lie behind it.

A single host that has another password and comes first therefore stops the others of its account. Give it a credential of
its own, or raise `login_guard_failures`.
";

const SILENCE: &str = "
## When the API does not answer

The agent keeps the last configuration that the API gave it, in `remote-config.sealed` in `state_dir`: AES-256-GCM under a key
that is made (HKDF-SHA-256) of the API key and of this machine's `/etc/machine-id`, and bound to `base_url`. It holds names,
addresses, accounts and names of credentials, and never a secret. The seal is for whoever gets `state_dir` alone, as in a
backup; who can read `config.yaml` can ask the API. After a rotation of the API key, on another machine, or when the file is
damaged or the plain one of an older version, it cannot be opened: the log says so, the agent starts as if there were none,
and the next answer of the API takes its place.

With it, `run --once` visits the hosts while the API is down, and says so. The API is told of the run with the first report
that it takes. The service waits instead: its run does not begin before the API answers.

If the API goes away during a run, of `run --once` or of the service, reports wait in memory (256 MiB at most) for 2 minutes
after the last visit; 15 seconds where it did not answer at the beginning either; 10 seconds after a signal. What it has not taken
then is lost and named in the log, those hosts keep their last data until the next run, and the exit code of `run --once` is 75.
";

const NOT_YET: &str = "
## Not there yet

These come later. They are no keys today, and a configuration that has them is refused like any other unknown key:

- `spool`: reports on disk while the API is down. Until then they wait in memory, as said above.
- `telemetry.prometheus`: the agent's own metrics. Until then its log and `run --once --output json` tell of each run, and the
  server's `/metrics` tells which agents are silent.
- `allow_collectors`: a list, on this machine, of what may be read at all. Until then `privilege.tier` and the hosts'
  sudoers decide what needs root, and everything in [commands.md](commands.md) that needs no right is read.
- Paths of certificates of your own. Until then the usual places are read, which commands.md lists.
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
    page.push_str(SILENCE);
    page.push_str(COST);
    page.push_str(NOT_YET);
    page
}

#[test]
fn the_reference_page_is_current() {
    luumen_testkit::pages::check("agent-config.md", &page());
}
