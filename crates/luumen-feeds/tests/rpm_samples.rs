//! Our own small OVAL and updateinfo documents, record by record.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

use luumen_feeds::read::{Collected, Document, Format};
use luumen_model::advisory::Record;

fn read(format: &str, text: &str) -> Collected {
    let mut out = Collected::default();
    let document = Document {
        source: format,
        name: "sample",
        bytes: text.as_bytes(),
    };
    Format::by_name(format)
        .unwrap()
        .read(document, &mut out)
        .expect("a document");
    out
}

/// Every claim in one line, then every problem.
#[track_caller]
fn check(out: &Collected, claims: &[&str], problems: &[&str]) {
    let mut said = Vec::new();
    for record in &out.records {
        let Record::Claim(claim) = record else { continue };
        let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        let (id, platform, channel, status) = (
            &claim.vulnerability,
            &claim.platform,
            &claim.channel.0,
            claim.status,
        );
        let (module, fixed, advisory, arches) = (
            or(&claim.module),
            or(&claim.fixed),
            or(&claim.advisory),
            claim.arches.join(","),
        );
        said.push(format!(
            "{id} {platform}/{channel} {} {module} {status:?} {fixed} {advisory} [{arches}]",
            claim.package
        ));
    }
    assert_eq!(said, claims);
    let odd: Vec<_> = out
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.entry, problem.what))
        .collect();
    assert_eq!(odd, problems);
}

#[test]
fn oval_says_modules_lines_of_updates_and_why_there_is_no_fix() {
    check(
        &read("redhat-oval", include_str!("samples/rpm/oval.xml")),
        &[
            "CVE-2024-1000 rhel/8/ php php:7.4 Fixed 0:7.4.30-1.module+el8.6.0 RHSA-2024:1000 [aarch64,x86_64]",
            "CVE-2024-1000 rhel/8/eus-8.6 php php:7.4 Fixed 0:7.4.30-1.module+el8.6.0 RHSA-2024:1000 [aarch64,x86_64]",
            "CVE-2024-1001 rhel/8/ php - EndOfLife - - []",
        ],
        &[
            "oval:com.redhat.cve:def:20241001: 1 of its 2 tests are not in the document",
            "oval:com.redhat.cve:def:20241001: \"2024\" is not a day",
        ],
    );
}

#[test]
fn oracle_asks_for_the_system_and_a_system_of_64_bits_has_libraries_of_32() {
    check(
        &read("oracle-oval", include_str!("samples/rpm/oracle.xml")),
        &["CVE-2024-1000 ol/8/ glibc - Fixed 0:2.28-251.el8_10.2 ELSA-2024-1000 [aarch64,i686,x86_64]"],
        &[],
    );
}

#[test]
fn updateinfo_says_extras_modules_and_updates_without_a_cve() {
    let out = read("amazon-alas", include_str!("samples/rpm/updateinfo.xml"));
    check(
        &out,
        &[
            "CVE-2024-1000 amzn/2/extra-docker docker - Fixed 0:20.10.4-1.amzn2 ALAS2DOCKER-2024-001 [aarch64,x86_64]",
            "ALAS2023-2024-007 amzn/2023/ nodejs nodejs:18 Fixed 1:18.1-1.module+el9 ALAS2023-2024-007 [x86_64]",
        ],
        &[
            "ALAS2DOCKER-2024-001: a package has no version",
            "update[3]: it has no id",
        ],
    );
    let own = out
        .records
        .iter()
        .filter(|record| matches!(record, Record::Vulnerability(_)))
        .count();
    assert_eq!(own, 1);
}
