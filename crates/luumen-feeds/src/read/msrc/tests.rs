use luumen_model::advisory::{Record, Status};

use super::{knowledge_base, package, platform, read_cvrf};
use crate::read::{Collected, Document};

fn read(text: &str) -> Collected {
    let mut out = Collected::default();
    let document = Document {
        source: "msrc",
        name: "2024-Oct",
        bytes: text.as_bytes(),
    };
    read_cvrf(document, &mut out).expect("a month");
    out
}

/// Platform, package, status, fixed, advisory.
type Row = (
    &'static str,
    &'static str,
    Status,
    Option<&'static str>,
    Option<&'static str>,
);

#[track_caller]
fn check(out: &Collected, expected: &[Row]) {
    let claims = out.records.iter().filter_map(|record| match record {
        Record::Claim(claim) => Some(claim),
        _ => None,
    });
    let found: Vec<_> = claims
        .map(|claim| {
            let release = claim.platform.release.as_str();
            (
                release,
                claim.package.as_str(),
                claim.status,
                claim.fixed.as_deref(),
                claim.advisory.as_deref(),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

const JSON: &str = r#"{"ProductTree": {"FullProductName": [{"ProductID": "1", "Value": "Windows Server 2019  (Server Core installation)"},
    {"ProductID": "2", "Value": "Internet Explorer 11 on Windows Server 2019"}, {"ProductID": "3", "Value": "Visual Studio Code"}]},
  "Vulnerability": [{"CVE": "CVE-2024-20659", "Title": {"Value": "Sample"}, "ProductStatuses": [{"ProductID": ["1", "2", "3", "9"], "Type": 3}],
    "Threats": [{"Description": {"Value": "Important"}, "ProductID": ["1"], "Type": 3}],
    "CVSSScoreSets": [{"BaseScore": 7.1, "Vector": "CVSS:3.1/AV:A/AC:H/PR:L/UI:R/S:C/C:H/I:H/A:H", "ProductID": ["1"]}, {"BaseScore": 70.0, "Vector": "CVSS:3.1/AV:A"}],
    "Remediations": [{"Description": {"Value": "5044277"}, "URL": "https://example.com/KB5044277", "Supercedence": "5043050", "ProductID": ["1"], "Type": 2, "FixedBuild": "10.0.17763.6414"},
      {"Description": {"Value": "5044272"}, "Supercedence": "", "ProductID": ["2"], "Type": 2}, {"Description": {"Value": "Restart"}, "ProductID": ["3"], "Type": 0}],
    "RevisionHistory": [{"Date": "2024-10-08T07:00:00"}]}, {"Title": 7}]}"#;

#[test]
fn builds_updates_and_what_they_replace_are_read_from_json() {
    let out = read(JSON);
    check(
        &out,
        &[
            (
                "Windows Server 2019 (Server Core installation)",
                "windows",
                Status::Fixed,
                Some("10.0.17763.6414"),
                Some("KB5044277"),
            ),
            (
                "Windows Server 2019",
                "Internet Explorer 11",
                Status::Fixed,
                None,
                Some("KB5044272"),
            ),
            (
                "Visual Studio Code",
                "Visual Studio Code",
                Status::Affected,
                None,
                None,
            ),
        ],
    );
    let replaced = out
        .records
        .iter()
        .filter(|record| matches!(record, Record::Supersedence(_)))
        .count();
    assert_eq!(replaced, 1);
    let entries: Vec<_> = out
        .problems
        .iter()
        .map(|problem| problem.entry.as_str())
        .collect();
    assert_eq!(
        entries,
        ["CVE-2024-20659", "CVE-2024-20659: 9", "Vulnerability[1]"]
    );
}

#[test]
fn xml_says_the_same_with_words() {
    let out = read(
        r#"<cvrf:cvrfdoc xmlns:cvrf="c" xmlns:prod="p" xmlns:vuln="v"><prod:ProductTree><prod:Branch><prod:FullProductName ProductID="1">Windows 10</prod:FullProductName></prod:Branch></prod:ProductTree>
        <vuln:Vulnerability><vuln:CVE>CVE-2024-1</vuln:CVE><vuln:ProductStatuses><vuln:Status Type="Known Affected"><vuln:ProductID>1</vuln:ProductID></vuln:Status></vuln:ProductStatuses>
        <vuln:Remediations><vuln:Remediation Type="Vendor Fix"><vuln:Description>5044286</vuln:Description><vuln:Supercedence>5043083</vuln:Supercedence><vuln:ProductID>1</vuln:ProductID><vuln:FixedBuild>10.0.10240.20796</vuln:FixedBuild></vuln:Remediation></vuln:Remediations></vuln:Vulnerability>
        <vuln:Vulnerability/></cvrf:cvrfdoc>"#,
    );
    check(
        &out,
        &[(
            "Windows 10",
            "windows",
            Status::Fixed,
            Some("10.0.10240.20796"),
            Some("KB5044286"),
        )],
    );
    assert_eq!(out.problems.len(), 1);
}

#[test]
fn names_of_products_and_updates_are_told_apart() {
    assert_eq!(
        platform("Microsoft .NET Framework 4.8 on Windows 10 Version 1607").release,
        "Windows 10 Version 1607"
    );
    assert_eq!(package("Windows Defender"), "Windows Defender");
    for (text, expected) in [
        ("5044277", Some("KB5044277")),
        ("https://x/help/5044277", Some("KB5044277")),
        ("Release Notes", None),
        ("", None),
        ("1", None),
    ] {
        assert_eq!(knowledge_base(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn another_document_is_refused() {
    for text in ["", "{}", "[]", "<updates/>", "<cvrfdoc>", "{\"ProductTree\""] {
        let document = Document {
            source: "msrc",
            name: "x",
            bytes: text.as_bytes(),
        };
        assert!(read_cvrf(document, &mut Collected::default()).is_err(), "{text}");
    }
}
