//! `luumen match`: a snapshot, a catalogue, and what comes of them; no host and no network.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod support;

use expect_test::expect;
use serde_json::{Value, json};
use support::{Home, ended, sample_folder, stderr, stdout};

/// A Debian 12 that was last updated in early 2024, with a Python package of its own.
fn snapshot(packages_status: &str) -> Value {
    let package = |name: &str, source: &str, version: &str| json!({"manager": "dpkg", "name": name, "version": version, "arch": "amd64", "source": source, "source_version": version});
    let section = |status: &str, data: Value| json!({"status": status, "duration_ms": 1, "data": data});
    let packages = json!({"items": [
        package("libc6", "glibc", "2.36-9+deb12u3"),
        package("libssl3", "openssl", "3.0.11-1~deb12u1"),
        package("openssh-server", "openssh", "1:9.2p1-2+deb12u2"),
        package("zlib1g", "zlib", "1:1.2.13.dfsg-1"),
    ]});
    let packages = match packages_status {
        "ok" => section("ok", packages),
        status => json!({"status": status, "duration_ms": 1}),
    };
    json!({
        "schema": "luumen.snapshot/1", "taken_at": "2026-11-24T00:00:00.000Z", "duration_ms": 10, "tier": "none",
        "collector": {"name": "luumen", "version": "0.0.0", "catalogue": "0"}, "username": "ann",
        "sections": {
            "os": section("ok", json!({"family": "linux", "id": "debian", "version_id": "12", "name": "Debian GNU/Linux 12 (bookworm)"})),
            "packages": packages,
            "kernel": section("ok", json!({"running": "6.1.0-18-amd64", "installed": []})),
            "applications": section("ok", json!({"items": []})),
            "python_packages": section("ok", json!({"items": [
                {"name": "requests", "version": "2.28.1", "path": "/opt/app/lib/requests-2.28.1.dist-info"}
            ]})),
        },
    })
}

struct Desk {
    home: Home,
    snapshot: String,
    catalogue: String,
}

impl Desk {
    fn new(packages_status: &str) -> Self {
        let home = Home::new();
        let snapshot = home.write("host.json", &snapshot(packages_status).to_string());
        let catalogue = home.catalogue("sample.catalogue", &sample_folder());
        Self {
            home,
            snapshot,
            catalogue,
        }
    }

    fn run(&self, args: &[&str]) -> std::process::Output {
        let mut all = vec![
            "match",
            "--snapshot",
            &self.snapshot,
            "--catalogue",
            &self.catalogue,
        ];
        all.extend(args);
        self.home.run(&all)
    }
}

