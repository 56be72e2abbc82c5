//! Yearly feeds of the NVD, JSON 1.1 (`nvdcve-1.1-2022.json`). Retired by NIST, kept alive in mirrors.

use luumen_model::advisory::{Authority, CpeConfiguration, Record, Vulnerability};
use serde::Deserialize;

use super::{items, trees};
use crate::read::{
    Document, Problem, ReadError, Sink,
    cve::{self, CvssData, Scored, Text},
    dates,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    cve: Cve,
    #[serde(default)]
    configurations: Configurations,
    #[serde(default)]
    impact: Impact,
    published_date: Option<String>,
    last_modified_date: Option<String>,
}

#[derive(Deserialize)]
struct Cve {
    #[serde(rename = "CVE_data_meta")]
    meta: Meta,
    #[serde(default)]
    problemtype: ProblemType,
    #[serde(default)]
    references: References,
    #[serde(default)]
    description: Descriptions,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "ID")]
    id: String,
}

#[derive(Default, Deserialize)]
struct ProblemType {
    problemtype_data: Vec<Descriptions>,
}

#[derive(Default, Deserialize)]
struct Descriptions {
    #[serde(alias = "description_data")]
    description: Vec<Text>,
}

#[derive(Default, Deserialize)]
struct References {
    reference_data: Vec<Reference>,
}

#[derive(Deserialize)]
struct Reference {
    url: String,
}

#[derive(Default, Deserialize)]
struct Configurations {
    #[serde(default)]
    nodes: Vec<trees::Node>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Impact {
    base_metric_v3: Option<MetricV3>,
    base_metric_v2: Option<MetricV2>,
}

#[derive(Deserialize)]
struct MetricV3 {
    #[serde(rename = "cvssV3")]
    data: CvssData,
}

#[derive(Deserialize)]
struct MetricV2 {
    #[serde(rename = "cvssV2")]
    data: CvssData,
    severity: Option<String>,
}

pub(in crate::read) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut at = 0;
    let beside = items::each(document.bytes, "CVE_Items", &mut |text| {
        match serde_json::from_str::<Item>(text.get()) {
            Ok(item) => take(item, document.source, sink),
            Err(error) => sink.problem(Problem {
                entry: items::name_of(text, "CVE_Items", at),
                what: error.to_string(),
            }),
        }
        at += 1;
    })?;
    let entries = beside
        .entries
        .ok_or_else(|| ReadError::other("it has no array CVE_Items"))?;
    if let Some(promised) = beside.number("CVE_data_numberOfCVEs").filter(|n| *n != entries) {
        sink.problem(Problem {
            entry: "CVE_data_numberOfCVEs".to_owned(),
            what: format!("{promised} CVEs are promised, {entries} are there"),
        });
    }
    Ok(())
}

fn take(item: Item, source: &str, sink: &mut dyn Sink) {
    let id = item.cve.meta.id.clone();
    let mut lost = Vec::new();
    let roots = item.configurations.nodes.into_iter();
    let roots = roots.filter_map(|node| trees::tree(node, &mut lost)).collect();
    let root = trees::any_of(roots);
    let vulnerability = vulnerability(item.cve, source);
    let vulnerability = Vulnerability {
        published_at: moment(item.published_date, &mut lost),
        modified_at: moment(item.last_modified_date, &mut lost),
        ..scored(vulnerability, item.impact, &mut lost)
    };
    sink.record(Record::Vulnerability(vulnerability));
    if let Some(root) = root {
        sink.record(Record::Configuration(CpeConfiguration {
            vulnerability: id.clone(),
            source: source.to_owned(),
            authority: Authority::Nvd,
            root,
        }));
    }
    for what in lost {
        sink.problem(Problem {
            entry: id.clone(),
            what,
        });
    }
}

fn vulnerability(cve: Cve, source: &str) -> Vulnerability {
    let description = cve::english(&cve.description.description).map(str::to_owned);
    let begins_with = |mark: &str| {
        let text = description.as_deref().unwrap_or_default();
        text.trim_start().starts_with(mark)
    };
    let (mut cwes, mut references) = (Vec::new(), Vec::new());
    for text in cve
        .problemtype
        .problemtype_data
        .iter()
        .flat_map(|one| &one.description)
    {
        cve::add_cwe(&mut cwes, &text.value);
    }
    for reference in cve.references.reference_data {
        cve::add(&mut references, reference.url);
    }
    Vulnerability {
        id: cve.meta.id,
        source: source.to_owned(),
        rejected: begins_with("** REJECT **") || begins_with("Rejected reason:"),
        disputed: begins_with("** DISPUTED **"),
        description,
        cwes,
        references,
        ..Vulnerability::default()
    }
}

fn scored(vulnerability: Vulnerability, impact: Impact, lost: &mut Vec<String>) -> Vulnerability {
    let v3 = impact.base_metric_v3.map(|metric| (metric.data, None));
    let v2 = impact.base_metric_v2.map(|metric| (metric.data, metric.severity));
    let mut scores = Vec::new();
    for (data, word) in v3.into_iter().chain(v2) {
        let word = data.base_severity.clone().or(word);
        match data.scored_by("nvd") {
            Ok(cvss) => scores.push(Scored {
                cvss,
                severity: word.as_deref().and_then(cve::severity),
            }),
            Err(what) => lost.push(what),
        }
    }
    Vulnerability {
        severity: cve::severity_of(&scores),
        cvss: scores.into_iter().map(|scored| scored.cvss).collect(),
        ..vulnerability
    }
}

fn moment(text: Option<String>, lost: &mut Vec<String>) -> Option<luumen_model::Timestamp> {
    dates::moment(&text?).map_err(|what| lost.push(what)).ok()
}
