//! Whatever a host sends, a visit ends with a record for every section, quickly and without a panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

use std::fmt::Write as _;

use luumen_collect::{CollectOptions, Plan, VisitFacts, parse, plan_with_marker};
use luumen_model::{PrivilegeTier, SectionKind, SectionStatus, Timestamp};
use proptest::prelude::*;

fn the_plan() -> Plan {
    let mut options = CollectOptions::new("test", "0");
    options.tier = PrivilegeTier::Standard;
    plan_with_marker(&options, "M")
}

fn facts(truncated: bool) -> VisitFacts {
    VisitFacts {
        taken_at: Timestamp::from_seconds(0),
        duration_ms: 0,
        username: "scan".to_owned(),
        truncated,
    }
}

/// Text that looks like what commands print, broken in many ways.
fn odd_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~\t]{0,40}\n",
        "\\PC{0,20}\n",
        "[0-9a-fA-F:. ]{0,60}\n",
        "(/proc/net/route|/etc/passwd|/etc/group|/proc/self/mounts|/proc/meminfo|/proc/stat|/etc/fstab|/proc/uptime):[ -~\t]{0,40}\n",
        "(btime|MemTotal:|Inst |P:|V:|%NAME%|NAME=\"|== /|tcp|udp|-----BEGIN CERTIFICATE-----|2: eth0:) ?[ -~]{0,30}\n",
        "[0-9]{1,30}[|\t: ][0-9-]{1,30}\n",
    ];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn odd_answers_lose_no_section(texts in proptest::collection::vec(odd_text(), 1..8), files in odd_text(), code in -5i32..300) {
        let plan = the_plan();
        let (mut out, mut err) = (format!("\n@M u 1000\n\n@M b files 1\n{files}"), "\n@M b files\n\n@M r files 0\n".to_owned());
        for index in 0..plan.commands().len() {
            let _ = write!(out, "\n@M b {index} {index}\n{}", texts[index % texts.len()]);
            let _ = write!(err, "\n@M b {index}\n{}\n@M r {index} {code}\n", texts[(index + 1) % texts.len()]);
        }
        out.push_str("\n@M b end 99\n");
        let snapshot = parse(&plan, out.as_bytes(), err.as_bytes(), &facts(false));
        prop_assert_eq!(snapshot.sections.len(), SectionKind::ALL.len());
        for record in snapshot.sections.values() {
            prop_assert!(record.problems.len() <= 40);
        }
    }

    #[test]
    fn bytes_of_any_kind_are_survived(out in proptest::collection::vec(any::<u8>(), 0..400), err in proptest::collection::vec(any::<u8>(), 0..100)) {
        let snapshot = parse(&the_plan(), &out, &err, &facts(false));
        prop_assert_eq!(snapshot.sections.len(), SectionKind::ALL.len());
    }
}

#[test]
fn silence_is_never_fine() {
    let snapshot = parse(&the_plan(), b"", b"", &facts(false));
    for (kind, record) in &snapshot.sections {
        assert_eq!(record.status, SectionStatus::Timeout, "{kind}");
    }
    let snapshot = parse(&the_plan(), b"", b"", &facts(true));
    for (kind, record) in &snapshot.sections {
        assert_eq!(record.status, SectionStatus::Truncated, "{kind}");
    }
}

#[test]
fn a_refused_sudo_names_the_exact_line() {
    let plan = the_plan();
    let index = plan
        .commands()
        .iter()
        .position(|command| command.id() == "sshd.effective")
        .unwrap();
    let out = format!("\n@M u 1000\n\n@M b files 1\n\n@M p {index} 0\n\n@M b end 2\n");
    let snapshot = parse(
        &plan,
        out.as_bytes(),
        b"\n@M b files\n\n@M r files 0\n",
        &facts(false),
    );
    let record = &snapshot.sections[&SectionKind::Sshd];
    assert_eq!(record.status, SectionStatus::Denied);
    let lines: Vec<Option<&str>> = record
        .missing_rights
        .iter()
        .map(|right| right.sudoers_line.as_deref())
        .collect();
    assert_eq!(lines, [Some("scan ALL=(root) NOPASSWD: /usr/sbin/sshd -T")]);
    assert_eq!(record.missing_rights[0].tier, PrivilegeTier::Standard);
}
