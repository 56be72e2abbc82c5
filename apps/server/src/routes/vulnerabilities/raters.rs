//! Who says how bad it is. A vendor's "low" beside the NVD's 8.1 reads as a mistake, unless both have their names.

use luumen_api::vulnerabilities::Finding;
use luumen_assess::Origin;
use luumen_catalogue::{Catalogue, VulnerabilityId};
use luumen_model::advisory::{CvssVersion, Severity};

/// Names both where they differ.
pub(super) fn name(finding: &mut Finding, catalogue: &Catalogue) {
    let Some(score) = finding.score else { return };
    if finding.severity == Severity::Unknown || finding.severity == severity_of(finding) {
        return;
    }
    let Some(known) = catalogue.vulnerability(&finding.vulnerability) else {
        return;
    };
    finding.severity_source = said_by(catalogue, known, finding);
    let version = finding.score_version.as_deref();
    let detail = catalogue.detail(known);
    let mut scores = detail.vulnerabilities.iter().flat_map(|said| &said.cvss);
    let same = |cvss: &luumen_model::advisory::Cvss| {
        (cvss.score - score).abs() < 0.05 && Some(edition(cvss.version)) == version
    };
    finding.score_source = scores.find(|cvss| same(cvss)).map(|cvss| cvss.source.clone());
}

/// The feed whose claim about the package has that severity.
fn said_by(catalogue: &Catalogue, known: VulnerabilityId, finding: &Finding) -> Option<String> {
    let (_, bare) = Origin::of(&finding.package);
    let mut claims = catalogue.claims_about(known);
    let claim = claims.find(|claim| claim.package() == bare && claim.severity() == finding.severity);
    claim.map(|claim| claim.source().to_owned())
}

fn edition(version: CvssVersion) -> &'static str {
    match version {
        CvssVersion::V4 => "4.0",
        CvssVersion::V31 => "3.1",
        CvssVersion::V30 => "3.0",
        CvssVersion::V2 => "2.0",
    }
}

/// What the score alone would say: the table of CVSS 3 and 4, and of 2, which has no "critical".
fn severity_of(finding: &Finding) -> Severity {
    let is_second = finding.score_version.as_deref() == Some("2.0");
    match finding.score {
        None => Severity::Unknown,
        Some(score) if score >= 9.0 && !is_second => Severity::Critical,
        Some(score) if score >= 7.0 => Severity::High,
        Some(score) if score >= 4.0 => Severity::Medium,
        Some(score) if score > 0.0 => Severity::Low,
        Some(_) => Severity::None,
    }
}
