//! Findings of one source package after the other: what is open on which hosts now meets what was known.

mod draft;
mod groups;
mod reached;
mod variants;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};

use luumen_assess::{Cell, Change, Evidence, Fleet, Now, Origin, Scratch};
use luumen_catalogue::Catalogue;
use luumen_model::Timestamp;
use luumen_store::{
    StoreError,
    assessments::{JudgedEvent, JudgedFinding, KnownFinding},
};
use luumen_vuln::{Finding, HostHit, Upstream, Upstreams};

pub(super) use self::groups::{group_in, open_hosts};
use self::{draft::Draft, reached::Reached};
use super::{
    load::Loaded,
    plan::{Plan, Unit},
};

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

/// What one thread judges with, one source after the other.
pub(super) struct Bench<'c> {
    pub scratch: Scratch,
    pub upstream: Upstream<'c>,
}

/// What came of some sources.
#[derive(Default)]
pub(super) struct Judged {
    pub findings: Vec<JudgedFinding>,
    pub events: Vec<JudgedEvent>,
    /// Every cell, also those in which nothing is open.
    pub cells: Vec<OpenCell>,
    /// Host, finding, and whether it keeps it from now on.
    pub kept: Vec<(u32, i64, bool)>,
}

/// A cell and what is open in it.
#[derive(Debug)]
pub(super) struct OpenCell {
    pub source: u32,
    pub key: u64,
    /// Units that have it.
    pub units: Vec<u32>,
    pub findings: Vec<i64>,
}

/// What says that a cell has a vulnerability.
#[derive(Clone, Copy)]
enum Seen<'a> {
    /// A claim about its packages.
    Claim(&'a HostHit),
    /// Upstream's versions.
    Upstream(&'a Finding),
}

/// Cells that have a vulnerability, by their place.
type Hits<'a> = Vec<(usize, Seen<'a>)>;

