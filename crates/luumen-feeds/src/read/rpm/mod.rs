//! What publishers of rpm distributions share: how they name packages, products and severities.

mod gather;
mod package;
mod product;

pub(super) use gather::{Gather, blank};
pub(super) use package::{Evr, Nevra, Purl, is_debug};
pub(super) use product::{of_cpe, suse};

use luumen_model::advisory::Severity;

/// The severity in a vendor's word, in ours: Red Hat's `Important` is `high`, `Moderate` is `medium`.
pub(super) fn severity(word: &str) -> Option<Severity> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "important" | "high" => Severity::High,
        "moderate" | "medium" => Severity::Medium,
        "low" | "negligible" => Severity::Low,
        "none" => Severity::None,
        _ => return None,
    })
}
