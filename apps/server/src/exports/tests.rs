//! Five findings that stand differently, in every format, as they were written last. `UPDATE_EXPECT=1` writes them anew.

use expect_test::{ExpectFile, expect_file};
use luumen_api::vulnerabilities::{Confidence, FixState, InstalledPackage, JudgingGap, Reason};
use luumen_model::{
    HostId,
    advisory::{Authority, Status},
};

use super::*;

const AT: &str = "2026-11-24T12:00:00Z";

fn about() -> About {
    About {
        version: "0.1.0",
        written_at: AT.parse().expect("moment"),
        serial: Uuid::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef),
        sample: true,
        gaps: vec![JudgingGap {
            what: "packages".to_owned(),
            why: "the host did not let them be read".to_owned(),
            host_count: 2,
        }],
    }
}

fn finding(vulnerability: &str, package: &str, severity: Severity) -> Finding {
    Finding {
        vulnerability: vulnerability.to_owned(),
        package: package.to_owned(),
        title: None,
        severity,
        score: None,
        score_version: None,
        kev_added_at: None,
        ransomware: false,
        epss: None,
        fix: FixState::None,
        verdict: Verdict::Vulnerable,
        running_kernel: None,
        end_of_life: false,
        open_host_count: 0,
        excepted_host_count: 0,
        not_evaluable_host_count: 0,
        resolved_host_count: 0,
        first_opened_at: "2026-11-01T08:30:00Z".parse().expect("moment"),
        last_opened_at: "2026-11-20T08:30:00Z".parse().expect("moment"),
        resolved_at: None,
        days_open: 23,
        severity_source: None,
        score_source: None,
    }
}

fn variant(platform: &str, package: &str, version: &str, hosts: i64) -> FindingVariant {
    FindingVariant {
        platform: platform.to_owned(),
        installed: vec![InstalledPackage {
            name: package.to_owned(),
            version: version.to_owned(),
            arch: Some("amd64".to_owned()),
            path: None,
        }],
        verdict: Verdict::Vulnerable,
        reason: Reason::NoFix,
        why: format!("{package} {version} is affected for {platform}"),
        confidence: Confidence::High,
        fix: FixState::None,
        fixed_version: None,
        fix_channel: None,
        source: "sample".to_owned(),
        authority: Authority::Vendor,
        status: Status::Affected,
        advisory: None,
        note: None,
        running_kernel: None,
        end_of_life: false,
        host_count: hosts,
    }
}

fn row(finding: Finding, variants: Vec<FindingVariant>, exception: Option<Accepted>) -> ExportRow {
    ExportRow {
        finding,
        variants,
        hosts: vec![HostRef {
            id: HostId(Uuid::from_u128(7)),
            name: "web-1".to_owned(),
        }],
        exceptions: exception.into_iter().collect(),
    }
}

/// Known to be exploited, on two platforms, one of which has its fix behind a subscription.
fn open() -> ExportRow {
    let mut one = finding("CVE-2022-0778", "openssl", Severity::High);
    one.title = Some("=HYPERLINK(\"http://evil\") is only a title, \"quoted\", with a comma".to_owned());
    (one.score, one.score_version) = (Some(7.5), Some("3.1".to_owned()));
    one.kev_added_at = Some("2026-11-02T00:00:00Z".parse().expect("moment"));
    (one.ransomware, one.epss) = (true, Some(0.91));
    (one.fix, one.open_host_count, one.excepted_host_count) = (FixState::Available, 41, 2);
    let mut debian = variant("debian/12", "libssl3", "3.0.9-1", 40);
    debian.reason = Reason::BeforeFix;
    (debian.fix, debian.fixed_version) = (FixState::Available, Some("3.0.11-1~deb12u2".to_owned()));
    let mut ubuntu = variant("ubuntu/16.04", "libssl1.0.0", "1:1.0.2g-1ubuntu4.20", 3);
    ubuntu.reason = Reason::FixNeedsSubscription;
    (ubuntu.fix, ubuntu.fix_channel) = (FixState::NeedsSubscription, Some("esm-infra".to_owned()));
    ubuntu.fixed_version = Some("1.0.2g-1ubuntu4.20+esm3".to_owned());
    ubuntu.end_of_life = true;
    let accepted = Accepted {
        kind: ExceptionKind::RiskAccepted,
        reason: "two test hosts without a network".to_owned(),
    };
    row(one, vec![debian, ubuntu], Some(accepted))
}

fn doubtful() -> ExportRow {
    let mut one = finding("GHSA-aaaa-bbbb-cccc", "requests", Severity::Unknown);
    (one.verdict, one.open_host_count) = (Verdict::Possible, 1);
    let mut possible = variant("pypi/", "requests", "2.0.0", 1);
    possible.installed[0].arch = None;
    possible.installed[0].path = Some("/opt/app/lib".to_owned());
    (possible.verdict, possible.reason) = (Verdict::Possible, Reason::VendorSilent);
    possible.confidence = Confidence::Low;
    row(one, vec![possible], None)
}

