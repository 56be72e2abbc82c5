//! The calls of an agent, one function each.

use std::{fmt, time::Duration};

use luumen_api::agent::{
    AgentConfig, FinishRun, Heartbeat, HeartbeatAnswer, MissingAnswer, MissingQuery, StartRun,
};
use luumen_crypto::Secret;
use luumen_model::{ContentHash, RunId};
use reqwest::{Method, StatusCode, header::HeaderValue};

use crate::{
    ApiError, RetryPolicy, Settings, SettingsError,
    call::Call,
    settings::{api_root, build_http},
};

/// A client of one API with one key. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    /// Without a slash at its end.
    pub(crate) base: String,
    pub(crate) api_key: Secret,
    pub(crate) timeout: Duration,
    pub(crate) retry: RetryPolicy,
}

/// Answer to "has the configuration changed?".
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigAnswer {
    /// It is still the one with that `ETag`.
    Unchanged,
    /// This is it now.
    Changed {
        /// To ask with next time.
        etag: Option<String>,
        /// The configuration.
        config: Box<AgentConfig>,
    },
}

impl Client {
    /// Checks the settings and builds a client; makes no call yet.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let base = api_root(&settings.base_url, settings.allow_http)?;
        let key = settings.api_key.expose_secret();
        if key.is_empty() || HeaderValue::from_str(key).is_err() {
            return Err(SettingsError::ApiKey);
        }
        Ok(Self {
            http: build_http(&settings)?,
            base: base.as_str().trim_end_matches('/').to_owned(),
            api_key: settings.api_key,
            timeout: settings.timeout,
            retry: settings.retry,
        })
    }

    /// Where the calls go.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The same client with another patience.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Which hosts to visit and when, unless it is still what `etag` stands for.
    pub async fn config(&self, etag: Option<&str>) -> Result<ConfigAnswer, ApiError> {
        let mut call = Call::new(Method::GET, "/agent/config");
        call.if_none_match = etag.map(str::to_owned);
        let answer = self.make(call).await?;
        if answer.status == StatusCode::NOT_MODIFIED {
            return Ok(ConfigAnswer::Unchanged);
        }
        Ok(ConfigAnswer::Changed {
            etag: answer.etag.clone(),
            config: Box::new(answer.read()?),
        })
    }

    /// Says that the agent lives. Tried once: the next beat comes soon enough.
    pub async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<HeartbeatAnswer, ApiError> {
        let call = Call::new(Method::POST, "/agent/heartbeat")
            .with_body(heartbeat)?
            .once();
        self.make(call).await?.read()
    }

    /// Says that a run began.
    pub async fn start_run(&self, run: RunId, start: &StartRun) -> Result<(), ApiError> {
        self.make(Call::new(Method::PUT, format!("/agent/runs/{run}")).with_body(start)?)
            .await?;
        Ok(())
    }

    /// Which of these sections the server does not have.
    pub async fn missing(&self, hashes: Vec<ContentHash>) -> Result<Vec<ContentHash>, ApiError> {
        let query = MissingQuery { hashes };
        let call = Call::new(Method::POST, "/agent/reports/missing").with_body(&query)?;
        Ok(self.make(call).await?.read::<MissingAnswer>()?.missing)
    }

    /// Says that a run is over.
    pub async fn finish_run(&self, run: RunId, finish: &FinishRun) -> Result<(), ApiError> {
        let call = Call::new(Method::POST, format!("/agent/runs/{run}/finish")).with_body(finish)?;
        self.make(call).await?;
        Ok(())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
