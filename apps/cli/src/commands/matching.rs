//! `luumen match`: what a catalogue says of a snapshot, without a host and without a network.

use std::{fs, io, path::Path, time::SystemTime};

use luumen_model::Timestamp;
use luumen_workbench::{
    Catalogue, Facts, HostReport, Scope, match_facts, match_lines, open_catalogue, sarif,
};

use super::{COMPLETE, PARTIAL, USAGE, chain};
use crate::{
    args::{Format, Match},
    report, terminal,
};

/// What a whole report is printed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    Page,
    Json,
    Sarif,
}

/// Runs it, and answers the exit code.
pub(crate) fn main(args: &Match) -> u8 {
    let facts = match read_facts(&args.snapshot) {
        Ok(facts) => facts,
        Err(message) => {
            terminal::trouble(&message, "`luumen inventory --json` prints one.");
            return USAGE;
        }
    };
    let catalogue = match open_catalogue(&args.catalogue) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            terminal::trouble(&chain(&error), "`luumen feeds build` makes one.");
            return USAGE;
        }
    };
    let everything = !args.open && args.format != Format::Text;
    let scope = if everything {
        Scope::Everything
    } else {
        Scope::Open
    };
    let whole = match args.format {
        Format::Tsv => return lines(&catalogue, &facts, scope),
        Format::Text => Whole::Page,
        Format::Json => Whole::Json,
        Format::Sarif => Whole::Sarif,
    };
    let mut found = match_facts(&catalogue, &facts, scope, now());
    if whole == Whole::Json {
        found.tell_scores(&catalogue);
    }
    print(&found, whole)
}

/// Lines for other programs, which are told apart what was not judged.
fn lines(catalogue: &Catalogue, facts: &Facts, scope: Scope) -> u8 {
    let found = match_lines(catalogue, facts, scope);
    if !found.text.is_empty()
        && let Err(unwritten) = terminal::print(&found.text)
    {
        terminal::trouble(&unwritten.to_string(), "");
        return USAGE;
    }
    for gap in &found.not_evaluated {
        terminal::trouble(&format!("{} was not judged: {}", gap.what, gap.why), "");
    }
    if found.not_evaluated.is_empty() {
        COMPLETE
    } else {
        PARTIAL
    }
}

/// Prints a report, and says by the exit code whether everything was judged.
pub(crate) fn print(found: &HostReport, whole: Whole) -> u8 {
    let text = match whole {
        Whole::Page => Ok(report::page(found)),
        Whole::Json => serde_json::to_string_pretty(found),
        Whole::Sarif => serde_json::to_string_pretty(&sarif(found, env!("CARGO_PKG_VERSION"))),
    };
    let text = text.map_err(|error| format!("The report could not be written: {error}"));
    if let Err(message) = text.and_then(|text| Ok(terminal::print(&text)?)) {
        terminal::trouble(&message, "");
        return USAGE;
    }
    if found.not_evaluated.is_empty() {
        COMPLETE
    } else {
        PARTIAL
    }
}

fn read_facts(path: &Path) -> Result<Facts, String> {
    let text = if path == Path::new("-") {
        io::read_to_string(io::stdin())
    } else {
        fs::read_to_string(path)
    };
    let name = path.display();
    let text = text.map_err(|error| format!("{name} cannot be read: {error}"))?;
    Facts::read(&text).map_err(|error| format!("{name} is not a Snapshot document: {error}"))
}

/// The clock, read at the door only.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
