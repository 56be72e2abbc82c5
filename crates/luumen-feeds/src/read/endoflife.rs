//! Until when releases are looked after: endoflife.date, as its API answers (all products or one), as its older API did, and as its release data.
//!
//! A file of the older API and of the release data says only in its name which product it is about. The first end is that of the main channel; the
//! extended one (`eoes`) is that of the channels which the distribution sells or keeps it in. Products that are no platform of ours say nothing.

use luumen_model::{
    Timestamp,
    advisory::{Channel, Lifecycle, Platform, Record},
};
use serde::Deserialize;
use serde_json::Value;

use super::{Document, Problem, ReadError, Sink, dates};

/// A product of endoflife.date, the family that it is here, and the channels of its extended support.
const PRODUCTS: &[(&str, &str, &[&str])] = &[
    ("almalinux", "almalinux", &[]),
    ("alpine", "alpine", &[]),
    ("alpine-linux", "alpine", &[]),
    ("amazon-linux", "amzn", &[]),
    ("centos", "centos", &[]),
    ("centos-stream", "centos-stream", &[]),
    ("debian", "debian", &["lts"]),
    ("fedora", "fedora", &[]),
    ("opensuse", "opensuse-leap", &[]),
    ("oracle-linux", "ol", &["extended"]),
    ("rhel", "rhel", &["els"]),
    ("rocky-linux", "rocky", &[]),
    ("sles", "sles", &["ltss"]),
    ("ubuntu", "ubuntu", &["esm-infra", "esm-apps", "esm"]),
];

#[derive(Deserialize)]
struct Answer {
    result: Option<Value>,
    releases: Option<Value>,
}

/// Reads one document of any of the shapes.
pub(super) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let named = document.name.rsplit('/').next().unwrap_or(document.name);
    let named = named.strip_suffix(".json").unwrap_or(named);
    let value: Value = serde_json::from_slice(document.bytes).map_err(ReadError::Json)?;
    if let Value::Array(cycles) = &value {
        tell(
            named,
            cycles.iter().map(|cycle| ("", cycle)),
            document.source,
            sink,
        );
        return Ok(());
    }
    let answer = Answer::deserialize(value).map_err(ReadError::Json)?;
    match (answer.result, answer.releases) {
        (Some(Value::Array(products)), _) => {
            for product in &products {
                tell_product(product, named, document.source, sink);
            }
        }
        (Some(product @ Value::Object(_)), _) => tell_product(&product, named, document.source, sink),
        (None, Some(Value::Object(releases))) => {
            let releases = releases.iter().map(|(name, release)| (name.as_str(), release));
            tell(named, releases, document.source, sink);
        }
        _ => return Err(ReadError::other("it has neither a result nor releases")),
    }
    Ok(())
}

fn tell_product(product: &Value, named: &str, source: &str, sink: &mut dyn Sink) {
    let name = product.get("name").and_then(Value::as_str).unwrap_or(named);
    match product.get("releases").and_then(Value::as_array) {
        Some(releases) => tell(name, releases.iter().map(|release| ("", release)), source, sink),
        None => sink.problem(Problem {
            entry: name.to_owned(),
            what: "it has no releases".to_owned(),
        }),
    }
}

fn tell<'a>(
    product: &str,
    releases: impl Iterator<Item = (&'a str, &'a Value)>,
    source: &str,
    sink: &mut dyn Sink,
) {
    let Some((_, family, extended)) = PRODUCTS.iter().find(|(name, ..)| *name == product) else {
        return;
    };
    for (key, release) in releases {
        let name = ["name", "cycle"]
            .iter()
            .find_map(|name| release.get(name)?.as_str());
        let name = name.unwrap_or(key);
        let told = ends(release, &["eolFrom", "eol"], "isEol").and_then(|end| {
            let extended_end = ends(release, &["eoesFrom", "eoes", "extendedSupport"], "isEoes")?;
            Ok((end, extended_end))
        });
        let (end, extended_end) = match told {
            Ok(ends) if !name.is_empty() => ends,
            Ok(_) => {
                sink.problem(problem(product, name, "it has no name"));
                continue;
            }
            Err(what) => {
                sink.problem(problem(product, name, &what));
                continue;
            }
        };
        let platform = Platform::new(*family, name);
        let main = end.map(|at| (Channel::MAIN, at));
        let longer = extended_end.into_iter().flat_map(|at| {
            let channels = extended.iter().filter(|channel| sold(family, name, channel));
            channels.map(move |channel| (Channel::new(*channel), at))
        });
        for (channel, ends_at) in main.into_iter().chain(longer) {
            sink.record(Record::Lifecycle(Lifecycle {
                source: source.to_owned(),
                platform: platform.clone(),
                channel,
                ends_at,
            }));
        }
    }
}

