//! CycloneDX 1.6 with analysis (VEX): an entry for each finding and what we conclude, with the packages that it is about.
//!
//! Where hosts of one finding stand differently, the open ones count: a document that says "not affected" of a package must hold
//! wherever that package is.

use std::collections::BTreeMap;

use luumen_api::{
    exceptions::ExceptionKind,
    vulnerabilities::{Finding, FindingState, FindingVariant, FixState, Reason, Verdict},
};
use luumen_model::advisory::Severity;
use serde_json::{Value, json};

use super::{About, ExportRow, gap_text, is_certain, page_of, purl, state_of, text, word};

/// A document in the making. Components stand at the end, because they are collected on the way.
#[derive(Debug)]
pub struct Bom {
    about: About,
    components: BTreeMap<String, Value>,
    has_entries: bool,
}

/// What is concluded of some variants of a finding.
struct Conclusion<'a> {
    state: &'static str,
    justification: Option<&'static str>,
    responses: Vec<&'static str>,
    detail: String,
    variants: Vec<&'a FindingVariant>,
}

impl Bom {
    pub(super) fn new(about: About) -> Self {
        Self {
            about,
            components: BTreeMap::new(),
            has_entries: false,
        }
    }

    pub(super) fn begin(&mut self) -> String {
        let mut properties =
            vec![json!({"name": "luumen:sample_data", "value": self.about.sample.to_string()})];
        for gap in &self.about.gaps {
            properties.push(json!({"name": "luumen:not_judged", "value": gap_text(gap)}));
        }
        let metadata = json!({
            "timestamp": self.about.written_at,
            "tools": {"components": [{
                "type": "application",
                "name": "Luumen",
                "version": self.about.version,
            }]},
            "properties": properties,
        });
        format!(
            "{{\"$schema\":\"http://cyclonedx.org/schema/bom-1.6.schema.json\",\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\
             \"serialNumber\":\"urn:uuid:{}\",\"version\":1,\"metadata\":{},\"vulnerabilities\":[\n",
            self.about.serial,
            text(&metadata)
        )
    }

    pub(super) fn add(&mut self, row: &ExportRow) -> String {
        let mut out = String::new();
        for conclusion in conclusions(row) {
            if self.has_entries {
                out.push_str(",\n");
            }
            self.has_entries = true;
            out.push_str(&text(&self.entry(&row.finding, &conclusion)));
        }
        out
    }

    pub(super) fn end(&mut self) -> String {
        let components: Vec<Value> = std::mem::take(&mut self.components).into_values().collect();
        format!("\n],\"components\":{}}}\n", text(&Value::Array(components)))
    }

    fn entry(&mut self, finding: &Finding, conclusion: &Conclusion<'_>) -> Value {
        let mut analysis = json!({"state": conclusion.state, "detail": conclusion.detail});
        if let Some(justification) = conclusion.justification {
            analysis["justification"] = json!(justification);
        }
        if !conclusion.responses.is_empty() {
            analysis["response"] = json!(conclusion.responses);
        }
        analysis["firstIssued"] = json!(finding.first_opened_at);
        let mut entry = json!({
            "bom-ref": format!("{}/{}/{}", finding.vulnerability, finding.package, conclusion.state),
            "id": finding.vulnerability,
            "ratings": [rating(finding)],
            "analysis": analysis,
            "affects": self.affects(finding, conclusion),
            "properties": properties(finding),
        });
        if let Some(url) = page_of(&finding.vulnerability) {
            entry["source"] = json!({"url": url});
        }
        if let Some(title) = &finding.title {
            entry["description"] = json!(title);
        }
        let fixes = recommendation(&finding.package, &conclusion.variants);
        if !fixes.is_empty() {
            entry["recommendation"] = json!(fixes);
        }
        entry
    }

    /// The packages, each of which becomes a component of the document.
    fn affects(&mut self, finding: &Finding, conclusion: &Conclusion<'_>) -> Vec<Value> {
        let status = match conclusion.state {
            "exploitable" => "affected",
            "in_triage" => "unknown",
            _ => "unaffected",
        };
        let mut affects = Vec::new();
        for variant in &conclusion.variants {
            for package in &variant.installed {
                let url = purl::installed(variant, package);
                affects
                    .push(json!({"ref": url, "versions": [{"version": package.version, "status": status}]}));
                self.components.entry(url.clone()).or_insert_with(|| {
                    json!({"type": "library", "bom-ref": url, "name": package.name, "version": package.version, "purl": url})
                });
            }
        }
        if affects.is_empty() {
            let url = purl::unversioned(&finding.package);
            affects.push(json!({"ref": url}));
            self.components.entry(url.clone()).or_insert_with(
                || json!({"type": "library", "bom-ref": url, "name": finding.package, "purl": url}),
            );
        }
        // Two architectures of one package may share a URL where none is known.
        affects.sort_by_key(|one| one["ref"].to_string());
        affects.dedup();
        affects
    }
}

fn conclusions(row: &ExportRow) -> Vec<Conclusion<'_>> {
    let all = || row.variants.iter().collect::<Vec<_>>();
    let finding = &row.finding;
    match (state_of(finding), row.exceptions.is_empty()) {
        (FindingState::Resolved, _) => vec![Conclusion {
            state: "resolved",
            justification: None,
            responses: Vec::new(),
            detail: "It is gone from every host that had it: the fix is installed, or the package was removed.".to_owned(),
            variants: all(),
        }],
        (FindingState::NotEvaluable, _) => vec![Conclusion {
            state: "in_triage",
            justification: None,
            responses: Vec::new(),
            detail: "Hosts had it when they could last be judged; now their facts or the vendor's claims are missing.".to_owned(),
            variants: all(),
        }],
        (FindingState::Excepted, false) => vec![accepted_as(row, all())],
        _ => by_verdict(row),
    }
}

