//! The JSON of Debian's security tracker: package → CVE → release → what is known.
//!
//! | Debian | ours |
//! |---|---|
//! | `resolved` with a `fixed_version` | fixed in that version |
//! | `resolved` with version `0` | not affected: never was |
//! | `open` | affected |
//! | `open`, `nodsa_reason: postponed` | deferred |
//! | `open`, `nodsa_reason: ignored` | will not fix |
//! | `open`, another or empty `nodsa_reason` | affected; no advisory is planned |
//! | `open`, urgency `end-of-life` | end of life |
//! | `undetermined` | under investigation |
//!
//! The note keeps the words of `nodsa`, and `unimportant`. The document does not tell LTS from the years before it: all claims are of the main channel.
//! The whole file has some 60 MB, so it is walked package by package.

use std::{collections::BTreeMap, fmt};

use luumen_model::advisory::{Claim, Record, Status, Vulnerability};
use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Place, claim, place, severity};
use crate::read::{Document, Problem, ReadError, Sink, dpkg};

#[derive(Deserialize)]
struct Entry {
    description: Option<String>,
    #[serde(default)]
    releases: BTreeMap<String, Box<RawValue>>,
}

#[derive(Deserialize)]
struct Release {
    status: String,
    fixed_version: Option<String>,
    #[serde(default)]
    urgency: String,
    nodsa: Option<String>,
    nodsa_reason: Option<String>,
}

/// Reads the document.
pub(in crate::read) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut deserializer = serde_json::Deserializer::from_slice(document.bytes);
    let source = document.source;
    deserializer
        .deserialize_map(Packages { source, sink })
        .and_then(|()| deserializer.end())
        .map_err(ReadError::Json)
}

struct Packages<'a> {
    source: &'a str,
    sink: &'a mut dyn Sink,
}

impl<'de> Visitor<'de> for Packages<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("packages by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(package) = map.next_key::<String>()? {
            let raw: &RawValue = map.next_value()?;
            match serde_json::from_str::<BTreeMap<String, &RawValue>>(raw.get()) {
                Ok(entries) => {
                    for (id, entry) in entries {
                        tell(self.source, &package, &id, entry, self.sink);
                    }
                }
                Err(error) => self.sink.problem(Problem {
                    entry: package,
                    what: error.to_string(),
                }),
            }
        }
        Ok(())
    }
}

fn tell(source: &str, package: &str, id: &str, raw: &RawValue, sink: &mut dyn Sink) {
    let problem = |what: String| Problem {
        entry: format!("{package} {id}"),
        what,
    };
    let entry: Entry = match serde_json::from_str(raw.get()) {
        Ok(entry) => entry,
        Err(error) => return sink.problem(problem(error.to_string())),
    };
    sink.record(Record::Vulnerability(Vulnerability {
        id: id.to_owned(),
        source: source.to_owned(),
        description: entry.description,
        ..Vulnerability::default()
    }));
    for (codename, raw) in &entry.releases {
        match release_claim(source, package, id, codename, raw) {
            Ok(Some(claim)) => sink.record(Record::Claim(claim)),
            Ok(None) => {}
            Err(what) => sink.problem(problem(format!("{codename}: {what}"))),
        }
    }
}

fn release_claim(
    source: &str,
    package: &str,
    id: &str,
    codename: &str,
    raw: &RawValue,
) -> Result<Option<Claim>, String> {
    let release: Release = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
    let at = match place(codename) {
        Place::Release(platform, channel) => (platform, channel),
        Place::Elsewhere => return Ok(None),
        Place::Unknown => return Err("it is not a release of Debian that we know".to_owned()),
    };
    let (status, fixed) = status(&release)?;
    let mut claim = claim(source, id, at, package, status);
    claim.fixed = fixed.map(str::to_owned);
    claim.severity = severity(&release.urgency);
    claim.note = note(&release);
    Ok(Some(claim))
}

