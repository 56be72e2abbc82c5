//! A fleet judged by what differs: a cell is one source package in one set of versions on one platform, however many hosts have
//! it. Each is matched once, and its verdict holds for all of its hosts.

use std::collections::{HashMap, HashSet};

use luumen_catalogue::Catalogue;
use luumen_model::{Package, advisory::Platform};
use luumen_vuln::{
    Finding, HostHit, Matcher, PYTHON_FAMILY, Upstream, is_kernel, match_packages, may_be_silent, source_name,
};

use crate::{
    origin::{Origin, SILENT_FAMILY, silent_system},
    upstream::{Applications, merged},
};

/// Packages that something of the fleet has, each once.
#[derive(Debug, Default)]
pub struct Fleet {
    platforms: Vec<Platform>,
    platform_ids: HashMap<Platform, u32>,
    packages: Vec<Package>,
    /// What decides of each package, as one number.
    marks: Vec<u64>,
    sources: Vec<String>,
    source_ids: HashMap<String, u32>,
    /// By family and package: source and whether it is a kernel.
    of_family: HashMap<String, Vec<Option<(u32, bool)>>>,
    /// Lists of what no package manager keeps.
    pub(crate) applications: Applications,
}

/// What is judged together: packages of one class of hosts by the claims of one platform.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Which hosts, as the caller counts them.
    pub class: u32,
    /// From [`Fleet::platform`].
    pub platform: u32,
    /// From [`Fleet::add`].
    pub packages: &'a [u32],
    /// Release of the kernel that runs.
    pub running: Option<&'a str>,
}

/// One source package in one set of versions.
#[derive(Clone, Debug)]
pub struct Cell {
    pub platform: u32,
    /// From [`Fleet::source`].
    pub source: u32,
    /// What it is of, as one number that is the same in every run: platform, packages and, for kernels, the one that runs.
    pub key: u64,
    pub packages: Vec<u32>,
    /// For kernels.
    pub running: Option<String>,
    /// Classes that have it, in the order of the parts.
    pub classes: Vec<u32>,
    /// What is open by claims; places in `packages`.
    pub hits: Vec<HostHit>,
    /// What is open by upstream's versions, each vulnerability once.
    pub told: Vec<Finding>,
}

impl Cell {
    /// Whether anything is open.
    pub fn is_open(&self) -> bool {
        !self.hits.is_empty() || !self.told.is_empty()
    }
}

impl Fleet {
    /// A platform's number.
    pub fn platform(&mut self, platform: &Platform) -> u32 {
        if let Some(id) = self.platform_ids.get(platform) {
            return *id;
        }
        let id = u32::try_from(self.platforms.len()).unwrap_or(u32::MAX);
        self.platforms.push(platform.clone());
        self.platform_ids.insert(platform.clone(), id);
        id
    }

    /// A platform's number, if it was asked for before.
    pub(crate) fn known_platform(&self, platform: &Platform) -> Option<u32> {
        self.platform_ids.get(platform).copied()
    }

    /// Takes a package in, and answers its number. The same package twice has two numbers: ask once.
    pub fn add(&mut self, package: Package) -> u32 {
        let id = u32::try_from(self.packages.len()).unwrap_or(u32::MAX);
        self.marks.push(mark_of(&package));
        self.packages.push(package);
        id
    }

    /// A platform by its number.
    pub fn platform_of(&self, id: u32) -> Option<&Platform> {
        self.platforms.get(id as usize)
    }

    /// A package by its number.
    pub fn package(&self, id: u32) -> Option<&Package> {
        self.packages.get(id as usize)
    }

    /// A source package's name by its number. What is kept by an ecosystem and not by the system has that before its name.
    pub fn source(&self, id: u32) -> &str {
        self.sources.get(id as usize).map_or("", String::as_str)
    }

    /// The number of a source package, whether anything has it or not.
    pub fn source_id(&mut self, name: &str) -> u32 {
        let next = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        if let Some(id) = self.source_ids.get(name) {
            return *id;
        }
        self.sources.push(name.to_owned());
        self.source_ids.insert(name.to_owned(), next);
        next
    }

