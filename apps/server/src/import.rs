//! Reads a sheet of hosts and stores its good rows.
//!
//! [`read`] is pure: text in, rows and their faults out. [`store`] puts the good rows in within one
//! transaction; a dry run rolls it back, so that it says exactly what would happen.

use std::collections::{BTreeMap, BTreeSet};

use luumen_api::{
    Code,
    hosts::{ImportReport, ImportResult, ImportRow, NewHost},
};
use luumen_model::WorkspaceId;
use luumen_store::{
    Store,
    hosts::{self, HostChange, Imported, StateClock, Upserted},
    transaction,
};

use crate::{
    problem::{ApiResult, Problem},
    routes::new_host,
    validate::Validate as _,
};

const COLUMNS: [&str; 7] = [
    "name",
    "address",
    "port",
    "username",
    "credential",
    "tags",
    "notes",
];
const NEEDED: [&str; 2] = ["name", "address"];
/// Most rows of one import.
const MOST_ROWS: usize = 200_000;

/// A sheet as it was read.
#[derive(Debug)]
pub struct Sheet {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    line: i64,
    name: Option<String>,
    /// The columns that the row has a cell for. An empty cell clears, a missing one says nothing.
    said: BTreeSet<&'static str>,
    host: Result<NewHost, Vec<String>>,
}

/// How to import.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// Say what would happen and change nothing.
    pub dry_run: bool,
    /// Change hosts that are there already.
    pub update: bool,
}

/// Reads the sheet. Only a sheet whose columns cannot be told apart is refused as a whole.
pub fn read(bytes: &[u8]) -> ApiResult<Sheet> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(delimiter_of(text))
        .from_reader(text);
    let header = reader
        .byte_headers()
        .map_err(|_| not_csv("the first line cannot be read"))?
        .clone();
    let columns = columns_of(&header)?;
    let mut sheet = Sheet { rows: Vec::new() };
    let mut seen = BTreeSet::new();
    let mut lines = Lines { text, at: 0, line: 1 };
    for (index, record) in reader.byte_records().enumerate() {
        if index >= MOST_ROWS {
            return Err(Problem::new(Code::TooLarge)
                .detail(format!("The sheet has more than {MOST_ROWS} rows."))
                .next_step("Split it and import the parts."));
        }
        let row = match record {
            Ok(record) => read_row(&columns, &record, lines.of(record.position()), &mut seen),
            Err(error) => Row {
                line: lines.of(error.position()),
                name: None,
                said: BTreeSet::new(),
                host: Err(vec!["this line cannot be read as CSV".to_owned()]),
            },
        };
        sheet.rows.push(row);
    }
    Ok(sheet)
}

/// Counts lines for people. The reader's own count leaves out blank lines and comes early behind CR LF.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: i64,
}

impl Lines<'_> {
    /// The line of the record that the reader found at or behind this place.
    fn of(&mut self, place: Option<&csv::Position>) -> i64 {
        let place = place
            .and_then(|place| usize::try_from(place.byte()).ok())
            .unwrap_or(self.at);
        let rest = self.text.get(place..).unwrap_or_default();
        let begin = place
            + rest
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
        let passed = self.text.get(self.at..begin).unwrap_or_default();
        let passed = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line += i64::try_from(passed).unwrap_or_default();
        self.at = begin.max(self.at);
        self.line
    }
}

/// Spreadsheets of half of Europe write semicolons.
fn delimiter_of(text: &[u8]) -> u8 {
    let header = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}

