//! The version order of Arch (libalpm's `vercmp`): `[epoch:]version[-release]`.
//!
//! A child of an older rpmvercmp that knows neither `~` nor `^` and minds how long separators are.

use std::cmp::Ordering;

use crate::scan;

/// Compares two versions as `vercmp` does, except that a missing release sorts before every release
/// (`vercmp` calls them equal, which no total order can).
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
    if a == b {
        return Ordering::Equal;
    }
    while !a.is_empty() && !b.is_empty() {
        let (rest_a, rest_b) = (skip_separators(a), skip_separators(b));
        let (gap_a, gap_b) = (a.len() - rest_a.len(), b.len() - rest_b.len());
        (a, b) = (rest_a, rest_b);
        if a.is_empty() || b.is_empty() {
            break;
        }
        if gap_a != gap_b {
            return gap_a.cmp(&gap_b);
        }
        (a, b) = match scan::segment(a, b) {
            Ok(rest) => rest,
            Err(order) => return order,
        };
    }
    let starts_with_letter = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        // What is left over makes a version newer, unless it is a word: 1.0 is newer than 1.0rc.
        (true, false) => {
            if starts_with_letter(b) {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (false, true) => {
            if starts_with_letter(a) {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (false, false) => Ordering::Equal,
    }
}

fn skip_separators(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
}
