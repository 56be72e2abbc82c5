//! Catalogues out of a few lines, for tests: `PLATFORM NAME VULNERABILITY STATUS [VERSION] [key=value …]`.
//!
//! `NAME` is `src:openssl` or `bin:openssl-libs`. Keys: `channel`, `module`, `introduced`, `last`, `source`, `authority`, `advisory`, `note` (with `_` for spaces).
#![allow(dead_code, reason = "no file of tests uses all of it")]

use luumen_catalogue::{Builder, Catalogue};
use luumen_model::{
    Package, PackageManager, Timestamp,
    advisory::{Authority, Channel, Claim, PackageKind, Platform, Record, Status},
};
use luumen_vuln::{Finding, Hit, describe, match_package};

pub(crate) fn claim(line: &str) -> Claim {
    let mut words = line.split_whitespace();
    let mut next = || words.next().unwrap_or_else(|| panic!("too few words: {line}"));
    let (family, release) = next().split_once('/').expect("a platform");
    let (kind, package) = next().split_once(':').expect("src: or bin:");
    let vulnerability = next().to_owned();
    let status = match next() {
        "fixed" => Status::Fixed,
        "affected" => Status::Affected,
        "not-affected" => Status::NotAffected,
        "wont-fix" => Status::WillNotFix,
        "deferred" => Status::Deferred,
        "undecided" => Status::UnderInvestigation,
        "end-of-life" => Status::EndOfLife,
        other => panic!("no status: {other}"),
    };
    let mut claim = Claim {
        source: format!("{family}-tracker"),
        authority: Authority::Vendor,
        vulnerability,
        platform: Platform::new(family, release.replace('_', " ")),
        channel: Channel::MAIN,
        package: package.to_owned(),
        package_kind: if kind == "src" {
            PackageKind::Source
        } else {
            PackageKind::Binary
        },
        arches: Vec::new(),
        module: None,
        status,
        introduced: None,
        fixed: None,
        last_affected: None,
        advisory: None,
        severity: None,
        note: None,
    };
    for word in words {
        match word.split_once('=') {
            None => claim.fixed = Some(word.to_owned()),
            Some(("channel", value)) => claim.channel = Channel::new(value),
            Some(("module", value)) => claim.module = Some(value.to_owned()),
            Some(("introduced", value)) => claim.introduced = Some(value.to_owned()),
            Some(("last", value)) => claim.last_affected = Some(value.to_owned()),
            Some(("source", value)) => claim.source = value.to_owned(),
            Some(("advisory", value)) => claim.advisory = Some(value.to_owned()),
            Some(("note", value)) => claim.note = Some(value.replace('_', " ")),
            Some(("arch", value)) => claim.arches = vec![value.to_owned()],
            Some(("authority", "ecosystem")) => claim.authority = Authority::Ecosystem,
            Some(other) => panic!("no key: {other:?}"),
        }
    }
    claim
}

pub(crate) fn catalogue_of(records: impl IntoIterator<Item = Record>) -> Catalogue {
    let mut builder = Builder::new();
    for record in records {
        builder.add(&record).expect("memory");
    }
    let mut bytes = Vec::new();
    builder
        .finish(Timestamp::from_seconds(0), Vec::new(), &mut bytes)
        .expect("memory");
    Catalogue::open(bytes).expect("just written")
}

pub(crate) fn catalogue(lines: &str) -> Catalogue {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    catalogue_of(lines.map(|line| Record::Claim(claim(line))))
}

pub(crate) fn deb(name: &str, version: &str) -> Package {
    Package {
        manager: PackageManager::Dpkg,
        name: name.to_owned(),
        version: version.to_owned(),
        arch: Some("amd64".to_owned()),
        source: Some(name.to_owned()),
        source_version: Some(version.to_owned()),
        ..Package::default()
    }
}

pub(crate) fn rpm(name: &str, version: &str) -> Package {
    Package {
        manager: PackageManager::Rpm,
        name: name.to_owned(),
        version: version.to_owned(),
        arch: Some("x86_64".to_owned()),
        ..Package::default()
    }
}

/// What is said of one package, as `CVE verdict reason [fixed version] [channel]` lines.
#[track_caller]
pub(crate) fn check(platform: &str, package: &Package, claims: &str, expected: &[&str]) -> Vec<Finding> {
    let catalogue = catalogue(claims);
    let (family, release) = platform.split_once('/').expect("a platform");
    let platform = Platform::new(family, release);
    let hits = match_package(&catalogue, &platform, package);
    let words = |hit: &Hit| {
        describe(
            &catalogue,
            hit,
            Some(&platform),
            &package.name,
            Vec::new(),
            None,
            false,
        )
    };
    let findings: Vec<Finding> = hits.iter().map(words).collect();
    let found: Vec<String> = findings.iter().map(line).collect();
    assert_eq!(found, expected, "{} {}", package.name, package.version);
    findings
}

fn line(finding: &Finding) -> String {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut line = format!(
        "{} {} {}",
        finding.vulnerability,
        finding.verdict.as_str(),
        word(serde_json::to_value(finding.reason).expect("a word")),
    );
    for more in [&finding.fixed_version, &finding.fix_channel]
        .into_iter()
        .flatten()
    {
        line.push(' ');
        line.push_str(more);
    }
    if finding.end_of_life {
        line.push_str(" end_of_life");
    }
    line
}
