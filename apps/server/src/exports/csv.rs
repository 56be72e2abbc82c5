//! CSV: one row for each finding, under a header that stays.

use super::{ExportRow, state_of, word};
use crate::csv_out::harmless;

/// Programs read columns by name: new ones are added at the end, and none is renamed or removed.
const COLUMNS: [&str; 22] = [
    "vulnerability",
    "package",
    "severity",
    "score",
    "score_version",
    "kev_added_at",
    "ransomware",
    "epss",
    "fix",
    "verdict",
    "state",
    "open_hosts",
    "excepted_hosts",
    "not_evaluable_hosts",
    "resolved_hosts",
    "first_opened_at",
    "last_opened_at",
    "resolved_at",
    "days_open",
    "running_kernel",
    "end_of_life",
    "title",
];

/// A sheet of findings.
#[derive(Debug)]
pub struct Sheet;

impl Sheet {
    pub(super) fn begin(&mut self) -> String {
        line(COLUMNS.map(str::to_owned))
    }

    pub(super) fn add(&mut self, row: &ExportRow) -> String {
        let finding = &row.finding;
        let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
        let moment = |at: Option<luumen_model::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        line([
            finding.vulnerability.clone(),
            finding.package.clone(),
            word(finding.severity),
            number(finding.score),
            finding.score_version.clone().unwrap_or_default(),
            moment(finding.kev_added_at),
            finding.ransomware.to_string(),
            number(finding.epss),
            word(finding.fix),
            word(finding.verdict),
            word(state_of(finding)),
            finding.open_host_count.to_string(),
            finding.excepted_host_count.to_string(),
            finding.not_evaluable_host_count.to_string(),
            finding.resolved_host_count.to_string(),
            finding.first_opened_at.to_string(),
            finding.last_opened_at.to_string(),
            moment(finding.resolved_at),
            finding.days_open.to_string(),
            finding
                .running_kernel
                .map(|running| running.to_string())
                .unwrap_or_default(),
            finding.end_of_life.to_string(),
            finding.title.clone().unwrap_or_default(),
        ])
    }
}

fn line(cells: [String; COLUMNS.len()]) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    // Writing into memory fails in no way that a caller could act on.
    let _ = writer.write_record(cells.map(harmless));
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
