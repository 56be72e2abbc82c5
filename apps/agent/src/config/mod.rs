//! The local configuration: read whole, checked whole, before anything starts.
//!
//! Precedence is flag, environment, file, then what the API says. A bad configuration names every
//! fault at once and starts nothing.

mod credential;
mod files;
mod keys;
mod layers;
mod reference;

pub(crate) use credential::{Credential, Source};
pub(crate) use files::{read as read_secret, read_line as read_secret_line};
pub(crate) use layers::Fault;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use luumen_crypto::Secret;
use luumen_model::PrivilegeTier;
use luumen_transport::HostKeyPolicy;

use crate::way::{self, JumpHost};
use layers::{Layered, Sources, Typed, layer};

/// Everything the agent was told on this machine.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) api: Api,
    pub(crate) log: Log,
    pub(crate) agent_name: String,
    pub(crate) state_dir: PathBuf,
    pub(crate) interval: Option<Duration>,
    pub(crate) polling: Option<Duration>,
    pub(crate) jitter: Duration,
    pub(crate) limits: Limits,
    pub(crate) tier: PrivilegeTier,
    pub(crate) ssh: Ssh,
    pub(crate) credentials: BTreeMap<String, Credential>,
    /// What is odd and no fault.
    pub(crate) warnings: Vec<String>,
}

/// The way to the API.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) key: Secret,
    pub(crate) base_url: String,
    pub(crate) ca_pem: Option<Vec<u8>>,
    pub(crate) proxy: Option<Secret>,
    pub(crate) timeout: Duration,
    pub(crate) allow_http: bool,
}

/// Where logs go.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) dir: PathBuf,
    pub(crate) retention_days: i64,
    pub(crate) level: String,
    pub(crate) service_name: String,
}

/// The bounds of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) concurrency: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) per_host_timeout: Duration,
    pub(crate) per_command_timeout: Duration,
    pub(crate) max_output_bytes: usize,
    pub(crate) login_guard_failures: usize,
}

/// The way to the hosts.
#[derive(Clone, Debug)]
pub(crate) struct Ssh {
    pub(crate) policy: HostKeyPolicy,
    pub(crate) known_hosts: PathBuf,
    pub(crate) proxy: Option<Secret>,
    pub(crate) jumps: Vec<JumpHost>,
    pub(crate) jump_credential: Option<String>,
}

/// Reads the configuration of this process.
pub(crate) fn load(named: Option<&Path>, flags: &[(String, String)]) -> Result<Config, Vec<Fault>> {
    let variables: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let named = named
        .map(Path::to_owned)
        .or_else(|| variables.get("LUUMEN_CONFIG").map(PathBuf::from));
    let path = match &named {
        Some(path) => path.clone(),
        None => beside_the_binary(),
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        // In a container, the environment may say it all.
        Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => None,
        Err(error) => {
            return Err(vec![Fault::new(
                path.display().to_string(),
                format!("it cannot be read: {error}"),
            )]);
        }
    };
    let sources = Sources {
        file: text.as_deref().map(|text| (path.as_path(), text)),
        variables: &variables,
        flags,
        read_file: &files::read_line,
    };
    let missing_file = text.is_none();
    build(layer(&sources), &path).map_err(|mut faults| {
        if missing_file {
            faults.push(Fault::new(
                path.display().to_string(),
                "there is no such file; name one with --config",
            ));
        }
        faults
    })
}

fn beside_the_binary() -> PathBuf {
    let folder = std::env::current_exe()
        .ok()
        .and_then(|path| path.parent().map(Path::to_owned));
    folder.unwrap_or_default().join("config.yaml")
}

fn build(mut layered: Layered, path: &Path) -> Result<Config, Vec<Fault>> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut faults = std::mem::take(&mut layered.faults);
    let mut warnings = std::mem::take(&mut layered.warnings);
    let section = layered.credentials.take().unwrap_or_default();
    let credentials = credential::read(&section, folder, &mut faults);
    if layered.secret_in_file {
        note(
            files::judge(path),
            &path.display().to_string(),
            &mut faults,
            &mut warnings,
        );
    }
    for (name, credential) in &credentials {
        for (key, file) in credential.source.secret_files() {
            note(
                files::judge(file),
                &format!("credentials.{name}.{key}"),
                &mut faults,
                &mut warnings,
            );
        }
    }
    let config = layered.into_config(credentials, warnings, &mut faults);
    match config {
        Some(config) if faults.is_empty() => Ok(config),
        _ => {
            faults.sort();
            Err(faults)
        }
    }
}

fn note(
    judged: Result<Option<String>, String>,
    key: &str,
    faults: &mut Vec<Fault>,
    warnings: &mut Vec<String>,
) {
    match judged {
        Ok(warning) => warnings.extend(warning.map(|warning| format!("{key}: {warning}"))),
        Err(message) => faults.push(Fault::new(key, message)),
    }
}