    /// The source of a package on platforms of a family; known after [`Fleet::prepare`].
    pub fn source_in(&self, family: &str, package: u32) -> Option<u32> {
        let known = self.of_family.get(family)?.get(package as usize)?;
        known.map(|(source, _)| source)
    }

    /// Source packages that are known by now.
    pub fn sources(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).zip(self.sources.iter().map(String::as_str))
    }

    /// Finds the source of every package on every platform; to be called before [`cells`], whenever packages were added.
    pub fn prepare(&mut self) {
        let families: HashSet<String> = self
            .platforms
            .iter()
            .map(|platform| platform.family.clone())
            .collect();
        for family in families {
            let mut known = self.of_family.remove(&family).unwrap_or_default();
            for package in &self.packages[known.len()..] {
                let Some(name) = kept_by(&family, package) else {
                    known.push(None);
                    continue;
                };
                let id = match self.source_ids.get(&name) {
                    Some(id) => *id,
                    None => {
                        let next = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
                        self.sources.push(name.clone());
                        self.source_ids.insert(name, next);
                        next
                    }
                };
                known.push(Some((id, is_kernel(package))));
            }
            self.of_family.insert(family, known);
        }
    }
}

/// The name that findings of a package are kept by, on platforms of a family; `None` where nothing is ever said of it.
fn kept_by(family: &str, package: &Package) -> Option<String> {
    let source = source_name(family, package);
    match Origin::of_family(family) {
        Origin::Python => Some(format!("{PYTHON_FAMILY}/{}", package.name)),
        Origin::Silent => may_be_silent(&source).then(|| format!("{SILENT_FAMILY}/{source}")),
        Origin::System | Origin::Application => Some(source.into_owned()),
    }
}

