//! The version order of NuGet: `major{.minor{.patch{.revision}}}{-pre-release}{+metadata}`.
//!
//! Follows `NuGetVersion` and its `VersionComparer.Default`: missing numbers are zero, leading zeros do
//! not count, pre-releases compare as in SemVer 2.0 but without regard to case, metadata not at all.

use crate::{
    scan,
    semver::{self, Part},
    token::{Caseless, Number, Sink},
};

/// Reads a version, or refuses what NuGet would refuse.
pub(crate) fn read<'a>(text: &'a str, each: Sink<'_, Part<'a, Caseless<'a>>>) -> Option<()> {
    let digit = |byte: u8| byte.is_ascii_digit();
    let (first, mut rest) = scan::run(text, digit);
    if first.is_empty() {
        return None;
    }
    each(Part::Number(Number(first)));
    for _ in 0..3 {
        let mut number = "";
        if let Some(after) = rest.strip_prefix('.') {
            (number, rest) = scan::run(after, digit);
            if number.is_empty() {
                return None;
            }
        }
        each(Part::Number(Number(number)));
    }
    semver::read_rest(rest, |_| false, each)
}
