//! A terminal's bytes on their way into the page.
//!
//! They go as the text of a call that the page evaluates. Tauri's own channel has the page fetch each batch, and WebKit carries what is
//! fetched in pieces of 8 KB through three processes: that cost more than drawing
//! ([0018](../../../docs/adr/0018-terminal-bytes-go-into-the-page-as-text.md)).

use luumen_workbench::bridge::Output;
use tauri::WebviewWindow;

/// What the page registered for one terminal.
pub(crate) struct Bytes {
    page: WebviewWindow,
    callback: u32,
    text: Text,
}

impl Bytes {
    pub(crate) fn new(page: WebviewWindow, callback: u32) -> Self {
        Self {
            page,
            callback,
            text: Text::default(),
        }
    }
}

impl Output for Bytes {
    fn write(&mut self, batch: &[u8]) -> bool {
        let text = self.text.next(batch);
        // Whatever a host writes is inside of one string of JSON, which is a string of JavaScript, too.
        let Ok(text) = serde_json::to_string(&text) else {
            return false;
        };
        let (callback, bytes) = (self.callback, batch.len());
        let script = format!("window.__TAURI_INTERNALS__.runCallback({callback},[{bytes},{text}])");
        self.page.eval(script).is_ok()
    }
}

/// Makes text of bytes that are cut anywhere. What is not UTF-8 becomes U+FFFD, as terminals show it.
#[derive(Debug, Default)]
struct Text {
    /// The beginning of a character whose end has not come yet: at most three bytes.
    rest: Vec<u8>,
}

impl Text {
    fn next(&mut self, batch: &[u8]) -> String {
        let joined;
        let mut bytes = batch;
        if !self.rest.is_empty() {
            joined = [&std::mem::take(&mut self.rest), batch].concat();
            bytes = &joined;
        }
        let mut text = String::with_capacity(bytes.len());
        loop {
            let error = match std::str::from_utf8(bytes) {
                Ok(valid) => {
                    text.push_str(valid);
                    return text;
                }
                Err(error) => error,
            };
            let (valid, after) = bytes.split_at(error.valid_up_to());
            text.push_str(&String::from_utf8_lossy(valid));
            match error.error_len() {
                Some(length) => {
                    text.push(char::REPLACEMENT_CHARACTER);
                    bytes = &after[length..];
                }
                None => {
                    self.rest = after.to_vec();
                    return text;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_wherever_it_is_cut() {
        let whole = "a é € 😀 \u{1b}[31m end".as_bytes();
        for cut in 0..=whole.len() {
            for second in cut..=whole.len() {
                let mut text = Text::default();
                let parts = [&whole[..cut], &whole[cut..second], &whole[second..]];
                let joined: String = parts.iter().map(|part| text.next(part)).collect();
                assert_eq!(joined.as_bytes(), whole, "cut at {cut} and {second}");
            }
        }
    }

    #[test]
    fn what_is_no_text_is_shown_as_such_and_hides_nothing() {
        let mut text = Text::default();
        assert_eq!(text.next(b"a\xff\xfeb\xe2\x82"), "a\u{fffd}\u{fffd}b");
        assert_eq!(text.next(b"c\xf0\x9f"), "\u{fffd}c");
        assert_eq!(text.next(b"\x98"), "");
        assert_eq!(text.next(b"\x80"), "😀");
    }
}
