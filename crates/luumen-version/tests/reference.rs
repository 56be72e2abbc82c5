//! Versions of real advisories and hosts in bulk, put to our order, to our keys and to the tools of their makers.
//!
//! The versions come from the shared fixtures (`LUUMEN_SHARED`, by default beside the repository); what
//! is not on the machine is skipped with a line that says so.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise and say what they could not do"
)]

use std::{
    cmp::Ordering,
    collections::BTreeSet,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
};

use luumen_version::Scheme;

const PAIRS: usize = 150_000;

/// Reads pairs from the standard input, prints -1, 0 or 1 for each.
const ASK_APT: &str = "import sys, apt_pkg
apt_pkg.init()
for line in sys.stdin:
    a, b = line.rstrip('\\n').split('\\t')
    order = apt_pkg.version_compare(a, b)
    print((order > 0) - (order < 0))";
const ASK_RPM: &str = r#"%{lua:
for line in io.lines() do
    local a, b = line:match("^([^\t]*)\t([^\t]*)$")
    print(rpm.vercmp(a, b) .. "\n")
end}"#;

/// The text of every file in an archive of the shared fixtures, one behind the other.
fn archive(path: &str) -> Option<String> {
    let root = std::env::var_os("LUUMEN_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let file = root.join("fixtures/vuln").join(path);
    if !file.exists() {
        eprintln!("skipped: no {path} among the shared fixtures");
        return None;
    }
    let output = Command::new("tar").arg("-xJOf").arg(file).output();
    match output {
        Ok(output) if output.status.success() => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        _ => {
            eprintln!("skipped: this machine cannot unpack {path}");
            None
        }
    }
}

/// Everything that stands between `start` and `end` within one line.
fn between<'a>(text: &'a str, start: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| {
        let (_, rest) = line.split_once(start)?;
        Some(rest.split_once(end)?.0.trim())
    })
}

/// Runs a reference tool over pairs; `None` when the machine does not have it.
fn ask(program: &str, arguments: &[&str], pairs: &[(&str, &str)]) -> Option<Vec<Ordering>> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let lines: String = pairs.iter().map(|(a, b)| format!("{a}\t{b}\n")).collect();
    // A tool that is not there closes its input early; its exit status says so below.
    let writer = thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().ok()?;
    let written = writer.join().ok()?;
    if !output.status.success() || written.is_err() {
        return None;
    }
    let answers = String::from_utf8(output.stdout).ok()?;
    let orders = answers.lines().filter(|line| !line.is_empty());
    Some(orders.map(|line| line.parse::<i32>().unwrap().cmp(&0)).collect())
}

/// Neighbours in order, where mistakes are, and pairs from all over, in both directions.
fn pairs<'a>(sorted: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sorted.len()
    };
    let near = sorted.windows(2).map(|pair| (pair[1], pair[0]));
    let mut pairs: Vec<_> = near.collect();
    while pairs.len() < PAIRS {
        let (a, step) = (random(), random() % 50);
        pairs.push((sorted[a], sorted[random()]));
        pairs.push((sorted[a], sorted[(a + step) % sorted.len()]));
    }
    pairs
}

/// Sorts versions by order and by key, then puts pairs to the reference.
fn check(
    scheme: Scheme,
    texts: &BTreeSet<&str>,
    tool: &str,
    ask: impl Fn(&[(&str, &str)]) -> Option<Vec<Ordering>>,
) {
    let mut by_order: Vec<&str> = texts
        .iter()
        .copied()
        .filter(|text| scheme.is_valid(text))
        .collect();
    let refused = texts.len() - by_order.len();
    let mut by_key = by_order.clone();
    by_order.sort_by(|a, b| scheme.order(a, b));
    by_key.sort_by_cached_key(|text| scheme.key(text));
    assert_eq!(by_order, by_key, "{scheme}: sorted by order and by key");
    let pairs = pairs(&by_order);
    for (a, b) in &pairs {
        let by_key = scheme.key(a).cmp(&scheme.key(b));
        assert_eq!(
            scheme.compare(a, b),
            Some(by_key),
            "{scheme}: keys of {a} and {b}"
        );
    }
    let (key_bytes, text_bytes) = by_order.iter().fold((0, 0), |(key, text), version| {
        (key + scheme.key(version).unwrap().len(), text + version.len())
    });
    eprintln!(
        "{scheme}: {} versions sorted both ways, {refused} texts refused, {} pairs compared both ways, {key_bytes} bytes of keys for {text_bytes} of text",
        by_order.len(),
        pairs.len()
    );
    let Some(answers) = ask(&pairs) else {
        eprintln!("skipped: this machine has no {tool}");
        return;
    };
    assert_eq!(answers.len(), pairs.len(), "{tool} answered every pair");
    for ((a, b), answer) in pairs.iter().zip(answers) {
        assert_eq!(scheme.compare(a, b), Some(answer), "{tool}: {a} and {b}");
    }
    eprintln!("{scheme}: {tool} agrees on all {} pairs", pairs.len());
}

#[test]
fn dpkg_versions_of_ubuntu_are_ordered_as_apt_orders_them() {
    let Some(tracker) = archive("ubuntu/ubuntu-cve-tracker-2024-02-16.tar.xz") else {
        return;
    };
    let texts: BTreeSet<&str> = between(&tracker, "released (", ')').collect();
    check(Scheme::Dpkg, &texts, "python3-apt", |pairs| {
        ask("/usr/bin/python3", &["-c", ASK_APT], pairs)
    });
}

#[test]
fn rpm_versions_of_alma_and_of_hosts_are_ordered_as_rpm_orders_them() {
    let (Some(alma), Some(hosts)) = (
        archive("alma/alma-osv.tar.xz"),
        archive("inventories/vuls-integration-results.tar.xz"),
    ) else {
        return;
    };
    let fixed = between(&alma, "\"fixed\": \"", '"');
    let installed = between(&hosts, "\"newVersion\": \"", '"').chain(between(&hosts, "\"version\": \"", '"'));
    let texts: BTreeSet<&str> = fixed.chain(installed).collect();
    check(Scheme::Rpm, &texts, "rpm", |pairs| {
        ask("rpm", &["--eval", ASK_RPM], pairs)
    });
}
