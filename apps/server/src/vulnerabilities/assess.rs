//! Judges the hosts of a workspace: looks what differs from what was judged, then mends it.
//!
//! It takes no hint of what changed, may run twice and on several replicas at once: what it read is written back in one
//! transaction, unless another one wrote before; then it begins anew. Running it again changes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};

use luumen_assess::{ApplicationPart, Cell, Origin, Part, Scratch, application_cells, cells, covered};
use luumen_catalogue::PlatformId;
use luumen_model::{Timestamp, WorkspaceId, advisory::Severity};
use luumen_store::{
    Store, StoreError,
    assessments::{
        self, ApplyError, Changes, Excepted, Facts, JudgedCell, KeptChange, KnownFacts, KnownFinding,
    },
    findings::host_sets,
    transaction,
};
use luumen_vuln::Upstream;

use super::{
    OpenCatalogue,
    cells::write_cells,
    findings::{Bench, Judge, Judged, OpenCell, ended, group_in, open_hosts},
    load::{Loaded, load},
    plan::{Plan, Unit, plan},
    tracked::track,
};

/// How often an assessment that was overtaken begins anew.
const MOST_TRIES: u32 = 5;
/// Titles are unpacked one by one; a first assessment of a fleet leaves them to the pages.
const MOST_TITLES: usize = 2000;
/// From this many packages on, all known findings are fetched at once.
const MANY_PACKAGES: usize = 2000;
/// Sources are judged on this many threads.
const THREADS: usize = 2;

/// What an assessment did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assessed {
    pub hosts: usize,
    pub findings: usize,
    pub events: usize,
    /// Whether anything was written.
    pub changed: bool,
}

/// Why a workspace was not assessed.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    #[error("other workers assessed the workspace again and again in the meantime")]
    Overtaken,
    #[error("judging ended by a panic")]
    Panicked,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Judges a workspace by a catalogue.
pub async fn assess(
    store: &Store,
    workspace: WorkspaceId,
    catalogue: &OpenCatalogue,
    now: Timestamp,
) -> Result<Assessed, AssessError> {
    for _ in 0..MOST_TRIES {
        let loaded = load(store, workspace, catalogue, now).await?;
        let open = catalogue.clone();
        let planned = tokio::task::spawn_blocking(move || {
            let plan = plan(&loaded, &open);
            (loaded, plan)
        });
        let (loaded, plan) = planned.await.map_err(|_| AssessError::Panicked)?;
        let known = load_known(store, workspace, &loaded, &plan, now).await?;
        let open = catalogue.clone();
        let judged = tokio::task::spawn_blocking(move || judge(loaded, plan, &known, &open, now));
        let (changes, assessed) = judged.await.map_err(|_| AssessError::Panicked)??;
        if !assessed.changed {
            // Facts that went to and fro are judged already.
            if !changes.marks.is_empty() {
                transaction!(store, StoreError, |tx| assessments::remove_marks(
                    tx,
                    workspace,
                    &changes.marks
                ))?;
            }
            return Ok(assessed);
        }
        match transaction!(store, ApplyError, |tx| assessments::apply(
            tx, workspace, &changes, now
        )) {
            Ok(()) => return Ok(assessed),
            Err(ApplyError::Overtaken) => {}
            Err(ApplyError::Store(error)) => return Err(error.into()),
        }
    }
    Err(AssessError::Overtaken)
}

/// What was known of every package that is compared.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub findings: Vec<KnownFinding>,
    pub cells: Vec<JudgedCell>,
    pub last_cell_id: i64,
}

async fn load_known(
    store: &Store,
    workspace: WorkspaceId,
    loaded: &Loaded,
    plan: &Plan,
    now: Timestamp,
) -> Result<Known, StoreError> {
    let db = store.read();
    let last_cell_id = assessments::last_cell_id(db, workspace).await?;
    if loaded.state.last_finding_id == 0 && last_cell_id == 0 {
        return Ok(Known::default());
    }
    let judged = names_of(plan);
    let names = judged.as_deref();
    let cells = assessments::cells_of(db, workspace, names).await?;
    let findings = match judged {
        Some(mut names) => {
            let (ids, cells) = before(loaded, plan)?;
            names.extend(assessments::packages_of(db, workspace, &ids).await?.into_values());
            names.extend(assessments::packages_of_cells(db, workspace, &cells).await?);
            names.sort_unstable();
            names.dedup();
            assessments::findings_of(db, workspace, Some(&names), now).await?
        }
        None => assessments::findings_of(db, workspace, None, now).await?,
    };
    Ok(Known {
        findings,
        cells,
        last_cell_id,
    })
}

