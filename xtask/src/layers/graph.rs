//! The arrows between packages as cargo resolved them, ours and everyone else's.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata, Node, Package, PackageId, TargetKind};

/// Packages and what each one links. Two versions of one crate are two packages.
#[derive(Debug, Default)]
pub(super) struct Graph {
    packages: Vec<Linked>,
}

#[derive(Debug)]
struct Linked {
    name: String,
    /// The folder of a workspace member; other people's packages have none.
    ours: Option<PathBuf>,
    links: BTreeSet<usize>,
}

impl Graph {
    /// Keeps the arrows that end up in a product. Dev-dependencies do not, nor does what a procedural macro
    /// or somebody's build script needs while compiling.
    pub(super) fn from_metadata(metadata: &Metadata) -> Result<Self> {
        let resolve = metadata
            .resolve
            .as_ref()
            .context("cargo metadata resolved nothing")?;
        let members: BTreeSet<&PackageId> = metadata.workspace_members.iter().collect();
        let index: HashMap<&PackageId, usize> = metadata
            .packages
            .iter()
            .enumerate()
            .map(|(at, package)| (&package.id, at))
            .collect();
        let mut packages: Vec<Linked> = metadata
            .packages
            .iter()
            .map(|package| Linked {
                name: package.name.to_string(),
                ours: members.contains(&package.id).then(|| folder(package)),
                links: BTreeSet::new(),
            })
            .collect();
        for node in &resolve.nodes {
            let from = *index
                .get(&node.id)
                .context("a resolved package is not described")?;
            let ours = packages[from].ours.is_some();
            let to = linked(node, ours).filter_map(|id| index.get(id).copied());
            packages[from].links = to.filter(|to| !is_macro(&metadata.packages[*to])).collect();
        }
        Ok(Self { packages })
    }

    /// Our crates and their folders.
    pub(super) fn ours(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.packages
            .iter()
            .filter_map(|package| Some((package.name.as_str(), package.ours.as_deref()?)))
    }

    pub(super) fn is_ours(&self, name: &str) -> bool {
        self.ours().any(|(ours, _)| ours == name)
    }

    /// The names that a crate of ours links directly.
    pub(super) fn arrows(&self, name: &str) -> impl Iterator<Item = &str> {
        let links = self.find(name).flat_map(|at| &self.packages[at].links);
        links.map(|to| self.packages[*to].name.as_str())
    }

    /// The shortest way from one crate to another, both ends included.
    pub(super) fn way(&self, from: &str, to: &str) -> Option<Vec<&str>> {
        let start = self.find(from).next()?;
        let mut came_from: HashMap<usize, usize> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            if at != start && self.packages[at].name == to {
                return Some(self.walked(start, at, &came_from));
            }
            for &next in &self.packages[at].links {
                if next != start && !came_from.contains_key(&next) {
                    came_from.insert(next, at);
                    queue.push_back(next);
                }
            }
        }
        None
    }

    fn walked(&self, start: usize, end: usize, came_from: &HashMap<usize, usize>) -> Vec<&str> {
        let mut steps = vec![end];
        let mut at = end;
        while at != start {
            at = came_from[&at];
            steps.push(at);
        }
        steps
            .iter()
            .rev()
            .map(|at| self.packages[*at].name.as_str())
            .collect()
    }

    fn find(&self, name: &str) -> impl Iterator<Item = usize> {
        let named = self
            .packages
            .iter()
            .enumerate()
            .filter(move |(_, package)| package.name == name);
        named.map(|(at, _)| at)
    }

    /// A graph from a list of arrows; names that begin with `luumen` are ours.
    #[cfg(test)]
    pub(super) fn sketch<'a>(arrows: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> Self {
        let mut graph = Self::default();
        for (from, to) in arrows {
            let (from, to) = (graph.named(from), graph.named(to));
            graph.packages[from].links.insert(to);
        }
        graph
    }

    #[cfg(test)]
    fn named(&mut self, name: &str) -> usize {
        let known = self.find(name).next();
        known.unwrap_or_else(|| {
            let ours = name.starts_with("luumen").then(PathBuf::new);
            self.packages.push(Linked {
                name: name.to_owned(),
                ours,
                links: BTreeSet::new(),
            });
            self.packages.len() - 1
        })
    }
}

/// What a package links; for our own crates what their build scripts use counts too.
fn linked(node: &Node, ours: bool) -> impl Iterator<Item = &PackageId> {
    let counts =
        move |kind: DependencyKind| kind == DependencyKind::Normal || (ours && kind == DependencyKind::Build);
    let deps = node
        .deps
        .iter()
        .filter(move |dep| dep.dep_kinds.iter().any(|kind| counts(kind.kind)));
    deps.map(|dep| &dep.pkg)
}

fn is_macro(package: &Package) -> bool {
    package
        .targets
        .iter()
        .any(|target| target.kind.contains(&TargetKind::ProcMacro))
}

fn folder(package: &Package) -> PathBuf {
    let manifest = package.manifest_path.as_std_path();
    manifest.parent().unwrap_or(manifest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arrows: &[(&str, &str)], from: &str, to: &str, way: Option<&[&str]>) {
        assert_eq!(Graph::sketch(arrows).way(from, to).as_deref(), way);
    }

    #[test]
    fn the_shortest_way_is_told() {
        let arrows = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "c")];
        check(&arrows, "a", "d", Some(&["a", "c", "d"]));
    }

    #[test]
    fn a_circle_ends() {
        check(&[("a", "b"), ("b", "a")], "a", "z", None);
        check(&[("a", "b"), ("b", "a")], "a", "a", None);
    }

    #[test]
    fn a_crate_that_is_not_built_yet_reaches_nothing() {
        check(&[("a", "b")], "planned", "b", None);
    }

    #[test]
    fn this_repository_knows_its_own_crates() {
        let metadata = cargo_metadata::MetadataCommand::new()
            .current_dir(crate::shell::repository())
            .exec()
            .unwrap();
        let graph = Graph::from_metadata(&metadata).unwrap();
        assert!(graph.is_ours("luumen-server") && !graph.is_ours("tokio"));
        assert_eq!(
            graph.way("luumen-agent", "luumen-collect"),
            Some(vec!["luumen-agent", "luumen-collect"])
        );
        assert!(graph.way("luumen-transport", "russh").is_some());
    }
}
