//! Semantic Versioning 2.0.0 (semver.org §11), with a `v` in front allowed as in tags and Go modules.
//!
//! Strict otherwise: three numbers without leading zeros. Build metadata takes no part in the order.

use crate::{
    key::{BEHIND_NUMBERS, Key, LAST},
    scan,
    token::{Caseless, Number, Sink, Token},
};

/// What may come next, in order: identifiers of a pre-release, or the lack of any.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part<'a, W> {
    Number(Number<'a>),
    Word(W),
    Release,
}

/// An identifier that is no number. NuGet shares the form but not the meaning of case.
pub(crate) trait Word<'a>: Ord {
    fn new(text: &'a str) -> Self;
    fn write(&self, key: &mut Key);
}

impl<'a> Word<'a> for &'a str {
    fn new(text: &'a str) -> Self {
        text
    }
    fn write(&self, key: &mut Key) {
        key.word(self);
    }
}

impl<'a> Word<'a> for Caseless<'a> {
    fn new(text: &'a str) -> Self {
        Self(text)
    }
    fn write(&self, key: &mut Key) {
        key.caseless_word(self.0);
    }
}

impl<'a, W: Word<'a>> Token for Part<'a, W> {
    fn write(&self, key: &mut Key) {
        match self {
            Self::Number(number) => key.number(number.0),
            Self::Word(word) => {
                key.mark(BEHIND_NUMBERS);
                word.write(key);
            }
            Self::Release => key.mark(LAST),
        }
    }
}

/// Reads a version, or refuses what the specification does not allow.
pub(crate) fn read<'a>(text: &'a str, each: Sink<'_, Part<'a, &'a str>>) -> Option<()> {
    let mut rest = scan::without_v(text);
    for index in 0..3 {
        if index > 0 {
            rest = rest.strip_prefix('.')?;
        }
        let number;
        (number, rest) = scan::run(rest, |byte| byte.is_ascii_digit());
        if number.is_empty() || has_leading_zero(number) {
            return None;
        }
        each(Part::Number(Number(number)));
    }
    read_rest(rest, has_leading_zero, each)
}

/// Reads `{-pre-release}{+build}` up to the end of the text.
pub(crate) fn read_rest<'a, W: Word<'a>>(
    rest: &'a str,
    is_refused: fn(&str) -> bool,
    each: Sink<'_, Part<'a, W>>,
) -> Option<()> {
    let (front, build) = match rest.split_once('+') {
        Some((front, build)) => (front, Some(build)),
        None => (rest, None),
    };
    if build.is_some_and(|build| !build.split('.').all(is_identifier)) {
        return None;
    }
    if front.is_empty() {
        each(Part::Release);
        return Some(());
    }
    for identifier in front.strip_prefix('-')?.split('.') {
        if !is_identifier(identifier) {
            return None;
        }
        if identifier.bytes().any(|byte| !byte.is_ascii_digit()) {
            each(Part::Word(W::new(identifier)));
        } else if is_refused(identifier) {
            return None;
        } else {
            each(Part::Number(Number(identifier)));
        }
    }
    Some(())
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn has_leading_zero(number: &str) -> bool {
    number.len() > 1 && number.starts_with('0')
}
