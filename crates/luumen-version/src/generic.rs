//! An order for versions of no known kind: numbers as numbers, words as words.
//!
//! Good enough to sort a list for a person or to ask "at least 1.24" of a program's own version.

use std::cmp::Ordering;

use crate::scan;

/// Compares runs of digits as numbers and runs of letters as words; all else only separates. A word
/// sorts before the end (`1.0rc1` before `1.0`), a number behind it.
pub fn compare(mut a: &str, mut b: &str) -> Ordering {
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
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    text.starts_with(|first: char| first.is_ascii_digit()) && text.bytes().all(|byte| byte.is_ascii_graphic())
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
