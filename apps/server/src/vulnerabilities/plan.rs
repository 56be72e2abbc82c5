//! What is to be judged: hosts that run the same as one unit, and for which of their packages the answer may be another one.

use std::collections::{BTreeMap, HashMap, HashSet};

use luumen_assess::Fleet;
use luumen_model::{Os, advisory::Platform};
use luumen_store::{
    assessments::{HostClass, HostInput, JudgedHost},
    findings::NotEvaluated,
};
use luumen_vuln::{PYTHON_FAMILY, judged_python, platform_of};

use super::{OpenCatalogue, load::Loaded, tracked::platform_from};

/// Packages of a unit that are judged by one platform's claims.
#[derive(Clone, Debug)]
pub(super) struct UnitPart {
    pub platform: u32,
    pub packages: Vec<u32>,
    pub running: Option<String>,
}

/// Hosts that run the same.
#[derive(Debug)]
pub(super) struct Unit {
    pub class: HostClass,
    /// Sources that are judged; absent for all of them.
    pub judged: Option<HashSet<u32>>,
    /// What was open on its hosts, or on those of the class that they come from; sources that are judged are left out of it later.
    pub base: Vec<i64>,
    pub parts: Vec<UnitPart>,
    pub moves: Vec<Move>,
}

/// Hosts of a unit for which the same packages may have another verdict than before.
#[derive(Debug)]
pub(super) struct Move {
    pub hosts: Vec<u32>,
    pub system: Reach,
    pub python: Reach,
}

/// Which packages are compared with what was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// None: what is known stays.
    Nothing,
    /// They cannot be judged now.
    Lost,
    /// These; what is missing of them is gone if the list is complete.
    Some { sources: HashSet<u32>, complete: bool },
    /// All.
    All { complete: bool },
}

/// What was planned.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub fleet: Fleet,
    pub units: Vec<Unit>,
    /// Hosts of no class: nothing of them can be judged.
    pub lost: Vec<Move>,
    pub hosts: Vec<JudgedHost>,
    pub last_number: i64,
    pub last_class_id: i64,
}

/// What tells classes apart.
type ClassKey = (Option<String>, Option<i64>, Option<String>, Option<i64>);

/// The class that a host was in, the one that it is in now, and what of it can be judged.
type Way = (Option<i64>, Option<i64>, [bool; 5]);

struct Planner<'a> {
    loaded: &'a Loaded,
    catalogue: &'a OpenCatalogue,
    plan: Plan,
    /// Package versions as the fleet numbers them.
    versions: HashMap<i64, u32>,
    python: HashMap<i64, Vec<u32>>,
    by_key: HashMap<ClassKey, i64>,
    units: HashMap<i64, usize>,
}

pub(super) fn plan(loaded: &Loaded, catalogue: &OpenCatalogue) -> Plan {
    let mut planner = Planner {
        loaded,
        catalogue,
        plan: Plan {
            last_number: loaded.state.last_number,
            last_class_id: loaded.state.last_class_id,
            ..Plan::default()
        },
        versions: HashMap::with_capacity(loaded.packages.len()),
        python: HashMap::new(),
        by_key: HashMap::new(),
        units: HashMap::new(),
    };
    planner.fill_fleet();
    planner.plan_hosts();
    planner.plan_touched();
    planner.fill_units();
    planner.plan
}

/// What can be judged of a host, and what cannot.
struct Judgeable {
    platform: Option<Platform>,
    system: bool,
    python: bool,
    not_evaluated: Vec<NotEvaluated>,
}