/// Judges the parts and answers their cells, also those in which nothing is open. Only sources for which `wanted` holds are looked
/// at. Parts of a platform that the catalogue does not know are to be left out.
pub fn cells(
    fleet: &Fleet,
    catalogue: &Catalogue,
    parts: &[Part<'_>],
    wanted: impl Fn(u32) -> bool,
) -> Vec<Cell> {
    let mut found = gather(fleet, parts, wanted);
    let mut upstream = Upstream::new(catalogue);
    let mut matchers: HashMap<u32, Option<Matcher<'_>>> = HashMap::new();
    for cell in &mut found {
        let packages = || -> Vec<Package> {
            let packages = cell.packages.iter().filter_map(|id| fleet.package(*id));
            packages.cloned().collect()
        };
        if let Some(system) = fleet.platform_of(cell.platform).and_then(silent_system) {
            cell.told = merged(upstream.vendor_silent(&system, &packages()));
            continue;
        }
        let matcher = matchers.entry(cell.platform).or_insert_with(|| {
            let platform = fleet.platform_of(cell.platform)?;
            Some(Matcher::new(catalogue, platform)?.only_open())
        });
        if let Some(matcher) = matcher {
            cell.hits = match_packages(matcher, &packages(), cell.running.as_deref());
        }
    }
    found
}

fn gather(fleet: &Fleet, parts: &[Part<'_>], wanted: impl Fn(u32) -> bool) -> Vec<Cell> {
    let mut found: Vec<Cell> = Vec::new();
    let mut places: HashMap<(u32, u32, u64), u32, Spread> = HashMap::default();
    // By source: a sum over the packages of the part at hand that hangs on no order, and whether one is a kernel.
    let mut sums: Vec<(u64, bool)> = vec![(0, false); fleet.sources.len()];
    let wanted: Vec<bool> = (0..fleet.sources.len()).map(|at| wanted(at as u32)).collect();
    let mut touched = Vec::new();
    for part in parts {
        let Some(platform) = fleet.platform_of(part.platform) else {
            continue;
        };
        let Some(sources) = fleet.of_family.get(&platform.family) else {
            continue;
        };
        let place_mark = text_mark(platform_mark(platform), part.running.unwrap_or_default());
        let platform_mark = platform_mark(platform);
        for package in part.packages {
            let Some((source, kernel)) = sources.get(*package as usize).copied().flatten() else {
                continue;
            };
            if !wanted[source as usize] {
                continue;
            }
            let sum = &mut sums[source as usize];
            if *sum == (0, false) {
                touched.push(source);
            }
            let mark = fleet.marks.get(*package as usize).copied().unwrap_or_default();
            sum.0 = sum.0.wrapping_add(mark);
            sum.1 |= kernel;
        }
        for source in touched.drain(..) {
            let (sum, kernel) = std::mem::take(&mut sums[source as usize]);
            let running = part.running.filter(|_| kernel);
            let key = mix(sum
                ^ if running.is_some() {
                    place_mark
                } else {
                    platform_mark
                });
            let next = u32::try_from(found.len()).unwrap_or(u32::MAX);
            let place = *places.entry((part.platform, source, key)).or_insert(next);
            if place == next {
                found.push(cell(part, (source, key), running, sources));
            }
            found[place as usize].classes.push(part.class);
        }
    }
    found
}

fn cell(
    part: &Part<'_>,
    (source, key): (u32, u64),
    running: Option<&str>,
    sources: &[Option<(u32, bool)>],
) -> Cell {
    let of_source = |package: &&u32| {
        let known = sources.get(**package as usize).copied().flatten();
        known.is_some_and(|(of, _)| of == source)
    };
    Cell {
        platform: part.platform,
        source,
        key,
        packages: part.packages.iter().filter(of_source).copied().collect(),
        running: running.map(str::to_owned),
        classes: Vec::new(),
        hits: Vec::new(),
        told: Vec::new(),
    }
}

/// Everything of a package that may decide a verdict, as one number. Whoever stored a cell finds it again by these numbers, so they never
/// change for the same package.
fn mark_of(package: &Package) -> u64 {
    let Package {
        manager,
        name,
        version,
        arch,
        source,
        source_version,
        source_rpm,
        module,
        vendor,
        status,
        channel,
        origin,
        installed_at: _,
        size_bytes: _,
    } = package;
    let mut mark = text_mark(*manager as u64, name);
    mark = text_mark(mark, version);
    for text in [
        arch,
        source,
        source_version,
        source_rpm,
        module,
        vendor,
        status,
        channel,
        origin,
    ] {
        // Absent is not the same as empty.
        mark = text_mark(
            mark ^ u64::from(text.is_some()),
            text.as_deref().unwrap_or_default(),
        );
    }
    mark
}

pub(crate) fn platform_mark(platform: &Platform) -> u64 {
    text_mark(text_mark(0, &platform.family), &platform.release)
}

/// Takes a text, with its length, into a number.
pub(crate) fn text_mark(mark: u64, text: &str) -> u64 {
    let mut mark = mix(mark ^ text.len() as u64 ^ 0x9e37_79b9_7f4a_7c15);
    for bytes in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        mark = mix(mark.rotate_left(5) ^ u64::from_le_bytes(word));
    }
    mark
}

/// Spreads the bits of a number over all of them.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Keys are spread already; hashing them well again would be most of the work.
#[derive(Clone, Copy, Debug, Default)]
struct Spread;

impl std::hash::BuildHasher for Spread {
    type Hasher = SpreadHasher;
    fn build_hasher(&self) -> SpreadHasher {
        SpreadHasher(0)
    }
}

#[derive(Debug)]
struct SpreadHasher(u64);

impl std::hash::Hasher for SpreadHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(23) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::{Package, advisory::Platform};

    use super::{mark_of, platform_mark};

    #[test]
    fn numbers_of_stored_cells_are_the_same_in_every_version() {
        let bash = Package {
            name: "bash".into(),
            version: "5.2.15-2+b7".into(),
            arch: Some("amd64".into()),
            source_version: Some("5.2.15-2".into()),
            ..Package::default()
        };
        // A server finds what it stored by these. If they must change, a migration has to forget the classes and cells.
        assert_eq!(mark_of(&bash), 14_938_777_655_622_675_174);
        assert_eq!(
            platform_mark(&Platform::new("debian", "12")),
            9_907_873_179_487_875_704
        );
        let other = Package {
            arch: None,
            ..bash.clone()
        };
        assert_ne!(mark_of(&bash), mark_of(&other));
    }
}
