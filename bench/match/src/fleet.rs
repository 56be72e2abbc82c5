//! A made-up fleet: four releases of Debian, sources with several versions, and hosts that are patched to different degrees.

use anyhow::Result;
use luumen_catalogue::Builder;
use luumen_model::{
    Package, PackageManager, Timestamp,
    advisory::{Authority, Channel, Claim, PackageKind, Platform, Record, Severity, Status},
};
use rand::{RngExt as _, SeedableRng, rngs::SmallRng};

/// Versions that a source package has had in a release.
const VERSIONS: usize = 12;
/// Releases of the fleet.
pub(crate) const RELEASES: [&str; 4] = ["10", "11", "12", "13"];

/// Everything that is measured with.
pub(crate) struct Fleet {
    /// Every version of every package, by release.
    pub packages: Vec<Package>,
    /// Package lists: release, and places in `packages`, ascending.
    pub sets: Vec<(usize, Vec<u32>)>,
    /// For each host its package list.
    pub hosts: Vec<u32>,
    /// The catalogue's file.
    pub bytes: Vec<u8>,
    pub claims: usize,
    records: Vec<Record>,
}

impl Fleet {
    pub(crate) fn make(
        hosts: usize,
        sets: usize,
        per_host: usize,
        sources: usize,
        claims: usize,
    ) -> Result<Self> {
        let mut random = SmallRng::seed_from_u64(7);
        let packages = packages(sources);
        let records = records(sources, claims, &mut random);
        let sets: Vec<(usize, Vec<u32>)> = (0..sets)
            .map(|_| package_list(sources, per_host, &mut random))
            .collect();
        let hosts = (0..hosts)
            .map(|at| match sets.get(at) {
                // Every list has a host; the others are drawn.
                Some(_) => at as u32,
                None => random.random_range(0..sets.len()) as u32,
            })
            .collect();
        Ok(Self {
            bytes: built(&records, 1)?,
            claims: records.len(),
            packages,
            sets,
            hosts,
            records,
        })
    }

    /// The catalogue with one more advisory, for a package that nearly every host has.
    pub(crate) fn with_one_more(&self) -> Result<Vec<u8>> {
        let mut records = self.records.clone();
        for release in RELEASES {
            records.push(claim(release, "CVE-2026-99999", &source_name(0), VERSIONS + 1));
        }
        built(&records, 2)
    }
}

fn built(records: &[Record], at: i64) -> Result<Vec<u8>> {
    let mut builder = Builder::new();
    for record in records {
        builder.add(record)?;
    }
    let mut bytes = Vec::new();
    builder.finish(Timestamp::from_seconds(at), Vec::new(), &mut bytes)?;
    Ok(bytes)
}

fn source_name(source: usize) -> String {
    format!("source-{source:05}")
}

fn version(release: usize, version: usize) -> String {
    format!("{}.{version}-1+deb{}u{version}", release + 1, RELEASES[release])
}

/// Two binaries for every third source, one for the others.
fn binaries(source: usize) -> usize {
    1 + usize::from(source.is_multiple_of(3))
}

/// Place of a source's first binary in a version of a release.
fn place(sources: usize, release: usize, source: usize, version: usize) -> usize {
    ((release * sources + source) * VERSIONS + version) * 2
}

fn packages(sources: usize) -> Vec<Package> {
    let mut packages = Vec::with_capacity(RELEASES.len() * sources * VERSIONS * 2);
    for release in 0..RELEASES.len() {
        for source in 0..sources {
            for number in 0..VERSIONS {
                for binary in 0..2 {
                    packages.push(Package {
                        manager: PackageManager::Dpkg,
                        name: format!("binary-{source:05}-{binary}"),
                        version: version(release, number),
                        arch: Some("amd64".to_owned()),
                        source: Some(source_name(source)),
                        source_version: Some(version(release, number)),
                        ..Package::default()
                    });
                }
            }
        }
    }
    packages
}

fn package_list(sources: usize, per_host: usize, random: &mut SmallRng) -> (usize, Vec<u32>) {
    let release = random.random_range(0..RELEASES.len());
    // A host was patched up to some moment; a few packages lag behind.
    let patched = random.random_range(2..VERSIONS);
    let mut list = Vec::with_capacity(per_host);
    let mut source = 0;
    while list.len() < per_host && source < sources {
        // The first sources are what every host has.
        let taken = source < per_host / 3 || random.random_range(0..4) == 0;
        if taken {
            let lag = usize::from(random.random_range(0..10) == 0) * random.random_range(0..3);
            let version = patched.saturating_sub(lag);
            for binary in 0..binaries(source) {
                list.push((place(sources, release, source, version) + binary) as u32);
            }
        }
        source += 1;
    }
    (release, list)
}

fn records(sources: usize, claims: usize, random: &mut SmallRng) -> Vec<Record> {
    let mut records = Vec::new();
    for source in 0..sources {
        for number in 0..claims {
            let id = format!("CVE-2026-{:05}", source * claims + number);
            for release in RELEASES {
                // One in ten has no fix; the others are fixed in some version that most hosts have.
                let fixed = match random.random_range(0..10) {
                    0 => 0,
                    _ => random.random_range(1..VERSIONS),
                };
                records.push(claim(release, &id, &source_name(source), fixed));
            }
        }
    }
    records
}

/// A claim of Debian's; `fixed` 0 for no fix.
fn claim(release: &str, id: &str, source: &str, fixed: usize) -> Record {
    let at = RELEASES
        .iter()
        .position(|known| *known == release)
        .unwrap_or_default();
    Record::Claim(Claim {
        source: "debian-tracker".to_owned(),
        authority: Authority::Vendor,
        vulnerability: id.to_owned(),
        platform: Platform::new("debian", release),
        channel: Channel::MAIN,
        package: source.to_owned(),
        package_kind: PackageKind::Source,
        arches: Vec::new(),
        module: None,
        status: if fixed == 0 {
            Status::Affected
        } else {
            Status::Fixed
        },
        introduced: None,
        fixed: (fixed > 0).then(|| version(at, fixed)),
        last_affected: None,
        advisory: None,
        severity: Some(Severity::Medium),
        note: None,
    })
}
