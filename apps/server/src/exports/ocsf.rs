//! OCSF 1.3, class 2002 (Vulnerability Finding): one event a line. A finding with many hosts comes as several events, each with a
//! part of them.

use luumen_api::vulnerabilities::{Confidence, Finding, FindingState, FindingVariant, FixState};
use luumen_model::advisory::Severity;
use serde_json::{Value, json};

use super::{About, ExportRow, page_of, purl, state_of, text, word};

const CLASS: i64 = 2002;

/// Events in the making.
#[derive(Debug)]
pub struct Events(About);

impl Events {
    pub(super) fn new(about: About) -> Self {
        Self(about)
    }

    pub(super) fn add(&mut self, row: &ExportRow) -> String {
        format!("{}\n", text(&self.event(row)))
    }

    fn event(&self, row: &ExportRow) -> Value {
        let finding = &row.finding;
        let state = state_of(finding);
        // Created, updated, closed.
        let activity = if state == FindingState::Resolved { 3 } else { 2 };
        let mut event = json!({
            "activity_id": activity,
            "category_uid": 2,
            "class_uid": CLASS,
            "type_uid": CLASS * 100 + activity,
            "severity_id": severity_id(finding.severity),
            "status_id": status_id(state),
            "time": self.0.written_at.as_millis(),
            "start_time": finding.first_opened_at.as_millis(),
            "metadata": {
                "version": "1.3.0",
                "product": {"name": "Luumen", "vendor_name": "Luumen", "version": self.0.version},
                "profiles": [],
            },
            "finding_info": finding_info(finding),
            "vulnerabilities": [vulnerability(row)],
            "resources": row.hosts.iter().map(|host| json!({
                "uid": host.id, "name": host.name, "type": "host",
            })).collect::<Vec<_>>(),
            "unmapped": {
                "state": state,
                "open_hosts": finding.open_host_count,
                "excepted_hosts": finding.excepted_host_count,
                "not_evaluable_hosts": finding.not_evaluable_host_count,
                "resolved_hosts": finding.resolved_host_count,
                "sample_data": self.0.sample,
            },
        });
        if let Some(confidence) = row.variants.iter().map(|variant| variant.confidence).max() {
            event["confidence_id"] = json!(confidence_id(confidence));
        }
        if finding.excepted_host_count > 0 && !row.exceptions.is_empty() {
            let words = row.exceptions.iter().map(|accepted| {
                let kind = word(accepted.kind).replace('_', " ");
                format!("{kind}: {}", accepted.reason)
            });
            event["comment"] = json!(words.collect::<Vec<_>>().join("; "));
        }
        event
    }
}

fn finding_info(finding: &Finding) -> Value {
    json!({
        "uid": format!("{}/{}", finding.vulnerability, finding.package),
        "title": format!("{} in {}", finding.vulnerability, finding.package),
        "first_seen_time": finding.first_opened_at.as_millis(),
        "last_seen_time": finding.last_opened_at.as_millis(),
        "types": ["vulnerability"],
    })
}

fn vulnerability(row: &ExportRow) -> Value {
    let finding = &row.finding;
    let mut cve = json!({"uid": finding.vulnerability});
    if let Some(title) = &finding.title {
        cve["title"] = json!(title);
    }
    if let (Some(score), Some(version)) = (finding.score, &finding.score_version) {
        cve["cvss"] = json!([{"base_score": score, "version": version, "severity": word(finding.severity)}]);
    }
    if let Some(epss) = finding.epss {
        // A text in OCSF.
        cve["epss"] = json!({"score": epss.to_string()});
    }
    let packages: Vec<Value> = row.variants.iter().flat_map(packages).collect();
    let mut vulnerability = json!({
        "cve": cve,
        "severity": word(finding.severity),
        "is_exploit_available": finding.kev_added_at.is_some(),
        "is_fix_available": finding.fix != FixState::None,
        "affected_packages": packages,
        "first_seen_time": finding.first_opened_at.as_millis(),
        "last_seen_time": finding.last_opened_at.as_millis(),
        "vendor_name": "Luumen",
    });
    let whys: Vec<&str> = row.variants.iter().map(|variant| variant.why.as_str()).collect();
    if !whys.is_empty() {
        vulnerability["desc"] = json!(whys.join(". "));
    }
    if let Some(page) = page_of(&finding.vulnerability) {
        vulnerability["references"] = json!([page]);
    }
    vulnerability
}

fn packages(variant: &FindingVariant) -> Vec<Value> {
    let package = |installed| {
        let url = purl::installed(variant, installed);
        let mut package = json!({"name": installed.name, "version": installed.version, "purl": url});
        if let Some(arch) = &installed.arch {
            package["architecture"] = json!(arch);
        }
        if let Some(path) = &installed.path {
            package["path"] = json!(path);
        }
        if let Some(version) = &variant.fixed_version {
            package["fixed_in_version"] = json!(version);
            package["remediation"] = json!({"desc": match &variant.fix_channel {
                Some(channel) => format!("Upgrade to {version}, from {channel}."),
                None => format!("Upgrade to {version}."),
            }});
        }
        package
    };
    variant.installed.iter().map(package).collect()
}

/// OCSF: 0 unknown, 1 informational, 2 low, 3 medium, 4 high, 5 critical.
fn severity_id(severity: Severity) -> i64 {
    match severity {
        Severity::Unknown => 0,
        Severity::None => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}

/// OCSF: 0 unknown, 1 new, 3 suppressed, 4 resolved.
fn status_id(state: FindingState) -> i64 {
    match state {
        FindingState::Open => 1,
        FindingState::Excepted => 3,
        FindingState::NotEvaluable => 0,
        FindingState::Resolved => 4,
    }
}

/// OCSF: 1 low, 2 medium, 3 high.
fn confidence_id(confidence: Confidence) -> i64 {
    match confidence {
        Confidence::High => 3,
        Confidence::Medium => 2,
        Confidence::Low => 1,
    }
}
