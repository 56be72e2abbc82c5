//! Lists the sources under a folder, without what was built or installed there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

const NOT_OURS: &[&str] = &[
    "node_modules",
    "dist",
    "target",
    "test-results",
    "playwright-report",
];

/// Every file under `folder` whose name ends in one of `endings`, in a stable order. No folder, no files.
pub(super) fn under(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        collect(folder, endings, &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !NOT_OURS.contains(&name.as_ref()) {
                collect(&entry.path(), endings, found)?;
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// A path as a person in the repository would write it.
pub(super) fn shown(repository: &Path, file: &Path) -> String {
    file.strip_prefix(repository)
        .unwrap_or(file)
        .display()
        .to_string()
}
