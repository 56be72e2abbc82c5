//! What is to be judged: hosts that run the same as one unit, and for which of their packages the answer may be another one.

mod beside;
mod judgeable;
mod reach;
mod touched;

use std::collections::{BTreeMap, HashMap, HashSet};

use luumen_assess::{APPLICATION_FAMILY, Fleet, Origin, silence_of};
use luumen_model::advisory::Platform;
use luumen_store::assessments::{HostClass, HostInput, IdList, JudgedHost};
use luumen_vuln::{PYTHON_FAMILY, judged_python};

use self::beside::Beside;
use self::judgeable::{Flags, Judgeable, judgeable, platform};
pub(super) use self::reach::{Move, Reach};
use super::{OpenCatalogue, load::Loaded, tracked::platform_from};

/// Packages of a unit that are judged by one platform's claims.
#[derive(Clone, Debug)]
pub(super) struct UnitPart {
    pub platform: u32,
    pub packages: Vec<u32>,
    pub running: Option<String>,
}

/// Applications of a unit, and which of them are judged.
#[derive(Clone, Debug)]
pub(super) struct ApplicationUnit {
    pub list: u32,
    pub sources: Vec<u32>,
    pub running: Option<String>,
}

/// Hosts that run the same.
#[derive(Debug)]
pub(super) struct Unit {
    pub class: HostClass,
    /// Sources that are judged; absent for all of them.
    pub judged: Option<HashSet<u32>>,
    /// Its cells, or those of the class that its hosts come from; cells of sources that are judged are left out of it later.
    pub base: IdList,
    pub parts: Vec<UnitPart>,
    pub applications: Option<ApplicationUnit>,
    /// The kernel that runs is none of its packages: one that was removed may still run.
    pub runs_no_package: bool,
    pub moves: Vec<Move>,
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
type ClassKey = (
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Option<i64>,
);

/// The class that a host was in, the one that it is in now, and what of it can be judged.
type Way = (Option<i64>, Option<i64>, Flags);

struct Planner<'a> {
    loaded: &'a Loaded,
    catalogue: &'a OpenCatalogue,
    beside: Beside<'a>,
    plan: Plan,
    /// Package versions as the fleet numbers them.
    versions: HashMap<i64, u32>,
    python: HashMap<i64, Vec<u32>>,
    /// Lists of applications as the fleet numbers them.
    applications: HashMap<i64, u32>,
    by_key: HashMap<ClassKey, i64>,
    units: HashMap<i64, usize>,
}

pub(super) fn plan(loaded: &Loaded, catalogue: &OpenCatalogue) -> Plan {
    let mut planner = Planner {
        loaded,
        catalogue,
        beside: Beside::new(loaded),
        plan: Plan {
            last_number: loaded.state.last_number,
            last_class_id: loaded.state.last_class_id,
            ..Plan::default()
        },
        versions: HashMap::with_capacity(loaded.packages.len()),
        python: HashMap::new(),
        applications: HashMap::new(),
        by_key: HashMap::new(),
        units: HashMap::new(),
    };
    planner.fill_fleet();
    planner.plan_hosts();
    planner.plan_touched();
    planner.fill_units();
    planner.plan
}

