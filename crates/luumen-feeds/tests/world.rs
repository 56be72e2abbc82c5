//! The NVD, the CVE List, EPSS and CISA's catalogue: our own samples, hostile bytes, and the shared fixtures read whole.
//!
//! A debug build reads three of the NVD's years, an optimised one all of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests stop at the first surprise, and say what they counted"
)]

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
    expect_test::expect![[r#"
        [
            "CVE-2022-0778 Nvd Or[Or[a:openssl:openssl >=1.0.2 <1.0.2zd, a:openssl:openssl:3.0.0:beta1], And[Or[o:netapp:a250_firmware:-], Or[(h:netapp:a250:-)]]]",
        ]
    "#]].assert_debug_eq(&configurations(&out));
    expect_test::expect![[r#"
        [
            Vulnerability {
                id: "CVE-2022-0778",
                source: "sample",
                title: None,
                description: Some(
                    "A sample of our own.",
                ),
                published_at: Some(
                    Timestamp(
                        1647364500000,
                    ),
                ),
                modified_at: Some(
                    Timestamp(
                        1660912080000,
                    ),
                ),
                rejected: false,
                disputed: false,
                severity: Some(
                    High,
                ),
                cvss: [
                    Cvss {
                        version: V31,
                        score: 7.5,
                        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
                        source: "nvd",
                    },
                    Cvss {
                        version: V2,
                        score: 5.0,
                        vector: "AV:N/AC:L/Au:N/C:N/I:N/A:P",
                        source: "nvd",
                    },
                ],
                ssvc: None,
                cwes: [
                    "CWE-835",
                ],
                aliases: [],
                references: [
                    "https://www.openssl.org/news/secadv/20220315.txt",
                ],
            },
            Vulnerability {
                id: "CVE-2022-9999",
                source: "sample",
                title: None,
                description: Some(
                    "** REJECT ** Another sample.",
                ),
                published_at: None,
                modified_at: None,
                rejected: true,
                disputed: false,
                severity: None,
                cvss: [],
                ssvc: None,
                cwes: [],
                aliases: [],
                references: [],
            },
        ]
    "#]]
    .assert_debug_eq(&vulnerabilities(&out));
    expect_test::expect![[r#"
        [
            Problem {
                entry: "CVE_Items[2]",
                what: "invalid type: integer `7`, expected a string at line 2 column 42",
            },
        ]
    "#]]
    .assert_debug_eq(&out.problems);
}

#[test]
fn a_page_of_the_api_tells_scores_marks_and_turned_round_trees() {
    let out = sample(1);
    expect_test::expect![[r#"
        [
            "CVE-2021-44228 Nvd And[Or[a:apache:log4j >2.0 <=2.3], !Or[(o:microsoft:windows:-)]]",
        ]
    "#]]
    .assert_debug_eq(&configurations(&out));
    expect_test::expect![[r#"
        [
            Vulnerability {
                id: "CVE-2021-44228",
                source: "sample",
                title: None,
                description: Some(
                    "A sample of our own.",
                ),
                published_at: Some(
                    Timestamp(
                        1639131309143,
                    ),
                ),
                modified_at: Some(
                    Timestamp(
                        1781669525460,
                    ),
                ),
                rejected: false,
                disputed: true,
                severity: Some(
                    Critical,
                ),
                cvss: [
                    Cvss {
                        version: V2,
                        score: 9.3,
                        vector: "AV:N/AC:M/Au:N/C:C/I:C/A:C",
                        source: "nvd",
                    },
                    Cvss {
                        version: V31,
                        score: 10.0,
                        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
                        source: "nvd",
                    },
                ],
                ssvc: Some(
                    Ssvc {
                        exploitation: "active",
                        automatable: true,
                        technical_impact: "total",
                    },
                ),
                cwes: [
                    "CWE-502",
                ],
                aliases: [],
                references: [
                    "https://logging.apache.org/",
                ],
            },
            Vulnerability {
                id: "CVE-2021-99999",
                source: "sample",
                title: None,
                description: Some(
                    "Rejected reason: a sample.",
                ),
                published_at: None,
                modified_at: None,
                rejected: true,
                disputed: false,
                severity: None,
                cvss: [],
                ssvc: None,
                cwes: [],
                aliases: [],
                references: [],
            },
        ]
    "#]]
    .assert_debug_eq(&vulnerabilities(&out));
    expect_test::expect![[r#"
        [
            Problem {
                entry: "CVE-2021-44228",
                what: "luckMetric: it is no kind of score that we know",
            },
        ]
    "#]]
    .assert_debug_eq(&out.problems);
    let kev = out
        .records
        .iter()
        .any(|record| matches!(record, Record::Kev(kev) if kev.name == "Log4Shell"));
    assert!(kev, "CISA's mark is kept");
}

#[test]
fn an_override_has_its_id_beside_the_tree() {
    let out = sample(2);
    expect_test::expect![[r#"
        [
            "CVE-2024-20992 Nvd Or[a:oracle:webcenter_portal:12.2.1.4.0]",
        ]
    "#]]
    .assert_debug_eq(&configurations(&out));
    assert_eq!(vulnerabilities(&out)[0].references.len(), 1);
    assert_eq!(out.problems, []);
}

#[test]
fn a_cve_record_joins_what_its_containers_say() {
    let out = sample(3);
    expect_test::expect![[r#"
        [
            "CVE-2024-1086 Cna Or[And[linux:linux, !Or[(linux:linux <3.15), (linux:linux >=5.10.209 <5.11), (linux:linux >=6.8)]], Or[o:linux:linux_kernel >=3.15 <6.8, o:fedoraproject:fedora:39]]",
        ]
    "#]].assert_debug_eq(&configurations(&out));
    expect_test::expect![[r#"
        [
            Vulnerability {
                id: "CVE-2024-1086",
                source: "sample",
                title: Some(
                    "A sample of our own",
                ),
                description: Some(
                    "Words.",
                ),
                published_at: Some(
                    Timestamp(
                        1706703274073,
                    ),
                ),
                modified_at: Some(
                    Timestamp(
                        1729268952415,
                    ),
                ),
                rejected: false,
                disputed: true,
                severity: Some(
                    High,
                ),
                cvss: [
                    Cvss {
                        version: V31,
                        score: 7.8,
                        vector: "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
                        source: "Google",
                    },
                ],
                ssvc: Some(
                    Ssvc {
                        exploitation: "active",
                        automatable: false,
                        technical_impact: "total",
                    },
                ),
                cwes: [
                    "CWE-416",
                ],
                aliases: [],
                references: [
                    "https://git.kernel.org/",
                ],
            },
        ]
    "#]]
    .assert_debug_eq(&vulnerabilities(&out));
    expect_test::expect![[r#"
        [
            Problem {
                entry: "CVE-2024-1086",
                what: "an ADP container: invalid type: integer `5`, expected struct Provider at line 1 column 23",
            },
            Problem {
                entry: "CVE-2024-1086",
                what: "a metric of Google: invalid type: string \"8\", expected f64 at line 1 column 101",
            },
        ]
    "#]].assert_debug_eq(&out.problems);
    assert!(out.records.iter().any(|record| matches!(record, Record::Kev(_))));
}

/// What a record with this product says, and how many problems it has.
fn product(json: &str) -> (String, usize) {
    let text = format!(
        r#"{{"cveMetadata": {{"cveId": "CVE-2024-1", "state": "PUBLISHED"}}, "containers": {{"cna": {{"affected": [{json}]}}}}}}"#
    );
    let mut out = Collected::default();
    read("cve5", "CVE-2024-1.json", text.as_bytes(), &mut out).expect("a record");
    let tree = configurations(&out).pop().unwrap_or_default();
    (tree.replace("CVE-2024-1 Cna ", ""), out.problems.len())
}

#[track_caller]
fn check_product(json: &str, tree: &str, problems: usize) {
    assert_eq!(product(json), (tree.to_owned(), problems));
}

#[test]
fn a_product_without_cpe_names_gets_one_of_its_vendor_and_name() {
    let versions = r#""versions": [{"version": "1.0", "lessThan": "2.0", "status": "affected"}]"#;
    check_product(
        &format!(r#"{{"vendor": "Acme Corp", "product": "Big Widget", {versions}}}"#),
        "Or[acme_corp:big_widget >=1.0 <2.0]",
        0,
    );
    check_product(
        &format!(r#"{{"vendor": "n/a", "product": "Big Widget", {versions}}}"#),
        "",
        0,
    );
    let on = r#""platforms": ["Windows", "MacOS"]"#;
    let two = "Or[acme:w:macos >=1.0 <2.0, acme:w:windows >=1.0 <2.0]";
    let json = format!(r#"{{"vendor": "acme", "product": "w", {on}, {versions}}}"#);
    check_product(&json, two, 0);
    let json =
        format!(r#"{{"vendor": "acme", "product": "w", "platforms": ["Windows", "toaster"], {versions}}}"#);
    check_product(&json, "Or[acme:w >=1.0 <2.0]", 0);
}

#[test]
fn a_default_of_affected_means_all_but_what_is_excepted() {
    let acme = r#""vendor": "acme", "product": "w", "defaultStatus": "affected""#;
    check_product(&format!("{{{acme}}}"), "Or[acme:w]", 0);
    let fixed = r#""versions": [{"version": "2.0", "lessThan": "*", "status": "unaffected"}]"#;
    check_product(
        &format!("{{{acme}, {fixed}}}"),
        "And[acme:w, !Or[(acme:w >=2.0)]]",
        0,
    );
    let listed = r#""versions": [{"version": "1.0", "lessThan": "2.0", "status": "affected"}]"#;
    check_product(&format!("{{{acme}, {listed}}}"), "Or[acme:w >=1.0 <2.0]", 0);
    let odd = r#""versions": [{"version": "the good one", "status": "unaffected"}]"#;
    check_product(&format!("{{{acme}, {odd}}}"), "", 1);
}

#[test]
fn commits_and_packages_inside_of_a_product_say_nothing_of_its_versions() {
    let git = r#"{"vendor": "Linux", "product": "Linux", "versions": [{"version": "1da177e4", "lessThan": "f342de4e", "status": "affected", "versionType": "git"}]}"#;
    check_product(git, "", 0);
    let package = r#"{"vendor": "Red Hat", "product": "Red Hat Enterprise Linux 8", "packageName": "kernel", "cpes": ["cpe:/o:redhat:enterprise_linux:8"], "defaultStatus": "affected"}"#;
    check_product(package, "", 0);
    let module = r#"{"vendor": "SUSE", "product": "rancher", "packageName": "github.com/rancher/rancher", "versions": [{"version": "2.6.0", "lessThan": "2.6.14", "status": "affected"}]}"#;
    check_product(module, "Or[suse:rancher >=2.6.0 <2.6.14]", 0);
}

#[test]
fn a_cpe_name_with_a_version_of_its_own_stands_for_itself() {
    let build = r#"{"vendor": "Microsoft", "product": "Windows 10", "cpes": ["cpe:2.3:o:microsoft:windows_10:1703:*:*:*:*:*:*:*"],
        "versions": [{"version": "10.0.0", "lessThan": "publication", "status": "affected"}]}"#;
    check_product(build, "Or[o:microsoft:windows_10:1703]", 1);
    let first = r#"{"vendor": "docker", "product": "moby", "cpes": ["cpe:2.3:a:docker:moby:19.0.0:*:*:*:*:*:*:*"],
        "versions": [{"version": "19.0.0", "lessThanOrEqual": "19.03.15", "status": "affected"}]}"#;
    check_product(first, "Or[a:docker:moby >=19.0.0 <=19.03.15]", 0);
    let safe = r#"{"vendor": "v", "product": "p", "cpes": ["cpe:2.3:a:v:p:3:*:*:*:*:*:*:*"], "versions": [{"version": "1", "status": "unaffected"}]}"#;
    check_product(safe, "", 0);
}

#[test]
fn a_table_of_epss_tells_which_lines_are_none() {
    let out = sample(4);
    assert_eq!(out.records.len(), 2);
    expect_test::expect![[r#"
        [
            Problem {
                entry: "line 5",
                what: "\"1.00042\" is no number from 0 to 1",
            },
            Problem {
                entry: "line 6",
                what: "\"NaN\" is no number from 0 to 1",
            },
            Problem {
                entry: "line 7",
                what: "\"GHSA-1\" is no CVE id",
            },
            Problem {
                entry: "line 8",
                what: "\"\" is no number from 0 to 1",
            },
        ]
    "#]]
    .assert_debug_eq(&out.problems);
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

/// The CVE List is published as a zip within a zip.
#[test]
fn a_zip_within_a_zip_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let packed = |name: &str, content: &[u8]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .expect("an entry");
        std::io::Write::write_all(&mut zip, content).expect("its content");
        zip.finish().expect("a zip").into_inner()
    };
    let inner = packed("cves/2024/1xxx/CVE-2024-1086.json", SAMPLES[3].1.as_bytes());
    let path = folder.path().join("all.zip.zip");
    std::fs::write(&path, packed("cves.zip", &inner)).expect("a file");
    let bulk = Bulk::read("cve5", &path, 1);
    assert_eq!(vulnerabilities(&bulk.out)[0].id, "CVE-2024-1086");
    // Turtles all the way down are no documents.
    std::fs::write(&path, packed("b.zip", &packed("a.zip", &inner))).expect("a file");
    let bulk = Bulk::read("cve5", &path, 1);
    assert_eq!((bulk.out.records.len(), bulk.refused.len()), (0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

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

#[test]
fn pages_of_the_api_and_single_cves_are_read() {
    let Some(folder) = shared("nvd/api-2.0") else {
        return;
    };
    for (file, cves, trees) in [
        ("pablotron-cves-1999-page.json.gz", 200, 191),
        ("pablotron-cves-2023-page.json.gz", 200, 199),
    ] {
        let bulk = Bulk::read("nvd-2.0", &folder.join(file), 1);
        assert_eq!(vulnerabilities(&bulk.out).len(), cves, "{file}");
        assert_eq!(configurations(&bulk.out).len(), trees, "{file}");
        assert_eq!(bulk.out.problems, [], "{file}");
    }
    let cpes = Bulk::read("nvd-2.0", &folder.join("pablotron-cpes-2023-page.json.gz"), 1);
    assert_eq!(
        cpes.refused.len(),
        1,
        "a page of the CPE dictionary is no page of CVEs"
    );
    assert_eq!(
        vulnerabilities(&Bulk::read("nvd-2.0", &folder.join("vunnel-full-page.json"), 1).out).len(),
        38
    );
    for entry in std::fs::read_dir(folder.join("osvdev-nvdcve-2.0")).expect("single CVEs") {
        let path = entry.expect("a file").path();
        let bulk = Bulk::read("nvd-2.0", &path, 1);
        assert_eq!(
            path.file_stem().unwrap_or_default().to_string_lossy(),
            vulnerabilities(&bulk.out)[0].id
        );
        assert_eq!((bulk.refused.len(), bulk.out.problems.len()), (0, 0));
    }
}

#[test]
fn overrides_of_the_nvd_are_read() {
    let Some(path) = shared("nvd/anchore-nvd-overrides-2.0.tar.xz") else {
        return;
    };
    let bulk = Bulk::read("nvd-2.0", &path, 1);
    assert_eq!(
        (bulk.documents, vulnerabilities(&bulk.out).len()),
        (32_184, 32_184)
    );
    assert_eq!((bulk.refused.len(), bulk.out.problems.len()), (0, 0));
    let tree = sketch(&bulk.configuration("CVE-2024-20992").root);
    assert_eq!(tree, "Or[a:oracle:webcenter_portal:12.2.1.4.0]");
}

#[test]
fn records_of_the_cve_list_are_read() {
    let Some(path) = shared("cve5/vulnrichment-subset.tar.xz") else {
        return;
    };
    let bulk = Bulk::read("cve5", &path, 1);
    let all = vulnerabilities(&bulk.out);
    assert_eq!(
        (bulk.documents, all.len(), bulk.refused.len()),
        (11_554, 11_554, 0)
    );
    assert_eq!(all.iter().filter(|one| one.ssvc.is_some()).count(), 11_494);
    assert_eq!(all.iter().filter(|one| one.rejected).count(), 60);
    assert_eq!(all.iter().filter(|one| one.disputed).count(), 4);
    let marks = bulk
        .out
        .records
        .iter()
        .filter(|record| matches!(record, Record::Kev(_)));
    assert_eq!(marks.count(), 224);
    let tree = sketch(&bulk.configuration("CVE-2024-1086").root);
    assert!(tree.contains("o:linux:linux_kernel >=3.15 <6.8"), "{tree}");
}

#[test]
fn records_of_the_sap_cna_are_read() {
    let Some(path) = shared("sap/sap-cna-cve5-158.tar.xz") else {
        return;
    };
    let bulk = Bulk::read("cve5", &path, 1);
    assert_eq!(
        (
            bulk.documents,
            vulnerabilities(&bulk.out).len(),
            bulk.refused.len()
        ),
        (158, 158, 0)
    );
}

#[test]
fn the_catalogue_of_known_exploited_ones_is_read() {
    let Some(path) = shared("kev/known_exploited_vulnerabilities.2026-08-08.json.xz") else {
        return;
    };
    let bulk = Bulk::read("cisa-kev", &path, 1);
    let marks = bulk.out.records.iter().filter_map(|record| match record {
        Record::Kev(kev) => Some(kev),
        _ => None,
    });
    let marks: Vec<_> = marks.collect();
    assert_eq!((marks.len(), bulk.out.problems.len()), (1662, 0));
    assert_eq!(marks.iter().filter(|kev| kev.ransomware).count(), 338);
    assert!(
        marks.iter().all(|kev| kev.due_at >= Some(kev.added_at)),
        "due after it was added"
    );
}

#[test]
fn tables_of_epss_are_read() {
    let Some(folder) = shared("epss") else { return };
    let bulk = Bulk::read("epss-csv", &folder.join("epss-sample-claircore.csv"), 1);
    assert_eq!(bulk.out.problems, []);
    let score = bulk.out.records.iter().find_map(|record| match record {
        Record::Epss(one) if one.vulnerability == "CVE-1999-0005" => Some((one.probability, one.percentile)),
        _ => None,
    });
    assert_eq!(score, Some((0.91963, 0.99030)));
    // Values of a day in somebody else's table, put into FIRST's form.
    let mut csv =
        csv::Reader::from_path(folder.join("jgamblin-epss_kev_nvd.2026-08-22.csv")).expect("a table");
    let mut text =
        "#model_version:v2025.03.14,score_date:2026-08-22T00:00:00+0000\ncve,epss,percentile\n".to_owned();
    for row in csv.records() {
        let row = row.expect("a row");
        text += &format!("{},{},{}\n", &row[0], &row[2], &row[3]);
    }
    let mut out = Collected::default();
    read(
        "epss-csv",
        "epss_scores-2026-08-22.csv",
        text.as_bytes(),
        &mut out,
    )
    .expect("a table");
    println!(
        "1556 rows of jgamblin's table: {} records, {:?}",
        out.records.len(),
        out.problems
    );
    assert_eq!((out.records.len(), out.problems.len()), (1556, 0));
}
