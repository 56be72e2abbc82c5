//! A verdict in words: what, where, by whom, and what to do.

use luumen_catalogue::{Catalogue, ClaimRef};
use luumen_model::{
    Package, Timestamp,
    advisory::{Authority, Cvss, Platform, Severity, Ssvc, Status},
};
use serde::{Deserialize, Serialize};

use crate::{Confidence, Hit, Reason, Verdict};

/// An installed package that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPackage {
    /// As the package manager names it.
    pub name: String,
    /// Installed version.
    pub version: String,
    /// Version of the source package, which vendors write their advisories for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_version: Option<String>,
    /// Architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Where it lies, for what no package manager of the system keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl FoundPackage {
    /// A package of a list.
    pub fn of(package: &Package) -> Self {
        Self {
            name: package.name.clone(),
            version: package.version.clone(),
            source_version: package.source_version.clone(),
            arch: package.arch.clone(),
            path: None,
        }
    }
}

/// What is said of a vulnerability and a package of a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `CVE-…`, or its source's own id.
    pub vulnerability: String,
    /// Source package, or the name in its ecosystem.
    pub package: String,
    /// What is installed of it.
    pub installed: Vec<FoundPackage>,
    /// The verdict.
    pub verdict: Verdict,
    /// By which rule.
    pub reason: Reason,
    /// The same in a sentence.
    pub why: String,
    /// How sure.
    pub confidence: Confidence,
    /// First version with the fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_version: Option<String>,
    /// Channel that the fix is published in, if not every host gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix_channel: Option<String>,
    /// Feed that decided.
    pub source: String,
    /// How near it is to who builds the package.
    pub authority: Authority,
    /// What it says.
    pub status: Status,
    /// Its advisory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisory: Option<String>,
    /// Its own words, where they say more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// For kernels: whether the one that runs has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// The release no longer gets updates that every host gets.
    pub end_of_life: bool,
    /// As the deciding source has it, else by score.
    pub severity: Severity,
    /// CVSS base score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Edition of that score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_version: Option<String>,
    /// Every score that was given, of every edition and with who gave it; filled by [`crate::HostReport::tell_scores`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Cvss>,
    /// CISA's decision points; filled with the scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssvc: Option<Ssvc>,
    /// Day that CISA added it to the known exploited ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kev_added_at: Option<Timestamp>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
    /// Probability of exploitation within 30 days, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epss: Option<f64>,
}

impl Finding {
    /// What a person should look at first is greater.
    pub(crate) fn rank(&self) -> (bool, bool, Severity, u64) {
        let open = self.verdict.is_open() && self.verdict != Verdict::Possible;
        let epss = (self.epss.unwrap_or_default() * 1e6) as u64;
        (open, self.kev_added_at.is_some(), self.severity, epss)
    }
}

/// Puts a verdict into words.
pub fn describe(
    catalogue: &Catalogue,
    hit: &Hit,
    platform: Option<&Platform>,
    package: &str,
    installed: Vec<FoundPackage>,
    running: Option<bool>,
    release_ended: bool,
) -> Finding {
    let claim = catalogue.claim(hit.claim);
    let view = catalogue.view(hit.vulnerability);
    let view = view.as_ref();
    let severity = claim
        .map(|claim| claim.severity())
        .filter(|said| *said > Severity::Unknown);
    let channel = claim
        .map(|claim| claim.channel())
        .filter(|channel| !channel.is_empty());
    let fixed = claim
        .and_then(|claim| claim.fixed())
        .map(|fixed| shown(fixed.text).to_owned());
    let end_of_life = hit.end_of_life || release_ended;
    let version = installed.first().map_or("", |package| package.version.as_str());
    let why = match claim {
        Some(claim) => sentence(hit, &claim, platform, package, version, running, end_of_life),
        None => "the claim that decided is no longer in the catalogue".to_owned(),
    };
    Finding {
        vulnerability: catalogue.vulnerability_name(hit.vulnerability).to_owned(),
        package: package.to_owned(),
        installed,
        verdict: hit.verdict,
        reason: hit.reason,
        why,
        confidence: hit.confidence,
        fix_channel: fixed.as_ref().and(channel).map(str::to_owned),
        fixed_version: fixed,
        source: claim.map_or("", |claim| claim.source()).to_owned(),
        authority: claim.map_or(Authority::Nvd, |claim| claim.authority()),
        status: claim.map_or(Status::UnderInvestigation, |claim| claim.status()),
        advisory: claim.and_then(|claim| claim.advisory()).map(str::to_owned),
        note: claim.and_then(|claim| claim.note()).map(str::to_owned),
        running,
        end_of_life,
        severity: severity.or(view.map(|view| view.severity)).unwrap_or_default(),
        score: view.and_then(|view| view.score),
        score_version: view.and_then(|view| view.score_version).map(str::to_owned),
        scores: Vec::new(),
        ssvc: None,
        kev_added_at: view.and_then(|view| view.kev_added_at),
        ransomware: view.is_some_and(|view| view.ransomware),
        epss: view.and_then(|view| view.epss),
    }
}

