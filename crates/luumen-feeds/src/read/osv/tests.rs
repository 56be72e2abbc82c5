use luumen_model::advisory::Record;

use crate::read::{Collected, Document};

fn read(text: &str) -> Collected {
    let mut out = Collected::default();
    let document = Document {
        source: "osv",
        name: "document.json",
        bytes: text.as_bytes(),
    };
    super::read(document, &mut out).expect("a document");
    out
}

fn lines(out: &Collected) -> String {
    let lines = out.records.iter().map(|record| match record {
        Record::Claim(c) => format!(
            "{} {} [{}] {} {:?} {:?} {}..{} ≤{} module={} {} {:?}\n",
            c.vulnerability,
            c.platform,
            c.channel.0,
            c.package,
            c.package_kind,
            c.status,
            c.introduced.as_deref().unwrap_or("-"),
            c.fixed.as_deref().unwrap_or("-"),
            c.last_affected.as_deref().unwrap_or("-"),
            c.module.as_deref().unwrap_or("-"),
            c.advisory.as_deref().unwrap_or("-"),
            c.severity.unwrap_or_default(),
        ),
        Record::Vulnerability(v) => format!(
            "{} rejected={} cvss={:?} aliases={:?} {:?}\n",
            v.id,
            v.rejected,
            v.cvss.iter().map(|cvss| cvss.score).collect::<Vec<_>>(),
            v.aliases,
            v.severity,
        ),
        other => format!("{other:?}\n"),
    });
    let problems = out
        .problems
        .iter()
        .map(|p| format!("problem: {}: {}\n", p.entry, p.what));
    lines.chain(problems).collect()
}