impl Planner<'_> {
    fn fill_fleet(&mut self) {
        let loaded = self.loaded;
        for (id, package) in &loaded.packages {
            let number = self.plan.fleet.add(package.clone());
            self.versions.insert(*id, number);
        }
        let mut known: HashMap<(String, String), u32> = HashMap::new();
        for (blob, list) in &loaded.python {
            let mut numbers = Vec::new();
            for (package, _) in judged_python(list) {
                let key = (package.name.clone(), package.version.clone());
                let number = match known.get(&key) {
                    Some(number) => *number,
                    None => self.plan.fleet.add(package),
                };
                known.insert(key, number);
                numbers.push(number);
            }
            numbers.sort_unstable();
            numbers.dedup();
            self.python.insert(*blob, numbers);
        }
        self.plan.fleet.platform(&Platform::new(PYTHON_FAMILY, ""));
        for host in &loaded.hosts {
            if let Some(platform) = platform_of(&os_of(host)) {
                self.plan.fleet.platform(&platform);
            }
        }
        for class in loaded
            .classes
            .values()
            .chain(loaded.touched.iter().map(|touched| &touched.class))
        {
            if let Some(platform) = &class.platform {
                self.plan.fleet.platform(&platform_from(platform));
            }
            self.by_key.entry(key_of(class)).or_insert(class.id);
        }
        self.plan.fleet.prepare();
    }

    fn plan_hosts(&mut self) {
        let loaded = self.loaded;
        // Hosts that come from one class into another are compared once.
        let mut moves: BTreeMap<Way, Vec<u32>> = BTreeMap::new();
        for host in &loaded.hosts {
            let number = host.number.unwrap_or_else(|| {
                self.plan.last_number += 1;
                u32::try_from(self.plan.last_number).unwrap_or(u32::MAX)
            });
            let can = judgeable(host, self.catalogue);
            let class = self.class_for(host, &can);
            let flags = [
                can.system,
                host.packages_complete,
                can.python,
                host.python_complete,
                !host.kept.is_empty(),
            ];
            moves.entry((host.class, class, flags)).or_default().push(number);
            self.plan.hosts.push(JudgedHost {
                id: host.id,
                number,
                class,
                input: host.input.clone(),
                platform: can.platform.map(|platform| platform.to_string()),
                not_evaluated: can.not_evaluated,
                kept: host.kept.clone(),
            });
        }
        for ((before, class, flags), mut hosts) in moves {
            hosts.sort_unstable();
            let step = self.compare(before, class, flags, hosts);
            match class.and_then(|class| self.units.get(&class).copied()) {
                Some(unit) => self.take_move(unit, before, step),
                None => self.plan.lost.push(step),
            }
        }
    }

    /// Adds hosts to a unit, and what of it must be judged for them.
    fn take_move(&mut self, unit: usize, before: Option<i64>, step: Move) {
        let is_new = self.plan.units[unit].class.id > self.loaded.state.last_class_id;
        let old = before.and_then(|id| self.loaded.classes.get(&id));
        let unit = &mut self.plan.units[unit];
        let near = matches!(step.system, Reach::Some { .. }) && matches!(step.python, Reach::Nothing);
        match (&mut unit.judged, &step.system, old) {
            (Some(judged), Reach::Some { sources, .. }, Some(old)) if near => {
                if unit.moves.is_empty() && is_new {
                    unit.base.clone_from(&old.findings);
                }
                judged.extend(sources);
            }
            _ => unit.judged = None,
        }
        unit.moves.push(step);
    }

    /// Gives every unit the packages that are judged of it.
    fn fill_units(&mut self) {
        for at in 0..self.plan.units.len() {
            let unit = &self.plan.units[at];
            if !unit.parts.is_empty() {
                continue;
            }
            let class = unit.class.clone();
            let mut parts = self.parts_of(&class);
            if let Some(judged) = &self.plan.units[at].judged {
                let fleet = &self.plan.fleet;
                let family = class.platform.as_deref().unwrap_or_default();
                let family = family.split('/').next().unwrap_or_default();
                parts.truncate(usize::from(class.platform.is_some()));
                for part in &mut parts {
                    part.packages.retain(|package| {
                        let source = fleet.source_in(family, *package);
                        source.is_some_and(|source| judged.contains(&source))
                    });
                }
            }
            self.plan.units[at].parts = parts;
        }
    }

    /// The class of a host, known or new, as a unit.
    fn class_for(&mut self, host: &HostInput, can: &Judgeable) -> Option<i64> {
        if !can.system && !can.python {
            return None;
        }
        let key: ClassKey = (
            can.platform
                .as_ref()
                .filter(|_| can.system)
                .map(Platform::to_string),
            host.package_set.filter(|_| can.system),
            host.kernel.clone().filter(|_| can.system),
            host.python_blob.filter(|_| can.python),
        );
        let id = *self.by_key.entry(key.clone()).or_insert_with(|| {
            self.plan.last_class_id += 1;
            self.plan.last_class_id
        });
        if !self.units.contains_key(&id) {
            let class = self.loaded.classes.get(&id).cloned().unwrap_or(HostClass {
                id,
                platform: key.0,
                package_set: key.1,
                kernel: key.2,
                python_blob: key.3,
                findings: Vec::new(),
            });
            self.units.insert(id, self.plan.units.len());
            self.plan.units.push(Unit {
                base: class.findings.clone(),
                class,
                judged: Some(HashSet::new()),
                parts: Vec::new(),
                moves: Vec::new(),
            });
        }
        Some(id)
    }

    fn parts_of(&mut self, class: &HostClass) -> Vec<UnitPart> {
        let mut parts = Vec::new();
        if let (Some(platform), Some(set)) = (&class.platform, class.package_set) {
            let members = self.loaded.sets.get(&set).map_or(&[][..], Vec::as_slice);
            parts.push(UnitPart {
                platform: self.plan.fleet.platform(&platform_from(platform)),
                packages: self.numbers(members),
                running: class.kernel.clone(),
            });
        }
        parts.extend(self.python_part(class));
        parts
    }

    fn python_part(&mut self, class: &HostClass) -> Option<UnitPart> {
        let packages = self.python.get(&class.python_blob?)?.clone();
        Some(UnitPart {
            platform: self.plan.fleet.platform(&Platform::new(PYTHON_FAMILY, "")),
            packages,
            running: None,
        })
    }

    fn python_sources(&self, class: &HostClass) -> Vec<u32> {
        let packages = class.python_blob.and_then(|blob| self.python.get(&blob));
        let packages = packages.map_or(&[][..], Vec::as_slice);
        let source = |package: &u32| self.plan.fleet.source_in(PYTHON_FAMILY, *package);
        packages.iter().filter_map(source).collect()
    }

    fn numbers(&self, versions: &[i64]) -> Vec<u32> {
        versions
            .iter()
            .filter_map(|id| self.versions.get(id).copied())
            .collect()
    }

    /// For which packages hosts that were in one class and are in another may have another verdict.
    fn compare(&self, before: Option<i64>, after: Option<i64>, flags: [bool; 5], hosts: Vec<u32>) -> Move {
        let [system, complete, python, python_complete, kept] = flags;
        let classes = &self.loaded.classes;
        let old = before.and_then(|id| classes.get(&id));
        let new = after
            .and_then(|id| self.units.get(&id))
            .map(|unit| &self.plan.units[*unit].class);
        // What is kept may be judged again now, and a new catalogue may say anything of anything.
        let near = old
            .zip(new)
            .filter(|_| !kept && !self.loaded.catalogue_changed && complete);
        let system = match (system, near) {
            (false, _) => Reach::Lost,
            (true, Some((old, new))) if old.platform == new.platform && old.kernel == new.kernel => {
                Reach::Some {
                    sources: self.differing(old, new),
                    complete,
                }
            }
            (true, _) => Reach::All { complete },
        };
        let same_python = near.is_some_and(|(old, new)| old.python_blob == new.python_blob);
        let python = match (python, same_python) {
            (false, _) => Reach::Lost,
            (true, true) => Reach::Nothing,
            (true, false) => Reach::All {
                complete: python_complete,
            },
        };
        Move {
            hosts,
            system,
            python,
        }
    }

    /// Sources of which the two classes have other versions.
    fn differing(&self, old: &HostClass, new: &HostClass) -> HashSet<u32> {
        let members = |class: &HostClass| -> HashSet<i64> {
            let set = class.package_set.and_then(|set| self.loaded.sets.get(&set));
            set.into_iter().flatten().copied().collect()
        };
        let (old, new_members) = (members(old), members(new));
        let family = new.platform.as_deref().unwrap_or_default();
        let family = family.split('/').next().unwrap_or_default();
        old.symmetric_difference(&new_members)
            .filter_map(|id| self.versions.get(id))
            .filter_map(|number| self.plan.fleet.source_in(family, *number))
            .collect()
    }

    /// Classes of which some packages are judged anew, with the hosts that have not changed themselves.
    fn plan_touched(&mut self) {
        let moved: HashSet<u32> = self.plan.hosts.iter().map(|host| host.number).collect();
        let gone: HashSet<u32> = self.loaded.gone.iter().map(|host| host.number).collect();
        for touched in &self.loaded.touched {
            let stay = |host: &&u32| !moved.contains(host) && !gone.contains(host);
            let hosts: Vec<u32> = touched.hosts.iter().filter(stay).copied().collect();
            let packages = self.numbers(&touched.versions);
            let family = touched.class.platform.as_deref().unwrap_or_default();
            let family = family.split('/').next().unwrap_or_default().to_owned();
            let sources: HashSet<u32> = packages
                .iter()
                .filter_map(|number| self.plan.fleet.source_in(&family, *number))
                .collect();
            let mut judged = sources.clone();
            if touched.python {
                judged.extend(self.python_sources(&touched.class));
            }
            let step = Move {
                hosts,
                system: Reach::Some {
                    sources,
                    complete: true,
                },
                python: match touched.python {
                    true => Reach::All { complete: true },
                    false => Reach::Nothing,
                },
            };
            if let Some(unit) = self.units.get(&touched.class.id) {
                let unit = &mut self.plan.units[*unit];
                if let Some(known) = &mut unit.judged {
                    known.extend(judged);
                }
                unit.moves.push(step);
                continue;
            }
            let mut parts = Vec::new();
            if let Some(platform) = touched.class.platform.as_deref().filter(|_| !packages.is_empty()) {
                parts.push(UnitPart {
                    platform: self.plan.fleet.platform(&platform_from(platform)),
                    packages,
                    running: touched.class.kernel.clone(),
                });
            }
            if touched.python {
                parts.extend(self.python_part(&touched.class));
            }
            self.plan.units.push(Unit {
                class: touched.class.clone(),
                judged: Some(judged),
                base: touched.class.findings.clone(),
                parts,
                moves: vec![step],
            });
        }
    }
}

