//! What the section readers look at: files by path, outputs by command id, and a notebook for what was odd.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
};

use luumen_model::{MissingRight, Problem};

use crate::{
    catalogue::{self, SUDO_GATE},
    command::{Action, ReadCommand},
    judge,
    parse::{VisitFacts, secrets::in_command},
    plan::Plan,
    transcript::{Fate, Said, Transcript},
};

/// Longest piece of an odd line that is kept, in characters.
const LINE_CHARS: usize = 200;
/// Why a file that is there cannot be read by anybody: the disk or the server that holds it is ill. What the kernel says of
/// files of its own (`Invalid argument`) tells that there is nothing to read.
const BROKEN: [&str; 4] = [
    "Input/output error",
    "Stale file handle",
    "Transport endpoint is not connected",
    "Structure needs cleaning",
];
/// Colons of a row among which the end of its path is looked for.
const MAX_COLONS: usize = 16;
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
    broken: BTreeSet<(&'a str, &'a str)>,
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
            broken: BTreeSet::new(),
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
        let asked: Vec<&str> = self
            .plan
            .commands
            .iter()
            .filter_map(|command| match command.action {
                Action::Files(paths) => Some(paths),
                _ => None,
            })
            .flatten()
            .copied()
            .collect();
        let mut path = "";
        for row in said.stdout.lines() {
            // One file's lines stand together, so most rows begin as the one before.
            let same = row.strip_prefix(path).and_then(|rest| rest.strip_prefix(':'));
            if let Some(line) = same.filter(|_| !path.is_empty()) {
                self.files.entry(path).or_default().push(line);
            } else if let Some((name, line)) = path_and_line(row, &asked) {
                path = name;
                self.files.entry(path).or_default().push(line);
            }
        }
        for row in said.stderr.lines() {
            let denied = row
                .strip_suffix(": Permission denied")
                .and_then(|row| row.strip_prefix("grep: "));
            self.denied.extend(denied);
            let complaint = row.strip_prefix("grep: ").and_then(|row| row.rsplit_once(": "));
            self.broken
                .extend(complaint.filter(|(_, why)| BROKEN.contains(why)));
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
        let by_sudo = catalogue::find(id).is_some_and(|command| self.by_sudo(command));
        self.said(id)
            .filter(|said| !refused(said, by_sudo))
            .map(|said| said.stdout)
    }

    /// What a command printed, unless it failed without a word: then an empty answer is none.
    pub(crate) fn answer(&self, id: &str) -> Option<&'a str> {
        let failed = |said: &Said<'_>| said.code != Some(0) && said.stdout.trim().is_empty();
        self.said(id).filter(|said| !failed(said))?;
        self.output(id)
    }

    /// True when this account runs the command through sudo, or asks sudo itself.
    pub(crate) fn by_sudo(&self, command: &ReadCommand) -> bool {
        let sudo = matches!(command.action, Action::Sudo { .. }) || command.id == SUDO_GATE;
        sudo && self.transcript.uid != Some(0)
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

    /// Paths that are there and could not be read, each with the reason.
    pub(crate) fn broken(&self) -> &BTreeSet<(&'a str, &'a str)> {
        &self.broken
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

    /// Names of running programs, as the kernel cuts them (15 characters). None where the account sees its own only: with
    /// `hidepid`, the first process is not there.
    pub(crate) fn programs(&self, notes: &mut Notes) -> Option<BTreeSet<&'a str>> {
        if !self.sees_all_programs() {
            notes.problem(
                "vitals.files",
                "the account sees its own processes only (hidepid), so it is not known what runs",
            );
            return None;
        }
        let names = self
            .files("/proc/", "/comm")
            .filter_map(|(_, lines)| lines.first().copied());
        Some(names.collect())
    }

    /// Whether the account sees the processes of others.
    pub(crate) fn sees_all_programs(&self) -> bool {
        self.has_file("/proc/1/comm")
    }

    /// What rpm printed of the installed packages, asked as root or not.
    pub(crate) fn rpm_packages(&self) -> Option<&'a str> {
        self.output("packages.rpm")
            .or_else(|| self.output("packages.rpm_root"))
    }
}

/// The path and the line of `path:line`. A path may hold colons itself, as those of SUSE's repositories do: it ends where
/// it is one that was asked for.
fn path_and_line<'a>(row: &'a str, asked: &[&str]) -> Option<(&'a str, &'a str)> {
    let ends = row.match_indices(':').map(|(at, _)| at);
    let is_asked = |at: &usize| asked.iter().any(|glob| judge::matches(glob, &row[..*at]));
    let end = ends.take(MAX_COLONS).find(is_asked).or_else(|| row.find(':'))?;
    Some((&row[..end], &row[end + 1..]))
}

/// True when sudo itself refused, not the program behind it. Programs that ask for rights of their own have words, too.
pub(crate) fn refused(said: &Said<'_>, by_sudo: bool) -> bool {
    let words = [
        "password is required",
        "not allowed to",
        "may not run",
        "must have a tty",
        "no tty present",
        "not in the sudoers",
    ];
    let refuses = |line: &str| {
        words.iter().any(|word| line.contains(word)) || (by_sudo && of_sudo(line) && !is_notice(line))
    };
    said.code != Some(0) && said.stdout.is_empty() && said.stderr.lines().any(refuses)
}

/// True for a line that sudo says about itself. sudo-rs has other words for the same, and more with each version.
fn of_sudo(line: &str) -> bool {
    ["sudo: ", "sudo-rs: ", "Sorry, user "]
        .iter()
        .any(|start| line.starts_with(start))
}

