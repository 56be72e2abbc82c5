//! Visits that were recorded on a real host, so written down that they can be played after the catalogue has changed.
//!
//! A visit's marks number its commands, and numbers move with every command that is added. A recording names them
//! instead: `@0123456789abcdef b packages.dpkg 1.00`. Before it is played, names become the numbers of today.

use std::{collections::BTreeSet, path::PathBuf};

use luumen_collect::{CollectOptions, Plan, plan_with_marker};
use luumen_transport::replay::{RecordedOutput, Transcript};

use super::repository;

const MARKER: &str = "0123456789abcdef";

/// What tells about the machine that holds a throw-away host and nothing of the host: recorded as if it were not there.
const TRIMMED_COMMANDS: [&str; 6] = [
    "disks.",
    "hardware.",
    "listening_ports.",
    "mounts.",
    "network.",
    "vitals.",
];
const TRIMMED_FILES: [&str; 11] = [
    "/etc/machine-id",
    "/etc/resolv.conf",
    "/proc/cmdline",
    "/proc/meminfo",
    "/proc/modules",
    "/proc/net/",
    "/proc/self/mounts",
    "/proc/stat",
    "/sys/class/",
    "/sys/devices/",
    "/sys/hypervisor/",
];
/// The kernel is the machine's, too, but no host is without one.
const KERNEL: &str = "6.1.0-0-recorded";

/// The visit that is recorded and played.
pub(crate) fn visit() -> Plan {
    plan_with_marker(&CollectOptions::new("test", "0"), MARKER)
}

pub(crate) fn path(name: &str, end: &str) -> PathBuf {
    repository("fixtures/visits").join(format!("{name}.{end}"))
}

/// Makes a fresh transcript one to keep: commands by name, without what was trimmed, any script will do.
pub(crate) fn keep(mut transcript: Transcript, name: &str, plan: &Plan) -> Transcript {
    transcript.endpoint = format!("scan@{name}:22");
    for exchange in &mut transcript.exchanges {
        exchange.stdin = None;
        let kernel = kernel(text(&exchange.stdout)).to_owned();
        for output in [&mut exchange.stdout, &mut exchange.stderr] {
            let kept = trimmed(&named(text(output), plan));
            *output = RecordedOutput::Text(kept.replace(&kernel, KERNEL));
        }
    }
    transcript
}

/// Reads a recording for today's catalogue; and says which commands it knows nothing of.
pub(crate) fn read(name: &str, plan: &Plan) -> (Transcript, Vec<&'static str>) {
    let file = std::fs::read_to_string(path(name, "json")).expect("the recording");
    let mut transcript = Transcript::from_json(&file).expect("a transcript");
    let mut unknown = Vec::new();
    for exchange in &mut transcript.exchanges {
        let said = text(&exchange.stdout);
        let recorded: BTreeSet<&str> = said.lines().filter_map(|line| Some(mark(line)?.1)).collect();
        // A host that was never asked is like one that has nothing to run the command on.
        let mut absent = String::new();
        for (number, command) in plan.commands().iter().enumerate() {
            // Files have one mark for all.
            let is_marked = plan.script().contains(&format!("_b {number};"));
            if is_marked && !recorded.contains(command.id()) {
                unknown.push(command.id());
                absent.push_str(&format!("\n@{MARKER} n {number} \n"));
            }
        }
        let end = format!("\n@{MARKER} b end");
        let whole = numbered(said, plan).replace(&end, &(absent + &end));
        exchange.stdout = RecordedOutput::Text(whole);
        exchange.stderr = RecordedOutput::Text(numbered(text(&exchange.stderr), plan));
    }
    (transcript, unknown)
}

fn text(output: &RecordedOutput) -> &str {
    match output {
        RecordedOutput::Text(text) => text,
        RecordedOutput::Base64 { .. } => panic!("what this host said is not UTF-8"),
    }
}

/// The verb and the command of a mark.
fn mark(line: &str) -> Option<(&str, &str)> {
    let mut words = line.strip_prefix(&format!("@{MARKER} "))?.split(' ');
    Some((words.next()?, words.next()?))
}

/// Every mark's command by another word; `None` leaves it.
fn renamed(text: &str, word: impl Fn(&str) -> Option<String>) -> String {
    let line = |line: &str| match mark(line) {
        Some((verb, key)) if verb != "u" => match word(key) {
            Some(word) => line.replacen(&format!(" {verb} {key}"), &format!(" {verb} {word}"), 1),
            None => line.to_owned(),
        },
        _ => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn named(text: &str, plan: &Plan) -> String {
    renamed(text, |key| {
        let number: usize = key.parse().ok()?;
        Some(plan.commands()[number].id().to_owned())
    })
}

fn numbered(text: &str, plan: &Plan) -> String {
    renamed(text, |key| {
        let number = plan.commands().iter().position(|command| command.id() == key)?;
        Some(number.to_string())
    })
}

/// Without what tells about the machine alone: its files have no lines, and its commands are absent.
fn trimmed(text: &str) -> String {
    let starts = |line: &str, with: &[&str]| with.iter().any(|prefix| line.starts_with(prefix));
    let (mut kept, mut skipping) = (Vec::new(), false);
    for line in text.split('\n') {
        if let Some((_, key)) = mark(line) {
            skipping = starts(key, &TRIMMED_COMMANDS);
            if skipping {
                kept.push(format!("@{MARKER} n {key} "));
            }
        }
        if !skipping && !starts(line, &TRIMMED_FILES) {
            kept.push(line.to_owned());
        }
    }
    kept.join("\n")
}

fn kernel(said: &str) -> &str {
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("/proc/sys/kernel/osrelease:"));
    line.expect("every host tells its kernel")
}
