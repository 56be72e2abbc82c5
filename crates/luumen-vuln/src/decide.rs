//! What is said of one package, weighed one vulnerability after the other.

use std::cmp::Ordering;

use luumen_catalogue::{Catalogue, ClaimRef, PlatformId, VulnerabilityId};
use luumen_model::{
    Package,
    advisory::{Authority, PackageKind, Platform, Status},
};
use luumen_version::Scheme;

use crate::{
    Confidence, Hit, Reason, Verdict,
    channel::Line,
    lineage,
    subject::{Installed, Subject},
};

/// Everything that vendors say of a package on a platform: what it has, what it had, and what it never had.
pub fn match_package(catalogue: &Catalogue, platform: &Platform, package: &Package) -> Vec<Hit> {
    let Some(id) = catalogue.platform(platform) else {
        return Vec::new();
    };
    let subject = Subject::new(&platform.family, catalogue.scheme(id), package);
    match_subject(catalogue, id, &platform.family, &subject)
}

/// The same for a package that was prepared before.
pub(crate) fn match_subject(
    catalogue: &Catalogue,
    platform: PlatformId,
    family: &str,
    subject: &Subject,
) -> Vec<Hit> {
    let scheme = catalogue.scheme(platform);
    let of = |platform, kind, name: &str| Run::new(catalogue.claims_of(platform, kind, name));
    let mut own = [
        of(platform, PackageKind::Source, &subject.source_name),
        of(platform, PackageKind::Binary, &subject.binary_name),
    ];
    // Debian names a release only where it differs from unstable.
    let unstable = (family == "debian").then(|| catalogue.platform(&Platform::new("debian", "sid")));
    let mut unstable = match unstable.flatten() {
        Some(sid) if sid != platform => of(sid, PackageKind::Source, &subject.source_name),
        _ => Run::default(),
    };
    let (mut hits, mut said, mut fallback) = (Vec::new(), Vec::new(), Vec::new());
    let gets_minor_release = || {
        let claims = catalogue.claims_of(platform, PackageKind::Binary, &subject.binary_name);
        let is_of = |line| {
            let mut all = claims.clone();
            all.any(|claim| Line::of(claim.channel()) == line && is_just_this_build(&claim, subject))
        };
        // While a minor release is the newest one, both lines get the same builds.
        is_of(Line::MinorRelease) && !is_of(Line::Main)
    };
    let weigh = Weigh {
        scheme,
        subject,
        gets_minor_release: &gets_minor_release,
    };
    while let Some(next) = own.iter().chain([&unstable]).filter_map(Run::next).min() {
        said.clear();
        fallback.clear();
        for run in &mut own {
            run.take(next, &mut said);
        }
        unstable.take(next, &mut fallback);
        hits.extend(weigh.one(next, &said, &fallback));
    }
    hits
}

/// Claims of one name, in the order of vulnerabilities, that are taken vulnerability by vulnerability.
#[derive(Default)]
struct Run<'a> {
    rest: Vec<ClaimRef<'a>>,
    at: usize,
}

impl<'a> Run<'a> {
    fn new(claims: impl Iterator<Item = ClaimRef<'a>>) -> Self {
        Self {
            rest: claims.collect(),
            at: 0,
        }
    }

    fn next(&self) -> Option<VulnerabilityId> {
        self.rest.get(self.at).map(ClaimRef::vulnerability)
    }

    fn take(&mut self, vulnerability: VulnerabilityId, into: &mut Vec<ClaimRef<'a>>) {
        while self.next() == Some(vulnerability) {
            into.push(self.rest[self.at]);
            self.at += 1;
        }
    }
}

/// What one claim means for the installed version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// Older than the fix.
    Before,
    /// Inside of an interval that has a beginning, as advisories with several intervals write them.
    Inside,
    /// Has the fix.
    Has,
    /// Outside of the interval.
    Outside,
    /// Vulnerable in any version, with the claim's status.
    Unfixed,
    /// Not affected.
    Not,
    /// Cannot be compared.
    Unclear,
}

