//! Records of the CVE List, format 5: what the CNA said, and what others (CISA's ADP) added.
//!
//! A record becomes one [`Vulnerability`]; all that its containers say of products becomes one configuration of authority `Cna`; CISA's mark
//! "known exploited" becomes a [`Kev`] without name and action. A container that writes `cpeApplicability` is taken by it, any other by `affected`
//! (see `affected` and `versions` for what of it is understood). Indexes beside the records (`delta.json`, `deltaLog.json`) say nothing themselves.
//!
//! | the record's word | ours |
//! | --- | --- |
//! | `state` REJECTED | `rejected`, with the reasons as description |
//! | tag `disputed` | `disputed` |
//! | `affected` | vulnerable |
//! | `unaffected`, `unknown` | outside of what is said to be vulnerable; never a verdict of "not affected" |

mod affected;
mod metrics;
mod versions;

pub(super) use affected::affected;

use luumen_model::{
    Timestamp,
    advisory::{Authority, CpeConfiguration, CpeNode, Kev, Record, Vulnerability},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use self::metrics::Metrics;
use super::{
    Document, Problem, ReadError, Sink,
    cve::{self, Text},
    dates,
    nvd::{self, Applicability},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CveRecord<'a> {
    cve_metadata: Metadata,
    #[serde(borrow)]
    containers: Containers<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    cve_id: String,
    state: String,
    date_published: Option<String>,
    date_updated: Option<String>,
}

#[derive(Deserialize)]
struct Containers<'a> {
    #[serde(borrow)]
    cna: Container<'a>,
    /// Read one by one: one that is odd costs only itself.
    #[serde(borrow, default)]
    adp: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    #[serde(default)]
    provider_metadata: Provider,
    title: Option<String>,
    #[serde(default)]
    descriptions: Vec<Text>,
    #[serde(default)]
    rejected_reasons: Vec<Text>,
    #[serde(borrow, default)]
    affected: Vec<&'a RawValue>,
    #[serde(default)]
    cpe_applicability: Vec<Applicability>,
    #[serde(borrow, default)]
    metrics: Vec<&'a RawValue>,
    #[serde(default)]
    problem_types: Vec<ProblemType>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    #[serde(default)]
    short_name: String,
}

#[derive(Deserialize)]
struct ProblemType {
    #[serde(default)]
    descriptions: Vec<ProblemText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProblemText {
    cwe_id: Option<String>,
}

#[derive(Deserialize)]
struct Reference {
    url: String,
}

pub(super) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let file = document.name.rsplit('/').next().unwrap_or_default();
    if matches!(file, "delta.json" | "deltaLog.json" | "recent_activities.json") {
        return Ok(());
    }
    let record: CveRecord<'_> = serde_json::from_slice(document.bytes).map_err(ReadError::Json)?;
    take(record, document.source, sink);
    Ok(())
}

fn take(record: CveRecord<'_>, source: &str, sink: &mut dyn Sink) {
    let id = record.cve_metadata.cve_id.clone();
    let mut lost = Vec::new();
    let containers = containers(record.containers, &mut lost);
    let mut metrics = Metrics::default();
    let mut roots = Vec::new();
    for container in &containers {
        let short_name = &container.provider_metadata.short_name;
        for metric in &container.metrics {
            if let Err(what) = metrics.add(metric, short_name) {
                lost.push(format!("a metric of {short_name}: {what}"));
            }
        }
    }
    let exploited = metrics.exploited_since.take();
    let vulnerability = vulnerability(record.cve_metadata, &containers, metrics, source, &mut lost);
    for container in containers {
        roots.extend(products(container, &mut lost));
    }
    sink.record(Record::Vulnerability(vulnerability));
    if let Some(root) = nvd::any_of(roots) {
        sink.record(Record::Configuration(CpeConfiguration {
            vulnerability: id.clone(),
            source: source.to_owned(),
            authority: Authority::Cna,
            root,
        }));
    }
    if let Some(added_at) = exploited {
        sink.record(Record::Kev(marked(&id, added_at)));
    }
    for what in lost {
        sink.problem(Problem {
            entry: id.clone(),
            what,
        });
    }
}

/// The CNA's container first, then the others.
fn containers<'a>(from: Containers<'a>, lost: &mut Vec<String>) -> Vec<Container<'a>> {
    let mut all = vec![from.cna];
    for text in from.adp {
        match serde_json::from_str(text.get()) {
            Ok(container) => all.push(container),
            Err(error) => lost.push(format!("an ADP container: {error}")),
        }
    }
    all
}

fn products(container: Container<'_>, lost: &mut Vec<String>) -> Option<CpeNode> {
    if container.cpe_applicability.is_empty() {
        affected(&container.affected, lost)
    } else {
        nvd::applicability(container.cpe_applicability, lost)
    }
}

fn vulnerability(
    metadata: Metadata,
    containers: &[Container<'_>],
    metrics: Metrics,
    source: &str,
    lost: &mut Vec<String>,
) -> Vulnerability {
    let (mut cwes, mut references) = (Vec::new(), Vec::new());
    for container in containers {
        for text in container.problem_types.iter().flat_map(|one| &one.descriptions) {
            cve::add_cwe(&mut cwes, text.cwe_id.as_deref().unwrap_or_default());
        }
        for reference in &container.references {
            cve::add(&mut references, reference.url.clone());
        }
    }
    let described = containers.iter().find_map(|one| cve::english(&one.descriptions));
    let refused = || {
        containers
            .iter()
            .find_map(|one| cve::english(&one.rejected_reasons))
    };
    let tags = || containers.iter().flat_map(|container| &container.tags);
    let (severity, cvss, ssvc) = metrics.finished();
    Vulnerability {
        id: metadata.cve_id,
        source: source.to_owned(),
        title: containers.first().and_then(|cna| cna.title.clone()),
        description: described.or_else(refused).map(str::to_owned),
        published_at: moment(metadata.date_published, lost),
        modified_at: moment(metadata.date_updated, lost),
        rejected: metadata.state == "REJECTED",
        disputed: tags().any(|tag| tag == "disputed"),
        severity,
        cvss,
        ssvc,
        cwes,
        aliases: Vec::new(),
        references,
    }
}

fn marked(id: &str, added_at: Timestamp) -> Kev {
    Kev {
        vulnerability: id.to_owned(),
        name: String::new(),
        added_at,
        due_at: None,
        ransomware: false,
        action: String::new(),
    }
}

fn moment(text: Option<String>, lost: &mut Vec<String>) -> Option<Timestamp> {
    dates::moment(&text?).map_err(|what| lost.push(what)).ok()
}
