//! One call: send it, try again where that is safe, and read the answer.
//!
//! Everything that can time out is here; what the calls mean is in `client` and `report`.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER},
};
use serde::{Serialize, de::DeserializeOwned};
use tracing::debug;

use crate::{ApiError, Client, Refusal, RetryPolicy};

/// Most bytes of an answer, unpacked. The configuration of 100 000 hosts has about 20 MB.
const MOST_ANSWER_BYTES: usize = 256 * 1024 * 1024;
/// Bodies smaller than this travel as they are.
const WORTH_PACKING_BYTES: usize = 512;

/// A call before it is made.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<Body>,
    pub(crate) if_none_match: Option<String>,
    /// A call that may be made twice without harm.
    pub(crate) repeatable: bool,
}

/// A JSON document, packed when that pays.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    packed: bool,
}

/// What came back with a good status.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) etag: Option<String>,
    bytes: Vec<u8>,
    call: String,
}

impl Call {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            body: None,
            if_none_match: None,
            repeatable: true,
        }
    }

    pub(crate) fn with_body(mut self, document: &impl Serialize) -> Result<Self, ApiError> {
        let body = Body::new(document);
        self.body = Some(body.map_err(|source| ApiError::Body {
            call: self.name(),
            source,
        })?);
        Ok(self)
    }

    pub(crate) fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// For messages: `PUT /agent/runs/…`.
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl Body {
    fn new(document: &impl Serialize) -> std::io::Result<Self> {
        let plain = serde_json::to_vec(document)?;
        if plain.len() < WORTH_PACKING_BYTES {
            return Ok(Self {
                bytes: plain.into(),
                packed: false,
            });
        }
        Ok(Self {
            bytes: zstd::encode_all(plain.as_slice(), 3)?.into(),
            packed: true,
        })
    }
}

impl Answer {
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_slice(&self.bytes).map_err(|source| ApiError::NotUnderstood {
            call: self.call.clone(),
            source,
        })
    }
}

/// Why one try failed, and whether another one may help.
struct Failure {
    error: ApiError,
    again: bool,
    asked: Option<Duration>,
}

impl Client {
    /// Makes the call, as often as the policy and the call's nature allow.
    pub(crate) async fn make(&self, call: Call) -> Result<Answer, ApiError> {
        let policy = if call.repeatable {
            self.retry
        } else {
            RetryPolicy::never()
        };
        let mut done = 0;
        loop {
            let failure = match self.attempt(&call).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            done += 1;
            let wait = policy
                .wait_after(done, rand::random(), failure.asked)
                .filter(|_| failure.again);
            let Some(wait) = wait else {
                return Err(failure.error);
            };
            debug!(
                api.call = %call.name(), api.tries = done, wait_ms = wait.as_millis() as u64,
                "{}; trying again", failure.error
            );
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Answer, Failure> {
        let response = self
            .request(call)
            .send()
            .await
            .map_err(|error| self.broken(call, error))?;
        let status = response.status();
        let headers = response.headers();
        let etag = headers
            .get(ETAG)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let asked = headers
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(seconds);
        let bytes = self.body_of(call, response).await?;
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            return Ok(Answer {
                status,
                etag,
                bytes,
                call: call.name(),
            });
        }
        let again = matches!(status.as_u16(), 429 | 502..=504);
        Err(Failure {
            error: self.refusal(call, status, &bytes),
            again,
            asked,
        })
    }

    fn request(&self, call: &Call) -> RequestBuilder {
        let url = format!("{}{}", self.base, call.path);
        let mut request = self
            .http
            .request(call.method.clone(), url)
            .bearer_auth(self.api_key.expose_secret());
        request = request
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "zstd");
        if let Some(etag) = &call.if_none_match {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(body) = &call.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.bytes.clone());
            if body.packed {
                request = request.header(CONTENT_ENCODING, "zstd");
            }
        }
        request
    }

    async fn body_of(&self, call: &Call, mut response: Response) -> Result<Vec<u8>, Failure> {
        let too_large = || Failure {
            error: ApiError::TooLarge {
                call: call.name(),
                most_bytes: MOST_ANSWER_BYTES,
            },
            again: false,
            asked: None,
        };
        let packed = response
            .headers()
            .get(CONTENT_ENCODING)
            .is_some_and(|value| value == "zstd");
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken(call, error))? {
            if bytes.len() + chunk.len() > MOST_ANSWER_BYTES {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        if packed {
            unpack(&bytes).ok_or_else(too_large)
        } else {
            Ok(bytes)
        }
    }

    /// The connection could not be made or broke. Worth another try: the request may be repeated,
    /// and nothing says that the server ever saw it.
    fn broken(&self, call: &Call, error: reqwest::Error) -> Failure {
        let base = self.base.clone();
        let error = if error.is_timeout() && !error.is_connect() {
            ApiError::TimedOut {
                base,
                call: call.name(),
                seconds: self.timeout.as_secs(),
            }
        } else {
            ApiError::Unreachable {
                base,
                source: error.without_url(),
            }
        };
        Failure {
            error,
            again: true,
            asked: None,
        }
    }

    fn refusal(&self, call: &Call, status: StatusCode, bytes: &[u8]) -> ApiError {
        match serde_json::from_slice::<Refusal>(bytes) {
            Ok(refusal) => ApiError::Refused(Box::new(Refusal {
                call: call.name(),
                status: status.as_u16(),
                ..refusal
            })),
            Err(_) => ApiError::NotTheApi {
                base: self.base.clone(),
                call: call.name(),
                status: status.as_u16(),
            },
        }
    }
}

/// `Retry-After` in seconds; its other form, a date, is left to the policy.
fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Unpacks up to the bound; a small body that grows beyond it is refused like a large one.
fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    use std::io::Read as _;
    let mut plain = Vec::new();
    let decoder = zstd::Decoder::new(packed).ok()?;
    decoder
        .take(MOST_ANSWER_BYTES as u64 + 1)
        .read_to_end(&mut plain)
        .ok()?;
    (plain.len() <= MOST_ANSWER_BYTES).then_some(plain)
}
