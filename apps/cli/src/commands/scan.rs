//! `luumen scan`: looks at a host and says which vulnerabilities it has.

use luumen_model::Snapshot;
use luumen_workbench::{Catalogue, HostReport, Scope, Severity, Verdict, match_snapshot, open_catalogue};

use super::{
    COMPLETE, PARTIAL, USAGE, chain, feeds, in_runtime, inventory,
    matching::{self, Whole},
};
use crate::{
    args::{FailOn, Scan},
    terminal,
};

/// Open findings of the kind that was asked for.
const FOUND: u8 = 2;

/// Runs it, and answers the exit code.
pub(crate) fn main(args: Scan) -> u8 {
    // Before the host is asked anything: without a catalogue there would be nothing to say.
    let catalogue = match catalogue(&args) {
        Ok(catalogue) => catalogue,
        Err(message) => {
            terminal::trouble(
                &message,
                "`luumen feeds pull` and then `luumen feeds build` make one; `luumen feeds import` takes one from a bundle.",
            );
            return USAGE;
        }
    };
    let options = match inventory::options(&args.inventory) {
        Ok(options) => options,
        Err(message) => {
            terminal::trouble(&message, "");
            return USAGE;
        }
    };
    in_runtime(Box::pin(async move {
        match inventory::look(&args.inventory.place, &options).await {
            Ok(snapshot) => judge(&catalogue, &snapshot, &args),
            Err(code) => code,
        }
    }))
}

fn catalogue(args: &Scan) -> Result<Catalogue, String> {
    match &args.catalogue {
        Some(path) => open_catalogue(path).map_err(|error| chain(&error)),
        None => {
            let library = feeds::library(None, &std::collections::BTreeMap::new())?;
            library.open().map_err(|error| chain(&error))
        }
    }
}

fn judge(catalogue: &Catalogue, snapshot: &Snapshot, args: &Scan) -> u8 {
    let mut report = match_snapshot(catalogue, snapshot, Scope::Open, matching::now());
    if args.inventory.json {
        report.tell_scores(catalogue);
    }
    let whole = match (args.inventory.json, args.sarif) {
        (true, _) => Whole::Json,
        (_, true) => Whole::Sarif,
        _ => Whole::Page,
    };
    let code = matching::print(&report, whole);
    if code == USAGE {
        return code;
    }
    tell_gaps(snapshot);
    if args.fail_on.is_some_and(|kind| holds(kind, &report)) {
        return FOUND;
    }
    if code == COMPLETE && snapshot.is_complete() {
        COMPLETE
    } else {
        PARTIAL
    }
}

/// Says which sections of the host were not read whole: an exit code alone would leave a person guessing.
fn tell_gaps(snapshot: &Snapshot) {
    let gaps: Vec<String> = snapshot
        .sections
        .iter()
        .filter(|(_, record)| !record.status.is_complete())
        .map(|(kind, _)| kind.to_string())
        .collect();
    if !gaps.is_empty() {
        terminal::trouble(
            &format!("Not read whole: {}.", gaps.join(", ")),
            "`luumen inventory` says why, and what would help.",
        );
    }
}

fn holds(kind: FailOn, report: &HostReport) -> bool {
    let open = report
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Vulnerable);
    let mut open = open.filter(|finding| match kind {
        FailOn::Kev => finding.kev_added_at.is_some(),
        FailOn::Critical => finding.severity == Severity::Critical || finding.kev_added_at.is_some(),
    });
    open.next().is_some()
}
