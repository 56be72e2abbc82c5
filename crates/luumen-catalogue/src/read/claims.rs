//! Claims: found by platform and package, or by vulnerability.

use std::cmp::Ordering;

use luumen_model::advisory::{Authority, Channel, Claim, PackageKind, Platform, Severity, Status};
use luumen_version::Scheme;

use super::{Catalogue, VulnerabilityId};
use crate::layout::{CLAIM_SIZE, Coded, GROUP_SIZE, Part, group_hash, kind_code, take_run, u16_at, u32_at};

/// A platform's number in one catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlatformId(pub(crate) u16);

/// A claim where it lies.
#[derive(Clone, Copy)]
pub struct ClaimRef<'a> {
    catalogue: &'a Catalogue,
    bytes: &'a [u8],
    at: u32,
}

/// A version where it lies.
#[derive(Clone, Copy, Debug)]
pub struct VersionRef<'a> {
    /// As written.
    pub text: &'a str,
    /// What is compared, byte by byte; empty when its scheme has no keys or the text is no version of it.
    pub key: &'a [u8],
}

impl std::fmt::Debug for ClaimRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_claim().fmt(f)
    }
}

impl Catalogue {
    /// What is said of a package on a platform, by vulnerability.
    pub fn claims_of(
        &self,
        platform: PlatformId,
        kind: PackageKind,
        package: &str,
    ) -> impl Iterator<Item = ClaimRef<'_>> + Clone + use<'_> {
        let (first, count) = self.group(platform, kind, package).unwrap_or_default();
        (first..first.saturating_add(count)).map_while(move |at| self.claim(at))
    }

    /// What is said of a vulnerability, on every platform.
    pub fn claims_about(&self, vulnerability: VulnerabilityId) -> impl Iterator<Item = ClaimRef<'_>> {
        let (first, count) = self.claim_range(vulnerability);
        let indexes = self.part(Part::VulnerabilityClaims);
        (first..first.saturating_add(count))
            .map_while(move |at| u32_at(indexes, at as usize * 4))
            .filter_map(|at| self.claim(at))
    }

    /// A claim by its number in this catalogue.
    pub fn claim(&self, at: u32) -> Option<ClaimRef<'_>> {
        let from = at as usize * CLAIM_SIZE;
        let bytes = self.part(Part::Claims).get(from..from + CLAIM_SIZE)?;
        Some(ClaimRef {
            catalogue: self,
            bytes,
            at,
        })
    }

    fn group(&self, platform: PlatformId, kind: PackageKind, package: &str) -> Option<(u32, u32)> {
        let table = self.part(Part::Groups);
        let slots = table.len() / GROUP_SIZE;
        if slots == 0 || !slots.is_power_of_two() {
            return None;
        }
        let start = group_hash(platform.0, kind, package) as usize;
        for step in 0..slots {
            let slot = start.wrapping_add(step) & (slots - 1);
            let bytes = &table[slot * GROUP_SIZE..(slot + 1) * GROUP_SIZE];
            if bytes[3] == 0 {
                return None;
            }
            let same = u16_at(bytes, 0) == Some(platform.0) && bytes[2] == kind_code(kind);
            if same && self.text(u32_at(bytes, 4)?) == package {
                return Some((u32_at(bytes, 8)?, u32_at(bytes, 12)?));
            }
        }
        None
    }

    pub(super) fn version(&self, offset: u32) -> Option<VersionRef<'_>> {
        if offset == 0 {
            return None;
        }
        let (text, rest) = take_run(self.part(Part::Versions).get(offset as usize..)?)?;
        let (key, _) = take_run(rest)?;
        Some(VersionRef {
            text: std::str::from_utf8(text).ok()?,
            key,
        })
    }
}

impl<'a> VersionRef<'a> {
    /// How a version of a host, with its key, stands to this one; `None` when either cannot be read.
    pub fn compare_to(&self, scheme: Scheme, text: &str, key: Option<&[u8]>) -> Option<Ordering> {
        match key {
            Some(key) if !self.key.is_empty() => Some(key.cmp(self.key)),
            _ => scheme.compare(text, self.text),
        }
    }
}