struct Weigh<'s> {
    scheme: Scheme,
    subject: &'s Subject,
    /// Whether what is installed came with the updates of a minor release only; rarely asked.
    gets_minor_release: &'s dyn Fn() -> bool,
}

/// True when the claim's fix is the very build that is installed.
fn is_just_this_build(claim: &ClaimRef<'_>, subject: &Subject) -> bool {
    fn bare(version: &str) -> &str {
        version.strip_prefix("0:").unwrap_or(version)
    }
    let installed = &subject.version(claim.package_kind()).text;
    claim
        .fixed()
        .is_some_and(|fixed| bare(fixed.text) == bare(installed))
}

impl Weigh<'_> {
    fn one(
        &self,
        vulnerability: VulnerabilityId,
        said: &[ClaimRef<'_>],
        fallback: &[ClaimRef<'_>],
    ) -> Option<Hit> {
        let subject = self.subject;
        if let Some(base) = &subject.backport {
            // A backport is a newer release's source: that release's claims hold for it.
            let stands = self.stands(fallback, |_| base);
            return decided(vulnerability, &stands, Reason::FixedInNewerRelease);
        }
        if let [claim] = said {
            // Most vulnerabilities of a package have one claim: nothing is to be chosen.
            let version = subject.version(claim.package_kind());
            let stands = [(self.stand(claim, version), *claim)];
            return self
                .concerns(claim)
                .then(|| decided(vulnerability, &stands, Reason::BeforeFix))
                .flatten();
        }
        let applicable: Vec<ClaimRef<'_>> = said
            .iter()
            .copied()
            .filter(|claim| self.concerns(claim))
            .collect();
        let pool = self.nearest_fixes(self.of_the_archive(best_pool(&self.in_channel(applicable))));
        if pool.is_empty() {
            if !said.is_empty() {
                return None;
            }
            let stands = self.stands(fallback, |claim| subject.version(claim.package_kind()));
            return decided(vulnerability, &stands, Reason::FixedInNewerRelease);
        }
        let stands = self.stands(&pool, |claim| subject.version(claim.package_kind()));
        decided(vulnerability, &stands, Reason::BeforeFix)
    }

    fn stands<'a, 'v>(
        &self,
        claims: &[ClaimRef<'a>],
        version: impl Fn(&ClaimRef<'a>) -> &'v Installed,
    ) -> Vec<(Stand, ClaimRef<'a>)> {
        let stand = |claim: &ClaimRef<'a>| (self.stand(claim, version(claim)), *claim);
        claims.iter().map(stand).collect()
    }

    /// Whether a claim is about this build at all: architecture, module, support channel.
    fn concerns(&self, claim: &ClaimRef<'_>) -> bool {
        self.arch_fits(claim) && self.module_fits(claim) && self.channel_fits(claim)
    }

    /// A package for every machine is among those of any machine: readers keep only which machines a claim names.
    fn arch_fits(&self, claim: &ClaimRef<'_>) -> bool {
        let arch = match self.subject.arch.as_deref() {
            None | Some("noarch" | "all") => return true,
            Some(arch) => arch,
        };
        let mut arches = claim.arches().peekable();
        arches.peek().is_none()
            || arches.any(|named| named == arch || matches!(named, "noarch" | "all" | "src"))
    }

    /// A package of a module is judged by claims for its stream; a package of none by claims for none.
    fn module_fits(&self, claim: &ClaimRef<'_>) -> bool {
        let version = &self.subject.version(claim.package_kind()).text;
        let fixed = claim.fixed().map(|version| version.text);
        let same_line =
            || fixed.is_some_and(|fixed| lineage::major_minor(fixed) == lineage::major_minor(version));
        let modular = |version: &str| lineage::without_module_build(version).is_some();
        match (claim.module(), self.subject.module.as_deref()) {
            (Some(claimed), Some(installed)) => claimed == installed,
            // One side does not name its stream: the same upstream line is the same stream.
            (Some(_), None) => modular(version) && same_line(),
            (None, Some(_)) => fixed.is_some_and(modular) && same_line(),
            (None, None) => fixed.is_none_or(|fixed| modular(fixed) == modular(version)),
        }
    }

    fn channel_fits(&self, claim: &ClaimRef<'_>) -> bool {
        let version = &self.subject.version(claim.package_kind()).text;
        let fixed = claim.fixed().map_or("", |version| version.text);
        match Line::of(claim.channel()) {
            Line::Main | Line::Subscription => true,
            Line::Certified => self.subject.fips,
            // Updates of a minor release: their fixes are known by the tag of that release.
            Line::MinorRelease => {
                lineage::dist_tag(fixed).is_some_and(|tag| lineage::dist_tag(version) == Some(tag))
            }
            Line::Extra => lineage::major_minor(fixed) == lineage::major_minor(version),
            Line::Elsewhere => false,
        }
    }

    /// Where a line of updates of its own speaks, what is said of the main line does not count.
    fn in_channel<'a>(&self, claims: Vec<ClaimRef<'a>>) -> Vec<ClaimRef<'a>> {
        let own_line =
            |claim: &ClaimRef<'_>| matches!(Line::of(claim.channel()), Line::Certified | Line::Extra);
        if claims.iter().any(own_line) {
            return claims.into_iter().filter(own_line).collect();
        }
        claims
    }

    /// What a subscription's channel says of a package holds for its own builds. Where the archive that every host gets has decided,
    /// a "not affected" there only means that the subscription began with that fix in it.
    fn of_the_archive<'a>(&self, pool: Vec<ClaimRef<'a>>) -> Vec<ClaimRef<'a>> {
        if self.scheme != Scheme::Dpkg || pool.len() < 2 {
            return pool;
        }
        let in_archive = |wanted: &dyn Fn(&ClaimRef<'a>) -> bool| {
            let mut main = pool
                .iter()
                .filter(|claim| Line::of(claim.channel()) == Line::Main);
            main.any(wanted)
        };
        let has_fix = in_archive(&|claim| claim.fixed().is_some());
        let is_open = in_archive(&|claim| {
            matches!(
                claim.status(),
                Status::Affected | Status::Deferred | Status::WillNotFix
            )
        });
        if !has_fix && !is_open {
            return pool;
        }
        let is_its_build = lineage::is_esm(&self.subject.source.text);
        let counts = |claim: &ClaimRef<'a>| {
            if Line::of(claim.channel()) != Line::Subscription || !claim.channel().starts_with("esm") {
                return true;
            }
            match claim.status() {
                Status::NotAffected => !has_fix && is_its_build,
                _ => !has_fix || is_its_build,
            }
        };
        pool.into_iter().filter(counts).collect()
    }

    /// Of several fixes of one package the one that this build could have: the newest of its own minor release, else the newest.
    /// An advisory for 9.2 and one for 9.3 fix the same vulnerability in two builds; having the older of them proves nothing on 9.3.
    /// Where a vendor names a vulnerability in two advisories for the same builds, the first fix was not whole: trackers and OVAL count the newest.
    fn nearest_fixes<'a>(&self, pool: Vec<ClaimRef<'a>>) -> Vec<ClaimRef<'a>> {
        if pool.len() < 2 || !matches!(self.scheme, Scheme::Rpm | Scheme::Dpkg) {
            return pool;
        }
        let tag = |claim: &ClaimRef<'_>| {
            claim
                .fixed()
                .and_then(|fixed| lineage::dist_tag(fixed.text))
                .map(str::to_owned)
        };
        let installed = |claim: &ClaimRef<'_>| {
            lineage::dist_tag(&self.subject.version(claim.package_kind()).text).map(str::to_owned)
        };
        let own = |claim: &ClaimRef<'_>| tag(claim).is_some() && tag(claim) == installed(claim);
        if pool.iter().any(own) {
            let for_everybody = self.archive_fix_instead(&pool, own);
            return self.newest_of(pool, own, |claim| {
                claim.fixed().is_none()
                    || own(claim) && claim.introduced().is_some()
                    || for_everybody && Line::of(claim.channel()) == Line::Main && self.is_before(claim)
            });
        }
        let main = |claim: &ClaimRef<'_>| Line::of(claim.channel()) == Line::Main;
        self.newest_of(pool, main, |claim| {
            claim.introduced().is_some() || claim.fixed().is_none() || !main(claim)
        })
    }

    /// Whether every host can have a fix where the own minor release has one only for those with a contract: it is told instead,
    /// unless what is installed came with that contract.
    fn archive_fix_instead(&self, pool: &[ClaimRef<'_>], own: impl Fn(&ClaimRef<'_>) -> bool) -> bool {
        let by_contract = |claim: &ClaimRef<'_>| Line::of(claim.channel()) == Line::MinorRelease;
        pool.iter().filter(|claim| own(claim)).all(by_contract) && !(self.gets_minor_release)()
    }

    fn is_before(&self, claim: &ClaimRef<'_>) -> bool {
        self.stand(claim, self.subject.version(claim.package_kind())) == Stand::Before
    }

    /// Of the fixes of one line those with the newest version; beside them what always counts, and all of the pool where the line has none.
    fn newest_of<'a>(
        &self,
        pool: Vec<ClaimRef<'a>>,
        of_line: impl Fn(&ClaimRef<'a>) -> bool,
        always: impl Fn(&ClaimRef<'a>) -> bool,
    ) -> Vec<ClaimRef<'a>> {
        let fixes = pool.iter().filter(|claim| of_line(claim));
        let newest = fixes
            .filter_map(ClaimRef::fixed)
            .max_by(|a, b| self.scheme.order(a.text, b.text));
        let Some(newest) = newest else {
            return pool;
        };
        let is_newest = |claim: &ClaimRef<'a>| {
            let fixed = claim.fixed().filter(|_| of_line(claim));
            fixed.is_some_and(|fixed| self.scheme.order(fixed.text, newest.text).is_eq())
        };
        pool.into_iter()
            .filter(|claim| always(claim) || is_newest(claim))
            .collect()
    }

    fn stand(&self, claim: &ClaimRef<'_>, installed: &Installed) -> Stand {
        let fixed = claim
            .fixed()
            .map(|fixed| (fixed.text, self.compare(installed, &fixed)));
        let introduced = claim.introduced().map(|from| self.compare(installed, &from));
        let last = claim.last_affected().map(|last| self.compare(installed, &last));
        if claim.status() == Status::NotAffected {
            return Stand::Not;
        }
        let unclear = [fixed.map(|(_, order)| order), introduced, last];
        if unclear.contains(&Some(None)) {
            return Stand::Unclear;
        }
        if introduced.flatten() == Some(Ordering::Less) || last.flatten() == Some(Ordering::Greater) {
            return Stand::Outside;
        }
        match fixed.and_then(|(_, order)| order) {
            Some(Ordering::Less) if introduced.is_some() => Stand::Inside,
            Some(Ordering::Less) => Stand::Before,
            Some(_) => Stand::Has,
            None if introduced.is_some() || last.is_some() => Stand::Inside,
            None => Stand::Unfixed,
        }
    }

    fn compare(&self, installed: &Installed, named: &luumen_catalogue::VersionRef<'_>) -> Option<Ordering> {
        let bases =
            lineage::without_module_build(&installed.text).zip(lineage::without_module_build(named.text));
        if let Some((installed, named)) = bases {
            // What follows counts builds of whoever built it: the same release of a module is the same, whoever rebuilt it.
            return self.scheme.compare(installed, named);
        }
        named.compare_to(self.scheme, &installed.text, installed.key.as_deref())
    }
}

