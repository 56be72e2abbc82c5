//! A workbench in a folder of its own.

use std::path::Path;

use luumen_workbench::{Options, Workbench};
use tempfile::TempDir;

/// An open workbench and the folder that goes with it.
pub(crate) struct Desk {
    pub(crate) workbench: Workbench,
    _folder: TempDir,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workbench = Workbench::open(&folder.path().join("data"), options(folder.path()))
            .await
            .unwrap();
        Self {
            workbench,
            _folder: folder,
        }
    }
}

pub(crate) fn options(home: &Path) -> Options {
    Options::new("0.1.0-test", "ann", home)
}
