//! All of a host: its packages, its kernels, its Python distributions; and what could not be judged.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use luumen_catalogue::{Catalogue, SourceMeta, VulnerabilityId};
use luumen_model::{
    Package, Snapshot, Timestamp,
    advisory::{Cvss, Platform},
};
use serde::{Deserialize, Serialize};

use crate::{
    Facts, Finding, Hit, Verdict,
    apart::{is_apart, told_of_apart},
    finding::{FoundPackage, describe},
    kernel::{is_running_kernel, release_of, runs_a_replaced_one},
    matcher::Matcher,
    platform_of, python, upstream,
};

/// How many sources a sentence names.
const NAMED_SOURCES: usize = 4;

/// What is told of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What a person has to look at.
    Open,
    /// Also what was fixed and what was never there, to check us by.
    Everything,
}

/// Something of a host that could not be judged. It is never "nothing found".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotEvaluated {
    /// `packages`, `python_packages`, `kernel`, …
    pub what: String,
    /// Why, and what would help.
    pub why: String,
}

/// What a catalogue says of a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostReport {
    /// Whose claims were asked.
    pub platform: Option<Platform>,
    /// By severity and vulnerability, the worst first.
    pub findings: Vec<Finding>,
    /// What the NVD says where the vendor says nothing at all; information, not findings.
    #[serde(default)]
    pub vendor_silent: Vec<Finding>,
    /// What could not be judged.
    pub not_evaluated: Vec<NotEvaluated>,
    /// How many packages were judged.
    pub package_count: u64,
    /// When the facts were collected.
    pub snapshot_at: Timestamp,
    /// When the catalogue was built.
    pub catalogue_at: Timestamp,
    /// True when the catalogue holds data made up for show.
    pub sample_data: bool,
}

/// Judges a snapshot. `now` only decides which releases have reached their end and which sources are old.
pub fn match_snapshot(
    catalogue: &Catalogue,
    snapshot: &Snapshot,
    scope: Scope,
    now: Timestamp,
) -> HostReport {
    match_facts(catalogue, &Facts::of(snapshot), scope, now)
}

/// The same for facts that were read without the rest of their snapshot.
pub fn match_facts(catalogue: &Catalogue, facts: &Facts, scope: Scope, now: Timestamp) -> HostReport {
    let mut report = HostReport {
        platform: facts.os.as_ref().and_then(platform_of),
        findings: Vec::new(),
        vendor_silent: Vec::new(),
        not_evaluated: facts.gaps.clone(),
        package_count: 0,
        snapshot_at: facts.taken_at,
        catalogue_at: catalogue.meta().built_at,
        sample_data: catalogue.meta().sources.iter().any(|source| source.sample),
    };
    match judge_packages(catalogue, facts, report.platform.as_ref(), scope) {
        Ok((platform, found)) => {
            let packages = &facts.packages;
            let judged = packages
                .iter()
                .filter(|package| package.is_installed() && !is_apart(package));
            report.package_count = judged.count() as u64;
            let ended = has_ended(catalogue, platform, now);
            let words = |hit: &HostHit| hit.finding(catalogue, platform, packages, ended);
            report.findings = found.iter().map(words).collect();
            report.vendor_silent = upstream::Upstream::new(catalogue).vendor_silent(platform, packages);
        }
        Err(gap) => report.not_evaluated.push(gap),
    }
    report.findings.extend(beside_packages(catalogue, facts, scope));
    report
        .not_evaluated
        .extend(gaps_beside_packages(catalogue, facts));
    report.not_evaluated.extend(told_of_age(catalogue, now));
    for findings in [&mut report.findings, &mut report.vendor_silent] {
        findings.sort_by(most_urgent_first);
    }
    report
}

/// What was published since the catalogue's sources were fetched, where that is longer ago than their feeds promise.
fn told_of_age(catalogue: &Catalogue, now: Timestamp) -> Option<NotEvaluated> {
    let meta = catalogue.meta();
    let is_old = |source: &&SourceMeta| source.stale_since(meta.built_at, now).is_some();
    let old: Vec<&SourceMeta> = meta.sources.iter().filter(is_old).collect();
    let oldest = old
        .iter()
        .map(|source| source.fetched_at.unwrap_or(meta.built_at))
        .min()?;
    let mut names: Vec<&str> = old
        .iter()
        .take(NAMED_SOURCES)
        .map(|source| source.id.as_str())
        .collect();
    let more = format!("{} more", old.len().saturating_sub(names.len()));
    if old.len() > names.len() {
        names.push(&more);
    }
    Some(NotEvaluated {
        what: "catalogue".to_owned(),
        why: format!(
            "what was published since its sources were fetched, which is longer ago than their feeds promise: {} (the oldest of {oldest}); \
             fetch the feeds or import a newer bundle",
            names.join(", ")
        ),
    })
}

