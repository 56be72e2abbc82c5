//! Findings of one source package after the other: what is open on which hosts now meets what was known.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};

use luumen_assess::{Cell, Change, Entry, Event, Fleet, Group, Now, Scratch, Standing, covered, speaks_of};
use luumen_catalogue::Catalogue;
use luumen_model::{
    Package, Timestamp,
    advisory::{PackageKind, Platform, Severity},
};
use luumen_store::{
    StoreError,
    assessments::{Facts, JudgedEvent, JudgedFinding, KnownFinding},
    findings::{self as store, FindingEventKind, FixState, InstalledPackage, Variant, host_sets},
};
use luumen_vuln::{Finding, FoundPackage, HostHit, Verdict, describe};

use super::{
    load::Loaded,
    plan::{Plan, Unit},
};

/// Packages that a variant names; a source with more is known by these.
const MOST_INSTALLED: usize = 16;

/// What every source is judged with.
pub(super) struct Judge<'a> {
    pub catalogue: &'a Catalogue,
    pub loaded: &'a Loaded,
    pub plan: &'a Plan,
    /// Numbers of hosts that were deleted, ascending.
    pub gone: &'a [u32],
    /// Platforms whose support for everybody has ended, by number.
    pub ended: &'a [bool],
    pub next_id: &'a AtomicI64,
    pub titles: bool,
    pub now: Timestamp,
}

/// What came of some sources.
#[derive(Default)]
pub(super) struct Judged {
    pub findings: Vec<JudgedFinding>,
    pub events: Vec<JudgedEvent>,
    /// By unit: ids of what is open.
    pub open: Vec<Vec<u32>>,
    /// Host, finding, and whether it keeps it from now on.
    pub kept: Vec<(u32, i64, bool)>,
}

/// A finding in the making.
struct Draft<'k> {
    id: i64,
    known: Option<&'k KnownFinding>,
    groups: Vec<Group>,
    variants: Vec<Variant>,
    /// By what decides: place among the variants.
    places: HashMap<VariantKey, u32>,
    facts: Option<Facts>,
}

type VariantKey = (u32, Verdict, u8, Option<bool>, u32, Vec<String>);

