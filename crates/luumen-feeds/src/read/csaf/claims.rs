//! Claims out of the product statuses of a vulnerability: one for each package on a platform in a line of updates, its architectures together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use luumen_model::advisory::{Authority, Channel, Claim, PackageKind, Platform, Record, Severity, Status};

use super::{
    Context,
    document::{Remark, Vulnerability},
};
use crate::read::{Problem, Sink, rpm};

/// What a product id is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) platform: Platform,
    pub(super) channel: Channel,
    pub(super) package: String,
    pub(super) kind: PackageKind,
    /// Absent: every architecture.
    pub(super) arch: Option<String>,
    pub(super) module: Option<String>,
    /// The version in the product's name, if it has one.
    pub(super) version: Option<String>,
    /// The version is where the product stops being vulnerable, though its status is `known_affected` (`<10.0.17763.6414`).
    pub(super) fixed_by_version: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    platform: Platform,
    channel: Channel,
    module: Option<String>,
    status: Status,
    package: String,
    kind: PackageKind,
    fixed: Option<String>,
    advisory: Option<String>,
    severity: Option<Severity>,
    note: Option<String>,
}

/// What is said beside the status, by product id.
#[derive(Default)]
struct Remarks<'a> {
    fix: HashMap<&'a str, &'a Remark<'a>>,
    unfixed: HashMap<&'a str, &'a Remark<'a>>,
    flag: HashMap<&'a str, &'a str>,
    impact: HashMap<&'a str, Severity>,
    impact_of_all: Option<Severity>,
}

pub(super) fn tell(context: &Context<'_>, id: &str, said: &Vulnerability<'_>, sink: &mut dyn Sink) {
    let remarks = Remarks::of(context, said);
    let mut claims: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    for (word, products) in &said.product_status {
        let Some(said) = Said::of(word.as_str()) else {
            let what = format!(
                "{word:?} is not a product status that we know",
                word = word.as_str()
            );
            sink.problem(Problem {
                entry: id.to_owned(),
                what,
            });
            continue;
        };
        for product in products {
            match claim(context, &remarks, said, product.as_str()) {
                Ok(Some((key, arch))) => claims.entry(key).or_default().extend(arch),
                Ok(None) => {}
                Err(what) => sink.problem(Problem {
                    entry: format!("{id}: {}", product.as_str()),
                    what,
                }),
            }
        }
    }
    let binaries = Binaries::of(claims.keys());
    for (key, arches) in claims {
        if key.kind == PackageKind::Binary || !binaries.has(&key) {
            sink.record(Record::Claim(finished(context, id, key, arches)));
        }
    }
}

/// A product status, in the words of CSAF.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Fixed,
    Affected,
    NotAffected,
    UnderInvestigation,
}

impl Said {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "fixed" | "first_fixed" | "recommended" => Self::Fixed,
            "known_affected" => Self::Affected,
            "known_not_affected" => Self::NotAffected,
            "under_investigation" => Self::UnderInvestigation,
            _ => return None,
        })
    }
}

fn claim(
    context: &Context<'_>,
    remarks: &Remarks<'_>,
    said: Said,
    product: &str,
) -> Result<Option<(Key, Option<String>)>, String> {
    let Some(subject) = context.publisher.subject(context.products, product)? else {
        return Ok(None);
    };
    let (status, note) = remarks.status(said, product, &subject);
    let fixed = match (status, subject.version) {
        (Status::Fixed, None) => return Err("it is said to be fixed, and no version is said".to_owned()),
        (Status::Fixed, version) => version,
        _ => None,
    };
    let advisory = match status {
        Status::Fixed | Status::Affected => remarks.advisory(context, product),
        _ => None,
    };
    let key = Key {
        platform: subject.platform,
        channel: subject.channel,
        module: subject.module,
        status,
        package: subject.package,
        kind: subject.kind,
        fixed,
        advisory,
        severity: remarks.impact.get(product).copied().or(remarks.impact_of_all),
        note,
    };
    Ok(Some((
        key,
        subject.arch.filter(|arch| arch != "src" && arch != "noarch"),
    )))
}

