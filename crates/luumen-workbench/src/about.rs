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
    /// Where hosts, preferences and scans are kept.
    pub data_dir: String,
}

struct Room(Arc<Core>);

impl Room {
    async fn about(self: Arc<Self>, _: NoArgs) -> Result<About, Problem> {
        Ok(About {
            version: self.0.options.version.clone(),
            commit: self.0.options.commit.clone(),
            data_dir: self.0.data_dir.display().to_string(),
        })
    }
}

pub(crate) fn register(registry: &mut Registry, core: &Arc<Core>) {
    registry.call("about", &Arc::new(Room(Arc::clone(core))), Room::about);
}
