//! A report of one host as SARIF 2.1.0 (OASIS), for tools that collect findings of many scanners.

use std::collections::BTreeMap;

use luumen_model::advisory::Severity;
use luumen_vuln::{Finding, HostReport, Verdict};
use serde_json::{Value, json};

/// The document: a rule for each vulnerability, a result for each open finding.
pub fn sarif(report: &HostReport, tool_version: &str) -> Value {
    let open: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.verdict.is_open())
        .collect();
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    for finding in &open {
        rules
            .entry(&finding.vulnerability)
            .or_insert_with(|| rule(finding));
    }
    let places: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    let results: Vec<Value> = open
        .iter()
        .map(|finding| result(finding, places.get(finding.vulnerability.as_str()).copied()))
        .collect();
    let gaps: Vec<Value> = report
        .not_evaluated
        .iter()
        .map(|gap| json!({"level": "warning", "message": {"text": format!("{} was not judged: {}", gap.what, gap.why)}}))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "luumen", "version": tool_version, "rules": rules.into_values().collect::<Vec<_>>()}},
            // What could not be judged must not read as "nothing found".
            "invocations": [{"executionSuccessful": gaps.is_empty(), "toolExecutionNotifications": gaps}],
            "properties": {
                "platform": report.platform.as_ref().map(ToString::to_string),
                "snapshotAt": report.snapshot_at, "catalogueAt": report.catalogue_at, "sampleData": report.sample_data,
            },
            "results": results,
        }],
    })
}

fn rule(finding: &Finding) -> Value {
    json!({
        "id": finding.vulnerability,
        "shortDescription": {"text": finding.vulnerability},
        "properties": {
            "security-severity": finding.score.map(|score| format!("{score:.1}")),
            "knownExploited": finding.kev_added_at.is_some(),
            "epss": finding.epss,
        },
    })
}

fn result(finding: &Finding, rule: Option<usize>) -> Value {
    let installed: Vec<String> = finding
        .installed
        .iter()
        .map(|package| format!("{} {}", package.name, package.version))
        .collect();
    json!({
        "ruleId": finding.vulnerability,
        "ruleIndex": rule,
        "level": level(finding),
        "message": {"text": finding.why},
        "locations": [{"logicalLocations": [{"name": finding.package, "kind": "package", "fullyQualifiedName": installed.join(", ")}]}],
        "partialFingerprints": {"luumen/v1": format!("{}/{}", finding.vulnerability, finding.package)},
        "properties": {
            "verdict": finding.verdict.as_str(), "fixedVersion": finding.fixed_version, "fixChannel": finding.fix_channel,
            "source": finding.source, "advisory": finding.advisory,
        },
    })
}

/// SARIF has three levels; what nobody has decided yet is a note.
fn level(finding: &Finding) -> &'static str {
    match (finding.verdict, finding.severity) {
        (Verdict::Vulnerable, Severity::High | Severity::Critical) => "error",
        (Verdict::Vulnerable, _) => "warning",
        _ => "note",
    }
}
