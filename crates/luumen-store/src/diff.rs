//! What changed between two snapshots of a host. Pure but for [`between`], which fetches the two.
//!
//! What one of them could not read is not a change: such sections are named apart. Where one read only a part, a
//! value that differs is told and a value that is missing is not.

use std::collections::BTreeMap;

use luumen_model::{
    HostId, Package, PackageManager, Packages, Property, SectionKind, SectionRecord, Snapshot, SnapshotId,
    WorkspaceId, flatten,
};
use sea_orm::ConnectionTrait;

use crate::{
    StoreError,
    snapshots::{self, StoredSnapshot},
};

/// Longest lists of a diff.
pub const MAX_CHANGES: usize = 10_000;

/// A package that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageChange {
    pub manager: PackageManager,
    pub name: String,
    pub arch: Option<String>,
    /// Absent when it was installed between the two.
    pub from_version: Option<String>,
    /// Absent when it was removed between the two.
    pub to_version: Option<String>,
}

/// A fact that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyChange {
    pub section: SectionKind,
    pub path: String,
    pub from: Vec<Property>,
    pub to: Vec<Property>,
}

/// What changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotDiff {
    pub packages: Vec<PackageChange>,
    pub properties: Vec<PropertyChange>,
    /// Sections that one of the two did not read, or not completely.
    pub not_comparable: Vec<SectionKind>,
    /// The lists were cut at [`MAX_CHANGES`].
    pub truncated: bool,
}

/// Fetches two snapshots of a host and compares them.
pub async fn between(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    host: HostId,
    from: SnapshotId,
    to: SnapshotId,
) -> Result<(StoredSnapshot, StoredSnapshot, SnapshotDiff), StoreError> {
    let from = snapshots::get(db, workspace, host, from).await?;
    let to = snapshots::get(db, workspace, host, to).await?;
    let diff = diff(&from.snapshot, &to.snapshot);
    Ok((from, to, diff))
}

/// What changed from one snapshot to the other, vitals left out.
pub fn diff(from: &Snapshot, to: &Snapshot) -> SnapshotDiff {
    let mut out = SnapshotDiff::default();
    for kind in SectionKind::ALL
        .iter()
        .copied()
        .filter(|kind| *kind != SectionKind::Vitals)
    {
        let pair = match (from.sections.get(&kind), to.sections.get(&kind)) {
            (None, None) => continue,
            (Some(from), Some(to)) => Pair { kind, from, to },
            _ => {
                out.not_comparable.push(kind);
                continue;
            }
        };
        pair.compare(&mut out);
    }
    out.truncated = out.packages.len() > MAX_CHANGES || out.properties.len() > MAX_CHANGES;
    out.packages.truncate(MAX_CHANGES);
    out.properties.truncate(MAX_CHANGES);
    out
}

/// The same section of two snapshots.
struct Pair<'a> {
    kind: SectionKind,
    from: &'a SectionRecord,
    to: &'a SectionRecord,
}

impl Pair<'_> {
    fn compare(&self, out: &mut SnapshotDiff) {
        let complete = self.from.status.is_complete() && self.to.status.is_complete();
        if !complete {
            out.not_comparable.push(self.kind);
        }
        if self.from.hash.is_some() && self.from.hash == self.to.hash {
            return;
        }
        match (&self.from.data, &self.to.data) {
            (Some(_), Some(_)) => {}
            // A platform without such a thing, on both sides or newly so.
            _ if complete => return self.compare_facts(out, true),
            _ => return,
        }
        self.compare_facts(out, complete);
    }

    fn compare_facts(&self, out: &mut SnapshotDiff, complete: bool) {
        if self.kind == SectionKind::Packages {
            let changes = package_changes(packages(self.from), packages(self.to));
            let said = |change: &PackageChange| {
                complete || (change.from_version.is_some() && change.to_version.is_some())
            };
            out.packages.extend(changes.into_iter().filter(said));
        } else {
            let changes = property_changes(self.kind, self.from, self.to);
            let said =
                |change: &PropertyChange| complete || !(change.from.is_empty() || change.to.is_empty());
            out.properties.extend(changes.into_iter().filter(said));
        }
    }
}

fn packages(record: &SectionRecord) -> Vec<Package> {
    let data = record.data.clone().unwrap_or_default();
    serde_json::from_value::<Packages>(data)
        .map(|packages| packages.items.into_iter().filter(Package::is_installed).collect())
        .unwrap_or_default()
}

type PackageKey = (PackageManager, String, Option<String>);

fn package_changes(from: Vec<Package>, to: Vec<Package>) -> Vec<PackageChange> {
    let mut versions: BTreeMap<PackageKey, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for package in from {
        let key = (package.manager, package.name, package.arch);
        versions.entry(key).or_default().0.push(package.version);
    }
    for package in to {
        let key = (package.manager, package.name, package.arch);
        versions.entry(key).or_default().1.push(package.version);
    }
    let mut changes = Vec::new();
    for ((manager, name, arch), (from, to)) in versions {
        let change = |from_version: Option<&String>, to_version: Option<&String>| PackageChange {
            manager,
            name: name.clone(),
            arch: arch.clone(),
            from_version: from_version.cloned(),
            to_version: to_version.cloned(),
        };
        match (from.as_slice(), to.as_slice()) {
            ([before], [after]) if before != after => changes.push(change(Some(before), Some(after))),
            // Several versions side by side, as of kernels: each comes and goes on its own.
            _ => {
                let gone = from.iter().filter(|version| !to.contains(version));
                changes.extend(gone.map(|version| change(Some(version), None)));
                let new = to.iter().filter(|version| !from.contains(version));
                changes.extend(new.map(|version| change(None, Some(version))));
            }
        }
    }
    changes
}

