//! FIRST's daily table of EPSS (`epss_scores-2024-10-25.csv`): a remark with model and day, a head, a line a CVE.
//!
//! Tables before September 2021 have no percentile. They are refused: half of a score would read as "the least likely of all".

use std::collections::HashMap;

use luumen_model::advisory::{Epss, Record};

use super::{Document, Problem, ReadError, Sink, dates};

pub(super) fn read(document: Document<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let table = after_remark(document.bytes, sink)?;
    let lines_before = u64::from(table.len() < document.bytes.len());
    let mut csv = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(table);
    let columns = Columns::from(csv.headers().map_err(ReadError::Csv)?)?;
    let mut row = csv::StringRecord::new();
    loop {
        let line = csv.position().line() + lines_before;
        match csv.read_record(&mut row) {
            Ok(false) => return Ok(()),
            Ok(true) => match columns.epss(&row) {
                Ok(epss) => sink.record(Record::Epss(epss)),
                Err(what) => odd(sink, line, what),
            },
            Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                odd(sink, line, error.to_string());
            }
            Err(error) => return Err(ReadError::Csv(error)),
        }
    }
}

/// What follows the remark. A table without one is old; the day of a remark is checked, as a sign that it is the remark we know.
fn after_remark<'a>(bytes: &'a [u8], sink: &mut dyn Sink) -> Result<&'a [u8], ReadError> {
    let Some(rest) = bytes.strip_prefix(b"#") else {
        return Ok(bytes);
    };
    let end = rest.iter().position(|byte| *byte == b'\n');
    let end = end.ok_or_else(|| ReadError::other("it ends within its first line"))?;
    let remark = String::from_utf8_lossy(&rest[..end]);
    let fields: HashMap<&str, &str> = remark
        .trim()
        .split(',')
        .filter_map(|field| field.split_once(':'))
        .collect();
    let day = fields.get("score_date").and_then(|text| text.get(..10));
    if day.is_none_or(|day| dates::day(day).is_err()) {
        odd(sink, 1, "the day of the scores is missing".to_owned());
    }
    Ok(&rest[end + 1..])
}

fn odd(sink: &mut dyn Sink, line: u64, what: String) {
    sink.problem(Problem {
        entry: format!("line {line}"),
        what,
    });
}

struct Columns {
    cve: usize,
    epss: usize,
    percentile: usize,
}

impl Columns {
    fn from(head: &csv::StringRecord) -> Result<Self, ReadError> {
        let column = |name: &str| {
            let found = head.iter().position(|field| field.eq_ignore_ascii_case(name));
            found.ok_or_else(|| ReadError::other(format!("it has no column {name:?}")))
        };
        Ok(Self {
            cve: column("cve")?,
            epss: column("epss")?,
            percentile: column("percentile")?,
        })
    }

    fn epss(&self, row: &csv::StringRecord) -> Result<Epss, String> {
        let id = row.get(self.cve).unwrap_or_default();
        if !id.starts_with("CVE-") {
            return Err(format!("{id:?} is no CVE id"));
        }
        Ok(Epss {
            vulnerability: id.to_owned(),
            probability: share(row.get(self.epss))?,
            percentile: share(row.get(self.percentile))?,
        })
    }
}

fn share(text: Option<&str>) -> Result<f64, String> {
    let text = text.unwrap_or_default();
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("{text:?} is no number from 0 to 1"))
}
