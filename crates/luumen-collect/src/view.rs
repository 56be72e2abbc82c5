//! What the section readers look at: files by path, outputs by command id, and a notebook for what was odd.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
};

use luumen_model::{MissingRight, Problem};

use crate::{
    parse::VisitFacts,
    plan::Plan,
    transcript::{Fate, Said, Transcript},
};

/// Longest piece of an odd line that is kept, in characters.
const LINE_CHARS: usize = 200;
/// More problems than this in one section say nothing new.
pub(crate) const MAX_PROBLEMS: usize = 20;

/// All that a visit saw, ready to be read section by section.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) transcript: &'a Transcript<'a>,
    pub(crate) facts: &'a VisitFacts,
    files: BTreeMap<&'a str, Vec<&'a str>>,
    denied: BTreeSet<&'a str>,
    existing: BTreeSet<&'a str>,
    keys: HashMap<&'static str, String>,
}

impl<'a> View<'a> {
    pub(crate) fn new(plan: &'a Plan, transcript: &'a Transcript<'a>, facts: &'a VisitFacts) -> Self {
        let keys = plan
            .commands
            .iter()
            .enumerate()
            .map(|(index, command)| (command.id, index.to_string()))
            .collect();
        let mut this = Self {
            plan,
            transcript,
            facts,
            files: BTreeMap::new(),
            denied: BTreeSet::new(),
            existing: BTreeSet::new(),
            keys,
        };
        if let Fate::Ran(said) = transcript.fate("files") {
            this.read_files(&said);
        }
        for id in ["probe.paths", "probe.links"] {
            if let Some(said) = this.said(id) {
                this.existing.extend(said.stdout.lines());
            }
        }
        this
    }

    fn read_files(&mut self, said: &Said<'a>) {
        for row in said.stdout.lines() {
            if let Some((path, line)) = row.split_once(':') {
                self.files.entry(path).or_default().push(line);
            }
        }
        for row in said.stderr.lines() {
            let denied = row
                .strip_suffix(": Permission denied")
                .and_then(|row| row.strip_prefix("grep: "));
            self.denied.extend(denied);
        }
    }

    /// What became of a command; `NotReached` too when it was not planned.
    pub(crate) fn fate(&self, id: &str) -> Fate<'a> {
        self.keys
            .get(id)
            .map_or(Fate::NotReached, |key| self.transcript.fate(key))
    }

    /// What a command said, if it ran.
    pub(crate) fn said(&self, id: &str) -> Option<Said<'a>> {
        match self.fate(id) {
            Fate::Ran(said) => Some(said),
            _ => None,
        }
    }

    /// What a command printed, if it ran and was not refused by sudo.
    pub(crate) fn output(&self, id: &str) -> Option<&'a str> {
        self.said(id)
            .filter(|said| !refused(said))
            .map(|said| said.stdout)
    }

    /// The lines of a file; none when it is absent, empty or unreadable.
    pub(crate) fn lines(&self, path: &str) -> &[&'a str] {
        self.files.get(path).map_or(&[], Vec::as_slice)
    }

    /// The first line of a file, trimmed, unless empty.
    pub(crate) fn first(&self, path: &str) -> Option<&'a str> {
        self.lines(path)
            .first()
            .map(|line| line.trim())
            .filter(|line| !line.is_empty())
    }

    /// True when the file was read and had at least one line.
    pub(crate) fn has_file(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// All files read whose path begins and ends so, in path order.
    pub(crate) fn files<'s>(
        &'s self,
        prefix: &'s str,
        suffix: &'s str,
    ) -> impl Iterator<Item = (&'a str, &'s [&'a str])> + 's {
        let from = self
            .files
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        from.take_while(move |(path, _)| path.starts_with(prefix))
            .filter(move |(path, _)| path.len() >= prefix.len() + suffix.len() && path.ends_with(suffix))
            .map(|(path, lines)| (*path, lines.as_slice()))
    }

    /// Paths that the account may not read.
    pub(crate) fn denied(&self) -> &BTreeSet<&'a str> {
        &self.denied
    }

    /// True when the probe saw the path.
    pub(crate) fn exists(&self, path: &str) -> bool {
        self.existing.contains(path)
    }

    /// Probed paths that begin so, in order.
    pub(crate) fn probed<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = &'a str> + 's {
        let from = self
            .existing
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        from.copied().take_while(move |path| path.starts_with(prefix))
    }

    /// True when the probe ran, so that a path it did not name is absent.
    pub(crate) fn probe_ran(&self) -> bool {
        self.said("probe.paths").is_some()
    }

    /// Names of running programs, as the kernel cuts them (15 characters).
    pub(crate) fn programs(&self) -> BTreeSet<&'a str> {
        self.files("/proc/", "/comm")
            .filter_map(|(_, lines)| lines.first().copied())
            .collect()
    }
}

/// True when sudo itself refused, not the program behind it.
pub(crate) fn refused(said: &Said<'_>) -> bool {
    let words = [
        "password is required",
        "not allowed to",
        "may not run",
        "must have a tty",
        "no tty present",
        "not in the sudoers",
    ];
    said.code != Some(0)
        && said.stdout.is_empty()
        && said
            .stderr
            .lines()
            .any(|line| words.iter().any(|word| line.contains(word)))
}

/// What a section reader notes besides the facts.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) problems: Vec<Problem>,
    pub(crate) rights: Vec<MissingRight>,
    pub(crate) forgiven: Vec<&'static str>,
}

impl Notes {
    /// Notes an odd line.
    pub(crate) fn odd(&mut self, command: &str, message: &str, line: &str) {
        self.push(command, message, Some(line.chars().take(LINE_CHARS).collect()));
    }

    /// Notes something that concerns no single line.
    pub(crate) fn problem(&mut self, command: &str, message: &str) {
        self.push(command, message, None);
    }

    fn push(&mut self, command: &str, message: &str, line: Option<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem {
                command: command.to_owned(),
                message: message.to_owned(),
                line,
            });
        }
    }

    /// Whatever kept this command from answering does not matter: another one gave the whole answer.
    pub(crate) fn forgive(&mut self, command: &'static str) {
        self.forgiven.push(command);
    }

    /// Takes over what a line parser could read, and notes what it could not.
    pub(crate) fn take<T>(&mut self, parsed: luumen_model::Parsed<T>) -> Vec<T> {
        for problem in parsed.problems {
            if self.problems.len() < MAX_PROBLEMS {
                self.problems.push(problem);
            }
        }
        parsed.items
    }
}
