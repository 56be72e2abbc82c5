//! The NVD, the CVE List, EPSS and CISA's catalogue: our own samples, hostile bytes, and (in `bulk`) the shared fixtures read whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests stop at the first surprise, and say what they counted"
)]

mod bulk;
mod products;

use luumen_feeds::read::{Collected, Document, Format, ReadError};
use luumen_model::advisory::{CpeNode, Record, Vulnerability};
use proptest::prelude::*;

const SAMPLES: &[(&str, &str)] = &[
    ("nvd-1.1", include_str!("../samples/world/nvd-1.1.json")),
    ("nvd-2.0", include_str!("../samples/world/nvd-2.0.json")),
    ("nvd-2.0", include_str!("../samples/world/override.json")),
    ("cve5", include_str!("../samples/world/cve5.json")),
    ("epss-csv", include_str!("../samples/world/epss.csv")),
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
