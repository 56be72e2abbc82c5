//! The npm packages that the screens are built of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use super::Library;

/// What is ours begins so.
const OURS: &str = "@luumen/";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Manifest {
    name: String,
    version: String,
    license: Value,
    author: Value,
    repository: Value,
    dependencies: BTreeMap<String, Value>,
}

/// All that `package` needs when it runs, and what that needs. Tools that only build are not in it.
pub(super) fn linked(repository: &Path, package: &str) -> Result<Vec<Library>> {
    let (mut open, mut seen, mut libraries) = (vec![repository.join(package)], BTreeSet::new(), Vec::new());
    while let Some(folder) = open.pop() {
        let folder = fs::canonicalize(&folder)
            .with_context(|| format!("{} is not installed: npm ci", folder.display()))?;
        if !seen.insert(folder.clone()) {
            continue;
        }
        let text = fs::read_to_string(folder.join("package.json"))
            .with_context(|| format!("{} has no package.json", folder.display()))?;
        let manifest: Manifest = serde_json::from_str(&text)
            .with_context(|| format!("the package.json of {} is odd", folder.display()))?;
        for name in manifest.dependencies.keys() {
            open.push(find(&folder, name)?);
        }
        if !manifest.name.starts_with(OURS) {
            libraries.push(Library {
                name: manifest.name,
                version: manifest.version,
                licence: said(&manifest.license, "type").unwrap_or_else(|| "see its licence file".to_owned()),
                from: "npm",
                authors: said(&manifest.author, "name").into_iter().collect(),
                repository: said(&manifest.repository, "url").unwrap_or_default(),
                folder,
            });
        }
    }
    Ok(libraries)
}

/// As node looks for it: in the folder and in those around it.
fn find(folder: &Path, name: &str) -> Result<PathBuf> {
    let mut places = folder
        .ancestors()
        .map(|around| around.join("node_modules").join(name));
    match places.find(|place| place.exists()) {
        Some(place) => Ok(place),
        None => bail!("{name} is not installed: npm ci"),
    }
}

/// A word, or the word inside of an object.
fn said(value: &Value, field: &str) -> Option<String> {
    value
        .as_str()
        .or_else(|| value.get(field)?.as_str())
        .map(str::to_owned)
}
