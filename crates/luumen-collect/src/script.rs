//! Joins read commands into the one shell script of a visit.
//!
//! The script is a single function, so a shell parses all of it before it runs any of it: a connection
//! that breaks while the script travels runs nothing. It works in dash, bash, busybox ash, ksh and mksh,
//! writes no file, and starts as few processes as it can. What its output means is `transcript`'s business.

use std::fmt::Write as _;

use luumen_model::PrivilegeTier;

use crate::{
    catalogue::SUDO_GATE,
    command::{Action, ReadCommand, join},
    kept::{Kept, SAME},
};

/// Puts the shell into a known state and defines the marks.
///
/// Marks are written with `echo`, which every shell has built in; `printf` is a process in mksh. `T` runs
/// a command with a time limit, in the words this host's `timeout` understands. `/proc/uptime` is the
/// stop-watch because reading it starts no process. `X` is how a program is looked for that `sudo` would run: one that
/// only root may start is there all the same. The limit of open files is lowered because some programs
/// (apt, at each of its forks) close every number up to it, one by one, and hosts allow up to a million.
const PRELUDE: &str = r#"PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
LC_ALL=C LANG=C TERM=dumb PAGER=cat SYSTEMD_PAGER= SYSTEMD_COLORS=0 ZYPP_LOGFILE=/dev/null HISTFILE=
export PATH LC_ALL LANG TERM PAGER SYSTEMD_PAGER SYSTEMD_COLORS ZYPP_LOGFILE
unset HISTFILE LANGUAGE LD_PRELOAD LD_LIBRARY_PATH GREP_OPTIONS GREP_COLORS POSIXLY_CORRECT CDPATH ENV BASH_ENV
unalias -a 2>/dev/null
umask 077
ulimit -S -n 256 2>/dev/null
cd /
_b() { s=0; read -r s _ </proc/uptime; echo "
@$M b $1 $s"; echo "
@$M b $1" >&2; }
_r() { echo "
@$M r $1 $2 $3" >&2; }
_m() { echo "
@$M $1 $2 $3"; }
_n() { shift; "$@"; }
C='head -c'
command -v head >/dev/null 2>&1 || C='sh -c cat'
_c() { $C "$1"; }
T=_n
if command -v timeout >/dev/null 2>&1; then
T='timeout -k 2'
if [ -e /bin/busybox ] && [ /bin/busybox -ef "$(command -v timeout)" ]; then
if timeout 1 true 2>/dev/null; then T=timeout; else T='timeout -t'; fi
fi
fi
uid=
while read -r k v _; do case $k in Uid:) uid=$v; break;; esac; done 2>/dev/null </proc/self/status
[ -n "$uid" ] || uid=$(id -u)
_m u "$uid"
root=0; sudo=0; X=-e
if [ "$uid" = 0 ]; then root=1; X=-x; fi
"#;

/// Runs a command through `sudo`. What runs as root need not end when the account's `timeout` says so: it may not be
/// signalled, may not care, or may leave a child behind. So the reader has a time limit, too, and the visit goes on
/// without what still hangs. Code and complaints come behind the output in the same pipe, so that nothing that hangs
/// holds another stream of the session open (in dash, bash and busybox), and a word that comes late reaches nobody.
const BY_SUDO: &str = r#"_s() { i=$1 c=$2 l=$3 h=$4; shift 4
{ ( exec 3>&1 2>/dev/null; e=$($T $l "$@" 2>&1 >&3 3>&-); echo "
@$M r $i $? $c ."; printf '%s\n' "$e" ) & } | $T $((l + 4)) $C $h; }
"#;

/// Bytes that are taken of what `sudo` prints where the command has no limit of its own.
const SUDO_CAP: u64 = 1 << 20;

/// What a visit may do and how long each command may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) tier: PrivilegeTier,
    pub(crate) command_timeout_s: Option<u32>,
}

impl Bounds {
    fn seconds(self, usual: u32) -> u32 {
        self.command_timeout_s.map_or(usual, |limit| usual.min(limit))
    }
}

/// The script for `commands`, with `marker` on every mark. Commands whose answer is in `kept` run only where their
/// inputs have changed.
pub(crate) fn compose(
    commands: &[&ReadCommand],
    bounds: Bounds,
    marker: &str,
    kept: Option<&Kept>,
) -> String {
    let mut out = format!("main() {{\nM={marker}\n{PRELUDE}");
    if bounds.tier != PrivilegeTier::None {
        out.push_str(BY_SUDO);
    }
    push_files(&mut out, commands, bounds);
    for (index, command) in commands.iter().enumerate() {
        match &command.action {
            Action::Files(_) => {}
            Action::Shell(text, _) if command.id == SUDO_GATE => {
                push_gate(&mut out, index, command, text, bounds)
            }
            Action::Shell(text, fallback) => {
                let run = shell(index, command, text, *fallback, bounds);
                let spare = kept.is_some_and(|kept| kept.has(command));
                push_guarded(&mut out, index, command.when, &run, spare);
            }
            Action::State(_) => push_state(&mut out, index, command, bounds, kept),
            Action::Sudo { programs, args, .. } => {
                push_sudo(&mut out, index, command, bounds, programs, args)
            }
        }
    }
    out.push_str("_b end\n}\nmain </dev/null\nexit 0\n");
    out
}

/// All files of all sections, read by one process: `path:line`, which no line of a file can forge.
fn push_files(out: &mut String, commands: &[&ReadCommand], bounds: Bounds) {
    let mut paths: Vec<&str> = Vec::new();
    for command in commands {
        if let Action::Files(more) = &command.action {
            paths.extend(
                more.iter()
                    .filter(|path| !paths.contains(path))
                    .copied()
                    .collect::<Vec<_>>(),
            );
        }
    }
    if !paths.is_empty() {
        let _ = writeln!(
            out,
            "_b files; $T {} grep -aH '' {}; _r files $?",
            bounds.seconds(20),
            paths.join(" ")
        );
    }
}

/// How far `sudo` may go is asked once, first: without any rule, each further try would only fill the
/// host's log.
fn push_gate(out: &mut String, index: usize, command: &ReadCommand, text: &str, bounds: Bounds) {
    let seconds = bounds.seconds(10);
    let run = format!(
        "r=$(_s {index} 0 {seconds} {SUDO_CAP} {text}); printf '%s\\n' \"$r\"; \
         case $r in *\"@$M r {index} 0 0 .\"*) sudo=1;; esac"
    );
    push_guarded(out, index, command.when, &run, false);
}

/// Says the state of all inputs, or, where one is known and still holds, only that. The shell compares the two without
/// a process; the first line is the host's time and not part of it.
fn push_state(out: &mut String, index: usize, command: &ReadCommand, bounds: Bounds, kept: Option<&Kept>) {
    let text = format!("$T {} {}", bounds.seconds(10), command.texts().concat());
    let run = match kept {
        None => format!("{text} 2>/dev/null; _r {index} $?"),
        Some(kept) => format!(
            "now=$({text} 2>/dev/null)\nif [ \"${{now#*\"$N\"}}\" = '{}' ]; then same=1; echo {SAME}; \
             else echo \"$now\"; fi; _r {index} 0",
            kept.state()
        ),
    };
    if kept.is_some() {
        out.push_str("same=0\nN='\n'\n");
    }
    push_guarded(out, index, command.when, &run, false);
}

fn shell(index: usize, command: &ReadCommand, text: &str, fallback: Option<&str>, bounds: Bounds) -> String {
    let limit = command
        .timeout_s
        .map(|seconds| format!("$T {} ", bounds.seconds(seconds)))
        .unwrap_or_default();
    let text = limited(text, bounds);
    let run = match fallback {
        Some(fallback) => format!("{limit}{text} || {limit}{}", limited(fallback, bounds)),
        None => format!("{limit}{text}"),
    };
    capped(&format!("{run}; _r {index} $?"), command.cap_bytes)
}

/// The limits that stand within a text, shortened like all others.
fn limited(text: &str, bounds: Bounds) -> String {
    let mut parts = text.split("$T ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (usual, rest) = part.split_at(digits);
        out.push_str("$T ");
        match usual.parse() {
            Ok(usual) => out.push_str(&format!("{}{rest}", bounds.seconds(usual))),
            Err(_) => out.push_str(part),
        }
    }
    out
}

fn push_sudo(
    out: &mut String,
    index: usize,
    command: &ReadCommand,
    bounds: Bounds,
    programs: &[&str],
    args: &str,
) {
    let seconds = bounds.seconds(command.timeout_s.unwrap_or(10));
    let allowed = command.tier() <= bounds.tier;
    let mut body = String::new();
    for (choice, program) in programs.iter().enumerate() {
        let call = join(program, args);
        let plain = capped(
            &format!("$T {seconds} {call}; _r {index} $? {choice}"),
            command.cap_bytes,
        );
        let word = if choice == 0 { "if" } else { "elif" };
        let _ = write!(
            body,
            "{word} [ $X {program} ]; then if [ $root = 1 ]; then _b {index}; {plain}; "
        );
        if allowed {
            let cap = command.cap_bytes.unwrap_or(SUDO_CAP);
            let _ = write!(
                body,
                "elif [ $sudo = 1 ]; then _b {index}; _s {index} {choice} {seconds} {cap} sudo -k -n {call}; "
            );
        }
        let _ = write!(body, "else _m p {index} {choice}; fi; ");
    }
    let _ = write!(body, "else _m n {index}; fi");
    match command.when {
        Some(condition) => {
            let _ = writeln!(out, "if {condition}; then {body}; else _m n {index}; fi");
        }
        None => {
            let _ = writeln!(out, "{body}");
        }
    }
}

/// The exit code goes out on stderr, inside of the pipe, because a pipe only keeps the last one.
fn capped(run: &str, cap_bytes: Option<u64>) -> String {
    match cap_bytes {
        Some(cap) => format!("{{ {run}; }} | _c {cap}"),
        None => run.to_owned(),
    }
}

/// With `spare`, the command does not run where the known state holds.
fn push_guarded(out: &mut String, index: usize, when: Option<&str>, run: &str, spare: bool) {
    let run = if spare {
        format!("if [ $same = 1 ]; then _m k {index}; else _b {index}; {run}; fi")
    } else {
        format!("_b {index}; {run}")
    };
    let _ = match when {
        Some(condition) => writeln!(out, "if {condition}; then {run}; else _m n {index}; fi"),
        None => writeln!(out, "{run}"),
    };
}
