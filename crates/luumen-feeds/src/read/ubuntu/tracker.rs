//! The files of ubuntu-cve-tracker: one a CVE, `active/CVE-…`, `retired/CVE-…`, and the same under `subprojects/`.
//!
//! A line `<place>_<source package>: <status> (<detail>)` becomes a claim about the source package. What the words mean stands in `status`, the
//! places in `releases`. Lines about upstream, the release in the making and snaps make no claim. Which notice (USN) brought a fix is not said here.
//!
//! Priorities: negligible and low → low, medium, high, critical; untriaged → none given. One for a package, or for a package in a place, goes before
//! the one of the file.

use std::collections::{BTreeSet, HashMap};

use luumen_model::Timestamp;
use luumen_model::advisory::{Authority, Claim, Cvss, PackageKind, Record, Severity, Vulnerability};

use super::{Place, Said, place, said};
use crate::cvss;
use crate::read::{Document, Problem, ReadError, Sink, dates};

/// Reads one file of the tracker.
pub(in crate::read) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let (folder, base) = document.name.rsplit_once('/').unwrap_or(("", document.name));
    if !base.starts_with("CVE-") && !folder.is_empty() {
        // The repository holds scripts, lists and boilerplates beside its entries.
        return Ok(());
    }
    let text = String::from_utf8_lossy(document.bytes);
    let entry = Entry::of(&text);
    let Some(id) = entry.candidate.filter(|id| id.starts_with("CVE-")) else {
        return Err(ReadError::other("it has no line \"Candidate: CVE-…\""));
    };
    entry.tell(id, document.source, sink);
    Ok(())
}

/// The parts of a file, still as text.
#[derive(Default)]
struct Entry<'a> {
    candidate: Option<&'a str>,
    published: Option<&'a str>,
    description: Vec<&'a str>,
    references: Vec<&'a str>,
    cvss: Vec<&'a str>,
    priority: Option<&'a str>,
    /// By package, or package and place: `linux`, `linux_trusty/esm`.
    priorities: HashMap<&'a str, &'a str>,
    lines: Vec<Line<'a>>,
    odd: Vec<&'a str>,
}

struct Line<'a> {
    place: &'a str,
    package: &'a str,
    status: &'a str,
}

/// The field whose indented lines are being read.
enum Field {
    Description,
    References,
    Cvss,
    Other,
}

impl<'a> Entry<'a> {
    fn of(text: &'a str) -> Self {
        let mut entry = Self::default();
        let mut field = Field::Other;
        for line in text.lines() {
            let content = line.trim();
            if content.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with([' ', '\t']) {
                entry.continued(&field, content);
                continue;
            }
            field = entry.line(line);
        }
        entry
    }

    fn continued(&mut self, field: &Field, content: &'a str) {
        match field {
            Field::Description => self.description.push(content),
            Field::References => self.references.push(content),
            Field::Cvss => self.cvss.push(content),
            Field::Other => {}
        }
    }

    fn line(&mut self, line: &'a str) -> Field {
        let Some((key, value)) = line.split_once(':') else {
            self.odd.push(line);
            return Field::Other;
        };
        let value = value.trim();
        match key {
            "Candidate" => self.candidate = Some(value),
            "PublicDate" => self.published = Some(value),
            "Priority" => self.priority = Some(value),
            "Description" => return Field::Description,
            "References" => return Field::References,
            "CVSS" => return Field::Cvss,
            _ => self.other(line, key, value),
        }
        Field::Other
    }

    fn other(&mut self, line: &'a str, key: &'a str, value: &'a str) {
        if let Some(of) = key.strip_prefix("Priority_") {
            self.priorities.insert(of, value);
        } else if key.starts_with(|c: char| c.is_ascii_uppercase()) {
            // Patches, tags, assignments: they say nothing about a version.
        } else if let Some((place, package)) = key.split_once('_').filter(|(_, package)| !package.is_empty())
        {
            self.lines.push(Line {
                place,
                package,
                status: value,
            });
        } else {
            self.odd.push(line);
        }
    }

