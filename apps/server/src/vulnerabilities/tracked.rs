//! What the catalogue said of everything that the workspace has, as numbers: a new catalogue is compared with them, and only
//! packages of which it says something else are judged anew.

use std::collections::{BTreeMap, BTreeSet};

use luumen_assess::{APPLICATION_FAMILY, Origin, Said, said, said_by_upstream, silence_of, silent_system};
use luumen_catalogue::{Catalogue, PlatformId};
use luumen_model::advisory::Platform;
use luumen_vuln::{PYTHON_FAMILY, Upstream, Upstreams};
use serde::{Deserialize, Serialize};

use super::{OpenCatalogue, load::Loaded, plan::Plan};

/// Fingerprints by platform and name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tracked {
    /// Rules that verdicts were made by; other rules judge everything anew.
    rules: u32,
    platforms: BTreeMap<String, Asked>,
}

/// What was asked of a platform.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Asked {
    /// Whether the catalogue had anything of it. When that changes, so does what can be judged of hosts.
    known: bool,
    names: BTreeMap<String, u64>,
}

/// Counts up whenever the same facts and claims give other verdicts than before.
const RULES: u32 = 4;

/// How a catalogue differs from what was tracked.
#[derive(Debug, PartialEq)]
pub(super) enum Difference {
    /// Judge everything anew: other rules, or a platform came or went.
    Everything,
    /// Names of which something else is said, by platform.
    Names(BTreeMap<String, BTreeSet<String>>),
}

impl Tracked {
    pub(super) fn read(bytes: Option<&[u8]>) -> Self {
        // What cannot be read is not known, so everything is judged anew.
        bytes
            .and_then(|bytes| serde_json::from_slice(bytes).ok())
            .unwrap_or_default()
    }

    pub(super) fn write(&self) -> Option<Vec<u8>> {
        serde_json::to_vec(self).ok()
    }

    /// Compares and brings the fingerprints up to date.
    pub(super) fn compare(&mut self, catalogue: &Catalogue) -> Difference {
        if self.rules != RULES {
            *self = Self {
                rules: RULES,
                platforms: BTreeMap::new(),
            };
            return Difference::Everything;
        }
        let mut says = Says::new(catalogue);
        let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut everything = false;
        for (text, asked) in &mut self.platforms {
            let platform = platform_from(text);
            let known = says.knows(&platform);
            everything |= known != asked.known;
            asked.known = known;
            for (name, before) in &mut asked.names {
                let now = says.of(&platform, name);
                if now != *before {
                    *before = now;
                    names.entry(text.clone()).or_default().insert(name.clone());
                }
            }
        }
        if everything {
            return Difference::Everything;
        }
        Difference::Names(names)
    }

    /// The platforms of hosts and ecosystems, as the catalogue numbers them.
    pub(super) fn platforms_in(&self, catalogue: &Catalogue) -> Vec<PlatformId> {
        let platforms = self.platforms.keys().map(|text| platform_from(text));
        platforms
            .filter_map(|platform| catalogue.platform(&platform))
            .collect()
    }

    /// Takes names in that were judged for the first time. Without names it is remembered that the platform was asked for.
    pub(super) fn add<'a>(
        &mut self,
        says: &mut Says<'_>,
        platform: &Platform,
        names: impl Iterator<Item = &'a str>,
    ) {
        let asked = self
            .platforms
            .entry(platform.to_string())
            .or_insert_with(|| Asked {
                known: says.knows(platform),
                names: BTreeMap::new(),
            });
        for name in names {
            if !asked.names.contains_key(name) {
                asked.names.insert(name.to_owned(), says.of(platform, name));
            }
        }
    }
}

/// What a catalogue says, whoever is asked.
pub(super) struct Says<'c> {
    catalogue: &'c Catalogue,
    upstream: Upstream<'c>,
    has_upstream: bool,
}

impl<'c> Says<'c> {
    pub(super) fn new(catalogue: &'c Catalogue) -> Self {
        Self {
            catalogue,
            upstream: Upstream::new(catalogue),
            has_upstream: Upstream::is_in(catalogue),
        }
    }

