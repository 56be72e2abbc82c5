//! What differs between the hosts of a finding, in words.

use luumen_assess::{Cell, Origin, silent_system};
use luumen_model::{
    Package,
    advisory::{Platform, Severity},
};
use luumen_store::findings::{FixState, InstalledPackage, Variant};
use luumen_vuln::{Finding, FoundPackage, HostHit, Reason, Verdict, describe};

use super::{Judge, draft::Draft};

/// Packages that a variant names; a source with more is known by these.
pub(super) const MOST_INSTALLED: usize = 16;

/// Claim, verdict, reason, running kernel, platform, versions.
pub(super) type VariantKey = (u32, Verdict, u8, Option<bool>, u32, Vec<String>);

impl Judge<'_> {
    /// The place of what a cell says among the finding's variants.
    pub(super) fn variant(&self, draft: &mut Draft<'_>, cell: &Cell, hit: &HostHit, name: &str) -> u32 {
        let packages: Vec<&Package> = hit
            .packages
            .iter()
            .filter_map(|at| cell.packages.get(*at as usize))
            .filter_map(|id| self.plan.fleet.package(*id))
            .collect();
        let mut versions: Vec<String> = packages.iter().map(|package| package.version.clone()).collect();
        versions.sort_unstable();
        versions.dedup();
        let key = (
            hit.hit.claim,
            hit.hit.verdict,
            hit.hit.reason as u8,
            hit.running,
            cell.platform,
            versions,
        );
        if let Some(place) = draft.places.get(&key) {
            return *place;
        }
        let platform = self.plan.fleet.platform_of(cell.platform);
        let ended = self
            .ended
            .get(cell.platform as usize)
            .copied()
            .unwrap_or_default();
        let installed: Vec<FoundPackage> = packages
            .iter()
            .take(MOST_INSTALLED)
            .map(|package| FoundPackage::of(package))
            .collect();
        let (_, bare) = Origin::of(name);
        let finding = describe(
            self.catalogue,
            &hit.hit,
            platform,
            bare,
            installed,
            hit.running,
            ended,
        );
        draft.take_facts(&finding);
        let mut variant = variant_of(finding, platform);
        let claim = self.catalogue.claim(hit.hit.claim);
        variant.severity = claim
            .map(|claim| claim.severity())
            .filter(|said| *said > Severity::Unknown);
        let place = draft.place(variant);
        draft.places.insert(key, place);
        place
    }

    /// The place of what upstream's versions say of a cell.
    pub(super) fn told(&self, draft: &mut Draft<'_>, cell: &Cell, finding: &Finding) -> u32 {
        let platform = self.plan.fleet.platform_of(cell.platform);
        let system = platform.and_then(silent_system);
        let platform = system.as_ref().or(platform);
        draft.take_facts(finding);
        let mut finding = finding.clone();
        finding.installed.truncate(MOST_INSTALLED);
        draft.place(variant_of(finding, platform))
    }
}

impl Draft<'_> {
    /// The place of a variant, known or new.
    fn place(&mut self, variant: Variant) -> u32 {
        let known = self
            .variants
            .iter()
            .position(|known| same_variant(known, &variant));
        let place = known.unwrap_or_else(|| {
            self.variants.push(variant);
            self.variants.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }
}

/// The same but for which binaries of the source are installed.
fn same_variant(a: &Variant, b: &Variant) -> bool {
    let versions = |variant: &Variant| {
        let mut versions: Vec<(String, Option<String>)> = variant
            .installed
            .iter()
            .map(|package| (package.version.clone(), package.path.clone()))
            .collect();
        versions.sort_unstable();
        versions.dedup();
        versions
    };
    let mut bare = b.clone();
    bare.installed.clone_from(&a.installed);
    *a == bare && versions(a) == versions(b)
}

fn variant_of(finding: Finding, platform: Option<&Platform>) -> Variant {
    let fix = match (&finding.fixed_version, finding.reason) {
        (None, _) => FixState::None,
        (Some(_), Reason::FixNeedsSubscription) => FixState::NeedsSubscription,
        // Upstream's fix is nothing that can be installed where the vendor says nothing of it.
        (Some(_), Reason::FixedInNewerRelease | Reason::VendorSilent) => FixState::None,
        (Some(_), _) => FixState::Available,
    };
    let installed = finding.installed.into_iter().map(|package| InstalledPackage {
        name: package.name,
        version: package.version,
        arch: package.arch,
        path: package.path,
    });
    Variant {
        platform: platform.map(Platform::to_string).unwrap_or_default(),
        installed: installed.collect(),
        verdict: finding.verdict.as_str().to_owned(),
        reason: word(&finding.reason),
        why: finding.why,
        confidence: word(&finding.confidence),
        fix,
        fixed_version: finding.fixed_version,
        fix_channel: finding.fix_channel,
        source: finding.source,
        authority: finding.authority,
        status: finding.status,
        advisory: finding.advisory,
        note: finding.note,
        running_kernel: finding.running,
        end_of_life: finding.end_of_life,
        severity: None,
    }
}

/// The word of an enum in documents.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The graver verdict is greater.
pub(super) fn gravity(verdict: &str) -> u8 {
    match verdict {
        "vulnerable" => 4,
        "under_investigation" => 3,
        "unknown" => 2,
        "possible" => 1,
        _ => 0,
    }
}
