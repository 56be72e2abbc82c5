//! The NVD, the CVE List, EPSS and CISA's catalogue: our own samples, hostile bytes, and the shared fixtures read whole.
//!
//! A debug build reads three of the NVD's years, an optimised one all of them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use luumen_feeds::{
    read::{Collected, Document, Format, ReadError},
    unpack,
};
use luumen_model::advisory::{CpeConfiguration, CpeNode, Record, Vulnerability};
use proptest::prelude::*;

const SAMPLES: &[(&str, &str)] = &[
    ("nvd-1.1", include_str!("samples/world/nvd-1.1.json")),
    ("nvd-2.0", include_str!("samples/world/nvd-2.0.json")),
    ("nvd-2.0", include_str!("samples/world/override.json")),
    ("cve5", include_str!("samples/world/cve5.json")),
    ("epss-csv", include_str!("samples/world/epss.csv")),
];

fn read(format: &str, name: &str, bytes: &[u8], out: &mut Collected) -> Result<(), ReadError> {
    let source = "sample";
    let document = Document { source, name, bytes };
    Format::by_name(format).expect("a format").read(document, out)
}

fn sample(at: usize) -> Collected {
    let (format, text) = SAMPLES[at];
    let mut out = Collected::default();
    read(format, "sample.json", text.as_bytes(), &mut out).expect("a document");
    out
}

/// A tree on a few lines: operators, ranges, `!` for turned round, `(…)` for context.
fn sketch(node: &CpeNode) -> String {
    let mut parts: Vec<String> = node
        .matches
        .iter()
        .map(|one| {
            let start = one
                .start
                .as_ref()
                .map(|v| format!(" {}{v}", if one.start_excluded { ">" } else { ">=" }));
            let end = one
                .end
                .as_ref()
                .map(|v| format!(" {}{v}", if one.end_excluded { "<" } else { "<=" }));
            let name = one.cpe.to_string().replace(":*", "");
            let text = format!(
                "{}{}{}",
                &name[8..],
                start.unwrap_or_default(),
                end.unwrap_or_default()
            );
            if one.vulnerable { text } else { format!("({text})") }
        })
        .collect();
    parts.extend(node.children.iter().map(sketch));
    let bang = if node.negate { "!" } else { "" };
    format!("{bang}{:?}[{}]", node.operator, parts.join(", "))
}

fn configurations(out: &Collected) -> Vec<String> {
    let trees = out.records.iter().filter_map(|record| match record {
        Record::Configuration(one) => Some(format!(
            "{} {:?} {}",
            one.vulnerability,
            one.authority,
            sketch(&one.root)
        )),
        _ => None,
    });
    trees.collect()
}

fn vulnerabilities(out: &Collected) -> Vec<&Vulnerability> {
    let all = out.records.iter().filter_map(|record| match record {
        Record::Vulnerability(one) => Some(one),
        _ => None,
    });
    all.collect()
}

#[test]
fn the_yearly_feed_keeps_context_and_update_parts() {
    let out = sample(0);
    expect_test::expect![].assert_debug_eq(&configurations(&out));
    expect_test::expect![].assert_debug_eq(&vulnerabilities(&out));
    expect_test::expect![].assert_debug_eq(&out.problems);
}

#[test]
fn a_page_of_the_api_tells_scores_marks_and_turned_round_trees() {
    let out = sample(1);
    expect_test::expect![].assert_debug_eq(&configurations(&out));
    expect_test::expect![].assert_debug_eq(&vulnerabilities(&out));
    expect_test::expect![].assert_debug_eq(&out.problems);
    let kev = out
        .records
        .iter()
        .any(|record| matches!(record, Record::Kev(kev) if kev.name == "Log4Shell"));
    assert!(kev, "CISA's mark is kept");
}

#[test]
fn an_override_has_its_id_beside_the_tree() {
    let out = sample(2);
    expect_test::expect![].assert_debug_eq(&configurations(&out));
    assert_eq!(vulnerabilities(&out)[0].references.len(), 1);
    assert_eq!(out.problems, []);
}

#[test]
fn a_cve_record_joins_what_its_containers_say() {
    let out = sample(3);
    expect_test::expect![].assert_debug_eq(&configurations(&out));
    expect_test::expect![].assert_debug_eq(&vulnerabilities(&out));
    expect_test::expect![].assert_debug_eq(&out.problems);
    assert!(out.records.iter().any(|record| matches!(record, Record::Kev(_))));
}

#[test]
fn a_table_of_epss_tells_which_lines_are_none() {
    let out = sample(4);
    assert_eq!(out.records.len(), 2);
    expect_test::expect![].assert_debug_eq(&out.problems);
}

