//! The licences of everything that the desktop is linked of, as a table for its about page.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
    path::Path,
};

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

/// The table: name, version and licence, parted by tabs.
pub(crate) const PATH: &str = "crates/luumen-workbench/src/licences.tsv";

/// Of the first of these that is there: the program, or all of it but the window.
const PROGRAMS: [&str; 2] = ["luumen-desktop", "luumen-workbench"];

/// The table as it is today.
pub(crate) fn table(repository: &Path) -> Result<String> {
    let metadata = MetadataCommand::new()
        .cargo_path(crate::shell::cargo())
        .current_dir(repository)
        .other_options(["--filter-platform=x86_64-unknown-linux-gnu".to_owned()])
        .exec()
        .context("cargo metadata did not answer")?;
    let packages: HashMap<&PackageId, &Package> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package))
        .collect();
    let mut rows = BTreeSet::new();
    for id in linked(&metadata)? {
        let package = packages.get(&id).context("a package that cargo did not list")?;
        if package.source.is_some() {
            let licence = package.license.as_deref().unwrap_or("see its licence file");
            rows.insert((
                package.name.to_string(),
                package.version.to_string(),
                licence.to_owned(),
            ));
        }
    }
    let mut table = String::new();
    for (name, version, licence) in rows {
        writeln!(table, "{name}\t{version}\t{licence}")?;
    }
    Ok(table)
}

/// Everything that is reached without build scripts and tests.
fn linked(metadata: &Metadata) -> Result<BTreeSet<PackageId>> {
    let root = PROGRAMS
        .iter()
        .find_map(|name| {
            metadata
                .workspace_packages()
                .into_iter()
                .find(|package| package.name.as_str() == *name)
        })
        .context("the workspace has no desktop")?;
    let resolve = metadata.resolve.as_ref().context("cargo resolved nothing")?;
    let mut open = vec![root.id.clone()];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let node = resolve
            .nodes
            .iter()
            .find(|node| node.id == id)
            .context("a package without a node")?;
        let linked = node.deps.iter().filter(|dep| {
            dep.dep_kinds
                .iter()
                .any(|kind| kind.kind == DependencyKind::Normal)
        });
        open.extend(linked.map(|dep| dep.pkg.clone()));
    }
    Ok(seen)
}
