//! Finds hosts by what a person remembers: words, and `tag:`, `group:`, `user:`, `os:`, `env:`, `address:`. Pure.

use super::{Effective, Environment, Group, Host, effective::above};

/// Whether all terms of a search fit a host.
pub(crate) fn fits(terms: &[Term], host: &Host, effective: &Effective, groups: &[Group]) -> bool {
    terms.iter().all(|term| term.fits(host, effective, groups))
}

/// One word of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    field: Option<String>,
    text: String,
    not: bool,
}

/// Reads a search: words that must all fit; a leading hyphen says that one must not.
pub(crate) fn terms(text: &str) -> Vec<Term> {
    text.split_whitespace()
        .filter_map(|word| {
            let (not, word) = match word.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, word),
            };
            let (field, text) = match word.split_once(':') {
                Some((field, text)) if FIELDS.contains(&field) => (Some(field.to_owned()), text),
                _ => (None, word),
            };
            (!text.is_empty()).then(|| Term {
                field,
                text: text.to_lowercase(),
                not,
            })
        })
        .collect()
}

const FIELDS: [&str; 6] = ["tag", "group", "user", "os", "env", "address"];

impl Term {
    fn fits(&self, host: &Host, effective: &Effective, groups: &[Group]) -> bool {
        let has = |text: &str| text.to_lowercase().contains(&self.text);
        let is_tagged = || host.tags.iter().any(|tag| has(tag));
        let is_grouped = || above(host.group, groups).iter().any(|group| has(&group.name));
        let runs = || host.os.as_deref().is_some_and(has);
        let found = match self.field.as_deref() {
            Some("tag") => is_tagged(),
            Some("group") => is_grouped(),
            Some("user") => has(&effective.user.value),
            Some("os") => runs(),
            Some("env") => has(environment(effective.environment.value)),
            Some("address") => has(&host.address),
            _ => {
                has(&host.name)
                    || has(&host.address)
                    || has(&host.note)
                    || is_tagged()
                    || is_grouped()
                    || runs()
            }
        };
        found != self.not
    }
}

fn environment(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "production",
        Environment::Staging => "staging",
        Environment::Development => "development",
        Environment::None => "none",
    }
}