#[test]
fn what_is_of_another_format_is_refused() {
    let mut out = Collected::default();
    for (format, text) in [
        ("nvd-1.1", "{}"),
        ("nvd-1.1", r#"{"CVE_Items": 5}"#),
        ("nvd-2.0", r#"{"resultsPerPage": 1, "products": []}"#),
        ("nvd-2.0", r#"{"cve": {"id": 5}}"#),
        ("nvd-2.0", r#"{"vulnerabilities": []} and more"#),
        ("cve5", "[]"),
        ("cve5", r#"{"cveMetadata": {}}"#),
        ("epss-csv", "#model_version:v1"),
        ("epss-csv", "cve,epss\nCVE-2020-5902,0.65117\n"),
    ] {
        assert!(
            read(format, "x.json", text.as_bytes(), &mut out).is_err(),
            "{format}: {text}"
        );
    }
    assert_eq!(out.records, []);
}

#[test]
fn a_truncated_document_is_an_error_and_its_first_entries_stay() {
    let text = SAMPLES[1].1;
    let cut = text.find("CVE-2021-99999").expect("the second entry");
    let mut out = Collected::default();
    let error = read("nvd-2.0", "page.json", &text.as_bytes()[..cut], &mut out);
    assert!(matches!(error, Err(ReadError::Json(_))));
    assert_eq!(vulnerabilities(&out).len(), 1);
}

#[test]
fn a_count_that_does_not_hold_is_told() {
    let mut out = Collected::default();
    let text = r#"{"CVE_data_numberOfCVEs": "2", "CVE_Items": []}"#;
    read("nvd-1.1", "x.json", text.as_bytes(), &mut out).expect("a feed");
    assert_eq!(out.problems[0].what, "2 CVEs are promised, 0 are there");
}

#[test]
fn indexes_beside_the_records_are_passed_by() {
    let mut out = Collected::default();
    for name in ["cves/delta.json", "cves/deltaLog.json"] {
        read("cve5", name, b"[]", &mut out).expect("nothing to read");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for (format, _) in SAMPLES {
            read(format, "x", &bytes, &mut Collected::default()).ok();
        }
    }

    #[test]
    fn mutated_samples_never_panic(at in 0..SAMPLES.len(), place in any::<prop::sample::Index>(), with in ".{0,3}", drop in 0..40usize) {
        let (format, text) = SAMPLES[at];
        let mut bytes = text.as_bytes().to_vec();
        let from = place.index(bytes.len());
        let to = (from + drop).min(bytes.len());
        bytes.splice(from..to, with.bytes());
        read(format, "x", &bytes, &mut Collected::default()).ok();
    }
}

/// Shared data, or nothing with a printed line.
fn shared(path: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("LUUMEN_SHARED").map_or(default, PathBuf::from);
    let path = root.join("fixtures/vuln").join(path);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

#[derive(Default)]
struct Bulk {
    documents: u64,
    refused: Vec<String>,
    out: Collected,
}

impl Bulk {
    fn read(format: &str, path: &Path, every: u64) -> Self {
        let mut bulk = Self::default();
        let mut seen = 0;
        unpack::documents(path, |name, bytes| {
            seen += 1;
            if seen % every != 0 {
                return true;
            }
            bulk.documents += 1;
            if let Err(error) = read(format, name, bytes, &mut bulk.out) {
                bulk.refused.push(format!("{name}: {error}"));
            }
            true
        })
        .expect("a file that can be unpacked");
        bulk.print(path);
        bulk
    }

    fn print(&self, path: &Path) {
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        for record in &self.out.records {
            let kind = match record {
                Record::Vulnerability(_) => "vulnerabilities",
                Record::Configuration(_) => "configurations",
                Record::Kev(_) => "known exploited",
                Record::Epss(_) => "EPSS",
                _ => "others",
            };
            *kinds.entry(kind).or_default() += 1;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (documents, refused) = (self.documents, self.refused.len());
        println!(
            "{name}: {documents} documents, {refused} refused, {kinds:?}, {} problems",
            self.out.problems.len()
        );
    }

    fn configuration(&self, id: &str) -> &CpeConfiguration {
        let found = self.out.records.iter().find_map(|record| match record {
            Record::Configuration(one) if one.vulnerability == id => Some(one),
            _ => None,
        });
        found.expect("a configuration")
    }
}

/// Years and how many CVEs each file promises in its head.
const YEARS: &[(&str, usize)] = &[
    ("2002", 6770),
    ("2003", 1553),
    ("2004", 2707),
    ("2005", 4767),
    ("2006", 7142),
    ("2007", 6580),
    ("2008", 7176),
    ("2009", 5040),
    ("2010", 5217),
    ("2011", 4861),
    ("2012", 5893),
    ("2013", 6780),
    ("2014", 8982),
    ("2015", 8748),
    ("2016", 10555),
    ("2017", 17014),
    ("2018", 16768),
    ("2020", 10109),
    ("2022", 15454),
    ("modified.2022-10-20", 1664),
    ("recent.2024-06-21", 1185),
];

#[test]
fn every_cve_of_the_yearly_feeds_is_read() {
    for (year, promised) in YEARS {
        if cfg!(debug_assertions) && !matches!(*year, "2003" | "2004" | "2022") {
            continue;
        }
        let Some(path) = shared(&format!("nvd/feed-1.1/nvdcve-1.1-{year}.json.xz")) else {
            return;
        };
        let bulk = Bulk::read("nvd-1.1", &path, 1);
        assert_eq!(vulnerabilities(&bulk.out).len(), *promised, "{year}");
        assert_eq!(bulk.out.problems, [], "{year}");
        if *year == "2022" {
            let tree = sketch(&bulk.configuration("CVE-2022-0778").root);
            assert!(tree.contains("a:openssl:openssl >=1.0.2 <1.0.2zd"), "{tree}");
        }
    }
}
