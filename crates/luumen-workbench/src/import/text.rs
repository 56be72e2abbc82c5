//! Reads texts as programs write them: UTF-8, UTF-16 with a mark, or one byte a letter. Pure.

/// The text of a file.
pub(crate) fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            // Old Windows programs write one byte a letter; what is no ASCII is mostly Latin-1.
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16_lossy(&units)
}

/// Whether a text is, or holds, the private half of a key.
pub(crate) fn is_private_key(text: &str) -> bool {
    text.contains("PRIVATE KEY-----") || text.starts_with("PuTTY-User-Key-File-")
}

/// A port from a text, if it is one.
pub(crate) fn port(text: &str) -> Option<u16> {
    text.trim().parse().ok().filter(|port| *port > 0)
}

/// A text without blanks around it, unless nothing is left.
pub(crate) fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn texts_of_all_three_kinds_are_read() {
        assert_eq!(decode("\u{feff}Büro".as_bytes()), "Büro");
        let little: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("Büro".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(decode(&little), "Büro");
        let big: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain("Büro".encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        assert_eq!(decode(&big), "Büro");
        assert_eq!(decode(b"B\xfcro"), "Büro");
    }
}