#[test]
fn every_verdict_stands_in_a_line_of_its_own() {
    let output = Desk::new("ok").run(&["--format", "tsv"]);
    ended(&output, 0, "");
    expect![[r#"
        glibc	2.36-9+deb12u3	CVE-2010-4756	vulnerable		debian-tracker
        glibc	2.36-9+deb12u3	CVE-2018-20796	vulnerable		debian-tracker
        glibc	2.36-9+deb12u3	CVE-2023-4911	fixed	2.36-9+deb12u3	debian-tracker
        glibc	2.36-9+deb12u3	CVE-2023-6246	vulnerable	2.36-9+deb12u4	debian-tracker
        glibc	2.36-9+deb12u3	CVE-2024-2961	vulnerable	2.36-9+deb12u6	debian-tracker
        openssh	1:9.2p1-2+deb12u2	CVE-2020-15778	vulnerable		debian-tracker
        openssh	1:9.2p1-2+deb12u2	CVE-2023-38408	fixed	1:9.2p1-2+deb12u1	debian-tracker
        openssh	1:9.2p1-2+deb12u2	CVE-2023-48795	fixed	1:9.2p1-2+deb12u2	debian-tracker
        openssh	1:9.2p1-2+deb12u2	CVE-2024-6387	vulnerable	1:9.2p1-2+deb12u3	debian-tracker
        openssh	1:9.2p1-2+deb12u2	CVE-2025-26465	vulnerable	1:9.2p1-2+deb12u5	debian-tracker
        openssl	3.0.11-1~deb12u1	CVE-2022-0778	fixed	1.1.1n-1	debian-tracker
        openssl	3.0.11-1~deb12u1	CVE-2023-0286	fixed	3.0.8-1	debian-tracker
        openssl	3.0.11-1~deb12u1	CVE-2023-5363	vulnerable	3.0.11-1~deb12u2	debian-tracker
        openssl	3.0.11-1~deb12u1	CVE-2025-9230	vulnerable	3.0.17-1~deb12u3	debian-tracker
        requests	2.28.1	CVE-2023-32681	vulnerable	2.31.0	osv-pypi
        zlib	1:1.2.13.dfsg-1	CVE-2018-25032	fixed	1:1.2.11.dfsg-4	debian-tracker
        zlib	1:1.2.13.dfsg-1	CVE-2022-37434	fixed	1:1.2.11.dfsg-4.1	debian-tracker
        zlib	1:1.2.13.dfsg-1	CVE-2023-45853	vulnerable		debian-tracker
    "#]]
    .assert_eq(&stdout(&output));
}

#[test]
fn only_what_is_open_can_be_asked_for() {
    let output = Desk::new("ok").run(&["--format", "tsv", "--open"]);
    let text = stdout(&output);
    assert!(
        text.contains("\tCVE-2024-6387\tvulnerable\t1:9.2p1-2+deb12u3\tdebian-tracker"),
        "{text}"
    );
    assert!(
        !text.contains("\tfixed\t") && !text.contains("\tnot_affected\t"),
        "{text}"
    );
}

#[test]
fn the_page_says_what_helps_and_that_it_is_sample_data() {
    let output = Desk::new("ok").run(&[]);
    let page = stdout(&output);
    for said in [
        "debian/12, 4 packages judged",
        "sample data",
        "Updates that close most",
        "openssl closes 2",
        "has the fix",
        "CVE-2023-32681",
        "will not be fixed",
    ] {
        assert!(page.contains(said), "{said:?} is not in {page}");
    }
}

#[test]
fn the_document_names_the_claim_that_decided() {
    let output = Desk::new("ok").run(&["--format", "json", "--open"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!(report["sample_data"], true);
    let findings = report["findings"].as_array().expect("findings");
    let regression = findings
        .iter()
        .find(|finding| finding["vulnerability"] == "CVE-2024-6387")
        .expect("the finding");
    assert_eq!(regression["reason"], "before_fix");
    assert_eq!(regression["confidence"], "high");
    assert_eq!(regression["source"], "debian-tracker");
    assert_eq!(regression["score"], 8.1);
}

#[test]
fn packages_that_could_not_be_read_are_not_fine() {
    let desk = Desk::new("denied");
    let page = desk.run(&[]);
    ended(
        &page,
        3,
        "Not judged: packages: it was not collected whole: denied",
    );
    assert!(!stdout(&page).contains("No open findings."), "{}", stdout(&page));
    let lines = desk.run(&["--format", "tsv"]);
    ended(&lines, 3, "");
    assert!(
        stderr(&lines).contains("packages was not judged"),
        "{}",
        stderr(&lines)
    );
    let sarif = desk.run(&["--format", "sarif"]);
    ended(&sarif, 3, "\"executionSuccessful\": false");
}

#[test]
fn what_is_missing_is_named_with_the_next_step() {
    let desk = Desk::new("ok");
    let missing = desk.home.arg("missing");
    let with = |snapshot: &str, catalogue: &str| {
        desk.home
            .run(&["match", "--snapshot", snapshot, "--catalogue", catalogue])
    };
    ended(&with(&desk.snapshot, &missing), 1, "luumen feeds build");
    ended(&with(&desk.snapshot, &desk.snapshot), 1, "not a catalogue");
    ended(&with(&missing, &desk.catalogue), 1, "luumen inventory --json");
    ended(
        &with(&desk.catalogue, &desk.catalogue),
        1,
        "luumen inventory --json",
    );
}

#[test]
fn a_snapshot_may_come_from_standard_input() {
    let desk = Desk::new("ok");
    let args = [
        "match",
        "--snapshot",
        "-",
        "--catalogue",
        &desk.catalogue,
        "--format",
        "tsv",
    ];
    let output = desk.home.run_with(&args, &snapshot("ok").to_string());
    ended(&output, 0, "CVE-2024-6387");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_is_not_written_is_a_failure_and_a_reader_that_hangs_up_is_none() {
    let desk = Desk::new("ok");
    let lines = desk.home.write("lines", "1.0\t>\t2.0\n");
    let matching = [
        "match",
        "--snapshot",
        &desk.snapshot,
        "--catalogue",
        &desk.catalogue,
    ];
    let mut commands = ["text", "json", "tsv", "sarif"]
        .map(|format| [&matching[..], &["--format", format]].concat())
        .to_vec();
    commands.push(vec!["feeds", "status"]);
    for args in &commands {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = desk.home.run_into(args, full);
        ended(&output, 1, "could not be written: No space left");

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = desk.home.run_into(args, writer);
        assert!(
            matches!(output.status.code(), Some(0 | 3)),
            "{args:?}: {output:?}"
        );
        assert!(!stderr(&output).contains("written"), "{output:?}");
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = desk
        .home
        .run_into(&["version", "--scheme", "semver", &lines], full);
    ended(&output, 1, "could not be written");
}
