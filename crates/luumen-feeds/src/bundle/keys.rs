//! Keys that sign bundles, and the list of those we trust.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer};
use luumen_crypto::Secret;
use zeroize::Zeroizing;

use crate::hash;

const SECRET_WORD: &str = "luumen-bundle-secret-1";
const PUBLIC_WORD: &str = "luumen-bundle-public-1";
/// Before what is signed: a signature of ours for something else is none for a bundle.
const CONTEXT: &[u8] = b"luumen bundle manifest 1\n";

/// A text that is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not written like a key. The text is left out: it may be a secret one.
    #[error("it is not a key: it should read `{word} …`, with 32 bytes in base64")]
    Form {
        /// How it begins.
        word: &'static str,
    },
    /// A secret key where a public one belongs.
    #[error("it is a secret key where a public one belongs; keep it to yourself")]
    Secret,
    /// Written like a key, and none.
    #[error("these 32 bytes are no public key")]
    Point,
    /// A line of a list.
    #[error("line {line} of the trusted keys cannot be used")]
    Line {
        /// Which one.
        line: usize,
        source: Box<KeyError>,
    },
}

/// Signs bundles.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// Says who signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(ed25519_dalek::VerifyingKey);

/// Whose bundles are taken.
#[derive(Clone, Debug, Default)]
pub struct TrustedKeys(Vec<PublicKey>);

impl SigningKey {
    /// A new one.
    pub fn generate() -> Self {
        let seed = Zeroizing::new(rand::random::<[u8; 32]>());
        Self(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// Reads what [`Self::to_text`] wrote.
    pub fn parse(text: &Secret) -> Result<Self, KeyError> {
        let seed = Zeroizing::new(bytes_of(text.expose_secret(), SECRET_WORD)?);
        Ok(Self(ed25519_dalek::SigningKey::from_bytes(&seed)))
    }

    /// As it is kept in a file.
    pub fn to_text(&self) -> Secret {
        let seed = Zeroizing::new(self.0.to_bytes());
        Secret::new(format!("{SECRET_WORD} {}", STANDARD.encode(*seed)))
    }

    /// What others need to know it by.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, manifest: &[u8]) -> [u8; 64] {
        self.0.sign(&[CONTEXT, manifest].concat()).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public().id())
    }
}

impl PublicKey {
    /// A short name for it: the beginning of the hash of its bytes.
    pub fn id(&self) -> String {
        hash::of(self.0.as_bytes())[..16].to_owned()
    }

    pub(super) fn verifies(&self, manifest: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.0
            .verify_strict(&[CONTEXT, manifest].concat(), &signature)
            .is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC_WORD} {}", STANDARD.encode(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.trim_start().starts_with(SECRET_WORD) {
            return Err(KeyError::Secret);
        }
        let bytes = bytes_of(text, PUBLIC_WORD)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Point)?;
        Ok(Self(key))
    }
}

/// The bytes after the word. More words may follow: whose it is.
fn bytes_of(text: &str, word: &'static str) -> Result<[u8; 32], KeyError> {
    let mut parts = text.split_whitespace();
    let read = || {
        let bytes = (parts.next()? == word).then(|| parts.next())??;
        STANDARD.decode(bytes).ok()?.try_into().ok()
    };
    let mut read = read;
    read().ok_or(KeyError::Form { word })
}

impl TrustedKeys {
    /// One key on a line, whose it is after it; `#` begins a remark.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        let keys = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        keys.map(|(at, line)| {
            line.parse().map_err(|source| KeyError::Line {
                line: at,
                source: Box::new(source),
            })
        })
        .collect::<Result<_, _>>()
        .map(Self)
    }

    /// True when nobody is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&PublicKey> {
        self.0.iter().find(|key| key.id() == id)
    }
}

impl From<Vec<PublicKey>> for TrustedKeys {
    fn from(keys: Vec<PublicKey>) -> Self {
        Self(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_and_read_again() {
        let key = SigningKey::generate();
        let again = SigningKey::parse(&key.to_text()).expect("a key");
        assert_eq!(again.public(), key.public());
        let text = format!("# ours\n\n{} the build machine\n", key.public());
        let trusted = TrustedKeys::parse(&text).expect("keys");
        assert_eq!(trusted.by_id(&key.public().id()), Some(&key.public()));
        assert!(!format!("{key:?} {:?}", key.to_text()).contains("secret"));
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_line() {
        let secret = SigningKey::generate().to_text();
        for (text, why) in [
            (secret.expose_secret(), "it is a secret key"),
            ("luumen-bundle-public-1 AAAA", "it is not a key"),
            ("ssh-ed25519 AAAA", "it is not a key"),
        ] {
            let error = TrustedKeys::parse(&format!("# first\n{text}")).expect_err("no key");
            let told = crate::keep::told(&error);
            assert!(told.starts_with("line 2 of the trusted keys"), "{told}");
            assert!(told.contains(why), "{told}");
        }
    }
}
