//! What changed between two scans of a host. Pure.

use std::collections::BTreeMap;

use luumen_model::{Package, Packages, SectionKind, Snapshot};
use luumen_vuln::is_apart;
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
    /// Findings that are new. Empty when the earlier scan could not tell: see `unjudged`.
    pub added: Vec<Finding>,
    /// Findings that are no longer there. Those that the later scan could not look at are not among them: see `unjudged`.
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
    let before = gone.len();
    gone.retain(|finding| is_judged(to, finding));
    match before - gone.len() {
        0 => {}
        1 => unjudged
            .push("the later scan could not look at 1 finding again, so it is not called gone".to_owned()),
        many => unjudged.push(format!(
            "the later scan could not look at {many} findings again, so they are not called gone"
        )),
    }
    if let Some(why) = unseen(from) {
        unjudged.push(format!("{why}, so nothing is called new"));
        added.clear();
    } else if added.iter().any(|finding| !is_judged(from, finding)) {
        unjudged.push("the earlier scan could not judge everything: some of these may not be new".to_owned());
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

/// Why a scan says nothing of what was there then.
fn unseen(looked: &Looked) -> Option<&'static str> {
    if looked.report.is_none() {
        return Some("the earlier scan judged nothing");
    }
    packages(looked)
        .is_none()
        .then_some("the earlier scan could not read the packages whole")
}

/// Whether a scan would have had the finding if the host had it: what it is about was read, and somebody speaks of it.
fn is_judged(looked: &Looked, finding: &Finding) -> bool {
    let concerns = |what: &str| match what {
        "os" | "packages" => !lies_apart(finding),
        "kernel" => finding.running.is_some(),
        "python_packages" | "applications" => lies_apart(finding),
        "vulnerabilities" => true,
        // What others built is looked at one by one; an old catalogue says what it said.
        _ => false,
    };
    looked.report.is_some() && !looked.scan.gaps().any(concerns) && !is_built_by_others(looked, finding)
}

/// Of what no package manager of the system keeps.
fn lies_apart(finding: &Finding) -> bool {
    finding.installed.iter().any(|package| package.path.is_some())
}

/// Whether the package of a finding is one by now of which the vendor says nothing.
fn is_built_by_others(looked: &Looked, finding: &Finding) -> bool {
    let snapshot = looked.snapshot.as_ref();
    let packages = snapshot
        .and_then(|snapshot| snapshot.get::<Packages>())
        .unwrap_or_default();
    packages.items.iter().any(|package| {
        let source = package.source.as_deref().unwrap_or(&package.name);
        source == finding.package && package.is_installed() && is_apart(package)
    })
}

