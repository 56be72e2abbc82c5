//! The sample data that ships, built through the same door as everything else.
#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use std::{collections::BTreeSet, path::PathBuf};

use luumen_feeds::{assemble::Assembly, build, fetch::Silent, mapped, offline, registry::Registry};
use luumen_model::{Timestamp, advisory::Platform};
use tokio_util::sync::CancellationToken;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../content/sample"))
}

#[test]
fn every_file_is_recognised_and_read_without_a_problem() {
    let registry = Registry::built_in().unwrap_or_else(|error| panic!("{error}"));
    let survey = offline::survey(&folder(), &registry).unwrap();
    let unknown: Vec<_> = survey
        .unknown
        .iter()
        .map(|it| it.path.file_name().unwrap())
        .collect();
    assert_eq!(unknown, [""; 0]);

    let mut assembly = Assembly::new();
    assembly.mark_as_sample();
    let cancel = CancellationToken::new();
    let report = build::from_files(&registry, &survey.found, &mut assembly, &Silent, &cancel);
    for source in &report.sources {
        assert_eq!(source.troubles, [], "{}", source.source);
        assert!(source.records > 0, "{} says nothing", source.source);
    }
    let sources: BTreeSet<&str> = report.sources.iter().map(|it| it.source.as_str()).collect();
    let expected = [
        "alma-osv",
        "alpine-secdb",
        "cisa-kev",
        "cve-list",
        "debian-tracker",
        "endoflife",
        "epss",
        "nvd",
        "osv-pypi",
        "redhat-vex",
        "ubuntu-osv",
        "ubuntu-tracker",
    ];
    assert_eq!(sources, BTreeSet::from(expected));

    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("sample.catalogue");
    let now = Timestamp::from_seconds(1_795_478_400);
    let assembled = assembly.write(&registry, &report, now, &path).unwrap();
    assert!(assembled.manifest.sample);
    assert!(
        assembled.vulnerabilities <= 70,
        "{} are no small sample",
        assembled.vulnerabilities
    );
    let catalogue = mapped::open(&path).unwrap();
    assert!(catalogue.meta().sources.iter().all(|source| source.sample));
    for (family, release) in [
        ("debian", "11"),
        ("debian", "12"),
        ("debian", "13"),
        ("debian", "sid"),
        ("ubuntu", "20.04"),
        ("ubuntu", "22.04"),
        ("ubuntu", "24.04"),
        ("almalinux", "8"),
        ("almalinux", "9"),
        ("rhel", "9"),
        ("alpine", "3.20"),
        ("pypi", ""),
    ] {
        let platform = Platform::new(family, release);
        assert!(catalogue.platform(&platform).is_some(), "nothing of {platform}");
    }
}

#[test]
fn it_stays_small() {
    fn size(folder: &std::path::Path) -> u64 {
        let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        entries
            .map(|entry| match entry.metadata().unwrap() {
                meta if meta.is_dir() => size(&entry.path()),
                meta => meta.len(),
            })
            .sum()
    }
    let bytes = size(&folder());
    assert!(bytes < 200 << 10, "{bytes} bytes");
}
