//! Writes a scan for elsewhere: JSON, a table, SARIF. Pure.

use serde::Deserialize;
use serde_json::{Value, json};
use ts_rs::TS;

use super::{finding::Finding, run::Looked};
use crate::{
    bridge::{Id, Problem},
    sarif,
};

/// A scan to write, and where to.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExportScan {
    pub(super) scan: Id,
    pub(super) kind: ScanExportKind,
    pub(super) path: String,
    /// Even if there is something in its place.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub(super) overwrite: bool,
}

/// How to write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ScanExportKind {
    /// Everything that is known of it.
    Json,
    /// The findings as a table.
    Csv,
    /// The findings for tools that collect them.
    Sarif,
}

/// The text of an export.
pub(super) fn text(looked: &Looked, kind: ScanExportKind, version: &str) -> Result<String, Problem> {
    match kind {
        ScanExportKind::Json => pretty(&json!({
            "scan": looked.scan, "snapshot": looked.snapshot, "report": looked.report,
        })),
        ScanExportKind::Csv => {
            table(&looked.scan.findings, &looked.scan.unjudged).map_err(|error| failed(&error))
        }
        ScanExportKind::Sarif => match &looked.report {
            Some(report) => pretty(&sarif(report, version)),
            None => Err(Problem::new(
                "LUM-SCAN-EXPORT",
                "there is nothing to write",
                "the scan judged nothing",
            )
            .next("Import a catalogue and scan again.")),
        },
    }
}

fn pretty(document: &Value) -> Result<String, Problem> {
    serde_json::to_string_pretty(document)
        .map(|text| text + "\n")
        .map_err(|error| failed(&error))
}

fn failed(error: &dyn std::error::Error) -> Problem {
    Problem::of("LUM-SCAN-EXPORT", "the scan was not written", error)
}

fn table(findings: &[Finding], unjudged: &[String]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "vulnerability",
        "package",
        "installed",
        "verdict",
        "severity",
        "score",
        "known_exploited",
        "epss",
        "fixed_version",
        "fix_channel",
        "source",
        "advisory",
        "why",
    ])?;
    for finding in findings {
        let installed: Vec<String> = finding
            .installed
            .iter()
            .map(|package| format!("{} {}", package.name, package.version))
            .collect();
        writer.write_record([
            finding.vulnerability.as_str(),
            &finding.package,
            &installed.join("; "),
            &finding.verdict,
            &finding.severity,
            &finding
                .score
                .map(|score| format!("{score:.1}"))
                .unwrap_or_default(),
            if finding.kev_added_at.is_some() {
                "yes"
            } else {
                "no"
            },
            &finding.epss.map(|epss| epss.to_string()).unwrap_or_default(),
            finding.fixed_version.as_deref().unwrap_or_default(),
            finding.fix_channel.as_deref().unwrap_or_default(),
            &finding.source,
            finding.advisory.as_deref().unwrap_or_default(),
            &finding.why,
        ])?;
    }
    // A table without them would read as "this is all there is".
    for gap in unjudged {
        let mut row = [""; 13];
        row[3] = "not_judged";
        row[12] = gap;
        writer.write_record(row)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
