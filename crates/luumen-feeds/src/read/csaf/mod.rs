//! CSAF 2.0: security advisories and VEX documents of Red Hat, SUSE and Microsoft, with one reader and a way of reading products for each.
//!
//! | word of the publisher | our status |
//! |---|---|
//! | `fixed`, `first_fixed`; SUSE also `recommended` | fixed, with the version of the product |
//! | `known_affected`, no remediation, or `none_available` (`Affected`), or `vendor_fix` | affected |
//! | `known_affected`, `none_available` (`Fix deferred`) | deferred |
//! | `known_affected`, `no_fix_planned` (`Will not fix`) | will not fix |
//! | `known_affected`, `no_fix_planned` (`Out of support scope`) | end of life |
//! | `under_investigation` | under investigation |
//! | `known_not_affected` | not affected; the flag (`component_not_present`, …) is the note |
//! | `first_affected`, `last_affected` | nobody uses them: a problem |
//!
//! A remediation's words are the note wherever there is no fix. Impact threats are the severity. Of products that are no platform of a host
//! (containers, appliances, Java archives) nothing is said. Packages with symbols for debuggers are left out. A source package is left out
//! where a binary package of the same build, or of the same name, is there with the same status.

mod claims;
mod document;
mod microsoft;
mod redhat;
mod suse;
mod vulnerability;

use document::{Csaf, Products, Vulnerability};

use super::{Document, Problem, ReadError, Sink};

/// Red Hat: `redhat-csaf` and `redhat-vex`.
pub(super) fn read_redhat(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    read(document, &redhat::RedHat, sink)
}

/// SUSE: `suse-csaf` and `suse-vex`.
pub(super) fn read_suse(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    read(document, &suse::Suse, sink)
}

/// Microsoft: `msrc-csaf`.
pub(super) fn read_microsoft(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    read(document, &microsoft::Microsoft, sink)
}

/// What is a publisher's own: how it names products.
trait Publisher {
    /// Short name, as the giver of CVSS scores.
    fn name(&self) -> &'static str;

    /// What the product id is about. Nothing for what is no package on a platform; an error for what should be one and cannot be read.
    fn subject(&self, products: &Products<'_>, id: &str) -> Result<Option<claims::Subject>, String>;

    /// The advisory that a `vendor_fix` names.
    fn advisory(&self, fix: &document::Remark<'_>) -> Option<String>;

    /// Whether the document's own id is an advisory (`RHSA-2024:1234`), to be named where no remediation names one.
    fn is_advisory(&self, id: &str) -> bool;
}

fn read(document: Document<'_>, publisher: &dyn Publisher, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let csaf: Csaf<'_> = serde_json::from_slice(document.bytes).map_err(ReadError::Json)?;
    let products = Products::of(&csaf);
    let context = Context {
        source: document.source,
        publisher,
        products: &products,
        meta: &csaf.document,
    };
    for (at, raw) in csaf.vulnerabilities.iter().enumerate() {
        match serde_json::from_str::<Vulnerability<'_>>(raw.get()) {
            Ok(vulnerability) => {
                let id = context.id_of(&vulnerability);
                vulnerability::tell(&context, &id, &vulnerability, sink);
                claims::tell(&context, &id, &vulnerability, sink);
            }
            Err(error) => sink.problem(Problem {
                entry: format!("{}: vulnerabilities[{at}]", context.document_id()),
                what: error.to_string(),
            }),
        }
    }
    Ok(())
}

/// What every vulnerability of a document is read with.
struct Context<'a> {
    source: &'a str,
    publisher: &'a dyn Publisher,
    products: &'a Products<'a>,
    meta: &'a document::Meta<'a>,
}

impl Context<'_> {
    fn document_id(&self) -> &str {
        self.meta.tracking.id.as_str()
    }

    /// The CVE, else the publisher's own id for the vulnerability, else the document's.
    fn id_of(&self, vulnerability: &Vulnerability<'_>) -> String {
        let own = || {
            vulnerability
                .ids
                .iter()
                .map(|id| &id.text)
                .find(|id| id.as_str().starts_with("CVE-"))
        };
        let found = vulnerability.cve.as_ref().or_else(own);
        found.map_or_else(|| self.document_id().to_owned(), |id| id.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests;
