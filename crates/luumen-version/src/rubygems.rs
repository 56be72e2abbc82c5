//! The version order of RubyGems, as `Gem::Version#<=>` defines it.
//!
//! Runs of digits and of letters; a word makes a pre-release, and a hyphen stands for `.pre.`. Zeros in
//! front of the first word and at the end do not count, and what is missing is zero.

use crate::{
    key::Key,
    scan,
    token::{Number, Sink, Token},
};

/// What may come next, in order. The end is an endless row of zeros; a written zero lies before it or
/// behind it by whatever stands behind the zeros.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part<'a> {
    Word(&'a str),
    ZeroThenWord,
    End,
    ZeroThenNumber,
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
            Self::ZeroThenNumber => key.mark(0x04),
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
    let (mut zeros, mut after_word) = (0, false);
    let mut word = |word, zeros: &mut usize, each: Sink<'_, Part<'a>>| {
        let counted = std::mem::take(zeros);
        for _ in 0..if after_word { counted } else { 0 } {
            each(Part::ZeroThenWord);
        }
        after_word = true;
        each(Part::Word(word));
    };
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        if first.is_ascii_digit() {
            let (digits, after) = scan::run(rest, |byte| byte.is_ascii_digit());
            rest = after;
            if Number(digits).is_zero() {
                zeros += 1;
                continue;
            }
            for _ in 0..std::mem::take(&mut zeros) {
                each(Part::ZeroThenNumber);
            }
            each(Part::Number(Number(digits)));
        } else if first.is_ascii_alphabetic() {
            let (letters, after) = scan::run(rest, |byte| byte.is_ascii_alphabetic());
            rest = after;
            word(letters, &mut zeros, each);
        } else {
            if first == b'-' {
                word("pre", &mut zeros, each);
            }
            rest = &rest[1..];
        }
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
