//! Decides a section's status from what became of its commands. "Not collected" is never "fine".

use luumen_model::{ContentHash, MissingRight, PrivilegeTier, SectionKind, SectionRecord, SectionStatus};
use serde_json::Value;

use crate::{
    command::{Action, ReadCommand},
    transcript::{Fate, Said},
    view::{Notes, View, complaints, refused},
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
    let of_section = || {
        let commands = view.plan.commands.iter();
        commands.filter(|command| command.sections.contains(&kind))
    };
    for command in of_section() {
        if !notes.forgiven.contains(&command.id) {
            weigh(command, view, &mut tally, &mut notes);
        }
    }
    // Of what nobody was asked there are no facts, not even empty lists.
    let data = data.filter(|_| of_section().any(|command| fate_of(command, view) != Fate::NotReached));
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

fn fate_of<'a>(command: &ReadCommand, view: &View<'a>) -> Fate<'a> {
    match command.action {
        Action::Files(_) => view.transcript.fate("files"),
        _ => view.fate(command.id),
    }
}

fn weigh(command: &ReadCommand, view: &View<'_>, tally: &mut Tally, notes: &mut Notes) {
    match fate_of(command, view) {
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
        weigh_files(command, paths, view, said, tally, notes);
        return;
    }
    tally.duration_ms = tally.duration_ms.saturating_add(said.duration_ms);
    let cut = command
        .cap_bytes
        .is_some_and(|cap| said.stdout.len() as u64 >= cap);
    match said.code {
        // Behind output that was cut there is no room for how it ended.
        None if cut && view.by_sudo(command) => {}
        None if said.went_on && view.by_sudo(command) => late(command, tally, notes),
        None => {
            tally.not_reached = true;
            notes.problem(command.id, "the visit ended while this command ran");
        }
        // Whatever has a limit: the whole command or a part of it that reads much.
        Some(code) if timed_out(code) => late(command, tally, notes),
        Some(_) if refused(said, view.by_sudo(command)) => {
            notes.rights.push(missing_right(command, view, said.choice))
        }
        Some(code) if code != 0 && !command.lenient => {
            let why = complaints(said).next().unwrap_or("");
            notes.odd(command.id, &format!("ended with exit code {code}"), why);
        }
        Some(_) => {}
    }
    if cut {
        tally.truncated = true;
        notes.problem(command.id, "said more than is kept; the rest was cut");
    }
}

fn late(command: &ReadCommand, tally: &mut Tally, notes: &mut Notes) {
    tally.timed_out = true;
    notes.problem(command.id, "did not end in time");
}

/// All files are read by one process; its time is nobody's in particular.
fn weigh_files(
    command: &ReadCommand,
    paths: &[&str],
    view: &View<'_>,
    said: &Said<'_>,
    tally: &mut Tally,
    notes: &mut Notes,
) {
    match said.code {
        // `grep` found lines, found none, or could not open all of them.
        Some(0..=2) => {}
        Some(code) if !timed_out(code) => {
            let why = complaints(said).next().unwrap_or("");
            notes.odd(
                command.id,
                &format!("files were not read: grep ended with exit code {code}"),
                why,
            );
        }
        _ => tally.timed_out = true,
    }
    for (path, why) in view.broken() {
        if paths.iter().any(|glob| matches(glob, path)) {
            notes.odd(command.id, &format!("this file could not be read: {why}"), path);
        }
    }
    let denied = view.denied().iter();
    for path in denied.filter(|path| paths.iter().any(|glob| matches(glob, path))) {
        match command.closed {
            // It says itself what it could not read.
            Some(id) if view.output(id).is_some() => {}
            // And itself which right it lacks.
            Some(id) if view.fate(id) != Fate::Absent => {
                notes.odd(command.id, "the account may not read this file", path);
            }
            _ => {
                let message =
                    "the account may not read this file, and no right that a tier gives would change that";
                notes.odd(command.id, message, path);
                notes.rights.push(MissingRight {
                    command: command.id.to_owned(),
                    sudoers_line: None,
                    tier: PrivilegeTier::None,
                });
            }
        }
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
pub(crate) fn matches(glob: &str, path: &str) -> bool {
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
