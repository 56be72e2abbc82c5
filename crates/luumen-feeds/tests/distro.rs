//! Whole publications of the distributions, read as they are: how much, how fast, and facts that were looked up in them by hand.
//!
//! They are not part of the repository: `LUUMEN_SHARED` says where they are, and without them the tests say that they looked at nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests stop at the first surprise and print what they saw"
)]

use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
    time::Instant,
};

use luumen_feeds::{
    read::{Document, Format, Problem, Sink},
    unpack,
};
use luumen_model::advisory::{Claim, Lifecycle, Record, Status};

/// Counts records, and keeps those that a test asks for.
#[derive(Default)]
struct Tally {
    documents: usize,
    refused: Vec<String>,
    vulnerabilities: usize,
    claims: usize,
    statuses: BTreeMap<String, usize>,
    problems: Vec<Problem>,
    wanted: Vec<&'static str>,
    kept: Vec<Claim>,
    lifecycles: Vec<Lifecycle>,
}

impl Sink for Tally {
    fn record(&mut self, record: Record) {
        match record {
            Record::Vulnerability(_) => self.vulnerabilities += 1,
            Record::Claim(claim) => {
                self.claims += 1;
                *self.statuses.entry(format!("{:?}", claim.status)).or_default() += 1;
                assert_eq!(claim.status == Status::Fixed, claim.fixed.is_some(), "{claim:?}");
                if self.wanted.iter().any(|id| *id == claim.vulnerability) {
                    self.kept.push(claim);
                }
            }
            Record::Lifecycle(lifecycle) => self.lifecycles.push(lifecycle),
            other => panic!("a record that no distribution makes: {other:?}"),
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

impl Tally {
    fn wanting(wanted: &[&'static str]) -> Self {
        Self {
            wanted: wanted.to_vec(),
            ..Self::default()
        }
    }

    /// The one claim about a package of a release and channel.
    #[track_caller]
    fn claim(&self, id: &str, platform: &str, channel: &str, package: &str) -> &Claim {
        let found: Vec<_> = self
            .kept
            .iter()
            .filter(|claim| {
                claim.vulnerability == id
                    && claim.platform.to_string() == platform
                    && claim.channel.0 == channel
                    && claim.package == package
            })
            .collect();
        let [claim] = found[..] else {
            panic!(
                "{} claims of {id} {platform} {channel} {package}: {found:?}",
                found.len()
            );
        };
        claim
    }

    #[track_caller]
    fn says(&self, id: &str, at: [&str; 3], status: Status, version: &str) {
        let claim = self.claim(id, at[0], at[1], at[2]);
        let seen = claim.fixed.as_deref().or(claim.note.as_deref()).unwrap_or("");
        assert_eq!((claim.status, seen), (status, version), "{claim:?}");
    }
}

fn shared() -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("LUUMEN_SHARED").map_or_else(default, PathBuf::from);
    root.join("fixtures/vuln")
}

/// Reads what is under a path of the shared fixtures, or says that it is not there.
fn read(format: &str, path: &str, tally: &mut Tally) -> bool {
    let file = shared().join(path);
    if !file.exists() {
        println!("skipped: {} is not here", file.display());
        return false;
    }
    read_where(format, &file, |_| true, tally);
    true
}

fn read_where(format: &str, file: &Path, wanted: impl Fn(&str) -> bool, tally: &mut Tally) {
    let started = Instant::now();
    let reader = Format::by_name(format).expect("a format");
    unpack::documents(file, |name, bytes| {
        if wanted(name) {
            tally.documents += 1;
            let source = "bulk";
            if let Err(error) = reader.read(Document { source, name, bytes }, tally) {
                tally.refused.push(format!("{name}: {error}"));
            }
        }
        true
    })
    .expect("an archive");
    println!(
        "{format}: {} documents, {} refused, {} vulnerabilities, {} claims, {} lifecycles, {} problems in {:.1} s",
        tally.documents,
        tally.refused.len(),
        tally.vulnerabilities,
        tally.claims,
        tally.lifecycles.len(),
        tally.problems.len(),
        started.elapsed().as_secs_f32()
    );
    println!("  {:?}", tally.statuses);
    for refused in tally.refused.iter().take(5) {
        println!("  refused: {refused}");
    }
    for problem in tally.problems.iter().take(25) {
        println!("  problem: {}: {}", problem.entry, problem.what);
    }
}

#[test]
fn the_whole_tracker_of_ubuntu_is_read() {
    let mut tally = Tally::wanting(&[
        "CVE-2023-38408",
        "CVE-2022-0778",
        "CVE-2023-4911",
        "CVE-2021-23840",
    ]);
    if !read(
        "ubuntu-tracker",
        "ubuntu/ubuntu-cve-tracker-2024-02-16.tar.xz",
        &mut tally,
    ) {
        return;
    }
    assert!(tally.refused.is_empty());
    let id = "CVE-2023-38408";
    tally.says(
        id,
        ["ubuntu/18.04", "esm-infra", "openssh"],
        Status::Fixed,
        "1:7.6p1-4ubuntu0.7+esm1",
    );
    tally.says(
        id,
        ["ubuntu/18.04", "", "openssh"],
        Status::EndOfLife,
        "end of standard support",
    );
    tally.says(
        id,
        ["ubuntu/14.04", "esm", "openssh"],
        Status::Fixed,
        "1:6.6p1-2ubuntu2.13+esm1",
    );
    tally.says(
        id,
        ["ubuntu/18.04", "fips", "openssh"],
        Status::UnderInvestigation,
        "",
    );
    tally.says(
        id,
        ["ubuntu/20.04", "", "openssh"],
        Status::Fixed,
        "1:8.2p1-4ubuntu0.8",
    );
    assert_eq!(tally.vulnerabilities, 46_773);
    // Counted with grep over the status lines of known releases: 338,083 not-affected, 340,847 ignored, 201,312 released (109 of them unreadable), …
    let seen: Vec<_> = tally.statuses.values().copied().collect();
    assert_eq!(seen, [17_842, 2_948, 277_676, 201_203, 338_083, 64_048, 63_171]);
    assert_eq!(tally.problems.len(), 125);
    tally.says(
        "CVE-2022-0778",
        ["ubuntu/16.04", "esm-infra", "openssl"],
        Status::Fixed,
        "1.0.2g-1ubuntu4.20+esm2",
    );
    tally.says(
        "CVE-2022-0778",
        ["ubuntu/18.04", "", "openssl1.0"],
        Status::Fixed,
        "1.0.2n-1ubuntu5.8",
    );
    tally.says(
        "CVE-2022-0778",
        ["ubuntu/18.04", "", "openssl"],
        Status::Fixed,
        "1.1.1-1ubuntu2.1~18.04.15",
    );
    tally.says(
        "CVE-2023-4911",
        ["ubuntu/20.04", "", "glibc"],
        Status::NotAffected,
        "code not present",
    );
    tally.says(
        "CVE-2023-4911",
        ["ubuntu/22.04", "", "glibc"],
        Status::Fixed,
        "2.35-0ubuntu3.4",
    );
    tally.says(
        "CVE-2021-23840",
        ["ubuntu/20.04", "", "openssl"],
        Status::Fixed,
        "1.1.1f-1ubuntu2.2",
    );
}

#[test]
fn the_advisories_of_debian_are_read() {
    for (path, documents, problems) in [
        ("debian/DSA/list.xz", 1, 0),
        ("debian/DLA/list.xz", 1, 0),
        ("debian/DTSA/list", 1, 0),
    ] {
        let mut tally = Tally::wanting(&["CVE-2023-1393", "CVE-2021-3449"]);
        if !read("debian-list", path, &mut tally) {
            return;
        }
        assert_eq!((tally.documents, tally.problems.len()), (documents, problems));
        if path.contains("DSA/") {
            let at = ["debian/11", "", "xorg-server"];
            tally.says("CVE-2023-1393", at, Status::Fixed, "2:1.20.11-1+deb11u6");
        }
    }
}

#[test]
fn the_advisories_of_almalinux_are_read() {
    let mut tally = Tally::wanting(&["CVE-2021-21708"]);
    if !read("osv", "alma/alma-osv.tar.xz", &mut tally) {
        return;
    }
    assert!(tally.refused.is_empty());
    // Two advisories of modules do not name the stream: ALSA-2024:4246 and ALSA-2024:4499.
    assert_eq!(tally.problems.len(), 2);
    let php: Vec<_> = tally.kept.iter().filter(|claim| claim.package == "php").collect();
    let mut seen: Vec<_> = php
        .iter()
        .map(|c| {
            (
                c.platform.release.as_str(),
                c.module.as_deref(),
                c.fixed.as_deref(),
            )
        })
        .collect();
    seen.sort_unstable();
    let expected = [
        (
            "8",
            Some("php:7.4"),
            Some("7.4.30-1.module_el8.7.0+3286+227f3cf0"),
        ),
        (
            "8",
            Some("php:8.0"),
            Some("8.0.20-2.module_el8.7.0+3286+6cee236e"),
        ),
        ("9", None, Some("8.0.20-3.el9")),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn the_secdb_of_alpine_is_read() {
    let mut tally = Tally::wanting(&["CVE-2016-9587"]);
    if !read("alpine-secdb", "alpine/alpine-secdb-2020-06.tar.xz", &mut tally) {
        return;
    }
    assert!(tally.refused.is_empty());
    tally.says(
        "CVE-2016-9587",
        ["alpine/3.5", "", "ansible"],
        Status::Fixed,
        "2.2.1.0-r0",
    );
}

#[test]
fn the_ends_of_life_are_read() {
    let mut tally = Tally::default();
    for product in [
        "debian",
        "rhel",
        "sles",
        "rocky-linux",
        "alpine-linux",
        "ubuntu",
        "sapmachine",
    ] {
        if !read("endoflife", &format!("eol/{product}.json"), &mut tally) {
            return;
        }
    }
    assert!(tally.refused.is_empty());
    let ends = |platform: &str, channel: &str| {
        let mut found = tally.lifecycles.iter();
        let found = found.find(|l| l.platform.to_string() == platform && l.channel.0 == channel);
        found.map(|l| l.ends_at.to_string())
    };
    assert_eq!(ends("rhel/9", ""), Some("2032-05-31T00:00:00.000Z".to_owned()));
    assert_eq!(ends("rhel/9", "els"), Some("2036-05-31T00:00:00.000Z".to_owned()));
    assert_eq!(
        ends("sles/15.7", "ltss"),
        Some("2034-07-31T00:00:00.000Z".to_owned())
    );
    assert_eq!(ends("debian/9", ""), Some("2020-07-18T00:00:00.000Z".to_owned()));
    assert_eq!(
        ends("debian/9", "lts"),
        Some("2022-07-01T00:00:00.000Z".to_owned())
    );
}

/// Samples of the publishers' own files, each in an archive or a folder inside of one archive.
#[test]
fn samples_of_many_sources_are_read() {
    const VULS: &str = "fixtures/vuls-data-update-fetch-fixtures.tar.xz";
    const VUNNEL: &str = "fixtures/vunnel-fixtures.tar.xz";
    const PARTS: &[(&str, &str, &str)] = &[
        (VULS, "osv", "/osv/testdata/fixtures/"),
        (
            VULS,
            "ubuntu-tracker",
            "/ubuntu/tracker/testdata/fixtures/ubuntu-cve-tracker/data/",
        ),
        (VULS, "ubuntu-vex", "/ubuntu/vex/testdata/fixtures/"),
        (
            VULS,
            "debian-list",
            "/debian/tracker/salsa/testdata/fixtures/security-tracker",
        ),
        (
            VULS,
            "debian-tracker-json",
            "/debian/tracker/api/testdata/fixtures/advisory",
        ),
        (VULS, "alpine-secdb", "/alpine/secdb/testdata/fixtures/"),
        (VULS, "alpine-secdb", "/wolfi/secdb/testdata/fixtures/"),
        (VULS, "alpine-secdb", "/chainguard/secdb/testdata/fixtures/"),
        (VULS, "arch-json", "/arch/testdata/fixtures/advisory"),
        (
            VULS,
            "endoflife",
            "/endoflife-date/api/testdata/fixtures/happy/full",
        ),
        (VUNNEL, "osv", "/ubuntu/test-fixtures/osv"),
        (VUNNEL, "osv", "/rocky/test-fixtures/osv/"),
        (VUNNEL, "osv", "/alma/test-fixtures/osv-database/"),
        (VUNNEL, "ubuntu-vex", "/ubuntu/test-fixtures/vex/"),
        (
            VUNNEL,
            "ubuntu-tracker",
            "/ubuntu/test-fixtures/normalized-cve-data/",
        ),
    ];
    let scratch = std::env::temp_dir().join(format!("luumen-feeds-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).unwrap();
    for archive in [VULS, VUNNEL] {
        let file = shared().join(archive);
        if !file.exists() {
            println!("skipped: {} is not here", file.display());
            continue;
        }
        // Entry by entry, still packed: some are torn on purpose, and others are archives themselves.
        let packed = std::io::BufReader::new(std::fs::File::open(&file).unwrap());
        let mut outer = tar::Archive::new(liblzma::read::XzDecoder::new(packed));
        let mut files = Vec::new();
        for entry in outer.entries().unwrap() {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().to_string_lossy().into_owned();
            let part = PARTS
                .iter()
                .find(|(of, _, path)| *of == archive && name.contains(path));
            let wanted = entry.header().entry_type().is_file() && !name.ends_with(".html");
            if let Some((_, format, _)) = part.filter(|_| wanted) {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).unwrap();
                files.push((*format, name, bytes));
            }
        }
        for (format, name, bytes) in files {
            let copy = scratch.join(name.rsplit('/').next().unwrap());
            std::fs::write(&copy, bytes).unwrap();
            println!("{name}");
            let lists = |inner: &str| {
                format != "debian-list" || (inner.ends_with("/list") && !inner.contains("/CPE/"))
            };
            read_where(format, &copy, lists, &mut Tally::default());
        }
    }
    std::fs::remove_dir_all(&scratch).unwrap();
}
