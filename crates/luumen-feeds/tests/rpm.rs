//! Reads everything that the shared fixtures hold of Red Hat, SUSE, Oracle, Amazon, Alma, Rocky, Fedora and Microsoft, whole, and holds it against facts.
//!
//! The data is not in the repository; without it (`LUUMEN_SHARED`, else `../shared`) the tests say so and end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]
#![allow(
    clippy::print_stdout,
    reason = "the counts of every source are what is looked for here"
)]

use std::{collections::BTreeMap, path::PathBuf};

use luumen_feeds::{
    read::{Collected, Document, Format},
    unpack,
};
use luumen_model::advisory::{Claim, Record, Status};

fn shared(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LUUMEN_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = root.join("fixtures/vuln").join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

#[derive(Default)]
struct Tally {
    documents: usize,
    refused: Vec<String>,
    read: Collected,
}

impl Tally {
    fn read(&mut self, format: &'static str, name: &str, bytes: &[u8]) {
        let document = Document {
            source: format,
            name,
            bytes,
        };
        self.documents += 1;
        let result = Format::by_name(format).unwrap().read(document, &mut self.read);
        if let Err(error) = result {
            self.refused.push(format!("{name}: {error}"));
        }
    }

    fn print(&self, format: &str) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for record in &self.read.records {
            let kind = match record {
                Record::Vulnerability(_) => "vulnerability".to_owned(),
                Record::Supersedence(_) => "supersedence".to_owned(),
                Record::Claim(claim) => format!("claim {:?}", claim.status),
                _ => "other".to_owned(),
            };
            *counts.entry(kind).or_default() += 1;
            if let Record::Claim(claim) = record {
                *places
                    .entry(format!("{} {}", claim.platform, claim.channel.0))
                    .or_default() += 1;
            }
        }
        println!(
            "{format}: {} documents, {counts:?}, {} problems",
            self.documents,
            self.read.problems.len()
        );
        println!("  {places:?}");
        for refused in &self.refused {
            println!("  refused {refused}");
        }
        for problem in self.read.problems.iter().take(12) {
            println!("  problem {}: {}", problem.entry, problem.what);
        }
    }

    fn count(&self, status: Status) -> usize {
        self.claims().filter(|claim| claim.status == status).count()
    }

    fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.read.records.iter().filter_map(|record| match record {
            Record::Claim(claim) => Some(claim),
            _ => None,
        })
    }

    /// Claims of a package, as `platform channel module status fixed advisory`, in order.
    fn say(&self, id: &str, package: &str) -> Vec<String> {
        let found = self
            .claims()
            .filter(|claim| claim.vulnerability == id && claim.package == package);
        let say = |claim: &Claim| {
            let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            let channel = if claim.channel.is_main() {
                "main"
            } else {
                &claim.channel.0
            };
            let (platform, status) = (&claim.platform, claim.status);
            format!(
                "{platform} {channel} {} {status:?} {} {}",
                or(&claim.module),
                or(&claim.fixed),
                or(&claim.advisory)
            )
        };
        let mut said: Vec<_> = found.map(say).collect();
        said.sort();
        said
    }
}