impl Move {
    /// How a source package is compared.
    pub(super) fn reach(&self, source: &str) -> &Reach {
        if source.starts_with("pypi/") {
            &self.python
        } else {
            &self.system
        }
    }
}

impl Reach {
    /// Whether a source is compared, and if so, whether its absence means anything.
    pub(super) fn includes(&self, source: u32) -> Option<bool> {
        match self {
            Self::Nothing => None,
            Self::Lost => Some(false),
            Self::Some { sources, complete } => sources.contains(&source).then_some(*complete),
            Self::All { complete } => Some(*complete),
        }
    }
}

fn key_of(class: &HostClass) -> ClassKey {
    (
        class.platform.clone(),
        class.package_set,
        class.kernel.clone(),
        class.python_blob,
    )
}

fn os_of(host: &HostInput) -> Os {
    Os {
        id: host.os_id.clone().unwrap_or_default(),
        version_id: host.os_version.clone(),
        ..Os::default()
    }
}

/// Says what of a host can be judged by the catalogue, and why the rest cannot.
fn judgeable(host: &HostInput, catalogue: &OpenCatalogue) -> Judgeable {
    let mut not_evaluated = Vec::new();
    let mut note = |what: &str, why: String| {
        not_evaluated.push(NotEvaluated {
            what: what.to_owned(),
            why,
        });
    };
    let platform = platform_of(&os_of(host));
    let is_known = platform
        .as_ref()
        .is_some_and(|platform| catalogue.catalogue.platform(platform).is_some());
    match &platform {
        None => note(
            "packages",
            "no vendor publishes claims for this system that we could read, or the system is not known"
                .to_owned(),
        ),
        Some(platform) if !is_known => note(
            "packages",
            format!("the catalogue holds nothing for {platform}; add its feed and build the catalogue anew"),
        ),
        Some(_) => {}
    }
    if host.package_set.is_none() || !host.packages_complete {
        note("packages", gap(host.packages_status.as_deref()));
    }
    if host.kernel_status.as_deref().is_none_or(|status| status != "ok") {
        note("kernel", gap(host.kernel_status.as_deref()));
    }
    let python_known = catalogue
        .catalogue
        .platform(&Platform::new(PYTHON_FAMILY, ""))
        .is_some();
    let no_python = host.python_complete && host.python_blob.is_none();
    if !host.python_complete {
        note("python_packages", gap(host.python_status.as_deref()));
    } else if !python_known && !no_python {
        note(
            "python_packages",
            "the catalogue holds nothing for Python distributions; add the feed of PyPI".to_owned(),
        );
    }
    Judgeable {
        system: is_known && host.package_set.is_some(),
        python: no_python || (python_known && host.python_blob.is_some()),
        platform,
        not_evaluated,
    }
}

fn gap(status: Option<&str>) -> String {
    match status {
        None => "it was not collected".to_owned(),
        Some(status) => format!("it was not collected whole: {}", status.replace('_', " ")),
    }
}