/// Where hosts are covered for several reasons, the one that leaves it exploitable counts: "not affected" must hold for all of them.
fn accepted_as<'a>(row: &ExportRow, variants: Vec<&'a FindingVariant>) -> Conclusion<'a> {
    let kinds = row.exceptions.iter().map(|accepted| accepted.kind);
    let gravest = kinds.min_by_key(|kind| match kind {
        ExceptionKind::RiskAccepted => 0,
        ExceptionKind::FixPlanned => 1,
        ExceptionKind::ProtectedByControl => 2,
        ExceptionKind::RequiresConfiguration => 3,
        ExceptionKind::CodeNotReachable => 4,
        ExceptionKind::FalsePositive => 5,
    });
    let (state, justification, responses) = match gravest.unwrap_or(ExceptionKind::RiskAccepted) {
        ExceptionKind::FalsePositive => ("false_positive", None, vec![]),
        ExceptionKind::CodeNotReachable => ("not_affected", Some("code_not_reachable"), vec![]),
        ExceptionKind::RequiresConfiguration => ("not_affected", Some("requires_configuration"), vec![]),
        ExceptionKind::ProtectedByControl => {
            ("not_affected", Some("protected_by_mitigating_control"), vec![])
        }
        ExceptionKind::RiskAccepted => ("exploitable", None, vec!["will_not_fix"]),
        ExceptionKind::FixPlanned => ("exploitable", None, vec!["update"]),
    };
    Conclusion {
        state,
        justification,
        responses,
        detail: row.reasons(),
        variants,
    }
}

/// What is open, apart by whether it is certain.
fn by_verdict(row: &ExportRow) -> Vec<Conclusion<'_>> {
    let (certain, doubtful): (Vec<_>, Vec<_>) = row
        .variants
        .iter()
        .partition(|variant| is_certain(variant.verdict));
    let note = match (row.exceptions.is_empty(), row.finding.excepted_host_count) {
        (false, hosts) if hosts > 0 => {
            format!(" On {hosts} of its hosts it is accepted: {}.", row.reasons())
        }
        _ => String::new(),
    };
    let mut conclusions = Vec::new();
    let open = row.variants.is_empty() && row.finding.verdict == Verdict::Vulnerable;
    if !certain.is_empty() || open {
        conclusions.push(Conclusion {
            state: "exploitable",
            justification: None,
            responses: responses(&certain),
            detail: whys(&certain) + &note,
            variants: certain,
        });
    }
    if !doubtful.is_empty() || conclusions.is_empty() {
        conclusions.push(Conclusion {
            state: "in_triage",
            justification: None,
            responses: Vec::new(),
            detail: whys(&doubtful) + &note,
            variants: doubtful,
        });
    }
    conclusions
}

fn whys(variants: &[&FindingVariant]) -> String {
    let mut sentences: Vec<String> = variants
        .iter()
        .map(|variant| format!("{}.", variant.why))
        .collect();
    sentences.dedup();
    sentences.join(" ")
}

fn responses(variants: &[&FindingVariant]) -> Vec<&'static str> {
    let any = |holds: fn(&FindingVariant) -> bool| variants.iter().any(|variant| holds(variant));
    let mut responses = Vec::new();
    if any(|variant| variant.fix != FixState::None) {
        responses.push("update");
    }
    if any(|variant| variant.reason == Reason::WillNotFix) {
        responses.push("will_not_fix");
    }
    if any(|variant| variant.fix == FixState::None && variant.reason != Reason::WillNotFix) {
        responses.push("can_not_fix");
    }
    responses
}

fn rating(finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Unknown => "unknown".to_owned(),
        severity => word(severity),
    };
    let mut rating = json!({"severity": severity});
    if let Some(score) = finding.score {
        rating["score"] = json!(score);
        rating["method"] = json!(match finding.score_version.as_deref() {
            Some("4.0") => "CVSSv4",
            Some("3.1") => "CVSSv31",
            Some("3.0") => "CVSSv3",
            Some("2.0") => "CVSSv2",
            _ => "other",
        });
    }
    rating
}

fn recommendation(package: &str, variants: &[&FindingVariant]) -> String {
    let mut fixes: Vec<String> = variants
        .iter()
        .filter_map(|variant| {
            let version = variant.fixed_version.as_ref()?;
            let channel = variant.fix_channel.as_ref();
            let channel = channel.map_or_else(String::new, |channel| format!(", from {channel}"));
            Some(format!(
                "Upgrade {package} to {version} ({}{channel}).",
                variant.platform
            ))
        })
        .collect();
    fixes.sort();
    fixes.dedup();
    fixes.join(" ")
}

fn properties(finding: &Finding) -> Value {
    let property = |name: &str, value: String| json!({"name": format!("luumen:{name}"), "value": value});
    let mut properties = vec![
        property("package", finding.package.clone()),
        property("open_hosts", finding.open_host_count.to_string()),
        property("excepted_hosts", finding.excepted_host_count.to_string()),
        property(
            "not_evaluable_hosts",
            finding.not_evaluable_host_count.to_string(),
        ),
        property("resolved_hosts", finding.resolved_host_count.to_string()),
    ];
    properties.extend(
        finding
            .kev_added_at
            .map(|at| property("kev_added_at", at.to_string())),
    );
    properties.extend(finding.epss.map(|epss| property("epss", epss.to_string())));
    Value::Array(properties)
}
