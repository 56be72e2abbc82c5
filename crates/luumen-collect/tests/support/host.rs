//! A host in words: what its commands say, without a shell.

use std::fmt::Write as _;

use luumen_collect::{CollectOptions, VisitFacts, parse, plan_with_marker};
use luumen_model::{PrivilegeTier, SectionKind, SectionStatus, Snapshot, Timestamp};

/// A host that answers what it is told to, and has nothing to run all else on.
#[derive(Debug)]
pub(crate) struct Host {
    files: (String, i32),
    /// What grep said of files that it could not read.
    pub(crate) complaint: &'static str,
    answers: Vec<(&'static str, String, &'static str, i32)>,
    /// Commands that ran through sudo: their end is told behind their output.
    by_sudo: Vec<(&'static str, String)>,
    tier: PrivilegeTier,
}

impl Host {
    pub(crate) fn new() -> Self {
        Self {
            files: (String::new(), 0),
            complaint: "",
            answers: Vec::new(),
            by_sudo: Vec::new(),
            tier: PrivilegeTier::Extended,
        }
    }

    pub(crate) fn files(mut self, rows: &str, code: i32) -> Self {
        self.files = (rows.to_owned(), code);
        self
    }

    pub(crate) fn says(mut self, id: &'static str, stdout: &str, stderr: &'static str, code: i32) -> Self {
        self.answers.push((id, stdout.to_owned(), stderr, code));
        self
    }

    /// `end`: what stands behind the output, with `@` for the mark's beginning.
    pub(crate) fn says_by_sudo(mut self, id: &'static str, stdout: &str, end: &str) -> Self {
        self.by_sudo.push((id, format!("{stdout}{end}")));
        self
    }

    pub(crate) fn visit(&self) -> Snapshot {
        let mut options = CollectOptions::new("test", "0");
        options.tier = self.tier;
        let plan = plan_with_marker(&options, "M");
        let mut out = format!("\n@M u 1000\n\n@M b files 1.0\n{}", self.files.0);
        let mut err = format!("\n@M b files\n{}\n@M r files {}\n", self.complaint, self.files.1);
        for (index, command) in plan.commands().iter().enumerate() {
            let answer = self.answers.iter().find(|(id, ..)| *id == command.id());
            let by_sudo = self.by_sudo.iter().find(|(id, _)| *id == command.id());
            if let Some((_, stdout, stderr, code)) = answer {
                let _ = write!(out, "\n@M b {index} 1.0\n{stdout}");
                let _ = write!(err, "\n@M b {index}\n{stderr}\n@M r {index} {code} 0\n");
            } else if let Some((_, text)) = by_sudo {
                let text = text.replace('@', &format!("\n@M r {index} "));
                let _ = write!(out, "\n@M b {index} 1.0\n{text}");
                let _ = write!(err, "\n@M b {index}\n");
            } else {
                let _ = write!(out, "\n@M n {index} \n");
            }
        }
        out.push_str("\n@M b end 2.0\n");
        let facts = VisitFacts {
            taken_at: Timestamp::from_seconds(0),
            duration_ms: 0,
            username: "scan".to_owned(),
            truncated: false,
        };
        parse(&plan, out.as_bytes(), err.as_bytes(), &facts)
    }

    #[track_caller]
    pub(crate) fn check(&self, kind: SectionKind, status: SectionStatus) -> Snapshot {
        let snapshot = self.visit();
        let record = &snapshot.sections[&kind];
        assert_eq!(record.status, status, "{kind}: {record:?}");
        snapshot
    }
}
