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
    ("1.0", "1.0-r0"),
    ("1.0_p", "1.0_p0"),
    ("1.0_p1", "1.0_p_p"),
    ("1.0_p_alpha", "1.0_p"),
    ("1.0-r3", "1.0~abc"),
    ("1.0", "1.00"),
    ("1.01", "1.010"),
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
    ("1.0", "1.0."),
    ("1.0.", "1.0.a"),
    ("1.0", "1.0-1"),
    ("1.0-1", "1.0.1-1"),
    ("1.0a", "1..0"),
];

const GENERIC: &[(&str, &str)] = &[
    ("1.9", "1.10"),
    ("1.0rc1", "1.0"),
    ("8u201", "8u202"),
    ("1.24.0", "1.24.0.1"),
    ("11.0.2", "17.0.1"),
    ("v1.9", "1.10"),
];

const SEMVER: &[(&str, &str)] = &[
    ("1.0.0-alpha", "1.0.0-alpha.1"),
    ("1.0.0-alpha.1", "1.0.0-alpha.beta"),
    ("1.0.0-alpha.beta", "1.0.0-beta"),
    ("1.0.0-beta", "1.0.0-beta.2"),
    ("1.0.0-beta.2", "1.0.0-beta.11"),
    ("1.0.0-beta.11", "1.0.0-rc.1"),
    ("1.0.0-rc.1", "1.0.0"),
    ("1.9.0", "1.10.0"),
    ("1.0.0-9", "1.0.0--"),
    ("1.0.0-A", "1.0.0-a"),
    ("0.0.0-20230601-abc", "0.0.0-20230701-abc"),
    ("4.17.20", "4.17.21"),
];
const SEMVER_EQUAL: &[(&str, &str)] = &[("1.0.0+a", "1.0.0+b"), ("v1.2.3", "1.2.3")];

const PEP440: &[(&str, &str)] = &[
    ("1.dev0", "1.0.dev456"),
    ("1.0.dev456", "1.0a1"),
    ("1.0a1", "1.0a2.dev456"),
    ("1.0a2.dev456", "1.0a12.dev456"),
    ("1.0a12.dev456", "1.0a12"),
    ("1.0a12", "1.0b1.dev456"),
    ("1.0b1.dev456", "1.0b2"),
    ("1.0b2", "1.0b2.post345.dev456"),
    ("1.0b2.post345.dev456", "1.0b2.post345"),
    ("1.0b2.post345", "1.0rc1.dev456"),
    ("1.0rc1.dev456", "1.0rc1"),
    ("1.0rc1", "1.0"),
    ("1.0", "1.0+abc.5"),
    ("1.0+abc.5", "1.0+abc.7"),
    ("1.0+abc.7", "1.0+5"),
    ("1.0+5", "1.0.post456.dev34"),
    ("1.0.post456.dev34", "1.0.post456"),
    ("1.0.post456", "1.0.15"),
    ("1.0.15", "1.1.dev1"),
    ("2012.4", "1!0.1"),
    ("1.0+a", "1.0+a.0"),
];
const PEP440_EQUAL: &[(&str, &str)] = &[
    ("1.0", "1.0.0"),
    ("1.0", "v1"),
    ("1.0a1", "1.0-ALPHA.1"),
    ("1.0rc1", "1.0_c_1"),
    ("1.0rc1", "1.0preview1"),
    ("1.0.post1", "1.0-1"),
    ("1.0.post1", "1.0-r1"),
    ("1.0.post0", "1.0.rev"),
    ("1.0.dev0", "1.0dev"),
    ("1.0+ubuntu.1", "1.0+UBUNTU-1"),
    ("0!1.0", "1.0"),
    ("1.0rc0.post1", "1.0-rc_-1"),
    ("1.0a0.dev1", "1.0a..dev1"),
];

