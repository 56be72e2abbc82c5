//! SARIF 2.1.0: a rule for each vulnerability, a result for each package on each platform.

use std::collections::HashMap;

use luumen_api::vulnerabilities::{Finding, FindingState, FindingVariant, FixState, Verdict};
use luumen_model::advisory::Severity;
use serde_json::{Value, json};

use super::{About, Accepted, ExportRow, gap_text, page_of, score_or_usual, state_of, text, word};

/// A log in the making. Results come first and are forgotten; rules stand at the end, because they are collected on the way.
#[derive(Debug)]
pub struct Log {
    about: About,
    rules: Vec<Value>,
    places: HashMap<String, usize>,
    has_results: bool,
}

impl Log {
    pub(super) fn new(about: About) -> Self {
        Self {
            about,
            rules: Vec::new(),
            places: HashMap::new(),
            has_results: false,
        }
    }

    pub(super) fn begin() -> String {
        "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"results\":[\n".to_owned()
    }

    pub(super) fn add(&mut self, row: &ExportRow) -> String {
        let rule = self.rule(&row.finding);
        let mut out = String::new();
        let results: Vec<Value> = if row.variants.is_empty() {
            vec![result(row, rule, None)]
        } else {
            row.variants
                .iter()
                .map(|variant| result(row, rule, Some(variant)))
                .collect()
        };
        for result in results {
            if self.has_results {
                out.push_str(",\n");
            }
            self.has_results = true;
            out.push_str(&text(&result));
        }
        out
    }

    pub(super) fn end(&mut self) -> String {
        let tool = json!({"driver": {
            "name": "Luumen",
            "version": self.about.version,
            "informationUri": "https://luumen.ai",
            "rules": std::mem::take(&mut self.rules),
        }});
        let gaps = self.about.gaps.iter();
        let gaps: Vec<Value> = gaps
            .map(|gap| json!({"level": "warning", "message": {"text": gap_text(gap)}}))
            .collect();
        let invocation = json!([{
            "executionSuccessful": gaps.is_empty(),
            "endTimeUtc": self.about.written_at,
            "toolExecutionNotifications": gaps,
        }]);
        let properties = json!({"sample_data": self.about.sample});
        format!(
            "\n],\"tool\":{},\"invocations\":{},\"properties\":{}}}]}}\n",
            text(&tool),
            text(&invocation),
            text(&properties)
        )
    }

    fn rule(&mut self, finding: &Finding) -> usize {
        if let Some(place) = self.places.get(&finding.vulnerability) {
            return *place;
        }
        let place = self.rules.len();
        self.places.insert(finding.vulnerability.clone(), place);
        self.rules.push(rule(finding));
        place
    }
}

fn rule(finding: &Finding) -> Value {
    let title = finding.title.as_ref().unwrap_or(&finding.vulnerability);
    let mut tags = vec!["security", "vulnerability"];
    tags.extend(finding.kev_added_at.map(|_| "kev"));
    tags.extend(finding.ransomware.then_some("ransomware"));
    let mut properties = json!({"tags": tags, "severity": finding.severity});
    if let Some(score) = score_or_usual(finding) {
        // Read by code hosts to sort by; a text, as they want it.
        properties["security-severity"] = json!(format!("{score:.1}"));
    }
    if let Some(epss) = finding.epss {
        properties["epss"] = json!(epss);
    }
    let mut rule = json!({
        "id": finding.vulnerability,
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": properties,
    });
    if let Some(page) = page_of(&finding.vulnerability) {
        rule["helpUri"] = json!(page);
    }
    rule
}

fn result(row: &ExportRow, rule: usize, variant: Option<&FindingVariant>) -> Value {
    let finding = &row.finding;
    let state = state_of(finding);
    let (kind, level) = kind_and_level(
        state,
        variant.map_or(finding.verdict, |variant| variant.verdict),
        finding.severity,
    );
    let platform = variant.map_or("", |variant| variant.platform.as_str());
    let installed = variant.and_then(|variant| variant.installed.first());
    let version = installed.map_or("", |package| package.version.as_str());
    let parts = [platform, finding.package.as_str(), version];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let full_name = parts.join("/");
    let mut result = json!({
        "ruleId": finding.vulnerability,
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": {"text": message(finding, state, variant)},
        "locations": [{"logicalLocations": [{
            "name": finding.package,
            "fullyQualifiedName": full_name,
            "kind": "package",
        }]}],
        "partialFingerprints": {
            "luumenFinding/v1": format!("{}|{}|{platform}|{version}", finding.vulnerability, finding.package),
        },
        "properties": properties(finding, state, variant),
    });
    if state == FindingState::Excepted && !row.exceptions.is_empty() {
        let suppressions: Vec<Value> = row.exceptions.iter().map(suppression).collect();
        result["suppressions"] = json!(suppressions);
    }
    result
}

/// SARIF knows a level only for what fails.
fn kind_and_level(state: FindingState, verdict: Verdict, severity: Severity) -> (&'static str, &'static str) {
    match (state, verdict) {
        (FindingState::Resolved, _) => ("pass", "none"),
        (FindingState::NotEvaluable, _) => ("open", "none"),
        (_, Verdict::Vulnerable) => ("fail", level(severity)),
        (_, Verdict::Possible) => ("review", "none"),
        (_, Verdict::UnderInvestigation | Verdict::Unknown) => ("open", "none"),
        (_, Verdict::Fixed) => ("pass", "none"),
        (_, Verdict::NotAffected) => ("notApplicable", "none"),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Unknown => "warning",
        Severity::Low | Severity::None => "note",
    }
}

fn message(finding: &Finding, state: FindingState, variant: Option<&FindingVariant>) -> String {
    let why = match (state, variant) {
        (FindingState::Resolved, _) => {
            return format!(
                "{} in {} is gone from every host that had it.",
                finding.vulnerability, finding.package
            );
        }
        (_, Some(variant)) => variant.why.clone(),
        (_, None) => format!("{} is in {}", finding.vulnerability, finding.package),
    };
    let hosts = variant.map_or(finding.open_host_count, |variant| variant.host_count);
    let noun = if hosts == 1 { "host" } else { "hosts" };
    let lost = if state == FindingState::NotEvaluable {
        " It can no longer be judged."
    } else {
        ""
    };
    format!("{why}. {hosts} {noun}.{lost}")
}

fn properties(finding: &Finding, state: FindingState, variant: Option<&FindingVariant>) -> Value {
    let mut properties = json!({
        "state": state,
        "verdict": finding.verdict,
        "fix": finding.fix,
        "open_hosts": finding.open_host_count,
        "excepted_hosts": finding.excepted_host_count,
        "not_evaluable_hosts": finding.not_evaluable_host_count,
        "first_opened_at": finding.first_opened_at,
        "days_open": finding.days_open,
    });
    if let Some(variant) = variant {
        properties["verdict"] = json!(variant.verdict);
        properties["fix"] = json!(variant.fix);
        properties["reason"] = json!(variant.reason);
        properties["confidence"] = json!(variant.confidence);
        properties["source"] = json!(variant.source);
        properties["platform"] = json!(variant.platform);
        properties["hosts"] = json!(variant.host_count);
        let versions = variant
            .fixed_version
            .as_ref()
            .filter(|_| variant.fix != FixState::None);
        if let Some(version) = versions {
            properties["fixed_version"] = json!(version);
        }
    }
    properties
}

fn suppression(accepted: &Accepted) -> Value {
    json!({
        "kind": "external",
        "status": "accepted",
        "justification": format!("{}: {}", word(accepted.kind).replace('_', " "), accepted.reason),
    })
}
