//! The person at the terminal: asks on it, prints for it. Only here does the program speak.

#![allow(clippy::print_stderr, reason = "this is where the program speaks")]

use std::{
    fmt,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
};

use luumen_workbench::{Asker, Questions, Secret, UnknownHostKey};

/// Asks on the terminal. Texts of a server are shown without their control characters, so that none
/// can repaint the question.
#[derive(Debug)]
pub(crate) struct Terminal;

impl Terminal {
    /// Whether somebody is there.
    pub(crate) fn is_there() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }
}

impl Asker for Terminal {
    fn accept_host_key(&self, key: &UnknownHostKey) -> bool {
        eprintln!("{} was never seen before. Its key is", tame(&key.place));
        eprintln!("  {} {}", tame(&key.algorithm), tame(&key.fingerprint));
        loop {
            match line("Is that the host's own key? It will be remembered. [yes/no] ")
                .as_deref()
                .map(str::trim)
            {
                Some("yes") => return true,
                Some("no") | None => return false,
                Some(_) => eprintln!("Please write yes or no."),
            }
        }
    }

    fn passphrase(&self, key: &Path) -> Option<Secret> {
        hidden(&format!(
            "Passphrase of {} (empty to go on without): ",
            key.display()
        ))
    }

    fn password(&self, endpoint: &str) -> Option<Secret> {
        hidden(&format!("Password of {}: ", tame(endpoint)))
    }

    fn answers(&self, questions: &Questions) -> Option<Vec<Secret>> {
        for text in [&questions.name, &questions.instructions]
            .into_iter()
            .filter(|text| !text.trim().is_empty())
        {
            eprintln!("{}", tame(text));
        }
        let ask = |prompt: &luumen_workbench::Prompt| {
            let text = format!(
                "{} asks: {}",
                tame(&questions.endpoint.to_string()),
                tame(&prompt.text)
            );
            if prompt.echo {
                line(&text).map(Secret::new)
            } else {
                hidden(&text)
            }
        };
        questions.prompts.iter().map(ask).collect()
    }
}

fn line(question: &str) -> Option<String> {
    let mut error = io::stderr();
    let _ = write!(error, "{question}").and_then(|()| error.flush());
    let mut answer = String::new();
    match io::stdin().read_line(&mut answer) {
        Ok(read) if read > 0 => Some(answer.trim_end_matches(['\r', '\n']).to_owned()),
        _ => None,
    }
}

fn hidden(question: &str) -> Option<Secret> {
    let answer = rpassword::prompt_password(question).ok().map(Secret::new);
    answer.filter(|answer| !answer.is_empty())
}

/// Prints the result, or says why it is not written. A reader that hung up has read enough.
pub(crate) fn print(text: &str) -> Result<(), Unwritten> {
    let mut out = io::stdout().lock();
    let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(end))
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Unwritten(error)),
        _ => Ok(()),
    }
}

/// A result that did not arrive where it was to be written: whatever the program found out, it has not told it.
#[derive(Debug)]
pub(crate) struct Unwritten(io::Error);

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The result could not be written: {}", self.0)
    }
}

impl From<Unwritten> for String {
    fn from(unwritten: Unwritten) -> Self {
        unwritten.to_string()
    }
}

/// Shows where long work is, in one line that the next one replaces; nothing where nobody watches.
pub(crate) fn progress(text: &str) {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K{}", tame(text));
    }
}

/// Says why there is no result.
pub(crate) fn trouble(message: &str, next_step: &str) {
    eprintln!("{}", tame(message));
    if !next_step.is_empty() {
        eprintln!("{}", tame(next_step));
    }
}

/// What comes from a host may hold anything; on a terminal it is text only.
pub(crate) fn tame(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
