//! Why a call to the API gave no answer, for people and for programs.

use std::error::Error;

use luumen_api::{Code, FieldError};
use luumen_model::ContentHash;
use serde::Deserialize;

/// A call that failed, after all tries.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// No connection, or it broke.
    #[error("could not reach the API at {base}")]
    Unreachable { base: String, source: reqwest::Error },
    /// No answer in time.
    #[error("the API at {base} did not answer {call} within {seconds} s")]
    TimedOut {
        base: String,
        call: String,
        seconds: u64,
    },
    /// The API said no, and why.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Something answered that is not the API: a proxy, a sign-in page, another service.
    #[error("{call} was answered with HTTP {status}, and not by the Luumen API")]
    NotTheApi { base: String, call: String, status: u16 },
    /// An answer of the right kind with the wrong content.
    #[error("the answer to {call} could not be understood")]
    NotUnderstood { call: String, source: serde_json::Error },
    /// An answer beyond all reason.
    #[error("the answer to {call} is larger than {most_bytes} bytes")]
    TooLarge { call: String, most_bytes: usize },
    /// The document to be sent cannot be written.
    #[error("the body of {call} could not be written")]
    Body { call: String, source: std::io::Error },
}

/// A problem document. Read leniently, so that a newer API can say new things to an older agent.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Refusal {
    /// The call that was refused, such as `PUT /agent/runs/…`.
    #[serde(skip)]
    pub call: String,
    /// HTTP status.
    #[serde(skip)]
    pub status: u16,
    /// Stable code, such as `LUM-API-UNAUTHENTICATED`.
    pub code: String,
    /// What the code means.
    #[serde(default)]
    pub title: String,
    /// What happened here.
    #[serde(default)]
    pub detail: Option<String>,
    /// What to do next.
    #[serde(default)]
    pub next_step: Option<String>,
    /// Id to look for in the server's log.
    #[serde(default)]
    pub request_id: Option<String>,
    /// Fields that are not valid.
    #[serde(default)]
    pub errors: Vec<FieldError>,
    /// Hashes the server lacks.
    #[serde(default)]
    pub missing: Vec<ContentHash>,
}

impl Refusal {
    /// Whether it has this code.
    pub fn is(&self, code: Code) -> bool {
        self.code == code.as_str()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let said = self.detail.as_deref().unwrap_or(&self.title);
        write!(
            f,
            "the API refused {}: {} ({}",
            self.call,
            said.trim_end_matches('.'),
            self.code
        )?;
        if let Some(id) = &self.request_id {
            write!(f, ", request {id}")?;
        }
        f.write_str(")")?;
        for error in self.errors.iter().take(5) {
            write!(f, "; {}: {}", error.field, error.message)?;
        }
        Ok(())
    }
}

impl ApiError {
    /// A stable code for logs and scripts.
    pub fn code(&self) -> &str {
        match self {
            Self::Unreachable { .. } => "LUM-API-UNREACHABLE",
            Self::TimedOut { .. } => "LUM-API-TIMEOUT",
            Self::Refused(refusal) => &refusal.code,
            Self::NotTheApi { .. } => "LUM-API-NOT-THE-API",
            Self::NotUnderstood { .. } | Self::TooLarge { .. } => "LUM-API-NOT-UNDERSTOOD",
            Self::Body { .. } => "LUM-API-BODY",
        }
    }

    /// True when the key is not accepted, or may not do this.
    pub fn is_auth(&self) -> bool {
        matches!(self, Self::Refused(refusal) if matches!(refusal.status, 401 | 403))
    }

    /// True when the same call may well work later.
    pub fn is_try_later(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } => true,
            Self::Refused(refusal) => passes(refusal.status),
            Self::NotTheApi { status, .. } => passes(*status),
            Self::NotUnderstood { .. } | Self::TooLarge { .. } | Self::Body { .. } => false,
        }
    }

    /// One sentence that tells a person what to do now.
    pub fn next_step(&self) -> String {
        match self {
            Self::Unreachable { source, .. } if is_certificate_trouble(source) => {
                "The API's certificate is not trusted: name its authority in luumen.api.ca_file.".to_owned()
            }
            Self::Unreachable { base, .. } => {
                format!("Check luumen.api.base_url ({base}), name resolution, firewall and luumen.api.proxy.")
            }
            Self::TimedOut { .. } => {
                "Look at the load of the server, or raise luumen.api.timeout_s.".to_owned()
            }
            Self::Refused(refusal) => match &refusal.next_step {
                Some(step) => step.clone(),
                None if self.is_auth() => {
                    "Create an API key with the scope agent in the web app and set luumen.api.key.".to_owned()
                }
                None => "Look for the request id in the server's log.".to_owned(),
            },
            Self::NotTheApi { base, .. } => {
                format!("Check that luumen.api.base_url ({base}) is the address of the Luumen server.")
            }
            Self::NotUnderstood { .. } | Self::TooLarge { .. } | Self::Body { .. } => {
                "Bring agent and server to the same version.".to_owned()
            }
        }
    }
}

/// Statuses that speak of the moment and not of the request.
fn passes(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599)
}

fn is_certificate_trouble(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = next {
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        let tls = match inner {
            Some(inner) => inner.downcast_ref::<rustls::Error>(),
            None => error.downcast_ref::<rustls::Error>(),
        };
        if matches!(tls, Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        next = error.source();
    }
    false
}
