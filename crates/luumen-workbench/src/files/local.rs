//! Files of this device, as the browser's other half shows them.

use std::{fs, io, path::Path};

use super::{entry::Entry, room::Listing};
use crate::bridge::Problem;

/// More names than anybody scrolls through.
pub(super) const MAX_ENTRIES: usize = 50_000;

/// What is in a folder of this device.
pub(super) fn list(folder: &Path) -> Result<Listing, Problem> {
    let failed = |error: &io::Error| {
        Problem::of(
            "LUM-LOCAL-LIST",
            format!("{} cannot be listed", folder.display()),
            error,
        )
        .next("Choose another folder, or check its permissions.")
    };
    let folder = fs::canonicalize(folder).map_err(|error| failed(&error))?;
    let mut entries = Vec::new();
    let mut truncated = false;
    for entry in fs::read_dir(&folder).map_err(|error| failed(&error))? {
        let path = entry.map_err(|error| failed(&error))?.path();
        if entries.len() >= MAX_ENTRIES {
            truncated = true;
            break;
        }
        // What vanishes while it is being looked at is not there.
        if let Ok(metadata) = fs::symlink_metadata(&path) {
            entries.push(Entry::local(&path, &metadata));
        }
    }
    Ok(Listing {
        path: folder.display().to_string(),
        entries,
        truncated,
    })
}
