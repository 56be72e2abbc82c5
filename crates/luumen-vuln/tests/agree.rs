//! The same packages and the same data of Debian, put to debsecan and to us: both find the same, but for what is named here with its reason.
//!
//! Needs debsecan; without it the test says that it looked at nothing. debsecan's file is made of the sample by `bench/match/agree`, which shares
//! nothing with our readers; whole hosts and whole lists are compared there, too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests stop at the first surprise and print what they saw"
)]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use luumen_catalogue::{Builder, Catalogue};
use luumen_feeds::read::{Collected, Document, Format};
use luumen_model::{Package, PackageManager, Timestamp, advisory::Platform};
use luumen_vuln::{Hit, Matcher, Verdict};

/// Vulnerability, source package, its installed version.
type Found = BTreeSet<(String, String, String)>;

#[test]
fn debsecan_finds_the_same_but_for_what_it_cannot_know() {
    let installed = Command::new("debsecan").arg("--help").output();
    if !installed.is_ok_and(|answer| answer.status.success()) {
        println!("skipped: debsecan is not installed");
        return;
    }
    let packages = packages(include_str!("samples/agree/bookworm.status"));
    let (ours, theirs) = (ours(&packages), theirs(&packages));
    let common = ours.intersection(&theirs).count();
    let line = |(vulnerability, source, version): &(String, String, String)| {
        format!("{vulnerability} {source} {version}\n")
    };
    // What is unimportant, what has reached its end of life and what never was in unstable is not in debsecan's data; that a signed kernel is the kernel
    // it does not know.
    expect_test::expect![[r#"
        CVE-2024-99009 gnutls28 3.7.9-2
        CVE-2024-99011 jbig2dec 0.19-3
        CVE-2024-99025 linux 6.1.66+1
        CVE-2024-99026 linux 6.1.66+1
        CVE-2024-99026 linux 6.1.76+1
        CVE-2024-99029 vim 2:9.0.1378-2
        CVE-2024-99032 binutils 2.40-2
    "#]]
    .assert_eq(&ours.difference(&theirs).map(line).collect::<String>());
    // It knows a fixed version only if it is in the archive or older ones are not; a backport is not judged by where it was taken from.
    expect_test::expect![[r#"
        CVE-2024-99014 libxml2 2.9.14+dfsg-1.2
        CVE-2024-99015 nginx 1.22.1-9+deb12u2local
        CVE-2024-99024 sudo 1.9.14p2-1~bpo12+1
        CVE-2024-99037 ghostscript 10.0.0~dfsg-11+deb12u2
    "#]]
    .assert_eq(&theirs.difference(&ours).map(line).collect::<String>());
    assert_eq!(common, 22);
}

fn ours(packages: &[Package]) -> Found {
    let mut read = Collected::default();
    let document = Document {
        source: "debian-tracker",
        name: "tracker.json",
        bytes: include_bytes!("samples/agree/tracker.json"),
    };
    let format = Format::by_name("debian-tracker-json").expect("a format");
    format.read(document, &mut read).expect("a document");
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let mut builder = Builder::new();
    for record in &read.records {
        builder.add(record).expect("memory");
    }
    let mut bytes = Vec::new();
    let written = builder.finish(Timestamp::from_seconds(0), Vec::new(), &mut bytes);
    written.expect("memory");
    let catalogue = Catalogue::open(bytes).expect("just written");
    let mut matcher = Matcher::new(&catalogue, &Platform::new("debian", "12")).expect("claims");
    let mut found = Found::new();
    for package in packages {
        let matched = matcher.package(package);
        let is_found = |hit: &&Hit| matches!(hit.verdict, Verdict::Vulnerable | Verdict::UnderInvestigation);
        for hit in matched.hits.iter().filter(is_found) {
            let id = catalogue.vulnerability_name(hit.vulnerability).to_owned();
            let version = package.source_version.clone().expect("a version");
            found.insert((id, matched.source.clone(), version));
        }
    }
    found
}

fn theirs(packages: &[Package]) -> Found {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let samples = crate_root.join("tests/samples/agree");
    let data = Scratch::new();
    let tool = crate_root.join("../../bench/match/agree/debsecan.py");
    let mut make = Command::new("/usr/bin/python3");
    make.arg("-B").arg(tool).args(["data", "--release", "12"]);
    make.arg("--tracker").arg(samples.join("tracker.json"));
    run(make.arg("--out").arg(data.0.join("bookworm")));
    let mut debsecan = Command::new("debsecan");
    debsecan.args([
        "--config",
        "/dev/null",
        "--suite",
        "bookworm",
        "--format",
        "simple",
    ]);
    debsecan
        .arg("--source")
        .arg(format!("file://{}", data.0.display()));
    let answer = run(debsecan.arg("--status").arg(samples.join("bookworm.status")));
    let mut found = Found::new();
    for line in String::from_utf8(answer.stdout).expect("text").lines() {
        let (vulnerability, binary) = line.split_once(' ').expect("a vulnerability and a package");
        for package in packages.iter().filter(|package| package.name == binary) {
            let source = package.source.clone().expect("a source");
            let version = package.source_version.clone().expect("a version");
            found.insert((vulnerability.to_owned(), source, version));
        }
    }
    found
}

#[track_caller]
fn run(command: &mut Command) -> Output {
    let answer = command.output().expect("it starts");
    assert!(
        answer.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&answer.stderr)
    );
    answer
}

/// A folder that goes with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("luumen-agree-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let removed = std::fs::remove_dir_all(&self.0);
        assert!(removed.is_ok() || std::thread::panicking(), "{removed:?}");
    }
}

/// The installed packages of a dpkg status file.
fn packages(status: &str) -> Vec<Package> {
    let paragraphs = status.split("\n\n");
    let installed = paragraphs.filter(|paragraph| paragraph.contains("\nStatus: install ok installed"));
    installed.map(package).collect()
}

fn package(paragraph: &str) -> Package {
    let field = |name: &str| {
        let mut lines = paragraph.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let (name, version) = (
        field("Package").expect("a name"),
        field("Version").expect("a version"),
    );
    let (source, source_version) = match field("Source") {
        None => (name, version),
        Some(source) => match source.split_once(" (") {
            None => (source, version),
            Some((source, version)) => (source, version.trim_end_matches(')')),
        },
    };
    Package {
        manager: PackageManager::Dpkg,
        name: name.to_owned(),
        version: version.to_owned(),
        arch: field("Architecture").map(str::to_owned),
        source: Some(source.to_owned()),
        source_version: Some(source_version.to_owned()),
        ..Package::default()
    }
}
