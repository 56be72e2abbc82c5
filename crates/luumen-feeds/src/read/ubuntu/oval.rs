//! Ubuntu's OVAL: documents by CVE, by package and by notice (USN), for hosts (`dpkginfo_test`) and for images (a manifest's lines).
//!
//! | Ubuntu's comment | the tracker's word, whose meaning stands in `status` |
//! |---|---|
//! | `was vulnerable but has been fixed` | `released`, with the version of the state |
//! | `was vulnerable and has been fixed, but no release version available` | `released`: unreadable, nobody says in what |
//! | `is affected and needs fixing` | `needed` |
//! | `is affected and may need fixing` | `needs-triage` |
//! | `is affected. An update containing the fix … pending publication` | `pending` |
//! | `is affected, but a decision has been made to defer` | `deferred` |
//! | `a decision has been made to ignore this issue` | `ignored` |
//! | `is related to the CVE in some way and has been fixed`, `is not affected` | `not-affected` |
//!
//! Such comments name the **source** package and the place (`fips-updates/jammy`); the tests look at all of its binaries, whose names stand in a
//! variable, and compare the binaries' versions with the source's. Definitions of notices say only which binaries are older than what: they are claims about
//! binary packages. Whether a kernel runs is not looked at: the matcher knows the running one itself.

use luumen_model::Timestamp;
use luumen_model::advisory::{
    self, Authority, Channel, Claim, Cvss, CvssVersion, PackageKind, Platform, Record, Status,
};

use super::{Place, Said, place, said, tracker::severity};
use crate::read::{
    Document, Problem, ReadError, Sink, dates, dpkg,
    markup::Element,
    oval::{self, Criterion, Definition, Tables},
};

/// Reads the document.
pub(in crate::read) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    oval::read(document.bytes, sink, &mut |tables, definition, sink| {
        if !matches!(definition.class.as_str(), "patch" | "vulnerability") {
            return;
        }
        let reading = Reading {
            source: document.source,
            tables,
            definition: &definition,
        };
        if let Err(what) = reading.tell(sink) {
            sink.problem(reading.problem(what));
        }
    })
}

struct Reading<'a> {
    source: &'a str,
    tables: &'a Tables,
    definition: &'a Definition,
}

