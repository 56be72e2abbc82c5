//! Windows: by its build where the vendor names one, else by its updates and those that replace them.

use std::collections::{BTreeSet, HashMap};

use luumen_catalogue::Catalogue;
use luumen_model::{
    Package,
    advisory::{Platform, Supersedence},
};

use crate::{Finding, FoundPackage, Hit, Reason, Verdict, finding::describe, host::Scope, matcher::Matcher};

/// A Windows host, as far as a verdict needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowsHost {
    /// As Microsoft names it in its advisories: `Windows Server 2019`.
    pub product: String,
    /// `10.0.17763.6054`, with the revision.
    pub build: String,
    /// Installed updates: `KB5044277`.
    pub updates: Vec<String>,
}

/// Judges a Windows host; `None` when the catalogue says nothing of its product.
pub fn match_windows(catalogue: &Catalogue, host: &WindowsHost, scope: Scope) -> Option<Vec<Finding>> {
    let platform = Platform::new("windows", &host.product);
    let mut matcher = Matcher::new(catalogue, &platform)?;
    let package = Package {
        name: "windows".to_owned(),
        version: host.build.clone(),
        ..Package::default()
    };
    let installed = FoundPackage {
        name: host.product.clone(),
        version: host.build.clone(),
        source_version: None,
        arch: None,
        path: None,
    };
    let have = Updates::new(&catalogue.meta().supersedences, &host.updates);
    let mut findings = Vec::new();
    for hit in matcher.package(&package).hits.iter() {
        let hit = have.reconsider(catalogue, *hit);
        if scope == Scope::Everything || hit.verdict.is_open() {
            let installed = vec![installed.clone()];
            findings.push(describe(
                catalogue,
                &hit,
                Some(&platform),
                "windows",
                installed,
                None,
                false,
            ));
        }
    }
    Some(findings)
}

/// Installed updates and everything that they replace, however long the chain.
struct Updates {
    contained: BTreeSet<String>,
}

impl Updates {
    fn new(supersedences: &[Supersedence], installed: &[String]) -> Self {
        let mut replaces: HashMap<&str, Vec<&str>> = HashMap::new();
        for one in supersedences {
            replaces.entry(&one.update).or_default().push(&one.replaces);
        }
        let mut contained = BTreeSet::new();
        let mut open: Vec<&str> = installed.iter().map(String::as_str).collect();
        while let Some(update) = open.pop() {
            if contained.insert(update.to_owned()) {
                open.extend(replaces.get(update).into_iter().flatten());
            }
        }
        Self { contained }
    }

    /// A hit that only an update can settle is settled by having it.
    fn reconsider(&self, catalogue: &Catalogue, hit: Hit) -> Hit {
        let claim = catalogue.claim(hit.claim);
        let update = claim.and_then(|claim| claim.advisory());
        let has = update.is_some_and(|update| self.contained.contains(update));
        if hit.verdict.is_open() && has {
            return Hit {
                verdict: Verdict::Fixed,
                reason: Reason::HasUpdate,
                ..hit
            };
        }
        hit
    }
}
