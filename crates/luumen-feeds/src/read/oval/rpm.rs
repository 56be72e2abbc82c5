//! OVAL of rpm distributions: Red Hat, Oracle, SUSE, AlmaLinux.
//!
//! | what the publisher says | our status |
//! |---|---|
//! | package is earlier than a version | fixed |
//! | SUSE: package of version 0 must be installed (`is not affected`) | not affected |
//! | SUSE: package is any version, or a version and later | affected (`introduced`, where it is not 0) |
//! | Red Hat `com.redhat.unaffected` | not affected |
//! | Red Hat, package is installed, resolution `Affected` or none | affected |
//! | … `Fix deferred` | deferred |
//! | … `Will not fix` | will not fix |
//! | … `Out of support scope` | end of life |
//! | … `Under investigation` | under investigation |
//! | … `Not affected` | not affected |
//!
//! Signing keys and whether a kernel is running or set to boot are not looked at: the matcher knows the running kernel itself.

use luumen_model::advisory::{self, Channel, Claim, Cvss, CvssVersion, Record, Status};

use super::{
    Criterion, Definition, Leaf, Tables,
    place::{self, Place},
};
use crate::read::{
    Document, Problem, ReadError, Sink, dates,
    markup::Element,
    rpm::{self, Evr, Gather},
};

struct Publisher {
    /// Giver of CVSS scores.
    name: &'static str,
    /// Sources of references that are advisories.
    advisories: &'static [&'static str],
    /// Where a test with these conditions holds; nothing where that is not said.
    places: fn(&Definition, &[String]) -> Option<Vec<Place>>,
}

const RED_HAT: Publisher = Publisher {
    name: "redhat",
    advisories: &["RHSA", "RHBA", "RHEA"],
    places: place::of_redhat,
};
const ORACLE: Publisher = Publisher {
    name: "oracle",
    advisories: &["elsa", "elba"],
    places: place::of_oracle,
};
const SUSE: Publisher = Publisher {
    name: "suse",
    advisories: &["SUSE-SU", "openSUSE-SU", "SUSE-RU"],
    places: place::of_suse,
};
const ALMA: Publisher = Publisher {
    name: "almalinux",
    advisories: &["ALSA", "ALBA", "ALEA"],
    places: place::of_alma,
};

pub(in crate::read) fn read_redhat(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    read(document, &RED_HAT, sink)
}

pub(in crate::read) fn read_oracle(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    read(document, &ORACLE, sink)
}

pub(in crate::read) fn read_suse(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    read(document, &SUSE, sink)
}

pub(in crate::read) fn read_alma(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    read(document, &ALMA, sink)
}

fn read(document: Document<'_>, publisher: &Publisher, sink: &mut dyn Sink) -> Result<(), ReadError> {
    super::read(document.bytes, sink, &mut |tables, definition, sink| {
        if matches!(definition.class.as_str(), "patch" | "vulnerability") {
            let reading = Reading {
                source: document.source,
                publisher,
                tables,
                definition: &definition,
            };
            reading.tell(sink);
        }
    })
}

struct Reading<'a> {
    source: &'a str,
    publisher: &'a Publisher,
    tables: &'a Tables,
    definition: &'a Definition,
}

