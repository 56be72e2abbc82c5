//! secdb: which version of which package first had the fix. Alpine's own, as YAML and as JSON, and the same by Wolfi and Chainguard.
//!
//! | secdb | ours |
//! |---|---|
//! | version → ids | fixed in that version |
//! | version `0` → ids | not affected |
//!
//! Packages are named by what they are built from. `main` and `community` are what every host gets. secdb is silent about what is not fixed.

use luumen_model::advisory::{Authority, Channel, Claim, PackageKind, Platform, Record, Status};
use serde::Deserialize;
use serde_norway::Value;

use super::{Document, Problem, ReadError, Sink};

#[derive(Deserialize)]
struct Secdb {
    distroversion: Option<String>,
    #[serde(default)]
    urlprefix: String,
    packages: Option<Vec<Value>>,
}

/// Reads one document: a branch and a repository of it.
pub(super) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let known = [".yaml", ".yml", ".json"];
    if document.name.contains('/') && !known.iter().any(|ending| document.name.ends_with(ending)) {
        // The repository of secdb holds a Makefile and a script beside the data.
        return Ok(());
    }
    let secdb: Secdb = match document.bytes.trim_ascii_start().first() {
        Some(b'{') => serde_json::from_slice(document.bytes).map_err(ReadError::Json)?,
        _ => serde_norway::from_slice(document.bytes).map_err(ReadError::Yaml)?,
    };
    let platform = platform(&secdb)?;
    for (at, entry) in secdb.packages.into_iter().flatten().enumerate() {
        if let Err((name, what)) = package(&entry, &platform, document.source, sink) {
            let entry = name.unwrap_or_else(|| format!("packages[{at}]"));
            sink.problem(Problem { entry, what });
        }
    }
    Ok(())
}

fn platform(secdb: &Secdb) -> Result<Platform, ReadError> {
    if let Some(version) = &secdb.distroversion {
        let release = version.strip_prefix('v').unwrap_or(version);
        return Ok(Platform::new("alpine", release));
    }
    if secdb.urlprefix.contains("wolfi") {
        return Ok(Platform::new("wolfi", ""));
    }
    if secdb.urlprefix.contains("cgr.dev") || secdb.urlprefix.contains("chainguard") {
        return Ok(Platform::new("chainguard", ""));
    }
    Err(ReadError::other(
        "it has neither a distroversion nor the address of a distribution that we know",
    ))
}

type Odd = (Option<String>, String);

fn package(entry: &Value, platform: &Platform, source: &str, sink: &mut dyn Sink) -> Result<(), Odd> {
    let package = entry.get("pkg").ok_or((None, "it has no pkg".to_owned()))?;
    let name = package.get("name").and_then(text);
    let name = name.ok_or((None, "its package has no name".to_owned()))?;
    let odd = |what: &str| (Some(name.clone()), what.to_owned());
    let Some(fixes) = package.get("secfixes").filter(|fixes| !fixes.is_null()) else {
        return Ok(());
    };
    let fixes = fixes
        .as_mapping()
        .ok_or_else(|| odd("its secfixes are not a map of versions"))?;
    for (version, ids) in fixes {
        let version = text(version).ok_or_else(|| odd("one of its versions is not a text"))?;
        let ids = match ids {
            Value::Null => continue,
            Value::Sequence(ids) => ids,
            _ => return Err(odd("the ids of a version are not a list")),
        };
        for id in ids.iter().filter_map(text) {
            match id_of(&id) {
                Some(id) => sink.record(Record::Claim(claim(source, id, platform, &name, &version))),
                None => sink.problem(Problem {
                    entry: name.clone(),
                    what: format!("{id:?} is not an id"),
                }),
            }
        }
    }
    Ok(())
}

/// YAML reads the version `0` as a number.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// `CVE-2017-2620 XSA-209` and `CVE-2017-2616 (+ regression fix)` go by the CVE; others by their first word.
fn id_of(text: &str) -> Option<&str> {
    let mut words = text.split([' ', ',', '\t']).filter(|word| word.contains('-'));
    let first = words.clone().next();
    words.find(|word| word.starts_with("CVE-")).or(first)
}

