//! What commands print for people and programs on standard output. Logs go elsewhere (`logs`).

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where the agent speaks"
)]

use std::{collections::BTreeMap, io::Write as _, time::SystemTime};

use luumen_collect::Kept;
use luumen_model::{MissingRight, Outcome, SectionStatus, Snapshot};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    config::{Config, Fault},
    errors::tame,
    kept,
    mail::Delivery,
    plan::{HostRef, Planned},
    remote::Origin,
    round::HostResult,
    runs::RunEnd,
};

/// Prints a text that ends with a line break, whole. A reader that hung up is no error.
pub(crate) fn text(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| {
        if text.ends_with('\n') {
            Ok(())
        } else {
            out.write_all(b"\n")
        }
    });
}

/// Prints a document.
pub(crate) fn document(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(json) => text(&json),
        Err(error) => eprintln!("The result could not be written: {error}"),
    }
}

/// Names every fault of the configuration.
pub(crate) fn faults(faults: &[Fault]) {
    let count = faults.len();
    eprintln!(
        "The configuration has {count} fault{}; nothing was started:",
        if count == 1 { "" } else { "s" }
    );
    for fault in faults {
        eprintln!("  {}", tame(&fault.to_string()));
    }
}

/// Says why a command ends, on standard error.
pub(crate) fn trouble(message: &str, next_step: &str) {
    eprintln!("{}", tame(message));
    if !next_step.is_empty() {
        eprintln!("{}", tame(next_step));
    }
}

/// The rights that an account lacks, each line once.
pub(crate) fn missing_lines(snapshot: &Snapshot) -> Vec<String> {
    let rights = snapshot
        .sections
        .values()
        .flat_map(|record| &record.missing_rights);
    let mut lines: Vec<String> = rights
        .filter_map(|right: &MissingRight| right.sudoers_line.clone())
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

/// What a run did, host by host, as text.
pub(crate) fn results_text(end: &RunEnd, origin: &Origin) -> String {
    let results = &end.results;
    let width = results
        .iter()
        .map(|result| result.host.name.chars().count())
        .max()
        .unwrap_or(0)
        .min(40);
    let mut page = String::new();
    if let Origin::Kept(error) = origin {
        page.push_str(&format!(
            "The API did not answer ({}); the hosts are those of the last good configuration.\n",
            tame(error.code())
        ));
    }
    for result in results {
        let seconds = result.report.duration_ms as f64 / 1000.0;
        let line = match (&result.report.snapshot, &result.report.error) {
            (Some(snapshot), _) => sections_text(snapshot, result.unchanged.len()),
            (None, Some(error)) => format!("{}: {} {}", error.code, error.message, error.next_step),
            (None, None) => String::new(),
        };
        let delivery = match &result.delivery {
            Delivery::Sent { .. } => String::new(),
            Delivery::Held | Delivery::Lost => "  NOT REPORTED: the API did not answer".to_owned(),
            Delivery::Refused { code, .. } => format!("  NOT REPORTED: {code}"),
        };
        let name = tame(&result.host.name);
        page.push_str(&format!(
            "{:8}  {name:width$}  {seconds:5.1} s  {}{delivery}\n",
            word(result.report.outcome),
            tame(&line)
        ));
    }
    page.push_str(&summary(results));
    if !end.begun {
        page.push_str("The API did not answer during the whole run and knows nothing of it.\n");
    }
    page
}

/// One line over all.
pub(crate) fn summary(results: &[HostResult]) -> String {
    let count = |wanted: Outcome| {
        results
            .iter()
            .filter(|result| result.report.outcome == wanted)
            .count()
    };
    let lost = results
        .iter()
        .filter(|result| !matches!(result.delivery, Delivery::Sent { .. }))
        .count();
    let mut line = format!(
        "{} hosts: {} complete, {} partial, {} failed, {} skipped",
        results.len(),
        count(Outcome::Complete),
        count(Outcome::Partial),
        count(Outcome::Failed),
        count(Outcome::Skipped)
    );
    let unchanged: usize = results.iter().map(|result| result.unchanged.len()).sum();
    if unchanged > 0 {
        line.push_str(&format!("; {unchanged} sections unchanged"));
    }
    if lost > 0 {
        line.push_str(&format!("; {lost} not reported"));
    }
    line.push('\n');
    line
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "complete",
        Outcome::Partial => "partial",
        Outcome::Failed => "failed",
        Outcome::Skipped => "skipped",
    }
}

