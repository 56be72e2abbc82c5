//! One scan from its beginning to its end: look, judge, and say what was not seen.

use std::sync::Arc;

use luumen_collect::{CollectOptions, LookError, Reached};
use luumen_model::{Os, PrivilegeTier, SectionKind, SectionRecord, Snapshot};
use luumen_transport::{ExecError, Session};
use luumen_vuln::{HostReport, Scope, match_snapshot};
use tokio_util::sync::CancellationToken;

use super::{
    catalogue::Opened,
    finding::Finding,
    model::{Scan, ScanSection, ScanState},
};
use crate::{
    bridge::{Id, Problem, Time},
    hosts::SudoTier,
};

/// Where a scan goes: a handle of its own on an open connection.
pub(crate) struct ScanTarget {
    /// The kept host, if it is one.
    pub(crate) host: Option<Id>,
    /// `user@host:port`.
    pub(crate) target: String,
    /// A channel beside the person's shell.
    pub(crate) session: Box<dyn Session>,
}

/// Who has open sessions.
pub(crate) trait ScanSource: Send + Sync {
    /// A handle on an open session, or why there is none.
    fn open(&self, session: Id) -> Result<ScanTarget, Problem>;
}

/// A workbench without sessions has none to scan over.
#[cfg(test)]
pub(crate) struct NoSessions;

#[cfg(test)]
impl ScanSource for NoSessions {
    fn open(&self, session: Id) -> Result<ScanTarget, Problem> {
        let why = format!("no open session has the id {session}");
        Err(Problem::new("LUM-SESSION-GONE", "there is no such session", why)
            .next("Connect to the host first."))
    }
}

/// Everything that a scan keeps.
#[derive(Clone, Debug)]
pub(super) struct Looked {
    pub(super) scan: Scan,
    pub(super) snapshot: Option<Snapshot>,
    pub(super) report: Option<HostReport>,
}

/// What a scan needs besides its target.
pub(super) struct Asked {
    pub(super) tier: SudoTier,
    pub(super) version: String,
    pub(super) catalogue: Result<Option<Opened>, Problem>,
    pub(super) cancel: CancellationToken,
    pub(super) told: Arc<dyn Fn(Reached) + Send + Sync>,
}

/// Facts that are long lists and have places of their own.
const LONG: [SectionKind; 2] = [SectionKind::Packages, SectionKind::PythonPackages];

/// Scans, and answers with what came of it in any case.
pub(super) async fn run(mut scan: Scan, mut session: Box<dyn Session>, asked: Asked) -> Looked {
    let mut options = CollectOptions::new("luumen-desktop", &asked.version);
    options.tier = match asked.tier {
        SudoTier::None => PrivilegeTier::None,
        SudoTier::Standard => PrivilegeTier::Standard,
        SudoTier::Extended => PrivilegeTier::Extended,
    };
    let plan = luumen_collect::plan(&options);
    let seen = luumen_collect::run_watched(&mut session, &plan, &asked.cancel, asked.told).await;
    session.close().await;
    scan.ended_at = Some(Time::now());
    let snapshot = match seen {
        Ok(snapshot) => snapshot,
        Err(error) => return not_seen(scan, &error),
    };
    scan.state = ScanState::Done;
    scan.sections = snapshot
        .sections
        .iter()
        .map(|(kind, record)| section(*kind, record))
        .collect();
    scan.facts = facts(&snapshot);
    let report = judge(&mut scan, &snapshot, asked.catalogue).await;
    Looked {
        scan,
        snapshot: Some(snapshot),
        report,
    }
}

fn not_seen(mut scan: Scan, error: &LookError) -> Looked {
    scan.state = match error {
        LookError::Exec(ExecError::Cancelled { .. }) => ScanState::Cancelled,
        _ => ScanState::Failed,
    };
    if scan.state == ScanState::Failed {
        let problem = Problem::of(error.code(), "the host could not be looked at", error);
        scan.problem = Some(problem.next(match error {
            LookError::Exec(_) => "Look whether the session is still open, reconnect, and scan again.",
            LookError::NoShell { .. } | LookError::Silent { .. } => error.next_step(),
        }));
    }
    scan.unjudged.push("nothing was looked at".to_owned());
    Looked {
        scan,
        snapshot: None,
        report: None,
    }
}

