//! A vulnerability of a month, whichever way it was written, and the records it makes.

use std::collections::{BTreeMap, BTreeSet};

use luumen_model::{
    Timestamp,
    advisory::{
        self, Authority, Channel, Claim, Cvss, CvssVersion, PackageKind, Record, Severity, Status,
        Supersedence,
    },
};

use super::{Names, is_version, knowledge_base, package, platform, tidy};
use crate::read::{Problem, Sink, dates, rpm};

/// What is said of some products.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) what: String,
    pub(super) products: Vec<String>,
}

/// An update.
#[derive(Debug, Default)]
pub(super) struct Fix {
    /// The number of the article, or `Release Notes`.
    pub(super) what: String,
    pub(super) url: String,
    pub(super) build: Option<String>,
    pub(super) replaces: String,
    pub(super) products: Vec<String>,
}

/// A vulnerability.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) cwes: Vec<String>,
    /// By the words of the XML: `Known Affected`, …
    pub(super) statuses: Vec<Said>,
    pub(super) severities: Vec<Said>,
    /// Base score and vector.
    pub(super) scores: Vec<(f64, String)>,
    pub(super) fixes: Vec<Fix>,
    pub(super) revisions: Vec<String>,
}

/// Tells the records of a document; keeps which update replaces which to say each pair once.
#[derive(Debug)]
pub(super) struct Teller<'a> {
    source: &'a str,
    pub(super) names: Names,
    replaced: BTreeSet<(String, String, String)>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            source,
            names: Names::new(),
            replaced: BTreeSet::new(),
        }
    }

    pub(super) fn finish(self, sink: &mut dyn Sink) {
        for (update, replaces, product) in self.replaced {
            sink.record(Record::Supersedence(Supersedence {
                source: self.source.to_owned(),
                update,
                replaces,
                product: Some(product),
            }));
        }
    }

    pub(super) fn tell(&mut self, entry: &Entry, sink: &mut dyn Sink) {
        let vulnerability = self.vulnerability(entry, sink);
        sink.record(Record::Vulnerability(vulnerability));
        let mut severities = BTreeMap::new();
        for said in &entry.severities {
            let severity = rpm::severity(&said.what);
            severities.extend(said.products.iter().map(|product| (product.as_str(), severity)));
        }
        let mut told = BTreeSet::new();
        for said in &entry.statuses {
            for product in &said.products {
                let severity = severities.get(product.as_str()).copied().flatten();
                if let Err(what) = self.product(entry, &said.what, product, severity, &mut told, sink) {
                    sink.problem(Problem {
                        entry: format!("{}: {product}", entry.id),
                        what,
                    });
                }
            }
        }
        self.keep_replaced(entry);
    }

    fn product(
        &self,
        entry: &Entry,
        word: &str,
        product: &str,
        severity: Option<Severity>,
        told: &mut BTreeSet<(String, String, Option<String>, Option<String>)>,
        sink: &mut dyn Sink,
    ) -> Result<(), String> {
        let status = match word {
            "Known Affected" => Status::Affected,
            "Known Not Affected" => Status::NotAffected,
            "Under Investigation" => Status::UnderInvestigation,
            "Fixed" | "First Fixed" | "Recommended" => return Ok(()),
            other => return Err(format!("{other:?} is not a status that we know")),
        };
        let name = self
            .names
            .get(product)
            .ok_or("the document does not name this product")?;
        let mut claim = self.claim(&entry.id, name, status, severity);
        let fixes = entry
            .fixes
            .iter()
            .filter(|fix| fix.products.iter().any(|id| id == product));
        let fixes: Vec<&Fix> = if status == Status::Affected {
            fixes.collect()
        } else {
            Vec::new()
        };
        if fixes.is_empty() {
            sink.record(Record::Claim(claim.clone()));
        }
        for fix in fixes {
            fixed_by(fix, &mut claim);
            let key = (
                claim.platform.to_string(),
                claim.package.clone(),
                claim.fixed.clone(),
                claim.advisory.clone(),
            );
            if told.insert(key) {
                sink.record(Record::Claim(claim.clone()));
            }
        }
        Ok(())
    }

    fn claim(&self, id: &str, product: &str, status: Status, severity: Option<Severity>) -> Claim {
        Claim {
            source: self.source.to_owned(),
            authority: Authority::Vendor,
            vulnerability: id.to_owned(),
            platform: platform(product),
            channel: Channel::MAIN,
            package: package(product),
            package_kind: PackageKind::Binary,
            arches: Vec::new(),
            module: None,
            status,
            introduced: None,
            fixed: None,
            last_affected: None,
            advisory: None,
            severity,
            note: None,
        }
    }

    fn keep_replaced(&mut self, entry: &Entry) {
        for fix in &entry.fixes {
            let Some(update) = knowledge_base(&fix.what) else {
                continue;
            };
            for replaced in fix.replaces.split([',', ';', ' ']).filter_map(knowledge_base) {
                let names = fix.products.iter().filter_map(|product| self.names.get(product));
                for name in names.filter(|_| replaced != update) {
                    self.replaced
                        .insert((update.clone(), replaced.clone(), tidy(name)));
                }
            }
        }
    }

    fn vulnerability(&self, entry: &Entry, sink: &mut dyn Sink) -> advisory::Vulnerability {
        let mut problem = |what| {
            sink.problem(Problem {
                entry: entry.id.clone(),
                what,
            })
        };
        let mut moments: Vec<Timestamp> = Vec::new();
        for revision in &entry.revisions {
            match dates::moment(revision) {
                Ok(at) => moments.push(at),
                Err(what) => problem(what),
            }
        }
        let mut cvss: Vec<Cvss> = Vec::new();
        for (score, vector) in &entry.scores {
            match self::score(*score, vector) {
                Ok(found) if cvss.contains(&found) => {}
                Ok(found) => cvss.push(found),
                Err(what) => problem(what),
            }
        }
        advisory::Vulnerability {
            id: entry.id.clone(),
            source: self.source.to_owned(),
            title: entry.title.clone(),
            description: entry.description.clone(),
            published_at: moments.iter().min().copied(),
            modified_at: moments.iter().max().copied(),
            severity: entry
                .severities
                .iter()
                .filter_map(|said| rpm::severity(&said.what))
                .max(),
            cvss,
            cwes: entry.cwes.clone(),
            references: vec![format!(
                "https://msrc.microsoft.com/update-guide/vulnerability/{}",
                entry.id
            )],
            ..advisory::Vulnerability::default()
        }
    }
}

