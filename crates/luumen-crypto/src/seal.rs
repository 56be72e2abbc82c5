//! Seals a document under a key that a passphrase leads to (Argon2id) or a strong secret (HKDF-SHA-256), then AES-256-GCM.
//!
//! Randomness is an argument, as time is elsewhere: nothing in this crate asks the system for anything.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use argon2::{Algorithm, Argon2, Params, Version};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Secret;

/// How costly it is to try a passphrase. Kept beside what is sealed, so that it can grow later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Rounds over that memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// For what a person unlocks once a session: about a quarter of a second and 64 MiB.
    pub const PERSON: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    };

    /// The most that is believed of a file: a damaged one must not ask for all memory.
    pub const MOST: Self = Self {
        memory_kib: 2 * 1024 * 1024,
        passes: 64,
        lanes: 16,
    };

    fn is_believable(self) -> bool {
        self.memory_kib <= Self::MOST.memory_kib
            && self.passes <= Self::MOST.passes
            && self.lanes <= Self::MOST.lanes
    }
}

/// Why something was not sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The cost is none that Argon2id takes.
    #[error("the cost of trying a passphrase is out of bounds")]
    Cost,
    /// The key is another one, or a byte was changed. The two cannot be told apart.
    #[error("the key is wrong or the sealed data was changed")]
    Closed,
    /// More than one seal can hold.
    #[error("there is too much to seal at once")]
    TooLong,
}

/// An AES-256-GCM key. Wiped when dropped; never printed.
#[derive(Clone)]
pub struct SealKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl SealKey {
    /// The key behind a passphrase. Slow on purpose: call it where waiting is allowed.
    pub fn of_passphrase(passphrase: &Secret, salt: &[u8; 16], cost: Cost) -> Result<Self, SealError> {
        if !cost.is_believable() {
            return Err(SealError::Cost);
        }
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32));
        let params = params.map_err(|_| SealError::Cost)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose_secret().as_bytes(), salt, key.as_mut())
            .map_err(|_| SealError::Cost)?;
        Ok(Self(key))
    }

    /// The key behind a secret that nobody can guess, such as an API key: quick, and so never for a passphrase. `salt` may be
    /// known to all; `purpose` keeps keys for different uses apart.
    pub fn of_strong_secret(secret: &Secret, salt: &[u8], purpose: &[u8]) -> Result<Self, SealError> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(salt), secret.expose_secret().as_bytes())
            .expand(purpose, key.as_mut())
            .map_err(|_| SealError::TooLong)?;
        Ok(Self(key))
    }

    /// Seals `plain`. `nonce` must be random and is used for nothing else; `bound` must be the same when it is opened.
    pub fn seal(&self, nonce: &[u8; 12], bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let payload = Payload {
            msg: plain,
            aad: bound,
        };
        self.cipher()
            .encrypt(&(*nonce).into(), payload)
            .map_err(|_| SealError::TooLong)
    }

    /// Opens what was sealed with this key, this nonce and bound to the same.
    pub fn open(
        &self,
        nonce: &[u8; 12],
        bound: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let payload = Payload {
            msg: sealed,
            aad: bound,
        };
        let plain = self.cipher().decrypt(&(*nonce).into(), payload);
        plain.map(Zeroizing::new).map_err(|_| SealError::Closed)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&(*self.0).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Cost = Cost {
        memory_kib: 64,
        passes: 1,
        lanes: 1,
    };

    fn key(passphrase: &str, salt: u8) -> SealKey {
        SealKey::of_passphrase(&Secret::new(passphrase), &[salt; 16], QUICK).expect("a cost that is taken")
    }

    #[test]
    fn only_the_same_key_nonce_and_bounds_open() {
        let sealed = key("open", 1).seal(&[7; 12], b"head", b"hunter2").expect("short");
        assert!(!sealed.windows(7).any(|part| part == b"hunter2"));
        let open = |key: SealKey, nonce: u8, bound: &[u8], sealed: &[u8]| {
            key.open(&[nonce; 12], bound, sealed).map(|plain| plain.to_vec())
        };
        assert_eq!(open(key("open", 1), 7, b"head", &sealed), Ok(b"hunter2".to_vec()));
        let mut changed = sealed.clone();
        changed[3] ^= 1;
        for seen in [
            open(key("Open", 1), 7, b"head", &sealed),
            open(key("open", 2), 7, b"head", &sealed),
            open(key("open", 1), 8, b"head", &sealed),
            open(key("open", 1), 7, b"tail", &sealed),
            open(key("open", 1), 7, b"head", &changed),
            open(key("open", 1), 7, b"head", &[]),
        ] {
            assert_eq!(seen, Err(SealError::Closed));
        }
    }

    #[test]
    fn a_strong_secret_makes_one_key_a_place_and_a_purpose() {
        let key = |secret: &str, salt: &[u8], purpose: &[u8]| {
            SealKey::of_strong_secret(&Secret::new(secret), salt, purpose).expect("32 bytes are few")
        };
        let sealed = key("lum_1", b"here", b"cache")
            .seal(&[7; 12], b"", b"web-1")
            .expect("short");
        let open = |key: SealKey| key.open(&[7; 12], b"", &sealed).map(|plain| plain.to_vec());
        assert_eq!(open(key("lum_1", b"here", b"cache")), Ok(b"web-1".to_vec()));
        for other in [
            key("lum_2", b"here", b"cache"),
            key("lum_1", b"there", b"cache"),
            key("lum_1", b"here", b"spool"),
        ] {
            assert_eq!(open(other), Err(SealError::Closed));
        }
    }

    /// The first vector of RFC 5869, whose first 32 bytes these are.
    #[test]
    fn the_key_of_a_strong_secret_is_hkdf_sha_256() {
        let salt: Vec<u8> = (0..=0x0c).collect();
        let purpose: Vec<u8> = (0xf0..=0xf9).collect();
        let secret = Secret::new("\u{0b}".repeat(22));
        let key = SealKey::of_strong_secret(&secret, &salt, &purpose).expect("32 bytes are few");
        let hex: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
        );
    }

    #[test]
    fn a_damaged_cost_does_not_take_all_memory() {
        for cost in [
            Cost {
                memory_kib: u32::MAX,
                ..QUICK
            },
            Cost { passes: 0, ..QUICK },
            Cost {
                passes: u32::MAX,
                ..QUICK
            },
        ] {
            let key = SealKey::of_passphrase(&Secret::new("x"), &[0; 16], cost);
            assert_eq!(key.err(), Some(SealError::Cost));
        }
    }

    #[test]
    fn a_key_is_not_printed() {
        assert_eq!(format!("{:?}", key("open", 1)), "***");
    }
}
