//! Ubuntu's OpenVEX documents, by CVE (`vex/cve/…`) and by notice (`vex/usn/…`).
//!
//! | OpenVEX | ours |
//! |---|---|
//! | `fixed` in a notice | fixed in the version of the product |
//! | `fixed` in a document of a CVE | nothing, see below |
//! | `affected` | affected |
//! | `affected`, "decided to not fix it" | will not fix |
//! | `affected`, "has been deferred" | deferred |
//! | `affected`, "no longer supported" | end of life |
//! | `under_investigation` | under investigation |
//! | `not_affected` | not affected |
//! | `not_affected`, "does not exist in the archive" | nothing |
//!
//! Products are purls; only those of source packages say in which release they are. In a document of a CVE the version is the newest that the archive
//! has, not the first with the fix: taken as the fix it would call everything in between vulnerable. The tracker and OSV name the right one.

use luumen_model::advisory::{Authority, Channel, Claim, PackageKind, Platform, Record, Status};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Place, place};
use crate::read::{Document, Problem, ReadError, Sink, dpkg};

#[derive(Deserialize)]
struct Vex {
    statements: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Statement {
    vulnerability: Vulnerability,
    status: String,
    action_statement: Option<String>,
    impact_statement: Option<String>,
    justification: Option<String>,
    products: Vec<Product>,
}

#[derive(Deserialize)]
struct Vulnerability {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
}

#[derive(Deserialize)]
struct Product {
    #[serde(rename = "@id")]
    id: String,
}

/// Reads one document.
pub(in crate::read) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    if document.name.contains('/') && !document.name.ends_with(".json") {
        // Archives hold other things beside the documents.
        return Ok(());
    }
    let vex: Vex = serde_json::from_slice(document.bytes).map_err(ReadError::Json)?;
    for (at, raw) in vex.statements.iter().enumerate() {
        let mut odd = |what: String| {
            sink.problem(Problem {
                entry: format!("{} statements[{at}]", document.name),
                what,
            });
        };
        let statement: Statement = match serde_json::from_str(raw.get()) {
            Ok(statement) => statement,
            Err(error) => {
                odd(error.to_string());
                continue;
            }
        };
        match status(&statement) {
            Ok(Some(status)) => tell(&statement, status, document.source, sink),
            Ok(None) => {}
            Err(what) => odd(what),
        }
    }
    Ok(())
}

fn status(statement: &Statement) -> Result<Option<Status>, String> {
    let action = statement.action_statement.as_deref().unwrap_or_default();
    let impact = statement.impact_statement.as_deref().unwrap_or_default();
    Ok(Some(match statement.status.as_str() {
        "fixed" if statement.vulnerability.name.starts_with("CVE-") => return Ok(None),
        "fixed" => Status::Fixed,
        "affected" if action.contains("no longer supported") => Status::EndOfLife,
        "affected" if action.contains("decided to not fix") => Status::WillNotFix,
        "affected" if action.contains("deferred") => Status::Deferred,
        "affected" => Status::Affected,
        "under_investigation" => Status::UnderInvestigation,
        "not_affected" if impact.contains("does not exist in the archive") => return Ok(None),
        "not_affected" => Status::NotAffected,
        other => return Err(format!("{other:?} is not a status of OpenVEX")),
    }))
}

fn tell(statement: &Statement, status: Status, source: &str, sink: &mut dyn Sink) {
    let name = &statement.vulnerability.name;
    let aliases = statement.vulnerability.aliases.iter();
    let cves: Vec<&String> = aliases.filter(|alias| alias.starts_with("CVE-")).collect();
    let ids = if name.starts_with("CVE-") || cves.is_empty() {
        vec![name]
    } else {
        cves
    };
    let note = statement
        .justification
        .as_ref()
        .filter(|_| status == Status::NotAffected);
    for product in &statement.products {
        let Some((package, version, place)) = source_package(&product.id) else {
            continue;
        };
        let (platform, channel) = match place {
            Place::Release(platform, channel) => (platform, channel),
            Place::Elsewhere => continue,
            Place::Unknown => {
                sink.problem(odd(&product.id, "its release is not one of Ubuntu that we know"));
                continue;
            }
        };
        if status == Status::Fixed && !dpkg::is_version(&version) {
            sink.problem(odd(&product.id, "it is fixed, and its version cannot be read"));
            continue;
        }
        for id in &ids {
            let fixed = (status == Status::Fixed).then(|| version.clone());
            let claim = claim(source, id, (&platform, &channel), &package, status);
            sink.record(Record::Claim(Claim {
                fixed,
                advisory: name.starts_with("USN-").then(|| name.clone()),
                note: note.cloned(),
                ..claim
            }));
        }
    }
}

