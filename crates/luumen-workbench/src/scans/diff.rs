//! What changed between two scans of a host. Pure.

use std::collections::BTreeMap;

use luumen_model::{Packages, SectionKind, Snapshot};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{finding::Finding, run::Looked};
use crate::bridge::Id;

/// Two scans to compare.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DiffScans {
    pub(super) from: Id,
    pub(super) to: Id,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct ScanDiff {
    /// Findings that are new.
    pub added: Vec<Finding>,
    /// Findings that are no longer there. Empty when the later scan could not tell: see `unjudged`.
    pub gone: Vec<Finding>,
    /// Packages that came, went or changed.
    pub packages: Vec<PackageChange>,
    /// Why something cannot be compared.
    pub unjudged: Vec<String>,
}

/// A package that came, went or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct PackageChange {
    /// Its name.
    pub name: String,
    /// Versions before, none when it came.
    pub from: Option<String>,
    /// Versions after, none when it went.
    pub to: Option<String>,
}

/// Compares two scans.
pub(super) fn diff(from: &Looked, to: &Looked) -> ScanDiff {
    let mut unjudged = Vec::new();
    let not_in = |findings: &[Finding], others: &[Finding]| -> Vec<Finding> {
        let is_there = |finding: &&Finding| others.iter().any(|other| other.key() == finding.key());
        findings
            .iter()
            .filter(|finding| !is_there(finding))
            .cloned()
            .collect()
    };
    let mut added = not_in(&to.scan.findings, &from.scan.findings);
    let mut gone = not_in(&from.scan.findings, &to.scan.findings);
    // What was not looked at is not gone, and what could not be seen before is not new.
    if !judged_whole(to) {
        unjudged.push("the later scan could not judge everything, so nothing is called gone".to_owned());
        gone.clear();
    }
    if !judged_whole(from) && from.report.is_none() {
        unjudged.push("the earlier scan judged nothing, so nothing is called new".to_owned());
        added.clear();
    }
    let packages = match (packages(from), packages(to)) {
        (Some(before), Some(after)) => changes(&before, &after),
        _ => {
            unjudged.push("one of the scans could not read the packages whole".to_owned());
            Vec::new()
        }
    };
    ScanDiff {
        added,
        gone,
        packages,
        unjudged,
    }
}

fn judged_whole(looked: &Looked) -> bool {
    looked.report.is_some() && looked.scan.unjudged.is_empty()
}

/// Every package with its versions, if the list is whole.
fn packages(looked: &Looked) -> Option<BTreeMap<String, String>> {
    let snapshot: &Snapshot = looked.snapshot.as_ref()?;
    let record = snapshot.sections.get(&SectionKind::Packages)?;
    if !record.status.is_complete() {
        return None;
    }
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in snapshot.get::<Packages>()?.items {
        let of = versions.entry(package.name).or_default();
        if !of.contains(&package.version) {
            of.push(package.version);
        }
    }
    let joined = |(name, mut versions): (String, Vec<String>)| {
        versions.sort();
        (name, versions.join(", "))
    };
    Some(versions.into_iter().map(joined).collect())
}

fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<PackageChange> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| PackageChange {
            name: name.clone(),
            from: before.get(name).cloned(),
            to: after.get(name).cloned(),
        })
        .collect()
}