fn sections_text(snapshot: &Snapshot, unchanged: usize) -> String {
    let odd: Vec<String> = snapshot
        .sections
        .iter()
        .filter(|(_, record)| !record.status.is_complete())
        .map(|(kind, record)| format!("{kind} {}", status(record.status)))
        .collect();
    let complete = snapshot.sections.len() - odd.len();
    let mut line = format!("{complete} of {} sections complete", snapshot.sections.len());
    if !odd.is_empty() {
        line.push_str(&format!(" ({})", odd.join(", ")));
    }
    if unchanged > 0 {
        line.push_str(&format!(", {unchanged} unchanged"));
    }
    let missing = missing_lines(snapshot).len();
    if missing > 0 {
        line.push_str(&format!(
            "; {missing} sudo rights missing, see luumen-agent check"
        ));
    }
    line
}

fn status(status: SectionStatus) -> String {
    serde_json::to_value(status)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// What a run did, as a document.
pub(crate) fn results_json(end: &RunEnd, origin: &Origin) -> Value {
    let results = &end.results;
    let configuration = match origin {
        Origin::Api => json!({"from": "api"}),
        Origin::Kept(error) => json!({"from": "last_good", "because": error.code()}),
    };
    let hosts: Vec<Value> = results.iter().map(result_json).collect();
    let count = |wanted: Outcome| {
        results
            .iter()
            .filter(|result| result.report.outcome == wanted)
            .count()
    };
    json!({
        "run_id": end.run,
        "started_at": end.started_at,
        "finished_at": end.finished_at,
        "configuration": configuration,
        "known_to_api": end.begun,
        "counts": {
            "hosts": results.len(),
            "complete": count(Outcome::Complete),
            "partial": count(Outcome::Partial),
            "failed": count(Outcome::Failed),
            "skipped": count(Outcome::Skipped),
            "sections_unchanged": results.iter().map(|result| result.unchanged.len()).sum::<usize>(),
        },
        "hosts": hosts,
    })
}

fn result_json(result: &HostResult) -> Value {
    let (host, report) = (&result.host, &result.report);
    let sections: Option<BTreeMap<String, SectionStatus>> = report.snapshot.as_ref().map(|snapshot| {
        snapshot
            .sections
            .iter()
            .map(|(kind, record)| (kind.to_string(), record.status))
            .collect()
    });
    let delivery = match &result.delivery {
        Delivery::Sent { sections, bytes } => {
            json!({"state": "sent", "sections_sent": sections, "body_bytes": bytes})
        }
        Delivery::Held | Delivery::Lost => json!({"state": "lost"}),
        Delivery::Refused { code, .. } => json!({"state": "refused", "code": code}),
    };
    json!({
        "id": host.id,
        "name": host.name,
        "address": host.address,
        "port": host.port,
        "outcome": report.outcome,
        "visited_at": report.visited_at,
        "duration_ms": report.duration_ms,
        "error": report.error,
        "sections": sections,
        "sections_unchanged": result.unchanged,
        "missing_sudoers_lines": report.snapshot.as_ref().map(missing_lines),
        "report": delivery,
    })
}

/// What a run would do.
pub(crate) fn dry_run_text(config: &Config, planned: &[Planned], commands: usize, full: bool) -> String {
    let mut page = String::new();
    for planned in planned {
        let host = planned.host();
        match planned {
            Planned::Visit(visit) => {
                let source = config.credentials.get(&visit.account.credential);
                page.push_str(&tame(&format!(
                    "visit  {}  {}@{}  credential {} ({})",
                    host.name,
                    visit.account.username,
                    host.place(),
                    visit.account.credential,
                    source.map_or_else(String::new, |credential| credential.source.describe())
                )));
                if let Some(seconds) = kept_for_s(config, host, full) {
                    page.push_str(&format!(
                        "  answers kept {} min ago stand where nothing changed",
                        seconds / 60
                    ));
                }
            }
            Planned::Not { error, .. } => {
                page.push_str(&tame(&format!(
                    "skip   {}  {}: {} {}",
                    host.name, error.code, error.message, error.next_step
                )));
            }
        }
        page.push('\n');
    }
    let jumps: Vec<String> = config
        .ssh
        .jumps
        .iter()
        .map(|jump| format!("{}@{}:{}", jump.username, jump.host, jump.port))
        .collect();
    let way = if jumps.is_empty() {
        "directly".to_owned()
    } else {
        format!("through {}", jumps.join(", "))
    };
    let visits = planned
        .iter()
        .filter(|planned| matches!(planned, Planned::Visit(_)))
        .count();
    page.push_str(&format!(
        "{visits} of {} hosts would be visited {way}, {} at a time, host keys {:?}, sudo tier {:?}.\n\
         Each would be sent the {commands} read commands that `luumen-agent commands` prints, in one shell. No host was contacted.\n",
        planned.len(),
        config.limits.concurrency,
        config.ssh.policy,
        config.tier
    ));
    page
}

/// How long ago something was kept that this run may rely on, if the host says that nothing has changed.
fn kept_for_s(config: &Config, host: &HostRef, full: bool) -> Option<u64> {
    let since = kept::kept_since(&config.state_dir, host.id).filter(|_| !full)?;
    let age = SystemTime::now().duration_since(since).ok()?;
    (age < Kept::LONGEST).then_some(age.as_secs())
}

/// What a run would do, as a document.
pub(crate) fn dry_run_json(config: &Config, planned: &[Planned], commands: &[&str], full: bool) -> Value {
    let hosts = planned.iter().map(|planned| {
        let host = planned.host();
        let (account, error) = match planned {
            Planned::Visit(visit) => (Some(&visit.account), None),
            Planned::Not { error, .. } => (None, Some(error)),
        };
        let credential = account.and_then(|account| config.credentials.get(&account.credential));
        json!({
            "id": host.id,
            "name": host.name,
            "address": host.address,
            "port": host.port,
            "would_visit": account.is_some(),
            "username": account.map(|account| &account.username),
            "credential": account.map(|account| &account.credential),
            "secret": credential.map(|credential| credential.source.describe()),
            "answers_kept_for_s": account.and_then(|_| kept_for_s(config, host, full)),
            "error": error,
        })
    });
    json!({
        "dry_run": true,
        "full": full,
        "tier": config.tier,
        "host_key_policy": format!("{:?}", config.ssh.policy).to_lowercase(),
        "concurrency": config.limits.concurrency,
        "commands": commands,
        "hosts": hosts.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use luumen_api::agent::Report;
    use luumen_client::ApiError;
    use luumen_model::{HostId, RunId, Timestamp};

    #[test]
    fn a_run_without_the_api_claims_nothing() {
        let report = Report {
            outcome: Outcome::Complete,
            visited_at: Timestamp::default(),
            duration_ms: 0,
            error: None,
            snapshot: None,
        };
        let host = HostRef {
            id: HostId(uuid::Uuid::nil()),
            name: "db".into(),
            address: "db".into(),
            port: 22,
        };
        let result = HostResult {
            host,
            report,
            unchanged: std::collections::BTreeSet::new(),
            delivery: Delivery::Lost,
        };
        let end = RunEnd {
            run: RunId(uuid::Uuid::nil()),
            started_at: Timestamp::default(),
            finished_at: Timestamp::default(),
            results: vec![result],
            exit: Exit::TryLater,
            begun: false,
        };
        let error = ApiError::TimedOut {
            base: "https://l".into(),
            call: "GET /agent/config".into(),
            seconds: 30,
        };
        assert_eq!(
            results_text(&end, &Origin::Kept(error)),
            "The API did not answer (LUM-API-TIMEOUT); the hosts are those of the last good configuration.\n\
             complete  db    0.0 s    NOT REPORTED: the API did not answer\n\
             1 hosts: 1 complete, 0 partial, 0 failed, 0 skipped; 1 not reported\n\
             The API did not answer during the whole run and knows nothing of it.\n"
        );
    }
}
