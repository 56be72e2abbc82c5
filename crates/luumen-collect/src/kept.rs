//! What a host is not asked again: answers whose inputs are as they were when the answers were read.
//!
//! A visit that keeps (`plan_again`) has the host say the state of all inputs first, by one `stat`. [`Kept`] holds
//! that state and the answers that were complete. The next visit's script carries the state, and the host compares
//! it with its own: the commands with a kept answer run where the two differ, and are marked "unchanged" where they
//! are equal. The kept answers then take their place in the transcript, so that readers, statuses and hashes are
//! those of a host that was asked. Pure; where it is kept, and for which host, is the caller's business.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
    time::Duration,
};

use luumen_model::{SectionKind, SectionStatus, Snapshot, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    catalogue,
    command::ReadCommand,
    judge,
    plan::Plan,
    transcript::{Fate, Said, Transcript},
    view::MAX_PROBLEMS,
};

/// A state longer than this costs more to send than it saves.
const MAX_STATE_BYTES: usize = 64 << 10;
/// A file that changed this shortly before its state was read may have changed again within the same tick of the
/// host's clock, and look the same.
const SETTLED_AFTER_NS: i128 = 2_000_000_000;
/// What the host says instead of a state that is the known one.
pub(crate) const SAME: &str = "same";

/// Answers of one host that need not be asked for again while their inputs are as they were.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Digest of the script and of who sent it: another catalogue, tier or version asks everything again.
    script: String,
    /// When the oldest of the answers was read.
    read_at: Timestamp,
    /// The inputs' state before the answers were read. Checked by `is_state` before it goes into a script.
    state: String,
    /// By id of the command.
    answers: BTreeMap<String, Answer>,
}

/// What a command said when it was asked. Its standard error was of no consequence, or it would not be kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    stdout: String,
    code: i32,
    choice: usize,
}

/// What a visit saw, and what of it the next one need not ask again.
#[derive(Clone, Debug)]
pub struct Seen {
    pub snapshot: Snapshot,
    /// To be kept for the next visit in place of what there was; `None` when there is nothing new to keep.
    pub kept: Option<Kept>,
    /// Sections whose own commands were spared, because what decides their answers has not changed.
    pub unchanged: BTreeSet<SectionKind>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The answers may hold anything a host says, so logs get their names only.
        f.debug_struct("Kept")
            .field("read_at", &self.read_at)
            .field("answers", &self.answers.keys())
            .finish_non_exhaustive()
    }
}

impl Kept {
    /// No answer stands in for one of now when it is older.
    pub const LONGEST: Duration = Duration::from_secs(24 * 3600);

    /// When the oldest of its answers was read.
    pub fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// True when a visit at `now` with this script may rely on it. Whatever was done to it where it was kept, a state
    /// that passes is digits, points, spaces and line breaks.
    pub(crate) fn holds(&self, script: &str, now: Timestamp) -> bool {
        // A clock that was set back says nothing about the age, so such an answer does not stand either.
        let age = u64::try_from(now.millis_since(self.read_at)).map(Duration::from_millis);
        self.script == script && age.is_ok_and(|age| age < Self::LONGEST) && is_state(&self.state)
    }

    /// The known state, for the script.
    pub(crate) fn state(&self) -> &str {
        &self.state
    }

    /// True when the answer of that command is kept.
    pub(crate) fn has(&self, command: &ReadCommand) -> bool {
        !command.inputs.is_empty() && self.answers.contains_key(command.id)
    }
}