fn claim(source: &str, id: &str, platform: &Platform, package: &str, version: &str) -> Claim {
    let never = version == "0";
    Claim {
        source: source.to_owned(),
        authority: Authority::Vendor,
        vulnerability: id.to_owned(),
        platform: platform.clone(),
        channel: Channel::MAIN,
        package: package.to_owned(),
        package_kind: PackageKind::Source,
        arches: Vec::new(),
        module: None,
        status: if never { Status::NotAffected } else { Status::Fixed },
        introduced: None,
        fixed: (!never).then(|| version.to_owned()),
        last_affected: None,
        advisory: None,
        severity: None,
        note: None,
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::Record;

    use crate::read::{Collected, Document};

    fn lines(name: &str, text: &str) -> String {
        let mut out = Collected::default();
        let document = Document {
            source: "alpine",
            name,
            bytes: text.as_bytes(),
        };
        super::read(document, &mut out).expect("a secdb");
        let claims = out.records.iter().map(|record| match record {
            Record::Claim(c) => {
                format!(
                    "{} {} {} {:?} {:?}\n",
                    c.platform, c.package, c.vulnerability, c.status, c.fixed
                )
            }
            other => format!("{other:?}\n"),
        });
        let problems = out
            .problems
            .iter()
            .map(|p| format!("problem: {}: {}\n", p.entry, p.what));
        claims.chain(problems).collect()
    }

    #[test]
    fn yaml_and_json_say_the_same() {
        let yaml = "distroversion: v3.12\nreponame: main\npackages:\n  - pkg:\n      name: xen\n      secfixes:\n        4.9-r1:\n          - CVE-2024-99001 XSA-1\n          \
                    - XSA-2\n          - 7\n        0:\n          - CVE-2024-99002\n  - pkg:\n      name: empty\n      secfixes:\n  - pkg: {secfixes: {}}\n";
        let json = r#"{"distroversion": "v3.12", "packages": [{"pkg": {"name": "xen", "secfixes": {"4.9-r1": ["CVE-2024-99001 XSA-1", "XSA-2", 7], "0": ["CVE-2024-99002"]}}},
            {"pkg": {"name": "empty", "secfixes": null}}, {"pkg": {"secfixes": {}}}]}"#;
        let expected = expect_test::expect![[r#"
            alpine/3.12 xen CVE-2024-99001 Fixed Some("4.9-r1")
            alpine/3.12 xen XSA-2 Fixed Some("4.9-r1")
            alpine/3.12 xen CVE-2024-99002 NotAffected None
            problem: xen: "7" is not an id
            problem: packages[2]: its package has no name
        "#]];
        expected.assert_eq(&lines("v3.12/main.yaml", yaml));
        expected.assert_eq(&lines("main.json", json));
    }

    #[test]
    fn edge_and_the_others_are_platforms_of_their_own() {
        let package = r#""packages": [{"pkg": {"name": "a", "secfixes": {"1-r0": ["CVE-1-1"]}}}]"#;
        let edge = lines("main.json", &format!(r#"{{"distroversion": "edge", {package}}}"#));
        assert!(edge.starts_with("alpine/edge a"), "{edge}");
        let wolfi = lines(
            "security.json",
            &format!(r#"{{"urlprefix": "https://packages.wolfi.dev", {package}}}"#),
        );
        assert!(wolfi.starts_with("wolfi/ a"), "{wolfi}");
    }

    #[test]
    fn something_else_is_refused() {
        for text in ["", "{}", "7", "[", "packages: {", "a: b", "{\"packages\": []}"] {
            let document = Document {
                source: "alpine",
                name: "main.yaml",
                bytes: text.as_bytes(),
            };
            assert!(
                super::read(document, &mut Collected::default()).is_err(),
                "{text}"
            );
        }
    }
}