fn finished(context: &Context<'_>, id: &str, key: Key, arches: BTreeSet<String>) -> Claim {
    Claim {
        source: context.source.to_owned(),
        authority: Authority::Vendor,
        vulnerability: id.to_owned(),
        platform: key.platform,
        channel: key.channel,
        package: key.package,
        package_kind: key.kind,
        arches: arches.into_iter().collect(),
        module: key.module,
        status: key.status,
        introduced: None,
        fixed: key.fixed,
        last_affected: None,
        advisory: key.advisory,
        severity: key.severity,
        note: key.note,
    }
}

/// The binary packages of a vulnerability, to know which source packages say nothing more.
struct Binaries {
    names: BTreeSet<String>,
    builds: BTreeSet<String>,
}

impl Binaries {
    fn of<'a>(keys: impl Iterator<Item = &'a Key>) -> Self {
        let mut found = Self {
            names: BTreeSet::new(),
            builds: BTreeSet::new(),
        };
        for key in keys.filter(|key| key.kind == PackageKind::Binary) {
            found.names.insert(place(key, &key.package));
            found
                .builds
                .extend(key.fixed.as_deref().map(|fixed| place(key, fixed)));
        }
        found
    }

    fn has(&self, source: &Key) -> bool {
        let same_build = |fixed: &str| self.builds.contains(&place(source, fixed));
        match source.fixed.as_deref() {
            Some(fixed) => same_build(fixed),
            None => self.names.contains(&place(source, &source.package)),
        }
    }
}

fn place(key: &Key, what: &str) -> String {
    let module = key.module.as_deref().unwrap_or_default();
    format!(
        "{}\n{}\n{module}\n{:?}\n{what}",
        key.platform, key.channel.0, key.status
    )
}

impl<'a> Remarks<'a> {
    fn of(context: &'a Context<'_>, said: &'a Vulnerability<'_>) -> Self {
        let mut remarks = Self::default();
        let products = context.products;
        for remediation in &said.remediations {
            let ids = products.members(&remediation.product_ids, &remediation.group_ids);
            match remediation.category.as_str() {
                "vendor_fix" => remarks.fix.extend(ids.map(|id| (id, remediation))),
                "no_fix_planned" | "none_available" => {
                    remarks.unfixed.extend(ids.map(|id| (id, remediation)));
                }
                _ => {}
            }
        }
        for flag in &said.flags {
            let ids = products.members(&flag.product_ids, &flag.group_ids);
            remarks.flag.extend(ids.map(|id| (id, flag.label.as_str())));
        }
        for threat in said
            .threats
            .iter()
            .filter(|threat| threat.category.as_str() == "impact")
        {
            let Some(severity) = rpm::severity(threat.details.as_str()) else {
                continue;
            };
            if threat.product_ids.is_empty() && threat.group_ids.is_empty() {
                remarks.impact_of_all = Some(severity);
            }
            let ids = products.members(&threat.product_ids, &threat.group_ids);
            remarks.impact.extend(ids.map(|id| (id, severity)));
        }
        remarks
    }

    fn status(&self, said: Said, product: &str, subject: &Subject) -> (Status, Option<String>) {
        let noted = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match said {
            Said::Fixed => (Status::Fixed, None),
            Said::UnderInvestigation => (Status::UnderInvestigation, None),
            Said::NotAffected => {
                let flag = self.flag.get(product).copied();
                (Status::NotAffected, flag.and_then(noted))
            }
            Said::Affected if subject.fixed_by_version => (Status::Fixed, None),
            Said::Affected => match self.unfixed.get(product) {
                None => (Status::Affected, None),
                Some(why) => (unfixed(why), noted(why.details.as_str())),
            },
        }
    }

    fn advisory(&self, context: &Context<'_>, product: &str) -> Option<String> {
        let named = self
            .fix
            .get(product)
            .and_then(|fix| context.publisher.advisory(fix));
        let own = || Some(context.document_id().to_owned()).filter(|id| context.publisher.is_advisory(id));
        named.or_else(own)
    }
}

/// Why there is no fix, in Red Hat's words.
fn unfixed(why: &Remark<'_>) -> Status {
    let details = why.details.as_str().to_ascii_lowercase();
    match why.category.as_str() {
        "no_fix_planned" if details.contains("out of support") => Status::EndOfLife,
        "no_fix_planned" => Status::WillNotFix,
        _ if details.contains("deferred") => Status::Deferred,
        _ => Status::Affected,
    }
}
