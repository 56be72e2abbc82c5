//! Every setting of the server, once: the defaults, the environment and the reference page are all read from this list.

/// A setting, as it is called in the file.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub default: Fallback,
    /// What a right value is, with its unit where it has one.
    pub takes: &'static str,
    /// Written as in the file.
    pub example: &'static str,
    /// For the reference page.
    pub meaning: &'static str,
}

/// What holds when nobody says otherwise.
#[derive(Clone, Copy, Debug)]
pub enum Fallback {
    Text(&'static str),
    Flag(bool),
    /// None at all; the meaning says what that means.
    None,
}

impl Key {
    /// Name of the environment variable.
    pub fn variable(&self) -> String {
        format!("LUUMEN_{}", self.name.to_uppercase())
    }
}

/// The names alone.
pub fn names() -> Vec<&'static str> {
    KEYS.iter().map(|key| key.name).collect()
}

/// In the order of the reference page.
pub const KEYS: &[Key] = &[
    Key {
        name: "database",
        default: Fallback::Text("sqlite://luumen.db"),
        takes: "an address",
        example: "postgres://luumen@db.example.com/luumen",
        meaning: "Where everything is kept: `sqlite:///path/to/file.db`, or `postgres://user@host/name` for several servers on \
                  one database. Also the flag `--database`. A password belongs into the variable or into a file that only the \
                  server's account can read. Over a network, add `?sslmode=verify-full` to an address of PostgreSQL (and `&sslrootcert=FILE` for a CA of your own).",
    },
    Key {
        name: "listen",
        default: Fallback::Text("127.0.0.1:8420"),
        takes: "an IP address and a port",
        example: "0.0.0.0:8420",
        meaning: "Where the server answers, without TLS of its own: a proxy in front of it does that. Also the flag `--listen` \
                  of `serve`.",
    },
    Key {
        name: "public_url",
        default: Fallback::None,
        takes: "an address",
        example: "https://luumen.example.com",
        meaning: "Where people and agents reach the server. Without it, `http://` and `listen`. With `https://`, cookies are \
                  sent over TLS only and browsers are told to stay with TLS. Also the flag `--public-url`.",
    },
    Key {
        name: "trust_proxy",
        default: Fallback::Flag(false),
        takes: "`true` or `false`",
        example: "true",
        meaning: "Whether the last address in `X-Forwarded-For` is the caller's, as the proxy in front has seen it. Failed \
                  sign-ins are counted by it. Only with a proxy that writes this header itself and that nobody can pass by.",
    },
    Key {
        name: "log",
        default: Fallback::Text("info,sea_orm_migration=warn,sqlx=warn"),
        takes: "a filter",
        example: "info,luumen_server=debug",
        meaning: "What is logged, to standard error: a level (`error`, `warn`, `info`, `debug`, `trace`), and others for parts \
                  of the program. Also the flag `--log`.",
    },
    Key {
        name: "log_format",
        default: Fallback::Text("text"),
        takes: "`text` or `json`",
        example: "json",
        meaning: "How a line of the log looks. Also the flag `--log-format`.",
    },
    Key {
        name: "catalogue_dir",
        default: Fallback::None,
        takes: "a path of a folder",
        example: "/var/lib/luumen/catalogue",
        meaning: "Where catalogues of vulnerabilities are. Without it no host is judged.",
    },
    Key {
        name: "feeds_dir",
        default: Fallback::None,
        takes: "a path of a folder",
        example: "/var/lib/luumen/feeds",
        meaning: "Where fetched feeds are kept. With it this server fetches what publishers say and makes the catalogue of it; \
                  it needs `catalogue_dir`. Without it, bundles are brought to the server.",
    },
    Key {
        name: "trusted_keys",
        default: Fallback::None,
        takes: "a list, or a text with a line for each",
        example: "[\"luumen-bundle-public-1 …\"]",
        meaning: "Whose signed bundles are taken: the lines that `luumen feeds keygen` wrote into `FILE.pub`. Without it, nobody's.",
    },
    Key {
        name: "feeds",
        default: Fallback::None,
        takes: "for each id of a source what is otherwise: `base` and `first_load_base` (addresses), `every` (a time such as `30m`, `12h`), `enabled`",
        example: "{ nvd: { enabled: false } }",
        meaning: "What is otherwise than in `content/feeds.yaml`. Best in the file. In the variable: `{nvd={enabled=false}}`.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_there_once() {
        let mut names = names();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KEYS.len());
    }
}
