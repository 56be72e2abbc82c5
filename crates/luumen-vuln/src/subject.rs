//! A package as claims are asked about it: its names, its versions with their keys, and the line they belong to.

use std::borrow::Cow;

use luumen_model::{Package, advisory::PackageKind};
use luumen_version::Scheme;

use crate::lineage;

/// A version to be compared, with its key if its scheme has keys.
#[derive(Debug)]
pub(crate) struct Installed {
    pub text: String,
    pub key: Option<Vec<u8>>,
}

impl Installed {
    pub(crate) fn new(scheme: Scheme, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            key: scheme.key(text),
        }
    }
}

/// What is asked about.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Source package, where known; the binary's name serves otherwise, as Debian's tools have it.
    pub source_name: String,
    pub source: Installed,
    pub binary_name: String,
    pub binary: Installed,
    pub arch: Option<String>,
    /// `name:stream`.
    pub module: Option<String>,
    /// Built from a newer release's source: compared with that one's claims.
    pub backport: Option<Installed>,
    pub fips: bool,
}

impl Subject {
    pub(crate) fn new(family: &str, scheme: Scheme, package: &Package) -> Self {
        let (source_name, use_binary) = source_of(family, package);
        let source_version = match package.source_version.as_deref() {
            Some(version) if !use_binary => with_epoch(scheme, version, &package.version),
            _ => package.version.clone(),
        };
        let backport = (family == "debian")
            .then(|| lineage::backport_of(&source_version))
            .flatten();
        Self {
            backport: backport.map(|base| Installed::new(scheme, base)),
            fips: lineage::is_fips(&source_version),
            source: Installed::new(scheme, &source_version),
            source_name: source_name.into_owned(),
            binary: Installed::new(scheme, &package.version),
            binary_name: package.name.clone(),
            arch: package.arch.clone(),
            module: package
                .module
                .as_deref()
                .and_then(lineage::module_stream)
                .map(str::to_owned),
        }
    }

    pub(crate) fn version(&self, kind: PackageKind) -> &Installed {
        match kind {
            PackageKind::Source => &self.source,
            PackageKind::Binary => &self.binary,
        }
    }
}

/// Source package under which findings of a package are one, on a platform of that family.
pub fn source_name<'p>(family: &str, package: &'p Package) -> Cow<'p, str> {
    source_of(family, package).0
}

/// The same, and whether the binary's own version must be used with it.
fn source_of<'p>(family: &str, package: &'p Package) -> (Cow<'p, str>, bool) {
    let named = package.source.as_deref().unwrap_or(&package.name);
    match lineage::unsigned_kernel(family, named) {
        Some((source, use_binary)) => (Cow::Owned(source), use_binary),
        None => (Cow::Borrowed(named), false),
    }
}

/// A source rpm's file name has no epoch; its binaries carry the one that it was built with.
fn with_epoch(scheme: Scheme, source_version: &str, binary_version: &str) -> String {
    match binary_version.split_once(':') {
        Some((epoch, _)) if scheme == Scheme::Rpm && !source_version.contains(':') => {
            format!("{epoch}:{source_version}")
        }
        _ => source_version.to_owned(),
    }
}
