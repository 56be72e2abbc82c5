//! The version order of Maven, as the POM reference's "Version Order Specification" states it.
//!
//! That text rather than the class `ComparableVersion`, which is meant to do the same but answers in
//! circles for some odd versions and differs where a null stands in front of a hyphen (`1-ga-alpha`) or a
//! word behind a dot is not the last part (`1.rc-1`). `_` and `+` are read as hyphens.

use crate::{
    key::Key,
    scan,
    token::{Caseless, Number, Sink, Token},
};

/// Qualifiers that sort before the release, in order.
const BEFORE: [&str; 5] = ["alpha", "beta", "milestone", "rc", "snapshot"];

/// What may come next, in order. A null (zero, or a word for the release itself) is written only when
/// a number behind it makes the version newer than one that ends here.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part<'a> {
    Before(u8),
    End,
    Release,
    ServicePack,
    Other(Caseless<'a>),
    Hyphen(Number<'a>),
    Dot(Number<'a>),
}

impl Token for Part<'_> {
    fn write(&self, key: &mut Key) {
        match self {
            Self::Before(rank) => key.mark(0x01 + rank),
            Self::End => key.mark(0x06),
            Self::Release => key.mark(0x07),
            Self::ServicePack => key.mark(0x08),
            Self::Other(word) => {
                key.mark(0x09);
                key.caseless_word(word.0);
            }
            Self::Hyphen(number) => {
                key.mark(0x0A);
                key.number(number.0);
            }
            Self::Dot(number) => key.number(number.0),
        }
    }
}

impl Part<'_> {
    fn is_null(&self) -> bool {
        match self {
            Self::Release => true,
            Self::Hyphen(number) | Self::Dot(number) => number.is_zero(),
            _ => false,
        }
    }
}

/// Nulls that were read and may still prove to be trailing.
#[derive(Debug, Default)]
struct Nulls<'a> {
    first: Option<Part<'a>>,
    dotted: usize,
}

impl<'a> Nulls<'a> {
    /// Takes the next part and passes on what is certain to count.
    fn push(&mut self, part: Part<'a>, each: Sink<'_, Part<'a>>) {
        let dotted = matches!(part, Part::Dot(_));
        if !dotted {
            // Nulls in front of a hyphen or a word are trimmed like those at the end.
            *self = Self::default();
        }
        match (part.is_null(), dotted) {
            (true, true) => self.dotted += 1,
            (true, false) => self.first = Some(part),
            (false, _) => {
                let nulls = std::mem::take(self);
                nulls.first.into_iter().for_each(&mut *each);
                for _ in 0..nulls.dotted {
                    each(Part::Dot(Number("")));
                }
                each(part);
            }
        }
    }
}

/// Reads a version: letters, digits and separators with something between them.
pub(crate) fn read<'a>(text: &'a str, each: Sink<'_, Part<'a>>) -> Option<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
    if !text.bytes().all(allowed) || !text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let mut nulls = Nulls::default();
    let (mut rest, mut hyphen) = (text, false);
    loop {
        let digits;
        (digits, rest) = scan::run(rest, |byte| byte.is_ascii_digit());
        let word;
        (word, rest) = scan::run(rest, |byte| byte.is_ascii_alphabetic() && digits.is_empty());
        let number = Number(digits);
        nulls.push(
            match (word.is_empty(), hyphen) {
                (false, _) => qualifier(word, rest),
                // Nothing between two separators is a zero.
                (true, true) => Part::Hyphen(number),
                (true, false) => Part::Dot(number),
            },
            each,
        );
        let Some(next) = rest.bytes().next() else { break };
        // A change between digits and letters is a hyphen that nobody wrote.
        hyphen = next != b'.';
        if !next.is_ascii_alphanumeric() {
            rest = &rest[1..];
        }
    }
    each(Part::End);
    Some(())
}

fn qualifier<'a>(word: &'a str, rest: &str) -> Part<'a> {
    let before_number = rest.starts_with(|c: char| c.is_ascii_digit());
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    match scan::caseless_rank(word, &BEFORE) {
        Some(rank) => Part::Before(rank),
        None if before_number && is("a") => Part::Before(0),
        None if before_number && is("b") => Part::Before(1),
        None if before_number && is("m") => Part::Before(2),
        None if is("cr") => Part::Before(3),
        None if is("final") || is("ga") || is("release") => Part::Release,
        None if is("sp") => Part::ServicePack,
        None => Part::Other(Caseless(word)),
    }
}
