//! Pages of the NVD's API 2.0 and its yearly feeds JSON 2.0. Also a CVE by itself, as overrides of the NVD are kept
//! (`anchore/nvd-data-overrides`: only trees and references, for CVEs that the NVD never looked at).

use std::collections::BTreeMap;

use luumen_model::{
    Timestamp,
    advisory::{Authority, CpeConfiguration, CpeNode, Kev, Record, Ssvc, Vulnerability},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Applicability, applicability, items};
use crate::read::{
    Document, Problem, ReadError, Sink,
    cve::{self, CvssData, Scored, Text},
    cve5, dates,
};

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    cve: Cve<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cve<'a> {
    #[serde(default)]
    id: String,
    published: Option<String>,
    last_modified: Option<String>,
    vuln_status: Option<String>,
    #[serde(default)]
    cve_tags: Vec<Tags>,
    #[serde(default)]
    descriptions: Vec<Text>,
    /// By kind, in the NVD's own spelling. One odd score costs only itself.
    #[serde(borrow, default)]
    metrics: BTreeMap<String, Vec<&'a RawValue>>,
    #[serde(default)]
    weaknesses: Vec<Weakness>,
    #[serde(default)]
    configurations: Vec<Applicability>,
    #[serde(default)]
    references: Vec<Reference>,
    /// What the CNA says, since 2026 repeated by the NVD.
    #[serde(borrow, default)]
    affected: Vec<Affected<'a>>,
    cisa_exploit_add: Option<String>,
    cisa_action_due: Option<String>,
    cisa_required_action: Option<String>,
    cisa_vulnerability_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Affected<'a> {
    #[serde(borrow)]
    affected_data: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Tags {
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Weakness {
    description: Vec<Text>,
}

#[derive(Deserialize)]
struct Reference {
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    #[serde(default)]
    source: String,
    cvss_data: CvssData,
    base_severity: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SsvcMetric {
    ssvc_data: SsvcData,
}

#[derive(Deserialize)]
struct SsvcData {
    options: Vec<BTreeMap<String, String>>,
}

/// What an override says about itself.
#[derive(Default, Deserialize)]
struct Annotation {
    #[serde(default)]
    cve_id: String,
    description: Option<String>,
    published: Option<String>,
    modified: Option<String>,
    #[serde(default)]
    references: Vec<String>,
}

pub(in crate::read) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut at = 0;
    let beside = items::each(document.bytes, "vulnerabilities", &mut |text| {
        match serde_json::from_str::<Item<'_>>(text.get()) {
            Ok(item) => take(item.cve, document.source, sink),
            Err(error) => sink.problem(Problem {
                entry: items::name_of(text, "vulnerabilities", at),
                what: error.to_string(),
            }),
        }
        at += 1;
    })?;
    let Some(entries) = beside.entries else {
        return single(&beside, document.source, sink);
    };
    if let Some(promised) = beside.number("resultsPerPage").filter(|n| *n != entries) {
        sink.problem(Problem {
            entry: "resultsPerPage".to_owned(),
            what: format!("{promised} CVEs are promised, {entries} are there"),
        });
    }
    Ok(())
}

fn single(beside: &items::Beside<'_>, source: &str, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let cve = beside
        .field("cve")
        .ok_or_else(|| ReadError::other("it has neither an array vulnerabilities nor a cve"))?;
    let mut cve: Cve<'_> = serde_json::from_str(cve).map_err(ReadError::Json)?;
    let note = beside
        .field("_annotation")
        .map(serde_json::from_str::<Annotation>);
    if let Some(note) = note.transpose().map_err(ReadError::Json)? {
        annotate(&mut cve, note);
    }
    take(cve, source, sink);
    Ok(())
}

/// Puts what the annotation knows where the NVD would have it.
fn annotate(cve: &mut Cve<'_>, note: Annotation) {
    if cve.id.is_empty() {
        cve.id = note.cve_id;
    }
    cve.published = cve.published.take().or(note.published);
    cve.last_modified = cve.last_modified.take().or(note.modified);
    cve.references
        .extend(note.references.into_iter().map(|url| Reference { url }));
    if let Some(value) = note.description.filter(|_| cve.descriptions.is_empty()) {
        cve.descriptions.push(Text {
            lang: "en".to_owned(),
            value,
        });
    }
}

