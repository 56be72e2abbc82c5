//! A finding as the window reads it: `luumen_vuln::Finding`, field by field.

use luumen_model::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An installed package that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundPackage {
    /// As the package manager names it.
    pub name: String,
    /// Installed version.
    pub version: String,
    /// Version of the source package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub source_version: Option<String>,
    /// Architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub arch: Option<String>,
    /// Where it lies, for what no package manager keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub path: Option<String>,
}

/// A CVSS base score and who gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CvssScore {
    /// Edition: `2.0`, `3.0`, `3.1`, `4.0`.
    pub version: String,
    /// 0.0 to 10.0.
    pub score: f64,
    /// The vector as written.
    pub vector: String,
    /// `nvd`, `redhat`, the short name of a CNA, …
    pub source: String,
}

/// CISA's decision points (Stakeholder-Specific Vulnerability Categorization).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DecisionPoints {
    /// `none`, `poc`, `active`.
    pub exploitation: String,
    /// Whether the attack can be automated.
    pub automatable: bool,
    /// `partial`, `total`.
    pub technical_impact: String,
}

/// What is said of a vulnerability and a package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// `CVE-…`, or its source's own id.
    pub vulnerability: String,
    /// Source package, or the name in its ecosystem.
    pub package: String,
    /// What is installed of it.
    pub installed: Vec<FoundPackage>,
    /// `vulnerable`, `under_investigation`, `possible`, `unknown`.
    pub verdict: String,
    /// By which rule.
    pub reason: String,
    /// The same in a sentence.
    pub why: String,
    /// `high`, `medium`, `low`.
    pub confidence: String,
    /// First version with the fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fixed_version: Option<String>,
    /// Channel that the fix is published in, if not every host gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fix_channel: Option<String>,
    /// Feed that decided.
    pub source: String,
    /// How near it is to who builds the package.
    pub authority: String,
    /// What it says.
    pub status: String,
    /// Its advisory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub advisory: Option<String>,
    /// Its own words, where they say more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub note: Option<String>,
    /// For kernels: whether the one that runs has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub running: Option<bool>,
    /// The release no longer gets updates that every host gets.
    pub end_of_life: bool,
    /// `critical`, `high`, `medium`, `low`, `none`, `unknown`.
    pub severity: String,
    /// CVSS base score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub score: Option<f64>,
    /// Edition of that score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub score_version: Option<String>,
    /// Every score that was given, newest edition first, and with who gave it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<CvssScore>>")]
    pub scores: Vec<CvssScore>,
    /// CISA's decision points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ssvc: Option<DecisionPoints>,
    /// Day that CISA added it to the known exploited ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, as = "Option<String>")]
    pub kev_added_at: Option<Timestamp>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
    /// Probability of exploitation within 30 days, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub epss: Option<f64>,
}

impl Finding {
    /// Critical, or known to be exploited.
    pub(super) fn is_urgent(&self) -> bool {
        self.severity == "critical" || self.kev_added_at.is_some()
    }

    /// What two scans are compared by.
    pub(super) fn key(&self) -> (&str, &str) {
        (&self.vulnerability, &self.package)
    }
}

impl TryFrom<&luumen_vuln::Finding> for Finding {
    type Error = serde_json::Error;

    /// Through JSON, which both are in the end: a field that only one of them has is seen by the test below.
    fn try_from(finding: &luumen_vuln::Finding) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::to_value(finding)?)
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::{Authority, Cvss, CvssVersion, Severity, Ssvc, Status};
    use luumen_vuln::{Confidence, Reason, Verdict};

    use super::*;

    #[test]
    fn a_finding_reads_the_same_here_as_where_it_is_made() {
        let made = luumen_vuln::Finding {
            vulnerability: "CVE-2026-1".to_owned(),
            package: "openssl".to_owned(),
            installed: vec![luumen_vuln::FoundPackage {
                name: "libssl3".to_owned(),
                version: "3.0.1".to_owned(),
                source_version: Some("3.0.1".to_owned()),
                arch: Some("amd64".to_owned()),
                path: Some("/x".to_owned()),
            }],
            verdict: Verdict::Vulnerable,
            reason: Reason::BeforeFix,
            why: "because".to_owned(),
            confidence: Confidence::High,
            fixed_version: Some("3.0.2".to_owned()),
            fix_channel: Some("esm".to_owned()),
            source: "debian-tracker".to_owned(),
            authority: Authority::Vendor,
            status: Status::Fixed,
            advisory: Some("DSA-1".to_owned()),
            note: Some("note".to_owned()),
            running: Some(true),
            end_of_life: false,
            severity: Severity::Critical,
            score: Some(9.8),
            score_version: Some("3.1".to_owned()),
            scores: vec![Cvss {
                version: CvssVersion::V31,
                score: 9.8,
                vector: "CVSS:3.1/AV:N".to_owned(),
                source: "nvd".to_owned(),
            }],
            ssvc: Some(Ssvc {
                exploitation: "active".to_owned(),
                automatable: true,
                technical_impact: "total".to_owned(),
            }),
            kev_added_at: Some(Timestamp::from_millis(1)),
            ransomware: true,
            epss: Some(0.5),
        };
        let shown = Finding::try_from(&made).expect("the same shape");
        assert_eq!(
            serde_json::to_value(&shown).expect("JSON"),
            serde_json::to_value(&made).expect("JSON")
        );
        assert!(shown.is_urgent());
    }
}
