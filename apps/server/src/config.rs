//! The settings of `serve` and of the commands that open the database.
//!
//! Precedence: flag, environment (`LUUMEN_*`), file, default. Every bad value is named at once, and nothing
//! starts before all are good. Nothing here acts on a setting.

pub mod keys;

use std::{
    collections::BTreeMap,
    error::Error as _,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Yaml},
};
use luumen_feeds::{
    bundle::TrustedKeys,
    registry::{Override, Registry},
};
use serde::{Deserialize, Serialize};

use keys::{Fallback, KEYS};

/// Flags that override file and environment. Only what was given is there.
#[derive(Clone, Debug, Default, Serialize, clap::Args)]
pub struct Flags {
    /// Database address: sqlite:///path/to/file.db or postgres://user@host/name
    #[arg(long, value_name = "URL", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Where people and agents reach the server, such as https://luumen.example.com
    #[arg(long, value_name = "URL", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// How log lines look: text or json
    #[arg(long, value_name = "FORMAT", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<String>,
    /// What is logged, such as info or luumen_server=debug
    #[arg(long, value_name = "FILTER", global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// The settings as they stand in files and variables.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    database: String,
    listen: String,
    public_url: Option<String>,
    log: String,
    log_format: String,
    trust_proxy: bool,
    catalogue_dir: Option<PathBuf>,
    feeds_dir: Option<PathBuf>,
    trusted_keys: Option<Lines>,
    #[serde(default)]
    feeds: BTreeMap<String, Override>,
}

/// A list, or one text with a line for each.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Lines {
    Text(String),
    List(Vec<String>),
}

/// Settings that are good.
#[derive(Clone, Debug)]
pub struct Config {
    pub database: String,
    pub listen: SocketAddr,
    pub public_url: PublicUrl,
    pub log: String,
    pub log_format: LogFormat,
    /// Believe `X-Forwarded-For` of the proxy in front.
    pub trust_proxy: bool,
    /// Folder of vulnerability catalogues; without one no host is judged.
    pub catalogue_dir: Option<PathBuf>,
    /// Folder of fetched feeds; with one, this server fetches what publishers say and builds the catalogue itself.
    pub feeds_dir: Option<PathBuf>,
    /// Whose signed bundles are taken; nobody's unless told.
    pub trusted_keys: TrustedKeys,
    /// Where feeds are fetched from and how often, with what the settings say otherwise.
    pub sources: Registry,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Every setting that is not good.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError {
    faults: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are not good:")?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl Config {
    /// Reads all settings. `listen` is a flag of `serve` alone.
    pub fn read(file: Option<&Path>, flags: &Flags, listen: Option<&str>) -> Result<Self, ConfigError> {
        if let Some(path) = file.filter(|path| !path.is_file()) {
            return Err(ConfigError {
                faults: vec![format!("there is no settings file {}", path.display())],
            });
        }
        let mut figment = Figment::new();
        for key in KEYS {
            // Not `.merge((key, value))`: such a pair goes above every file, variable and flag.
            figment = match key.default {
                Fallback::Text(text) => figment.merge(Serialized::default(key.name, text)),
                Fallback::Flag(flag) => figment.merge(Serialized::default(key.name, flag)),
                Fallback::None => figment,
            };
        }
        if let Some(path) = file {
            figment = figment.merge(Yaml::file(path));
        }
        figment = figment
            .merge(Env::prefixed("LUUMEN_").only(&keys::names()))
            .merge(Serialized::defaults(flags));
        if let Some(listen) = listen {
            figment = figment.merge(Serialized::default("listen", listen));
        }
        let raw: Raw = figment.extract().map_err(|errors| ConfigError {
            faults: errors.into_iter().map(|error| error.to_string()).collect(),
        })?;
        raw.check()
    }

    /// The settings file that is read when none is named.
    pub fn usual_file() -> Option<PathBuf> {
        let path = PathBuf::from("luumen-server.yaml");
        path.is_file().then_some(path)
    }
}

impl Raw {
    fn check(self) -> Result<Config, ConfigError> {
        let mut faults = Vec::new();
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if !known.iter().any(|scheme| self.database.starts_with(scheme)) {
            faults.push("database: use sqlite:///path/to/file.db or postgres://user@host/name".to_owned());
        }
        let listen = self.listen.parse::<SocketAddr>();
        if listen.is_err() {
            faults.push(format!(
                "listen: {:?} is not an address and port such as 127.0.0.1:8420",
                self.listen
            ));
        }
        let public_url = self
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.listen));
        let public_url = PublicUrl::parse(&public_url);
        if let Err(fault) = &public_url {
            faults.push(format!("public_url: {fault}"));
        }
        let log_format = match self.log_format.as_str() {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            other => {
                faults.push(format!("log_format: {other:?} is neither text nor json"));
                None
            }
        };
        if let Err(error) = self.log.parse::<tracing_subscriber::EnvFilter>() {
            faults.push(format!("log: {error}"));
        }
        if self.feeds_dir.is_some() && self.catalogue_dir.is_none() {
            faults.push(
                "feeds_dir: needs catalogue_dir beside it, where the catalogue made of the feeds goes"
                    .to_owned(),
            );
        }
        let trusted_keys = trusted(self.trusted_keys.as_ref(), &mut faults);
        let sources = sources(&self.feeds, &mut faults);
        match (listen, public_url, log_format, sources) {
            (Ok(listen), Ok(public_url), Some(log_format), Some(sources)) if faults.is_empty() => {
                Ok(Config {
                    database: self.database,
                    listen,
                    public_url,
                    log: self.log,
                    log_format,
                    trust_proxy: self.trust_proxy,
                    catalogue_dir: self.catalogue_dir,
                    feeds_dir: self.feeds_dir,
                    trusted_keys,
                    sources,
                })
            }
            _ => Err(ConfigError { faults }),
        }
    }
}

