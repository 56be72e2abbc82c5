//! `luumen version` as people and scripts run it.

mod support;

use support::{Home, ended, stderr, stdout};

#[test]
fn lines_that_hold_say_nothing() {
    let home = Home::new();
    let lines = "1.0\t<\t1.1\n1.0~rc1\t<\t1.0\n\n1:0.1\t>\t9.9\n1.0-0\t=\t1.0\n";
    let output = home.run_with(&["version", "--scheme", "dpkg"], lines);
    ended(&output, 0, "");
    assert_eq!(stdout(&output) + &stderr(&output), "");
}

#[test]
fn every_line_that_does_not_hold_is_printed_with_its_place() {
    let home = Home::new();
    let good = home.write("good", "5.2.5-8.el9_0\t<\t1:5.6.2-4.el10_0\n");
    let bad = home.write("bad", "1.0\t<\t1.1\n1.1\t<\t1.0\nodd line\n1.0\t~\t1.1\n");
    let output = home.run(&["version", "--scheme", "rpm", &good, &bad]);
    ended(&output, 1, "bad:2");
    let text = stdout(&output);
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("bad:3") && text.contains("bad:4"), "{text}");
}

#[test]
fn a_version_that_cannot_be_read_never_holds() {
    let home = Home::new();
    let output = home.run_with(&["version", "--scheme", "semver"], "1.0.0\t<\tnext week\n");
    ended(&output, 1, "next week");
}

#[test]
fn what_cannot_be_asked_is_told() {
    let home = Home::new();
    ended(
        &home.run(&["version", "--scheme", "deb"]),
        1,
        "Known are dpkg, rpm",
    );
    let missing = home.arg("missing");
    ended(&home.run(&["version", "--scheme", "dpkg", &missing]), 1, &missing);
    ended(&home.run(&["version"]), 1, "--scheme");
}
