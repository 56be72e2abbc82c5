//! Every key of the configuration, once: the file, the environment, the flags, the checks and the
//! reference page are all read from this list.

/// A key of `config.yaml`.
#[derive(Debug)]
pub(crate) struct Key {
    /// Dotted path in the file.
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
    /// Used when nobody says otherwise, written as in the file.
    pub(crate) default: Option<&'static str>,
    pub(crate) required: bool,
    /// For the reference page and for messages.
    pub(crate) doc: &'static str,
}

/// What a key may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    /// Never shown, in no message and no log.
    Secret,
    /// Relative ones count from the folder of `config.yaml`, in variables and flags from the current one.
    Path,
    Int {
        min: i64,
        max: i64,
    },
    Flag,
    OneOf(&'static [&'static str]),
}

impl Key {
    const fn new(path: &'static str, kind: Kind, default: Option<&'static str>, doc: &'static str) -> Self {
        Self {
            path,
            kind,
            default,
            required: false,
            doc,
        }
    }

    const fn required(path: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self {
            path,
            kind,
            default: None,
            required: true,
            doc,
        }
    }

    /// Name of the environment variable: `luumen.api.key` is `LUUMEN_API_KEY`, `log_dir` is `LUUMEN_LOG_DIR`.
    pub(crate) fn variable(&self) -> String {
        let path = self.path.strip_prefix("luumen.").unwrap_or(self.path);
        format!("LUUMEN_{}", path.replace('.', "_").to_uppercase())
    }

    /// What a right value looks like, to end the sentence "it takes …".
    pub(crate) fn takes(&self) -> String {
        match self.kind {
            Kind::Text | Kind::Secret => "a text".to_owned(),
            Kind::Path => "a path".to_owned(),
            Kind::Int { min, max } => format!("a whole number from {min} to {max}"),
            Kind::Flag => "true or false".to_owned(),
            Kind::OneOf(words) => format!("one of {}", words.join(", ")),
        }
    }
}

