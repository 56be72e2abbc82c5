//! The version order of Python packages: PEP 440 in the form of the PyPA "Version specifiers" page.
//!
//! Reads every spelling that its Appendix B accepts (`v1.0`, `1.0-alpha.1`, `1.0-1` for a post-release).
//! Whitespace around a version is not accepted here: whoever reads a file trims.

use crate::{
    key::{Key, LAST},
    scan,
    token::{Caseless, Number, Sink, Token, Zeros},
};

/// The parts of a version in the order in which they are written. At one place only neighbours that
/// exclude each other can meet, and those stand here in their order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part<'a> {
    EndOfRelease,
    /// A development release of the release itself: before its pre-releases.
    DevelopmentOnly,
    Alpha(Number<'a>),
    Beta(Number<'a>),
    Candidate(Number<'a>),
    NoPre,
    NoPost,
    /// A word of the local version.
    Word(Caseless<'a>),
    Number(Number<'a>),
    NoDevelopment,
}

impl Token for Part<'_> {
    fn write(&self, key: &mut Key) {
        match self {
            Self::EndOfRelease => key.mark(0x01),
            Self::DevelopmentOnly => key.mark(0x02),
            Self::Alpha(number) => write_pre(key, 0x03, *number),
            Self::Beta(number) => write_pre(key, 0x04, *number),
            Self::Candidate(number) => write_pre(key, 0x05, *number),
            Self::NoPre => key.mark(0x06),
            Self::NoPost => key.mark(0x07),
            Self::Word(word) => {
                key.mark(0x08);
                key.caseless_word(word.0);
            }
            Self::Number(number) => key.number(number.0),
            Self::NoDevelopment => key.mark(LAST),
        }
    }
}

fn write_pre(key: &mut Key, mark: u8, number: Number<'_>) {
    key.mark(mark);
    key.number(number.0);
}

/// Reads a version, or refuses what the specification does not allow.
pub(crate) fn read<'a>(text: &'a str, each: Sink<'_, Part<'a>>) -> Option<()> {
    let (public, local) = match text.split_once('+') {
        Some((public, local)) => (public, Some(local)),
        None => (text, None),
    };
    let rest = read_release(scan::without_v(public), each)?;
    let (pre, rest) = take_pre(rest);
    let (post, rest) = take_post(rest);
    let (dev, rest) = take_named(rest, &["dev"]);
    if !rest.is_empty() {
        return None;
    }
    each(match pre {
        Some(pre) => pre,
        None if post.is_none() && dev.is_some() => Part::DevelopmentOnly,
        None => Part::NoPre,
    });
    each(post.map_or(Part::NoPost, Part::Number));
    each(dev.map_or(Part::NoDevelopment, Part::Number));
    local.map_or(Some(()), |local| read_local(local, each))
}

/// Reads the epoch and the numbers of the release, without the zeros at their end.
fn read_release<'a>(text: &'a str, each: Sink<'_, Part<'a>>) -> Option<&'a str> {
    let digit = |byte: u8| byte.is_ascii_digit();
    let (mut number, mut rest) = scan::run(text, digit);
    if let Some(after) = rest.strip_prefix('!') {
        if number.is_empty() {
            return None;
        }
        each(Part::Number(Number(number)));
        (number, rest) = scan::run(after, digit);
    } else {
        each(Part::Number(Number("")));
    }
    if number.is_empty() {
        return None;
    }
    let mut zeros = Zeros::default();
    loop {
        zeros.push(number, Part::Number, each);
        match rest.strip_prefix('.').map(|after| scan::run(after, digit)) {
            Some((next, after)) if !next.is_empty() => (number, rest) = (next, after),
            _ => break,
        }
    }
    each(Part::EndOfRelease);
    Some(rest)
}

fn take_pre(text: &str) -> (Option<Part<'_>>, &str) {
    type Make = for<'n> fn(Number<'n>) -> Part<'n>;
    let kinds: [(&[&str], Make); 3] = [
        (&["alpha", "a"], |number| Part::Alpha(number)),
        (&["beta", "b"], |number| Part::Beta(number)),
        (&["preview", "pre", "rc", "c"], |number| Part::Candidate(number)),
    ];
    for (names, make) in kinds {
        if let (Some(number), rest) = take_named(text, names) {
            return (Some(make(number)), rest);
        }
    }
    (None, text)
}

fn take_post(text: &str) -> (Option<Number<'_>>, &str) {
    if let Some(after) = text.strip_prefix('-') {
        let (number, rest) = scan::run(after, |byte| byte.is_ascii_digit());
        if !number.is_empty() {
            return (Some(Number(number)), rest);
        }
    }
    take_named(text, &["post", "rev", "r"])
}

/// Takes `{separator}name{separator}{digits}`. The specification allows the second separator even
/// where no digits follow it.
fn take_named<'a>(text: &'a str, names: &[&str]) -> (Option<Number<'a>>, &'a str) {
    let start = without_separator(text);
    let (word, _) = scan::run(start, |byte| byte.is_ascii_alphabetic());
    // Words run together without separators, as in 1.0rcdev1: the longest name that fits is taken.
    let found = names.iter().find(|name| {
        word.get(..name.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(name))
    });
    let Some(name) = found else { return (None, text) };
    let after_name = without_separator(&start[name.len()..]);
    let (number, rest) = scan::run(after_name, |byte| byte.is_ascii_digit());
    (Some(Number(number)), rest)
}

fn without_separator(text: &str) -> &str {
    text.strip_prefix(['.', '-', '_']).unwrap_or(text)
}

fn read_local<'a>(local: &'a str, each: Sink<'_, Part<'a>>) -> Option<()> {
    for part in local.split(['.', '-', '_']) {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        each(if part.bytes().all(|byte| byte.is_ascii_digit()) {
            Part::Number(Number(part))
        } else {
            Part::Word(Caseless(part))
        });
    }
    Some(())
}
