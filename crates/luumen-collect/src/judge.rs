//! Decides a section's status from what became of its commands. "Not collected" is never "fine".

use luumen_model::{ContentHash, MissingRight, PrivilegeTier, SectionKind, SectionRecord, SectionStatus};
use serde_json::Value;

use crate::{
    command::{Action, ReadCommand},
    transcript::{Fate, Said},
    view::{Notes, View, refused},
};

/// What the commands of a section came to, worst first.
#[derive(Debug, Default)]
struct Tally {
    not_reached: bool,
    timed_out: bool,
    truncated: bool,
    duration_ms: i64,
}

/// The record of a section: facts, status, and what was missing.
pub(crate) fn record(
    kind: SectionKind,
    view: &View<'_>,
    data: Option<Value>,
    mut notes: Notes,
) -> SectionRecord {
    let mut tally = Tally::default();
    for command in view
        .plan
        .commands
        .iter()
        .filter(|command| command.sections.contains(&kind))
    {
        if !notes.forgiven.contains(&command.id) {
            weigh(command, view, &mut tally, &mut notes);
        }
    }
    let nothing = data.is_none();
    let status = if tally.not_reached && view.facts.truncated {
        SectionStatus::Truncated
    } else if tally.not_reached || tally.timed_out {
        SectionStatus::Timeout
    } else if tally.truncated {
        SectionStatus::Truncated
    } else if nothing && !notes.rights.is_empty() {
        SectionStatus::Denied
    } else if nothing && !notes.problems.is_empty() {
        SectionStatus::ParseError
    } else if nothing {
        SectionStatus::Unsupported
    } else if !notes.problems.is_empty() || !notes.rights.is_empty() {
        SectionStatus::Partial
    } else {
        SectionStatus::Ok
    };
    SectionRecord {
        status,
        duration_ms: tally.duration_ms,
        hash: data.as_ref().map(ContentHash::of),
        data,
        problems: notes.problems,
        missing_rights: notes.rights,
    }
}

fn weigh(command: &ReadCommand, view: &View<'_>, tally: &mut Tally, notes: &mut Notes) {
    let fate = match command.action {
        Action::Files(_) => view.transcript.fate("files"),
        _ => view.fate(command.id),
    };
    match fate {
        Fate::Absent => {}
        // "Unchanged" is an answer only where one was kept (`kept`); elsewhere the command did not run.
        Fate::NotReached | Fate::Unchanged => {
            tally.not_reached = true;
            notes.problem(command.id, "the visit ended before this command");
        }
        Fate::NoRight(choice) => notes.rights.push(missing_right(command, view, choice)),
        Fate::Ran(said) => weigh_said(command, view, &said, tally, notes),
    }
}

fn weigh_said(command: &ReadCommand, view: &View<'_>, said: &Said<'_>, tally: &mut Tally, notes: &mut Notes) {
    if let Action::Files(paths) = command.action {
        // All files are read by one process; its time is nobody's in particular.
        tally.timed_out |= said.code.is_none_or(timed_out);
        for path in view
            .denied()
            .iter()
            .filter(|path| paths.iter().any(|glob| matches(glob, path)))
        {
            notes.odd(command.id, "the account may not read this file", path);
            notes.rights.push(MissingRight {
                command: command.id.to_owned(),
                sudoers_line: None,
                tier: PrivilegeTier::Extended,
            });
        }
        return;
    }
    tally.duration_ms = tally.duration_ms.saturating_add(said.duration_ms);
    match said.code {
        None => {
            tally.not_reached = true;
            notes.problem(command.id, "the visit ended while this command ran");
        }
        Some(code) if command.timeout_s.is_some() && timed_out(code) => {
            tally.timed_out = true;
            notes.problem(command.id, "did not end in time");
        }
        Some(_) if refused(said) => notes.rights.push(missing_right(command, view, said.choice)),
        Some(code) if code != 0 && !command.lenient => {
            let why = said
                .stderr
                .lines()
                .map(str::trim)
                .find(|line| !line.is_empty())
                .unwrap_or("");
            notes.odd(command.id, &format!("ended with exit code {code}"), why);
        }
        Some(_) => {}
    }
    if command
        .cap_bytes
        .is_some_and(|cap| said.stdout.len() as u64 >= cap)
    {
        tally.truncated = true;
        notes.problem(command.id, "said more than is kept; the rest was cut");
    }
}

/// 124 is what `timeout` says, 137 what is left after its KILL, 143 what busybox's says.
pub(crate) fn timed_out(code: i32) -> bool {
    matches!(code, 124 | 137 | 143)
}

fn missing_right(command: &ReadCommand, view: &View<'_>, choice: usize) -> MissingRight {
    let mut lines = command.sudoers_lines(&view.facts.username);
    let line = if choice < lines.len() {
        Some(lines.swap_remove(choice))
    } else {
        lines.pop()
    };
    MissingRight {
        command: command.id.to_owned(),
        sudoers_line: line,
        tier: command.tier(),
    }
}

/// Whether `path` may have come from `glob`: `*` and `[0-9]` stand for anything but a slash.
fn matches(glob: &str, path: &str) -> bool {
    if glob == path {
        return true;
    }
    let (mut globs, mut paths) = (glob.split('/'), path.split('/'));
    loop {
        match (globs.next(), paths.next()) {
            (None, None) => return true,
            (Some(glob), Some(path)) if part_matches(glob, path) => {}
            _ => return false,
        }
    }
}

fn part_matches(glob: &str, part: &str) -> bool {
    match glob.find(['*', '[']) {
        None => glob == part,
        Some(at) => {
            let tail = glob.rfind(['*', ']']).map_or("", |end| &glob[end + 1..]);
            part.starts_with(&glob[..at]) && part.ends_with(tail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_denied_path_finds_its_glob() {
        assert!(matches("/etc/cron.d/*", "/etc/cron.d/backup"));
        assert!(matches("/etc/cron.d/*", "/etc/cron.d/*"));
        assert!(matches("/proc/[0-9]*/comm", "/proc/12/comm"));
        assert!(matches(
            "/etc/ssh/ssh_host_*_key.pub",
            "/etc/ssh/ssh_host_rsa_key.pub"
        ));
        assert!(!matches("/etc/cron.d/*", "/etc/cron.d/a/b"));
        assert!(!matches("/etc/ssh/*.conf", "/etc/ssh/moduli"));
    }
}
