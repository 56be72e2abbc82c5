//! Opens private keys: OpenSSH, PEM (PKCS#1, SEC1, PKCS#8) and PPK texts.
//!
//! Decrypting a key is made slow on purpose, and a fleet uses one key for hundreds of hosts, so opened
//! keys are kept for as long as the [`KeyCache`] lives. Keys are wiped when they are dropped.

use std::{collections::HashMap, fmt, sync::Arc};

use luumen_crypto::{Secret, wiped};
use russh::keys::{PrivateKey, decode_secret_key};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

/// Keys that were opened before.
#[derive(Default)]
pub struct KeyCache {
    // By a hash of text and passphrase: whoever has no right passphrase finds nothing.
    opened: Mutex<HashMap<[u8; 32], Arc<PrivateKey>>>,
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyCache")
    }
}

/// Why a key text is of no use.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KeyFault {
    PassphraseNeeded,
    Unreadable(String),
}

impl KeyCache {
    /// Opens a key, or finds it opened.
    pub(super) async fn open(
        &self,
        text: &Secret,
        passphrase: Option<&Secret>,
    ) -> Result<Arc<PrivateKey>, KeyFault> {
        // Held while decrypting: the hosts of a fleet that need the same key wait for it once.
        let mut opened = self.opened.lock().await;
        let name = wiped(|| name_of(text, passphrase));
        if let Some(key) = opened.get(&name) {
            return Ok(key.clone());
        }
        let (text, passphrase) = (text.clone(), passphrase.cloned());
        // It comes to lie where it stays: what is moved leaves a copy behind.
        let read = move || wiped(|| decode(text.expose_secret(), passphrase.as_ref()).map(Arc::new));
        let key = tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| KeyFault::Unreadable("reading it failed".to_owned()))??;
        opened.insert(name, key.clone());
        Ok(key)
    }
}

fn name_of(text: &Secret, passphrase: Option<&Secret>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let text = text.expose_secret();
    hash.update(text.len().to_be_bytes());
    hash.update(text);
    match passphrase {
        Some(passphrase) => {
            hash.update([1]);
            hash.update(passphrase.expose_secret());
        }
        None => hash.update([0]),
    }
    hash.finalize().into()
}

fn decode(text: &str, passphrase: Option<&Secret>) -> Result<PrivateKey, KeyFault> {
    // Keys that went through a chat or a form come with blanks and other line ends. Sized once: a growing text leaves copies.
    let mut tidy = zeroize::Zeroizing::new(String::with_capacity(text.len() + 1));
    for line in text.trim().lines() {
        tidy.push_str(line.trim());
        tidy.push('\n');
    }
    let text = tidy;
    let encrypted = is_encrypted(&text);
    let passphrase = match (encrypted, passphrase) {
        (Encrypted::Yes, None) => return Err(KeyFault::PassphraseNeeded),
        (Encrypted::No, _) => None,
        (_, passphrase) => passphrase.map(Secret::expose_secret),
    };
    decode_private_key(&text, passphrase).map_err(|error| match error {
        russh::keys::Error::KeyIsEncrypted => KeyFault::PassphraseNeeded,
        russh::keys::Error::CouldNotReadKey if !text.contains("PRIVATE KEY") => {
            KeyFault::Unreadable("it is not a private key in a form we know (OpenSSH, PEM or PPK)".to_owned())
        }
        _ if passphrase.is_some() => {
            KeyFault::Unreadable("the passphrase is wrong, or the key is damaged".to_owned())
        }
        error => KeyFault::Unreadable(error.to_string()),
    })
}

/// Reads a key. What is in OpenSSH's own form goes past russh's reader, which wipes neither the text nor the bytes that it makes of it.
pub fn decode_private_key(text: &str, passphrase: Option<&str>) -> Result<PrivateKey, russh::keys::Error> {
    match PrivateKey::from_openssh(text) {
        Ok(key) if !key.is_encrypted() => Ok(key),
        Ok(key) => match passphrase {
            Some(passphrase) => Ok(key.decrypt(passphrase)?),
            None => Err(russh::keys::Error::KeyIsEncrypted),
        },
        Err(_) => decode_secret_key(text, passphrase),
    }
}

enum Encrypted {
    Yes,
    No,
    /// Only the decoder can tell: OpenSSH says it inside.
    Inside,
}

fn is_encrypted(text: &str) -> Encrypted {
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        Encrypted::Inside
    } else if text.starts_with("PuTTY-User-Key-File-") {
        if text.lines().any(|line| line == "Encryption: none") {
            Encrypted::No
        } else {
            Encrypted::Yes
        }
    } else if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        Encrypted::Yes
    } else {
        Encrypted::No
    }
}
