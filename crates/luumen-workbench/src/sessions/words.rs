//! What the window is told of a session, in words. Pure.

use luumen_transport::ConnectError;

use super::{checklist::host_port, destination::Destination, model::Session};
use crate::bridge::Problem;

/// What the window sees of a destination.
pub(super) fn describe(session: &mut Session, destination: &Destination) {
    session.host = destination.host;
    session.title = destination.title.clone();
    session.environment = destination.environment;
    session.agent_forwarding = destination.agent_forwarding.is_some();
    session.warnings.clear();
    if let Some(goal) = destination.hops.last() {
        session.target = format!("{}@{}", goal.user, host_port(goal));
    }
    if session.agent_forwarding {
        session.warnings.push(
            "The ssh-agent of this device is forwarded: whoever is root on the host can use its keys while you are connected."
                .to_owned(),
        );
    }
}

pub(super) fn no_connection(destination: &Destination, error: &ConnectError) -> Problem {
    let title = format!("could not connect to {}", destination.title);
    Problem::of(error.code(), title, error).next(error.next_step())
}

pub(super) fn left() -> Problem {
    Problem::new("LUM-CANCELLED", "not connected", "you left the sign-in")
        .next("Connect again when you are ready.")
}

/// The same, of the connection for files that a session has besides.
pub(super) fn files_left() -> Problem {
    Problem::new(
        "LUM-CANCELLED",
        "the files were not opened",
        "you left the sign-in",
    )
    .next("Open them again when you are ready. The session stays as it is.")
}

/// A banner as a terminal shows it: lines and text, nothing that moves the cursor or changes the window.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\r\n"),
            '\t' => shown.push('\t'),
            control if control.is_control() => {}
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_can_say_things_but_not_do_things() {
        assert_eq!(
            printable("Hi\n\x1b]0;evil\x07there\r\n"),
            "Hi\r\n]0;evilthere\r\n"
        );
    }
}