impl Reading<'_> {
    fn tell(&self, sink: &mut dyn Sink) {
        let mut ids = self.cves();
        if ids.is_empty() {
            ids.extend(self.advisory());
        }
        if ids.is_empty() {
            return self.problem("it names neither a CVE nor an advisory".to_owned(), sink);
        }
        let Some(criteria) = &self.definition.criteria else {
            return self.problem("it has no criteria".to_owned(), sink);
        };
        let all = criteria.tests();
        let missing = all
            .iter()
            .filter(|test| self.tables.test(&test.test).is_none())
            .count();
        if missing > 0 {
            self.problem(
                format!("{missing} of its {} tests are not in the document", all.len()),
                sink,
            );
        }
        let mut gather = Gather::default();
        for leaf in criteria.leaves(&|criterion| self.is_about_package(criterion)) {
            match self.claim(&leaf) {
                Ok(claim) if self.spread(&claim, &leaf, &ids, &mut gather) => {}
                Ok(_) => self.problem("it does not say which release it is for".to_owned(), sink),
                Err(what) => self.problem(format!("{}: {what}", leaf.criterion.comment), sink),
            }
        }
        for id in &ids {
            if let Some(record) = self.vulnerability(id, sink) {
                sink.record(record);
            }
        }
        gather.tell(sink);
    }

    fn problem(&self, what: String, sink: &mut dyn Sink) {
        let entry = self.definition.id.clone();
        sink.problem(Problem { entry, what });
    }

    /// The CVEs of the references, which SUSE writes with its own name before them.
    fn cves(&self) -> Vec<String> {
        let found = self.definition.references("CVE");
        let ids = found.filter_map(|id| id.split_whitespace().next_back());
        let mut ids: Vec<String> = ids
            .filter(|id| id.starts_with("CVE-"))
            .map(str::to_owned)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn advisory(&self) -> Option<String> {
        let sources = self.publisher.advisories.iter();
        let mut found = sources.flat_map(|source| self.definition.references(source));
        found.next().map(str::to_owned)
    }

    /// A test of a package's version or presence: not of a signature, not of the release of the system.
    fn is_about_package(&self, criterion: &Criterion) -> bool {
        let Some(test) = self.tables.test(&criterion.test) else {
            return false;
        };
        let named = test.looked_at("name").is_some_and(|name| !name.value.is_empty());
        let none = test
            .required("version")
            .is_some_and(|version| version.value == "0");
        let evr = test.required("evr").is_some_and(|evr| evr.operation != "equals");
        let presence = test.states.is_empty() && test.existence != "none_exist";
        test.kind == "rpminfo_test" && named && !criterion.negate && (none || evr || presence)
    }

    /// The claim of a test, without vulnerability and place.
    fn claim(&self, leaf: &Leaf<'_>) -> Result<Claim, String> {
        let test = self
            .tables
            .test(&leaf.criterion.test)
            .ok_or("the test is not in the document")?;
        let name = test.looked_at("name").ok_or("it does not say which package")?;
        if name.operation != "equals" {
            return Err(format!("the package is a pattern, {:?}", name.value));
        }
        let mut claim = rpm::blank(self.source, &name.value);
        claim.advisory = self.advisory();
        claim.severity = self.advisory_text("severity").and_then(rpm::severity);
        claim.arches = test
            .required("arch")
            .map(|arch| arches(&arch.value))
            .unwrap_or_default();
        let Some(evr) = test.required("evr") else {
            (claim.status, claim.note) = match test.required("version") {
                Some(_) => (Status::NotAffected, None),
                None => self.unfixed(&name.value)?,
            };
            return Ok(claim);
        };
        let version = Evr::parse(&evr.value).ok_or_else(|| format!("{:?} is not a version", evr.value))?;
        match evr.operation.as_str() {
            "less than" => {
                claim.status = Status::Fixed;
                claim.fixed = Some(version.0);
            }
            "greater than" | "greater than or equal" => {
                claim.status = Status::Affected;
                claim.introduced = Some(version.0).filter(|version| version != "0:0-0");
            }
            other => {
                return Err(format!(
                    "versions are compared by {other:?}, which we cannot read"
                ));
            }
        }
        Ok(claim)
    }

    /// What is said of a package that need only be installed.
    fn unfixed(&self, package: &str) -> Result<(Status, Option<String>), String> {
        if self.definition.class == "patch" {
            return Err("a patch definition asks only whether it is installed".to_owned());
        }
        if self.definition.id.contains(".unaffected:") {
            return Ok((Status::NotAffected, None));
        }
        let affected = self
            .definition
            .metadata
            .child("advisory")
            .and_then(|advisory| advisory.child("affected"));
        let resolutions: Vec<&Element> = affected
            .into_iter()
            .flat_map(|affected| affected.all("resolution"))
            .collect();
        let names = |resolution: &&&Element| {
            resolution
                .all("component")
                .any(|component| component.text() == package)
        };
        let by_name = resolutions.iter().find(names);
        let only = resolutions.first().filter(|_| resolutions.len() == 1);
        let Some(state) = by_name
            .or(only)
            .and_then(|resolution| resolution.attribute("state"))
        else {
            return Ok((Status::Affected, None));
        };
        let status = match state.to_ascii_lowercase().as_str() {
            "affected" => Status::Affected,
            "fix deferred" => Status::Deferred,
            "will not fix" => Status::WillNotFix,
            "out of support scope" => Status::EndOfLife,
            "under investigation" => Status::UnderInvestigation,
            "not affected" => Status::NotAffected,
            _ => return Err(format!("{state:?} is not a state that we know")),
        };
        Ok((status, Some(state.to_owned())))
    }

    /// One claim for each CVE and each place, with the module and the architecture that the conditions ask for. False if there is no place.
    fn spread(&self, claim: &Claim, leaf: &Leaf<'_>, ids: &[String], gather: &mut Gather) -> bool {
        let comments = leaf.conditions.iter().flat_map(|condition| condition.tests());
        let comments: Vec<String> = comments.map(|test| test.comment.clone()).collect();
        let mut claim = claim.clone();
        claim.module = comments.iter().find_map(|comment| module(comment));
        let arch = comments
            .iter()
            .filter_map(|comment| comment.split_once(" arch is "));
        let arches = arch.flat_map(|(_, system)| of_system(system));
        claim.arches.extend(arches.map(str::to_owned));
        let Some(places) = (self.publisher.places)(self.definition, &comments) else {
            return false;
        };
        for (platform, channel) in places {
            claim.platform = platform;
            claim.channel = build_channel(&claim).unwrap_or(channel);
            for id in ids {
                claim.vulnerability.clone_from(id);
                gather.add(claim.clone());
            }
        }
        true
    }

    fn advisory_text(&self, name: &str) -> Option<&str> {
        self.definition.metadata.child("advisory")?.text_of(name)
    }

    fn vulnerability(&self, id: &str, sink: &mut dyn Sink) -> Option<Record> {
        let advisory = self.definition.metadata.child("advisory")?;
        // SUSE lists what the NVD says beside its own.
        let own = |cve: &&Element| cve.text().starts_with(id) && !cve.text().ends_with(" at NVD");
        let cve = advisory
            .all("cve")
            .find(|cve| own(cve) && is_id(cve.text(), id))?;
        let alone = self.definition.class == "vulnerability";
        let text = |name: &str| self.definition.metadata.text_of(name).map(str::to_owned);
        let published = cve.attribute("public").map(public_day).transpose();
        let published_at = published.unwrap_or_else(|what| {
            self.problem(what, sink);
            None
        });
        Some(Record::Vulnerability(advisory::Vulnerability {
            id: id.to_owned(),
            source: self.source.to_owned(),
            title: text("title").filter(|_| alone),
            description: text("description").filter(|_| alone),
            published_at,
            severity: cve.attribute("impact").and_then(rpm::severity),
            cvss: scores(cve, self.publisher.name),
            cwes: cve.attribute("cwe").map(weaknesses).unwrap_or_default(),
            references: cve.attribute("href").map(str::to_owned).into_iter().collect(),
            ..advisory::Vulnerability::default()
        }))
    }
}

