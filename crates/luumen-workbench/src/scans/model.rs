//! What is told of a scan.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use super::finding::Finding;
use crate::bridge::{Id, Problem, Time};

/// How a scan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ScanState {
    /// It looks.
    Running,
    /// It has looked; sections say how well.
    Done,
    /// Its person stopped it.
    Cancelled,
    /// Nothing could be seen.
    Failed,
}

impl ScanState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// One part of what was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScanSection {
    /// `packages`, `kernel`, …
    pub name: String,
    /// `ok`, `partial`, `denied`, `timeout`, `truncated`, `unsupported`, `parse_error`.
    pub status: String,
    /// What was not read and why; empty when all was.
    pub detail: String,
    /// The lines of sudoers that would allow what was refused.
    pub sudo_line: Option<String>,
    /// Time spent on it on the host.
    pub ms: u64,
}

/// The catalogue that judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CatalogueInfo {
    /// Its file.
    pub path: String,
    /// When it was built.
    pub built_at: Time,
    /// Whether it holds data made up for show, or only samples.
    pub sample: bool,
    /// How old it was when it judged, in days.
    pub age_days: u32,
}

/// A scan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Scan {
    /// Its id.
    pub id: Id,
    /// The kept host, if it is one.
    pub host: Option<Id>,
    /// `user@host:port`.
    pub target: String,
    /// How it stands.
    pub state: ScanState,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// What was looked at, and how well.
    pub sections: Vec<ScanSection>,
    /// What was seen, by section; long lists of packages are left out.
    #[ts(type = "Record<string, unknown>")]
    pub facts: Map<String, Value>,
    /// What has to be looked at, the most urgent first.
    pub findings: Vec<Finding>,
    /// What could not be judged, and why. It never means "nothing found".
    pub unjudged: Vec<String>,
    /// How many packages were judged.
    pub package_count: u64,
    /// The catalogue that judged; none when there was none.
    pub catalogue: Option<CatalogueInfo>,
    /// Why it failed, or why nothing was judged.
    pub problem: Option<Problem>,
}

/// A scan in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ScanRow {
    /// Its id.
    pub id: Id,
    /// The kept host, if it is one.
    pub host: Option<Id>,
    /// `user@host:port`.
    pub target: String,
    /// How it stands.
    pub state: ScanState,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Open findings.
    pub findings: usize,
    /// Those of critical severity, or known to be exploited.
    pub urgent: usize,
    /// Whether something was not read or not judged.
    pub partial: bool,
}

impl Scan {
    /// A scan that begins.
    pub(super) fn begun(id: Id, host: Option<Id>, target: String, at: Time) -> Self {
        Self {
            id,
            host,
            target,
            state: ScanState::Running,
            started_at: at,
            ended_at: None,
            sections: Vec::new(),
            facts: Map::new(),
            findings: Vec::new(),
            unjudged: Vec::new(),
            package_count: 0,
            catalogue: None,
            problem: None,
        }
    }

    /// The same in a list.
    pub(super) fn row(&self) -> ScanRow {
        let complete =
            |section: &ScanSection| matches!(section.status.as_str(), "ok" | "unsupported" | "unchanged");
        ScanRow {
            id: self.id,
            host: self.host,
            target: self.target.clone(),
            state: self.state,
            started_at: self.started_at,
            ended_at: self.ended_at,
            findings: self.findings.len(),
            urgent: self.findings.iter().filter(|finding| finding.is_urgent()).count(),
            partial: !self.sections.iter().all(complete) || !self.unjudged.is_empty(),
        }
    }
}
