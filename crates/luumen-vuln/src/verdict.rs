//! The words of a verdict.

use luumen_catalogue::VulnerabilityId;
use serde::{Deserialize, Serialize};

/// What we say of a package and a vulnerability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It has it.
    Vulnerable,
    /// The vendor has not decided yet; nobody knows better.
    UnderInvestigation,
    /// Only somebody who does not know this package says so; worth a look, not an alarm.
    Possible,
    /// It cannot be said: a version that cannot be read, …
    Unknown,
    /// It had it, and the installed version has the fix.
    Fixed,
    /// It never had it.
    NotAffected,
}

impl Verdict {
    /// True for what a person has to look at.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Vulnerable | Self::UnderInvestigation | Self::Possible | Self::Unknown
        )
    }

    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vulnerable => "vulnerable",
            Self::UnderInvestigation => "under_investigation",
            Self::Possible => "possible",
            Self::Unknown => "unknown",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
        }
    }
}

/// How sure we are. The order is from sure to unsure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Who builds the package says so of just this package.
    High,
    /// It follows from what was said of something near: an unmaintained release, an ecosystem's advisory.
    Medium,
    /// From upstream's version numbers alone.
    Low,
}

/// Why, as a rule that a person can check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Older than the version that has the fix.
    BeforeFix,
    /// The fix is published only in a channel that needs a subscription.
    FixNeedsSubscription,
    /// Vulnerable, and no fix is published.
    NoFix,
    /// Vulnerable, and only a newer release of the distribution has the fix.
    FixedInNewerRelease,
    /// Vulnerable, and the vendor says that it will not be fixed.
    WillNotFix,
    /// Vulnerable, and the vendor has put the fix off.
    Deferred,
    /// The vendor stopped looking, because support of this release has ended.
    EndOfLife,
    /// The vendor has not decided yet.
    UnderInvestigation,
    /// Within the range of versions that the advisory names.
    InRange,
    /// The installed version has the fix.
    HasFix,
    /// The update with the fix is installed, or one that replaces it.
    HasUpdate,
    /// Outside of the range of versions that the advisory names.
    OutsideRange,
    /// The vendor says that this package is not affected.
    VendorSaysNot,
    /// The installed version cannot be compared with the one that was named.
    NotComparable,
    /// The vendor is silent, and upstream's version number lies in the range of the NVD or the CNA.
    VendorSilent,
}

/// A verdict in numbers, for counting millions of them; [`crate::Finding`] is the same in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hit {
    /// What.
    pub vulnerability: VulnerabilityId,
    /// The verdict.
    pub verdict: Verdict,
    /// Number of the claim that decided, in the same catalogue.
    pub claim: u32,
    /// By which rule.
    pub reason: Reason,
    /// How sure.
    pub confidence: Confidence,
    /// The vendor no longer looks after this release without a subscription.
    pub end_of_life: bool,
}
