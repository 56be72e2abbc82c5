//! Builds of Windows: dotted numbers such as 10.0.17763.6414.
//!
//! There is no specification; the parts are `major.minor.build.revision` as `RtlGetVersion` and the UBR
//! give them. What is left out counts as zero, because advisories leave the revision out where it is zero.

use crate::{
    key::Key,
    token::{Number, Sink, Token, Zeros},
};

/// One number; a list of them without zeros at its end.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part<'a>(Number<'a>);

impl Token for Part<'_> {
    fn write(&self, key: &mut Key) {
        key.number(self.0.0);
    }
}

/// Reads a build, or refuses anything but numbers and dots between them.
pub(crate) fn read<'a>(text: &'a str, each: Sink<'_, Part<'a>>) -> Option<()> {
    let mut zeros = Zeros::default();
    for number in text.split('.') {
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        zeros.push(number, Part, each);
    }
    Some(())
}
