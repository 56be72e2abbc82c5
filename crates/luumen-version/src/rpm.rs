//! The version order of rpm: `[epoch:]version[-release]`, each part by rpmvercmp with `~` and `^`
//! (rpm-version(7)).

use std::cmp::Ordering;

use crate::{key::Key, scan};

/// What may come next, in order; numbers are behind all of them.
const TILDE: u8 = 0x01;
const END: u8 = 0x02;
const CARET: u8 = 0x03;
const WORD: u8 = 0x04;

/// Compares two `epoch:version-release` texts as rpm orders packages.
///
/// RPM reads a missing epoch as 0. A missing release sorts before every release: rpm calls it equal to
/// all of them, which no total order can.
pub fn compare(a: &str, b: &str) -> Ordering {
    let ((epoch_a, rest_a), (epoch_b, rest_b)) = (scan::epoch(a), scan::epoch(b));
    let (version_a, release_a) = split_release(rest_a);
    let (version_b, release_b) = split_release(rest_b);
    scan::digits(epoch_a, epoch_b)
        .then_with(|| vercmp(version_a, version_b))
        .then_with(|| {
            // Absent sorts first instead of being equal to all: a total order must be transitive.
            match (release_a, release_b) {
                (Some(a), Some(b)) => vercmp(a, b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            }
        })
}

/// True for a text that rpm could have written: a version of visible ASCII without a second colon.
pub fn is_valid(text: &str) -> bool {
    let (_, rest) = scan::epoch(text);
    let (version, release) = split_release(rest);
    let readable = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._+~^%{}-".contains(&byte))
            && part.bytes().any(|byte| byte.is_ascii_alphanumeric())
    };
    readable(version) && release.is_none_or(readable)
}

/// The key of a valid version. One without a release is the start of those with one, hence before them.
pub(crate) fn key(text: &str) -> Option<Vec<u8>> {
    if !is_valid(text) {
        return None;
    }
    let mut key = Key::for_text(text);
    let (epoch, rest) = scan::epoch(text);
    let (version, release) = split_release(rest);
    key.number(epoch);
    write_part(&mut key, version);
    if let Some(release) = release {
        write_part(&mut key, release);
    }
    Some(key.done())
}

fn write_part(key: &mut Key, part: &str) {
    let mut rest = skip_separators(part);
    while let Some(first) = rest.bytes().next() {
        rest = match first {
            b'~' | b'^' => {
                key.mark(if first == b'~' { TILDE } else { CARET });
                &rest[1..]
            }
            b'0'..=b'9' => {
                let (digits, after) = scan::run(rest, |byte| byte.is_ascii_digit());
                key.number(digits);
                after
            }
            _ => {
                let (word, after) = scan::run(rest, |byte| byte.is_ascii_alphabetic());
                key.mark(WORD);
                key.word(word);
                after
            }
        };
        rest = skip_separators(rest);
    }
    key.mark(END);
}

fn split_release(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once('-') {
        Some((version, release)) => (version, Some(release)),
        None => (text, None),
    }
}

/// rpmvercmp: runs of digits and of letters in turn, all else only separates.
///
/// `~` sorts before the end of the text; `^` sorts after it, but before anything that goes on.
pub fn vercmp(mut a: &str, mut b: &str) -> Ordering {
    loop {
        a = skip_separators(a);
        b = skip_separators(b);
        match (a.strip_prefix('~'), b.strip_prefix('~')) {
            (Some(rest_a), Some(rest_b)) => {
                (a, b) = (rest_a, rest_b);
                continue;
            }
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        match (a.strip_prefix('^'), b.strip_prefix('^')) {
            (Some(rest_a), Some(rest_b)) => {
                (a, b) = (rest_a, rest_b);
                continue;
            }
            (Some(_), None) => {
                return if b.is_empty() {
                    Ordering::Greater
                } else {
                    Ordering::Less
                };
            }
            (None, Some(_)) => {
                return if a.is_empty() {
                    Ordering::Less
                } else {
                    Ordering::Greater
                };
            }
            (None, None) => {}
        }
        if a.is_empty() || b.is_empty() {
            // Whoever has something left is newer.
            return (!a.is_empty()).cmp(&!b.is_empty());
        }
        (a, b) = match scan::segment(a, b) {
            Ok(rest) => rest,
            Err(order) => return order,
        };
    }
}

fn skip_separators(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '~' && c != '^')
}