/// What a claim says because of an update.
fn fixed_by(fix: &Fix, claim: &mut Claim) {
    let build = fix
        .build
        .as_deref()
        .map(str::trim)
        .filter(|build| !build.is_empty());
    claim.fixed = build.filter(|build| is_version(build)).map(str::to_owned);
    claim.advisory = knowledge_base(&fix.what).or_else(|| knowledge_base(&fix.url));
    // An update that has neither a build nor a number cannot be looked for on a host: what is left is that it is vulnerable.
    (claim.status, claim.note) = match (&claim.fixed, &claim.advisory) {
        (None, None) => (Status::Affected, Some(without_number(fix, build))),
        _ => (Status::Fixed, None),
    };
}

fn without_number(fix: &Fix, build: Option<&str>) -> String {
    let what = if fix.what.trim().is_empty() {
        "update"
    } else {
        fix.what.trim()
    };
    match build {
        Some(build) => format!("{what}: {build}"),
        None => what.to_owned(),
    }
}

fn score(score: f64, vector: &str) -> Result<Cvss, String> {
    let version = match vector.split('/').next().unwrap_or_default() {
        "CVSS:3.0" => CvssVersion::V30,
        "CVSS:3.1" => CvssVersion::V31,
        "CVSS:4.0" => CvssVersion::V4,
        _ if vector.starts_with("AV:") => CvssVersion::V2,
        _ => return Err(format!("{vector:?} is not a CVSS vector that we know")),
    };
    if !(0.0..=10.0).contains(&score) {
        return Err(format!("{score} is no CVSS score"));
    }
    Ok(Cvss {
        version,
        score,
        vector: vector.to_owned(),
        source: "microsoft".to_owned(),
    })
}
