//! Where the API is and how to reach it, checked before the first call.

use std::time::Duration;

use luumen_crypto::Secret;
use reqwest::{Certificate, Proxy, Url, redirect};

use crate::RetryPolicy;

/// What a client is built from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `https://luumen.example.com` or `https://luumen.example.com/api/v1`.
    pub base_url: String,
    /// Sent as a bearer token.
    pub api_key: Secret,
    /// PEM text of authorities that are trusted besides those of the system.
    pub ca_pem: Option<Vec<u8>>,
    /// Address of a proxy; it may hold a password. Without one, `HTTPS_PROXY` and `NO_PROXY` apply.
    pub proxy: Option<Secret>,
    /// For one try of one call.
    pub timeout: Duration,
    /// Such as `luumen-agent/0.1.0`.
    pub user_agent: String,
    /// How often and how fast to try again.
    pub retry: RetryPolicy,
    /// Allows `http://` to other machines. The API key then travels in the clear.
    pub allow_http: bool,
}

impl Settings {
    /// The usual bounds around an address and a key.
    pub fn new(base_url: impl Into<String>, api_key: Secret) -> Self {
        Self {
            base_url: base_url.into(),
            api_key,
            ca_pem: None,
            proxy: None,
            timeout: Duration::from_secs(30),
            user_agent: concat!("luumen-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            retry: RetryPolicy::default(),
            allow_http: false,
        }
    }
}

/// A setting with which no call can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not an address.
    #[error("{text:?} is not an address such as https://luumen.example.com")]
    BaseUrl { text: String },
    /// The key would travel in the clear.
    #[error("{host} is asked for over http://, and the API key would travel in the clear")]
    PlainHttp { host: String },
    /// The key would break the header it travels in.
    #[error("the API key holds characters that no key has")]
    ApiKey,
    /// Not PEM.
    #[error("the CA file holds no PEM certificate")]
    CaFile,
    /// Not a proxy address. The text is left out: it may hold a password.
    #[error("the proxy is not an address such as http://proxy.example.com:3128")]
    Proxy,
    /// TLS cannot start at all.
    #[error("the HTTP client could not be set up")]
    Build { source: reqwest::Error },
}

/// `base_url` with the API's path. An address without a path gets `/api/v1`.
pub(crate) fn api_root(base_url: &str, allow_http: bool) -> Result<Url, SettingsError> {
    let wrong = || SettingsError::BaseUrl {
        text: without_userinfo(base_url),
    };
    let mut url = Url::parse(base_url.trim()).map_err(|_| wrong())?;
    let host = url
        .host_str()
        .filter(|host| !host.is_empty())
        .ok_or_else(wrong)?
        .to_owned();
    let odd = url.query().is_some() || url.fragment().is_some() || !url.username().is_empty();
    if odd || !matches!(url.scheme(), "http" | "https") {
        return Err(wrong());
    }
    if url.scheme() == "http" && !allow_http && !is_loopback(&host) {
        return Err(SettingsError::PlainHttp { host });
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(if path.is_empty() { "/api/v1" } else { &path });
    Ok(url)
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// People paste addresses with passwords in them; an error must not repeat those.
fn without_userinfo(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}***{}", &text[..scheme + 3], &text[at..]),
        _ => text.to_owned(),
    }
}

pub(crate) fn build_http(settings: &Settings) -> Result<reqwest::Client, SettingsError> {
    // The first caller of a process wins; every one of ours asks for the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(settings.user_agent.as_str())
        .timeout(settings.timeout)
        .connect_timeout(settings.timeout.min(Duration::from_secs(15)))
        // A redirect would turn a PUT into a GET, or carry the report to a stranger.
        .redirect(redirect::Policy::none())
        // We try again ourselves, and count it.
        .retry(reqwest::retry::never());
    if let Some(pem) = &settings.ca_pem {
        let certificates = Certificate::from_pem_bundle(pem).map_err(|_| SettingsError::CaFile)?;
        if certificates.is_empty() {
            return Err(SettingsError::CaFile);
        }
        builder = builder.tls_certs_merge(certificates);
    }
    if let Some(proxy) = &settings.proxy {
        let proxy = Proxy::all(proxy.expose_secret()).map_err(|_| SettingsError::Proxy)?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|source| SettingsError::Build { source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let got = match api_root(text, false) {
            Ok(url) => url.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn an_address_without_a_path_gets_one() {
        check("https://luumen.example.com", "https://luumen.example.com/api/v1");
        check("https://luumen.example.com/", "https://luumen.example.com/api/v1");
        check(
            "https://luumen.example.com/api/v1/",
            "https://luumen.example.com/api/v1",
        );
        check(
            "https://example.com/luumen/api/v1",
            "https://example.com/luumen/api/v1",
        );
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        check("http://127.0.0.1:8420/api/v1", "http://127.0.0.1:8420/api/v1");
        check("http://[::1]:8420", "http://[::1]:8420/api/v1");
        check("http://localhost:8420", "http://localhost:8420/api/v1");
        check(
            "http://luumen.example.com",
            "luumen.example.com is asked for over http://, and the API key would travel in the clear",
        );
        assert!(api_root("http://luumen.example.com", true).is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_password() {
        check(
            "luumen",
            r#""luumen" is not an address such as https://luumen.example.com"#,
        );
        check(
            "ftp://h",
            r#""ftp://h" is not an address such as https://luumen.example.com"#,
        );
        check(
            "https://u:hunter2@h/",
            r#""https://***@h/" is not an address such as https://luumen.example.com"#,
        );
    }

    #[test]
    fn a_ca_file_must_hold_a_certificate() {
        let mut settings = Settings::new("https://h", Secret::new("lum_x"));
        settings.ca_pem = Some(b"hello".to_vec());
        assert!(matches!(build_http(&settings), Err(SettingsError::CaFile)));
        settings.ca_pem = None;
        settings.proxy = Some(Secret::new("http://u:hunter2@"));
        let error = build_http(&settings).expect_err("no proxy");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
