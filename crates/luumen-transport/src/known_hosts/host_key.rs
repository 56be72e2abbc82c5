//! A host's public key as bytes, compared and shown without understanding the algorithm.
//!
//! Whether a signature made with it holds is for the SSH library to say.

use std::fmt;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use russh::keys::ssh_key::Fingerprint;
use sha2::{Digest, Sha256};

/// A host's public key, as it travels: the algorithm's name and the bytes of RFC 4253 §6.6.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HostKey {
    // INVARIANT: `blob` begins with this very name, so two equal blobs have equal algorithms.
    algorithm: String,
    blob: Vec<u8>,
}

impl HostKey {
    /// Reads the wire form.
    pub fn from_blob(blob: Vec<u8>) -> Option<Self> {
        let length = u32::from_be_bytes(blob.get(..4)?.try_into().ok()?) as usize;
        let name = blob.get(4..4usize.checked_add(length)?)?;
        let algorithm = std::str::from_utf8(name).ok()?;
        if algorithm.is_empty() || !algorithm.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        Some(Self {
            algorithm: algorithm.to_owned(),
            blob,
        })
    }

    /// Reads `ssh-ed25519 AAAA… comment`, the form of a `.pub` file.
    pub fn from_openssh(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let algorithm = words.next()?;
        let key = Self::from_blob(STANDARD.decode(words.next()?).ok()?)?;
        (key.algorithm == algorithm).then_some(key)
    }

    /// Writes `ssh-ed25519 AAAA…`.
    pub fn to_openssh(&self) -> String {
        format!("{} {}", self.algorithm, STANDARD.encode(&self.blob))
    }

    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, …
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The wire form.
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// `SHA256:…`, the form that `ssh-keygen -l` prints.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&self.blob)))
    }
}

impl HostKey {
    /// The fingerprint as a picture, as `ssh -o VisualHostKey=yes` draws it: people compare pictures better.
    pub fn art(&self) -> String {
        let title = self.algorithm.strip_prefix("ssh-").unwrap_or(&self.algorithm);
        let title = title.split('@').next().unwrap_or(title).to_ascii_uppercase();
        // The frame is 17 wide; a longer title would break it.
        let title: String = title.chars().take(13).collect();
        Fingerprint::Sha256(Sha256::digest(&self.blob).into()).to_randomart(&format!("[{title}]"))
    }
}

impl fmt::Debug for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostKey({} {})", self.algorithm, self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[test]
    fn a_key_keeps_its_text_and_has_the_known_fingerprint() {
        let key = HostKey::from_openssh(KEY).unwrap();
        assert_eq!(key.to_openssh(), KEY);
        assert!(key.fingerprint().starts_with("SHA256:"));
        assert_eq!(key.fingerprint().len(), "SHA256:".len() + 43);
    }

    proptest! {
        #[test]
        fn any_blob_is_read_without_a_panic(blob in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Some(key) = HostKey::from_blob(blob) {
                prop_assert_eq!(HostKey::from_openssh(&key.to_openssh()), Some(key));
            }
        }
    }
}
