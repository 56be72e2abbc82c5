//! What this program is, for the page that says so.

use std::sync::Arc;

use serde::Serialize;
use ts_rs::TS;

use crate::{
    bridge::{NoArgs, Problem, Registry},
    core::Core,
};

/// The program and where it keeps things.
#[derive(Clone, Debug, Serialize, TS)]
pub struct About {
    /// Version of the program.
    pub version: String,
    /// What it was built from.
    pub commit: Option<String>,
    /// What it is linked of, and under which licences.
    pub licences: Vec<Licence>,
    /// Where secrets are kept, said plainly.
    pub secrets: String,
    /// Where hosts, preferences and scans are kept.
    pub data_dir: String,
}

/// A library that the program is linked of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Licence {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
}

/// Written by `cargo xtask generate`.
const LICENCES: &str = include_str!("licences.tsv");

fn licences() -> Vec<Licence> {
    let line = |line: &str| {
        let mut words = line.split('\t').map(str::to_owned);
        Some(Licence {
            name: words.next()?,
            version: words.next()?,
            licence: words.next()?,
        })
    };
    LICENCES.lines().filter_map(line).collect()
}

struct Room(Arc<Core>);

impl Room {
    async fn about(self: Arc<Self>, _: NoArgs) -> Result<About, Problem> {
        Ok(About {
            version: self.0.options.version.clone(),
            licences: licences(),
            secrets: self.0.secrets(|secrets| Ok(secrets.status().detail)).await?,
            commit: self.0.options.commit.clone(),
            data_dir: self.0.data_dir.display().to_string(),
        })
    }
}

pub(crate) fn register(registry: &mut Registry, core: &Arc<Core>) {
    registry.call("about", &Arc::new(Room(Arc::clone(core))), Room::about);
}
