//! The one error type of handlers: a problem document for the caller, and the cause for the log.
//!
//! A [`Problem`] says what happened and what to do next in words that are safe to show: never a
//! statement, a path or a secret. The cause travels beside it and only to the log; `http::finish`
//! adds the request id, logs once and writes the body.

use std::{error::Error, sync::Arc};

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use luumen_api::{Code, FieldError, ProblemDetails};
use luumen_model::ContentHash;
use luumen_store::{AsTransient, StoreError, Thing};

/// What handlers return.
pub type ApiResult<T> = Result<T, Problem>;

/// An error on its way to the caller.
#[derive(Clone, Debug)]
pub struct Problem {
    details: Box<ProblemDetails>,
    retry_after_s: Option<i64>,
    again: bool,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl Problem {
    /// The problem for `code`, with its usual next step.
    pub fn new(code: Code) -> Self {
        let mut details = Box::new(ProblemDetails::new(code));
        details.next_step = usual_next_step(code).map(str::to_owned);
        Self {
            details,
            retry_after_s: None,
            again: false,
            cause: None,
        }
    }

    /// What happened here, in one sentence.
    #[must_use]
    pub fn detail(mut self, sentence: impl Into<String>) -> Self {
        self.details.detail = Some(sentence.into());
        self
    }

    /// What to do next, in one sentence.
    #[must_use]
    pub fn next_step(mut self, sentence: impl Into<String>) -> Self {
        self.details.next_step = Some(sentence.into());
        self
    }

    /// Names a field that is not valid.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.details.errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after_s = Some(seconds.max(1));
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// Several fields that are not valid.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(Code::Invalid);
        problem.details.errors = errors;
        problem
    }

    /// One field that is not valid.
    pub fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Code::Invalid).field(field, message)
    }

    /// A report that names sections that the server does not have.
    pub fn missing_sections(missing: Vec<ContentHash>) -> Self {
        let mut problem = Self::new(Code::MissingSections);
        problem.details.missing = missing;
        problem
    }

    /// A mistake of ours.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(Code::Internal).because(cause)
    }

    /// For an answer that axum or a layer made with nothing but a status.
    pub fn from_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMedia,
            StatusCode::UNPROCESSABLE_ENTITY => Code::Invalid,
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => {
                Code::Unavailable
            }
            status if status.is_client_error() => Code::BadRequest,
            _ => Code::Internal,
        };
        Self::new(code)
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.details.code
    }

    /// The HTTP status of the code.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.details.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The document, to be written for this request.
    pub fn document(&self, request_id: &str) -> ProblemDetails {
        ProblemDetails {
            request_id: Some(request_id.to_owned()),
            ..(*self.details).clone()
        }
    }

    /// Seconds for `Retry-After`.
    pub fn retry_after_s(&self) -> Option<i64> {
        self.retry_after_s
    }

    /// The cause with everything under it, for the log.
    pub fn cause_chain(&self) -> Option<String> {
        let mut chain = Vec::new();
        let mut next: Option<&(dyn Error + 'static)> = self.cause.as_deref().map(|cause| cause as _);
        while let Some(cause) = next {
            chain.push(cause.to_string());
            next = cause.source();
        }
        (!chain.is_empty()).then(|| chain.join(": "))
    }
}

fn usual_next_step(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::Unauthenticated => "Sign in, or send an API key as `Authorization: Bearer lum_…`.",
        Code::SignInFailed => "Check both, or ask an admin for a one-time sign-in link.",
        Code::LinkInvalid => "Ask an admin for a new link: `luumen-server admin link --email …`.",
        Code::Forbidden => "Ask an admin, or use an API key of another scope.",
        Code::CrossSite => "Open Luumen at its own address and try again there.",
        Code::NotFound => "Check the address; it may have been deleted, or belong to another workspace.",
        Code::MethodNotAllowed => "The `Allow` header names the methods that work.",
        Code::OtherWorkspace => "Load the page anew; it then shows the workspace that the session is in.",
        Code::MissingSections => "Send the report again with the data of the hashes listed in `missing`.",
        Code::HashMismatch => "Hash the canonical JSON of the section's data and send the report again.",
        Code::TooManyRequests => "Wait as long as the `Retry-After` header says.",
        Code::Invalid => "Correct the fields listed in `errors`.",
        Code::Internal => "Try again; if it stays, look for the request id in the server's log.",
        Code::Unavailable => "Try again in a moment.",
        _ => return None,
    })
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let again = error.is_transient();
        let problem = match &error {
            StoreError::NotFound(thing) => return Self::new(Code::NotFound).detail(not_here(*thing)),
            StoreError::Conflict { field } => {
                let message = format!("another one has this {} already", field.as_str());
                return Self::new(Code::Conflict)
                    .field(field.as_str(), message)
                    .next_step(format!("Choose another {}.", field.as_str()));
            }
            StoreError::BadCursor => {
                return Self::new(Code::BadRequest)
                    .field("cursor", "this is not a `next` that the server answered")
                    .next_step("Leave the cursor out to begin with the first page.");
            }
            StoreError::Unavailable(_) => Self::new(Code::Unavailable).retry_after(2),
            _ => Self::new(Code::Internal),
        };
        Self {
            again,
            ..problem.because(error)
        }
    }
}

fn not_here(thing: Thing) -> String {
    let noun = match thing {
        Thing::Workspace => "workspace",
        Thing::User => "user",
        Thing::Link => "link",
        Thing::Session => "session",
        Thing::ApiKey => "API key",
        Thing::Host => "host",
        Thing::Agent => "agent",
        Thing::Run => "run",
        Thing::Snapshot => "snapshot",
        Thing::Finding => "finding",
        Thing::Exception => "exception",
        Thing::Job => "job",
        Thing::View => "saved view",
    };
    format!("There is no such {noun} in this workspace.")
}

// So that a handler's transaction may fail with a problem and still be begun anew when it met another one.
impl AsTransient for Problem {
    fn is_transient(&self) -> bool {
        self.again
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_goes_to_the_log_and_not_to_the_caller() {
        let problem = Problem::internal(std::io::Error::other("select secret from users"));
        let text = serde_json::to_string(&problem.document("r-1")).expect("json");
        assert!(!text.contains("select"), "{text}");
        assert_eq!(problem.cause_chain().as_deref(), Some("select secret from users"));
    }

    #[test]
    fn every_code_can_be_shown() {
        for code in Code::ALL {
            let problem = Problem::new(*code);
            assert_eq!(problem.status().as_u16(), code.status(), "{}", code.as_str());
        }
    }
}
