//! Arch Linux: the groups (AVG) of security.archlinux.org, as JSON.
//!
//! | Arch | ours |
//! |---|---|
//! | `Fixed` with a `fixed` version | fixed in that version |
//! | `Vulnerable` | affected |
//! | `Testing` | affected; the fix has not left the testing repositories, its version is in the note |
//! | `Not affected` | not affected |
//! | `Unknown` | under investigation |
//!
//! Groups name packages as they are installed. `affected` is a version that was looked at, not the first vulnerable one, and is not taken for it.

use luumen_model::advisory::{Authority, Channel, Claim, PackageKind, Platform, Record, Severity, Status};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Document, Problem, ReadError, Sink};

#[derive(Deserialize)]
struct Group {
    name: String,
    packages: Vec<String>,
    status: String,
    #[serde(default)]
    severity: String,
    fixed: Option<String>,
    #[serde(default)]
    issues: Vec<String>,
    #[serde(default)]
    advisories: Vec<String>,
}

/// Reads the list of groups.
pub(super) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let groups: Vec<&RawValue> = serde_json::from_slice(document.bytes).map_err(ReadError::Json)?;
    for (at, raw) in groups.into_iter().enumerate() {
        let read = serde_json::from_str::<Group>(raw.get());
        let result = read.map_err(|error| (format!("[{at}]"), error.to_string()));
        let told = result.and_then(|group| {
            let said = said(&group).map_err(|what| (group.name.clone(), what))?;
            tell(&group, said, document.source, sink);
            Ok(())
        });
        if let Err((entry, what)) = told {
            sink.problem(Problem { entry, what });
        }
    }
    Ok(())
}

type Said = (Status, Option<String>, Option<String>);

fn said(group: &Group) -> Result<Said, String> {
    match (group.status.as_str(), &group.fixed) {
        ("Fixed", Some(version)) => Ok((Status::Fixed, Some(version.clone()), None)),
        ("Fixed", None) => Err("it is fixed, and does not say in which version".to_owned()),
        ("Vulnerable", _) => Ok((Status::Affected, None, None)),
        ("Testing", Some(version)) => Ok((Status::Affected, None, Some(format!("testing: {version}")))),
        ("Testing", None) => Ok((Status::Affected, None, Some("testing".to_owned()))),
        ("Not affected", _) => Ok((Status::NotAffected, None, None)),
        ("Unknown", _) => Ok((Status::UnderInvestigation, None, None)),
        (other, _) => Err(format!("{other:?} is not a status that we know")),
    }
}

fn tell(group: &Group, (status, fixed, note): Said, source: &str, sink: &mut dyn Sink) {
    let own = std::slice::from_ref(&group.name);
    let ids = if group.issues.is_empty() {
        own
    } else {
        &group.issues
    };
    for id in ids {
        for package in &group.packages {
            sink.record(Record::Claim(Claim {
                source: source.to_owned(),
                authority: Authority::Vendor,
                vulnerability: id.clone(),
                platform: Platform::new("arch", ""),
                channel: Channel::MAIN,
                package: package.clone(),
                package_kind: PackageKind::Binary,
                arches: Vec::new(),
                module: None,
                status,
                introduced: None,
                fixed: fixed.clone(),
                last_affected: None,
                advisory: Some(group.advisories.first().unwrap_or(&group.name).clone()),
                severity: severity(&group.severity),
                note: note.clone(),
            }));
        }
    }
}

fn severity(word: &str) -> Option<Severity> {
    match word {
        "Low" => Some(Severity::Low),
        "Medium" => Some(Severity::Medium),
        "High" => Some(Severity::High),
        "Critical" => Some(Severity::Critical),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::Record;

    use crate::read::{Collected, Document};

    #[test]
    fn a_group_speaks_for_each_issue_and_package() {
        let text = r#"[
            {"name": "AVG-1", "packages": ["a", "lib32-a"], "status": "Fixed", "severity": "Critical", "affected": "1-1", "fixed": "1-2", "issues": ["CVE-2024-1", "CVE-2024-2"], "advisories": ["ASA-1"]},
            {"name": "AVG-2", "packages": ["b"], "status": "Testing", "severity": "Unknown", "affected": "1-1", "fixed": "2-1", "issues": ["CVE-2024-3"]},
            {"name": "AVG-3", "packages": ["c"], "status": "Vulnerable", "severity": "Low", "fixed": null, "issues": []},
            {"name": "AVG-4", "packages": ["d"], "status": "Not affected", "severity": "High", "issues": ["CVE-2024-4"]},
            {"name": "AVG-5", "packages": ["e"], "status": "Fixed", "issues": ["CVE-2024-5"]},
            {"name": "AVG-6", "packages": 7}, 8]"#;
        let mut out = Collected::default();
        let document = Document {
            source: "arch",
            name: "all.json",
            bytes: text.as_bytes(),
        };
        super::read(document, &mut out).expect("groups");
        let claims = out.records.iter().filter_map(|record| match record {
            Record::Claim(c) => Some(format!(
                "{} {} {:?} {:?} {:?} {:?} {:?}\n",
                c.package, c.vulnerability, c.status, c.fixed, c.advisory, c.severity, c.note
            )),
            _ => None,
        });
        let problems = out
            .problems
            .iter()
            .map(|p| format!("problem: {}: {}\n", p.entry, p.what));
        expect_test::expect![[r#"
            a CVE-2024-1 Fixed Some("1-2") Some("ASA-1") Some(Critical) None
            lib32-a CVE-2024-1 Fixed Some("1-2") Some("ASA-1") Some(Critical) None
            a CVE-2024-2 Fixed Some("1-2") Some("ASA-1") Some(Critical) None
            lib32-a CVE-2024-2 Fixed Some("1-2") Some("ASA-1") Some(Critical) None
            b CVE-2024-3 Affected None Some("AVG-2") None Some("testing: 2-1")
            c AVG-3 Affected None Some("AVG-3") Some(Low) None
            d CVE-2024-4 NotAffected None Some("AVG-4") Some(High) None
            problem: AVG-5: it is fixed, and does not say in which version
            problem: [5]: invalid type: integer `7`, expected a sequence at line 1 column 31
            problem: [6]: invalid type: integer `8`, expected struct Group at line 1 column 1
        "#]]
        .assert_eq(&claims.chain(problems).collect::<String>());
    }

    #[test]
    fn something_else_is_refused() {
        for text in ["", "{}", "[", "7"] {
            let document = Document {
                source: "arch",
                name: "all.json",
                bytes: text.as_bytes(),
            };
            assert!(
                super::read(document, &mut Collected::default()).is_err(),
                "{text}"
            );
        }
    }
}