fn is_id(text: &str, id: &str) -> bool {
    text.split_whitespace().next() == Some(id)
}

/// Oracle's builds that stand beside the ones that every host gets.
fn build_channel(claim: &Claim) -> Option<Channel> {
    let fixed = claim.fixed.as_deref().filter(|_| claim.platform.family == "ol")?;
    match fixed {
        _ if fixed.contains(".ksplice") => Some(Channel::new("ksplice")),
        _ if fixed.ends_with("_fips") => Some(Channel::new("fips")),
        _ => None,
    }
}

/// `nodejs:18` of `Module nodejs:18 is enabled`.
fn module(comment: &str) -> Option<String> {
    let module = comment.strip_prefix("Module ")?.strip_suffix(" is enabled")?;
    module.contains(':').then(|| module.to_owned())
}

/// The architectures of packages that a system can have, whose own Oracle asks for: one of 64 bits runs the libraries of 32, too.
fn of_system(arch: &str) -> Vec<&str> {
    match arch {
        "x86_64" => vec!["i686", "x86_64"],
        "i386" => vec!["i386", "i486", "i586", "i686"],
        other => vec![other],
    }
}

/// `aarch64|x86_64`, with or without brackets.
fn arches(pattern: &str) -> Vec<String> {
    let arches = pattern.trim_matches(['(', ')', '^', '$']).split('|');
    arches
        .filter(|arch| !arch.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `20220520`.
fn public_day(text: &str) -> Result<luumen_model::Timestamp, String> {
    match (text.get(..4), text.get(4..6), text.get(6..8)) {
        (Some(year), Some(month), Some(day)) => dates::day(&format!("{year}-{month}-{day}")),
        _ => Err(format!("{text:?} is not a day")),
    }
}

/// `CWE-416`, `CWE-200->CWE-125`, `(CWE-119|CWE-120)`.
fn weaknesses(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let parts = parts.map(|part| part.trim_matches('-'));
    parts
        .filter(|part| part.starts_with("CWE-"))
        .map(str::to_owned)
        .collect()
}

/// `7.0/CVSS:3.1/AV:L/…`, and `7.8/AV:N/…` of CVSS 2. A vector without a score is left out: who reads it cannot tell what the vendor made of it.
fn scores(cve: &Element, source: &str) -> Vec<Cvss> {
    let written = ["cvss4", "cvss3", "cvss2"]
        .iter()
        .filter_map(|name| cve.attribute(name));
    let score = |text: &str| {
        let (score, vector) = text.split_once('/')?;
        let score: f64 = score.parse().ok().filter(|score| (0.0..=10.0).contains(score))?;
        let version = match vector {
            _ if vector.starts_with("CVSS:4.0") => CvssVersion::V4,
            _ if vector.starts_with("CVSS:3.1") => CvssVersion::V31,
            _ if vector.starts_with("CVSS:3.0") => CvssVersion::V30,
            _ => CvssVersion::V2,
        };
        Some(Cvss {
            version,
            score,
            vector: vector.to_owned(),
            source: source.to_owned(),
        })
    };
    written.filter_map(score).collect()
}
