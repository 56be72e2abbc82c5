//! An order for versions of no known kind: numbers as numbers, words as words.
//!
//! Good enough to sort a list for a person or to ask "at least 1.24" of a program's own version.

use std::cmp::Ordering;

use crate::{key::Key, scan};

/// What may come next, in order; numbers are behind both.
const WORD: u8 = 0x01;
const END: u8 = 0x02;

/// Compares runs of digits as numbers and runs of letters as words; all else only separates. A word
/// sorts before the end (`1.0rc1` before `1.0`), a number behind it. A `v` in front of the first number is
/// not part of the version.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (scan::without_v(a), scan::without_v(b));
    loop {
        a = skip_separators(a);
        b = skip_separators(b);
        let (rank_a, rank_b) = (rank(a), rank(b));
        if rank_a != rank_b || rank_a == 1 {
            return rank_a.cmp(&rank_b);
        }
        let numeric = rank_a == 2;
        let same_kind = |byte: u8| {
            if numeric {
                byte.is_ascii_digit()
            } else {
                byte.is_ascii_alphabetic()
            }
        };
        let (run_a, rest_a) = scan::run(a, same_kind);
        let (run_b, rest_b) = scan::run(b, same_kind);
        let order = if numeric {
            scan::digits(run_a, run_b)
        } else {
            run_a.cmp(run_b)
        };
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
}

/// True when there is a number to hold on to.
pub fn is_valid(text: &str) -> bool {
    let text = scan::without_v(text);
    text.starts_with(|first: char| first.is_ascii_digit()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The key of a valid version.
pub(crate) fn key(text: &str) -> Option<Vec<u8>> {
    if !is_valid(text) {
        return None;
    }
    let mut key = Key::for_text(text);
    let mut rest = skip_separators(scan::without_v(text));
    while !rest.is_empty() {
        let (digits, after) = scan::run(rest, |byte| byte.is_ascii_digit());
        let (word, after) = if digits.is_empty() {
            scan::run(after, |byte| byte.is_ascii_alphabetic())
        } else {
            key.number(digits);
            ("", after)
        };
        if !word.is_empty() {
            key.mark(WORD);
            key.word(word);
        }
        rest = skip_separators(after);
    }
    key.mark(END);
    Some(key.done())
}

/// 0 a word, 1 the end, 2 a number.
fn rank(text: &str) -> u8 {
    match text.bytes().next() {
        None => 1,
        Some(byte) if byte.is_ascii_digit() => 2,
        Some(_) => 0,
    }
}

fn skip_separators(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
}
