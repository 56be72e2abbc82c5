//! The version order of Arch (libalpm, vercmp(8)): `[epoch:]version[-release]`.
//!
//! A child of an older rpmvercmp that knows neither `~` nor `^` and minds how long separators are.

use std::cmp::Ordering;

use crate::{
    key::{BEHIND_NUMBERS, Key},
    scan,
};

/// What may follow a run, in order: a word that touches it, the end, separators and the end, a number that
/// touches it, then whatever stands behind one separator, two, and so on.
const WORD: u8 = 0x01;
const END: u8 = 0x02;
const SEPARATED_END: u8 = 0x03;
const ONE_SEPARATOR: u8 = BEHIND_NUMBERS;
const MORE_SEPARATORS: u8 = BEHIND_NUMBERS + 1;

/// Compares two versions as `vercmp` does, except where its answers go in circles, which no total order can:
/// a missing release sorts before every release (`vercmp` calls it equal to all of them), and separators
/// at the very end only make a version newer than the same one without (`1.` < `1.1` < `1..a` < `1.` there).
pub fn compare(a: &str, b: &str) -> Ordering {
    let ((epoch_a, rest_a), (epoch_b, rest_b)) = (scan::epoch(a), scan::epoch(b));
    let (version_a, release_a) = split_release(rest_a);
    let (version_b, release_b) = split_release(rest_b);
    scan::digits(epoch_a, epoch_b)
        .then_with(|| vercmp(version_a, version_b))
        .then_with(|| match (release_a, release_b) {
            (Some(a), Some(b)) => vercmp(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        })
}

/// True for a text that makepkg would accept as a full version.
pub fn is_valid(text: &str) -> bool {
    let (_, rest) = scan::epoch(text);
    let (version, release) = split_release(rest);
    let readable = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_graphic() && !b":/-".contains(&byte))
            && part.bytes().any(|byte| byte.is_ascii_alphanumeric())
    };
    readable(version)
        && release.is_none_or(|release| {
            release.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !release.is_empty()
        })
}

fn split_release(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once('-') {
        Some((version, release)) => (version, Some(release)),
        None => (text, None),
    }
}

fn vercmp(mut a: &str, mut b: &str) -> Ordering {
    loop {
        let (rest_a, rest_b) = (skip_separators(a), skip_separators(b));
        let (gap_a, gap_b) = (a.len() - rest_a.len(), b.len() - rest_b.len());
        (a, b) = match (rest_a.is_empty(), rest_b.is_empty()) {
            (true, true) => return (gap_a > 0).cmp(&(gap_b > 0)),
            (true, false) => return against_the_end(rest_b, gap_b).reverse(),
            (false, true) => return against_the_end(rest_a, gap_a),
            (false, false) if gap_a != gap_b => return gap_a.cmp(&gap_b),
            (false, false) => match scan::segment(rest_a, rest_b) {
                Ok(rest) => rest,
                Err(order) => return order,
            },
        };
    }
}

/// What is left over makes a version newer, unless it is a word that touches what came before: 1.0 is
/// newer than 1.0rc.
fn against_the_end(rest: &str, gap: usize) -> Ordering {
    if gap == 0 && rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        Ordering::Less
    } else {
        Ordering::Greater
    }
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

fn write_part(key: &mut Key, mut part: &str) {
    loop {
        let rest = skip_separators(part);
        let gap = part.len() - rest.len();
        if rest.is_empty() {
            return key.mark(if gap > 0 { SEPARATED_END } else { END });
        }
        match gap {
            0 => {}
            1 => key.mark(ONE_SEPARATOR),
            more => {
                key.mark(MORE_SEPARATORS);
                key.count(more);
            }
        }
        let (digits, after) = scan::run(rest, |byte| byte.is_ascii_digit());
        let (word, after) = scan::run(after, |byte| byte.is_ascii_alphabetic() && digits.is_empty());
        if digits.is_empty() {
            key.mark(WORD);
            key.word(word);
        } else {
            key.number(digits);
        }
        part = after;
    }
}

fn skip_separators(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
}
