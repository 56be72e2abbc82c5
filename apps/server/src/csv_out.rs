//! Writes hosts as CSV that a spreadsheet opens without running anything.

use luumen_api::hosts::HostSummary;

const COLUMNS: [&str; 16] = [
    "name",
    "address",
    "port",
    "state",
    "tags",
    "os",
    "os_version",
    "arch",
    "kernel",
    "packages",
    "reboot_required",
    "last_seen_at",
    "last_visit_at",
    "last_error",
    "incomplete_sections",
    "id",
];

/// A sheet of hosts.
#[derive(Debug)]
pub struct HostSheet(csv::Writer<Vec<u8>>);

impl Default for HostSheet {
    fn default() -> Self {
        Self::new()
    }
}

impl HostSheet {
    /// A sheet with its header.
    pub fn new() -> Self {
        let mut sheet = Self(
            csv::WriterBuilder::new()
                .terminator(csv::Terminator::CRLF)
                .from_writer(Vec::new()),
        );
        sheet.row(COLUMNS.map(str::to_owned));
        sheet
    }

    /// One row.
    pub fn add(&mut self, host: &HostSummary) {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let sections: Vec<&str> = host
            .incomplete_sections
            .iter()
            .map(|kind| kind.as_str())
            .collect();
        self.row([
            host.name.clone(),
            host.address.clone(),
            host.port.to_string(),
            crate::routes::state_name(host.state).to_owned(),
            host.tags.join(" "),
            text(&host.os_name),
            text(&host.os_version),
            text(&host.arch),
            text(&host.kernel),
            host.package_count
                .map(|count| count.to_string())
                .unwrap_or_default(),
            host.reboot_required
                .map(|required| required.to_string())
                .unwrap_or_default(),
            host.last_seen_at.map(|at| at.to_string()).unwrap_or_default(),
            host.last_visit_at.map(|at| at.to_string()).unwrap_or_default(),
            host.last_error
                .as_ref()
                .map(|error| error.code.clone())
                .unwrap_or_default(),
            sections.join(" "),
            host.id.to_string(),
        ]);
    }

    /// The sheet as text.
    pub fn into_text(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_default()
    }

    fn row(&mut self, cells: [String; COLUMNS.len()]) {
        // Writing into memory fails in no way that a caller could act on.
        let _ = self.0.write_record(cells.map(harmless));
    }
}

/// A cell that no spreadsheet takes for a formula: host names and versions come from machines we do not trust.
pub(crate) fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1"] {
            assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
        }
        assert_eq!(harmless("web-1".to_owned()), "web-1");
    }
}