/// Every document of the file, and of the archives in it, whose path has `part` in it. Some files inside are torn on purpose; only those asked for are unpacked.
fn walk(archive: &str, part: &str, take: &mut dyn FnMut(&str, &[u8])) -> bool {
    let Some(path) = shared(archive) else {
        return false;
    };
    if !archive.contains(".tar") {
        unpack(&path, "", take);
        return true;
    }
    let folder = std::env::temp_dir().join(format!("luumen-feeds-rpm-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = std::fs::File::open(path).unwrap();
    let mut archive = tar::Archive::new(liblzma::read::XzDecoder::new(file));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        if !name.contains(part) || !entry.header().entry_type().is_file() {
            continue;
        }
        let file = folder.join(name.rsplit('/').next().unwrap());
        std::io::copy(&mut entry, &mut std::fs::File::create(&file).unwrap()).unwrap();
        unpack(
            &file,
            name.rsplit_once('/').map_or("", |(folder, _)| folder),
            take,
        );
        std::fs::remove_file(&file).unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
    true
}

fn unpack(file: &std::path::Path, folder: &str, take: &mut dyn FnMut(&str, &[u8])) {
    let result = unpack::documents(file, |name, bytes| {
        take(&format!("{folder}/{name}"), bytes);
        true
    });
    if let Err(error) = result {
        println!("  not unpacked: {folder}: {error}");
    }
}

const VULS: &str = "fixtures/vuls-data-update-fetch-fixtures.tar.xz";
const VUNNEL: &str = "fixtures/vunnel-fixtures.tar.xz";
const CLAIRCORE: &str = "redhat/claircore-testdata.tar.xz";

/// Reads what is `wanted` of the archives' parts; nothing where the data is not there. No document may be refused but those with `invalid` in their name.
fn tally(format: &'static str, wanted: &dyn Fn(&str, &[u8]) -> bool, from: &[(&str, &str)]) -> Option<Tally> {
    let mut tally = Tally::default();
    for (archive, part) in from {
        let there = walk(archive, part, &mut |name, bytes| {
            if wanted(name, bytes) {
                tally.read(format, name, bytes);
            }
        });
        if !there {
            return None;
        }
    }
    tally.print(format);
    assert_eq!(tally.refused, Vec::<String>::new());
    Some(tally)
}

fn is_csaf(name: &str, bytes: &[u8]) -> bool {
    name.ends_with(".json") && bytes.windows(14).any(|window| window == b"\"csaf_version\"")
}

#[test]
fn red_hat_vex_is_read_whole() {
    let from = [
        (CLAIRCORE, "vex/testdata/cve-"),
        (CLAIRCORE, "acceptance/testdata/"),
        (VULS, "redhat/vex/v1"),
    ];
    let Some(tally) = tally("redhat-vex", &is_csaf, &from) else {
        return;
    };
    assert_eq!((tally.documents, tally.read.problems.len()), (23, 1));
    // The one problem is a module of one word, `rhel10`, in a sample made for that.
    let expected = [
        "rhel/6 main - NotAffected - -",
        "rhel/7 main - NotAffected - -",
        "rhel/8 main - NotAffected - -",
        "rhel/9 eus-9.0 - Fixed 0:7.76.1-14.el9_0.9 RHSA-2023:5700",
        "rhel/9 main - Fixed 0:7.76.1-23.el9_2.4 RHSA-2023:5763",
        "rhel/9 main - Fixed 0:7.76.1-26.el9_3.2 RHSA-2023:6745",
    ];
    assert_eq!(tally.say("CVE-2023-38545", "curl"), expected);
    let statuses = [
        Status::Affected,
        Status::Deferred,
        Status::EndOfLife,
        Status::WillNotFix,
    ];
    assert!(statuses.iter().all(|status| tally.count(*status) > 0));
}

#[test]
fn red_hat_advisories_are_read_whole() {
    let from = [(VULS, "redhat/csaf/"), (VUNNEL, "rhel/test-fixtures/csaf/")];
    let Some(tally) = tally("redhat-csaf", &is_csaf, &from) else {
        return;
    };
    assert_eq!((tally.documents, tally.read.problems.len()), (14, 0));
    let expected = [
        "rhel/8 main ruby:2.5 Fixed 0:2.5.9-111.module+el8.9.0+19193+435404ae RHSA-2023:7025",
        "rhel/8 main ruby:2.7 Fixed 0:2.7.8-139.module+el8.8.0+18745+f1bef313 RHSA-2023:3821",
        "rhel/8 main ruby:3.1 Fixed 0:3.1.4-142.module+el8.9.0+21471+7d1e4a35 RHSA-2024:1431",
    ];
    assert_eq!(tally.say("CVE-2021-33621", "ruby"), expected);
}

#[test]
fn suse_documents_are_read_whole() {
    let Some(tally) = tally("suse-vex", &is_csaf, &[(VULS, "suse/csaf")]) else {
        return;
    };
    assert_eq!((tally.documents, tally.read.problems.len()), (5, 0));
    let said = tally.say("CVE-2023-5568", "ctdb");
    assert_eq!(
        said[0],
        "opensuse-tumbleweed/ main - Fixed 0:4.19.2+git.322.7e9201cef5-1.1 -"
    );
    assert!(said.contains(&"sles/15.5 main - NotAffected - -".to_owned()));
}

#[test]
fn microsoft_documents_are_read_whole() {
    let is_month = |name: &str, _: &[u8]| name.contains("/cvrf/20") || name.contains("2021-Jan");
    let from = [
        (VULS, "microsoft/cvrf/testdata/fixtures/happy"),
        ("msrc/msrc-cvrf-3.0-2021-Jan.json.xz", ""),
    ];
    let Some(cvrf) = tally("msrc-cvrf", &is_month, &from) else {
        return;
    };
    println!(
        "{:#?}",
        cvrf.say("CVE-2021-1641", "Microsoft SharePoint Enterprise Server 2016")
    );
    let Some(csaf) = tally(
        "msrc-csaf",
        &is_csaf,
        &[(VULS, "microsoft/csaf"), (VULS, "microsoft/vex")],
    ) else {
        return;
    };
    let edge = csaf.say("CVE-2025-29806", "Microsoft Edge (Chromium-based)");
    assert_eq!(
        edge,
        ["windows/Microsoft Edge (Chromium-based) main - Fixed 129.0.2792.52 -"]
    );
}

#[test]
fn oval_is_read_whole() {
    let is_oval = |_: &str, bytes: &[u8]| bytes.windows(17).any(|window| window == b"<oval_definitions");
    for (format, part) in [
        ("redhat-oval", "redhat/oval/"),
        ("oracle-oval", "oracle/linux/testdata/fixtures/com"),
        ("suse-oval", "suse/oval/testdata/fixtures/happy"),
        ("alma-oval", "alma/oval/"),
    ] {
        let Some(_tally) = tally(format, &is_oval, &[(VULS, part)]) else {
            return;
        };
    }
}

#[test]
fn updateinfo_is_read_whole() {
    let is_updates = |name: &str, bytes: &[u8]| {
        name.contains("updateinfo")
            && !name.contains("invalid")
            && bytes.windows(8).any(|window| window == b"<updates")
    };
    for (format, part) in [
        ("amazon-alas", "amazon/testdata/fixtures/updateinfo"),
        ("rocky-updateinfo", "rocky/updateinfo/"),
        ("alma-updateinfo", "alma/updateinfo/"),
        ("fedora-updateinfo", "fedora/updateinfo/"),
    ] {
        let Some(_tally) = tally(format, &is_updates, &[(VULS, part)]) else {
            return;
        };
    }
}

/// Small documents of our own, one for each way of writing.
const SAMPLES: &[(&[&str], &str)] = &[
    (
        &["redhat-csaf", "redhat-vex", "suse-csaf", "suse-vex", "msrc-csaf"],
        include_str!("samples/rpm/redhat-vex.json"),
    ),
    (
        &["redhat-oval", "oracle-oval", "suse-oval", "alma-oval"],
        include_str!("samples/rpm/oval.xml"),
    ),
    (
        &[
            "amazon-alas",
            "alma-updateinfo",
            "rocky-updateinfo",
            "fedora-updateinfo",
        ],
        include_str!("samples/rpm/updateinfo.xml"),
    ),
    (&["msrc-cvrf"], include_str!("samples/rpm/cvrf.json")),
];

fn read_any(bytes: &[u8]) {
    for (format, _) in SAMPLES
        .iter()
        .flat_map(|(formats, text)| formats.iter().map(move |format| (format, text)))
    {
        let document = Document {
            source: "noise",
            name: "noise",
            bytes,
        };
        // Whether it is refused or read does not matter here; that it ends does.
        let _ = Format::by_name(format)
            .unwrap()
            .read(document, &mut Collected::default());
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn noise_never_panics(bytes: Vec<u8>) {
        read_any(&bytes);
    }

    #[test]
    fn torn_samples_never_panic(which in 0..SAMPLES.len(), at: proptest::sample::Index, cut: proptest::sample::Index, with in "[-0-9a-zA-Z\"<>/{}\\[\\]:,&;%é]{0,6}") {
        let text = SAMPLES[which].1.as_bytes();
        let (from, to) = (at.index(text.len()), cut.index(text.len().min(40)));
        let mut bytes = text[..from].to_vec();
        bytes.extend(with.as_bytes());
        bytes.extend(&text[(from + to).min(text.len())..]);
        read_any(&bytes);
    }
}