/// The digest of a script and of who sends it.
pub(crate) fn script_digest(script: &str, collector: [&str; 2]) -> String {
    let mut hasher = Sha256::new();
    for part in [catalogue::version(), collector[0], collector[1], script] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let mut hex = String::new();
    for byte in hasher.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Puts kept answers where the host says that they still hold; gives the commands that were spared.
pub(crate) fn recall<'a>(plan: &'a Plan, transcript: &mut Transcript<'a>) -> BTreeSet<&'static str> {
    let mut spared = BTreeSet::new();
    let told = said(plan, transcript, catalogue::STATE);
    let Some(kept) = plan.kept().filter(|_| told.is_some_and(|told| is_same(&told))) else {
        return spared;
    };
    for (index, command) in plan.commands.iter().enumerate() {
        let key = index.to_string();
        let answer = kept.answers.get(command.id);
        if let Some(answer) = answer.filter(|_| transcript.fate(&key) == Fate::Unchanged) {
            transcript.recall(
                &key,
                Said {
                    stdout: &answer.stdout,
                    code: Some(answer.code),
                    choice: answer.choice,
                    ..Said::default()
                },
            );
            spared.insert(command.id);
        }
    }
    spared
}

/// The sections that the spared commands are there for.
pub(crate) fn sections_of(spared: &BTreeSet<&'static str>) -> BTreeSet<SectionKind> {
    let commands = spared.iter().filter_map(|id| catalogue::find(id));
    commands
        .filter_map(|command| command.sections.first().copied())
        .collect()
}

/// What the next visit need not ask again. `None` when the plan does not keep, when the visit was cut short, or when
/// everything that is worth keeping is what was kept before.
pub(crate) fn keep(
    plan: &Plan,
    transcript: &Transcript<'_>,
    snapshot: &Snapshot,
    spared: &BTreeSet<&'static str>,
    truncated: bool,
) -> Option<Kept> {
    let script = plan.keeps.as_ref()?.script.clone();
    let told = said(plan, transcript, catalogue::STATE)?;
    if truncated || !transcript.complete {
        return None;
    }
    let before = plan.kept().filter(|_| is_same(&told));
    let state = match before {
        Some(kept) => kept.state.clone(),
        None => settled_state(told.stdout)?,
    };
    let mut fresh = false;
    let mut answers = BTreeMap::new();
    for command in plan.commands.iter().filter(|command| !command.inputs.is_empty()) {
        let id = command.id.to_owned();
        match before.and_then(|kept| kept.answers.get(&id)) {
            Some(answer) if spared.contains(command.id) => {
                answers.insert(id, answer.clone());
            }
            _ => {
                if let Some(said) = said(plan, transcript, command.id)
                    && is_complete(command, &said, snapshot)
                {
                    fresh = true;
                    answers.insert(id, Answer::from(&said));
                }
            }
        }
    }
    let read_at = before
        .filter(|_| !spared.is_empty())
        .map_or(snapshot.taken_at, |kept| kept.read_at);
    fresh.then_some(Kept {
        script,
        read_at,
        state,
        answers,
    })
}

impl From<&Said<'_>> for Answer {
    fn from(said: &Said<'_>) -> Self {
        Self {
            stdout: said.stdout.to_owned(),
            code: said.code.unwrap_or_default(),
            choice: said.choice,
        }
    }
}

fn is_same(told: &Said<'_>) -> bool {
    told.stdout.trim_end() == SAME
}

fn said<'a>(plan: &Plan, transcript: &Transcript<'a>, id: &str) -> Option<Said<'a>> {
    let index = plan.commands.iter().position(|command| command.id == id)?;
    match transcript.fate(&index.to_string()) {
        Fate::Ran(said) => Some(said),
        _ => None,
    }
}

/// Only what is all there is may stand for a later answer: the command's own section is whole, and no section that
/// uses its output has anything against it.
fn is_complete(command: &ReadCommand, said: &Said<'_>, snapshot: &Snapshot) -> bool {
    let ended_well = said
        .code
        .is_some_and(|code| code == 0 || (command.lenient && !judge::timed_out(code)));
    let own = command
        .sections
        .first()
        .and_then(|kind| snapshot.sections.get(kind));
    let blamed = || {
        let records = command
            .sections
            .iter()
            .filter_map(|kind| snapshot.sections.get(kind));
        records.into_iter().any(|record| {
            // A list of problems that is full may have had no place for the one that counts.
            record.problems.len() >= MAX_PROBLEMS
                || record
                    .problems
                    .iter()
                    .any(|problem| problem.command == command.id)
                || record
                    .missing_rights
                    .iter()
                    .any(|right| right.command == command.id)
        })
    };
    ended_well
        && !said.stdout.trim().is_empty()
        && own.is_some_and(|record| record.status == SectionStatus::Ok)
        && !blamed()
}

