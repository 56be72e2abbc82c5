//! Small steps that all version orders share: cutting runs of characters, comparing digits of any length.

use std::cmp::Ordering;

/// Splits `text` behind its leading run of bytes for which `keep` holds.
///
/// `keep` may accept ASCII only, so that the cut always falls between characters.
pub(crate) fn run(text: &str, keep: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text
        .bytes()
        .take_while(|byte| byte.is_ascii() && keep(*byte))
        .count();
    text.split_at(end)
}

/// Compares two runs of digits as numbers of any length; an empty run counts as zero.
pub(crate) fn digits(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Splits `epoch:rest`; a missing or empty epoch is the empty run, which counts as zero.
pub(crate) fn epoch(text: &str) -> (&str, &str) {
    match text.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => (epoch, rest),
        _ => ("", text),
    }
}

/// Cuts the `v` that people write in front of versions, if a digit follows it.
pub(crate) fn without_v(text: &str) -> &str {
    match text.strip_prefix(['v', 'V']) {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => text,
    }
}

/// The place of `word` in `names`.
pub(crate) fn rank(word: &str, names: &[&str]) -> Option<u8> {
    let place = names.iter().position(|name| *name == word)?;
    u8::try_from(place).ok()
}

/// The place of `word` in `names`, which are in lower case; the case of `word` does not matter.
pub(crate) fn caseless_rank(word: &str, names: &[&str]) -> Option<u8> {
    let place = names.iter().position(|name| name.eq_ignore_ascii_case(word))?;
    u8::try_from(place).ok()
}

/// Compares the first run of digits or letters of `a` with the run of the same kind in `b`, as rpm and pacman
/// both do: `Err` is the verdict, `Ok` is what is left of both. A number is newer than a word.
pub(crate) fn segment<'a, 'b>(a: &'a str, b: &'b str) -> Result<(&'a str, &'b str), Ordering> {
    let numeric = a.starts_with(|c: char| c.is_ascii_digit());
    let same_kind = |byte: u8| {
        if numeric {
            byte.is_ascii_digit()
        } else {
            byte.is_ascii_alphabetic()
        }
    };
    let (run_a, after_a) = run(a, same_kind);
    let (run_b, after_b) = run(b, same_kind);
    let order = match (run_b.is_empty(), numeric) {
        (true, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, true) => digits(run_a, run_b),
        (false, false) => run_a.cmp(run_b),
    };
    if order.is_eq() {
        Ok((after_a, after_b))
    } else {
        Err(order)
    }
}

#[cfg(test)]
mod tests {
    use super::{digits, epoch, run};
    use std::cmp::Ordering;

    #[test]
    fn digits_have_no_upper_bound() {
        assert_eq!(
            digits("99999999999999999999999", "100000000000000000000000"),
            Ordering::Less
        );
        assert_eq!(digits("0007", "7"), Ordering::Equal);
        assert_eq!(digits("", "0"), Ordering::Equal);
    }

    #[test]
    fn a_run_never_cuts_a_character() {
        assert_eq!(run("12ä", |byte| byte != b'x'), ("12", "ä"));
    }

    #[test]
    fn an_epoch_is_digits_only() {
        assert_eq!(epoch("1:2.0"), ("1", "2.0"));
        assert_eq!(epoch(":2.0"), ("", "2.0"));
        assert_eq!(epoch("a:2.0"), ("", "a:2.0"));
    }
}
