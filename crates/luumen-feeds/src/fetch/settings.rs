//! How to reach publishers, checked before the first request.

use std::{collections::BTreeMap, time::Duration};

use luumen_crypto::Secret;
use reqwest::{Certificate, Proxy, redirect};

use super::{Patience, Rate};

/// What a fetcher is built from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address of a proxy (`http://`, `socks5://`); it may hold a password. Without one, `HTTPS_PROXY` and `NO_PROXY` apply.
    pub proxy: Option<Secret>,
    /// PEM text of authorities that are trusted besides those of the system.
    pub ca_pem: Option<Vec<u8>>,
    /// Until a connection stands.
    pub connect_timeout: Duration,
    /// Without a byte.
    pub idle_timeout: Duration,
    /// No document is larger than this.
    pub max_bytes: u64,
    /// Key of the NVD's API: ten times as many requests.
    pub nvd_api_key: Option<Secret>,
    /// How we name ourselves.
    pub user_agent: String,
    /// How often and how long we try again.
    pub patience: Patience,
    /// How often a host may be asked, by its name; everybody else by the usual rate.
    pub rates: BTreeMap<String, Rate>,
    /// The longest span of changes that the NVD's API answers for.
    pub nvd_span: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            proxy: None,
            ca_pem: None,
            connect_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(60),
            max_bytes: 4 << 30,
            nvd_api_key: None,
            user_agent: concat!("luumen-feeds/", env!("CARGO_PKG_VERSION")).to_owned(),
            patience: Patience::default(),
            rates: BTreeMap::new(),
            nvd_span: Duration::from_secs(120 * 86_400),
        }
    }
}

/// A setting with which nothing can be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not PEM.
    #[error("the CA file holds no PEM certificate")]
    CaFile,
    /// Not a proxy address. The text is left out: it may hold a password.
    #[error(
        "the proxy is not an address such as http://proxy.example.com:3128 or socks5://proxy.example.com:1080"
    )]
    Proxy,
    /// The key would break the header it travels in.
    #[error("the key of the NVD's API holds characters that no key has")]
    ApiKey,
    /// TLS cannot start at all.
    #[error("the HTTP client could not be set up")]
    Build {
        /// Why.
        source: reqwest::Error,
    },
}

const MOST_REDIRECTS: usize = 5;

impl Settings {
    /// The client for everything, and the one that carries a key.
    pub(super) fn clients(&self) -> Result<(reqwest::Client, reqwest::Client), SettingsError> {
        if let Some(key) = &self.nvd_api_key {
            let header = reqwest::header::HeaderValue::from_str(key.expose_secret());
            header.map_err(|_| SettingsError::ApiKey)?;
        }
        // Not from https:// to http://: what was promised to be unchanged would no longer be.
        let policy = redirect::Policy::custom(|attempt| {
            let was_https = attempt
                .previous()
                .last()
                .is_some_and(|url| url.scheme() == "https");
            if attempt.previous().len() > MOST_REDIRECTS {
                attempt.error("too many redirects")
            } else if was_https && attempt.url().scheme() != "https" {
                attempt.error("it redirects from https:// to http://")
            } else {
                attempt.follow()
            }
        });
        Ok((self.client(policy)?, self.client(redirect::Policy::none())?))
    }

    fn client(&self, policy: redirect::Policy) -> Result<reqwest::Client, SettingsError> {
        // The first caller of a process wins; every one of ours asks for the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(self.user_agent.as_str())
            .connect_timeout(self.connect_timeout)
            .read_timeout(self.idle_timeout)
            .redirect(policy)
            // We try again ourselves, and count it.
            .retry(reqwest::retry::never());
        if let Some(pem) = &self.ca_pem {
            let certificates = Certificate::from_pem_bundle(pem).map_err(|_| SettingsError::CaFile)?;
            if certificates.is_empty() {
                return Err(SettingsError::CaFile);
            }
            builder = builder.tls_certs_merge(certificates);
        }
        if let Some(proxy) = &self.proxy {
            let proxy = Proxy::all(proxy.expose_secret()).map_err(|_| SettingsError::Proxy)?;
            builder = builder.proxy(proxy);
        }
        builder.build().map_err(|source| SettingsError::Build { source })
    }
}
