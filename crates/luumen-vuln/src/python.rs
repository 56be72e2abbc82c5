//! Python distributions, by the advisories of PyPI. Whatever belongs to an OS package is judged by the OS's feed alone.

use luumen_catalogue::Catalogue;
use luumen_model::{Package, PythonPackage, PythonPackages, advisory::Platform};

use crate::{
    Finding,
    finding::{FoundPackage, describe},
    host::{NotEvaluated, Scope},
    matcher::Matcher,
};

/// Distributions that nobody can judge: a catalogue without PyPI's advisories says nothing of them, which is not "nothing found".
pub(crate) fn gap(catalogue: &Catalogue, python: &PythonPackages) -> Option<NotEvaluated> {
    let unknown = catalogue.platform(&Platform::new(PYTHON_FAMILY, "")).is_none();
    (unknown && judged_python(python).next().is_some()).then(|| NotEvaluated {
        what: "python_packages".to_owned(),
        why: "the catalogue holds no advisories of PyPI; add that feed and build the catalogue anew"
            .to_owned(),
    })
}

pub(crate) fn findings(catalogue: &Catalogue, python: &PythonPackages, scope: Scope) -> Vec<Finding> {
    let platform = Platform::new(PYTHON_FAMILY, "");
    let Some(matcher) = Matcher::new(catalogue, &platform) else {
        return Vec::new();
    };
    let mut matcher = if scope == Scope::Open {
        matcher.only_open()
    } else {
        matcher
    };
    let mut findings = Vec::new();
    for item in python.items.iter().filter(|item| !belongs_to_the_system(item)) {
        let package = Package {
            name: normalised(&item.name),
            version: item.version.clone(),
            ..Package::default()
        };
        let matched = matcher.package(&package);
        let installed = FoundPackage {
            name: item.name.clone(),
            version: item.version.clone(),
            source_version: None,
            arch: None,
            path: Some(item.path.clone()),
        };
        let found = matched.hits.iter().map(|hit| {
            describe(
                catalogue,
                hit,
                Some(&platform),
                &package.name,
                vec![installed.clone()],
                None,
                false,
            )
        });
        findings.extend(found);
    }
    findings
}

/// Family of the platform whose claims are asked about Python distributions.
pub const PYTHON_FAMILY: &str = "pypi";

/// Python distributions that are judged by the ecosystem, as packages of it, and where each lies.
pub fn judged_python(python: &PythonPackages) -> impl Iterator<Item = (Package, &str)> {
    let items = python.items.iter().filter(|item| !belongs_to_the_system(item));
    items.map(|item| {
        let package = Package {
            name: normalised(&item.name),
            version: item.version.clone(),
            ..Package::default()
        };
        (package, item.path.as_str())
    })
}

fn belongs_to_the_system(item: &PythonPackage) -> bool {
    item.os_package == Some(true)
        || matches!(item.installer.as_deref(), Some("debian" | "rpm" | "dnf" | "apt"))
}

/// PEP 503: lower case, runs of `-`, `_` and `.` are one `-`.
fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            _ => out.extend(c.to_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_compared_as_pypi_does() {
        assert_eq!(super::normalised("Flask__SQL.Alchemy"), "flask-sql-alchemy");
    }
}