impl HostReport {
    /// Adds to each finding all scores with who gave them, and CISA's decision points. It unpacks texts, so it is left to
    /// those who write documents: judging a host does not need it.
    pub fn tell_scores(&mut self, catalogue: &Catalogue) {
        let mut details = catalogue.details();
        let mut findings: Vec<&mut Finding> =
            self.findings.iter_mut().chain(&mut self.vendor_silent).collect();
        findings.sort_by(|a, b| a.vulnerability.cmp(&b.vulnerability));
        for same in findings.chunk_by_mut(|a, b| a.vulnerability == b.vulnerability) {
            let id = same
                .first()
                .and_then(|first| catalogue.vulnerability(&first.vulnerability));
            let Some(told) = id.map(|id| details.of(id)) else {
                continue;
            };
            let mut scores: Vec<Cvss> = told
                .vulnerabilities
                .iter()
                .flat_map(|by| by.cvss.clone())
                .collect();
            scores.sort_by(|a, b| b.version.cmp(&a.version).then_with(|| a.source.cmp(&b.source)));
            scores.dedup_by(|a, b| (a.version, &a.source, &a.vector) == (b.version, &b.source, &b.vector));
            let ssvc = told.vulnerabilities.into_iter().find_map(|by| by.ssvc);
            for finding in same {
                finding.scores.clone_from(&scores);
                finding.ssvc.clone_from(&ssvc);
            }
        }
    }
}

fn most_urgent_first(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    b.rank()
        .cmp(&a.rank())
        .then_with(|| a.vulnerability.cmp(&b.vulnerability))
        .then_with(|| a.package.cmp(&b.package))
}

/// What the system's own package manager installed, by the claims of the system's vendor; or why nobody can judge it.
pub(crate) fn judge_packages<'p>(
    catalogue: &Catalogue,
    facts: &Facts,
    platform: Option<&'p Platform>,
    scope: Scope,
) -> Result<(&'p Platform, Vec<HostHit>), NotEvaluated> {
    let gap = |why: String| NotEvaluated {
        what: "packages".to_owned(),
        why,
    };
    let platform = platform.ok_or_else(|| {
        gap(
            "no vendor publishes claims for this system that we could read, or the system is not known"
                .to_owned(),
        )
    })?;
    let matcher = Matcher::new(catalogue, platform).ok_or_else(|| {
        gap(format!(
            "the catalogue holds nothing for {}; add its feed and build the catalogue anew",
            platform.label()
        ))
    })?;
    let mut matcher = if scope == Scope::Open {
        matcher.only_open()
    } else {
        matcher
    };
    let found = match_packages(&mut matcher, &facts.packages, facts.running());
    Ok((platform, found))
}

/// Findings of what no package manager of the system keeps.
pub(crate) fn beside_packages(catalogue: &Catalogue, facts: &Facts, scope: Scope) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(python) = &facts.python {
        findings.extend(python::findings(catalogue, python, scope));
    }
    if let Some(applications) = &facts.applications {
        let found = upstream::applications(catalogue, &applications.items, facts.running());
        findings.extend(found);
    }
    findings
}

/// What is told where no package is the kernel that runs.
pub fn told_of_replaced(running: &str) -> String {
    format!(
        "{} runs and belongs to no installed package any more, so it cannot be judged; restart the host to run what is installed",
        release_of(running)
    )
}

