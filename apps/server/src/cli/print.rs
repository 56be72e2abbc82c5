//! What a command tells the person who typed it: answers on stdout, complaints on stderr.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the command line's voice"
)]

/// An answer.
pub fn say(line: &str) {
    println!("{line}");
}

/// A complaint.
pub(super) fn fail(line: &str) {
    eprintln!("{line}");
}
