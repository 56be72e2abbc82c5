//! A claim: one source's sentence about one package on one platform and one vulnerability.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Severity;

/// How near a source is to who builds the package. The order is the order of trust: the first is believed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// Who builds and ships the package: the distribution, or Microsoft for Windows. Its word is final.
    Vendor,
    /// Who keeps the advisories of a language ecosystem (OSV for PyPI, npm, …).
    Ecosystem,
    /// Who assigned the CVE, or CISA's additions to it, in CVE List V5.
    Cna,
    /// The NVD's CPE ranges: what upstream released, knowing nothing of distributions.
    Nvd,
}

/// Where a claim holds: `debian/12`, `ubuntu/20.04`, `rhel/9`, `pypi/`, `windows/Windows Server 2019`.
///
/// `family` is the `ID` of os-release (`debian`, `ubuntu`, `rhel`, `centos`, `almalinux`, `rocky`, `ol`, `fedora`, `amzn`,
/// `sles`, `sle-micro`, `sl-micro`, `opensuse-leap`, `opensuse-leap-micro`, `opensuse-tumbleweed`, `alpine`, `wolfi`, `chainguard`, `arch`), `windows`, or the name of a language ecosystem (`pypi`, `npm`, `maven`, `nuget`, `rubygems`,
/// `crates.io`, `go`). `release` is what its feeds are kept by: `12`, `sid`, `20.04`, `9`, `2023`, `15.5`, `3.18`; the product
/// for Windows; empty for what has no releases (`arch`, `wolfi`, `chainguard`, `opensuse-tumbleweed`) and for ecosystems.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Platform {
    /// Who makes it.
    pub family: String,
    /// Which one of theirs.
    pub release: String,
}

impl Platform {
    /// A platform by its two names.
    pub fn new(family: impl Into<String>, release: impl Into<String>) -> Self {
        Self {
            family: family.into(),
            release: release.into(),
        }
    }

    /// For sentences: `debian/12`, and `arch` where there are no releases.
    pub fn label(&self) -> String {
        if self.release.is_empty() {
            self.family.clone()
        } else {
            self.to_string()
        }
    }

    /// The version order of its packages, by the name that `luumen-version` knows it by.
    pub fn scheme(&self) -> &'static str {
        match self.family.as_str() {
            "debian" | "ubuntu" => "dpkg",
            "alpine" | "wolfi" | "chainguard" => "apk",
            "arch" => "pacman",
            "windows" => "windows",
            "pypi" => "pep440",
            "npm" | "crates.io" | "go" => "semver",
            "maven" => "maven",
            "nuget" => "nuget",
            "rubygems" => "rubygems",
            "rhel"
            | "centos"
            | "almalinux"
            | "rocky"
            | "ol"
            | "fedora"
            | "amzn"
            | "sles"
            | "opensuse-leap"
            | "sle-micro"
            | "sl-micro"
            | "opensuse"
            | "opensuse-leap-micro"
            | "opensuse-tumbleweed" => "rpm",
            _ => "generic",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.family, self.release)
    }
}

/// The line of updates that a fix is published in. Empty is what every host of the release gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Channel(pub String);

impl Channel {
    /// What every host of the release gets.
    pub const MAIN: Self = Self(String::new());

    /// `esm-infra`, `esm-apps`, `esm` (Ubuntu Pro), `fips`, `fips-updates`, `lts`, `elts`, `backports`, `ltss`, `eus-9.2`, …
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// True for the updates that every host of the release gets.
    pub fn is_main(&self) -> bool {
        self.0.is_empty()
    }
}

/// Which of a package's names the claim uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PackageKind {
    /// The source package; compared with the source version.
    Source,
    /// The binary package; compared with its own version.
    Binary,
}

/// What the source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Vulnerable, and there is no fix in this channel (yet).
    Affected,
    /// Vulnerable before the version in `fixed`.
    Fixed,
    /// Vulnerable, and the vendor will not fix it here.
    WillNotFix,
    /// Vulnerable, and the fix is put off.
    Deferred,
    /// The vendor has not decided yet whether it is vulnerable.
    UnderInvestigation,
    /// Not vulnerable.
    NotAffected,
    /// The vendor no longer looks: support of this channel has ended.
    EndOfLife,
}

/// One source's sentence about one package on one platform and one vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    /// Which feed, by its id in `content/feeds.yaml`.
    pub source: String,
    /// How near the source is to who builds the package.
    pub authority: Authority,
    /// `CVE-…` wherever there is one, else the vendor's own id. An advisory for several CVEs makes one claim for each.
    pub vulnerability: String,
    /// Where it holds.
    pub platform: Platform,
    /// Which line of updates it speaks of.
    #[serde(default, skip_serializing_if = "Channel::is_main")]
    pub channel: Channel,
    /// The package.
    pub package: String,
    /// Which of its names that is.
    pub package_kind: PackageKind,
    /// Architectures as the vendor writes them; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arches: Vec<String>,
    /// Module stream `name:stream`: concerns only packages of it. Absent: concerns only packages of no module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// What it says.
    pub status: Status,
    /// First version that is vulnerable; absent: from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduced: Option<String>,
    /// First version that is not vulnerable any more. Always there when `status` is `fixed`, except for Windows products whose fix is
    /// known only as the update in `advisory`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// Last version that is vulnerable, where the source writes it that way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_affected: Option<String>,
    /// `DSA-5380-1`, `USN-6242-1`, `RHSA-2024:1234`, `KB5044277`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisory: Option<String>,
    /// How bad the source finds it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The source's own words for the status, when they say more than it: `end of standard support`, `code not compiled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
