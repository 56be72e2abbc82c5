//! File names are bytes on a server and text in a window. Names that are not UTF-8 must survive the way
//! there and back, or such a file could be seen but not removed.
//!
//! Bytes that are no UTF-8 become private-use characters at the end of plane 16, which no one types.

const FIRST: u32 = 0x10_FF00;

/// The name as text. [`to_bytes`] gives exactly these bytes back.
pub fn from_bytes(mut bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    while !bytes.is_empty() {
        let (valid, odd) = match std::str::from_utf8(bytes) {
            Ok(all) => (all, &bytes[bytes.len()..]),
            Err(error) => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                let odd = error.error_len().unwrap_or(rest.len());
                (std::str::from_utf8(valid).unwrap_or_default(), &rest[..odd])
            }
        };
        for character in valid.chars() {
            // A name that holds one of our stand-ins would not come back as it was.
            if is_stand_in(character) {
                character
                    .encode_utf8(&mut [0; 4])
                    .bytes()
                    .for_each(|byte| push(&mut text, byte));
            } else {
                text.push(character);
            }
        }
        odd.iter().for_each(|byte| push(&mut text, *byte));
        bytes = &bytes[valid.len() + odd.len()..];
    }
    text
}

/// The name as the server knows it.
pub fn to_bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character).wrapping_sub(FIRST)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend(character.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    bytes
}

fn is_stand_in(character: char) -> bool {
    u32::from(character) >= FIRST
}

fn push(text: &mut String, byte: u8) {
    // Every value from FIRST to FIRST + 255 is a character; 0x10FFFF is the last one there is.
    text.extend(char::from_u32(FIRST + u32::from(byte)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_stay_what_they_are() {
        assert_eq!(from_bytes("größe 表.txt".as_bytes()), "größe 表.txt");
        assert_eq!(to_bytes("größe 表.txt"), "größe 表.txt".as_bytes());
    }

    proptest! {
        #[test]
        fn any_name_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(to_bytes(&from_bytes(&bytes)), bytes);
        }

        #[test]
        fn any_text_comes_back(text in "\\PC{0,32}|[\u{10FF00}-\u{10FFFF}a]{0,6}") {
            prop_assert_eq!(to_bytes(&from_bytes(text.as_bytes())), text.as_bytes());
        }
    }
}