impl Judge<'_> {
    /// Judges one source package: `cells` are all of its cells that matter, `known` its findings.
    pub(super) fn source(
        &self,
        source: u32,
        cells: &[Cell],
        known: &[&KnownFinding],
        scratch: &mut Scratch,
        out: &mut Judged,
    ) -> Result<(), StoreError> {
        let name = self.plan.fleet.source(source);
        let hosts: Vec<Vec<u32>> = cells
            .iter()
            .map(|cell| self.hosts_of(cell, source, name))
            .collect();
        let absent = match known.is_empty() {
            true => Absent::default(),
            false => self.absent(source, name, &hosts),
        };
        let mut hits: BTreeMap<&str, Vec<(usize, &HostHit)>> = BTreeMap::new();
        for (at, cell) in cells.iter().enumerate() {
            for hit in &cell.hits {
                let id = self.catalogue.vulnerability_name(hit.hit.vulnerability);
                hits.entry(id).or_default().push((at, hit));
            }
        }
        for known in known {
            hits.entry(known.finding.vulnerability.as_str()).or_default();
        }
        let by_name: HashMap<&str, &KnownFinding> = known
            .iter()
            .map(|known| (known.finding.vulnerability.as_str(), *known))
            .collect();
        for (vulnerability, hits) in hits {
            let known = by_name.get(vulnerability).copied();
            let mut draft = self.draft(known)?;
            let mut changes = Vec::with_capacity(cells.len() + 3);
            for (at, hit) in &hits {
                let variant = self.variant(&mut draft, &cells[*at], hit, name);
                changes.push(change(&hosts[*at], Now::Open, variant));
            }
            if known.is_some() {
                for (at, cell) in cells.iter().enumerate() {
                    if !hits.iter().any(|(hit, _)| *hit == at) {
                        changes.push(change(&hosts[at], self.not_open(cell, name, vulnerability), 0));
                    }
                }
                changes.push(change(&absent.gone, Now::Gone, 0));
                changes.push(change(&absent.unknown, Now::Unknown, 0));
                changes.push(change(self.gone, Now::Deleted, 0));
            }
            let (groups, entries) = scratch.apply(&draft.groups, &changes, self.now);
            draft.groups = groups;
            let id = draft.id;
            if self.finish(draft, vulnerability, name, &entries, out)? {
                remember_open(cells, &hits, id, out);
            }
        }
        Ok(())
    }

    /// Hosts for which the answer of a cell counts now, ascending.
    fn hosts_of(&self, cell: &Cell, source: u32, name: &str) -> Vec<u32> {
        let mut hosts = Vec::new();
        for class in &cell.classes {
            let Some(unit) = self.plan.units.get(*class as usize) else {
                continue;
            };
            for step in &unit.moves {
                if step.reach(name).includes(source).is_some() {
                    hosts.extend_from_slice(&step.hosts);
                }
            }
        }
        hosts.sort_unstable();
        hosts
    }

    /// Hosts that are compared and have no package of the source.
    fn absent(&self, source: u32, name: &str, present: &[Vec<u32>]) -> Absent {
        let mut has: Vec<u32> = present.iter().flatten().copied().collect();
        has.sort_unstable();
        let mut absent = Absent::default();
        let units = self.plan.units.iter().flat_map(|unit: &Unit| &unit.moves);
        for step in units.chain(&self.plan.lost) {
            let Some(complete) = step.reach(name).includes(source) else {
                continue;
            };
            let rest = step.hosts.iter().filter(|host| has.binary_search(host).is_err());
            if complete {
                absent.gone.extend(rest);
            } else {
                absent.unknown.extend(rest);
            }
        }
        absent.gone.sort_unstable();
        absent.unknown.sort_unstable();
        absent
    }

    fn draft<'k>(&self, known: Option<&'k KnownFinding>) -> Result<Draft<'k>, StoreError> {
        let mut draft = Draft {
            id: 0,
            known,
            groups: Vec::new(),
            variants: Vec::new(),
            places: HashMap::new(),
            facts: None,
        };
        match known {
            Some(known) => {
                draft.id = known.finding.id;
                draft.variants = store::read_variants(&known.variants)?;
                draft.groups = host_sets::read_groups(&known.groups)?
                    .into_iter()
                    .map(group_in)
                    .collect();
            }
            None => draft.id = self.next_id.fetch_add(1, Ordering::Relaxed) + 1,
        }
        Ok(draft)
    }

    /// Without a claim that says so, nothing is gone.
    fn not_open(&self, cell: &Cell, name: &str, vulnerability: &str) -> Now {
        let Some(platform) = self.plan.fleet.platform_of(cell.platform) else {
            return Now::Unknown;
        };
        let bare = name.strip_prefix("pypi/").unwrap_or(name);
        let binaries = cell
            .packages
            .iter()
            .filter_map(|id| self.plan.fleet.package(*id))
            .map(|package| (PackageKind::Binary, package.name.as_str()));
        let names: Vec<(PackageKind, &str)> = std::iter::once((PackageKind::Source, bare))
            .chain(binaries)
            .collect();
        match speaks_of(self.catalogue, platform, names.iter().copied(), vulnerability) {
            true => Now::Gone,
            false => Now::Unknown,
        }
    }

    /// The place of what a cell says among the finding's variants.
    fn variant(&self, draft: &mut Draft<'_>, cell: &Cell, hit: &HostHit, name: &str) -> u32 {
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
        let bare = name.strip_prefix("pypi/").unwrap_or(name);
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
        let variant = variant_of(finding, platform);
        let same = |known: &Variant| same_variant(known, &variant);
        let place = draft.variants.iter().position(same).unwrap_or_else(|| {
            draft.variants.push(variant.clone());
            draft.variants.len() - 1
        });
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        draft.places.insert(key, place);
        place
    }

    /// Takes a finding into what came of it. False when no host has it and none ever had.
    fn finish(
        &self,
        mut draft: Draft<'_>,
        vulnerability: &str,
        package: &str,
        entries: &[Entry],
        out: &mut Judged,
    ) -> Result<bool, StoreError> {
        draft.drop_unused();
        if draft.groups.is_empty() && draft.known.is_none() {
            return Ok(false);
        }
        let groups: Vec<host_sets::Group> = draft.groups.iter().map(group_out).collect();
        let groups = host_sets::write_groups(&groups);
        let variants_are_known = match draft.known {
            Some(known) => store::read_variants(&known.variants)? == draft.variants,
            None => false,
        };
        if variants_are_known && draft.known.is_some_and(|known| known.groups == groups) {
            return Ok(true);
        }
        let facts = self.facts(&draft, vulnerability);
        let severity = facts.severity;
        let finding = self.judged(&draft, vulnerability, package, facts, groups)?;
        for (kind, hosts) in by_event(entries) {
            let mut bytes = Vec::new();
            host_sets::write_hosts(&mut bytes, &hosts);
            out.events.push(JudgedEvent {
                finding: draft.id,
                kind,
                host_count: hosts.len() as i64,
                hosts: bytes,
                severity,
            });
        }
        for entry in entries {
            if entry.event == Event::NotEvaluable {
                out.kept.push((entry.host, draft.id, true));
            } else if entry.before == Some(Standing::NotEvaluable) {
                out.kept.push((entry.host, draft.id, false));
            }
        }
        out.findings.push(finding);
        Ok(true)
    }

    fn facts(&self, draft: &Draft<'_>, vulnerability: &str) -> Facts {
        let known = draft.known.map(|known| &known.finding);
        let title = known.and_then(|known| known.title.clone());
        if let Some(facts) = &draft.facts {
            let title = title.or_else(|| self.title(vulnerability));
            return Facts {
                title,
                ..facts.clone()
            };
        }
        known.map_or_else(Facts::default, |known| Facts {
            title,
            severity: known.severity,
            score: known.score,
            score_version: known.score_version.clone(),
            kev_added_at: known.kev_added_at,
            ransomware: known.ransomware,
            epss: known.epss,
        })
    }

    fn title(&self, vulnerability: &str) -> Option<String> {
        if !self.titles {
            return None;
        }
        let id = self.catalogue.vulnerability(vulnerability)?;
        let detail = self.catalogue.detail(id);
        detail.vulnerabilities.into_iter().find_map(|said| said.title)
    }

    fn judged(
        &self,
        draft: &Draft<'_>,
        vulnerability: &str,
        package: &str,
        facts: Facts,
        groups: Vec<u8>,
    ) -> Result<JudgedFinding, StoreError> {
        let count = |standing: Standing| -> i64 {
            let of = draft.groups.iter().filter(|group| group.standing == standing);
            of.map(|group| group.hosts.len() as i64).sum()
        };
        let (open, lost) = (count(Standing::Open), count(Standing::NotEvaluable));
        let moments = draft.groups.iter().map(|group| group.opened_at);
        let known = draft.known.map(|known| &known.finding);
        let ended = draft
            .groups
            .iter()
            .map(|group| group.since)
            .max()
            .unwrap_or(self.now);
        let covers = self.loaded.covers(vulnerability, package);
        let excepted = match covers.is_empty() {
            true => luumen_assess::Covered::default(),
            false => covered(&open_hosts(&draft.groups), &covers, self.now),
        };
        let live = || {
            let groups = draft
                .groups
                .iter()
                .filter(|group| group.standing != Standing::Fixed || open + lost == 0);
            groups.filter_map(|group| draft.variants.get(group.variant as usize))
        };
        let verdict = live()
            .map(|variant| variant.verdict.as_str())
            .max_by_key(|word| gravity(word));
        let running = live().filter_map(|variant| variant.running_kernel).max();
        Ok(JudgedFinding {
            id: draft.id,
            is_new: known.is_none(),
            vulnerability: vulnerability.to_owned(),
            package: package.to_owned(),
            facts,
            fix: live().map(|variant| variant.fix).max().unwrap_or_default(),
            verdict: verdict.unwrap_or(Verdict::Vulnerable.as_str()).to_owned(),
            running_kernel: running,
            end_of_life: live().any(|variant| variant.end_of_life),
            open_host_count: open,
            not_evaluable_host_count: lost,
            resolved_host_count: count(Standing::Fixed),
            excepted_host_count: i64::from(excepted.count),
            excepted_until: excepted.until,
            first_opened_at: moments
                .clone()
                .chain(known.map(|known| known.first_opened_at))
                .min()
                .unwrap_or(self.now),
            last_opened_at: moments
                .chain(known.map(|known| known.last_opened_at))
                .max()
                .unwrap_or(self.now),
            resolved_at: (open + lost == 0).then_some(ended),
            variants: store::write_variants(&draft.variants)?,
            groups,
        })
    }
}