fn property_changes(kind: SectionKind, from: &SectionRecord, to: &SectionRecord) -> Vec<PropertyChange> {
    let facts = |record: &SectionRecord| {
        record
            .data
            .as_ref()
            .map(|data| flatten(kind, data))
            .unwrap_or_default()
    };
    let mut by_path: BTreeMap<String, (Vec<Property>, Vec<Property>)> = BTreeMap::new();
    for property in facts(from) {
        by_path.entry(property.path.clone()).or_default().0.push(property);
    }
    for property in facts(to) {
        by_path.entry(property.path.clone()).or_default().1.push(property);
    }
    by_path
        .into_iter()
        .filter(|(_, (from, to))| from != to)
        .map(|(path, (from, to))| PropertyChange {
            section: kind,
            path,
            from,
            to,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{SnapshotDiff, diff};
    use luumen_model::Snapshot;
    use serde_json::{Value, json};

    fn snapshot(sections: &Value) -> Snapshot {
        serde_json::from_value(json!({
            "schema": "luumen.snapshot/1", "taken_at": "2026-11-22T00:00:00Z", "duration_ms": 1,
            "collector": {"name": "test", "version": "0", "catalogue": "0"},
            "tier": "none", "username": "root", "sections": sections,
        }))
        .expect("snapshot")
    }

    fn section(status: &str, data: &Value) -> Value {
        let mut record = json!({"status": status, "duration_ms": 1});
        if !data.is_null() {
            record["data"] = data.clone();
        }
        record
    }

    fn words(diff: &SnapshotDiff) -> Vec<String> {
        let mut words = Vec::new();
        for package in &diff.packages {
            let version = |version: &Option<String>| version.clone().unwrap_or("–".to_owned());
            words.push(format!(
                "{} {} → {}",
                package.name,
                version(&package.from_version),
                version(&package.to_version)
            ));
        }
        for property in &diff.properties {
            words.push(format!(
                "{} {}→{}",
                property.path,
                property.from.len(),
                property.to.len()
            ));
        }
        words.extend(diff.not_comparable.iter().map(|kind| format!("? {kind}")));
        words
    }

    #[track_caller]
    fn check(from: &Value, to: &Value, expected: &[&str]) {
        assert_eq!(words(&diff(&snapshot(from), &snapshot(to))), expected);
    }

    fn packages(list: &[(&str, &str)]) -> Value {
        let items: Vec<Value> = list
            .iter()
            .map(|(name, version)| json!({"manager": "dpkg", "name": name, "version": version, "arch": "amd64"}))
            .collect();
        json!({"managers": ["dpkg"], "items": items})
    }

    #[test]
    fn packages_come_go_and_change() {
        check(
            &json!({"packages": section("ok", &packages(&[("bash", "1"), ("linux", "5"), ("linux", "6"), ("old", "1")]))}),
            &json!({"packages": section("ok", &packages(&[("bash", "2"), ("linux", "6"), ("linux", "7"), ("new", "1")]))}),
            &[
                "bash 1 → 2",
                "linux 5 → –",
                "linux – → 7",
                "new – → 1",
                "old 1 → –",
            ],
        );
    }

    #[test]
    fn a_denied_section_is_no_change() {
        check(
            &json!({"packages": section("ok", &packages(&[("bash", "1")])), "sshd": section("ok", &json!({"a": 1}))}),
            &json!({"packages": section("denied", &Value::Null), "sshd": section("timeout", &Value::Null)}),
            &["? packages", "? sshd"],
        );
    }

    #[test]
    fn of_a_part_only_what_is_there_counts() {
        check(
            &json!({"packages": section("ok", &packages(&[("bash", "1"), ("zsh", "1")])),
                    "sysctl": section("ok", &json!({"values": {"a": "1", "b": "1"}}))}),
            &json!({"packages": section("partial", &packages(&[("bash", "2")])),
                    "sysctl": section("truncated", &json!({"values": {"a": "2"}}))}),
            &["bash 1 → 2", "sysctl.values.a 1→1", "? packages", "? sysctl"],
        );
    }

    #[test]
    fn facts_are_told_by_path_and_vitals_are_not() {
        check(
            &json!({"os": section("ok", &json!({"id": "debian", "id_like": ["a"]})), "vitals": section("ok", &json!({"uptime_s": 1}))}),
            &json!({"os": section("ok", &json!({"id": "debian", "id_like": ["a", "b"], "init": "systemd"})), "vitals": section("ok", &json!({"uptime_s": 2}))}),
            &["os.id_like 1→2", "os.init 0→1"],
        );
    }

    #[test]
    fn what_only_one_was_asked_for_is_not_comparable() {
        check(
            &json!({}),
            &json!({"os": section("ok", &json!({"id": "x"}))}),
            &["? os"],
        );
    }
}