/// Packages that are judged; `None` for so many that all are fetched.
fn names_of(plan: &Plan) -> Option<Vec<String>> {
    let mut sources: HashSet<u32> = HashSet::new();
    for unit in &plan.units {
        match &unit.judged {
            Some(judged) => sources.extend(judged),
            None => sources.extend(sources_of(plan, unit)),
        }
        if sources.len() > MANY_PACKAGES {
            return None;
        }
    }
    let name = |id: u32| plan.fleet.source(id).to_owned();
    Some(sources.into_iter().map(name).collect())
}

fn sources_of<'a>(plan: &'a Plan, unit: &'a Unit) -> impl Iterator<Item = u32> + 'a {
    let applications = unit
        .applications
        .iter()
        .flat_map(|own| own.sources.iter().copied());
    let packages = unit.parts.iter().flat_map(move |part| {
        let family = plan
            .fleet
            .platform_of(part.platform)
            .map(|platform| &platform.family);
        let source = move |package: &u32| plan.fleet.source_in(family?, *package);
        part.packages.iter().filter_map(source)
    });
    packages.chain(applications)
}

/// What hosts had that are compared whole, cannot be judged, or were deleted: findings that they kept, and cells.
fn before(loaded: &Loaded, plan: &Plan) -> Result<(Vec<i64>, Vec<i64>), StoreError> {
    let near: HashSet<i64> = plan
        .units
        .iter()
        .filter(|unit| unit.judged.is_some())
        .map(|unit| unit.class.id)
        .collect();
    let far = loaded
        .hosts
        .iter()
        .zip(&plan.hosts)
        .filter(|(_, judged)| judged.class.is_none_or(|class| !near.contains(&class)));
    let mut ids: BTreeSet<i64> = BTreeSet::new();
    let mut classes: BTreeSet<i64> = loaded.gone.iter().filter_map(|host| host.class).collect();
    for (host, _) in far {
        ids.extend(&host.kept);
        classes.extend(host.class);
    }
    ids.extend(loaded.gone.iter().flat_map(|host| &host.kept));
    let mut cells: BTreeSet<i64> = BTreeSet::new();
    for class in classes.iter().filter_map(|id| loaded.classes.get(id)) {
        cells.extend(class.cells.ids()?);
    }
    Ok((ids.into_iter().collect(), cells.into_iter().collect()))
}

/// Everything that thinks: what is open now, what that changes, and how it is written down.
fn judge(
    mut loaded: Loaded,
    mut plan: Plan,
    known: &Known,
    catalogue: &OpenCatalogue,
    now: Timestamp,
) -> Result<(Changes, Assessed), StoreError> {
    let mut by_source: HashMap<u32, Vec<&KnownFinding>> = HashMap::new();
    for finding in &known.findings {
        let source = plan.fleet.source_id(&finding.finding.package);
        by_source.entry(source).or_default().push(finding);
    }
    track(&mut loaded, &plan, catalogue);
    let mut gone: Vec<u32> = loaded.gone.iter().map(|host| host.number).collect();
    gone.sort_unstable();
    let next_id = AtomicI64::new(loaded.state.last_finding_id);
    let judge = Judge {
        catalogue: &catalogue.catalogue,
        loaded: &loaded,
        plan: &plan,
        gone: &gone,
        ended: &ended(&plan.fleet, &catalogue.catalogue, now),
        next_id: &next_id,
        titles: plan.units.len() <= MOST_TITLES && plan.hosts.len() <= MOST_TITLES,
        now,
    };
    let judged = judge_sources(&judge, &by_source)?;
    let written = write_cells(&plan, loaded.state.last_class_id, known, judged.cells)?;
    let mut changes = Changes {
        generation: loaded.state.generation,
        classes: written.classes,
        cells: written.cells,
        findings: judged.findings,
        events: judged.events,
        gone: loaded.gone.iter().map(|host| host.id).collect(),
        ..Changes::default()
    };
    changes.facts = fact_changes(&loaded, &changes, &catalogue.catalogue);
    changes.excepted = excepted_changes(&loaded, &changes, now)?;
    changes.state = assessments::AssessmentState {
        catalogue: Some(catalogue.id.clone()),
        catalogue_at: Some(catalogue.catalogue.meta().built_at),
        last_number: plan.last_number,
        last_class_id: plan.last_class_id,
        last_finding_id: next_id.load(Ordering::Relaxed),
        said: loaded.tracked.write(),
        ..loaded.state.clone()
    };
    changes.hosts = std::mem::take(&mut plan.hosts);
    changes.marks = std::mem::take(&mut loaded.marks);
    keep(&mut changes, &judged.kept);
    let assessed = Assessed {
        hosts: changes.hosts.len(),
        findings: changes.findings.len(),
        events: changes.events.len(),
        changed: loaded.catalogue_changed || !changes.is_empty(),
    };
    Ok((changes, assessed))
}