impl Judge<'_> {
    /// Judges one source package: `cells` are all of its cells, `known` its findings. Answers what is open in each cell.
    pub(super) fn source(
        &self,
        source: u32,
        cells: &[Cell],
        known: &[&KnownFinding],
        bench: &mut Bench<'_>,
        out: &mut Judged,
    ) -> Result<Vec<Vec<i64>>, StoreError> {
        let mut open = vec![Vec::new(); cells.len()];
        if known.is_empty() && !cells.iter().any(Cell::is_open) {
            return Ok(open);
        }
        let name = self.plan.fleet.source(source);
        let hosts: Vec<Reached> = cells
            .iter()
            .map(|cell| self.hosts_of(cell, source, name))
            .collect();
        let absent = match known.is_empty() {
            true => Absent::default(),
            false => self.absent(source, name, &hosts),
        };
        let by_name: HashMap<&str, &KnownFinding> = known
            .iter()
            .map(|known| (known.finding.vulnerability.as_str(), *known))
            .collect();
        let mut evidence: Vec<Option<Evidence<'_>>> = cells.iter().map(|_| None).collect();
        let mut seen = self.seen(cells);
        for vulnerability in by_name.keys() {
            seen.entry(vulnerability).or_default();
        }
        for (vulnerability, hits) in seen {
            let known = by_name.get(vulnerability).copied();
            let mut draft = self.draft(known)?;
            let mut changes = Vec::with_capacity(cells.len() + 3);
            for (at, seen) in &hits {
                let variant = match seen {
                    Seen::Claim(hit) => self.variant(&mut draft, &cells[*at], hit, name),
                    Seen::Upstream(finding) => self.told(&mut draft, &cells[*at], finding),
                };
                changes.extend(hosts[*at].all().map(|hosts| change(hosts, Now::Open, variant)));
            }
            let mut parted = Vec::new();
            if known.is_some() {
                let not_open = |at: usize| !hits.iter().any(|(hit, _)| *hit == at);
                for (at, cell) in cells.iter().enumerate().filter(|(at, _)| not_open(*at)) {
                    let now = self.not_open(cell, &mut evidence[at], name, vulnerability, bench);
                    changes.push(change(&hosts[at].whole, now, 0));
                    parted.extend(self.in_part(&hosts[at], cell, now, &draft, (name, vulnerability)));
                }
                parted.extend(draft.but_what_runs(&absent.may_run));
                changes.extend(parted.iter().map(|(hosts, now)| change(hosts, *now, 0)));
                // What is only told is told no more; there is nothing of it to be evaluated again.
                let is_told = Origin::of(name).0 == Origin::Silent;
                let or_deleted = |now| if is_told { Now::Deleted } else { now };
                changes.push(change(&absent.gone, or_deleted(Now::Gone), 0));
                changes.push(change(&absent.unknown, or_deleted(Now::Unknown), 0));
                changes.push(change(self.gone, Now::Deleted, 0));
            }
            let (groups, entries) = bench.scratch.apply(&draft.groups, &changes, self.now);
            draft.groups = groups;
            let id = draft.id;
            if self.finish(draft, vulnerability, name, &entries, out)? {
                hits.iter().for_each(|(at, _)| open[*at].push(id));
            }
        }
        Ok(open)
    }

    /// Every vulnerability that any cell has.
    fn seen<'c>(&self, cells: &'c [Cell]) -> BTreeMap<&'c str, Hits<'c>>
    where
        Self: 'c,
    {
        let mut seen: BTreeMap<&str, Hits<'_>> = BTreeMap::new();
        for (at, cell) in cells.iter().enumerate() {
            for hit in &cell.hits {
                let id = self.catalogue.vulnerability_name(hit.hit.vulnerability);
                seen.entry(id).or_default().push((at, Seen::Claim(hit)));
            }
            for finding in &cell.told {
                let hits = seen.entry(finding.vulnerability.as_str()).or_default();
                hits.push((at, Seen::Upstream(finding)));
            }
        }
        seen
    }

    /// Hosts that are compared and have no package of the source.
    fn absent(&self, source: u32, name: &str, present: &[Reached]) -> Absent {
        let present = present.iter().flat_map(Reached::all);
        let mut has: Vec<u32> = present.flatten().copied().collect();
        has.sort_unstable();
        let mut absent = Absent::default();
        let units = self.plan.units.iter().flat_map(|unit: &Unit| {
            let moves = unit.moves.iter();
            moves.map(|step| (unit.runs_no_package, step))
        });
        let lost = self.plan.lost.iter().map(|step| (false, step));
        for (runs_no_package, step) in units.chain(lost) {
            let Some(complete) = step.reach(name).includes(source) else {
                continue;
            };
            let rest = step.hosts.iter().filter(|host| has.binary_search(host).is_err());
            match complete {
                true if runs_no_package => absent.may_run.extend(rest),
                true => absent.gone.extend(rest),
                false => absent.unknown.extend(rest),
            }
        }
        absent.gone.sort_unstable();
        absent.unknown.sort_unstable();
        absent
    }

    /// Without anybody who says so, nothing is gone.
    fn not_open<'b>(
        &'b self,
        cell: &Cell,
        evidence: &mut Option<Evidence<'b>>,
        name: &str,
        vulnerability: &str,
        bench: &mut Bench<'_>,
    ) -> Now {
        let fleet = &self.plan.fleet;
        let Some(platform) = fleet.platform_of(cell.platform) else {
            return Now::Unknown;
        };
        let (origin, bare) = Origin::of(name);
        match origin {
            Origin::Silent => Now::Deleted,
            Origin::Application if self.upstream_speaks_of(bare, vulnerability, bench) => Now::Gone,
            Origin::Application => Now::Unknown,
            // One look at the packages answers every vulnerability of theirs.
            Origin::System | Origin::Python => evidence
                .get_or_insert_with(|| {
                    let packages = cell.packages.iter().filter_map(|id| fleet.package(*id));
                    Evidence::of(
                        self.catalogue,
                        platform,
                        packages.collect(),
                        cell.running.as_deref(),
                    )
                })
                .now(vulnerability),
        }
    }

    fn upstream_speaks_of(&self, application: &str, vulnerability: &str, bench: &mut Bench<'_>) -> bool {
        let trees = bench.upstream.trees(Upstreams::Application(application));
        self.is_rejected(vulnerability) || trees.iter().any(|tree| tree.vulnerability == vulnerability)
    }

    /// Whether it was said to be none after all, wherever anything is installed.
    fn is_rejected(&self, vulnerability: &str) -> bool {
        let id = self.catalogue.vulnerability(vulnerability);
        let view = id.and_then(|id| self.catalogue.view(id));
        view.is_some_and(|view| view.rejected)
    }
}

/// Hosts that were compared and have nothing of a source: gone where the list is complete.
#[derive(Default)]
struct Absent {
    gone: Vec<u32>,
    /// Gone, unless it is the kernel that runs until the next boot.
    may_run: Vec<u32>,
    unknown: Vec<u32>,
}

fn change(hosts: &[u32], now: Now, variant: u32) -> Change<'_> {
    Change { hosts, now, variant }
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
