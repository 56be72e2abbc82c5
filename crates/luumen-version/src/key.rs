//! Builds keys: bytes whose plain order is the order of the versions they were made from.
//!
//! Every scheme writes the same alphabet, chosen so that a byte alone says what it is:
//! below [`NUMBER`] the marks of a scheme (the end, a tilde, the start of a word), then numbers, and
//! from [`LETTER`] on the characters that continue a word. A word therefore needs no end: whatever
//! comes next is smaller than one more character. What the marks mean is the matter of each scheme;
//! this room knows no version.

/// The first byte of a number; every mark of a scheme is smaller.
const NUMBER: u8 = 0x10;
/// Numbers below this are one byte.
const SMALL: u64 = 160;
/// Then come numbers of one to eight bytes, each announced by its length.
const SIZED: u8 = 0xB0;
/// Then numbers of twenty digits and more, announced by the count of their digits.
const LONG: u8 = 0xB8;
/// The first byte free between numbers and characters; six marks fit.
pub(crate) const BEHIND_NUMBERS: u8 = 0xB9;
/// The first byte of the characters of a word; 63 and one more follow.
pub(crate) const LETTER: u8 = 0xC0;
/// Behind everything.
pub(crate) const LAST: u8 = 0xFF;

/// A key that is being written.
#[derive(Debug)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// An empty key with room for what a version like `text` needs.
    pub(crate) fn for_text(text: &str) -> Self {
        Self(Vec::with_capacity(text.len() + text.len() / 2 + 8))
    }

    pub(crate) fn mark(&mut self, mark: u8) {
        self.0.push(mark);
    }

    /// Writes a run of digits of any length; an empty run is zero.
    pub(crate) fn number(&mut self, digits: &str) {
        let digits = digits.trim_start_matches('0');
        if digits.len() > 19 {
            return self.long_number(digits);
        }
        self.value(
            digits
                .bytes()
                .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0')),
        );
    }

    /// Writes a length.
    pub(crate) fn count(&mut self, count: usize) {
        self.value(count as u64);
    }

    fn value(&mut self, value: u64) {
        let bytes = value.to_be_bytes();
        if value < SMALL {
            self.0.push(NUMBER + bytes[7]);
        } else {
            let blank = bytes.iter().take_while(|byte| **byte == 0).count();
            let length = &bytes[blank..];
            self.0.push(SIZED - 1 + u8::try_from(length.len()).unwrap_or(8));
            self.0.extend_from_slice(length);
        }
    }

    fn long_number(&mut self, digits: &str) {
        self.0.push(LONG);
        let mut count = digits.len();
        while count >= 255 {
            self.0.push(255);
            count -= 255;
        }
        self.0.push(u8::try_from(count).unwrap_or(255));
        self.0.extend_from_slice(digits.as_bytes());
    }

    /// Writes a word of letters, digits and hyphens, in ASCII order.
    pub(crate) fn word(&mut self, word: &str) {
        self.0.extend(word.bytes().map(character));
    }

    /// Writes a word of letters, digits and hyphens for which case does not matter.
    pub(crate) fn caseless_word(&mut self, word: &str) {
        self.0
            .extend(word.bytes().map(|byte| character(byte.to_ascii_lowercase())));
    }

    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }
}

/// The place of a letter, digit or hyphen in ASCII order, without the holes.
fn character(byte: u8) -> u8 {
    LETTER
        + match byte {
            b'0'..=b'9' => 1 + byte - b'0',
            b'A'..=b'Z' => 11 + byte - b'A',
            b'a'..=b'z' => 37 + byte - b'a',
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::Key;

    fn number(digits: &str) -> Vec<u8> {
        let mut key = Key::for_text(digits);
        key.number(digits);
        key.done()
    }

    #[test]
    fn numbers_of_every_size_are_in_order() {
        let mut texts: Vec<String> = (0..700).map(|value: u32| value.to_string()).collect();
        texts.extend((3..600).map(|size| format!("1{}", "0".repeat(size))));
        texts.extend((3..600).map(|size| "9".repeat(size)));
        texts.sort_by(|a, b| crate::scan::digits(a, b));
        texts.dedup();
        for pair in texts.windows(2) {
            assert!(number(&pair[0]) < number(&pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn leading_zeros_do_not_count() {
        assert_eq!(number("0007"), number("7"));
        assert_eq!(number(""), number("000"));
    }
}