/// Sources side by side; which thread has which hangs on nothing but its number.
fn judge_sources(
    judge: &Judge<'_>,
    by_source: &HashMap<u32, Vec<&KnownFinding>>,
) -> Result<Judged, StoreError> {
    let parts: Vec<Part<'_>> = (0_u32..)
        .zip(&judge.plan.units)
        .flat_map(|(class, unit)| {
            unit.parts.iter().map(move |part| Part {
                class,
                platform: part.platform,
                packages: &part.packages,
                running: part.running.as_deref(),
            })
        })
        .collect();
    let applications: Vec<ApplicationPart<'_>> = (0_u32..)
        .zip(&judge.plan.units)
        .filter_map(|(class, unit)| {
            let own = unit.applications.as_ref()?;
            Some(ApplicationPart {
                class,
                list: own.list,
                sources: &own.sources,
                running: own.running.as_deref(),
            })
        })
        .collect();
    let parts = (parts.as_slice(), applications.as_slice());
    let shards: Vec<Result<Judged, StoreError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|shard| scope.spawn(move || judge_shard(judge, parts, by_source, shard)))
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    });
    let mut all = Judged::default();
    for shard in shards {
        let shard = shard?;
        all.findings.extend(shard.findings);
        all.events.extend(shard.events);
        all.kept.extend(shard.kept);
        all.cells.extend(shard.cells);
    }
    Ok(all)
}

fn judge_shard(
    judge: &Judge<'_>,
    (parts, applications): (&[Part<'_>], &[ApplicationPart<'_>]),
    by_source: &HashMap<u32, Vec<&KnownFinding>>,
    shard: usize,
) -> Result<Judged, StoreError> {
    let ours = |source: u32| source as usize % THREADS == shard;
    let had: HashSet<u32> = by_source.keys().copied().filter(|source| ours(*source)).collect();
    let last = u32::try_from(judge.plan.last_number).unwrap_or(u32::MAX);
    let mut bench = Bench {
        scratch: Scratch::new(last),
        upstream: Upstream::new(judge.catalogue),
    };
    let fleet = &judge.plan.fleet;
    let mut found = cells(fleet, judge.catalogue, parts, ours);
    found.extend(application_cells(fleet, &mut bench.upstream, applications, ours));
    found.sort_by_key(|cell| cell.source);
    let mut out = Judged::default();
    let mut opened = Vec::with_capacity(found.len());
    let none = Vec::new();
    for cells in found.chunk_by(|a, b| a.source == b.source) {
        let Some(source) = cells.first().map(|cell: &Cell| cell.source) else {
            continue;
        };
        let known = by_source.get(&source).unwrap_or(&none);
        opened.extend(judge.source(source, cells, known, &mut bench, &mut out)?);
    }
    // What is known of sources that no judged host has any more.
    let seen: HashSet<u32> = found.iter().map(|cell| cell.source).collect();
    for source in had.difference(&seen) {
        let known = by_source.get(source).unwrap_or(&none);
        judge.source(*source, &[], known, &mut bench, &mut out)?;
    }
    let open = found.into_iter().zip(opened).map(|(cell, findings)| OpenCell {
        source: cell.source,
        key: cell.key,
        units: cell.classes,
        findings,
    });
    out.cells = open.collect();
    Ok(out)
}