fn sentence(
    hit: &Hit,
    claim: &ClaimRef<'_>,
    platform: Option<&Platform>,
    package: &str,
    version: &str,
    running: Option<bool>,
    end_of_life: bool,
) -> String {
    let fixed = claim.fixed().map_or("", |fixed| shown(fixed.text));
    let (source, channel) = (claim.source(), claim.channel());
    let place = platform.map_or_else(String::new, |platform| format!(" for {}", platform.label()));
    let mut text = match hit.reason {
        Reason::BeforeFix => {
            format!("{package} {version} is older than {fixed}, which has the fix ({source}{place})")
        }
        Reason::FixNeedsSubscription => format!(
            "{package} {version} is older than {fixed}, and that fix is published in {channel} only, which needs a subscription ({source}{place})"
        ),
        Reason::FixedInNewerRelease => format!(
            "{package} {version} is vulnerable; the fix {fixed} is only in a newer release ({source})"
        ),
        Reason::NoFix if claim.advisory().is_some_and(|update| update.starts_with("KB")) => format!(
            "{package} {version} lacks {}, and nothing that replaces it is installed ({source}{place})",
            claim.advisory().unwrap_or_default()
        ),
        Reason::NoFix => format!("{source} says that {package} is affected{place}, and there is no fix yet"),
        Reason::WillNotFix => {
            format!("{source} says that {package} is affected{place} and will not be fixed")
        }
        Reason::Deferred => format!("{source} says that {package} is affected{place}; the fix is put off"),
        Reason::EndOfLife => format!(
            "{source} no longer looks at {package}{place}, because support has ended; it must be taken as vulnerable"
        ),
        Reason::UnderInvestigation => {
            format!("{source} has not decided yet whether {package} is affected{place}")
        }
        Reason::InRange => format!(
            "{package} {version} is in the range that {source} names as vulnerable{}",
            until(claim)
        ),
        Reason::HasFix => format!("{package} {version} has the fix of {fixed} ({source}{place})"),
        Reason::HasUpdate => format!(
            "{} or an update that replaces it is installed ({source}{place})",
            claim.advisory().unwrap_or("the update")
        ),
        Reason::OutsideRange => format!("{package} {version} is outside of the range that {source} names"),
        Reason::VendorSaysNot => format!("{source} says that {package} is not affected{place}"),
        Reason::NotComparable => {
            format!("version {version:?} of {package} cannot be compared with what {source} names")
        }
        Reason::VendorSilent => format!(
            "nobody who builds {package} says anything; by upstream's version {version} alone it may be affected ({source})"
        ),
    };
    if let Some(note) = claim.note().filter(|_| hit.verdict != Verdict::Fixed) {
        text.push_str(": ");
        text.push_str(note);
    }
    if end_of_life && hit.verdict.is_open() && hit.reason != Reason::EndOfLife {
        text.push_str("; support of this release has ended");
    }
    if running == Some(false) && hit.verdict.is_open() {
        text.push_str("; this kernel is installed and not running");
    }
    text
}

/// Feeds of rpm write an epoch of 0 that no tool shows.
pub(crate) fn shown(version: &str) -> &str {
    version.strip_prefix("0:").unwrap_or(version)
}

fn until(claim: &ClaimRef<'_>) -> String {
    match (claim.fixed(), claim.last_affected()) {
        (Some(fixed), _) => format!(" (fixed in {})", fixed.text),
        (None, Some(last)) => format!(" (up to {})", last.text),
        (None, None) => String::new(),
    }
}
