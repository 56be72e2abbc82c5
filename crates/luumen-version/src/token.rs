//! Versions as lists of tokens: one reading of a text serves the comparison and the key.
//!
//! A scheme's reader cuts a text into tokens whose `Ord` is the scheme's order; lists compare token by
//! token, and the start of a list is before the list. A token also knows its bytes in a key. The two are
//! separate answers to one question, which is what lets the tests hold one against the other.

use std::cmp::Ordering;

use crate::{key::Key, scan};

/// A part of a version that can be compared.
pub(crate) trait Token: Ord {
    /// Writes bytes that compare as the token does.
    fn write(&self, key: &mut Key);
}

/// Where a reader puts what it found.
pub(crate) type Sink<'s, T> = &'s mut dyn FnMut(T);

/// The key of `text`, or `None` when `read` refuses it.
pub(crate) fn key<'a, T: Token>(
    text: &'a str,
    read: fn(&'a str, Sink<'_, T>) -> Option<()>,
) -> Option<Vec<u8>> {
    let mut key = Key::for_text(text);
    read(text, &mut |token| token.write(&mut key))?;
    Some(key.done())
}

/// The order of two texts, or `None` when `read` refuses one.
pub(crate) fn compare<'a, T: Token>(
    a: &'a str,
    b: &'a str,
    read: fn(&'a str, Sink<'_, T>) -> Option<()>,
) -> Option<Ordering> {
    let tokens = |text| {
        let mut tokens = Vec::new();
        read(text, &mut |token| tokens.push(token))?;
        Some(tokens)
    };
    Some(tokens(a)?.cmp(&tokens(b)?))
}

/// Whether `read` accepts `text`.
pub(crate) fn is_valid<'a, T: Token>(text: &'a str, read: fn(&'a str, Sink<'_, T>) -> Option<()>) -> bool {
    read(text, &mut |_| ()).is_some()
}

/// A run of digits, compared as a number; the empty run is zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number<'a>(pub(crate) &'a str);

impl Number<'_> {
    pub(crate) fn is_zero(self) -> bool {
        self.0.bytes().all(|digit| digit == b'0')
    }
}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        scan::digits(self.0, other.0)
    }
}

/// Zeros that were read and count only if something stands behind them.
#[derive(Debug, Default)]
pub(crate) struct Zeros(usize);

impl Zeros {
    /// Passes a number on, and in front of it the zeros held so far; a zero is held itself.
    pub(crate) fn push<'a, T>(&mut self, digits: &'a str, part: fn(Number<'a>) -> T, each: Sink<'_, T>) {
        if Number(digits).is_zero() {
            self.0 += 1;
            return;
        }
        for _ in 0..self.take() {
            each(part(Number("")));
        }
        each(part(Number(digits)));
    }

    /// Forgets the zeros held so far and says how many they were.
    pub(crate) fn take(&mut self) -> usize {
        std::mem::take(&mut self.0)
    }
}

/// A word of letters, digits and hyphens for which case does not matter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caseless<'a>(pub(crate) &'a str);

impl Ord for Caseless<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let lower = |byte: u8| byte.to_ascii_lowercase();
        self.0.bytes().map(lower).cmp(other.0.bytes().map(lower))
    }
}

macro_rules! equal_as_ordered {
    ($($name:ident)+) => {$(
        impl PartialOrd for $name<'_> {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
        impl PartialEq for $name<'_> {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other).is_eq()
            }
        }
        impl Eq for $name<'_> {}
    )+};
}
equal_as_ordered!(Number Caseless);