/// Writes down for every class of a cell that the finding is open on it.
fn remember_open(cells: &[Cell], hits: &[(usize, &HostHit)], id: i64, out: &mut Judged) {
    let Ok(id) = u32::try_from(id) else { return };
    for (at, _) in hits {
        for class in &cells[*at].classes {
            if let Some(open) = out.open.get_mut(*class as usize) {
                open.push(id);
            }
        }
    }
}

/// Hosts that were compared and have nothing of a source: gone where the list is complete.
#[derive(Default)]
struct Absent {
    gone: Vec<u32>,
    unknown: Vec<u32>,
}

impl Draft<'_> {
    /// The facts of the vulnerability, with the worst severity that any variant gives it.
    fn take_facts(&mut self, finding: &Finding) {
        let severity = self
            .facts
            .as_ref()
            .map_or(Severity::Unknown, |facts| facts.severity);
        self.facts = Some(Facts {
            title: None,
            severity: severity.max(finding.severity),
            score: finding.score,
            score_version: finding.score_version.clone(),
            kev_added_at: finding.kev_added_at,
            ransomware: finding.ransomware,
            epss: finding.epss,
        });
    }

    /// Forgets variants that no host has any more.
    fn drop_unused(&mut self) {
        let mut used = vec![false; self.variants.len()];
        for group in &self.groups {
            if let Some(used) = used.get_mut(group.variant as usize) {
                *used = true;
            }
        }
        if used.iter().all(|used| *used) {
            return;
        }
        let mut places = vec![0; used.len()];
        let mut next = 0;
        for (place, used) in places.iter_mut().zip(&used) {
            *place = next;
            next += u32::from(*used);
        }
        let mut at = 0;
        self.variants.retain(|_| {
            at += 1;
            used[at - 1]
        });
        for group in &mut self.groups {
            if let Some(place) = places.get(group.variant as usize) {
                group.variant = *place;
            }
        }
    }
}

