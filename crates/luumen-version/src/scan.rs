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