#[test]
fn an_advisory_of_a_module_speaks_for_each_cve_and_module() {
    let out = read(include_str!("../../../tests/samples/osv/ALSA-2024:9901.json"));
    expect_test::expect![[r#"
        CVE-2024-99001 almalinux/8 [] libvirt Binary Fixed -..8.0.0-23.module_el8.9.0+3714+3b0bf2c1 ≤- module=virt:rhel ALSA-2024:9901 High
        CVE-2024-99001 almalinux/8 [] libvirt Binary Fixed -..8.0.0-23.module_el8.9.0+3714+3b0bf2c1 ≤- module=virt-devel:rhel ALSA-2024:9901 High
        CVE-2024-99002 almalinux/8 [] libvirt Binary Fixed -..8.0.0-23.module_el8.9.0+3714+3b0bf2c1 ≤- module=virt:rhel ALSA-2024:9901 High
        CVE-2024-99002 almalinux/8 [] libvirt Binary Fixed -..8.0.0-23.module_el8.9.0+3714+3b0bf2c1 ≤- module=virt-devel:rhel ALSA-2024:9901 High
        CVE-2024-99001 almalinux/8 [] outside Binary Fixed -..1.0-2.el8 ≤- module=- ALSA-2024:9901 High
        CVE-2024-99002 almalinux/8 [] outside Binary Fixed -..1.0-2.el8 ≤- module=- ALSA-2024:9901 High
    "#]]
    .assert_eq(&lines(&out));
}

#[test]
fn an_advisory_of_a_language_goes_by_its_cve() {
    let out = read(include_str!(
        "../../../tests/samples/osv/GHSA-xxxx-yyyy-zzzz.json"
    ));
    expect_test::expect![[r#"
        CVE-2024-99003 rejected=false cvss=[7.5, 8.7] aliases=["GHSA-xxxx-yyyy-zzzz", "PYSEC-2024-1"] Some(High)
        CVE-2024-99003 pypi/ [] somelib Source Fixed 1.0..1.2.3 ≤- module=- GHSA-xxxx-yyyy-zzzz High
        CVE-2024-99003 pypi/ [] somelib Source Affected 2.0..- ≤2.4 module=- GHSA-xxxx-yyyy-zzzz High
        CVE-2024-99003 npm/ [] somelib Source Affected 0.9..- ≤0.9 module=- GHSA-xxxx-yyyy-zzzz High
        CVE-2024-99003 npm/ [] somelib Source Affected 0.10..- ≤0.10 module=- GHSA-xxxx-yyyy-zzzz High
        problem: GHSA-xxxx-yyyy-zzzz: affected[3]: invalid type: integer `7`, expected struct Affected at line 1 column 1
        problem: GHSA-xxxx-yyyy-zzzz: "Android" is not an ecosystem that we know
    "#]]
    .assert_eq(&lines(&out));
}

#[test]
fn a_withdrawn_document_makes_no_claim() {
    let out = read(
        r#"{"id": "UBUNTU-CVE-2024-99004", "withdrawn": "2024-05-01T00:00:00Z", "modified": "2024-05-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "Ubuntu:22.04:LTS", "name": "a"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}"#,
    );
    assert_eq!(
        lines(&out),
        "UBUNTU-CVE-2024-99004 rejected=true cvss=[] aliases=[] None\n"
    );
}

#[test]
fn a_withdrawn_document_does_not_withdraw_the_cve_that_it_names() {
    let withdrawn = |id: &str, aliases: &str| {
        let entry = format!(
            r#"{{"id": "{id}", "withdrawn": "2024-05-01T00:00:00Z", "modified": "2024-05-01T00:00:00Z", "aliases": [{aliases}],
                "affected": [{{"package": {{"ecosystem": "PyPI", "name": "a"}}, "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}]}}]}}]}}"#
        );
        lines(&read(&entry))
    };
    assert_eq!(
        withdrawn("PYSEC-2024-7", r#""CVE-2024-99005""#),
        "PYSEC-2024-7 rejected=true cvss=[] aliases=[\"CVE-2024-99005\"] None\n"
    );
    assert_eq!(
        withdrawn("PYSEC-2024-8", ""),
        "PYSEC-2024-8 rejected=true cvss=[] aliases=[] None\n"
    );
}

#[test]
fn ubuntus_livepatches_and_debians_long_support_are_channels() {
    let out = read(
        r#"[{"id": "LSN-1-1", "related": ["CVE-2024-1", "UBUNTU-CVE-2024-1"], "affected": [{"package": {"ecosystem": "Ubuntu:Pro:18.04:LTS", "name": "linux",
              "purl": "pkg:deb/ubuntu/linux@4?arch=source&distro=esm-infra/bionic"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "4.15-1"}]}],
              "ecosystem_specific": {"availability": "Livepatch subscription required"}}]},
            {"id": "DLA-1-1", "related": ["CVE-2024-2"], "affected": [{"package": {"ecosystem": "Debian:10", "name": "a"},
              "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1-1"}]}]}]},
            {"id": "ALBA-2024:1", "summary": "a bug fix update", "affected": [{"package": {"ecosystem": "AlmaLinux:9", "name": "a"},
              "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1-1.el9"}]}]}]},
            {"id": "ALSA-2024:2", "summary": "Moderate: ruby security update", "related": ["CVE-2024-3"], "affected": [{"package": {"ecosystem": "AlmaLinux:8", "name": "ruby"},
              "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.1-1.module_el8.9+1"}]}]}]}]"#,
    );
    expect_test::expect![[r#"
        CVE-2024-1 ubuntu/18.04 [livepatch] linux Source Fixed -..4.15-1 ≤- module=- LSN-1-1 Unknown
        CVE-2024-2 debian/10 [lts] a Source Fixed -..1-1 ≤- module=- DLA-1-1 Unknown
        problem: ALSA-2024:2: "Moderate: ruby security update" does not name the module stream
    "#]]
    .assert_eq(&lines(&out));
}

#[test]
fn something_else_is_refused() {
    for text in ["", "<html>403 Forbidden", "7", "{}", "[", r#"{"id": 7}"#] {
        let document = Document {
            source: "osv",
            name: "a.json",
            bytes: text.as_bytes(),
        };
        assert!(
            super::read(document, &mut Collected::default()).is_err(),
            "{text}"
        );
    }
}