const MAVEN: &[(&str, &str)] = &[
    ("1", "1.1"),
    ("1-snapshot", "1"),
    ("1", "1-sp"),
    ("1-foo2", "1-foo10"),
    ("1-foo", "1-1"),
    ("1-1", "1.1"),
    ("1-alpha", "1-beta"),
    ("1-beta", "1-milestone"),
    ("1-milestone", "1-rc"),
    ("1-rc", "1-SNAPSHOT"),
    ("1-sp", "1-abc"),
    ("1-sp-1", "1-ga-1"),
    ("1-ga.1", "1-sp.1"),
    ("1.0-alpha-1", "1.0-alpha-2"),
    ("2.14.1", "2.15.0"),
    ("2.0-beta9", "2.0-rc1"),
    ("5.3.17", "5.3.18"),
    ("31.1-jre", "32.0.0-jre"),
    ("2.9.10.7", "2.9.10.8"),
    ("1.0", "1.0.0.1"),
];
const MAVEN_EQUAL: &[(&str, &str)] = &[
    ("1.0.0", "1"),
    ("1.ga", "1"),
    ("1-final", "1.0"),
    ("1-a1", "1-alpha-1"),
    ("1-b2", "1-BETA-2"),
    ("1-m3", "1-Milestone-3"),
    ("1-cr", "1-rc"),
    ("1.x", "1-x"),
    ("1.0.0-foo.0.0", "1-foo"),
    ("1.0.0-0.0.0", "1"),
];

const NUGET: &[(&str, &str)] = &[
    ("1.0.0", "1.0.0.1"),
    ("1.0.0-alpha", "1.0.0"),
    ("1.0.0-alpha.2", "1.0.0-alpha.10"),
    ("1.0.0-alpha", "1.0.0-BETA"),
    ("1.0.0-1", "1.0.0-a"),
    ("13.0.0", "13.0.1"),
];
const NUGET_EQUAL: &[(&str, &str)] = &[
    ("1.0", "1.0.0.0"),
    ("1", "1.0"),
    ("1.0.0-ALPHA", "1.0.0-alpha"),
    ("1.0.01", "1.0.1"),
    ("1.0.0+a", "1.0.0"),
];

const RUBYGEMS: &[(&str, &str)] = &[
    ("1.0.a", "1.0"),
    ("1.0.a", "1.0.b"),
    ("1.0.b1", "1.0.b2"),
    ("1.8.2.a", "1.8.2"),
    ("1.8.2.b", "1.8.2"),
    ("1.8.2.a", "1.8.2.a10"),
    ("1.8.2.a9", "1.8.2.a10"),
    ("0.beta.1", "0.0.1"),
    ("1.0-1", "1.0"),
    ("1.a.0.b", "1.a"),
    ("1.a.b", "1.a.0.b"),
    ("1.a", "1.a.0.1"),
    ("1.a.0.1", "1.a.1"),
    ("6.1.7.2", "6.1.7.10"),
    ("1.0.A", "1.0.a"),
];
const RUBYGEMS_EQUAL: &[(&str, &str)] = &[
    ("1.0", "1"),
    ("1.0.a", "1.a"),
    ("1.0.a.0", "1.a"),
    ("1-x", "1.pre.x"),
    ("1.a1", "1.a.1"),
    ("0", "0.0"),
];

const WINDOWS: &[(&str, &str)] = &[
    ("10.0.17763.6414", "10.0.17763.6532"),
    ("10.0.17763.6414", "10.0.20348.1"),
    ("6.3.9600.20000", "10.0.10240"),
    ("10.0", "10.0.0.1"),
    ("10.0.0.1", "10.0.1"),
];
const WINDOWS_EQUAL: &[(&str, &str)] = &[("10.0.17763", "10.0.17763.0"), ("10.0.07", "10.0.7")];

const LETTERS: &[(&str, &str)] = &[
    ("1.0.2-beta1", "1.0.2-beta2"),
    ("1.0.2-beta3", "1.0.2"),
    ("1.0.2", "1.0.2a"),
    ("1.0.2u", "1.0.2zd"),
    ("1.0.2z", "1.0.2za"),
    ("0.9.8zg", "0.9.8zh"),
    ("0.9.8zh", "1.0.0"),
    ("1.1.1n", "1.1.1w"),
    ("1.1.1w", "3.0.7"),
    ("3.0.0-dev", "3.0.0-alpha1"),
    ("3.0.0-alpha17", "3.0.0-beta1"),
    ("8.9", "8.9p1"),
    ("8.9p1", "8.9p2"),
    ("8.9p2", "9.0"),
    ("1.9.5p2", "1.9.5p10"),
    ("1.9.5", "1.9.5p1"),
    ("8u392", "8u402"),
    ("1.8.0_392", "1.8.0_402"),
    ("1.8.0", "1.8.0_402"),
    ("2.4.9", "2.4.10"),
    ("4.0-rc2", "4.0"),
];
const LETTERS_EQUAL: &[(&str, &str)] = &[
    ("3.0", "3.0.0"),
    ("1.0.2ZD", "1.0.2zd"),
    ("v2.1", "2.1"),
    ("1.0-RC1", "1.0.rc1"),
];

