//! Why a visit that got in saw nothing: the login runs no shell, or nothing came in time.
//!
//! Such a visit has no snapshot. One without a single fact would take the place of what is known of the host.

use std::{fmt::Write as _, time::Duration};

use luumen_transport::{ExecError, ExecOutput, ExitStatus};

use crate::plan::Plan;

/// Lines of what a login said that are passed on, and characters of each.
const MAX_LINES: usize = 3;
const LINE_CHARS: usize = 200;

/// Why a visit saw nothing.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The session would run nothing, or broke.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// An expired password, `nologin`, a forced command: the account was let in, and the script was run by nobody.
    #[error("{endpoint} let the account in and ran no shell for it ({ended}){said}")]
    NoShell {
        endpoint: String,
        ended: String,
        said: String,
    },
    /// Not even the first line came.
    #[error("{endpoint} let the account in and told nothing within {} s{said}", within.as_secs())]
    Silent {
        endpoint: String,
        within: Duration,
        said: String,
    },
}

impl LookError {
    /// A stable word for lists, filters and alert rules. Never changes its meaning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exec(error) => error.code(),
            Self::NoShell { .. } => "LUM-NO-SHELL",
            Self::Silent { .. } => "LUM-TIMEOUT",
        }
    }

    /// What a person may do about it.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Exec(_) => "Look into the log of the host's sshd, and try again.",
            Self::NoShell { .. } => {
                "Sign in as this account with ssh: renew an expired password, give it a shell such as /bin/sh, and \
                 look for ForceCommand in sshd_config and for command= in authorized_keys."
            }
            Self::Silent { .. } => {
                "Look at the load of the host and at what the account's login runs; then try again."
            }
        }
    }
}

/// Why there is not one mark of the script in what came.
pub(crate) fn nothing_seen(endpoint: String, plan: &Plan, output: &ExecOutput) -> LookError {
    let said = said(output);
    if output.timed_out {
        return LookError::Silent {
            endpoint,
            within: plan.options().visit_timeout,
            said,
        };
    }
    let ended = match &output.status {
        _ if output.truncated => "it said more than is taken".to_owned(),
        ExitStatus::Code(code) => format!("exit code {code}"),
        ExitStatus::Signal(name) => format!("signal {name}"),
        ExitStatus::Unknown => "it did not say how it ended".to_owned(),
    };
    LookError::NoShell {
        endpoint,
        ended,
        said,
    }
}

/// The first lines of both streams, complaints first, without control characters.
fn said(output: &ExecOutput) -> String {
    let streams = [&output.stderr, &output.stdout].map(|stream| String::from_utf8_lossy(stream));
    let lines = streams.iter().flat_map(|stream| stream.lines());
    let lines = lines.map(str::trim).filter(|line| !line.is_empty());
    let mut out = String::new();
    for line in lines.take(MAX_LINES) {
        let clean = line.chars().take(LINE_CHARS);
        let clean: String = clean
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
        let _ = write!(out, "{} {clean}", if out.is_empty() { ":" } else { " |" });
    }
    out
}