/// The state without the host's time before it, if nothing in it changed just now.
fn settled_state(text: &str) -> Option<String> {
    let (now, state) = text.trim_end().split_once('\n')?;
    let [now, _] = times(now)?;
    let settled =
        |line| times(line).is_some_and(|times| times.iter().all(|time| now - time >= SETTLED_AFTER_NS));
    (is_state(state) && state.lines().all(settled)).then(|| state.to_owned())
}

/// True for lines of `size mtime ctime inode` and nothing else.
fn is_state(text: &str) -> bool {
    (1..=MAX_STATE_BYTES).contains(&text.len())
        && !text.ends_with('\n')
        && text.split('\n').all(|line| times(line).is_some())
}

/// Both times of a line, in nanoseconds. A `stat` that does not know nanoseconds prints another line.
fn times(line: &str) -> Option<[i128; 2]> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [size, modified, changed, inode] = fields.as_slice() else {
        return None;
    };
    let digits =
        |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let time = |text: &str| {
        let (seconds, nanos) = text.split_once('.')?;
        (digits(seconds) && digits(nanos) && nanos.len() == 9)
            .then(|| Some(seconds.parse::<i128>().ok()? * 1_000_000_000 + nanos.parse::<i128>().ok()?))?
    };
    (digits(size) && digits(inode)).then_some([time(modified)?, time(changed)?])
}

#[cfg(test)]
mod tests {
    use super::{MAX_STATE_BYTES, is_state, settled_state};

    const NOW: &str = "0 1790000100.000000001 1790000100.000000001 77";
    const OLD: &str = "4096 1790000000.123456789 1790000001.000000000 12345";

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(settled_state(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn a_state_is_what_stands_below_the_hosts_time() {
        check(&format!("{NOW}\n{OLD}\n{OLD}\n"), Some(&format!("{OLD}\n{OLD}")));
        check(&format!("{NOW}\n"), None);
        check("", None);
    }

    #[test]
    fn what_changed_just_now_may_change_again_unseen() {
        let at = |seconds: &str| format!("{NOW}\n{OLD}\n1 1700000000.000000000 {seconds} 5\n");
        assert!(settled_state(&at("1790000097.999999999")).is_some());
        check(&at("1790000098.500000000"), None);
        check(&at("1790000100.000000002"), None);
    }

    #[test]
    fn a_stat_that_does_not_know_nanoseconds_keeps_nothing() {
        check(&format!("0 ? ? 77\n{OLD}\n"), None);
        check("0 1790000100 1790000100 77\n4096 1790000000 1790000000 5\n", None);
        check(
            &format!("{NOW}\n4096 -1.000000000 1790000000.000000000 5\n"),
            None,
        );
    }

    #[test]
    fn nothing_but_numbers_goes_into_a_script() {
        assert!(is_state(OLD));
        for hostile in [
            "",
            "'; reboot; '",
            &format!("{OLD}'"),
            &format!("{OLD}\n"),
            &format!("{OLD}\r"),
            &format!("{OLD}\n$(reboot)"),
            &format!("{OLD} x"),
            &format!("{OLD}\n\n{OLD}"),
            "4096 1790000000.123456789 1790000001.000000000 ١٢",
            "99999999999999999999999 1790000000.123456789 1790000001.000000000 1",
            &vec![OLD; MAX_STATE_BYTES / OLD.len() + 1].join("\n"),
        ] {
            assert!(!is_state(hostile), "{hostile:?}");
        }
    }
}