impl Reading<'_> {
    fn tell(&self, sink: &mut dyn Sink) -> Result<(), String> {
        let criteria = self.definition.criteria.as_ref().ok_or("it has no criteria")?;
        for criterion in criteria.tests() {
            let told = match self.tables.test(&criterion.test) {
                None => Err("the test is not in the document".to_owned()),
                Some(_) => self.tell_criterion(criterion, sink),
            };
            if let Err(what) = told {
                sink.problem(self.problem(format!("{}: {what}", criterion.comment)));
            }
        }
        for cve in self.cves() {
            match self.vulnerability(cve) {
                Ok(record) => sink.record(record),
                Err(what) => sink.problem(self.problem(what)),
            }
        }
        Ok(())
    }

    fn problem(&self, what: String) -> Problem {
        Problem {
            entry: self.definition.id.clone(),
            what,
        }
    }

    fn tell_criterion(&self, criterion: &Criterion, sink: &mut dyn Sink) -> Result<(), String> {
        let claims = if let Some(words) = Words::of(&criterion.comment) {
            self.of_source(criterion, &words)?
        } else if self.definition.class == "patch" {
            self.of_binaries(criterion)?
        } else {
            // Whether a kernel runs, or which release this is.
            return Ok(());
        };
        for claim in claims {
            sink.record(Record::Claim(claim));
        }
        Ok(())
    }

    /// What a comment says of a source package, for the CVE that it names or for those of the definition.
    fn of_source(&self, criterion: &Criterion, words: &Words<'_>) -> Result<Vec<Claim>, String> {
        let version = self.version(criterion)?;
        let tracker = words
            .in_the_trackers(version.as_deref())
            .ok_or("its words are none that we know")?;
        let (status, fixed, note) = match said(&tracker) {
            Said::Nothing => return Ok(Vec::new()),
            Said::Unreadable(why) => return Err(why.to_owned()),
            Said::Status(status, fixed, note) => (status, fixed, note),
        };
        let (platform, channel) = match place(words.place) {
            Place::Release(platform, channel) => (platform, channel),
            Place::Elsewhere => return Ok(Vec::new()),
            Place::Unknown => {
                return Err(format!(
                    "{:?} is not a release of Ubuntu that we know",
                    words.place
                ));
            }
        };
        let ids: Vec<&str> = match words.cve {
            Some(cve) => vec![cve],
            None => self.definition.references("CVE").collect(),
        };
        let claim = |id: &str| {
            let mut claim = self.claim(
                id,
                (&platform, &channel),
                PackageKind::Source,
                words.package,
                status,
            );
            claim.fixed = fixed.map(str::to_owned);
            claim.note = note.map(str::to_owned);
            claim
        };
        Ok(ids.into_iter().map(claim).collect())
    }

    /// What a notice says of binary packages.
    fn of_binaries(&self, criterion: &Criterion) -> Result<Vec<Claim>, String> {
        let test = self
            .tables
            .test(&criterion.test)
            .ok_or("it is not in the document")?;
        let named = test.looked_at("name").or_else(|| test.looked_at("pattern"));
        let Some(named) = named.filter(|_| is_about_package(test.kind)) else {
            return Ok(Vec::new());
        };
        let fixed = self
            .version(criterion)?
            .ok_or("a notice asks only whether it is installed")?;
        let (platform, channel) = self.platform(&fixed)?;
        let values = match &named.variable {
            Some(variable) => self.tables.values(variable),
            None => std::slice::from_ref(&named.value),
        };
        let notice = self.definition.references("USN").next();
        let mut ids: Vec<&str> = self.definition.references("CVE").collect();
        let title = self.definition.metadata.text_of("title").unwrap_or_default();
        // A correction of an earlier notice is no vulnerability of its own.
        if ids.is_empty() && !title.contains("regression") {
            ids.extend(notice);
        }
        let mut claims = Vec::new();
        for value in values {
            let binary = binary(value).ok_or_else(|| format!("the package is a pattern, {value:?}"))?;
            for id in &ids {
                let mut claim = self.claim(
                    id,
                    (&platform, &channel),
                    PackageKind::Binary,
                    binary,
                    Status::Fixed,
                );
                claim.fixed = Some(fixed.clone());
                claim.advisory = notice.map(str::to_owned);
                claims.push(claim);
            }
        }
        Ok(claims)
    }

    /// The version that the test's state asks to be older than, if it has one.
    fn version(&self, criterion: &Criterion) -> Result<Option<String>, String> {
        let test = self
            .tables
            .test(&criterion.test)
            .ok_or("it is not in the document")?;
        let asked = test.required("evr").or_else(|| test.required("subexpression"));
        let Some(asked) = asked else {
            return Ok(None);
        };
        if asked.operation != "less than" {
            return Err(format!(
                "versions are compared by {:?}, which we cannot read",
                asked.operation
            ));
        }
        // OVAL asks for an epoch where Ubuntu leaves it out.
        let version = asked.value.strip_prefix("0:").unwrap_or(&asked.value);
        match dpkg::is_version(version) {
            true => Ok(Some(version.to_owned())),
            false => Err(format!("{:?} is not a version", asked.value)),
        }
    }

    /// `Ubuntu 22.04 LTS`, `Ubuntu Pro FIPS-updates 22.04 LTS`; builds for subscribers are told by their versions.
    fn platform(&self, fixed: &str) -> Result<(Platform, Channel), String> {
        let name = self
            .definition
            .platforms()
            .next()
            .ok_or("it does not say which release it is for")?;
        let is_number = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
        let number = name.split_whitespace().find(is_number);
        let number = number.ok_or_else(|| format!("{name:?} is not a release of Ubuntu that we know"))?;
        let channel = match name {
            _ if name.contains("FIPS-updates") => "fips-updates",
            _ if name.contains("FIPS") => "fips",
            _ if fixed.contains("esm") => "esm",
            _ => "",
        };
        Ok((Platform::new("ubuntu", number), Channel::new(channel)))
    }

    fn claim(
        &self,
        id: &str,
        at: (&Platform, &Channel),
        kind: PackageKind,
        package: &str,
        status: Status,
    ) -> Claim {
        let cve = self.cves().find(|cve| cve.text() == id);
        Claim {
            source: self.source.to_owned(),
            authority: Authority::Vendor,
            vulnerability: id.to_owned(),
            platform: at.0.clone(),
            channel: at.1.clone(),
            package: package.to_owned(),
            package_kind: kind,
            arches: Vec::new(),
            module: None,
            status,
            introduced: None,
            fixed: None,
            last_affected: None,
            advisory: None,
            severity: cve.and_then(|cve| cve.attribute("priority")).and_then(severity),
            note: None,
        }
    }

    /// The `<cve>` elements of the advisory.
    fn cves(&self) -> impl Iterator<Item = &Element> {
        let advisory = self.definition.metadata.child("advisory");
        let named = |cve: &&Element| cve.text().starts_with("CVE-");
        advisory
            .into_iter()
            .flat_map(|advisory| advisory.all("cve"))
            .filter(named)
    }

    fn vulnerability(&self, cve: &Element) -> Result<Record, String> {
        let about_it = self.definition.class == "vulnerability" && self.cves().count() == 1;
        let title = self.definition.metadata.text_of("title").unwrap_or_default();
        let description = self
            .definition
            .metadata
            .text_of("description")
            .unwrap_or_default();
        let description = description
            .split("Update Instructions:")
            .next()
            .unwrap_or_default()
            .trim();
        let described = about_it && title.starts_with(cve.text()) && !description.is_empty();
        Ok(Record::Vulnerability(advisory::Vulnerability {
            id: cve.text().to_owned(),
            source: self.source.to_owned(),
            description: described.then(|| description.to_owned()),
            published_at: cve.attribute("public").map(public_day).transpose()?,
            severity: cve.attribute("priority").and_then(severity),
            cvss: score(cve).into_iter().collect(),
            references: cve.attribute("href").map(str::to_owned).into_iter().collect(),
            ..advisory::Vulnerability::default()
        }))
    }
}