pub(super) fn open_hosts(groups: &[Group]) -> Vec<u32> {
    let open = groups.iter().filter(|group| group.standing == Standing::Open);
    let mut hosts: Vec<u32> = open.flat_map(|group| group.hosts.iter().copied()).collect();
    hosts.sort_unstable();
    hosts
}

fn change(hosts: &[u32], now: Now, variant: u32) -> Change<'_> {
    Change { hosts, now, variant }
}

fn by_event(entries: &[Entry]) -> BTreeMap<FindingEventKind, Vec<u32>> {
    let mut events: BTreeMap<FindingEventKind, Vec<u32>> = BTreeMap::new();
    for entry in entries {
        let kind = match entry.event {
            Event::Opened => FindingEventKind::Opened,
            Event::Fixed => FindingEventKind::Fixed,
            Event::Reopened => FindingEventKind::Reopened,
            Event::NotEvaluable => FindingEventKind::NotEvaluable,
            Event::Evaluable => FindingEventKind::Evaluable,
            Event::Removed => FindingEventKind::Removed,
        };
        events.entry(kind).or_default().push(entry.host);
    }
    events.values_mut().for_each(|hosts| hosts.sort_unstable());
    events
}

/// The same but for which binaries of the source are installed.
fn same_variant(a: &Variant, b: &Variant) -> bool {
    let versions = |variant: &Variant| {
        let mut versions: Vec<String> = variant
            .installed
            .iter()
            .map(|package| package.version.clone())
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
    let reason = luumen_vuln::Reason::FixNeedsSubscription;
    let fix = match &finding.fixed_version {
        None => FixState::None,
        Some(_) if finding.reason == reason => FixState::NeedsSubscription,
        Some(_) if finding.reason == luumen_vuln::Reason::FixedInNewerRelease => FixState::None,
        Some(_) => FixState::Available,
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
fn gravity(verdict: &str) -> u8 {
    match verdict {
        "vulnerable" => 4,
        "under_investigation" => 3,
        "unknown" => 2,
        "possible" => 1,
        _ => 0,
    }
}

pub(super) fn group_in(group: host_sets::Group) -> Group {
    Group {
        standing: match group.standing {
            host_sets::Standing::Open => Standing::Open,
            host_sets::Standing::NotEvaluable => Standing::NotEvaluable,
            host_sets::Standing::Fixed => Standing::Fixed,
        },
        variant: group.variant,
        opened_at: group.opened_at,
        since: group.since,
        hosts: group.hosts,
    }
}

fn group_out(group: &Group) -> host_sets::Group {
    host_sets::Group {
        standing: match group.standing {
            Standing::Open => host_sets::Standing::Open,
            Standing::NotEvaluable => host_sets::Standing::NotEvaluable,
            Standing::Fixed => host_sets::Standing::Fixed,
        },
        variant: group.variant,
        opened_at: group.opened_at,
        since: group.since,
        hosts: group.hosts.clone(),
    }
}

/// Whether a platform's support for everybody has ended, by its place in the fleet.
pub(super) fn ended(fleet: &Fleet, catalogue: &Catalogue, now: Timestamp) -> Vec<bool> {
    let mut ended = Vec::new();
    while let Some(platform) = fleet.platform_of(u32::try_from(ended.len()).unwrap_or(u32::MAX)) {
        let lives = catalogue.meta().lifecycles.iter();
        let ends = lives.filter(|life| life.platform == *platform && life.channel.is_main());
        ended.push(ends.map(|life| life.ends_at).max().is_some_and(|end| end < now));
    }
    ended
}
