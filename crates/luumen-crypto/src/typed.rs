//! Opens what a window covered while it was typed: ECDH on P-256, then a key stream of HKDF-SHA-256.
//!
//! A web view cannot wipe its texts, so it makes none of a secret: it covers each byte before it hands the whole over, and only
//! the program can take the cover off. This hides the secret in the memory of the web view and on its way out of there. It
//! proves nothing about who sent it; the way is one between two processes of one person.

use std::fmt;

use p256::{PublicKey, SecretKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Secret;

/// What the key stream is for; the window names the same.
const USE: &[u8] = b"luumen typed secret";

/// The most that one key stream covers.
const LONGEST: usize = 255 * 32;

/// Why what was typed cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypedError {
    /// The other half of the key is none.
    #[error("the key that covers what was typed is none")]
    Key,
    /// More than anybody types.
    #[error("what was typed is longer than {LONGEST} bytes")]
    TooLong,
    /// The cover is another key's, most likely.
    #[error("what was typed is no text under its cover")]
    NoText,
}

/// The half of the key that stays in the program. Wiped when dropped; never printed.
pub struct TypedKey(SecretKey);

impl fmt::Debug for TypedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl TypedKey {
    /// The key of these random bytes. One in 2³² draws is none, and another one has to be made.
    pub fn of_random(bytes: &[u8; 32]) -> Option<Self> {
        SecretKey::from_slice(bytes).ok().map(Self)
    }

    /// The half that the window gets: a point, not compressed.
    pub fn public(&self) -> Box<[u8]> {
        self.0.public_key().to_sec1_bytes()
    }

    /// Takes the cover off. `sender` is the point that the window made for this one text.
    pub fn open(&self, sender: &[u8], covered: Vec<u8>) -> Result<Secret, TypedError> {
        let mut bytes = Zeroizing::new(covered);
        let stream = self.stream(sender, bytes.len())?;
        for (byte, under) in bytes.iter_mut().zip(stream.iter()) {
            *byte ^= under;
        }
        // The text takes this very allocation over; nothing is copied.
        let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            TypedError::NoText
        })?;
        Ok(Secret::new(text))
    }

    fn stream(&self, sender: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, TypedError> {
        if length > LONGEST {
            return Err(TypedError::TooLong);
        }
        let sender = PublicKey::from_sec1_bytes(sender).map_err(|_| TypedError::Key)?;
        let mut stream = Zeroizing::new(vec![0; length]);
        self.0
            .diffie_hellman(&sender)
            .extract::<Sha256>(None)
            .expand(USE, &mut stream)
            .map_err(|_| TypedError::TooLong)?;
        Ok(stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> TypedKey {
        TypedKey::of_random(&[byte; 32]).expect("below the order of the curve")
    }

    /// Covers as a window does: with the stream of its own key and the program's public half.
    fn cover(window: &TypedKey, program: &TypedKey, text: &str) -> Vec<u8> {
        let stream = window.stream(&program.public(), text.len()).expect("short");
        text.bytes()
            .zip(stream.iter())
            .map(|(byte, under)| byte ^ under)
            .collect()
    }

    #[test]
    fn what_was_covered_for_this_program_is_read_by_it_alone() {
        let (program, window) = (key(1), key(2));
        let covered = cover(&window, &program, "hunter2 pässwort");
        assert!(!covered.windows(7).any(|part| part == b"hunter2"));
        let read = program.open(&window.public(), covered.clone());
        assert_eq!(read, Ok(Secret::new("hunter2 pässwort")));
        let other = key(3).open(&window.public(), covered);
        assert_ne!(other, Ok(Secret::new("hunter2 pässwort")));
        assert_eq!(program.open(&window.public(), Vec::new()), Ok(Secret::default()));
    }

    /// The same numbers as `ui/backend/src/typed.test.ts`: both sides make the same stream.
    #[test]
    fn a_window_makes_the_same_stream() {
        let stream = key(1).stream(&key(2).public(), 16).expect("short");
        let hex: String = stream.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "57f5328876596670631009bb448fd8b9");
    }

    #[test]
    fn what_is_none_is_refused() {
        let program = key(1);
        assert_eq!(program.open(b"no point", vec![1, 2]), Err(TypedError::Key));
        let long = vec![0; LONGEST + 1];
        assert_eq!(program.open(&key(2).public(), long), Err(TypedError::TooLong));
        assert!(TypedKey::of_random(&[0; 32]).is_none() && TypedKey::of_random(&[0xff; 32]).is_none());
        assert_eq!(format!("{program:?}"), "***");
    }
}