fn odd(product: &str, what: &str) -> Problem {
    Problem {
        entry: product.to_owned(),
        what: what.to_owned(),
    }
}

/// Name, version and place of `pkg:deb/ubuntu/curl@7.81.0-1ubuntu1.20?arch=source&distro=esm-infra/xenial`; nothing for binary packages.
fn source_package(purl: &str) -> Option<(String, String, Place)> {
    let rest = purl.strip_prefix("pkg:deb/ubuntu/")?;
    let (product, qualifiers) = rest.split_once('?')?;
    let (name, version) = product.split_once('@').unwrap_or((product, ""));
    let qualifier = |name: &str| {
        let mut pairs = qualifiers.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| (key == name).then_some(value))
    };
    (qualifier("arch")? == "source").then_some(())?;
    let place = place(&plain(qualifier("distro")?));
    Some((plain(name), plain(version), place))
}

/// The few characters that purls write as percent and number.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for (written, meant) in [
        ("%2F", "/"),
        ("%2B", "+"),
        ("%3A", ":"),
        ("%7E", "~"),
        ("%2f", "/"),
        ("%2b", "+"),
    ] {
        text = text.replace(written, meant);
    }
    text
}

fn claim(source: &str, id: &str, at: (&Platform, &Channel), package: &str, status: Status) -> Claim {
    Claim {
        source: source.to_owned(),
        authority: Authority::Vendor,
        vulnerability: id.to_owned(),
        platform: at.0.clone(),
        channel: at.1.clone(),
        package: package.to_owned(),
        package_kind: PackageKind::Source,
        arches: Vec::new(),
        module: None,
        status,
        introduced: None,
        fixed: None,
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

    #[test]
    fn statements_become_claims_about_source_packages() {
        let mut out = Collected::default();
        let document = Document {
            source: "ubuntu-vex",
            name: "vex/cve/2024/CVE-2024-99001.json",
            bytes: include_bytes!("../../../tests/samples/ubuntu/vex.json"),
        };
        super::read(document, &mut out).expect("a document");
        let claims = out.records.iter().filter_map(|record| match record {
            Record::Claim(c) => Some(format!(
                "{} {} [{}] {} {:?} {:?} {:?} {:?}\n",
                c.vulnerability, c.platform, c.channel.0, c.package, c.status, c.fixed, c.advisory, c.note
            )),
            _ => None,
        });
        let problems = out
            .problems
            .iter()
            .map(|p| format!("problem: {}: {}\n", p.entry, p.what));
        expect_test::expect![[r#"
            CVE-2024-99001 ubuntu/22.04 [] curl Affected None None None
            CVE-2024-99001 ubuntu/16.04 [] curl EndOfLife None None None
            CVE-2024-99001 ubuntu/16.04 [esm-infra] curl WillNotFix None None None
            CVE-2024-99001 ubuntu/14.04 [esm-infra-legacy] curl NotAffected None None Some("vulnerable_code_not_present")
            USN-9999-1 ubuntu/18.04 [esm-apps] varnish Fixed Some("5.2.1-1ubuntu0.1+esm1") Some("USN-9999-1") None
            problem: pkg:deb/ubuntu/curl@1?arch=source&distro=zebra: its release is not one of Ubuntu that we know
            problem: vex/cve/2024/CVE-2024-99001.json statements[7]: "odd" is not a status of OpenVEX
            problem: vex/cve/2024/CVE-2024-99001.json statements[8]: invalid type: integer `8`, expected struct Statement at line 1 column 1
        "#]]
        .assert_eq(&claims.chain(problems).collect::<String>());
    }

    #[test]
    fn something_else_is_refused() {
        for text in ["", "{}", "[]", r#"{"statements": 7}"#] {
            let document = Document {
                source: "ubuntu-vex",
                name: "a.json",
                bytes: text.as_bytes(),
            };
            assert!(
                super::read(document, &mut Collected::default()).is_err(),
                "{text}"
            );
        }
    }
}
