//! The remote configuration: asked for with its `ETag`, and the last good one kept on disk.
//!
//! The kept copy holds no secret, yet it is a map of the fleet: names, addresses, accounts and names of credentials. So it
//! is sealed (`sealed`). A copy that cannot be opened is as good as none: that is said, and the next answer takes its place.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use luumen_api::agent::AgentConfig;
use luumen_client::{ApiError, Client, ConfigAnswer};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::{config::Config, errors::chain, schedule::Pace, sealed::SealedFile};

const FILE_NAME: &str = "remote-config.sealed";
const SCHEMA: &str = "luumen.agent.remote-config/1";
/// What versions up to 0.1.0 kept, as plain JSON.
const PLAIN_FILE_NAME: &str = "remote-config.json";

/// The configuration as last heard.
#[derive(Debug)]
pub(crate) struct Remote {
    client: Client,
    file: SealedFile,
    plain: PathBuf,
    keeping: Keeping,
    known: Option<Known>,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// It is kept for when the API does not answer.
    Keep,
    /// Nothing on disk is changed.
    Look,
}

/// Where the configuration in use comes from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// The API has just said it, or said that it still holds.
    Api,
    /// The API did not answer; it is the last good one.
    Kept(ApiError),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    etag: Option<String>,
    config: AgentConfig,
}

impl Remote {
    /// Starts with what an earlier run kept, if that came from the same API.
    pub(crate) fn new(client: Client, config: &Config, keeping: Keeping) -> Self {
        let path = config.state_dir.join(FILE_NAME);
        let file = SealedFile::new(path, &config.api.key, SCHEMA, client.base());
        let plain = config.state_dir.join(PLAIN_FILE_NAME);
        if plain.exists() {
            warn!(
                "{} was kept by an older version of the agent and is not sealed: it is left aside, and removed when the API \
                 has answered",
                plain.display()
            );
        }
        let known = read(&file);
        Self {
            client,
            file,
            plain,
            keeping,
            known,
        }
    }

    /// What is known, new or old.
    pub(crate) fn known(&self) -> Option<&AgentConfig> {
        self.known.as_ref().map(|known| &known.config)
    }

    /// Asks the API, and is content with the last good configuration when there is one and the API does not answer.
    pub(crate) async fn pull_or_kept(&mut self) -> Result<Origin, ApiError> {
        match self.pull().await {
            Ok(_) => Ok(Origin::Api),
            Err(error) if error.is_try_later() && self.known.is_some() => Ok(Origin::Kept(error)),
            Err(error) => Err(error),
        }
    }

    /// Asks the API; `Ok` says whether something changed.
    pub(crate) async fn pull(&mut self) -> Result<bool, ApiError> {
        let etag = self.known.as_ref().and_then(|known| known.etag.as_deref());
        let ConfigAnswer::Changed { etag, config } = self.client.config(etag).await? else {
            return Ok(false);
        };
        let changed = self.known().is_none_or(|known| *known != *config);
        let known = Known {
            etag,
            config: *config,
        };
        self.keep(&known);
        if changed {
            info!(
                hosts = known.config.hosts.len(),
                interval_s = known.config.schedule.interval_s,
                "The API names {} hosts in workspace {}",
                known.config.hosts.len(),
                known.config.workspace
            );
        }
        self.known = Some(known);
        Ok(changed)
    }

    fn keep(&self, known: &Known) {
        if self.keeping == Keeping::Look {
            return;
        }
        let kept = self.file.write(known).and_then(|()| remove(&self.plain));
        if let Err(error) = kept {
            warn!(
                "The remote configuration could not be kept in {}: {error}",
                self.file.path().display()
            );
        }
    }
}

fn read(file: &SealedFile) -> Option<Known> {
    file.read().unwrap_or_else(|error| {
        warn!(
            "The last good configuration in {} is left aside: {}. The next answer of the API takes its place",
            file.path().display(),
            chain(&error)
        );
        None
    })
}

fn remove(plain: &Path) -> io::Result<()> {
    match fs::remove_file(plain) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// How often to run and to poll: what this machine says, else what the API says.
pub(crate) fn pace(local: &Config, remote: &AgentConfig) -> Pace {
    let ms = |local: Option<Duration>, seconds: i64| {
        local.map_or_else(
            || u64::try_from(seconds).unwrap_or(0).saturating_mul(1000),
            |local| u64::try_from(local.as_millis()).unwrap_or(u64::MAX),
        )
    };
    Pace {
        interval_ms: ms(local.interval, remote.schedule.interval_s),
        polling_ms: ms(local.polling, remote.schedule.polling_s),
    }
}