/// Every package with its versions, if the list is whole.
fn packages(looked: &Looked) -> Option<BTreeMap<String, String>> {
    let snapshot: &Snapshot = looked.snapshot.as_ref()?;
    let record = snapshot.sections.get(&SectionKind::Packages)?;
    if !record.status.is_complete() {
        return None;
    }
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let items = snapshot.get::<Packages>()?.items.into_iter();
    // A package that was removed and left its settings behind is gone.
    for package in items.filter(Package::is_installed) {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::model::Scan, *};
    use crate::bridge::Time;

    /// A scan that found this, that could not judge that, and that read the packages so well.
    fn looked(found: &[&str], unjudged: &[&str], packages: &str) -> Looked {
        let finding = |vulnerability: &&str| -> Finding {
            let finding = json!({
                "vulnerability": vulnerability, "package": "bash", "installed": [], "verdict": "vulnerable",
                "reason": "", "why": "", "confidence": "high", "source": "", "authority": "", "status": "",
                "end_of_life": false, "severity": "high", "ransomware": false,
            });
            serde_json::from_value(finding).expect("a finding")
        };
        let mut scan = Scan::begun(Id::new(), None, "ann@web:22".to_owned(), Time::now());
        scan.findings = found.iter().map(finding).collect();
        scan.unjudged = unjudged.iter().map(|gap| (*gap).to_owned()).collect();
        let snapshot = json!({
            "schema": "luumen.snapshot/1", "taken_at": "2026-11-29T10:00:00Z", "duration_ms": 1,
            "collector": {"name": "test", "version": "1", "catalogue": "1"}, "tier": "none", "username": "ann",
            "sections": {"packages": {"status": packages, "duration_ms": 1, "data": {"managers": [], "items": []}}},
        });
        let report = json!({
            "platform": null, "findings": [], "not_evaluated": [], "package_count": 1,
            "snapshot_at": "2026-11-29T10:00:00Z", "catalogue_at": "2026-11-29T10:00:00Z", "sample_data": false,
        });
        Looked {
            scan,
            snapshot: Some(serde_json::from_value(snapshot).expect("a snapshot")),
            report: Some(serde_json::from_value(report).expect("a report")),
        }
    }

    #[track_caller]
    fn check(from: &Looked, to: &Looked, added: &[&str], unjudged: &[&str]) {
        let seen = diff(from, to);
        let names: Vec<&str> = seen
            .added
            .iter()
            .map(|finding| finding.vulnerability.as_str())
            .collect();
        assert_eq!(
            (names.as_slice(), &seen.unjudged),
            (added, &unjudged.iter().map(|text| (*text).to_owned()).collect())
        );
    }

    #[test]
    fn what_the_earlier_scan_could_not_see_is_not_simply_new() {
        let whole = looked(&["CVE-1"], &[], "ok");
        check(&looked(&[], &[], "ok"), &whole, &["CVE-1"], &[]);
        check(
            &looked(&[], &["packages: not known"], "ok"),
            &whole,
            &["CVE-1"],
            &["the earlier scan could not judge everything: some of these may not be new"],
        );
        // It is no kernel.
        check(
            &looked(&[], &["kernel: not known"], "ok"),
            &whole,
            &["CVE-1"],
            &[],
        );
        check(
            &looked(&["CVE-1"], &["kernel: not known"], "ok"),
            &whole,
            &[],
            &[],
        );
        check(
            &looked(&[], &["packages: not read whole"], "partial"),
            &whole,
            &[],
            &[
                "the earlier scan could not read the packages whole, so nothing is called new",
                "one of the scans could not read the packages whole",
            ],
        );
        let mut blind = looked(&[], &["vulnerabilities: there is no catalogue"], "ok");
        blind.report = None;
        check(
            &blind,
            &whole,
            &[],
            &["the earlier scan judged nothing, so nothing is called new"],
        );
    }

    #[test]
    fn what_the_later_scan_did_not_look_at_is_not_gone() {
        #[track_caller]
        fn check(to: &Looked, gone: usize, unjudged: &[&str]) {
            let seen = diff(&looked(&["CVE-1"], &[], "ok"), to);
            assert_eq!(
                (seen.gone.len(), seen.unjudged.as_slice()),
                (
                    gone,
                    &unjudged.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()[..]
                )
            );
        }
        let not_again = "the later scan could not look at 1 finding again, so it is not called gone";
        check(&looked(&[], &[], "ok"), 1, &[]);
        check(
            &looked(
                &[],
                &[
                    "python_packages: it was not collected whole: partial",
                    "catalogue: old",
                ],
                "ok",
            ),
            1,
            &[],
        );
        check(
            &looked(
                &[],
                &["packages: the catalogue holds nothing for debian/12"],
                "ok",
            ),
            0,
            &[not_again],
        );
        let mut of_others = looked(&[], &[], "ok");
        let packages = json!({"managers": ["dpkg"], "items": [{"manager": "dpkg", "name": "bash", "version": "5.2-1.pgdg120+1"}]});
        let record = of_others
            .snapshot
            .as_mut()
            .and_then(|snapshot| snapshot.sections.get_mut(&SectionKind::Packages));
        record.expect("packages").data = Some(packages);
        let seen = diff(&looked(&["CVE-1"], &[], "ok"), &of_others);
        assert_eq!(
            (seen.gone.len(), seen.unjudged.as_slice()),
            (0, &[not_again.to_owned()][..])
        );
    }
}
