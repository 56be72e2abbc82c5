//! Debian: its releases, the lists and the JSON of its security tracker, and its OVAL, a room each.
//!
//! The tracker decides by source packages. What it says of unstable holds for every release about which it says nothing else; that is for the matcher
//! to apply, here it stays a claim about `debian/sid`.

pub(super) mod list;
pub(super) mod oval;
mod releases;
pub(super) mod tracker_json;

use luumen_model::advisory::{Authority, Channel, Claim, PackageKind, Platform, Severity, Status};
use releases::{Place, place};

/// A claim about a source package with everything else left open.
fn claim(source: &str, vulnerability: &str, at: (Platform, Channel), package: &str, status: Status) -> Claim {
    Claim {
        source: source.to_owned(),
        authority: Authority::Vendor,
        vulnerability: vulnerability.to_owned(),
        platform: at.0,
        channel: at.1,
        package: package.to_owned(),
        package_kind: PackageKind::Source,
        arches: Vec::new(),
        module: None,
        status,
        introduced: None,
        fixed: None,
        last_affected: None,
        advisory: None,
        severity: None,
        note: None,
    }
}

/// Debian's urgencies; an asterisk marks those that were guessed from the NVD.
fn severity(urgency: &str) -> Option<Severity> {
    match urgency.trim_end_matches('*') {
        "unimportant" | "low" => Some(Severity::Low),
        "medium" => Some(Severity::Medium),
        "high" => Some(Severity::High),
        _ => None,
    }
}