/// The key at `path`.
pub(crate) fn key(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

pub(crate) const LEVELS: &[&str] = &["error", "warn", "info", "debug", "trace"];
pub(crate) const TIERS: &[&str] = &["none", "standard", "extended"];
pub(crate) const POLICIES: &[&str] = &["strict", "tofu", "ca"];

/// In the order of the reference page.
pub(crate) const KEYS: &[Key] = &[
    Key::required(
        "luumen.api.key",
        Kind::Secret,
        "API key with the scope `agent`, made in the web app.",
    ),
    Key::required(
        "luumen.api.base_url",
        Kind::Text,
        "Address of the Luumen server, such as `https://luumen.example.com`. Without a path, `/api/v1` is added.",
    ),
    Key::new(
        "luumen.api.ca_file",
        Kind::Path,
        None,
        "PEM file with authorities that are trusted for the API besides those of the system.",
    ),
    Key::new(
        "luumen.api.proxy",
        Kind::Secret,
        None,
        "Proxy on the way to the API (`http://`, `socks5://`; it may hold a password). Without it, `HTTPS_PROXY` and \
         `NO_PROXY` apply.",
    ),
    Key::new(
        "luumen.api.timeout_s",
        Kind::Int { min: 1, max: 600 },
        Some("30"),
        "Longest wait for one answer of the API.",
    ),
    Key::new(
        "luumen.api.allow_http",
        Kind::Flag,
        Some("false"),
        "Allows `http://` to other machines. The API key then travels in the clear.",
    ),
    Key::new(
        "agent_name",
        Kind::Text,
        None,
        "Name of this agent in the web app. Default: the name of this machine.",
    ),
    Key::new(
        "service_name",
        Kind::Text,
        Some("luumen-agent"),
        "Name of the log files.",
    ),
    Key::new(
        "log_dir",
        Kind::Path,
        Some("./log"),
        "Folder of the log files, one a day.",
    ),
    Key::new(
        "log_retention_days",
        Kind::Int { min: 1, max: 3650 },
        Some("30"),
        "Log files older than this are removed.",
    ),
    Key::new(
        "log_level",
        Kind::OneOf(LEVELS),
        Some("info"),
        "How much is logged.",
    ),
    Key::new(
        "state_dir",
        Kind::Path,
        Some("."),
        "Folder where the agent keeps the last good remote configuration (sealed), the known host keys, and what hosts \
         need not answer again.",
    ),
    Key::new(
        "schedule.interval_s",
        Kind::Int {
            min: 60,
            max: 2_678_400,
        },
        None,
        "Time between two runs. Default: what the API says.",
    ),
    Key::new(
        "schedule.polling_s",
        Kind::Int { min: 5, max: 3600 },
        None,
        "Time between two questions to the API whether something changed. Default: what the API says.",
    ),
    Key::new(
        "jitter_s",
        Kind::Int { min: 0, max: 3600 },
        Some("30"),
        "Scheduled runs begin up to this much later, so that many agents do not begin at once.",
    ),
    Key::new(
        "concurrency",
        Kind::Int { min: 1, max: 1000 },
        Some("50"),
        "Hosts visited at the same time.",
    ),
    Key::new(
        "connect_timeout_s",
        Kind::Int { min: 1, max: 300 },
        Some("15"),
        "From resolving a host's name to being signed in, for each host on the way.",
    ),
    Key::new(
        "per_host_timeout_s",
        Kind::Int { min: 10, max: 86_400 },
        Some("600"),
        "Longest time for one host.",
    ),
    Key::new(
        "per_command_timeout_s",
        Kind::Int { min: 1, max: 3600 },
        Some("60"),
        "Longest time for one command on a host that has `timeout`; most commands have shorter limits of their own.",
    ),
    Key::new(
        "max_output_bytes",
        Kind::Int {
            min: 65_536,
            max: 1_073_741_824,
        },
        Some("33554432"),
        "Most bytes that one visit takes from a host.",
    ),
    Key::new(
        "login_guard_failures",
        Kind::Int { min: 1, max: 1000 },
        Some("1"),
        "A password that this many hosts refused, and none accepted, is not tried again in the run. More only where one \
         host may have another password, and below the number at which your directory locks accounts.",
    ),
    Key::new(
        "privilege.tier",
        Kind::OneOf(TIERS),
        Some("none"),
        "How much `sudo` a visit may use. `luumen-agent sudoers` prints the lines that a tier needs.",
    ),
    Key::new(
        "ssh.host_key_policy",
        Kind::OneOf(POLICIES),
        Some("strict"),
        "`strict`: only known host keys. `tofu`: a host never seen before is trusted and remembered. `ca`: only \
         certificates of an authority in known_hosts. A changed key is refused by all three.",
    ),
    Key::new(
        "ssh.known_hosts",
        Kind::Path,
        None,
        "File of known host keys. Default: `known_hosts` in `state_dir`.",
    ),
    Key::new(
        "ssh.proxy",
        Kind::Secret,
        None,
        "Proxy on the way to the hosts: `http://[user:password@]host:port` or `socks5://…`.",
    ),
    Key::new(
        "ssh.jump",
        Kind::Text,
        None,
        "Hosts to go through, nearest first: `user@bastion:22,user@inner`.",
    ),
    Key::new(
        "ssh.jump_credential",
        Kind::Text,
        None,
        "Name of the credential for the jump hosts. Default: the one of the host behind them.",
    ),
];

/// The keys of one entry of `credentials:`, with what they mean.
pub(crate) const CREDENTIAL_KEYS: &[(&str, &str)] = &[
    ("username", "Account, for hosts that have none of their own."),
    ("key_file", "Private key: OpenSSH, PEM or PPK."),
    ("passphrase_file", "File with the passphrase of `key_file`."),
    ("certificate_file", "OpenSSH user certificate for `key_file`."),
    ("password_file", "File with the password."),
    ("env", "Name of an environment variable with the password."),
    (
        "agent",
        "`true` for the ssh-agent at `SSH_AUTH_SOCK`, or the path of its socket.",
    ),
];

#[cfg(test)]
mod tests {
    use super::KEYS;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_keys_share_a_variable() {
        let mut seen = BTreeSet::new();
        for key in KEYS {
            assert!(seen.insert(key.variable()), "{}", key.path);
            assert!(seen.insert(format!("{}_FILE", key.variable())), "{}", key.path);
        }
        assert!(seen.contains("LUUMEN_API_KEY_FILE") && seen.contains("LUUMEN_SSH_KNOWN_HOSTS"));
    }
}