/// `(CVE-2023-48795) openssh package in jammy was vulnerable but has been fixed (note: '1:8.9p1-3ubuntu0.5').`
struct Words<'a> {
    cve: Option<&'a str>,
    package: &'a str,
    place: &'a str,
    said: &'a str,
    note: &'a str,
}

impl<'a> Words<'a> {
    fn of(comment: &'a str) -> Option<Self> {
        let (cve, rest) = match comment.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
            Some((cve, rest)) => (Some(cve), rest),
            None => (None, comment),
        };
        let (package, rest) = rest.split_once(" package in ")?;
        let package = package.strip_prefix("The ").unwrap_or(package).trim_matches('\'');
        let end = rest.find([' ', ',', ':'])?;
        let (place, said) = rest.split_at(end);
        let (said, note) = said.split_once("(note: '").unwrap_or((said, ""));
        Some(Self {
            cve,
            package,
            place,
            said,
            note: note.trim_end_matches(['.', ')', '\'']),
        })
    }

    /// The same as the tracker would write it.
    fn in_the_trackers(&self, version: Option<&str>) -> Option<String> {
        const MEANINGS: [(&str, &str); 8] = [
            ("was vulnerable but has been fixed", "released"),
            (
                "was vulnerable and has been fixed, but no release version",
                "released",
            ),
            ("is affected and needs fixing", "needed"),
            ("is affected and may need fixing", "needs-triage"),
            ("is affected. An update containing the fix", "pending"),
            ("is affected, but a decision has been made to defer", "deferred"),
            ("a decision has been made to ignore this issue", "ignored"),
            (
                "is related to the CVE in some way and has been fixed",
                "not-affected",
            ),
        ];
        let known = MEANINGS.iter().find(|(words, _)| self.said.contains(words));
        let word = match known {
            Some((_, word)) => *word,
            None if self.said.contains("is not affected") => "not-affected",
            None => return None,
        };
        let detail = match word {
            "released" => version.unwrap_or_default(),
            _ => self.note,
        };
        Some(format!("{word} ({detail})"))
    }
}

/// Tests of installed packages, and of the lines of an image's manifest.
fn is_about_package(kind: &str) -> bool {
    matches!(kind, "dpkginfo_test" | "textfilecontent54_test")
}