    fn tell(&self, id: &str, source: &str, sink: &mut dyn Sink) {
        let problem = |what: String| Problem {
            entry: id.to_owned(),
            what,
        };
        match self.vulnerability(id, source) {
            Ok(vulnerability) => sink.record(Record::Vulnerability(vulnerability)),
            Err(what) => sink.problem(problem(what)),
        }
        for line in &self.odd {
            sink.problem(problem(format!("{line:?} is no line of the tracker")));
        }
        let mut unknown = BTreeSet::new();
        for line in &self.lines {
            match self.claim(line, id, source) {
                Told::Claim(claim) => sink.record(Record::Claim(*claim)),
                Told::Nothing => {}
                Told::UnknownPlace => {
                    unknown.insert(line.place);
                }
                Told::Unreadable(why) => sink.problem(problem(format!(
                    "{}_{}: {:?}: {why}",
                    line.place, line.package, line.status
                ))),
            }
        }
        for place in unknown {
            sink.problem(problem(format!(
                "{place:?} is not a release of Ubuntu that we know"
            )));
        }
    }

    fn vulnerability(&self, id: &str, source: &str) -> Result<Vulnerability, String> {
        let rejected = self
            .description
            .first()
            .is_some_and(|line| line.starts_with("** REJECT") || line.starts_with("Rejected reason"));
        Ok(Vulnerability {
            id: id.to_owned(),
            source: source.to_owned(),
            description: (!self.description.is_empty()).then(|| self.description.join(" ")),
            published_at: self.published.map(published_at).transpose()?.flatten(),
            rejected,
            severity: self.priority.and_then(severity),
            cvss: self.cvss.iter().filter_map(|line| cvss_line(line)).collect(),
            references: self.references.iter().map(|line| (*line).to_owned()).collect(),
            ..Vulnerability::default()
        })
    }

    fn claim(&self, line: &Line<'_>, id: &str, source: &str) -> Told {
        let (status, fixed, note) = match said(line.status) {
            Said::Nothing => return Told::Nothing,
            Said::Status(status, fixed, note) => (status, fixed, note),
            Said::Unreadable(why) => {
                return match place(line.place) {
                    Place::Elsewhere => Told::Nothing,
                    _ => Told::Unreadable(why),
                };
            }
        };
        let (platform, channel) = match place(line.place) {
            Place::Release(platform, channel) => (platform, channel),
            Place::Elsewhere => return Told::Nothing,
            Place::Unknown => return Told::UnknownPlace,
        };
        Told::Claim(Box::new(Claim {
            source: source.to_owned(),
            authority: Authority::Vendor,
            vulnerability: id.to_owned(),
            platform,
            channel,
            package: line.package.to_owned(),
            package_kind: PackageKind::Source,
            arches: Vec::new(),
            module: None,
            status,
            introduced: None,
            fixed: fixed.map(str::to_owned),
            last_affected: None,
            advisory: None,
            severity: self.priority_of(line),
            note: note.map(str::to_owned),
        }))
    }

    fn priority_of(&self, line: &Line<'_>) -> Option<Severity> {
        let of_package = || {
            if self.priorities.is_empty() {
                return None;
            }
            let here = format!("{}_{}", line.package, line.place);
            self.priorities
                .get(here.as_str())
                .or_else(|| self.priorities.get(line.package))
        };
        of_package().copied().or(self.priority).and_then(severity)
    }
}

