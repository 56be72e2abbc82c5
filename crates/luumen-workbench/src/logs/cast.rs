//! asciicast version 3: a header line, then one line for each thing that happened. Pure.
//!
//! Times are seconds since the line before. Text is UTF-8; a character that arrives in two pieces is put
//! together, and what is no UTF-8 is replaced.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CastHeader {
    /// 3.
    pub version: u8,
    /// The terminal at the beginning.
    pub term: CastTerm,
    /// When it began, in seconds since 1970.
    #[serde(default)]
    pub timestamp: Option<i64>,
    /// What was recorded.
    #[serde(default)]
    pub title: Option<String>,
}

/// A terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CastTerm {
    /// Its width in characters.
    pub cols: u32,
    /// Its height in characters.
    pub rows: u32,
    /// `TERM`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
}

/// One line: seconds since the one before, what happened, and with what. `o`: shown, `r`: resized,
/// `x`: ended, `m`: a mark.
pub(crate) type CastEvent = (f64, String, String);

/// Writes lines, one after the other.
#[derive(Debug, Default)]
pub(super) struct CastWriter {
    last: Duration,
    /// The beginning of a character whose end has not come yet.
    half: Vec<u8>,
}

impl CastWriter {
    /// The line for bytes that were shown at `at`; none when they make no character yet.
    pub(super) fn output(&mut self, at: Duration, bytes: &[u8]) -> Option<String> {
        self.half.extend_from_slice(bytes);
        let keep = unfinished(&self.half);
        let whole = self.half.len() - keep;
        if whole == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&self.half[..whole]).into_owned();
        self.half.drain(..whole);
        Some(self.line(at, "o", &text))
    }

    pub(super) fn resize(&mut self, at: Duration, (columns, rows): (u32, u32)) -> String {
        self.line(at, "r", &format!("{columns}x{rows}"))
    }

    pub(super) fn exit(&mut self, at: Duration, status: u32) -> String {
        self.line(at, "x", &status.to_string())
    }

    /// Something that happened to the line, not on it.
    pub(super) fn mark(&mut self, at: Duration, word: &str) -> String {
        self.line(at, "m", word)
    }

    fn line(&mut self, at: Duration, kind: &str, text: &str) -> String {
        let since = at.saturating_sub(self.last);
        self.last = self.last.max(at);
        // Written by hand but for the text: six decimals, as other players expect them.
        let text = serde_json::Value::from(text);
        format!(
            "[{}.{:06}, \"{kind}\", {text}]\n",
            since.as_secs(),
            since.subsec_micros()
        )
    }
}

/// How many bytes at the end are the beginning of a character.
fn unfinished(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    for start in tail..bytes.len() {
        let wanted = match bytes[start] {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => continue,
        };
        let have = bytes.len() - start;
        if have < wanted && bytes[start + 1..].iter().all(|byte| (0x80..0xc0).contains(byte)) {
            return have;
        }
    }
    0
}

/// Reads one line; empty lines and comments are none.
pub(super) fn read_event(line: &str) -> Option<Result<CastEvent, serde_json::Error>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    Some(serde_json::from_str(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_asciicast() {
        let mut cast = CastWriter::default();
        let at = Duration::from_millis;
        assert_eq!(
            cast.output(at(1500), b"\x1b[1mhi\r\n\"").as_deref(),
            Some("[1.500000, \"o\", \"\\u001b[1mhi\\r\\n\\\"\"]\n")
        );
        assert_eq!(cast.resize(at(1750), (80, 24)), "[0.250000, \"r\", \"80x24\"]\n");
        assert_eq!(cast.exit(at(1700), 3), "[0.000000, \"x\", \"3\"]\n");
        let line = cast.mark(at(2750), "lost");
        assert_eq!(
            read_event(&line).unwrap().unwrap(),
            (1.0, "m".into(), "lost".into())
        );
    }

    #[test]
    fn a_character_in_pieces_is_put_together_and_rubbish_is_replaced() {
        let mut cast = CastWriter::default();
        let mut text = String::new();
        for piece in [
            &b"a\xe8"[..],
            b"\xa1",
            b"\xa8b\xf0\x9f",
            b"\x98\x80\xff",
            b"c\xc3",
            b"d",
        ] {
            if let Some(line) = cast.output(Duration::ZERO, piece) {
                text.push_str(&read_event(&line).unwrap().unwrap().2);
            }
        }
        assert_eq!(text, "a表b😀\u{fffd}c\u{fffd}d");
    }

    proptest::proptest! {
        #[test]
        fn text_in_any_pieces_is_the_same_text(text in "\\PC{0,40}", size in 1usize..5) {
            let mut cast = CastWriter::default();
            let mut read = String::new();
            for piece in text.as_bytes().chunks(size) {
                if let Some(line) = cast.output(Duration::ZERO, piece) {
                    read.push_str(&read_event(&line).unwrap().unwrap().2);
                }
            }
            proptest::prop_assert_eq!(read, text);
        }
    }
}