impl Layered {
    /// `None` when something required is missing; its fault is among the others then.
    fn into_config(
        self,
        credentials: BTreeMap<String, Credential>,
        warnings: Vec<String>,
        faults: &mut Vec<Fault>,
    ) -> Option<Config> {
        let ssh = self.ssh(&credentials, faults);
        let api = self.api(faults);
        let state_dir = self.path("state_dir").unwrap_or_default();
        Some(Config {
            api: api?,
            log: Log {
                dir: self.path("log_dir").unwrap_or_default(),
                retention_days: self.int("log_retention_days"),
                level: self.text("log_level")?,
                service_name: self.text("service_name")?,
            },
            agent_name: self.text("agent_name").unwrap_or_else(crate::machine::hostname),
            state_dir,
            interval: self.seconds("schedule.interval_s"),
            polling: self.seconds("schedule.polling_s"),
            jitter: self.seconds("jitter_s").unwrap_or_default(),
            limits: Limits {
                concurrency: self.count("concurrency"),
                connect_timeout: self.seconds("connect_timeout_s")?,
                per_host_timeout: self.seconds("per_host_timeout_s")?,
                per_command_timeout: self.seconds("per_command_timeout_s")?,
                max_output_bytes: self.count("max_output_bytes"),
                login_guard_failures: self.count("login_guard_failures"),
            },
            tier: match self.text("privilege.tier").as_deref() {
                Some("standard") => PrivilegeTier::Standard,
                Some("extended") => PrivilegeTier::Extended,
                _ => PrivilegeTier::None,
            },
            ssh: ssh?,
            credentials,
            warnings,
        })
    }

    fn api(&self, faults: &mut Vec<Fault>) -> Option<Api> {
        let ca_pem = self
            .path("luumen.api.ca_file")
            .and_then(|path| match fs::read(&path) {
                Ok(pem) => Some(pem),
                Err(error) => {
                    let message = format!("{} cannot be read: {error}", path.display());
                    faults.push(Fault::new("luumen.api.ca_file", message));
                    None
                }
            });
        let api = Api {
            key: self.secret("luumen.api.key")?,
            base_url: self.text("luumen.api.base_url")?,
            ca_pem,
            proxy: self.secret("luumen.api.proxy"),
            timeout: self.seconds("luumen.api.timeout_s")?,
            allow_http: self.flag("luumen.api.allow_http"),
        };
        if let Err(error) = api.client() {
            faults.push(api_fault(&error));
        }
        Some(api)
    }

    fn ssh(&self, credentials: &BTreeMap<String, Credential>, faults: &mut Vec<Fault>) -> Option<Ssh> {
        let jumps = way::parse_jumps(self.text("ssh.jump").as_deref().unwrap_or_default());
        let jumps = jumps.unwrap_or_else(|message| {
            faults.push(Fault::new("ssh.jump", message));
            Vec::new()
        });
        let proxy = self.secret("ssh.proxy");
        if let Some(proxy) = &proxy
            && way::parse_proxy(proxy).is_none()
        {
            faults.push(Fault::new(
                "ssh.proxy",
                "it is not http://[user:password@]host:port or socks5://…",
            ));
        }
        let jump_credential = self.text("ssh.jump_credential");
        if let Some(name) = jump_credential
            .as_ref()
            .filter(|name| !credentials.contains_key(*name))
        {
            let near = layers::closest(name, credentials.keys().map(String::as_str));
            let hint = near
                .map(|near| format!("; did you mean {near}?"))
                .unwrap_or_default();
            faults.push(Fault::new(
                "ssh.jump_credential",
                format!("credentials has no {name:?}{hint}"),
            ));
        }
        Some(Ssh {
            policy: match self.text("ssh.host_key_policy").as_deref() {
                Some("tofu") => HostKeyPolicy::Tofu,
                Some("ca") => HostKeyPolicy::Ca,
                _ => HostKeyPolicy::Strict,
            },
            known_hosts: self
                .path("ssh.known_hosts")
                .unwrap_or_else(|| self.path("state_dir").unwrap_or_default().join("known_hosts")),
            proxy,
            jumps,
            jump_credential,
        })
    }

    fn text(&self, key: &str) -> Option<String> {
        match self.values.get(key)? {
            Typed::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn secret(&self, key: &str) -> Option<Secret> {
        match self.values.get(key)? {
            Typed::Secret(secret) => Some(secret.clone()),
            _ => None,
        }
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        match self.values.get(key)? {
            Typed::Path(path) => Some(path.clone()),
            _ => None,
        }
    }

    fn flag(&self, key: &str) -> bool {
        matches!(self.values.get(key), Some(Typed::Flag(true)))
    }

    fn int(&self, key: &str) -> i64 {
        match self.values.get(key) {
            Some(Typed::Int(number)) => *number,
            _ => 0,
        }
    }

    fn count(&self, key: &str) -> usize {
        usize::try_from(self.int(key)).unwrap_or(0)
    }

    fn seconds(&self, key: &str) -> Option<Duration> {
        match self.values.get(key)? {
            Typed::Int(seconds) => u64::try_from(*seconds).ok().map(Duration::from_secs),
            _ => None,
        }
    }
}

impl Api {
    /// A client for this API.
    pub(crate) fn client(&self) -> Result<luumen_client::Client, luumen_client::SettingsError> {
        let mut settings = luumen_client::Settings::new(self.base_url.as_str(), self.key.clone());
        settings.ca_pem = self.ca_pem.clone();
        settings.proxy = self.proxy.clone();
        settings.timeout = self.timeout;
        settings.allow_http = self.allow_http;
        settings.user_agent = format!("luumen-agent/{}", env!("CARGO_PKG_VERSION"));
        luumen_client::Client::new(settings)
    }
}

fn api_fault(error: &luumen_client::SettingsError) -> Fault {
    use luumen_client::SettingsError as E;
    let (key, message) = match error {
        E::BaseUrl { .. } => ("luumen.api.base_url", error.to_string()),
        E::PlainHttp { .. } => (
            "luumen.api.base_url",
            format!("{error}; use https://, or set luumen.api.allow_http if you must"),
        ),
        E::CaFile => ("luumen.api.ca_file", error.to_string()),
        E::Proxy => ("luumen.api.proxy", error.to_string()),
        E::ApiKey => ("luumen.api.key", error.to_string()),
        other => ("luumen.api", other.to_string()),
    };
    Fault::new(key, message)
}

#[cfg(test)]
mod tests;