fn columns_of(header: &csv::ByteRecord) -> ApiResult<BTreeMap<&'static str, usize>> {
    let mut columns = BTreeMap::new();
    let mut problem = Problem::new(Code::Invalid)
        .detail("The header does not have the columns of a host list.")
        .next_step(format!(
            "Use the header {}; only name and address are needed.",
            COLUMNS.join(",")
        ));
    let mut bad = false;
    for (index, cell) in header.iter().enumerate() {
        let name = String::from_utf8_lossy(cell).trim().to_lowercase();
        match COLUMNS.iter().find(|column| **column == name) {
            Some(column) if columns.insert(*column, index).is_none() => {}
            Some(column) => (problem, bad) = (problem.field(*column, "is there twice"), true),
            None if name.is_empty() => {}
            None => {
                let name: String = name.chars().take(60).collect();
                (problem, bad) = (
                    problem.field(format!("column {}", index + 1), format!("{name:?} is not known")),
                    true,
                );
            }
        }
    }
    for column in NEEDED.into_iter().filter(|column| !columns.contains_key(column)) {
        (problem, bad) = (problem.field(column, "is missing"), true);
    }
    if bad { Err(problem) } else { Ok(columns) }
}

fn read_row(
    columns: &BTreeMap<&'static str, usize>,
    record: &csv::ByteRecord,
    line: i64,
    seen: &mut BTreeSet<String>,
) -> Row {
    let mut faults = Vec::new();
    let mut cell = |column: &str| {
        let bytes = columns
            .get(column)
            .and_then(|index| record.get(*index))
            .unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                faults.push(format!("{column} is not UTF-8"));
                String::new()
            }
        }
    };
    let given = |text: String| (!text.is_empty()).then_some(text);
    let port = given(cell("port"));
    let host = NewHost {
        name: cell("name"),
        address: cell("address"),
        port: port.as_ref().and_then(|port| port.parse().ok()),
        username: given(cell("username")),
        credential: given(cell("credential")),
        tags: cell("tags")
            .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
            .filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect(),
        notes: given(cell("notes")),
        enabled: None,
    };
    if let (Some(text), None) = (&port, host.port) {
        faults.push(format!("port {text:?} is not a number"));
    }
    if record.len() > columns.values().max().map_or(0, |last| last + 1)
        && record.iter().skip(columns.len()).any(|cell| !cell.is_empty())
    {
        faults.push("has more cells than the header; quote cells that hold the separator".to_owned());
    }
    faults.extend(
        host.problems()
            .into_iter()
            .map(|fault| format!("{} {}", fault.field, fault.message)),
    );
    if !host.name.is_empty() && !seen.insert(host.name.clone()) {
        faults.push("an earlier row has the same name".to_owned());
    }
    Row {
        line,
        name: given(host.name.clone()),
        said: columns
            .iter()
            .filter(|(_, index)| **index < record.len())
            .map(|(column, _)| *column)
            .collect(),
        host: if faults.is_empty() { Ok(host) } else { Err(faults) },
    }
}

fn not_csv(why: &str) -> Problem {
    Problem::new(Code::BadRequest).detail(format!("The body is not CSV: {why}."))
}

/// Stores the good rows, all in one transaction, and says what became of each.
pub async fn store(
    store: &Store,
    workspace: WorkspaceId,
    sheet: &Sheet,
    how: How,
    clock: StateClock,
) -> ApiResult<ImportReport> {
    let done = transaction!(store, Ended, |tx| async {
        let rows = upsert_all(tx, workspace, sheet, how, clock).await?;
        // Leaving by an error is what rolls a dry run back.
        if how.dry_run {
            Err(Ended::DryRun(rows))
        } else {
            Ok(rows)
        }
    });
    let rows = match done {
        Ok(rows) | Err(Ended::DryRun(rows)) => rows,
        Err(Ended::Failed(problem)) => return Err(problem),
    };
    let count = |wanted: ImportResult| {
        i64::try_from(rows.iter().filter(|row| row.result == wanted).count()).unwrap_or(i64::MAX)
    };
    Ok(ImportReport {
        dry_run: how.dry_run,
        created: count(ImportResult::Created),
        updated: count(ImportResult::Updated),
        existing: count(ImportResult::Exists),
        rejected: count(ImportResult::Rejected),
        rows,
    })
}

