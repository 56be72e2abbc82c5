//! Claims that differ only in the architecture, gathered into one.

use std::collections::{BTreeSet, HashMap};

use luumen_model::advisory::{Authority, Channel, Claim, PackageKind, Platform, Record, Status};

use crate::read::Sink;

/// A vendor's claim about a binary package that says nothing yet.
pub(in crate::read) fn blank(source: &str, package: &str) -> Claim {
    Claim {
        source: source.to_owned(),
        authority: Authority::Vendor,
        vulnerability: String::new(),
        platform: Platform::default(),
        channel: Channel::MAIN,
        package: package.to_owned(),
        package_kind: PackageKind::Binary,
        arches: Vec::new(),
        module: None,
        status: Status::Affected,
        introduced: None,
        fixed: None,
        last_affected: None,
        advisory: None,
        severity: None,
        note: None,
    }
}

/// Claims by everything but their architectures, in the order that they came in.
#[derive(Debug, Default)]
pub(in crate::read) struct Gather {
    claims: HashMap<Claim, (usize, BTreeSet<String>)>,
}

impl Gather {
    /// Takes a claim in, its architectures apart. `noarch` and `src` are no architectures of a host.
    pub(in crate::read) fn add(&mut self, mut claim: Claim) {
        let arches = std::mem::take(&mut claim.arches);
        let next = self.claims.len();
        let (_, known) = self
            .claims
            .entry(claim)
            .or_insert_with(|| (next, BTreeSet::new()));
        let real = |arch: &String| !matches!(arch.as_str(), "noarch" | "src" | "nosrc");
        known.extend(arches.into_iter().filter(real));
    }

    /// Tells them. A source package is left out where a binary package of the same version is there.
    pub(in crate::read) fn tell(self, sink: &mut dyn Sink) {
        let is_binary = |claim: &&Claim| claim.package_kind == PackageKind::Binary;
        let builds: BTreeSet<Option<String>> = self
            .claims
            .keys()
            .filter(is_binary)
            .map(|claim| claim.fixed.clone())
            .collect();
        let mut claims: Vec<_> = self.claims.into_iter().collect();
        claims.sort_unstable_by_key(|(_, (at, _))| *at);
        for (mut claim, (_, arches)) in claims {
            if claim.package_kind == PackageKind::Source && builds.contains(&claim.fixed) {
                continue;
            }
            claim.arches = arches.into_iter().collect();
            sink.record(Record::Claim(claim));
        }
    }
}
