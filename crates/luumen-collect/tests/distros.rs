//! Transcripts in every distribution's own formats, and what is read from them.
//!
//! `fixtures/hosts/README.md` says how a host is written down.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod support;

use std::{fmt::Write as _, fs, path::Path};

use expect_test::expect_file;
use luumen_collect::{CollectOptions, VisitFacts, parse, plan_with_marker};
use luumen_model::{SectionKind, SectionStatus, Snapshot, Timestamp};
use support::repository;

const MARKER: &str = "0123456789abcdef";

/// Plays a host's folder as if its shell had run our script.
fn visit(folder: &Path) -> Snapshot {
    let plan = plan_with_marker(&CollectOptions::new("test", "0"), MARKER);
    let (mut out, mut err) = (format!("Welcome!\n\n@{MARKER} u 1000\n"), String::new());
    let files = fs::read_to_string(folder.join("files.txt")).expect("files.txt");
    let _ = write!(out, "\n@{MARKER} b files 1.00\n{files}");
    let _ = write!(
        err,
        "\n@{MARKER} b files\ngrep: /etc/x: No such file or directory\n\n@{MARKER} r files 2\n"
    );
    for (index, command) in plan.commands().iter().enumerate() {
        let path = |end: &str| folder.join(format!("{}.{end}", command.id()));
        if let Ok(said) = fs::read_to_string(path("txt")) {
            let _ = write!(out, "\n@{MARKER} b {index} 1.01\n{said}");
            let _ = write!(err, "\n@{MARKER} b {index}\n\n@{MARKER} r {index} 0 0\n");
        } else if path("denied").exists() {
            let _ = write!(out, "\n@{MARKER} p {index} 0\n");
        } else {
            let _ = write!(out, "\n@{MARKER} n {index} \n");
        }
    }
    let _ = write!(out, "\n@{MARKER} b end 1.02\n");
    let facts = VisitFacts {
        taken_at: Timestamp::from_seconds(1_790_000_100),
        duration_ms: 20,
        username: "scan".to_owned(),
        truncated: false,
    };
    parse(&plan, out.as_bytes(), err.as_bytes(), &facts)
}

#[track_caller]
fn check(name: &str) {
    let folder = repository("fixtures/hosts").join(name);
    let mut snapshot = visit(&folder);
    // The catalogue's version would change every file with each new command.
    snapshot.collector.catalogue = String::new();
    let text = serde_json::to_string_pretty(&snapshot).unwrap() + "\n";
    expect_file![folder.join("expected.json")].assert_eq(&text);
    for (kind, record) in &snapshot.sections {
        assert!(
            !matches!(
                record.status,
                SectionStatus::Timeout | SectionStatus::ParseError | SectionStatus::Truncated
            ),
            "{name}: {kind} is {:?}",
            record.status
        );
    }
}

macro_rules! hosts {
    ($($test:ident: $name:literal),+ $(,)?) => {$(
        #[test]
        fn $test() {
            check($name);
        }
    )+};
}

/// Under `hidepid` an account sees its own processes: nothing may be concluded from those that it does not see.
#[test]
fn hidden_processes_are_not_absent_ones() {
    let folder = tempfile::tempdir().unwrap();
    let host = repository("fixtures/hosts/fedora-40");
    for file in fs::read_dir(&host).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    let files = fs::read_to_string(host.join("files.txt")).unwrap();
    let seen = files
        .lines()
        .filter(|line| !line.starts_with("/proc/") || !line.contains("/comm:"));
    fs::write(
        folder.path().join("files.txt"),
        seen.collect::<Vec<_>>().join("\n"),
    )
    .unwrap();
    let probed = fs::read_to_string(host.join("probe.paths.txt")).unwrap();
    let probed = format!("{probed}/usr/bin/firewall-cmd\n/usr/bin/docker\n/usr/bin/dockerd\n");
    fs::write(folder.path().join("probe.paths.txt"), probed).unwrap();
    let snapshot = visit(folder.path());
    let section = |kind| {
        let record: &luumen_model::SectionRecord = &snapshot.sections[&kind];
        let data = record.data.clone().unwrap_or_default();
        let hidden = record.problems.iter().any(|one| one.message.contains("hidepid"));
        (record.status, data, hidden)
    };
    let (status, time, hidden) = section(SectionKind::TimeSync);
    assert!(
        status == SectionStatus::Partial && hidden && time["active"].is_null(),
        "{time}"
    );
    let (status, firewall, hidden) = section(SectionKind::Firewall);
    assert!(status == SectionStatus::Partial && hidden, "{firewall}");
    assert!(firewall["tools"][0]["active"].is_null(), "{firewall}");
    let (_, applications, hidden) = section(SectionKind::Applications);
    assert!(
        hidden && applications["items"][0]["running"].is_null(),
        "{applications}"
    );
    let (status, containers, hidden) = section(SectionKind::Containers);
    assert!(status == SectionStatus::Partial && hidden, "{containers}");
    assert!(
        containers["not_read"]
            .as_array()
            .unwrap()
            .contains(&"docker".into())
    );
    let (_, vitals, _) = section(SectionKind::Vitals);
    assert!(vitals["processes"].is_null());
}

hosts! {
    debian: "debian-12",
    ubuntu: "ubuntu-22.04",
    rocky: "rocky-9",
    oracle: "oracle-8",
    centos: "centos-7",
    fedora: "fedora-40",
    amazon: "amazon-2023",
    suse: "sles-15",
    alpine: "alpine-3.20",
    arch: "arch",
}
