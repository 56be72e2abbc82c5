//! The version order of Alpine: `digits{.digits}{letter}{_suffix{digits}}{~hash}{-r#}`.
//!
//! Follows `apk version` of apk-tools 3 (after Gentoo's PMS §3.2). Its `~` for fuzzy matching is no part
//! of an order and not here.

use crate::{
    key::Key,
    scan,
    token::{Number, Sink, Token},
};

/// Suffixes that sort before the plain version, in order.
const BEFORE: [&str; 4] = ["alpha", "beta", "pre", "rc"];
/// Suffixes that sort behind it, in order.
const AFTER: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

/// What may come next, in order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part<'a> {
    Before(u8),
    End,
    Revision(Number<'a>),
    Hash(&'a str),
    SuffixNumber(Number<'a>),
    After(u8),
    Letter(u8),
    /// Behind the first dot a leading zero makes a fraction: 1.05 is older than 1.1.
    Fraction(&'a str),
    Number(Number<'a>),
}

impl Token for Part<'_> {
    fn write(&self, key: &mut Key) {
        match *self {
            Self::Before(rank) => key.mark(0x01 + rank),
            Self::End => key.mark(0x05),
            Self::Revision(number) => {
                key.mark(0x06);
                key.number(number.0);
            }
            Self::Hash(hash) => {
                key.mark(0x07);
                key.word(hash);
            }
            Self::SuffixNumber(number) => {
                key.mark(0x08);
                key.number(number.0);
            }
            Self::After(rank) => key.mark(0x09 + rank),
            Self::Letter(letter) => {
                key.mark(0x0E);
                key.mark(letter);
            }
            Self::Fraction(digits) => {
                key.mark(0x0F);
                // The zero in front is what the mark says.
                key.word(&digits[1..]);
            }
            Self::Number(number) => key.number(number.0),
        }
    }
}

/// Reads a version into its parts, or refuses what apk would refuse.
pub(crate) fn read<'a>(text: &'a str, each: Sink<'_, Part<'a>>) -> Option<()> {
    let digit = |byte: u8| byte.is_ascii_digit();
    let mut rest = read_numbers(text, each)?;
    if let Some(letter) = rest.bytes().next().filter(u8::is_ascii_lowercase) {
        each(Part::Letter(letter));
        rest = &rest[1..];
    }
    rest = read_suffixes(rest, each)?;
    if let Some(after) = rest.strip_prefix('~') {
        let hash;
        (hash, rest) = scan::run(after, |byte| byte.is_ascii_hexdigit());
        if hash.is_empty() {
            return None;
        }
        each(Part::Hash(hash));
    }
    if let Some(after) = rest.strip_prefix("-r") {
        let revision;
        (revision, rest) = scan::run(after, digit);
        if revision.is_empty() {
            return None;
        }
        each(Part::Revision(Number(revision)));
    }
    each(Part::End);
    rest.is_empty().then_some(())
}

fn read_numbers<'a>(text: &'a str, each: Sink<'_, Part<'a>>) -> Option<&'a str> {
    let digit = |byte: u8| byte.is_ascii_digit();
    let (first, mut rest) = scan::run(text, digit);
    if first.is_empty() {
        return None;
    }
    each(Part::Number(Number(first)));
    while let Some(after) = rest.strip_prefix('.') {
        let number;
        (number, rest) = scan::run(after, digit);
        each(match number.bytes().next()? {
            b'0' => Part::Fraction(number),
            _ => Part::Number(Number(number)),
        });
    }
    Some(rest)
}

fn read_suffixes<'a>(mut rest: &'a str, each: Sink<'_, Part<'a>>) -> Option<&'a str> {
    while let Some(after) = rest.strip_prefix('_') {
        let (name, after) = scan::run(after, |byte| byte.is_ascii_lowercase());
        each(match scan::rank(name, &BEFORE) {
            Some(rank) => Part::Before(rank),
            None => Part::After(scan::rank(name, &AFTER)?),
        });
        let number;
        (number, rest) = scan::run(after, |byte| byte.is_ascii_digit());
        if !number.is_empty() {
            each(Part::SuffixNumber(Number(number)));
        }
    }
    Some(rest)
}
