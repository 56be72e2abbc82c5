//! Secrets as the database knows them: by their hash only.

use std::fmt;

use sha2::{Digest, Sha256};

/// SHA-256 of a session token, a one-time link or an API key. These are long and random, so that a plain
/// hash is enough; passwords are not, and come here as Argon2id text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of `token`.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    pub(crate) fn to_vec(self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}