fn status(release: &Release) -> Result<(Status, Option<&str>), String> {
    let open = match (release.urgency.as_str(), release.nodsa_reason.as_deref()) {
        ("end-of-life", _) => Status::EndOfLife,
        (_, Some("ignored")) => Status::WillNotFix,
        (_, Some("postponed")) => Status::Deferred,
        _ => Status::Affected,
    };
    match (release.status.as_str(), release.fixed_version.as_deref()) {
        ("resolved", Some("0")) => Ok((Status::NotAffected, None)),
        ("resolved", Some(version)) if dpkg::is_version(version) => Ok((Status::Fixed, Some(version))),
        ("resolved", Some(version)) => Err(format!("{version:?} is not a version")),
        ("resolved", None) => Err("resolved, without the version".to_owned()),
        ("open", _) => Ok((open, None)),
        ("undetermined", _) => Ok((Status::UnderInvestigation, None)),
        (other, _) => Err(format!("{other:?} is not a status that we know")),
    }
}

fn note(release: &Release) -> Option<String> {
    let unimportant = (release.urgency == "unimportant").then_some("unimportant");
    let nodsa = release.nodsa.as_deref().filter(|words| !words.is_empty());
    let words: Vec<&str> = unimportant.into_iter().chain(nodsa).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::Record;

    use crate::read::{Collected, Document};

    fn read(text: &str) -> (Collected, bool) {
        let mut out = Collected::default();
        let document = Document {
            source: "debian",
            name: "json",
            bytes: text.as_bytes(),
        };
        let whole = super::read(document, &mut out).is_ok();
        (out, whole)
    }

    #[test]
    fn every_release_of_every_cve_is_a_claim() {
        let (out, whole) = read(include_str!("../../../tests/samples/debian/tracker.json"));
        assert!(whole);
        let claims = out.records.iter().filter_map(|record| match record {
            Record::Claim(c) => Some(format!(
                "{} {} {} {:?} {} {:?} {}\n",
                c.vulnerability,
                c.platform,
                c.package,
                c.status,
                c.fixed.as_deref().unwrap_or("-"),
                c.severity.unwrap_or_default(),
                c.note.as_deref().unwrap_or("-"),
            )),
            _ => None,
        });
        expect_test::expect![[r#"
            CVE-2024-99001 debian/12 qemu Affected - Unknown Minor issue
            CVE-2024-99001 debian/11 qemu WillNotFix - Low unimportant, Too intrusive
            CVE-2024-99001 debian/10 qemu EndOfLife - Unknown -
            CVE-2024-99001 debian/14 qemu Deferred - Medium Later
            CVE-2024-99001 debian/sid qemu Fixed 1:8.1.1+ds-2 High -
            CVE-2024-99001 debian/13 qemu NotAffected - Low unimportant
            TEMP-0000000-0CA7E3 debian/sid qemu UnderInvestigation - Unknown -
        "#]]
        .assert_eq(&claims.collect::<String>());
        let problems: Vec<_> = out.problems.iter().map(|p| (&*p.entry, &*p.what)).collect();
        expect_test::expect![[r#"
            [
                (
                    "qemu CVE-2024-99002",
                    "bookworm: missing field `status` at line 1 column 2",
                ),
                (
                    "qemu CVE-2024-99002",
                    "sid: \"soon\" is not a version",
                ),
                (
                    "qemu CVE-2024-99002",
                    "zebra: it is not a release of Debian that we know",
                ),
                (
                    "xen",
                    "invalid type: integer `7`, expected a map at line 1 column 1",
                ),
            ]
        "#]]
        .assert_debug_eq(&problems);
    }

    #[test]
    fn what_was_read_before_the_tear_is_kept_and_the_tear_is_said() {
        let sample = include_str!("../../../tests/samples/debian/tracker.json");
        let (out, whole) = read(&sample[..sample.len() - 3]);
        assert!(!whole && !out.records.is_empty());
        for text in ["", "[]", "7", "{\"a\""] {
            assert!(!read(text).1, "{text}");
        }
    }
}