fn excepted() -> ExportRow {
    let mut one = finding("CVE-2024-1086", "linux", Severity::Critical);
    (one.excepted_host_count, one.running_kernel) = (3, Some(false));
    let kernel = variant("almalinux/9", "kernel", "0:5.14.0-362.el9", 3);
    let accepted = Accepted {
        kind: ExceptionKind::CodeNotReachable,
        reason: "nf_tables is not loaded, and users get no namespaces".to_owned(),
    };
    row(one, vec![kernel], Some(accepted))
}

fn resolved() -> ExportRow {
    let mut one = finding("CVE-2023-38408", "openssh", Severity::Medium);
    (one.resolved_host_count, one.resolved_at) = (5, Some(AT.parse().expect("moment")));
    row(one, Vec::new(), None)
}

fn lost() -> ExportRow {
    let mut one = finding("CVE-2023-4911", "glibc", Severity::Low);
    one.not_evaluable_host_count = 1;
    row(one, vec![variant("debian/11", "libc6", "2.31-13", 1)], None)
}

#[track_caller]
fn check(format: ExportFormat, expected: ExpectFile) {
    let mut document = Document::new(format, about());
    let mut text = document.begin();
    for row in [open(), doubtful(), excepted(), resolved(), lost()] {
        text.push_str(&document.add(&row));
    }
    text.push_str(&document.end());
    // The files in the repository have plain ends of lines.
    expected.assert_eq(&text.replace("\r\n", "\n"));
}

#[test]
fn csv_keeps_its_header_and_starts_no_formula() {
    check(ExportFormat::Csv, expect_file!["samples/findings.csv"]);
    let row = Document::new(ExportFormat::Csv, about()).add(&lost());
    assert!(row.ends_with("\r\n"), "{row:?}");
}

#[test]
fn sarif_fails_only_for_what_is_there() {
    check(ExportFormat::Sarif, expect_file!["samples/findings.sarif"]);
}

#[test]
fn cyclonedx_says_what_is_concluded_and_of_which_packages() {
    check(
        ExportFormat::CycloneDxVex,
        expect_file!["samples/findings.cdx.json"],
    );
}

#[test]
fn ocsf_is_one_event_a_line() {
    check(ExportFormat::Ocsf, expect_file!["samples/findings.ocsf.ndjson"]);
}

#[test]
fn an_empty_document_is_a_document() {
    for format in [ExportFormat::Sarif, ExportFormat::CycloneDxVex] {
        let mut document = Document::new(format, about());
        let text = document.begin() + &document.end();
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(value.is_object(), "{text}");
    }
}

#[test]
fn sarif_is_successful_only_when_all_was_judged() {
    for gaps in [Vec::new(), about().gaps] {
        let whole = gaps.is_empty();
        let mut document = Document::new(ExportFormat::Sarif, About { gaps, ..about() });
        let text = document.begin() + &document.end();
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let invocation = &value["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], whole, "{text}");
        let notes = invocation["toolExecutionNotifications"]
            .as_array()
            .expect("notes");
        assert_eq!(notes.is_empty(), whole, "{text}");
    }
}

#[test]
fn open_on_one_host_outweighs_an_exception_on_another() {
    let mut bom = cyclonedx::Bom::new(about());
    let text = bom.add(&open());
    assert!(text.contains("\"exploitable\""), "{text}");
    assert!(!text.contains("not_affected"), "{text}");
    assert!(text.contains("On 2 of its hosts it is accepted"), "{text}");
}

#[test]
fn every_reason_is_told_and_the_gravest_counts() {
    let mut row = excepted();
    row.exceptions.push(Accepted {
        kind: ExceptionKind::RiskAccepted,
        reason: "a host in the laboratory".to_owned(),
    });
    let text = cyclonedx::Bom::new(about()).add(&row);
    assert!(text.contains("\"exploitable\""), "{text}");
    assert!(!text.contains("not_affected"), "{text}");
    let mut log = Document::new(ExportFormat::Sarif, about());
    let mut events = Document::new(ExportFormat::Ocsf, about());
    for text in [text, log.add(&row), events.add(&row)] {
        for reason in ["nf_tables is not loaded", "a host in the laboratory"] {
            assert!(text.contains(reason), "{text}");
        }
    }
}

#[test]
fn a_package_has_one_url_everywhere() {
    #[track_caller]
    fn check(platform: &str, name: &str, version: &str, expected: &str) {
        let variant = variant(platform, name, version, 1);
        assert_eq!(purl::installed(&variant, &variant.installed[0]), expected);
    }
    check(
        "debian/12",
        "libstdc++6",
        "1:12.2.0-14",
        "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14?arch=amd64&distro=debian-12",
    );
    check(
        "rhel/9",
        "openssl",
        "1:3.0.7-27.el9",
        "pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=amd64&distro=rhel-9&epoch=1",
    );
    check("pypi/", "requests", "2.0", "pkg:pypi/requests@2.0?arch=amd64");
    check("solaris/11", "x y", "1", "pkg:generic/x%20y@1?arch=amd64");
}
