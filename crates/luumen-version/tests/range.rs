//! What lies in a range, what does not, and what nobody can say; and claims put line by line.
#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use luumen_version::{
    Range, Scheme,
    relation::{Broken, check_line},
};

/// A range written as `[a` or `(a`, then `b)` or `b]`, with nothing for what is absent.
fn range(start: &str, end: &str) -> Range {
    Range {
        introduced: start.strip_prefix('[').map(str::to_owned),
        introduced_after: start.strip_prefix('(').map(str::to_owned),
        fixed: end.strip_suffix(')').map(str::to_owned),
        last_affected: end.strip_suffix(']').map(str::to_owned),
    }
}

#[track_caller]
fn check(scheme: Scheme, (start, end): (&str, &str), version: &str, expected: Option<bool>) {
    let range = range(start, end);
    assert_eq!(
        range.contains(scheme, version),
        expected,
        "{version} in {start},{end}"
    );
}

#[test]
fn bounds_are_inside_or_outside_as_they_say() {
    let both = ("[1.0.0", "2.0.0)");
    check(Scheme::Semver, both, "1.0.0", Some(true));
    check(Scheme::Semver, both, "2.0.0", Some(false));
    check(Scheme::Semver, both, "2.0.0-rc.1", Some(true));
    check(Scheme::Semver, both, "1.0.0-rc.1", Some(false));
    let other = ("(1.0.0", "2.0.0]");
    check(Scheme::Semver, other, "1.0.0", Some(false));
    check(Scheme::Semver, other, "2.0.0", Some(true));
    check(Scheme::Semver, other, "2.0.1", Some(false));
    check(Scheme::Letters, ("[1.0.2", "1.0.2zd)"), "1.0.2u", Some(true));
    check(Scheme::Dpkg, ("", "3.0.11-1~deb12u2)"), "3.0.9-1", Some(true));
}

#[test]
fn zero_or_nothing_is_the_start() {
    for start in ["", "[0"] {
        check(Scheme::Semver, (start, "2.0.0)"), "0.0.0-a", Some(true));
        check(Scheme::Semver, (start, ""), "9.9.9", Some(true));
    }
}

#[test]
fn what_cannot_be_compared_is_unknown() {
    check(Scheme::Semver, ("", "2.0.0)"), "1.0", None);
    check(Scheme::Semver, ("", ""), "(none)", None);
    check(Scheme::Semver, ("[1.x", "2.0.0)"), "1.0.0", None);
    check(Scheme::Semver, ("[1.0.0", "2.x)"), "1.5.0", None);
    // The readable bound decides alone.
    check(Scheme::Semver, ("[1.x", "2.0.0)"), "2.0.0", Some(false));
}

#[test]
fn a_line_holds_or_says_why_not() {
    for line in ["1.0~rc1\t<\t1.0", "1.0\t=\t0:1.0\n", "1:0\t>\t9\r\n"] {
        check_line(Scheme::Dpkg, line).unwrap();
    }
    let broken = |line| check_line(Scheme::Dpkg, line).unwrap_err();
    assert_eq!(
        broken("1.0\t<\t1.0~rc1").to_string(),
        r#"dpkg does not order "1.0" < "1.0~rc1" but "1.0" > "1.0~rc1""#
    );
    assert_eq!(
        broken("1.0\t=\tabc").to_string(),
        r#""abc" cannot be read as a dpkg version; unknown whether "1.0" = "abc""#
    );
    for line in ["", "1.0 < 2.0", "1.0\t<=\t2.0", "1.0\t<\t2.0\t", "1.0\t<"] {
        assert_eq!(
            broken(line),
            Broken::Form {
                line: line.to_owned()
            }
        );
    }
}