impl Planner<'_> {
    fn fill_fleet(&mut self) {
        let loaded = self.loaded;
        for (id, package) in &loaded.packages {
            let number = self.plan.fleet.add(package.clone());
            self.versions.insert(*id, number);
        }
        self.fill_ecosystems();
        for platform in [
            Platform::new(PYTHON_FAMILY, ""),
            Platform::new(APPLICATION_FAMILY, ""),
        ] {
            self.plan.fleet.platform(&platform);
        }
        let of_hosts = loaded.hosts.iter().filter_map(platform);
        let touched = loaded.touched.iter().map(|touched| &touched.class);
        let classes: Vec<&HostClass> = loaded.classes.values().chain(touched).collect();
        let of_classes = classes.iter().filter_map(|class| class.platform.as_deref());
        for platform in of_hosts.chain(of_classes.map(platform_from)) {
            if loaded.has_upstream {
                self.plan.fleet.platform(&silence_of(&platform));
            }
            self.plan.fleet.platform(&platform);
        }
        for class in classes {
            self.by_key.entry(key_of(class)).or_insert(class.id);
        }
        self.plan.fleet.prepare();
    }

    fn fill_ecosystems(&mut self) {
        let mut known: HashMap<(String, String), u32> = HashMap::new();
        for (blob, list) in &self.loaded.python {
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
        for (blob, list) in &self.loaded.applications {
            let number = self.plan.fleet.add_applications(&list.items);
            self.applications.insert(*blob, number);
        }
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
            let mut can = judgeable(host, loaded, self.catalogue);
            if let Some(set) = host.package_set.filter(|_| can.flags.system) {
                can.not_evaluated
                    .extend(self.beside.of(set, running(host).as_deref()));
            }
            let class = self.class_for(host, &can);
            let way = (host.class, class, can.flags);
            moves.entry(way).or_default().push(number);
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
        match (&mut unit.judged, &step.system, old) {
            (Some(judged), Reach::Some { sources, .. }, Some(old)) if step.is_near() => {
                if unit.moves.is_empty() && is_new {
                    unit.base.clone_from(&old.cells);
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
            if !unit.parts.is_empty() || unit.applications.is_some() {
                continue;
            }
            let (class, judged) = (unit.class.clone(), unit.judged.clone());
            let mut parts = self.system_parts(&class);
            let mut applications = None;
            match judged {
                // Only packages of the system differ.
                Some(judged) => self.keep_judged(&mut parts, &judged),
                None => {
                    parts.extend(self.python_part(&class));
                    applications = self.application_unit(&class, |_| true);
                }
            }
            let unit = &mut self.plan.units[at];
            (unit.parts, unit.applications) = (parts, applications);
        }
    }

    fn keep_judged(&self, parts: &mut [UnitPart], judged: &HashSet<u32>) {
        let fleet = &self.plan.fleet;
        for part in parts {
            let family = fleet.platform_of(part.platform).map(|platform| &platform.family);
            part.packages.retain(|package| {
                let source = family.and_then(|family| fleet.source_in(family, *package));
                source.is_some_and(|source| judged.contains(&source))
            });
        }
    }

    /// The class of a host, known or new, as a unit.
    fn class_for(&mut self, host: &HostInput, can: &Judgeable) -> Option<i64> {
        let (system, applications) = (can.flags.system, can.has_applications);
        if !system && !can.has_python && !applications {
            return None;
        }
        let platform = can.platform.as_ref().filter(|_| system);
        let key: ClassKey = (
            platform.map(Platform::to_string),
            host.package_set.filter(|_| system),
            running(host).filter(|_| system || applications),
            host.python_blob.filter(|_| can.has_python),
            host.applications_blob.filter(|_| applications),
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
                applications_blob: key.4,
                cells: IdList::default(),
            });
            self.units.insert(id, self.plan.units.len());
            let set = class.package_set.zip(class.kernel.as_deref());
            self.plan.units.push(Unit {
                runs_no_package: set.is_some_and(|(set, running)| !self.beside.has(set, running)),
                base: class.cells.clone(),
                class,
                judged: Some(HashSet::new()),
                parts: Vec::new(),
                applications: None,
                moves: Vec::new(),
            });
        }
        Some(id)
    }

    fn system_parts(&mut self, class: &HostClass) -> Vec<UnitPart> {
        let (Some(platform), Some(set)) = (&class.platform, class.package_set) else {
            return Vec::new();
        };
        let members = self.loaded.sets.get(&set).map_or(&[][..], Vec::as_slice);
        let (platform, packages) = (platform_from(platform), self.numbers(members));
        let silent = self.silent_part(&platform, packages.clone());
        let own = UnitPart {
            platform: self.plan.fleet.platform(&platform),
            packages,
            running: class.kernel.clone(),
        };
        std::iter::once(own).chain(silent).collect()
    }

    fn application_unit(&self, class: &HostClass, wanted: impl Fn(&str) -> bool) -> Option<ApplicationUnit> {
        let fleet = &self.plan.fleet;
        let list = *self.applications.get(&class.applications_blob?)?;
        let mut sources = fleet.sources_of_applications(list).to_vec();
        sources.retain(|source| wanted(Origin::of(fleet.source(*source)).1));
        (!sources.is_empty()).then(|| ApplicationUnit {
            list,
            sources,
            running: class.kernel.clone(),
        })
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
}

fn key_of(class: &HostClass) -> ClassKey {
    (
        class.platform.clone(),
        class.package_set,
        class.kernel.clone(),
        class.python_blob,
        class.applications_blob,
    )
}

/// The kernel that runs, by a name that no package has where none is it.
fn running(host: &HostInput) -> Option<String> {
    let release = host.kernel.as_deref()?;
    Some(match host.kernel_replaced {
        true => luumen_vuln::replaced(release),
        false => release.to_owned(),
    })
}

/// Of the platform that the system is judged by.
fn family_of(class: &HostClass) -> &str {
    let platform = class.platform.as_deref().unwrap_or_default();
    platform.split('/').next().unwrap_or_default()
}