fn section(kind: SectionKind, record: &SectionRecord) -> ScanSection {
    let mut detail: Vec<String> = record
        .problems
        .iter()
        .map(|problem| match &problem.line {
            Some(line) => format!("{}: {} ({line})", problem.command, problem.message),
            None => format!("{}: {}", problem.command, problem.message),
        })
        .collect();
    let mut lines = Vec::new();
    for right in &record.missing_rights {
        detail.push(format!("{}: the account may not run this", right.command));
        lines.extend(right.sudoers_line.clone());
    }
    lines.dedup();
    ScanSection {
        name: kind.as_str().to_owned(),
        status: status(record),
        detail: detail.join("\n"),
        sudo_line: (!lines.is_empty()).then(|| lines.join("\n")),
        ms: u64::try_from(record.duration_ms).unwrap_or(0),
    }
}

/// The status's word, as it is in documents.
fn status(record: &SectionRecord) -> String {
    match serde_json::to_value(record.status) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "parse_error".to_owned(),
    }
}

fn facts(snapshot: &Snapshot) -> serde_json::Map<String, serde_json::Value> {
    snapshot
        .sections
        .iter()
        .filter(|(kind, _)| !LONG.contains(kind))
        .filter_map(|(kind, record)| Some((kind.as_str().to_owned(), record.data.clone()?)))
        .collect()
}

/// What runs on the host, in a few words.
pub(super) fn os_name(snapshot: &Snapshot) -> Option<String> {
    snapshot
        .get::<Os>()
        .map(|os| os.name)
        .filter(|name| !name.is_empty())
}

/// Judges what was seen. Without a catalogue nothing is judged, and that is said.
async fn judge(
    scan: &mut Scan,
    snapshot: &Snapshot,
    catalogue: Result<Option<Opened>, Problem>,
) -> Option<HostReport> {
    let opened = match catalogue {
        Ok(Some(opened)) => opened,
        Ok(None) => {
            scan.problem = Some(
                Problem::new(
                    "LUM-CATALOGUE-NONE",
                    "no catalogue of vulnerabilities is on this device",
                    "what is installed is judged by one",
                )
                .next("Import a catalogue, or run `luumen feeds pull` and `luumen feeds build`; then scan again."),
            );
            scan.unjudged
                .push("vulnerabilities: there is no catalogue on this device".to_owned());
            return None;
        }
        Err(problem) => {
            scan.unjudged.push(format!("vulnerabilities: {}", problem.title));
            scan.problem = Some(problem);
            return None;
        }
    };
    let info = opened.info.clone();
    let (snapshot, now) = (snapshot.clone(), Time::now().0);
    let judged = tokio::task::spawn_blocking(move || {
        let mut report = match_snapshot(&opened.catalogue, &snapshot, Scope::Open, now);
        report.tell_scores(&opened.catalogue);
        report
    })
    .await;
    let Ok(report) = judged else {
        scan.unjudged
            .push("vulnerabilities: judging them failed".to_owned());
        scan.problem =
            Some(Problem::new("LUM-SCAN-JUDGE", "nothing was judged", "judging failed").next("Scan again."));
        return None;
    };
    scan.catalogue = Some(info);
    take_report(scan, &report);
    Some(report)
}

fn take_report(scan: &mut Scan, report: &HostReport) {
    scan.package_count = report.package_count;
    scan.unjudged.extend(
        report
            .not_evaluated
            .iter()
            .map(|gap| format!("{}: {}", gap.what, gap.why)),
    );
    for finding in &report.findings {
        match Finding::try_from(finding) {
            Ok(finding) => scan.findings.push(finding),
            Err(error) => scan.unjudged.push(format!("{}: {error}", finding.vulnerability)),
        }
    }
}
