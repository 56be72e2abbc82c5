//! The version order of RubyGems, as `Gem::Version#<=>` defines it.
//!
//! Runs of digits and of letters; a word makes a pre-release, and a hyphen stands for `.pre.`. Zeros in
//! front of the first word and at the end do not count, and what is missing is zero.

use crate::{
    key::Key,
    scan,
    token::{Number, Sink, Token, Zeros},
};

/// What may come next, in order. The end is an endless row of zeros; a written zero lies before it or
/// behind it by whatever stands behind the zeros.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part<'a> {
    Word(&'a str),
    ZeroThenWord,
    End,
    /// Zero too, where a larger number stands behind it.
    Number(Number<'a>),
}

impl Token for Part<'_> {
    fn write(&self, key: &mut Key) {
        match *self {
            Self::Word(word) => {
                key.mark(0x01);
                key.word(word);
            }
            Self::ZeroThenWord => key.mark(0x02),
            Self::End => key.mark(0x03),
            Self::Number(number) => key.number(number.0),
        }
    }
}

/// Reads a version, or refuses what `Gem::Version.correct?` refuses (and the empty text, which it takes
/// for zero).
pub(crate) fn read<'a>(text: &'a str, each: Sink<'_, Part<'a>>) -> Option<()> {
    if !is_well_formed(text) {
        return None;
    }
    let (mut zeros, mut after_word) = (Zeros::default(), false);
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let word;
        match first {
            b'0'..=b'9' => {
                let digits;
                (digits, rest) = scan::run(rest, |byte| byte.is_ascii_digit());
                zeros.push(digits, Part::Number, each);
                continue;
            }
            b'-' => (word, rest) = ("pre", &rest[1..]),
            b'.' => {
                rest = &rest[1..];
                continue;
            }
            _ => (word, rest) = scan::run(rest, |byte| byte.is_ascii_alphabetic()),
        }
        let held = zeros.take();
        for _ in 0..if after_word { held } else { 0 } {
            each(Part::ZeroThenWord);
        }
        after_word = true;
        each(Part::Word(word));
    }
    each(Part::End);
    Some(())
}

fn is_well_formed(text: &str) -> bool {
    let (release, pre) = match text.split_once('-') {
        Some((release, pre)) => (release, Some(pre)),
        None => (text, None),
    };
    let alphanumeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let hyphenated = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let first = release.split('.').next().unwrap_or_default();
    first.bytes().all(|byte| byte.is_ascii_digit())
        && release.split('.').all(alphanumeric)
        && pre.is_none_or(|pre| pre.split('.').all(hyphenated))
}