async fn upsert_all(
    tx: &luumen_store::DatabaseTransaction,
    workspace: WorkspaceId,
    sheet: &Sheet,
    how: How,
    clock: StateClock,
) -> Result<Vec<ImportRow>, Ended> {
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let (result, messages) = match &row.host {
            Err(faults) => (ImportResult::Rejected, faults.clone()),
            Ok(host) => {
                match hosts::upsert(tx, workspace, &imported(host, &row.said), how.update, clock).await? {
                    Upserted::Created(_) => (ImportResult::Created, Vec::new()),
                    Upserted::Updated(_) => (ImportResult::Updated, Vec::new()),
                    Upserted::Exists(_) => (
                        ImportResult::Exists,
                        vec!["a host of that name is there and says something else".to_owned()],
                    ),
                    Upserted::Same(_) => (
                        ImportResult::Exists,
                        vec!["a host of that name is there and says the same".to_owned()],
                    ),
                }
            }
        };
        rows.push(ImportRow {
            line: row.line,
            name: row.name.clone(),
            result,
            messages,
        });
    }
    Ok(rows)
}

/// Whoever leaves a column out does not mean to empty it; and whether a host is visited is no column.
fn imported(host: &NewHost, said: &BTreeSet<&'static str>) -> Imported {
    let new = new_host(host.clone());
    let text =
        |column: &str, text: &Option<String>| said.contains(column).then(|| text.clone().unwrap_or_default());
    let change = HostChange {
        name: None,
        address: Some(new.address.clone()),
        port: said.contains("port").then_some(new.port),
        username: text("username", &new.username),
        credential: text("credential", &new.credential),
        notes: text("notes", &new.notes),
        tags: said.contains("tags").then(|| new.tags.clone()),
        enabled: None,
    };
    Imported { new, change }
}

/// Why the transaction was not committed.
enum Ended {
    DryRun(Vec<ImportRow>),
    Failed(Problem),
}

impl From<luumen_store::StoreError> for Ended {
    fn from(error: luumen_store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl luumen_store::AsTransient for Ended {
    fn is_transient(&self) -> bool {
        match self {
            Self::DryRun(_) => false,
            Self::Failed(problem) => problem.is_transient(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let sheet = read(text.as_bytes()).expect(text);
        let seen: Vec<String> = sheet
            .rows
            .iter()
            .map(|row| match &row.host {
                Ok(host) => format!(
                    "{}: {} {} {:?} [{}]",
                    row.line,
                    host.name,
                    host.address,
                    host.port,
                    host.tags.join(" ")
                ),
                Err(faults) => format!("{}: {}", row.line, faults.join("; ")),
            })
            .collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn reads_columns_in_any_order() {
        check("address,name\n10.0.0.1,web-1\n", &["2: web-1 10.0.0.1 None []"]);
        check(
            "\u{feff}Name; Address; Port; Tags\r\nweb-1; h; 2222; a b\r\n",
            &["2: web-1 h Some(2222) [a b]"],
        );
        check("name,address,tags\nweb-1,h,\"a,b\"\n", &["2: web-1 h None [a b]"]);
        check("name,address\n\n\nweb-1,h\n", &["4: web-1 h None []"]);
    }

    #[test]
    fn a_bad_row_spoils_no_other() {
        check(
            "name,address,port\n,h,\nweb-1,h,ssh\nweb-2,h,70000\nweb-3,h,\nweb-3,h2,\nweb-4,h,22,oops\n",
            &[
                "2: name must not be empty",
                "3: port \"ssh\" is not a number",
                "4: port must be 1 to 65535",
                "5: web-3 h None []",
                "6: an earlier row has the same name",
                "7: has more cells than the header; quote cells that hold the separator",
            ],
        );
    }

    #[test]
    fn refuses_a_sheet_of_something_else() {
        for text in ["", "hostname,ip\na,b\n", "name,name,address\n", "name\nx\n"] {
            assert_eq!(
                read(text.as_bytes()).expect_err(text).code(),
                Code::Invalid,
                "{text}"
            );
        }
    }

    #[test]
    fn odd_bytes_are_a_fault_of_their_row() {
        let sheet = read(b"name,address\nw\xffb,h\nok,h\n").expect("sheet");
        assert!(sheet.rows[0].host.is_err() && sheet.rows[1].host.is_ok());
    }
}