/// What sudo mentions before it runs a command all the same, or that tells nothing of rights.
fn is_notice(line: &str) -> bool {
    let words = [
        "unable to resolve host",
        "unable to send audit message",
        "unknown defaults entry",
        "command not found",
    ];
    words.iter().any(|word| line.contains(word))
}

/// The lines of complaint of the program itself. sudo-rs shows at every call what it does not know in sudoers files: where
/// it stands, the line, and a row of `^~~~` under it.
pub(crate) fn complaints<'a>(said: &Said<'a>) -> impl Iterator<Item = &'a str> {
    let mut shown = 0;
    let lines = said.stderr.lines().map(str::trim);
    lines.filter(move |line| {
        if is_place(line) {
            shown = 2;
            return false;
        }
        if shown > 0 {
            shown -= 1;
            return false;
        }
        !(line.is_empty() || (of_sudo(line) && is_notice(line)))
    })
}

/// `/etc/sudoers.d/luumen:1:18: 'requiretty' cannot be used in a boolean context`.
fn is_place(line: &str) -> bool {
    let mut parts = line.splitn(4, ':');
    let number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    parts.next().is_some_and(|path| path.contains("/sudoers"))
        && number(parts.next())
        && number(parts.next())
        && parts.next().is_some()
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
        self.keep(Problem {
            command: command.to_owned(),
            message: message.to_owned(),
            line,
        });
    }

    /// A line that nobody understood may hold a password as well as any other.
    fn keep(&mut self, mut problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            problem.line = problem.line.as_deref().map(in_command);
            self.problems.push(problem);
        }
    }

    /// Whatever kept this command from answering does not matter: another one gave the whole answer.
    pub(crate) fn forgive(&mut self, command: &'static str) {
        self.forgiven.push(command);
    }

    /// Takes over what a line parser could read, and notes what it could not.
    pub(crate) fn take<T>(&mut self, parsed: luumen_model::Parsed<T>) -> Vec<T> {
        for problem in parsed.problems {
            self.keep(problem);
        }
        parsed.items
    }
}

#[cfg(test)]
mod tests {
    use super::{complaints, path_and_line, refused};
    use crate::transcript::Said;

    /// What sudo-rs 0.2.5 of Debian 13 says of our own file, at every call.
    const NOTICE: &str = "/etc/sudoers.d/luumen:1:18: 'requiretty' cannot be used in a boolean context\n\
                          Defaults:nobody !requiretty, !use_pty, !mail_badpass, !mail_no_perms\n\
                          \x20                ^~~~~~~~~~\n";

    fn said(stderr: &str) -> Said<'_> {
        Said {
            stderr,
            code: Some(1),
            ..Said::default()
        }
    }

    #[track_caller]
    fn check(stderr: &str, expected: bool) {
        assert_eq!(refused(&said(stderr), true), expected, "{stderr}");
        let noticed = format!("{NOTICE}{stderr}");
        assert_eq!(refused(&said(&noticed), true), expected, "{noticed}");
    }

    #[test]
    fn a_refusal_is_known_whichever_sudo_it_is() {
        check("sudo: a password is required\n", true);
        check(
            "Sorry, user nobody is not allowed to execute '/usr/bin/cat' as root on vm.\n",
            true,
        );
        check("sudo: sorry, you must have a tty to run sudo\n", true);
        check("sudo-rs: I'm sorry nobody. I'm afraid I can't do that\n", true);
        check("sudo-rs: interactive authentication is required\n", true);
        check("sudo-rs: Sorry, user nobody may not run sudo on vm.\n", true);
        check("sudo: Authentication failed, try again.\n", true);
        check(
            "sudo: unable to resolve host vm: Name or service not known\n",
            false,
        );
        check("sudo: /usr/sbin/auditctl: command not found\n", false);
        check("Error - audit support not in kernel\n", false);
        check("", false);
    }

    #[test]
    fn a_path_may_hold_colons() {
        let asked = ["/etc/hosts", "/etc/zypp/repos.d/*.repo", "/proc/[0-9]*/comm"];
        let check = |row, path, line| assert_eq!(path_and_line(row, &asked), Some((path, line)), "{row}");
        check("/etc/hosts:::1 localhost", "/etc/hosts", "::1 localhost");
        check("/proc/7/comm:a:b", "/proc/7/comm", "a:b");
        let sles = "/etc/zypp/repos.d/SUSE_Linux_Enterprise_Server_15_SP5_x86_64:SLE-Product.repo";
        for line in ["[x]", "baseurl=https://h/a:b.repo:c", ""] {
            let row = format!("{sles}:{line}");
            assert_eq!(path_and_line(&row, &asked), Some((sles, line)));
        }
        check("/never/asked:for:this", "/never/asked", "for:this");
        assert_eq!(path_and_line("no path", &asked), None);
    }

    #[test]
    fn a_program_that_says_something_was_not_refused() {
        let mut answered = said("sudo: odd\n");
        answered.stdout = "facts";
        assert!(!refused(&answered, true));
        assert!(!refused(&said("sudo: odd\n"), false), "root asks no sudo");
        let well = Said {
            code: Some(0),
            ..said("sudo: odd\n")
        };
        assert!(!refused(&well, true));
    }

    #[test]
    fn complaints_are_those_of_the_program() {
        let text =
            format!("{NOTICE}\nsudo: unable to resolve host vm: x\nfind: /home/a: Stale file handle\n");
        assert_eq!(
            complaints(&said(&text)).collect::<Vec<_>>(),
            ["find: /home/a: Stale file handle"]
        );
    }
}
