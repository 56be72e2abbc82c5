//! The version order of Alpine: `digits{.digits}{letter}{_suffix{digits}}{~hash}{-r#}`.

use std::cmp::Ordering;

use crate::scan;

/// Suffixes that sort before the plain version, then those behind it, each in order.
const SUFFIXES: [(&str, i8); 9] = [
    ("alpha", -4),
    ("beta", -3),
    ("pre", -2),
    ("rc", -1),
    ("cvs", 1),
    ("svn", 2),
    ("git", 3),
    ("hg", 4),
    ("p", 5),
];

/// A version taken apart.
#[derive(Debug)]
struct Parts<'a> {
    numbers: Vec<&'a str>,
    letter: Option<u8>,
    suffixes: Vec<(i8, &'a str)>,
    hash: &'a str,
    revision: &'a str,
}

/// Compares two versions as `apk version -t` does; a text that is no version sorts before all that are.
pub fn compare(a: &str, b: &str) -> Ordering {
    match (split(a), split(b)) {
        (Some(a), Some(b)) => compare_parts(&a, &b),
        (None, None) => a.cmp(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// True for a text that apk would accept as a version.
pub fn is_valid(text: &str) -> bool {
    split(text).is_some()
}

fn split(text: &str) -> Option<Parts<'_>> {
    let digit = |byte: u8| byte.is_ascii_digit();
    let (first, mut rest) = scan::run(text, digit);
    if first.is_empty() {
        return None;
    }
    let mut numbers = vec![first];
    while let Some(after) = rest.strip_prefix('.') {
        let (number, after) = scan::run(after, digit);
        if number.is_empty() {
            return None;
        }
        numbers.push(number);
        rest = after;
    }
    let letter = rest.bytes().next().filter(u8::is_ascii_lowercase);
    if letter.is_some() {
        rest = &rest[1..];
    }
    let mut suffixes = Vec::new();
    while let Some(after) = rest.strip_prefix('_') {
        let (name, after) = scan::run(after, |byte| byte.is_ascii_lowercase());
        let (_, rank) = SUFFIXES.iter().find(|(known, _)| *known == name)?;
        let (number, after) = scan::run(after, digit);
        suffixes.push((*rank, number));
        rest = after;
    }
    let mut hash = "";
    if let Some(after) = rest.strip_prefix('~') {
        (hash, rest) = scan::run(after, |byte| byte.is_ascii_hexdigit());
    }
    let mut revision = "";
    if let Some(after) = rest.strip_prefix("-r") {
        (revision, rest) = scan::run(after, digit);
        if revision.is_empty() {
            return None;
        }
    }
    rest.is_empty().then_some(Parts {
        numbers,
        letter,
        suffixes,
        hash,
        revision,
    })
}

fn compare_parts(a: &Parts<'_>, b: &Parts<'_>) -> Ordering {
    compare_numbers(&a.numbers, &b.numbers)
        .then_with(|| a.letter.cmp(&b.letter))
        .then_with(|| compare_suffixes(&a.suffixes, &b.suffixes))
        .then_with(|| a.hash.cmp(b.hash))
        .then_with(|| scan::digits(a.revision, b.revision))
}

fn compare_numbers(a: &[&str], b: &[&str]) -> Ordering {
    for (index, (a, b)) in a.iter().zip(b).enumerate() {
        // Behind the first dot a leading zero makes a fraction: 1.05 is older than 1.1.
        let fraction = index > 0 && (a.starts_with('0') || b.starts_with('0'));
        let order = if fraction { a.cmp(b) } else { scan::digits(a, b) };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

fn compare_suffixes(a: &[(i8, &str)], b: &[(i8, &str)]) -> Ordering {
    for index in 0..a.len().max(b.len()) {
        // No suffix stands between `_rc` and `_cvs`.
        let (rank_a, number_a) = a.get(index).copied().unwrap_or((0, ""));
        let (rank_b, number_b) = b.get(index).copied().unwrap_or((0, ""));
        let order = rank_a.cmp(&rank_b).then_with(|| scan::digits(number_a, number_b));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}
