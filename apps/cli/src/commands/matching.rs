//! `luumen match`: what a catalogue says of a snapshot, without a host and without a network.

use std::{fs, io, path::Path, time::SystemTime};

use luumen_model::{Snapshot, Timestamp};
use luumen_workbench::{HostReport, Scope, match_snapshot, open_catalogue, sarif};

use super::{COMPLETE, PARTIAL, USAGE, chain};
use crate::{
    args::{Format, Match},
    report, terminal,
};

/// Runs it, and answers the exit code.
pub(crate) fn main(args: &Match) -> u8 {
    let snapshot = match read_snapshot(&args.snapshot) {
        Ok(snapshot) => snapshot,
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
    let mut found = match_snapshot(&catalogue, &snapshot, scope, now());
    if args.format == Format::Json {
        found.tell_scores(&catalogue);
    }
    print(&found, args.format)
}

/// Prints a report, and says by the exit code whether everything was judged.
pub(crate) fn print(found: &HostReport, format: Format) -> u8 {
    match format {
        Format::Text => terminal::print(&report::page(found)),
        Format::Tsv => terminal::print(&report::tsv(found)),
        Format::Json => return document(serde_json::to_string_pretty(found), found),
        Format::Sarif => {
            return document(
                serde_json::to_string_pretty(&sarif(found, env!("CARGO_PKG_VERSION"))),
                found,
            );
        }
    }
    if found.not_evaluated.is_empty() {
        return COMPLETE;
    }
    if format == Format::Tsv {
        for gap in &found.not_evaluated {
            terminal::trouble(&format!("{} was not judged: {}", gap.what, gap.why), "");
        }
    }
    PARTIAL
}

fn document(text: serde_json::Result<String>, found: &HostReport) -> u8 {
    match text {
        Ok(text) => terminal::print(&text),
        Err(error) => {
            terminal::trouble(&format!("The report could not be written: {error}"), "");
            return USAGE;
        }
    }
    if found.not_evaluated.is_empty() {
        COMPLETE
    } else {
        PARTIAL
    }
}

fn read_snapshot(path: &Path) -> Result<Snapshot, String> {
    let text = if path == Path::new("-") {
        io::read_to_string(io::stdin())
    } else {
        fs::read_to_string(path)
    };
    let name = path.display();
    let text = text.map_err(|error| format!("{name} cannot be read: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{name} is not a Snapshot document: {error}"))
}

/// The clock, read at the door only.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}