fn problem(product: &str, release: &str, what: &str) -> Problem {
    Problem {
        entry: format!("{product} {release}"),
        what: what.to_owned(),
    }
}

/// Ubuntu's extended support was one channel, `esm`, until 14.04, and is two since 16.04.
fn sold(family: &str, release: &str, channel: &str) -> bool {
    let major = release
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    family != "ubuntu" || (channel == "esm") == major.is_some_and(|major| major < 16)
}

/// The day of an end. `false`, `null` and no field: none is known. `true` without a day is an end that nobody dated.
fn ends(release: &Value, names: &[&str], flag: &str) -> Result<Option<Timestamp>, String> {
    let field = names
        .iter()
        .find_map(|name| release.get(name).filter(|value| !value.is_null()));
    match field {
        Some(Value::String(day)) => dates::day(day).map(Some),
        Some(Value::Bool(true)) => Err("support has ended, and nobody says when".to_owned()),
        Some(Value::Bool(false)) => Ok(None),
        Some(other) => Err(format!("{other} is not a day")),
        None if release.get(flag) == Some(&Value::Bool(true)) => {
            Err("support has ended, and nobody says when".to_owned())
        }
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::Record;

    use crate::read::{Collected, Document, ReadError};

    fn lines(name: &str, text: &str) -> Result<String, ReadError> {
        let mut out = Collected::default();
        let document = Document {
            source: "endoflife",
            name,
            bytes: text.as_bytes(),
        };
        super::read(document, &mut out)?;
        let ends = out.records.iter().map(|record| match record {
            Record::Lifecycle(l) => format!("{} [{}] {}\n", l.platform, l.channel.0, l.ends_at),
            other => format!("{other:?}\n"),
        });
        let problems = out
            .problems
            .iter()
            .map(|p| format!("problem: {}: {}\n", p.entry, p.what));
        Ok(ends.chain(problems).collect())
    }

    #[test]
    fn the_api_tells_every_channel() {
        let text = r#"{"schema_version": "1.2.0", "result": [
            {"name": "ubuntu", "releases": [
              {"name": "24.04", "isEol": false, "eolFrom": "2029-04-25", "isEoes": false, "eoesFrom": "2036-04-25"},
              {"name": "14.04", "isEol": true, "eolFrom": "2019-04-02", "isEoes": false, "eoesFrom": "2026-04-02"},
              {"name": "23.10", "isEol": true, "eolFrom": "2024-07-12", "eoesFrom": null},
              {"name": "5.04", "isEol": true, "eolFrom": null}, 7]},
            {"name": "windows", "releases": [{"name": "11", "eolFrom": "2030-01-01"}]},
            {"name": "rhel"}]}"#;
        expect_test::expect![[r#"
            ubuntu/24.04 [] 2029-04-25T00:00:00.000Z
            ubuntu/24.04 [esm-infra] 2036-04-25T00:00:00.000Z
            ubuntu/24.04 [esm-apps] 2036-04-25T00:00:00.000Z
            ubuntu/14.04 [] 2019-04-02T00:00:00.000Z
            ubuntu/14.04 [esm] 2026-04-02T00:00:00.000Z
            ubuntu/23.10 [] 2024-07-12T00:00:00.000Z
            problem: ubuntu 5.04: support has ended, and nobody says when
            problem: ubuntu : it has no name
            problem: rhel: it has no releases
        "#]]
        .assert_eq(&lines("full", text).expect("an answer"));
    }

    #[test]
    fn release_data_and_the_older_api_are_told_by_the_name_of_the_file() {
        let data = r#"{"releases": {"9": {"name": "9", "eol": "2032-05-31", "eoes": "2036-05-31"}, "7": {"eol": true}, "6": {"eol": "soon"}}, "versions": {}}"#;
        expect_test::expect![[r#"
            rhel/9 [] 2032-05-31T00:00:00.000Z
            rhel/9 [els] 2036-05-31T00:00:00.000Z
            problem: rhel 6: "soon" is not a day
            problem: rhel 7: support has ended, and nobody says when
        "#]]
        .assert_eq(&lines("eol/rhel.json", data).expect("release data"));
        let cycles = r#"[{"cycle": "12", "eol": "2026-06-10", "extendedSupport": "2028-06-30"}, {"cycle": "sid", "eol": false}]"#;
        expect_test::expect![[r#"
            debian/12 [] 2026-06-10T00:00:00.000Z
            debian/12 [lts] 2028-06-30T00:00:00.000Z
        "#]]
        .assert_eq(&lines("debian.json", cycles).expect("cycles"));
        assert_eq!(lines("sapmachine.json", data).expect("release data"), "");
    }

    #[test]
    fn something_else_is_refused() {
        for text in ["", "{}", "7", "{", r#"{"result": 7}"#, r#"{"releases": []}"#] {
            assert!(lines("ubuntu.json", text).is_err(), "{text}");
        }
    }
}
