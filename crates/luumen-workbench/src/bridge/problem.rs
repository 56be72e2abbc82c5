//! What a person is told when something did not work: what happened, why, and what to do now.

use std::{error::Error, fmt};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The answer of a call that failed, and the reason of anything else that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// Stable, for support and for the screens: `LUM-HOST-NAME`.
    pub code: String,
    /// What happened.
    pub title: String,
    /// Why, as far as it is known.
    pub detail: String,
    /// What to do now, where something can be done.
    pub next: Option<String>,
}

impl Problem {
    /// A problem with its code, what happened and why.
    pub fn new(code: &str, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            title: title.into(),
            detail: detail.into(),
            next: None,
        }
    }

    /// The same, with what to do now.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// What an error says, and behind it what its sources say.
    pub fn of(code: &str, title: impl Into<String>, error: &dyn Error) -> Self {
        Self::new(code, title, chain(error))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.title, self.detail, self.code)
    }
}

impl Error for Problem {}

/// An error and its sources in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let said = error.to_string();
        // Some libraries repeat their source in their own text.
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn an_error_is_told_with_its_sources_and_none_twice() {
        let inner = std::io::Error::other("disk is full");
        let outer = std::io::Error::other(inner);
        let problem = Problem::of("LUM-TEST", "it was not written", &outer);
        assert_eq!(problem.to_string(), "it was not written: disk is full (LUM-TEST)");
    }
}
