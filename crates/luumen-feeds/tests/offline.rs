//! The shared bulk data as an administrator would carry it to a machine without a network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests stop at the first surprise and tell"
)]

use std::{collections::BTreeMap, path::PathBuf};

use luumen_feeds::{offline, registry::Registry};

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
