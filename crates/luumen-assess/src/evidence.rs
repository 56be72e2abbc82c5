//! What speaks for a set of packages in which a vulnerability is found no more. Silence is no evidence that it is gone.

use std::collections::HashSet;

use luumen_catalogue::{Catalogue, VulnerabilityId};
use luumen_model::{
    Package,
    advisory::{PackageKind, Platform},
};
use luumen_vuln::{Matcher, is_apart, match_packages, runs_a_replaced_one};

use crate::Now;

/// What can be said of the packages of one source on one platform.
#[derive(Debug)]
pub struct Evidence<'a> {
    catalogue: &'a Catalogue,
    platform: &'a Platform,
    packages: Vec<&'a Package>,
    /// No verdict on what is installed is one on the kernel that runs.
    replaced: bool,
    /// Vulnerabilities that the vendor answers for them: fixed, or never there.
    answered: HashSet<VulnerabilityId>,
}

impl<'a> Evidence<'a> {
    /// Of the packages of a cell.
    pub fn of(
        catalogue: &'a Catalogue,
        platform: &'a Platform,
        packages: Vec<&'a Package>,
        running: Option<&str>,
    ) -> Self {
        let owned: Vec<Package> = packages.iter().map(|package| (*package).clone()).collect();
        let hits = Matcher::new(catalogue, platform)
            .map(|mut matcher| match_packages(&mut matcher, &owned, running))
            .unwrap_or_default();
        let answered = hits.iter().filter(|found| !found.hit.verdict.is_open());
        Self {
            answered: answered.map(|found| found.hit.vulnerability).collect(),
            replaced: running.is_some_and(|running| runs_a_replaced_one(owned.iter(), running)),
            catalogue,
            platform,
            packages,
        }
    }

    /// What is seen of a vulnerability that was found before and is not now.
    pub fn now(&self, vulnerability: &str) -> Now {
        let mut installed = self
            .packages
            .iter()
            .filter(|package| package.is_installed())
            .peekable();
        if installed.peek().is_none() {
            return Now::Gone;
        }
        let Some(id) = self.catalogue.vulnerability(vulnerability) else {
            return Now::Unknown;
        };
        if self.catalogue.view(id).is_some_and(|view| view.rejected) {
            return Now::Gone;
        }
        if self.replaced || installed.any(|package| is_apart(package)) {
            return Now::Unknown;
        }
        match self.answered.contains(&id) || self.only_of_other_streams(id) {
            true => Now::Gone,
            false => Now::Unknown,
        }
    }

    /// Whether the vendor names streams of a module that have it, and what is installed is of another one.
    fn only_of_other_streams(&self, id: VulnerabilityId) -> bool {
        let Some(platform) = self.catalogue.platform(self.platform) else {
            return false;
        };
        let is_modular = |package: &&&Package| package.is_installed() && package.module.is_some();
        let mut streams = self.packages.iter().filter(is_modular).flat_map(|package| {
            let source = package.source.as_deref().unwrap_or(&package.name);
            let names = [
                (PackageKind::Source, source),
                (PackageKind::Binary, package.name.as_str()),
            ];
            names.into_iter().flat_map(move |(kind, name)| {
                let claims = self.catalogue.claims_of(platform, kind, name);
                claims
                    .filter(move |claim| claim.vulnerability() == id)
                    .map(|claim| claim.module().is_some())
            })
        });
        streams.next() == Some(true) && streams.all(|modular| modular)
    }
}
