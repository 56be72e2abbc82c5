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
}