impl<'a> ClaimRef<'a> {
    fn u32(&self, at: usize) -> u32 {
        u32_at(self.bytes, at).unwrap_or_default()
    }

    fn u16(&self, at: usize) -> u16 {
        u16_at(self.bytes, at).unwrap_or_default()
    }

    fn text_option(&self, at: usize) -> Option<&'a str> {
        let text = self.catalogue.text(self.u32(at));
        (!text.is_empty()).then_some(text)
    }

    /// Its number in this catalogue.
    pub fn index(&self) -> u32 {
        self.at
    }

    /// What it is about.
    pub fn vulnerability(&self) -> VulnerabilityId {
        VulnerabilityId(self.u32(0))
    }

    /// First version that is vulnerable.
    pub fn introduced(&self) -> Option<VersionRef<'a>> {
        self.catalogue.version(self.u32(4))
    }

    /// First version that is not vulnerable any more.
    pub fn fixed(&self) -> Option<VersionRef<'a>> {
        self.catalogue.version(self.u32(8))
    }

    /// Last version that is vulnerable.
    pub fn last_affected(&self) -> Option<VersionRef<'a>> {
        self.catalogue.version(self.u32(12))
    }

    /// Module stream.
    pub fn module(&self) -> Option<&'a str> {
        self.text_option(16)
    }

    /// Architectures; none for all.
    pub fn arches(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.text_option(20).into_iter().flat_map(|text| text.split(','))
    }

    /// The vendor's advisory.
    pub fn advisory(&self) -> Option<&'a str> {
        self.text_option(24)
    }

    /// The source's own words.
    pub fn note(&self) -> Option<&'a str> {
        self.text_option(28)
    }

    /// Id of the feed.
    pub fn source(&self) -> &'a str {
        self.catalogue.name(self.u16(32))
    }

    /// Line of updates; empty for what every host gets.
    pub fn channel(&self) -> &'a str {
        self.catalogue.name(self.u16(34))
    }

    /// Where it holds.
    pub fn platform(&self) -> Platform {
        let at = usize::from(self.u16(36));
        self.catalogue.platforms().get(at).cloned().unwrap_or_default()
    }

    /// Whether it holds on that platform.
    pub fn is_of(&self, platform: PlatformId) -> bool {
        self.u16(36) == platform.0
    }

    /// How near its source is to who builds the package.
    pub fn authority(&self) -> Authority {
        Authority::from_code(self.bytes[38]).unwrap_or(Authority::Nvd)
    }

    /// What it says. A code from the future reads as "not decided yet".
    pub fn status(&self) -> Status {
        Status::from_code(self.bytes[39]).unwrap_or(Status::UnderInvestigation)
    }

    /// How bad its source finds it here.
    pub fn severity(&self) -> Severity {
        Severity::from_code(self.bytes[40]).unwrap_or_default()
    }

    /// Which of the package's names it uses.
    pub fn package_kind(&self) -> PackageKind {
        if self.bytes[41] == 0 {
            PackageKind::Source
        } else {
            PackageKind::Binary
        }
    }

    /// The claim unpacked; its package is the one it was looked up by, and empty when it was found by vulnerability.
    pub fn to_claim(&self) -> Claim {
        let text = |version: Option<VersionRef<'_>>| version.map(|version| version.text.to_owned());
        Claim {
            source: self.source().to_owned(),
            authority: self.authority(),
            vulnerability: self.catalogue.vulnerability_name(self.vulnerability()).to_owned(),
            platform: self.platform(),
            channel: Channel::new(self.channel()),
            package: self.package().to_owned(),
            package_kind: self.package_kind(),
            arches: self.arches().map(str::to_owned).collect(),
            module: self.module().map(str::to_owned),
            status: self.status(),
            introduced: text(self.introduced()),
            fixed: text(self.fixed()),
            last_affected: text(self.last_affected()),
            advisory: self.advisory().map(str::to_owned),
            severity: Some(self.severity()),
            note: self.note().map(str::to_owned),
        }
    }

    /// The package.
    pub fn package(&self) -> &'a str {
        self.catalogue.text(self.u32(44))
    }
}
