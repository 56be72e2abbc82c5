//! The versions vendors print on their own programs: OpenSSL 1.0.2zd, OpenSSH 8.9p1, sudo 1.9.5p2, Java 8u402.
//!
//! There is no specification. The rules are those the vendors' own release notes follow: numbers as
//! numbers; a word behind them is a later patch (`1.0.2` < `1.0.2a` < `1.0.2z` < `1.0.2za`, so shorter
//! words come first) unless it names a state before the release (`1.0.2-beta1` < `1.0.2`). Separators
//! only separate, case does not matter, and zeros in front of a word or at the end do not count. Java's
//! older `1.8.0_402` is read as it stands and not as `8u402`: no other vendor's 1.8 is an 8.

use std::cmp::Ordering;

use crate::{
    key::Key,
    scan,
    token::{Caseless, Number, Sink, Token, Zeros},
};

/// Words for states before a release, in order.
const BEFORE: [&[&str]; 5] = [
    &["dev", "snapshot", "nightly"],
    &["alpha"],
    &["beta"],
    &["pre", "preview", "prerelease", "ea"],
    &["rc", "cr"],
];

/// What may come next, in order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part<'a> {
    Before(u8),
    End,
    Patch(Patch<'a>),
    Number(Number<'a>),
}

/// A word that counts upwards: z is followed by za.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Patch<'a>(Caseless<'a>);

impl Ord for Patch<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = |patch: &Self| patch.0.0.len();
        length(self)
            .cmp(&length(other))
            .then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Patch<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Token for Part<'_> {
    fn write(&self, key: &mut Key) {
        match self {
            Self::Before(rank) => key.mark(0x01 + rank),
            Self::End => key.mark(0x07),
            Self::Patch(patch) => {
                key.mark(0x08);
                key.count(patch.0.0.len());
                key.caseless_word(patch.0.0);
            }
            Self::Number(number) => key.number(number.0),
        }
    }
}

/// Reads a version, or refuses a text that does not start with a number or holds what no version holds.
pub(crate) fn read<'a>(text: &'a str, each: Sink<'_, Part<'a>>) -> Option<()> {
    let mut rest = scan::without_v(text);
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut zeros = Zeros::default();
    while let Some(first) = rest.bytes().next() {
        if first.is_ascii_digit() {
            let digits;
            (digits, rest) = scan::run(rest, |byte| byte.is_ascii_digit());
            zeros.push(digits, Part::Number, each);
        } else if first.is_ascii_alphabetic() {
            let word;
            (word, rest) = scan::run(rest, |byte| byte.is_ascii_alphabetic());
            zeros.take();
            each(match rank(word) {
                Some(rank) => Part::Before(rank),
                None => Part::Patch(Patch(Caseless(word))),
            });
        } else if b".-_+~".contains(&first) {
            rest = &rest[1..];
        } else {
            return None;
        }
    }
    each(Part::End);
    Some(())
}

fn rank(word: &str) -> Option<u8> {
    let rank = BEFORE
        .iter()
        .position(|names| scan::caseless_rank(word, names).is_some())?;
    u8::try_from(rank).ok()
}