/// What a line became.
enum Told {
    Claim(Box<Claim>),
    Nothing,
    UnknownPlace,
    Unreadable(&'static str),
}

pub(super) fn severity(priority: &str) -> Option<Severity> {
    // Newer entries say why behind the word.
    match priority.split_whitespace().next()? {
        "negligible" | "low" => Some(Severity::Low),
        "medium" => Some(Severity::Medium),
        "high" => Some(Severity::High),
        "critical" => Some(Severity::Critical),
        _ => None,
    }
}

/// `2023-07-20 03:15:00 UTC` or `2023-07-20`; `unknown` for some old ones.
fn published_at(text: &str) -> Result<Option<Timestamp>, String> {
    let text = text.strip_suffix("UTC").unwrap_or(text).trim();
    if text.is_empty() || text == "unknown" {
        return Ok(None);
    }
    dates::moment(text).or_else(|_| dates::day(text)).map(Some)
}

/// ` nvd: CVSS:3.1/AV:N/… [9.8 CRITICAL]`; the score beside the vector is used where we cannot compute one.
fn cvss_line(line: &str) -> Option<Cvss> {
    let (source, rest) = line.split_once(':')?;
    let rest = rest.trim();
    let (vector, written) = rest.split_once(' ').unwrap_or((rest, ""));
    let written = written.trim().trim_start_matches('[').split_whitespace().next();
    let score = cvss::base_score(vector).or_else(|| written?.parse().ok())?;
    Some(Cvss {
        version: cvss::version(vector)?,
        score,
        vector: vector.to_owned(),
        source: source.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::{Claim, Record, Severity, Vulnerability};

    use crate::read::{Collected, Document, ReadError};

    const SAMPLE: &str = include_str!("../../../tests/samples/ubuntu/CVE-2024-99001");

    fn read_named(name: &str, bytes: &[u8]) -> (Collected, Result<(), ReadError>) {
        let mut out = Collected::default();
        let source = "ubuntu-tracker";
        let result = super::read(Document { source, name, bytes }, &mut out);
        (out, result)
    }

    fn read(text: &str) -> Collected {
        let (out, result) = read_named("active/CVE-2024-99001", text.as_bytes());
        result.expect("an entry");
        out
    }

    fn claims(out: &Collected) -> Vec<&Claim> {
        let claims = out.records.iter().filter_map(|record| match record {
            Record::Claim(claim) => Some(claim),
            _ => None,
        });
        claims.collect()
    }

    fn line(claim: &Claim) -> String {
        let mut line = format!(
            "{} [{}] {} {:?}",
            claim.platform, claim.channel.0, claim.package, claim.status
        );
        for (name, value) in [("fixed", &claim.fixed), ("note", &claim.note)] {
            if let Some(value) = value {
                line += &format!(" {name}={value}");
            }
        }
        line + &format!(" {:?}\n", claim.severity.unwrap_or_default())
    }

    #[test]
    fn an_entry_becomes_a_claim_for_each_place() {
        let out = read(SAMPLE);
        let lines: String = claims(&out).into_iter().map(line).collect();
        expect_test::expect![[r#"
            ubuntu/14.04 [] openssh EndOfLife note=end of standard support, was needed Medium
            ubuntu/14.04 [esm] openssh Fixed fixed=1:6.6p1-2ubuntu2.13+esm1 High
            ubuntu/16.04 [] openssh EndOfLife note=end of standard support Medium
            ubuntu/16.04 [esm-infra] openssh Fixed fixed=1:7.2p2-4ubuntu2.10+esm3 Medium
            ubuntu/20.04 [fips] openssh UnderInvestigation Medium
            ubuntu/20.04 [] openssh Fixed fixed=1:8.2p1-4ubuntu0.8 Medium
            ubuntu/22.04 [] openssh Affected note=pending (1:8.9p1-3ubuntu0.3) Medium
            ubuntu/24.04 [] openssh NotAffected note=1:9.6p1-3ubuntu13 Medium
            ubuntu/22.04 [esm-apps] openssh-ssh1 Affected Low
            ubuntu/22.04 [] openssh-ssh1 WillNotFix note=changes too intrusive Low
        "#]]
        .assert_eq(&lines);
    }

    #[test]
    fn what_could_not_be_read_is_said() {
        let problems: Vec<_> = read(SAMPLE).problems.into_iter().map(|p| p.what).collect();
        expect_test::expect![[r#"
            [
                "bionic_openssh: \"released\": released, without the version",
                "\"zebra\" is not a release of Ubuntu that we know",
            ]
        "#]]
        .assert_debug_eq(&problems);
    }

    #[test]
    fn the_head_says_what_the_vulnerability_is() {
        let out = read(SAMPLE);
        let Some(Record::Vulnerability(Vulnerability {
            description,
            cvss,
            severity,
            references,
            published_at,
            ..
        })) = out.records.first()
        else {
            panic!("the vulnerability comes first");
        };
        assert_eq!(description.as_deref(), Some("A sample in two lines."));
        assert_eq!(cvss.len(), 1);
        assert_eq!((cvss[0].score, cvss[0].source.as_str()), (9.8, "nvd"));
        assert_eq!(*severity, Some(Severity::Medium));
        assert_eq!(references.len(), 2);
        assert!(published_at.is_some());
    }

    #[test]
    fn files_beside_the_entries_say_nothing_and_a_stranger_is_refused() {
        let (out, result) = read_named("active/00boilerplate", b"Candidate:\n");
        assert!(result.is_ok() && out.records.is_empty() && out.problems.is_empty());
        for bytes in [&b""[..], b"{}", b"Candidate: 7\n", b"\xff\xfe\x00"] {
            assert!(read_named("CVE-2024-99001", bytes).1.is_err());
        }
    }

    #[test]
    fn a_rejected_entry_is_marked() {
        let out = read("Candidate: CVE-2024-99001\nDescription:\n ** REJECT ** do not use\n");
        assert!(matches!(&out.records[..], [Record::Vulnerability(v)] if v.rejected));
    }
}
