//! Findings as files that other programs read: CSV, SARIF, CycloneDX VEX, OCSF.
//!
//! Pure: rows in, text out, a piece at a time, so that a fleet of any size streams. What an excepted, a resolved or a no longer
//! evaluable finding is called in each format is decided here; who may read them and where they come from is not
//! (`routes::vulnerabilities::export`).

mod csv;
mod cyclonedx;
mod ocsf;
mod purl;
mod sarif;
#[cfg(test)]
mod tests;

use luumen_api::{
    exceptions::ExceptionKind,
    vulnerabilities::{ExportFormat, Finding, FindingState, FindingVariant, HostRef, JudgingGap, Verdict},
};
use luumen_model::{Timestamp, advisory::Severity};
use uuid::Uuid;

/// A finding with what formats ask beside its row.
#[derive(Clone, Debug)]
pub struct ExportRow {
    pub finding: Finding,
    /// What differs between its hosts; empty where the format does not ask.
    pub variants: Vec<FindingVariant>,
    /// Its hosts; empty where the format does not ask.
    pub hosts: Vec<HostRef>,
    /// Every exception that covers hosts of it.
    pub exceptions: Vec<Accepted>,
}

impl ExportRow {
    /// Why people accepted it, each reason once.
    fn reasons(&self) -> String {
        let mut reasons: Vec<&str> = self
            .exceptions
            .iter()
            .map(|accepted| accepted.reason.trim_end_matches('.'))
            .collect();
        reasons.dedup();
        reasons.join("; ")
    }
}

/// Why somebody accepted a finding.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub kind: ExceptionKind,
    pub reason: String,
}

/// What is true of the whole document.
#[derive(Clone, Debug)]
pub struct About {
    /// Version of this program.
    pub version: &'static str,
    /// When it is written.
    pub written_at: Timestamp,
    /// Names the document.
    pub serial: Uuid,
    /// Some of it is made up for show.
    pub sample: bool,
    /// What could not be judged in the workspace, whatever the filter: an empty document must not read as "nothing found".
    pub gaps: Vec<JudgingGap>,
}

/// A gap in words.
fn gap_text(gap: &JudgingGap) -> String {
    let hosts = if gap.host_count == 1 { "host" } else { "hosts" };
    format!(
        "{} of {} {hosts} not judged: {}",
        gap.what, gap.host_count, gap.why
    )
}

/// A document in the making.
#[derive(Debug)]
pub enum Document {
    Csv(csv::Sheet),
    Sarif(sarif::Log),
    CycloneDx(cyclonedx::Bom),
    Ocsf(ocsf::Events),
}

impl Document {
    /// An empty one.
    pub fn new(format: ExportFormat, about: About) -> Self {
        match format {
            ExportFormat::Csv => Self::Csv(csv::Sheet),
            ExportFormat::Sarif => Self::Sarif(sarif::Log::new(about)),
            ExportFormat::CycloneDxVex => Self::CycloneDx(cyclonedx::Bom::new(about)),
            ExportFormat::Ocsf => Self::Ocsf(ocsf::Events::new(about)),
        }
    }

    /// What stands before the first row.
    pub fn begin(&mut self) -> String {
        match self {
            Self::Csv(sheet) => sheet.begin(),
            Self::Sarif(_) => sarif::Log::begin(),
            Self::CycloneDx(bom) => bom.begin(),
            Self::Ocsf(_) => String::new(),
        }
    }

    /// A row.
    pub fn add(&mut self, row: &ExportRow) -> String {
        match self {
            Self::Csv(sheet) => sheet.add(row),
            Self::Sarif(log) => log.add(row),
            Self::CycloneDx(bom) => bom.add(row),
            Self::Ocsf(events) => events.add(row),
        }
    }

    /// What stands behind the last row.
    pub fn end(&mut self) -> String {
        match self {
            Self::Csv(_) | Self::Ocsf(_) => String::new(),
            Self::Sarif(log) => log.end(),
            Self::CycloneDx(bom) => bom.end(),
        }
    }
}

/// Whether rows of that format tell what differs between hosts.
pub fn asks_variants(format: ExportFormat) -> bool {
    format != ExportFormat::Csv
}

/// Whether rows of that format name hosts.
pub fn asks_hosts(format: ExportFormat) -> bool {
    format == ExportFormat::Ocsf
}

/// Media type and name of the file.
pub fn file_of(format: ExportFormat) -> (&'static str, &'static str) {
    match format {
        ExportFormat::Csv => ("text/csv; charset=utf-8", "vulnerabilities.csv"),
        ExportFormat::Sarif => ("application/sarif+json", "vulnerabilities.sarif"),
        ExportFormat::CycloneDxVex => (
            "application/vnd.cyclonedx+json; version=1.6",
            "vulnerabilities.cdx.json",
        ),
        ExportFormat::Ocsf => ("application/x-ndjson", "vulnerabilities.ocsf.ndjson"),
    }
}

/// Where the finding stands as a whole: what is open anywhere is open.
fn state_of(finding: &Finding) -> FindingState {
    if finding.open_host_count > 0 {
        FindingState::Open
    } else if finding.not_evaluable_host_count > 0 {
        FindingState::NotEvaluable
    } else if finding.excepted_host_count > 0 {
        FindingState::Excepted
    } else {
        FindingState::Resolved
    }
}

/// The word that JSON has for a value of the contract.
fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A page that tells of the vulnerability; none for ids of which we know no page.
fn page_of(id: &str) -> Option<String> {
    if id.starts_with("CVE-") {
        Some(format!("https://www.cve.org/CVERecord?id={id}"))
    } else if id.starts_with("GHSA-") {
        Some(format!("https://github.com/advisories/{id}"))
    } else {
        None
    }
}

/// A score to tell severities apart by, where nobody gave one.
fn score_or_usual(finding: &Finding) -> Option<f64> {
    finding.score.or(match finding.severity {
        Severity::Critical => Some(9.5),
        Severity::High => Some(8.0),
        Severity::Medium => Some(5.5),
        Severity::Low => Some(2.0),
        Severity::None => Some(0.0),
        Severity::Unknown => None,
    })
}

/// Whether the verdict says that it is there, not only that it may be.
fn is_certain(verdict: Verdict) -> bool {
    verdict == Verdict::Vulnerable
}

/// JSON as text. Values are ours and have no keys but texts, so writing them cannot fail.
fn text(value: &serde_json::Value) -> String {
    value.to_string()
}
