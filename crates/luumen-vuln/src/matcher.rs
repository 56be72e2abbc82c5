//! Matches packages of one platform, each different one once, however many binaries or hosts have it.

use std::{collections::HashMap, sync::Arc};

use luumen_catalogue::{Catalogue, PlatformId};
use luumen_model::{
    Package,
    advisory::{PackageKind, Platform},
};
use luumen_version::Scheme;

use crate::{Hit, apart::is_apart, decide::match_subject, subject::Subject};

/// A package and all that is said of it.
#[derive(Clone, Debug)]
pub struct Matched {
    /// The source package, under which findings of its binaries are one.
    pub source: String,
    /// What it has, had and never had, by vulnerability.
    pub hits: Arc<[Hit]>,
}

/// Remembers what it has matched.
#[derive(Debug)]
pub struct Matcher<'c> {
    catalogue: &'c Catalogue,
    platform: PlatformId,
    family: String,
    scheme: Scheme,
    known: HashMap<Key, Arc<[Hit]>>,
    only_open: bool,
}

/// Two packages with the same key are told the same.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    source: String,
    source_version: String,
    /// Where claims are by binary name: always for rpm and Arch, rarely for others (notices in Ubuntu's OVAL).
    binary: Option<(String, String, Option<String>)>,
    module: Option<String>,
}

impl<'c> Matcher<'c> {
    /// For packages of one platform; `None` when the catalogue says nothing of it, which is not the same as "nothing found".
    pub fn new(catalogue: &'c Catalogue, platform: &Platform) -> Option<Self> {
        let id = catalogue.platform(platform)?;
        Some(Self {
            catalogue,
            platform: id,
            family: platform.family.clone(),
            scheme: catalogue.scheme(id),
            known: HashMap::new(),
            only_open: false,
        })
    }

    /// Leaves out what was fixed and what was never there.
    #[must_use]
    pub fn only_open(mut self) -> Self {
        self.only_open = true;
        self
    }

    fn catalogue_names_binary(&self, name: &str) -> bool {
        let mut claims = self.catalogue.claims_of(self.platform, PackageKind::Binary, name);
        claims.next().is_some()
    }

    /// All that is said of a package; nothing of one that was removed, or that others than the vendor built.
    pub fn package(&mut self, package: &Package) -> Matched {
        let subject = Subject::new(&self.family, self.scheme, package);
        if !package.is_installed() || is_apart(package) {
            return Matched {
                source: subject.source_name,
                hits: Arc::from([]),
            };
        }
        let by_source = matches!(self.scheme, Scheme::Dpkg | Scheme::Apk)
            && !self.catalogue_names_binary(&subject.binary_name);
        let key = Key {
            source: subject.source_name.clone(),
            source_version: subject.source.text.clone(),
            binary: (!by_source).then(|| {
                let arch = subject.arch.clone();
                (subject.binary_name.clone(), subject.binary.text.clone(), arch)
            }),
            module: subject.module.clone(),
        };
        if let Some(hits) = self.known.get(&key) {
            return Matched {
                source: subject.source_name,
                hits: Arc::clone(hits),
            };
        }
        let mut hits = match_subject(self.catalogue, self.platform, &self.family, &subject);
        if self.only_open {
            hits.retain(|hit| hit.verdict.is_open());
        }
        let hits: Arc<[Hit]> = hits.into();
        self.known.insert(key, Arc::clone(&hits));
        Matched {
            source: subject.source_name,
            hits,
        }
    }
}
