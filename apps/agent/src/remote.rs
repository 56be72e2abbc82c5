//! The remote configuration: asked for with its `ETag`, and the last good one kept on disk.
//!
//! The kept copy holds names, addresses, account names and names of credentials, but no secret: the
//! API does not have any. So it is a plain file for the owner alone.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use luumen_api::agent::AgentConfig;
use luumen_client::{ApiError, Client, ConfigAnswer};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::{config::Config, replace::replace, schedule::Pace};

const FILE_NAME: &str = "remote-config.json";

/// The configuration as last heard.
#[derive(Debug)]
pub(crate) struct Remote {
    client: Client,
    file: PathBuf,
    known: Option<Known>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    /// Another API means another configuration.
    base_url: String,
    etag: Option<String>,
    config: AgentConfig,
}

impl Remote {
    /// Starts with what an earlier run kept, if that came from the same API.
    pub(crate) fn new(client: Client, state_dir: &Path) -> Self {
        let file = state_dir.join(FILE_NAME);
        let known = read(&file).filter(|known| known.base_url == client.base());
        Self { client, file, known }
    }

    /// What is known, new or old.
    pub(crate) fn known(&self) -> Option<&AgentConfig> {
        self.known.as_ref().map(|known| &known.config)
    }

    /// Asks the API; `Ok` says whether something changed.
    pub(crate) async fn pull(&mut self) -> Result<bool, ApiError> {
        let etag = self.known.as_ref().and_then(|known| known.etag.as_deref());
        let ConfigAnswer::Changed { etag, config } = self.client.config(etag).await? else {
            return Ok(false);
        };
        let changed = self.known().is_none_or(|known| *known != *config);
        let known = Known {
            base_url: self.client.base().to_owned(),
            etag,
            config: *config,
        };
        if let Err(error) = write(&self.file, &known) {
            warn!(
                "The remote configuration could not be kept in {}: {error}",
                self.file.display()
            );
        }
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

fn read(file: &Path) -> Option<Known> {
    let text = fs::read_to_string(file).ok()?;
    let known = serde_json::from_str(&text);
    // A copy of another version is of no use and no harm: the API will be asked.
    known
        .inspect_err(|error| warn!("{} is left aside: {error}", file.display()))
        .ok()
}

fn write(file: &Path, known: &Known) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let json = serde_json::to_vec(known)?;
    replace(file, |mut beside| io::Write::write_all(&mut beside, &json))
}
