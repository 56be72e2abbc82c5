//! The version order of rpm: `[epoch:]version[-release]`, each part by rpmvercmp with `~` and `^`.

use std::cmp::Ordering;

use crate::scan;

/// Compares two `epoch:version-release` texts as rpm orders packages.
///
/// RPM reads a missing epoch as 0. A missing release is equal to every release, because advisories and
/// dependencies that name only a version mean all of its builds.
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
