//! Tables of versions in order, put to our code and, where the host has it, to the reference tool.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

use std::{cmp::Ordering, process::Command};

use luumen_version::Scheme;

/// Pairs `older < newer`; a pair of which both sides are the same order is in the EQUAL tables.
const DPKG: &[(&str, &str)] = &[
    ("1.0~rc1", "1.0"),
    ("1.0~~", "1.0~"),
    ("1.0~", "1.0"),
    ("1.0", "1.0a"),
    ("1.0a", "1.0+dfsg"),
    ("1.0-1", "1.0-1+b1"),
    ("1.0-1", "1.0-1.1"),
    ("1.0-1~bpo12+1", "1.0-1"),
    ("2.36-9+deb12u3", "2.36-9+deb12u10"),
    ("9.2p1-2+deb12u2", "9.2p1-2+deb12u3"),
    ("1.2.3", "1:0.1"),
    ("2:8.2.2434-3", "2:8.2.2434-3+deb12u1"),
    ("1.10", "1.100"),
    ("1.9", "1.10"),
    ("0.9.8", "0.9.8a"),
    ("1.2-a", "1.2-b"),
    ("5.10.0-9", "5.10.0-10"),
    ("20230311", "20230311+deb12u1"),
    ("3.0.2-0ubuntu1.9", "3.0.2-0ubuntu1.10"),
    ("1.0-1ubuntu0.22.04.1~esm1", "1.0-1ubuntu0.22.04.1"),
    ("99999999999999999999998", "99999999999999999999999"),
];
const DPKG_EQUAL: &[(&str, &str)] = &[
    ("1.0", "0:1.0"),
    ("1.00", "1.0"),
    ("1.0-0", "1.0"),
    ("1.0-00", "1.0-0"),
];

const RPM: &[(&str, &str)] = &[
    ("1.0~rc1", "1.0"),
    ("1.0~rc1", "1.0~rc2"),
    ("1.0", "1.0^"),
    ("1.0^git1", "1.0.1"),
    ("1.0^git1", "1.0^git2"),
    ("1.0~rc1^git1", "1.0"),
    ("1.0~rc1", "1.0~rc1^git1"),
    ("1.0a", "1.0.1"),
    ("1.0", "1.0a"),
    ("a", "1"),
    ("1.9", "1.10"),
    ("5.5p1", "5.5p2"),
    ("5.5p9", "5.5p10"),
    ("20101121", "20101122"),
    ("xyz", "10xyz"),
    ("2.0", "2.0.1"),
    ("3.0.7", "3.0.7.1"),
    ("99999999999999999999998", "99999999999999999999999"),
];
const RPM_EQUAL: &[(&str, &str)] = &[
    ("1.0", "1_0"),
    ("1.0", "1.00"),
    ("1.0", "1..0"),
    ("a1", "a01"),
    ("1.0+", "1.0_"),
];

const EVR: &[(&str, &str)] = &[
    ("3.0.7-27.el9", "1:3.0.1-1.el9"),
    ("0:3.0.7-27.el9", "3.0.7-27.el9_4"),
    ("1:3.0.7-6.el9_2", "1:3.0.7-27.el9"),
    ("4.18.0-513.el8", "4.18.0-513.5.1.el8_9"),
    ("5.14.0-427.13.1.el9_4", "5.14.0-427.16.1.el9_4"),
];

const APK: &[(&str, &str)] = &[
    ("1.36.1-r2", "1.36.1-r15"),
    ("1.0_alpha", "1.0_beta"),
    ("1.0_rc1", "1.0"),
    ("1.0", "1.0_git20240101"),
    ("1.0_p1", "1.0_p2"),
    ("1.0_rc2", "1.0_rc10"),
    ("1.0", "1.0a"),
    ("1.05", "1.1"),
    ("1.2", "1.10"),
    ("9.6_p1-r0", "9.6_p1-r2"),
    ("3.1.4-r5", "3.1.5-r0"),
    ("2.12.7", "2.12.7.1"),
    ("1.0_p1", "1.0.1"),
];

