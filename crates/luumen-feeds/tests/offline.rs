//! The shared bulk data as an administrator would carry it to a machine without a network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests stop at the first surprise and tell"
)]

use std::{collections::BTreeMap, path::PathBuf};

use luumen_feeds::{
    build,
    fetch::Silent,
    keep::{Keep, Shrink},
    offline,
    registry::{Registry, SourceInfo},
};
use luumen_model::{Timestamp, advisory::Record};
use tokio_util::sync::CancellationToken;

fn shared() -> Option<PathBuf> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let shared = std::env::var_os("LUUMEN_SHARED").map_or_else(|| root.join("../shared"), |it| root.join(it));
    let folder = shared.join("fixtures/vuln");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

#[test]
fn the_shared_folder_is_taken_as_it_is() {
    let Some(folder) = shared() else { return };
    let registry = Registry::built_in().unwrap_or_else(|error| panic!("{error}"));
    let survey = offline::survey(&folder, &registry).unwrap();
    let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for found in &survey.found {
        by_source.entry(&found.source).or_default().push(&found.document);
        println!(
            "{}: {} as {} by {:?}",
            found.document, found.source, found.format, found.by
        );
    }
    for unknown in &survey.unknown {
        println!("not recognised: {}: {}", unknown.path.display(), unknown.why);
    }
    let counts: Vec<_> = by_source
        .iter()
        .map(|(source, files)| (*source, files.len()))
        .collect();
    let expected = [
        ("alma-osv", 1),
        ("alpine-secdb", 1),
        ("cisa-kev", 1),
        ("cve-list", 9),
        ("debian-lists", 3),
        ("endoflife", 10),
        ("epss", 1),
        ("msrc-cvrf", 1),
        ("nvd", 26),
        ("nvd-1.1", 21),
        ("nvd-overrides", 1),
        ("ubuntu-tracker", 1),
    ];
    assert_eq!(counts, expected);
}

/// Small enough for a debug build.
const SOME: [&str; 6] = [
    "alma/alma-osv.tar.xz",
    "alpine/alpine-secdb-2020-06.tar.xz",
    "debian/DLA/list.xz",
    "kev/known_exploited_vulnerabilities.2026-08-08.json.xz",
    "nvd/feed-1.1/nvdcve-1.1-2003.json.xz",
    "sap/sap-cna-cve5-158.tar.xz",
];

#[test]
fn what_is_kept_says_the_same_as_the_files_and_is_read_once() {
    let Some(folder) = shared() else { return };
    let registry = Registry::built_in().unwrap_or_else(|error| panic!("{error}"));
    let mut survey = offline::survey(&folder, &registry).unwrap();
    survey
        .found
        .retain(|found| SOME.contains(&found.document.as_str()));
    assert_eq!(survey.found.len(), SOME.len());
    let cancel = CancellationToken::new();
    let mut by_files: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    let mut take = |source: &SourceInfo, record| by_files.entry(source.id.clone()).or_default().push(record);
    let report = build::from_files(&registry, &survey.found, &mut take, &Silent, &cancel);
    for source in &report.sources {
        let (documents, records, troubles) = (source.documents, source.records, source.trouble_count);
        println!(
            "{}: {documents} documents, {records} records, {troubles} troubles",
            source.source
        );
        println!("  {:?}", source.troubles.first());
        assert!(source.records > 100, "{}", source.source);
    }

    let store = tempfile::tempdir().unwrap();
    let keep = Keep::open(store.path()).unwrap();
    for found in &survey.found {
        let mut held = keep.hold(&found.source).unwrap();
        held.adopt(
            &found.document,
            &found.path,
            found.rank,
            Timestamp::from_seconds(0),
        )
        .unwrap();
        let source = registry.source(&found.source).unwrap();
        let first = held.refresh(source, Shrink::Refuse, &cancel).unwrap();
        let second = held.refresh(source, Shrink::Refuse, &cancel).unwrap();
        assert_eq!((second.read, second.known), (0, first.read), "{}", found.source);
    }
    let mut by_keep: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    let mut take = |source: &SourceInfo, record| by_keep.entry(source.id.clone()).or_default().push(record);
    build::from_keep(&registry, &keep, Shrink::Refuse, &mut take, &Silent, &cancel);
    assert_eq!(
        by_keep.keys().collect::<Vec<_>>(),
        by_files.keys().collect::<Vec<_>>()
    );
    for (source, records) in &by_files {
        assert!(by_keep[source] == *records, "{source}: the records differ");
    }
}