/// The claims of the source that knows best: the highest authority, and among its feeds the one that says most.
/// One that has not decided yet is passed over where a lesser one has.
fn best_pool<'a>(claims: &[ClaimRef<'a>]) -> Vec<ClaimRef<'a>> {
    let rank = |claim: &ClaimRef<'_>| (claim.authority(), feed_rank(claim.source()));
    let undecided = |claim: &ClaimRef<'_>| claim.status() == Status::UnderInvestigation;
    let decided = claims.iter().filter(|claim| !undecided(claim)).map(rank).min();
    let Some(best) = decided.or_else(|| claims.iter().map(rank).min()) else {
        return Vec::new();
    };
    claims
        .iter()
        .copied()
        .filter(|claim| rank(claim) == best)
        .collect()
}

/// Trackers and VEX say also what is not fixed and what is not affected; lists of advisories say only what was fixed.
fn feed_rank(source: &str) -> u8 {
    if source.contains("tracker") {
        0
    } else if source.contains("vex") {
        1
    } else if source.contains("oval") {
        3
    } else {
        2
    }
}

/// Weighs what all claims of the pool mean. `before` says what it means to be older than a fix.
fn decided(vulnerability: VulnerabilityId, stands: &[(Stand, ClaimRef<'_>)], before: Reason) -> Option<Hit> {
    let find = |wanted: Stand| {
        stands
            .iter()
            .find(|(stand, _)| *stand == wanted)
            .map(|(_, claim)| claim)
    };
    let end_of_life = stands
        .iter()
        .any(|(_, claim)| claim.status() == Status::EndOfLife);
    let hit = |claim: &ClaimRef<'_>, verdict, reason| Hit {
        vulnerability,
        verdict,
        claim: claim.index(),
        reason,
        confidence: confidence(claim, reason),
        end_of_life,
    };
    if let Some(claim) = find(Stand::Inside) {
        return Some(hit(claim, Verdict::Vulnerable, Reason::InRange));
    }
    if let Some(claim) = find(Stand::Has) {
        return Some(hit(claim, Verdict::Fixed, Reason::HasFix));
    }
    if let Some(claim) = find(Stand::Not) {
        return Some(hit(claim, Verdict::NotAffected, Reason::VendorSaysNot));
    }
    if let Some(claim) = cheapest_fix(stands) {
        let reason = if Line::of(claim.channel()).needs_subscription() {
            Reason::FixNeedsSubscription
        } else {
            before
        };
        return Some(hit(claim, Verdict::Vulnerable, reason));
    }
    if let Some((claim, reason)) = worst_unfixed(stands) {
        let verdict = match reason {
            Reason::UnderInvestigation => Verdict::UnderInvestigation,
            _ => Verdict::Vulnerable,
        };
        return Some(hit(claim, verdict, reason));
    }
    if let Some(claim) = find(Stand::Unclear) {
        return Some(hit(claim, Verdict::Unknown, Reason::NotComparable));
    }
    let claim = find(Stand::Outside)?;
    Some(hit(claim, Verdict::NotAffected, Reason::OutsideRange))
}

/// The fix that most hosts can have: one without a subscription, if there is one.
fn cheapest_fix<'s, 'a>(stands: &'s [(Stand, ClaimRef<'a>)]) -> Option<&'s ClaimRef<'a>> {
    let before = stands.iter().filter(|(stand, _)| *stand == Stand::Before);
    before
        .map(|(_, claim)| claim)
        .min_by_key(|claim| Line::of(claim.channel()).needs_subscription())
}

fn worst_unfixed<'s, 'a>(stands: &'s [(Stand, ClaimRef<'a>)]) -> Option<(&'s ClaimRef<'a>, Reason)> {
    const WORST_FIRST: [(Status, Reason); 5] = [
        (Status::Affected, Reason::NoFix),
        (Status::Deferred, Reason::Deferred),
        (Status::WillNotFix, Reason::WillNotFix),
        (Status::UnderInvestigation, Reason::UnderInvestigation),
        (Status::EndOfLife, Reason::EndOfLife),
    ];
    WORST_FIRST.iter().find_map(|(status, reason)| {
        let found = stands
            .iter()
            .find(|(stand, claim)| *stand == Stand::Unfixed && claim.status() == *status);
        found.map(|(_, claim)| (claim, *reason))
    })
}

fn confidence(claim: &ClaimRef<'_>, reason: Reason) -> Confidence {
    match (claim.authority(), reason) {
        (_, Reason::EndOfLife | Reason::NotComparable | Reason::UnderInvestigation) => Confidence::Medium,
        (Authority::Vendor, _) => Confidence::High,
        (Authority::Ecosystem, _) => Confidence::Medium,
        (Authority::Cna | Authority::Nvd, _) => Confidence::Low,
    }
}