/// `libssh-4`, which manifests are searched for as `^libssh-4(?::\w+|)\s+(.*)$`. Nothing for a pattern of several names.
fn binary(value: &str) -> Option<&str> {
    let name = value.strip_prefix('^').unwrap_or(value);
    let name = name.strip_suffix(r"(?::\w+|)\s+(.*)$").unwrap_or(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// `20231218`.
fn public_day(text: &str) -> Result<Timestamp, String> {
    match (text.get(..4), text.get(4..6), text.get(6..8)) {
        (Some(year), Some(month), Some(day)) => dates::day(&format!("{year}-{month}-{day}")),
        _ => Err(format!("{text:?} is not a day")),
    }
}

/// Ubuntu repeats the NVD's.
fn score(cve: &Element) -> Option<Cvss> {
    let vector = cve.attribute("cvss_vector")?;
    let score: f64 = cve.attribute("cvss_score")?.parse().ok()?;
    let version = match vector {
        _ if vector.starts_with("CVSS:4.0") => CvssVersion::V4,
        _ if vector.starts_with("CVSS:3.1") => CvssVersion::V31,
        _ if vector.starts_with("CVSS:3.0") => CvssVersion::V30,
        _ => CvssVersion::V2,
    };
    (0.0..=10.0).contains(&score).then(|| Cvss {
        version,
        score,
        vector: vector.to_owned(),
        source: "nvd".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::Record;

    use crate::read::{Collected, Document};

    fn read(text: &str) -> Result<Collected, crate::read::ReadError> {
        let mut out = Collected::default();
        let document = Document {
            source: "ubuntu-oval",
            name: "com.ubuntu.jammy.cve.oval.xml",
            bytes: text.as_bytes(),
        };
        super::read(document, &mut out).map(|()| out)
    }

    #[track_caller]
    fn check(text: &str, claims: &expect_test::Expect, problems: &expect_test::Expect) -> Collected {
        let out = read(text).expect("a document");
        let lines = out.records.iter().filter_map(|record| match record {
            Record::Claim(c) => Some(format!(
                "{} {} [{}] {:?} {} {:?} {} {:?} {} {}\n",
                c.vulnerability,
                c.platform,
                c.channel.0,
                c.package_kind,
                c.package,
                c.status,
                c.fixed.as_deref().unwrap_or("-"),
                c.severity.unwrap_or_default(),
                c.advisory.as_deref().unwrap_or("-"),
                c.note.as_deref().unwrap_or("-"),
            )),
            _ => None,
        });
        claims.assert_eq(&lines.collect::<String>());
        let lines = out.problems.iter().map(|p| format!("{}: {}\n", p.entry, p.what));
        problems.assert_eq(&lines.collect::<String>());
        out
    }

    #[test]
    fn a_document_of_cves_speaks_of_source_packages_in_the_trackers_words() {
        let text = include_str!("../../../tests/samples/ubuntu/oval-cve.xml");
        let out = check(
            text,
            &expect_test::expect![[r#"
                CVE-2023-48795 ubuntu/22.04 [] Source openssh Fixed 1:8.9p1-3ubuntu0.5 Medium - -
                CVE-2023-48795 ubuntu/22.04 [] Source libssh Affected - Medium - -
                CVE-2023-48795 ubuntu/22.04 [esm-apps] Source dropbear UnderInvestigation - Medium - -
                CVE-2023-48795 ubuntu/22.04 [] Source putty Affected - Medium - pending (0.77-1)
                CVE-2023-48795 ubuntu/22.04 [] Source filezilla Deferred - Medium - 2024-01-02
                CVE-2023-48795 ubuntu/22.04 [] Source proftpd-dfsg EndOfLife - Medium - end of life, was needed
                CVE-2023-48795 ubuntu/22.04 [] Source lxd NotAffected - Medium - code not present
                CVE-2023-48795 ubuntu/22.04 [fips-updates] Source openssh Fixed 1:8.9p1-3ubuntu0.5 Medium - -
            "#]],
            &expect_test::expect![[r#"
                oval:com.ubuntu.jammy:def:2023487950000000: snapd package in jammy was vulnerable and has been fixed, but no release version available for it.: released, without the version
                oval:com.ubuntu.jammy:def:2023487950000000: openssh package in zebra is affected and needs fixing.: "zebra" is not a release of Ubuntu that we know
                oval:com.ubuntu.jammy:def:2023487950000000: openssh package in jammy is full of holes.: its words are none that we know
                oval:com.ubuntu.jammy:def:2023487950000000: lost package in jammy is affected and needs fixing.: the test is not in the document
            "#]],
        );
        let described = out.records.iter().find_map(|record| match record {
            Record::Vulnerability(v) => Some(v),
            _ => None,
        });
        let described = described.expect("a vulnerability");
        assert_eq!(
            described.description.as_deref(),
            Some("A sample of every status.")
        );
        assert_eq!(described.cvss[0].score, 5.9);
        assert!(described.published_at.is_some());
    }

    #[test]
    fn a_notice_speaks_of_binary_packages() {
        let text = include_str!("../../../tests/samples/ubuntu/oval-usn.xml");
        check(
            text,
            &expect_test::expect![[r#"
                CVE-2023-48795 ubuntu/22.04 [] Binary libssh-4 Fixed 0.9.6-2ubuntu0.22.04.2 Medium USN-6561-1 -
                CVE-2023-48795 ubuntu/22.04 [] Binary libssh-gcrypt-4 Fixed 0.9.6-2ubuntu0.22.04.2 Medium USN-6561-1 -
                CVE-2023-48795 ubuntu/22.04 [esm] Binary libssh2-1 Fixed 1.10.0-3+esm1 Medium USN-6561-1 -
                USN-6561-2 ubuntu/22.04 [fips-updates] Binary libssh-4 Fixed 0.9.6-2ubuntu0.22.04.2 Unknown USN-6561-2 -
                USN-6561-2 ubuntu/22.04 [fips-updates] Binary libssh-gcrypt-4 Fixed 0.9.6-2ubuntu0.22.04.2 Unknown USN-6561-2 -
            "#]],
            &expect_test::expect![[r#"
                oval:com.ubuntu.jammy:def:65611000000: Long Term Support: the package is a pattern, "^linux-image-(?:unsigned-)?5.15.0-\\d+-generic(?::\\w+|)\\s+(.*)$"
            "#]],
        );
    }

    #[test]
    fn something_else_is_refused() {
        for text in ["", "<html/>", "{}", "<oval_definitions><definitions>"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