/// What nobody can judge, whatever the vendor says of the system's own packages.
pub(crate) fn gaps_beside_packages(catalogue: &Catalogue, facts: &Facts) -> Vec<NotEvaluated> {
    let python = facts.python.as_ref();
    let applications = facts.applications.as_ref();
    let note = |what: &str, why| NotEvaluated {
        what: what.to_owned(),
        why,
    };
    let apart = told_of_apart(facts.packages.iter()).map(|why| note("packages_of_others", why));
    let replaced = facts.running().and_then(|running| {
        let replaced = runs_a_replaced_one(facts.packages.iter(), running);
        replaced.then(|| note("kernel", told_of_replaced(running)))
    });
    let mut gaps: Vec<NotEvaluated> = apart.into_iter().chain(replaced).collect();
    gaps.extend(python.and_then(|python| python::gap(catalogue, python)));
    gaps.extend(applications.and_then(|found| upstream::applications_gap(catalogue, &found.items)));
    gaps
}

/// A finding of a host before it is put into words: places in its package list.
#[derive(Clone, Debug)]
pub struct HostHit {
    /// The verdict that counts.
    pub hit: Hit,
    /// Source package.
    pub source: Arc<str>,
    /// Which packages of the list have that verdict.
    pub packages: Vec<u32>,
    /// For kernels: whether the one that runs is among them.
    pub running: Option<bool>,
}

impl HostHit {
    fn finding(
        &self,
        catalogue: &Catalogue,
        platform: &Platform,
        packages: &[Package],
        ended: bool,
    ) -> Finding {
        let installed = self.packages.iter().filter_map(|at| packages.get(*at as usize));
        let installed = installed.map(FoundPackage::of).collect();
        describe(
            catalogue,
            &self.hit,
            Some(platform),
            &self.source,
            installed,
            self.running,
            ended,
        )
    }
}

/// Judges a list of packages: one answer for each vulnerability and source package. Where binaries of one source differ
/// (an old kernel beside a new one), the worst verdict counts, and of kernels the one that runs.
pub fn match_packages(
    matcher: &mut Matcher<'_>,
    packages: &[Package],
    running: Option<&str>,
) -> Vec<HostHit> {
    let mut found: Vec<HostHit> = Vec::new();
    let mut sources: HashMap<Arc<str>, u32> = HashMap::new();
    let mut places: HashMap<(VulnerabilityId, u32), usize> = HashMap::new();
    for (at, package) in packages.iter().enumerate() {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let matched = matcher.package(package);
        if matched.hits.is_empty() {
            continue;
        }
        let runs = running.and_then(|running| is_running_kernel(package, running));
        let source: Arc<str> = matched.source.into();
        let next = u32::try_from(sources.len()).unwrap_or(u32::MAX);
        let number = *sources.entry(Arc::clone(&source)).or_insert(next);
        for hit in matched.hits.iter() {
            match places.entry((hit.vulnerability, number)) {
                Entry::Occupied(place) => found[*place.get()].join(*hit, at, runs),
                Entry::Vacant(place) => {
                    place.insert(found.len());
                    found.push(HostHit {
                        hit: *hit,
                        source: Arc::clone(&source),
                        packages: vec![at],
                        running: runs,
                    });
                }
            }
        }
    }
    found
}

impl HostHit {
    /// Takes another binary of the same source in.
    fn join(&mut self, hit: Hit, at: u32, runs: Option<bool>) {
        let weight = |hit: &Hit, runs: Option<bool>| (urgency(hit.verdict), runs == Some(true));
        let (known, new) = (weight(&self.hit, self.running), weight(&hit, runs));
        if new.0 > known.0 {
            // The binaries that were fine so far are not what is found.
            (self.hit, self.packages, self.running) = (hit, vec![at], runs);
        } else if new.0 == known.0 {
            self.packages.push(at);
            if new.1 && !known.1 {
                self.hit = hit;
            }
            self.running = match (self.running, runs) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), _) | (_, Some(false)) => Some(false),
                (None, None) => None,
            };
        }
    }
}

fn urgency(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Vulnerable => 5,
        Verdict::UnderInvestigation => 4,
        Verdict::Unknown => 3,
        Verdict::Possible => 2,
        Verdict::Fixed => 1,
        Verdict::NotAffected => 0,
    }
}

/// Whether the release no longer gets what every host gets.
fn has_ended(catalogue: &Catalogue, platform: &Platform, now: Timestamp) -> bool {
    let lifecycles = catalogue.meta().lifecycles.iter();
    let ends = lifecycles.filter(|life| life.platform == *platform && life.channel.is_main());
    ends.map(|life| life.ends_at).max().is_some_and(|end| end < now)
}