fn take(mut cve: Cve<'_>, source: &str, sink: &mut dyn Sink) {
    if cve.id.is_empty() {
        return sink.problem(Problem {
            entry: "cve".to_owned(),
            what: "it has no id".to_owned(),
        });
    }
    let id = cve.id.clone();
    let mut lost = Vec::new();
    let root = applicability(std::mem::take(&mut cve.configurations), &mut lost);
    let cna: Vec<_> = cve.affected.drain(..).flat_map(|one| one.affected_data).collect();
    let cna = cve5::affected(&cna, &mut lost);
    let kev = exploited(&mut cve, &mut lost);
    sink.record(Record::Vulnerability(vulnerability(cve, source, &mut lost)));
    for (authority, root) in [(Authority::Nvd, root), (Authority::Cna, cna)] {
        sink_tree(&id, source, authority, root, sink);
    }
    if let Some(kev) = kev {
        sink.record(Record::Kev(kev));
    }
    for what in lost {
        sink.problem(Problem {
            entry: id.clone(),
            what,
        });
    }
}

fn sink_tree(id: &str, source: &str, authority: Authority, root: Option<CpeNode>, sink: &mut dyn Sink) {
    if let Some(root) = root {
        sink.record(Record::Configuration(CpeConfiguration {
            vulnerability: id.to_owned(),
            source: source.to_owned(),
            authority,
            root,
        }));
    }
}

fn vulnerability(cve: Cve<'_>, source: &str, lost: &mut Vec<String>) -> Vulnerability {
    let (scores, ssvc) = metrics(cve.metrics, lost);
    let (mut cwes, mut references) = (Vec::new(), Vec::new());
    for text in cve.weaknesses.iter().flat_map(|weakness| &weakness.description) {
        cve::add_cwe(&mut cwes, &text.value);
    }
    for reference in cve.references {
        cve::add(&mut references, reference.url);
    }
    let tags = || cve.cve_tags.iter().flat_map(|tags| &tags.tags);
    Vulnerability {
        id: cve.id,
        source: source.to_owned(),
        title: None,
        description: cve::english(&cve.descriptions).map(str::to_owned),
        published_at: moment(cve.published, lost),
        modified_at: moment(cve.last_modified, lost),
        rejected: cve.vuln_status.as_deref() == Some("Rejected"),
        disputed: tags().any(|tag| tag == "disputed"),
        severity: cve::severity_of(&scores),
        cvss: scores.into_iter().map(|scored| scored.cvss).collect(),
        ssvc,
        cwes,
        aliases: Vec::new(),
        references,
    }
}

fn metrics(metrics: BTreeMap<String, Vec<&RawValue>>, lost: &mut Vec<String>) -> (Vec<Scored>, Option<Ssvc>) {
    let (mut scores, mut ssvc) = (Vec::new(), None);
    for (kind, list) in metrics {
        for one in list {
            let read = if kind.starts_with("cvss") {
                score(one).map(|scored| scores.push(scored))
            } else if kind.starts_with("ssvc") {
                decision_points(one).map(|points| ssvc = points)
            } else {
                Err("it is no kind of score that we know".to_owned())
            };
            if let Err(what) = read {
                lost.push(format!("{kind}: {what}"));
            }
        }
    }
    (scores, ssvc)
}

fn score(text: &RawValue) -> Result<Scored, String> {
    let metric: Metric = serde_json::from_str(text.get()).map_err(|error| error.to_string())?;
    let word = metric.cvss_data.base_severity.clone().or(metric.base_severity);
    let by = match metric.source.as_str() {
        "nvd@nist.gov" => "nvd",
        other => other,
    };
    Ok(Scored {
        cvss: metric.cvss_data.scored_by(by)?,
        severity: word.as_deref().and_then(cve::severity),
    })
}

fn decision_points(text: &RawValue) -> Result<Option<Ssvc>, String> {
    let metric: SsvcMetric = serde_json::from_str(text.get()).map_err(|error| error.to_string())?;
    cve::ssvc(metric.ssvc_data.options).map(Some)
}

/// CISA's mark, which the NVD repeats without its word on ransomware.
fn exploited(cve: &mut Cve<'_>, lost: &mut Vec<String>) -> Option<Kev> {
    let added = cve.cisa_exploit_add.take()?;
    let added_at = dates::day(&added).map_err(|what| lost.push(what)).ok()?;
    let due_at = cve.cisa_action_due.take();
    Some(Kev {
        vulnerability: cve.id.clone(),
        name: cve.cisa_vulnerability_name.take().unwrap_or_default(),
        added_at,
        due_at: due_at.and_then(|day| dates::day(&day).map_err(|what| lost.push(what)).ok()),
        ransomware: false,
        action: cve.cisa_required_action.take().unwrap_or_default(),
    })
}

fn moment(text: Option<String>, lost: &mut Vec<String>) -> Option<Timestamp> {
    dates::moment(&text?).map_err(|what| lost.push(what)).ok()
}