    /// Whether silence on a name means that there is nothing.
    fn knows(&self, platform: &Platform) -> bool {
        let system = |platform| self.catalogue.platform(platform).is_some();
        match Origin::of_family(&platform.family) {
            Origin::Application => self.has_upstream,
            Origin::Silent => self.has_upstream && silent_system(platform).as_ref().is_some_and(system),
            Origin::System | Origin::Python => system(platform),
        }
    }

    /// The fingerprint of a name; 0 where nothing can be said.
    fn of(&mut self, platform: &Platform, name: &str) -> u64 {
        if !self.knows(platform) {
            return 0;
        }
        let (catalogue, upstream) = (self.catalogue, &mut self.upstream);
        let said = match Origin::of_family(&platform.family) {
            Origin::System | Origin::Python => said(catalogue, platform, name),
            Origin::Application => said_by_upstream(catalogue, upstream, Upstreams::Application(name), None),
            Origin::Silent => {
                let system = silent_system(platform);
                said_by_upstream(catalogue, upstream, Upstreams::Package(name), system.as_ref())
            }
        };
        said.map_or(0, |Said(said)| said.max(1))
    }
}

/// `debian/12` as a platform.
pub(super) fn platform_from(text: &str) -> Platform {
    let (family, release) = text.split_once('/').unwrap_or((text, ""));
    Platform::new(family, release)
}

/// Remembers what the catalogue says of what is judged for the first time, and of whom it was asked.
pub(super) fn track(loaded: &mut Loaded, plan: &Plan, catalogue: &OpenCatalogue) {
    let mut says = Says::new(&catalogue.catalogue);
    let none = || std::iter::empty();
    let systems: BTreeSet<&str> = plan
        .hosts
        .iter()
        .filter_map(|host| host.platform.as_deref())
        .collect();
    for system in systems.into_iter().map(platform_from) {
        loaded.tracked.add(&mut says, &silence_of(&system), none());
        loaded.tracked.add(&mut says, &system, none());
    }
    for family in [PYTHON_FAMILY, APPLICATION_FAMILY] {
        loaded.tracked.add(&mut says, &Platform::new(family, ""), none());
    }
    for (platform, seen) in packages_by_platform(plan) {
        if let Some(platform) = plan.fleet.platform_of(platform) {
            let names = names_of(plan, platform, &seen);
            loaded.tracked.add(&mut says, platform, names.into_iter());
        }
    }
    let own = plan.units.iter().filter_map(|unit| unit.applications.as_ref());
    let names: BTreeSet<&str> = own
        .flat_map(|unit| &unit.sources)
        .map(|source| Origin::of(plan.fleet.source(*source)).1)
        .collect();
    let applications = Platform::new(APPLICATION_FAMILY, "");
    loaded.tracked.add(&mut says, &applications, names.into_iter());
}

/// Which packages are judged by each platform's claims, as marks.
fn packages_by_platform(plan: &Plan) -> BTreeMap<u32, Vec<bool>> {
    let mut packages: BTreeMap<u32, Vec<bool>> = BTreeMap::new();
    for part in plan.units.iter().flat_map(|unit| &unit.parts) {
        let seen = packages.entry(part.platform).or_default();
        for package in &part.packages {
            let at = *package as usize;
            if seen.len() <= at {
                seen.resize(at + 1, false);
            }
            seen[at] = true;
        }
    }
    packages
}

/// Names that claims about these packages may be by.
fn names_of<'a>(plan: &'a Plan, platform: &Platform, seen: &[bool]) -> BTreeSet<&'a str> {
    let fleet = &plan.fleet;
    let by_binary = silent_system(platform).is_none();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for (id, _) in (0_u32..).zip(seen).filter(|(_, seen)| **seen) {
        let source = fleet.source_in(&platform.family, id);
        names.extend(source.map(|source| Origin::of(fleet.source(source)).1));
        let package = fleet.package(id).filter(|_| by_binary);
        names.extend(package.map(|package| package.name.as_str()));
    }
    names
}
