//! Finds hosts by what a person remembers: words, and `tag:`, `group:`, `user:`, `os:`, `env:`, `address:`. Pure.
//!
//! The one search of the desktop: the tree, the table and the palette ask it, and what it understands it suggests itself.

use std::collections::BTreeMap;

use serde::Serialize;
use ts_rs::TS;

use super::{
    Effective, Environment, Group, Host, Origin, OriginWord,
    effective::{Defaults, above, effective},
};

/// More than a person reads.
const MOST_SUGGESTIONS: usize = 10;

/// Something that a word under the caret could become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Suggestion {
    /// What takes its place.
    pub term: String,
    /// What it means, or how many hosts it finds.
    pub hint: String,
}

/// A host with what holds for it.
pub(crate) struct Seen<'a> {
    host: &'a Host,
    effective: Effective,
    groups: &'a [Group],
}

/// All hosts, ready to be searched.
pub(crate) fn seen<'a>(hosts: &'a [Host], groups: &'a [Group], defaults: &Defaults) -> Vec<Seen<'a>> {
    let seen = |host: &'a Host| Seen {
        host,
        effective: effective(host, groups, defaults),
        groups,
    };
    hosts.iter().map(seen).collect()
}

/// The hosts that all words of a text fit.
pub(crate) fn find<'a>(text: &str, hosts: &[Seen<'a>]) -> Vec<&'a Host> {
    let terms = terms(text);
    let fits = |host: &&Seen<'a>| terms.iter().all(|term| term.fits(host));
    hosts.iter().filter(fits).map(|seen| seen.host).collect()
}

/// What a word that is being typed could become.
pub(crate) fn suggest(word: &str, hosts: &[Seen<'_>]) -> Vec<Suggestion> {
    let (not, word) = match word.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", word),
    };
    let split = word
        .split_once(':')
        .and_then(|(name, text)| Some((Field::read(name)?, text)));
    let mut found = match split {
        Some((field, text)) => values(not, field, text, hosts),
        None => fields(not, word)
            .into_iter()
            // A value is found without knowing which kind it is, once there is something of it.
            .chain(
                FIELDS
                    .iter()
                    .filter(|_| !word.is_empty())
                    .flat_map(|field| values(not, *field, word, hosts)),
            )
            .collect(),
    };
    found.truncate(MOST_SUGGESTIONS);
    found
}

/// What a host can be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Tag,
    Group,
    Environment,
    Os,
    User,
    Address,
}

const FIELDS: [Field; 6] = [
    Field::Tag,
    Field::Group,
    Field::Environment,
    Field::Os,
    Field::User,
    Field::Address,
];

impl Field {
    fn name(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Group => "group",
            Self::Environment => "env",
            Self::Os => "os",
            Self::User => "user",
            Self::Address => "address",
        }
    }

    fn means(self) -> &'static str {
        match self {
            Self::Tag => "a tag",
            Self::Group => "a group around it",
            Self::Environment => "production, staging, development or none",
            Self::Os => "what runs on it",
            Self::User => "the account that is signed in to",
            Self::Address => "where it is",
        }
    }

    fn read(name: &str) -> Option<Self> {
        FIELDS
            .into_iter()
            .find(|field| field.name().eq_ignore_ascii_case(name))
    }

    /// What a host has of it.
    fn of(self, seen: &Seen<'_>) -> Vec<String> {
        match self {
            Self::Tag => seen.host.tags.clone(),
            Self::Group => above(seen.host.group, seen.groups)
                .iter()
                .map(|group| group.name.clone())
                .collect(),
            Self::Environment => vec![environment(seen.effective.environment.value).to_owned()],
            Self::Os => seen.host.os.iter().cloned().collect(),
            Self::User => vec![seen.effective.user.value.clone()],
            Self::Address => vec![seen.host.address.clone()],
        }
    }
}

/// One word of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    field: Option<Field>,
    text: String,
    not: bool,
}

/// Reads a search: words that must all fit; a leading hyphen says that one must not, quotes keep blanks.
fn terms(text: &str) -> Vec<Term> {
    let term = |word: String| {
        let (not, word) = match word.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, word.as_str()),
        };
        let split = word
            .split_once(':')
            .and_then(|(name, text)| Some((Field::read(name)?, text)));
        let (field, text) = match split {
            Some((field, text)) => (Some(field), text),
            None => (None, word),
        };
        let text = text.replace('"', "").to_lowercase();
        (!text.trim().is_empty()).then_some(Term { field, text, not })
    };
    words(text).into_iter().filter_map(term).collect()
}

/// Words between blanks, with the quotes that keep blanks together. An open quote runs to the end.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for character in text.chars() {
        if character == '"' {
            quoted = !quoted;
        }
        if character.is_whitespace() && !quoted {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(character);
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

impl Term {
    fn fits(&self, seen: &Seen<'_>) -> bool {
        let has = |text: &str| text.to_lowercase().contains(&self.text);
        let is = |field: Field| field.of(seen).iter().any(|value| has(value));
        let found = match self.field {
            Some(field) => is(field),
            None => {
                // What nobody said fits every host, and would find them all.
                let said = |from: &Origin| !matches!(from, Origin::Word(OriginWord::Default));
                has(&seen.host.name)
                    || has(&seen.host.note)
                    || [Field::Address, Field::Tag, Field::Group, Field::Os]
                        .map(is)
                        .contains(&true)
                    || said(&seen.effective.user.from) && is(Field::User)
                    || said(&seen.effective.environment.from) && is(Field::Environment)
            }
        };
        found != self.not
    }
}

fn fields(not: &str, word: &str) -> Vec<Suggestion> {
    let typed = word.to_lowercase();
    let begins = |field: &&Field| field.name().starts_with(&typed);
    let suggestion = |field: &Field| Suggestion {
        term: format!("{not}{}:", field.name()),
        hint: field.means().to_owned(),
    };
    let mut found: Vec<Suggestion> = FIELDS.iter().filter(begins).map(suggestion).collect();
    if word.is_empty() && not.is_empty() {
        found.push(Suggestion {
            term: "-".to_owned(),
            hint: "before a word: all that it does not fit".to_owned(),
        });
    }
    found
}

/// What hosts have of a field, as far as it fits what is typed; the commonest first.
fn values(not: &str, field: Field, typed: &str, hosts: &[Seen<'_>]) -> Vec<Suggestion> {
    let typed = typed.replace('"', "").to_lowercase();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for value in hosts.iter().flat_map(|seen| field.of(seen)) {
        if value.to_lowercase().contains(&typed) {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let suggestion = |(value, count): (String, usize)| {
        let value = if value.contains(char::is_whitespace) {
            format!("\"{value}\"")
        } else {
            value
        };
        Suggestion {
            term: format!("{not}{}:{value}", field.name()),
            hint: if count == 1 {
                "1 host".to_owned()
            } else {
                format!("{count} hosts")
            },
        }
    };
    counts.into_iter().map(suggestion).collect()
}

fn environment(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "production",
        Environment::Staging => "staging",
        Environment::Development => "development",
        Environment::None => "none",
    }
}
