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

/// How much of a host a scan could judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// What is installed, by what its vendor says: none found means that none is known.
    Whole,
    /// Some of that: none found says nothing of the rest.
    Part,
    /// Nothing, so nobody knows how many there are.
    #[default]
    Nothing,
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
    /// How much could be judged; made anew from the rest whenever a scan is kept or read.
    #[serde(default)]
    pub judged: Judged,
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
    /// How much could be judged.
    #[serde(default)]
    pub judged: Judged,
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
            judged: Judged::Nothing,
            package_count: 0,
            catalogue: None,
            problem: None,
        }
    }

    /// What the gaps are about: `os`, `packages`, …
    pub(super) fn gaps(&self) -> impl Iterator<Item = &str> {
        self.unjudged
            .iter()
            .filter_map(|gap| Some(gap.split_once(':')?.0))
    }

    /// How much could be judged, as far as this is known of a scan of any version of Luumen.
    pub(super) fn judgement(&self) -> Judged {
        let has = |what: &str| self.gaps().any(|gap| gap == what);
        // Where judging itself failed, earlier ones name a catalogue all the same.
        if self.state != ScanState::Done || self.catalogue.is_none() || has("vulnerabilities") {
            return Judged::Nothing;
        }
        if !has("os") && !has("packages") {
            return Judged::Whole;
        }
        if self.package_count > 0 || !self.findings.is_empty() {
            Judged::Part
        } else {
            Judged::Nothing
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
            judged: self.judgement(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scan to its end with these gaps, so many packages judged and so many findings.
    fn scan(gaps: &[&str], packages: u64, findings: usize) -> Scan {
        let finding = serde_json::json!({
            "vulnerability": "CVE-1", "package": "bash", "installed": [], "verdict": "vulnerable", "reason": "", "why": "",
            "confidence": "high", "source": "", "authority": "", "status": "", "end_of_life": false, "severity": "high",
            "ransomware": false,
        });
        let finding: Finding = serde_json::from_value(finding).expect("a finding");
        let mut scan = Scan::begun(Id::new(), None, "ann@web:22".to_owned(), Time::now());
        scan.state = ScanState::Done;
        scan.catalogue = Some(CatalogueInfo {
            path: "catalogue".to_owned(),
            built_at: Time::now(),
            sample: false,
            age_days: 0,
        });
        scan.unjudged = gaps.iter().map(|gap| (*gap).to_owned()).collect();
        scan.package_count = packages;
        scan.findings = vec![finding; findings];
        scan
    }

    #[test]
    fn what_was_not_judged_is_never_none() {
        #[track_caller]
        fn check(gaps: &[&str], packages: u64, findings: usize, judged: Judged) {
            assert_eq!(scan(gaps, packages, findings).row().judged, judged, "{gaps:?}");
        }
        check(&[], 300, 0, Judged::Whole);
        let beside = ["kernel: it runs no package", "catalogue: old"];
        check(&beside, 300, 2, Judged::Whole);
        let torn = ["packages: it was not collected whole: partial"];
        check(&torn, 290, 0, Judged::Part);
        let unknown = ["packages: the catalogue holds nothing for alpine/3.20"];
        check(&unknown, 0, 0, Judged::Nothing);
        // What lies apart of the system's packages was judged.
        check(&unknown, 0, 1, Judged::Part);
        let denied = ["os: it was not collected whole: denied", "packages: not known"];
        check(&denied, 0, 0, Judged::Nothing);
        check(&["vulnerabilities: judging them failed"], 0, 0, Judged::Nothing);
    }

    #[test]
    fn a_scan_without_a_catalogue_or_an_end_judged_nothing() {
        let mut whole = scan(&[], 300, 0);
        for state in [ScanState::Running, ScanState::Cancelled, ScanState::Failed] {
            whole.state = state;
            assert_eq!(whole.judgement(), Judged::Nothing, "{state:?}");
        }
        whole.state = ScanState::Done;
        assert_eq!(whole.judgement(), Judged::Whole);
        whole.catalogue = None;
        assert_eq!(whole.judgement(), Judged::Nothing);
    }
}
