//! Private key files of a person: which there are, and which are locked.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use luumen_crypto::Secret;

/// The names that `ssh` tries, in its order.
const DEFAULT_NAMES: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];

/// A key as read from its file.
#[derive(Clone, Debug)]
pub(crate) struct KeyFile {
    pub(crate) path: PathBuf,
    pub(crate) text: Secret,
    /// `FILE-cert.pub`, when an authority vouches for the key.
    pub(crate) certificate: Option<String>,
    pub(crate) locked: bool,
    pub(crate) passphrase: Option<Secret>,
}

impl KeyFile {
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let text = Secret::new(fs::read_to_string(path)?);
        let mut certificate = path.as_os_str().to_owned();
        certificate.push("-cert.pub");
        Ok(Self {
            path: path.to_owned(),
            certificate: fs::read_to_string(certificate).ok(),
            locked: is_locked(text.expose_secret()),
            text,
            passphrase: None,
        })
    }
}

/// The keys in `folder` that `ssh` would try; unreadable ones are left out.
pub(crate) fn default_keys(folder: &Path) -> Vec<KeyFile> {
    DEFAULT_NAMES
        .iter()
        .filter_map(|name| KeyFile::read(&folder.join(name)).ok())
        .collect()
}

/// Whether a key needs a passphrase, told from its head alone.
fn is_locked(text: &str) -> bool {
    if let Some(line) = text.lines().find_map(|line| line.strip_prefix("Encryption:")) {
        return line.trim() != "none";
    }
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        return openssh_cipher(text).is_some_and(|cipher| cipher != b"none");
    }
    text.contains("ENCRYPTED")
}

/// The cipher's name stands right after the magic word.
fn openssh_cipher(text: &str) -> Option<Vec<u8>> {
    // The head is enough; the rest of the key is not copied, because nobody would wipe the copy.
    let head: String = text
        .lines()
        .filter(|line| !line.starts_with('-'))
        .flat_map(|line| line.trim().chars())
        .take(64)
        .collect();
    let head = STANDARD.decode(head.get(..64)?).ok()?;
    let rest = head.strip_prefix(b"openssh-key-v1\0")?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)
        .map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::is_locked;

    #[test]
    fn a_locked_key_is_known_by_its_head() {
        let openssh = |body: &str| format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END");
        assert!(!is_locked(&openssh(
            "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW"
        )));
        assert!(is_locked(&openssh(
            "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABCx9xPv1W"
        )));
        assert!(is_locked("-----BEGIN ENCRYPTED PRIVATE KEY-----\nx"));
        assert!(is_locked(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
        ));
        assert!(!is_locked("-----BEGIN RSA PRIVATE KEY-----\nMII"));
        assert!(is_locked(
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: aes256-cbc\n"
        ));
        assert!(!is_locked(
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"
        ));
        assert!(!is_locked("no key at all"));
    }
}