/// Facts that the catalogue has otherwise now, of findings whose hosts stay.
fn fact_changes(
    loaded: &Loaded,
    changes: &Changes,
    catalogue: &luumen_catalogue::Catalogue,
) -> Vec<(i64, Facts)> {
    let written: HashSet<i64> = changes.findings.iter().map(|finding| finding.id).collect();
    let rest = loaded.facts.iter().filter(|known| !written.contains(&known.id));
    let platforms = loaded.tracked.platforms_in(catalogue);
    rest.filter_map(|known| {
        let now = facts_now(known, catalogue, &platforms)?;
        (now != known.facts).then_some((known.id, now))
    })
    .collect()
}

fn facts_now(
    known: &KnownFacts,
    catalogue: &luumen_catalogue::Catalogue,
    platforms: &[PlatformId],
) -> Option<Facts> {
    // A vulnerability that the catalogue does not know any more keeps what was known of it.
    let id = catalogue.vulnerability(&known.vulnerability)?;
    let view = catalogue.view(id)?;
    let (_, package) = Origin::of(&known.package);
    let severity = if view.severity == known.facts.severity {
        view.severity
    } else {
        // Whoever decided may have said how bad it is here, and has not said otherwise, or it had been judged anew. What vendors of
        // other systems say is nothing to these hosts.
        let ours = |claim: &luumen_catalogue::ClaimRef<'_>| platforms.iter().any(|id| claim.is_of(*id));
        let said = catalogue
            .claims_about(id)
            .any(|claim| claim.package() == package && claim.severity() > Severity::Unknown && ours(&claim));
        match said {
            true => known.facts.severity,
            false => view.severity,
        }
    };
    Some(Facts {
        title: known.facts.title.clone(),
        severity,
        score: view.score,
        score_version: view.score_version.map(str::to_owned),
        kev_added_at: view.kev_added_at,
        ransomware: view.ransomware,
        epss: view.epss,
    })
}

/// What exceptions cover of findings whose hosts stay.
fn excepted_changes(loaded: &Loaded, changes: &Changes, now: Timestamp) -> Result<Vec<Excepted>, StoreError> {
    let written: HashSet<i64> = changes.findings.iter().map(|finding| finding.id).collect();
    let mut changed = Vec::new();
    for known in &loaded.excepted {
        let finding = &known.finding;
        if written.contains(&finding.id) {
            continue;
        }
        let groups: Vec<_> = host_sets::read_groups(&known.groups)?
            .into_iter()
            .map(group_in)
            .collect();
        let covers = loaded.covers(&finding.vulnerability, &finding.package);
        let covered = covered(&open_hosts(&groups), &covers, now);
        let after = (i64::from(covered.count), covered.until);
        if after != known.excepted {
            changed.push(Excepted {
                finding: finding.id,
                count: after.0,
                until: after.1,
            });
        }
    }
    Ok(changed)
}

/// What hosts keep although it cannot be judged.
fn keep(changes: &mut Changes, kept: &[(u32, i64, bool)]) {
    if kept.is_empty() {
        return;
    }
    let places: HashMap<u32, usize> = changes
        .hosts
        .iter()
        .enumerate()
        .map(|(at, host)| (host.number, at))
        .collect();
    let mut others: BTreeMap<u32, KeptChange> = BTreeMap::new();
    for (number, finding, keeps) in kept {
        if let Some(host) = places.get(number).and_then(|at| changes.hosts.get_mut(*at)) {
            host.kept.retain(|id| id != finding);
            if *keeps {
                host.kept.push(*finding);
            }
            continue;
        }
        let change = others.entry(*number).or_default();
        change.number = *number;
        match keeps {
            true => change.added.push(*finding),
            false => change.removed.push(*finding),
        }
    }
    changes
        .hosts
        .iter_mut()
        .for_each(|host| host.kept.sort_unstable());
    changes.kept = others.into_values().collect();
}