#[track_caller]
fn check(scheme: Scheme, a: &str, b: &str, expected: Ordering) {
    assert_eq!(scheme.compare(a, b), Some(expected), "{scheme}: {a} against {b}");
    assert_eq!(
        scheme.compare(b, a),
        Some(expected.reverse()),
        "{scheme}: {b} against {a}"
    );
    let (key_a, key_b) = (scheme.key(a).unwrap(), scheme.key(b).unwrap());
    assert_eq!(key_a.cmp(&key_b), expected, "{scheme}: keys of {a} and {b}");
}

/// Pairs of one scheme, the left always the older or always the equal of the right.
type Table = (Scheme, Ordering, &'static [(&'static str, &'static str)]);

const TABLES: &[Table] = &[
    (Scheme::Dpkg, Ordering::Less, DPKG),
    (Scheme::Dpkg, Ordering::Equal, DPKG_EQUAL),
    (Scheme::Rpm, Ordering::Less, RPM),
    (Scheme::Rpm, Ordering::Equal, RPM_EQUAL),
    (Scheme::Rpm, Ordering::Less, EVR),
    (Scheme::Apk, Ordering::Less, APK),
    (Scheme::Pacman, Ordering::Less, PACMAN),
    (Scheme::Semver, Ordering::Less, SEMVER),
    (Scheme::Semver, Ordering::Equal, SEMVER_EQUAL),
    (Scheme::Pep440, Ordering::Less, PEP440),
    (Scheme::Pep440, Ordering::Equal, PEP440_EQUAL),
    (Scheme::Maven, Ordering::Less, MAVEN),
    (Scheme::Maven, Ordering::Equal, MAVEN_EQUAL),
    (Scheme::Nuget, Ordering::Less, NUGET),
    (Scheme::Nuget, Ordering::Equal, NUGET_EQUAL),
    (Scheme::Rubygems, Ordering::Less, RUBYGEMS),
    (Scheme::Rubygems, Ordering::Equal, RUBYGEMS_EQUAL),
    (Scheme::Windows, Ordering::Less, WINDOWS),
    (Scheme::Windows, Ordering::Equal, WINDOWS_EQUAL),
    (Scheme::Letters, Ordering::Less, LETTERS),
    (Scheme::Letters, Ordering::Equal, LETTERS_EQUAL),
    (Scheme::Generic, Ordering::Less, GENERIC),
];

#[test]
fn tables_are_in_order() {
    for (scheme, expected, table) in TABLES {
        for (a, b) in *table {
            check(*scheme, a, b, *expected);
        }
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

const UNREADABLE: &[(Scheme, &[&str])] = &[
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
    (
        Scheme::Apk,
        &["", "abc", "1.", "1.0-1", "1.0_foo", "1.0-r", "1.0~", "1.0ab"],
    ),
    (Scheme::Pacman, &["", "1.0-rc1", "1 0", "-"]),
    (
        Scheme::Semver,
        &[
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "01.2.3",
            "1.2.3-",
            "1.2.3-01",
            "1.2.3-a..b",
            "1.2.3+",
            "vv1.2.3",
        ],
    ),
    (
        Scheme::Pep440,
        &[
            "",
            "abc",
            "1.0-",
            "1.0+",
            "1.0+a..b",
            "1.0.x",
            "!1",
            "1.0 a",
            "french toast",
            "1.0+a+b",
        ],
    ),
    (Scheme::Maven, &["", "-", "1 0", "[1.0,2.0)", "${version}"]),
    (
        Scheme::Nuget,
        &["", "1.2.3.4.5", "1..2", "1.0-", "1.*", "1.0.0-a..b"],
    ),
    (
        Scheme::Rubygems,
        &["", "a.1", "1..2", "1.", "junk", "1.2-", "1_2"],
    ),
    (Scheme::Windows, &["", "10.", "10.0.x", ".10", "10.0 (17763)"]),
    (Scheme::Letters, &["", "abc", "1.0 2", "-", "*", "n/a", "1:2"]),
    (Scheme::Generic, &["", "abc", "1 2"]),
];

#[test]
fn what_cannot_be_read_is_unknown() {
    for (scheme, texts) in UNREADABLE {
        for text in *texts {
            assert_eq!(scheme.compare(text, "1.0.0"), None, "{scheme}: {text:?}");
            assert_eq!(scheme.compare("1.0.0", text), None, "{scheme}: {text:?}");
            assert_eq!(scheme.key(text), None, "{scheme}: {text:?}");
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
