//! The version order of Debian and Ubuntu: `[epoch:]upstream[-revision]` (Debian Policy §5.6.12).

use std::cmp::Ordering;

use crate::{
    key::{Key, LETTER},
    scan,
};

/// What may follow a number, in order: a tilde, the end, then characters.
const TILDE: u8 = 0x01;
const END: u8 = 0x02;

/// Compares two versions as `dpkg --compare-versions` does.
pub fn compare(a: &str, b: &str) -> Ordering {
    let ((epoch_a, rest_a), (epoch_b, rest_b)) = (scan::epoch(a), scan::epoch(b));
    let (upstream_a, revision_a) = split_revision(rest_a);
    let (upstream_b, revision_b) = split_revision(rest_b);
    scan::digits(epoch_a, epoch_b)
        .then_with(|| compare_part(upstream_a, upstream_b))
        .then_with(|| compare_part(revision_a, revision_b))
}

/// True when dpkg would accept `text` as a version: an upstream part that starts with a digit, and
/// only the characters that policy allows.
pub fn is_valid(text: &str) -> bool {
    let rest = match text.split_once(':') {
        Some((epoch, rest)) => {
            // dpkg keeps the epoch in an int.
            if epoch.is_empty()
                || !epoch.bytes().all(|byte| byte.is_ascii_digit())
                || epoch.parse::<i32>().is_err()
            {
                return false;
            }
            rest
        }
        None => text,
    };
    let (upstream, revision) = match rest.rsplit_once('-') {
        Some((_, "")) => return false,
        Some(parts) => parts,
        None => (rest, "0"),
    };
    upstream.starts_with(|first: char| first.is_ascii_digit())
        && upstream
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".+~-:".contains(&byte))
        && revision
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".+~".contains(&byte))
}

/// The key of a valid version.
pub(crate) fn key(text: &str) -> Option<Vec<u8>> {
    if !is_valid(text) {
        return None;
    }
    let mut key = Key::for_text(text);
    let (epoch, rest) = scan::epoch(text);
    let (upstream, revision) = split_revision(rest);
    key.number(epoch);
    write_part(&mut key, upstream);
    write_part(&mut key, if revision.is_empty() { "0" } else { revision });
    Some(key.done())
}

/// A number ends every word, zero where none is written: it stands between a tilde and a letter just
/// as the end of a word does, so words need no mark of their own.
fn write_part(key: &mut Key, mut part: &str) {
    while !part.is_empty() {
        let (word, after) = scan::run(part, |byte| !byte.is_ascii_digit());
        word.bytes().for_each(|byte| key.mark(character(byte)));
        let (digits, after) = scan::run(after, |byte| byte.is_ascii_digit());
        key.number(digits);
        part = after;
    }
    key.mark(END);
}

fn character(byte: u8) -> u8 {
    match byte {
        b'~' => TILDE,
        b'+' => LETTER + 58,
        b'-' => LETTER + 59,
        b'.' => LETTER + 60,
        b':' => LETTER + 61,
        letter => LETTER + (letter - b'A'),
    }
}

fn split_revision(text: &str) -> (&str, &str) {
    text.rsplit_once('-').unwrap_or((text, ""))
}

/// Runs of non-digits and digits in turn. A tilde sorts before the end, the end before letters,
/// letters before everything else.
fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let is_word = |byte: &u8| !byte.is_ascii_digit();
        let word_a = a.as_bytes().iter().take_while(|byte| is_word(byte)).count();
        let word_b = b.as_bytes().iter().take_while(|byte| is_word(byte)).count();
        let order = compare_words(&a.as_bytes()[..word_a], &b.as_bytes()[..word_b]);
        if order.is_ne() {
            return order;
        }
        let (digits_a, rest_a) = scan::run(&a[word_a..], |byte| byte.is_ascii_digit());
        let (digits_b, rest_b) = scan::run(&b[word_b..], |byte| byte.is_ascii_digit());
        let order = scan::digits(digits_a, digits_b);
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

fn compare_words(a: &[u8], b: &[u8]) -> Ordering {
    let weight = |word: &[u8], index: usize| match word.get(index) {
        None => 0,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    (0..a.len().max(b.len()))
        .map(|index| weight(a, index).cmp(&weight(b, index)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
