//! Debian's OVAL, a document a release.
//!
//! | what Debian says | ours |
//! |---|---|
//! | package is earlier than a version | fixed in that version |
//! | package is earlier than `0` | not affected: never was |
//! | package need only be installed | affected |
//!
//! A definition of class `vulnerability` is about one CVE and one package. Those of class `patch` are the advisories: they say the same of all CVEs
//! that they list, under their full name. The objects name **source** packages and the versions are those of sources, although a dpkginfo test
//! looks at binary packages: who takes it by the letter sees only binaries that are named like their source. Architectures are not looked at, since
//! Debian asks for `all` or for every one that it has.

use luumen_model::advisory::{self, Channel, Claim, Platform, Record, Status};

use super::{Place, claim, place};
use crate::read::{
    Document, Problem, ReadError, Sink, dpkg,
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
        let ids = self.ids()?;
        let at = self.place()?;
        let criteria = self.definition.criteria.as_ref().ok_or("it has no criteria")?;
        for criterion in criteria.tests() {
            if self.tables.test(&criterion.test).is_none() {
                sink.problem(self.problem(format!("the test {} is not in the document", criterion.test)));
            }
        }
        for leaf in criteria.leaves(&|criterion| self.is_about_package(criterion)) {
            match self.claim(leaf.criterion, &at) {
                Ok(claim) => {
                    for id in &ids {
                        let vulnerability = (*id).to_owned();
                        sink.record(Record::Claim(Claim {
                            vulnerability,
                            ..claim.clone()
                        }));
                    }
                }
                Err(what) => sink.problem(self.problem(format!("{}: {what}", leaf.criterion.comment))),
            }
        }
        if self.definition.class == "vulnerability" {
            for id in ids {
                sink.record(self.vulnerability(id));
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

    /// The CVEs, or the advisory itself where it has none.
    fn ids(&self) -> Result<Vec<&str>, String> {
        let mut ids: Vec<&str> = self.definition.references("CVE").collect();
        if ids.is_empty() {
            ids.extend(self.advisory());
        }
        match ids.is_empty() {
            true => Err("it names neither a CVE nor an advisory".to_owned()),
            false => Ok(ids),
        }
    }

    /// `DSA-5179-1` of the title `DSA-5179-1 php7.4`; vulnerabilities name it without its last number.
    fn advisory(&self) -> Option<&str> {
        let title = self.definition.metadata.text_of("title").unwrap_or_default();
        let first = title.split_whitespace().next();
        let named = self.definition.metadata.child("debian");
        let is_advisory = |word: &&str| ["DSA-", "DLA-", "ELA-"].iter().any(|kind| word.starts_with(kind));
        first
            .filter(is_advisory)
            .or_else(|| named.and_then(|debian| debian.text_of("dsa")))
    }

    /// `Debian GNU/Linux 11`. Updates of the long-term support are told by the advisory's kind.
    fn place(&self) -> Result<(Platform, Channel), String> {
        let mut names = self.definition.platforms();
        let name = names.next().ok_or("it does not say which release it is for")?;
        let release = name.strip_prefix("Debian GNU/Linux ").unwrap_or(name).trim();
        let known = match release.bytes().all(|byte| byte.is_ascii_digit()) && !release.is_empty() {
            true => Some(Platform::new("debian", release)),
            false => match place(release) {
                Place::Release(platform, _) => Some(platform),
                Place::Elsewhere | Place::Unknown => None,
            },
        };
        let platform = known.ok_or_else(|| format!("{name:?} is not a release of Debian that we know"))?;
        let channel = match self.advisory().and_then(|advisory| advisory.split_once('-')) {
            Some(("DLA", _)) => Channel::new("lts"),
            Some(("ELA", _)) => Channel::new("elts"),
            _ => Channel::MAIN,
        };
        Ok((platform, channel))
    }

    fn is_about_package(&self, criterion: &Criterion) -> bool {
        let test = self.tables.test(&criterion.test);
        test.is_some_and(|test| test.kind == "dpkginfo_test") && !criterion.negate
    }

    /// The claim of a test, for a vulnerability that is filled in later.
    fn claim(&self, criterion: &Criterion, at: &(Platform, Channel)) -> Result<Claim, String> {
        let test = self
            .tables
            .test(&criterion.test)
            .ok_or("it is not in the document")?;
        let name = test.looked_at("name").filter(|name| !name.value.is_empty());
        let name = name.ok_or("it does not say which package")?;
        if name.operation != "equals" {
            return Err(format!("the package is a pattern, {:?}", name.value));
        }
        let (status, fixed) = match test.required("evr") {
            None if test.states.is_empty() && test.existence != "none_exist" => (Status::Affected, None),
            None => return Err("its state is not a version".to_owned()),
            Some(evr) if evr.operation != "less than" => {
                return Err(format!(
                    "versions are compared by {:?}, which we cannot read",
                    evr.operation
                ));
            }
            // OVAL asks for an epoch where Debian leaves it out.
            Some(evr) => match evr.value.strip_prefix("0:").unwrap_or(&evr.value) {
                "0" => (Status::NotAffected, None),
                version if dpkg::is_version(version) => (Status::Fixed, Some(version.to_owned())),
                _ => return Err(format!("{:?} is not a version", evr.value)),
            },
        };
        let mut claim = claim(self.source, "", at.clone(), &name.value, status);
        claim.fixed = fixed;
        claim.advisory = self.advisory().map(str::to_owned);
        Ok(claim)
    }

    fn vulnerability(&self, id: &str) -> Record {
        // `security update` is what stands there when nobody wrote anything.
        let description = self.definition.metadata.text_of("description");
        let description = description.filter(|words| *words != "security update");
        Record::Vulnerability(advisory::Vulnerability {
            id: id.to_owned(),
            source: self.source.to_owned(),
            description: description.map(str::to_owned),
            ..advisory::Vulnerability::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::Record;

    use crate::read::{Collected, Document};

    fn read(text: &str) -> Result<Collected, crate::read::ReadError> {
        let mut out = Collected::default();
        let document = Document {
            source: "debian-oval",
            name: "oval-definitions-bookworm.xml",
            bytes: text.as_bytes(),
        };
        super::read(document, &mut out).map(|()| out)
    }

    #[test]
    fn definitions_are_claims_about_source_packages() {
        let out = read(include_str!("../../../tests/samples/debian/oval.xml")).expect("a document");
        let claims = out.records.iter().filter_map(|record| match record {
            Record::Claim(c) => Some(format!(
                "{} {} [{}] {:?} {} {:?} {} {}\n",
                c.vulnerability,
                c.platform,
                c.channel.0,
                c.package_kind,
                c.package,
                c.status,
                c.fixed.as_deref().unwrap_or("-"),
                c.advisory.as_deref().unwrap_or("-"),
            )),
            _ => None,
        });
        expect_test::expect![[r#"
            CVE-2024-99001 debian/12 [] Source qemu Fixed 1:7.2+dfsg-7+deb12u1 DSA-9001
            CVE-2024-99002 debian/12 [] Source less NotAffected - -
            CVE-2024-99003 debian/12 [] Source less Affected - -
            CVE-2024-99001 debian/12 [] Source qemu Fixed 1:7.2+dfsg-7+deb12u1 DSA-9001-1
            CVE-2024-99004 debian/12 [] Source qemu Fixed 1:7.2+dfsg-7+deb12u1 DSA-9001-1
            DLA-9002-1 debian/12 [lts] Source less Fixed 590-2.1~deb12u2 DLA-9002-1
        "#]]
        .assert_eq(&claims.collect::<String>());
        let problems = out.problems.iter().map(|p| format!("{}: {}\n", p.entry, p.what));
        expect_test::expect![[r#"
            oval:org.debian:def:6: less DPKG is earlier than a strange thing: "a strange thing" is not a version
            oval:org.debian:def:7: the test oval:org.debian.oval:tst:99 is not in the document
            oval:org.debian:def:8: "Debian GNU/Hurd zebra" is not a release of Debian that we know
            oval:org.debian:def:9: it has no criteria
        "#]].assert_eq(&problems.collect::<String>());
    }

    #[test]
    fn something_else_is_refused() {
        for text in ["", "<html/>", "{}", "<oval_definitions><definitions>"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