const PACMAN: &[(&str, &str)] = &[
    ("1.0rc", "1.0"),
    ("1.0a", "1.0b"),
    ("1.0beta", "1.0p"),
    ("1.0p", "1.0pre"),
    ("1.0rc", "1.0.a"),
    ("1.0", "1.0.1"),
    ("1.5-1", "1.5-2"),
    ("1.5.b.1.1", "1.5.1"),
    ("1.9", "1.10"),
    ("9.9-1", "1:1.0-1"),
    ("6.9.7.arch1-1", "6.10.1.arch1-1"),
];

const GENERIC: &[(&str, &str)] = &[
    ("1.9", "1.10"),
    ("1.0rc1", "1.0"),
    ("8u201", "8u202"),
    ("1.24.0", "1.24.0.1"),
    ("11.0.2", "17.0.1"),
];

#[track_caller]
fn check(scheme: Scheme, a: &str, b: &str, expected: Ordering) {
    assert_eq!(scheme.compare(a, b), Some(expected), "{scheme}: {a} against {b}");
    assert_eq!(
        scheme.compare(b, a),
        Some(expected.reverse()),
        "{scheme}: {b} against {a}"
    );
}

#[test]
fn tables_are_in_order() {
    let tables: [(Scheme, &[(&str, &str)]); 6] = [
        (Scheme::Dpkg, DPKG),
        (Scheme::Rpm, RPM),
        (Scheme::Rpm, EVR),
        (Scheme::Apk, APK),
        (Scheme::Pacman, PACMAN),
        (Scheme::Generic, GENERIC),
    ];
    for (scheme, table) in tables {
        for (older, newer) in table {
            check(scheme, older, newer, Ordering::Less);
        }
    }
    for (a, b) in DPKG_EQUAL {
        check(Scheme::Dpkg, a, b, Ordering::Equal);
    }
    for (a, b) in RPM_EQUAL {
        assert_eq!(luumen_version::rpm::vercmp(a, b), Ordering::Equal, "{a} and {b}");
    }
}

#[test]
fn dpkg_agrees() {
    let ask = |a: &str, relation: &str, b: &str| {
        Command::new("dpkg")
            .args(["--compare-versions", a, relation, b])
            .status()
            .ok()
            .map(|status| status.success())
    };
    if ask("1", "eq", "1").is_none() {
        eprintln!("skipped: this machine has no dpkg");
        return;
    }
    for (older, newer) in DPKG {
        assert_eq!(ask(older, "lt", newer), Some(true), "dpkg: {older} < {newer}");
    }
    for (a, b) in DPKG_EQUAL {
        assert_eq!(ask(a, "eq", b), Some(true), "dpkg: {a} = {b}");
    }
}

#[test]
fn rpm_agrees() {
    let ask = |a: &str, b: &str| {
        let script = format!("%{{lua: print(rpm.vercmp(\"{a}\",\"{b}\"))}}");
        let output = Command::new("rpm").args(["--eval", &script]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse::<i32>().ok()
    };
    if ask("1", "1").is_none() {
        eprintln!("skipped: this machine has no rpm");
        return;
    }
    for (older, newer) in RPM {
        assert_eq!(ask(older, newer), Some(-1), "rpm: {older} < {newer}");
    }
    for (a, b) in RPM_EQUAL {
        assert_eq!(ask(a, b), Some(0), "rpm: {a} = {b}");
    }
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let unreadable: [(Scheme, &[&str]); 5] = [
        (
            Scheme::Dpkg,
            &[
                "",
                "abc",
                "1.0_1",
                "x:1.0",
                "1.0-",
                "1.0 1",
                ":1",
                "99999999999:1",
            ],
        ),
        (Scheme::Rpm, &["", "1.0 2", "(none)", "-", "1:"]),
        (Scheme::Apk, &["", "abc", "1.", "1.0-1", "1.0_foo", "1.0-r"]),
        (Scheme::Pacman, &["", "1.0-rc1", "1 0", "-"]),
        (Scheme::Generic, &["", "abc", "1 2"]),
    ];
    for (scheme, texts) in unreadable {
        for text in texts {
            assert_eq!(scheme.compare(text, "1.0"), None, "{scheme}: {text:?}");
            assert_eq!(scheme.compare("1.0", text), None, "{scheme}: {text:?}");
        }
    }
}

#[test]
fn a_scheme_is_found_by_its_name() {
    for scheme in Scheme::ALL {
        assert_eq!(scheme.to_string().parse::<Scheme>().unwrap(), *scheme);
    }
    assert!("deb".parse::<Scheme>().is_err());
}