fn trusted(keys: Option<&Lines>, faults: &mut Vec<String>) -> TrustedKeys {
    let text = match keys {
        None => return TrustedKeys::default(),
        Some(Lines::Text(text)) => text.clone(),
        Some(Lines::List(lines)) => lines.join("\n"),
    };
    TrustedKeys::parse(&text).unwrap_or_else(|error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        faults.push(format!(
            "trusted_keys: {error}{cause}; `luumen feeds keygen` writes the line that belongs here into FILE.pub"
        ));
        TrustedKeys::default()
    })
}

/// The sources that ship, as the settings have them.
fn sources(changes: &BTreeMap<String, Override>, faults: &mut Vec<String>) -> Option<Registry> {
    let read = Registry::built_in().and_then(|registry| registry.with_overrides(changes));
    read.inspect_err(|error| faults.push(format!("feeds: {error}")))
        .ok()
}

/// Where people and agents reach the server. INVARIANT: `http(s)://host[:port][/path]`, no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let uri: http::Uri = text.parse().map_err(|_| format!("{text:?} is not an address"))?;
        let scheme = uri.scheme_str().unwrap_or_default();
        if !matches!(scheme, "http" | "https") || uri.host().is_none() || uri.query().is_some() {
            return Err(format!(
                "{text:?} is not an address such as https://luumen.example.com"
            ));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// True when people reach us by TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Scheme, host and port, as a browser names where a request came from.
    pub fn origin(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("http", &self.0));
        let host = rest.split('/').next().unwrap_or(rest);
        format!("{scheme}://{}", host.to_ascii_lowercase())
    }

    /// The session cookie's name. `__Host-` makes a browser refuse one that another host of the domain has set.
    pub fn cookie_name(&self) -> &'static str {
        if self.is_https() {
            "__Host-luumen_session"
        } else {
            "luumen_session"
        }
    }

    /// A page of the web app that takes a secret. It stands behind `#`, which no browser sends or logs.
    pub fn page_with_secret(&self, page: &str, secret: &str) -> String {
        format!("{}/{page}#{secret}", self.0)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_value_is_named_at_once() {
        let flags = Flags {
            database: Some("mysql://x".into()),
            public_url: Some("luumen".into()),
            log_format: Some("xml".into()),
            log: None,
        };
        let error = Config::read(None, &flags, Some("nowhere"))
            .expect_err("bad")
            .to_string();
        for key in ["database", "public_url", "log_format", "listen"] {
            assert!(error.contains(&format!("\n  {key}: ")), "{error}");
        }
    }

    #[test]
    fn a_flag_is_above_the_file_and_the_file_above_the_default() {
        let file = std::env::temp_dir().join(format!("luumen-flags-{}.yaml", std::process::id()));
        std::fs::write(&file, "database: sqlite://file.db\nlisten: 127.0.0.1:1\n").expect("file");
        let flags = Flags {
            database: Some("sqlite://flag.db".into()),
            ..Flags::default()
        };
        let by_flag = Config::read(Some(&file), &flags, Some("127.0.0.1:2"));
        let by_file = Config::read(Some(&file), &Flags::default(), None);
        std::fs::remove_file(&file).expect("gone");
        let told = |config: Result<Config, ConfigError>| {
            let config = config.expect("good");
            (config.database, config.listen.port())
        };
        assert_eq!(told(by_flag), ("sqlite://flag.db".to_owned(), 2));
        assert_eq!(told(by_file), ("sqlite://file.db".to_owned(), 1));
    }

    #[test]
    fn a_file_with_an_unknown_key_is_refused() {
        let file = std::env::temp_dir().join(format!("luumen-config-{}.yaml", std::process::id()));
        std::fs::write(&file, "listen: 127.0.0.1:1\nlisten_on: x\n").expect("file");
        let error = Config::read(Some(&file), &Flags::default(), None).expect_err("unknown key");
        std::fs::remove_file(&file).expect("gone");
        assert!(error.to_string().contains("listen_on"), "{error}");
    }

    fn read(name: &str, text: &str) -> Result<Config, ConfigError> {
        let file = std::env::temp_dir().join(format!("luumen-{name}-{}.yaml", std::process::id()));
        std::fs::write(&file, text).expect("file");
        let read = Config::read(Some(&file), &Flags::default(), None);
        std::fs::remove_file(&file).expect("gone");
        read
    }

    #[test]
    fn keys_that_are_none_and_sources_that_are_unknown_are_named() {
        let text = "trusted_keys: [ssh-ed25519 AAAA]\nfeeds: { nothing: { enabled: false } }\n";
        let error = read("keys", text).expect_err("bad").to_string();
        assert!(
            error.contains("trusted_keys: line 1 of the trusted keys"),
            "{error}"
        );
        assert!(error.contains("feeds: "), "{error}");
        assert!(error.contains("nothing: no source has this id"), "{error}");
    }

    #[test]
    fn a_feed_is_pointed_at_a_mirror() {
        let config = read(
            "feeds",
            "feeds: { cisa-kev: { base: 'http://mirror/kev/', every: 30m } }\n",
        );
        let config = config.expect("good");
        let kev = config.sources.source("cisa-kev").expect("KEV");
        assert_eq!(kev.base.as_deref(), Some("http://mirror/kev/"));
        assert!(config.trusted_keys.is_empty());
    }

    #[test]
    fn the_cookie_is_bound_to_the_host_only_with_tls() {
        let url = PublicUrl::parse("https://Luumen.example.com/").expect("url");
        assert_eq!(
            (url.cookie_name(), url.origin().as_str()),
            ("__Host-luumen_session", "https://luumen.example.com")
        );
        let url = PublicUrl::parse("http://127.0.0.1:8420").expect("url");
        assert_eq!(url.cookie_name(), "luumen_session");
        assert_eq!(
            url.page_with_secret("link", "abc"),
            "http://127.0.0.1:8420/link#abc"
        );
    }

    #[test]
    fn refuses_what_is_no_address() {
        for text in ["", "luumen", "ftp://h", "http://", "https://h/?q=1"] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }
}
