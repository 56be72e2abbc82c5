//! Reads and makes private keys: OpenSSH, PEM and PPK. Text in, text out.

use luumen_crypto::{Secret, wiped};
use luumen_transport::decode_private_key;
use russh::keys::{
    Algorithm, EcdsaCurve, HashAlg, PrivateKey, PublicKey,
    ssh_key::{LineEnding, public::KeyData},
};

/// What may be told of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) algorithm: String,
    pub(super) bits: Option<u32>,
    pub(super) fingerprint: String,
    /// `ssh-ed25519 AAAA… comment`
    pub(super) public_key: String,
    pub(super) comment: String,
    pub(super) encrypted: bool,
}

/// Why a text is of no use as a key.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyTextError {
    #[error("it is not a private key in a form that is known (OpenSSH, PEM or PPK)")]
    NoKey,
    #[error("it is a public key; the private one is needed")]
    Public,
    #[error("it is locked, and in this form nothing can be told of it without its passphrase")]
    PassphraseNeeded,
    #[error("the passphrase is wrong, or the key is damaged")]
    WrongPassphrase,
    #[error("it cannot be read")]
    Unreadable(#[source] russh::keys::Error),
    #[error("it could not be made")]
    Making(#[source] russh::keys::ssh_key::Error),
}

/// Reads a key. With a passphrase the key is opened to see whether it fits; without one, a locked key is told of as far
/// as its head goes.
pub(super) fn read(text: &Secret, passphrase: Option<&Secret>) -> Result<Told, KeyTextError> {
    wiped(|| look_into(text, passphrase))
}

fn look_into(text: &Secret, passphrase: Option<&Secret>) -> Result<Told, KeyTextError> {
    let text = tidy(text.expose_secret());
    if !text.contains("PRIVATE KEY") && !text.starts_with("PuTTY-User-Key-File-") {
        let public = PublicKey::from_openssh(text.trim()).is_ok() || text.contains("PUBLIC KEY");
        return Err(if public {
            KeyTextError::Public
        } else {
            KeyTextError::NoKey
        });
    }
    let locked = is_locked(&text);
    if locked && passphrase.is_none() {
        return head(&text).ok_or(KeyTextError::PassphraseNeeded);
    }
    let passphrase = passphrase.filter(|_| locked).map(Secret::expose_secret);
    let key = decode_private_key(&text, passphrase).map_err(|error| match error {
        russh::keys::Error::KeyIsEncrypted => KeyTextError::PassphraseNeeded,
        _ if passphrase.is_some() => KeyTextError::WrongPassphrase,
        russh::keys::Error::CouldNotReadKey => KeyTextError::NoKey,
        error => KeyTextError::Unreadable(error),
    })?;
    Ok(told(key.public_key(), locked))
}

/// Makes an Ed25519 key in OpenSSH's form, locked if a passphrase is given.
pub(super) fn generate(name: &str, passphrase: Option<&Secret>) -> Result<(Secret, Told), KeyTextError> {
    wiped(|| make(name, passphrase))
}

fn make(name: &str, passphrase: Option<&Secret>) -> Result<(Secret, Told), KeyTextError> {
    let mut random = rand::rng();
    let mut key = PrivateKey::random(&mut random, Algorithm::Ed25519).map_err(KeyTextError::Making)?;
    key.set_comment(name);
    let told = told(key.public_key(), passphrase.is_some());
    if let Some(passphrase) = passphrase {
        key = key
            .encrypt(&mut random, passphrase.expose_secret())
            .map_err(KeyTextError::Making)?;
    }
    let text = key.to_openssh(LineEnding::LF).map_err(KeyTextError::Making)?;
    Ok((Secret::new(text.as_str()), told))
}

/// Keys that went through a chat or a form come with blanks and other line ends.
fn tidy(text: &str) -> zeroize::Zeroizing<String> {
    let mut tidy = zeroize::Zeroizing::new(String::with_capacity(text.len() + 1));
    for line in text.trim().lines() {
        tidy.push_str(line.trim());
        tidy.push('\n');
    }
    tidy
}

fn is_locked(text: &str) -> bool {
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        return PrivateKey::from_openssh(text).is_ok_and(|key| key.is_encrypted());
    }
    if text.starts_with("PuTTY-User-Key-File-") {
        return !text.lines().any(|line| line == "Encryption: none");
    }
    text.contains("ENCRYPTED")
}

/// What a locked key says in the clear.
fn head(text: &str) -> Option<Told> {
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        let key = PrivateKey::from_openssh(text).ok()?;
        return Some(told(key.public_key(), true));
    }
    let mut lines = text.lines();
    let value = |line: &str, name: &str| line.strip_prefix(name).map(|rest| rest.trim().to_owned());
    let algorithm = lines
        .clone()
        .next()?
        .split_once(": ")
        .map(|(_, algorithm)| algorithm.trim().to_owned())
        .filter(|_| text.starts_with("PuTTY-User-Key-File-"))?;
    let comment = lines.find_map(|line| value(line, "Comment:"))?;
    let count: usize = lines
        .find_map(|line| value(line, "Public-Lines:"))?
        .parse()
        .ok()?;
    let base64: String = lines.take(count).collect();
    let public = PublicKey::from_openssh(&format!("{algorithm} {base64} {comment}")).ok()?;
    Some(told(&public, true))
}

fn told(key: &PublicKey, encrypted: bool) -> Told {
    Told {
        algorithm: key.algorithm().as_str().to_owned(),
        bits: bits(key),
        fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
        public_key: key.to_openssh().unwrap_or_default(),
        comment: key.comment().to_string(),
        encrypted,
    }
}

fn bits(key: &PublicKey) -> Option<u32> {
    match key.key_data() {
        KeyData::Ed25519(_) => Some(256),
        KeyData::Ecdsa(key) => Some(match key.curve() {
            EcdsaCurve::NistP256 => 256,
            EcdsaCurve::NistP384 => 384,
            EcdsaCurve::NistP521 => 521,
        }),
        KeyData::Rsa(key) => {
            let bytes = key.n().as_positive_bytes()?;
            let first = bytes.iter().position(|byte| *byte != 0)?;
            let whole = u32::try_from(bytes.len() - first - 1).ok()? * 8;
            Some(whole + 8 - bytes.get(first)?.leading_zeros())
        }
        _ => None,
    }
}
