//! A file of secrets, sealed by a passphrase: Argon2id and AES-256-GCM (`luumen-crypto`).
//!
//! Written whole each time, into a new file that then takes the old one's place: a crash leaves the one or the other.

use std::{
    collections::BTreeMap,
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use luumen_crypto::{Cost, SealError, SealKey, Secret};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

const FORMAT: &str = "luumen-vault";
const VERSION: u32 = 1;

/// Why the file was not opened or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VaultError {
    #[error("the passphrase does not open the vault")]
    WrongPassphrase,
    #[error("a passphrase needs at least one character")]
    EmptyPassphrase,
    #[error("there is a vault already")]
    Exists,
    #[error("{} is no vault file that this version knows", path.display())]
    Unknown { path: PathBuf },
    #[error("{} was made by a newer Luumen", path.display())]
    Newer { path: PathBuf },
    #[error("{} cannot be read or written", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the vault could not be sealed")]
    Seal(#[source] SealError),
}

/// What stands in the clear: how to come to the key.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    cost: Cost,
    salt: String,
    nonce: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct File {
    head: Head,
    sealed: String,
}

/// An open vault.
pub(crate) struct Vault {
    path: PathBuf,
    key: SealKey,
    salt: [u8; 16],
    cost: Cost,
    secrets: BTreeMap<String, Secret>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// Makes a new vault where there is none.
    pub(crate) fn create(path: &Path, passphrase: &Secret) -> Result<Self, VaultError> {
        if path.exists() {
            return Err(VaultError::Exists);
        }
        let salt = rand::random();
        let vault = Self {
            path: path.to_owned(),
            key: derive(passphrase, &salt, Cost::PERSON)?,
            salt,
            cost: Cost::PERSON,
            secrets: BTreeMap::new(),
        };
        vault.write()?;
        Ok(vault)
    }

    /// Opens a vault.
    pub(crate) fn open(path: &Path, passphrase: &Secret) -> Result<Self, VaultError> {
        let text = fs::read(path).map_err(|source| VaultError::File {
            path: path.to_owned(),
            source,
        })?;
        let unknown = || VaultError::Unknown {
            path: path.to_owned(),
        };
        let file: File = serde_json::from_slice(&text).map_err(|_| unknown())?;
        if file.head.format != FORMAT {
            return Err(unknown());
        }
        if file.head.version > VERSION {
            return Err(VaultError::Newer {
                path: path.to_owned(),
            });
        }
        let salt: [u8; 16] = bytes(&file.head.salt).ok_or_else(unknown)?;
        let nonce: [u8; 12] = bytes(&file.head.nonce).ok_or_else(unknown)?;
        let sealed = STANDARD.decode(&file.sealed).map_err(|_| unknown())?;
        let key = derive(passphrase, &salt, file.head.cost)?;
        let plain = key
            .open(&nonce, &bound(&file.head), &sealed)
            .map_err(|_| VaultError::WrongPassphrase)?;
        Ok(Self {
            path: path.to_owned(),
            key,
            salt,
            cost: file.head.cost,
            secrets: secrets_in(&plain).ok_or_else(unknown)?,
        })
    }

    pub(crate) fn get(&self, name: &str) -> Option<Secret> {
        self.secrets.get(name).cloned()
    }

    pub(crate) fn set(&mut self, name: &str, secret: &Secret) -> Result<(), VaultError> {
        let before = self.secrets.insert(name.to_owned(), secret.clone());
        self.write_or(name, before)
    }

    pub(crate) fn remove(&mut self, name: &str) -> Result<(), VaultError> {
        match self.secrets.remove(name) {
            None => Ok(()),
            before => self.write_or(name, before),
        }
    }

    /// What is in memory and what is in the file stay the same, also when the disk is full.
    fn write_or(&mut self, name: &str, before: Option<Secret>) -> Result<(), VaultError> {
        let written = self.write();
        if written.is_err() {
            match before {
                Some(secret) => drop(self.secrets.insert(name.to_owned(), secret)),
                None => drop(self.secrets.remove(name)),
            }
        }
        written
    }

    /// Seals the vault under another passphrase.
    pub(crate) fn change(&mut self, passphrase: &Secret) -> Result<(), VaultError> {
        let salt = rand::random();
        let changed = Self {
            path: self.path.clone(),
            key: derive(passphrase, &salt, Cost::PERSON)?,
            salt,
            cost: Cost::PERSON,
            secrets: self.secrets.clone(),
        };
        changed.write()?;
        *self = changed;
        Ok(())
    }

    fn write(&self) -> Result<(), VaultError> {
        let nonce: [u8; 12] = rand::random();
        let head = Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            cost: self.cost,
            salt: STANDARD.encode(self.salt),
            nonce: STANDARD.encode(nonce),
        };
        let failed = |source| VaultError::File {
            path: self.path.clone(),
            source,
        };
        let plain = self.plain().map_err(|error| failed(error.into()))?;
        let sealed = self
            .key
            .seal(&nonce, &bound(&head), &plain)
            .map_err(VaultError::Seal)?;
        let file = File {
            head,
            sealed: STANDARD.encode(sealed),
        };
        let text = serde_json::to_vec(&file).map_err(|error| failed(error.into()))?;
        replace(&self.path, &text).map_err(failed)
    }

    /// The secrets as one JSON text, which is wiped. `Secret` has no `Serialize` on purpose.
    fn plain(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        // Sized once: a growing text would leave copies behind that nobody wipes.
        let size: usize = self
            .secrets
            .iter()
            .map(|(name, secret)| 12 * (name.len() + secret.expose_secret().len()) + 16)
            .sum();
        let mut plain = Zeroizing::new(Vec::with_capacity(size + 2));
        for (name, secret) in &self.secrets {
            let between = if plain.is_empty() { b'{' } else { b',' };
            plain.push(between);
            serde_json::to_writer(&mut *plain, name)?;
            plain.push(b':');
            serde_json::to_writer(&mut *plain, secret.expose_secret())?;
        }
        if plain.is_empty() {
            plain.push(b'{');
        }
        plain.push(b'}');
        Ok(plain)
    }
}

fn secrets_in(plain: &[u8]) -> Option<BTreeMap<String, Secret>> {
    let all: BTreeMap<String, &RawValue> = serde_json::from_slice(plain).ok()?;
    all.into_iter()
        .map(|(name, raw)| Some((name, unescaped(raw.get())?)))
        .collect()
}

/// Reads a text of JSON as `plain` writes it, into a place that is sized once: serde_json puts a text with escapes, as the lines of
/// a private key are, together in a buffer that nobody wipes.
fn unescaped(raw: &str) -> Option<Secret> {
    let mut rest = raw.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = Zeroizing::new(String::with_capacity(rest.len()));
    while let Some((before, escaped)) = rest.split_once('\\') {
        text.push_str(before);
        let length = if escaped.starts_with('u') { 5 } else { 1 };
        let (escape, after) = escaped.split_at_checked(length)?;
        let character: char = serde_json::from_str(&format!("\"\\{escape}\"")).ok()?;
        text.push(character);
        rest = after;
    }
    text.push_str(rest);
    Some(Secret::new(std::mem::take(&mut *text)))
}

/// The head belongs to the sealed part: neither can be exchanged alone.
fn bound(head: &Head) -> Vec<u8> {
    let Cost {
        memory_kib,
        passes,
        lanes,
    } = head.cost;
    format!(
        "{}/{}/{memory_kib}/{passes}/{lanes}/{}",
        head.format, head.version, head.salt
    )
    .into_bytes()
}

fn derive(passphrase: &Secret, salt: &[u8; 16], cost: Cost) -> Result<SealKey, VaultError> {
    if passphrase.is_empty() {
        return Err(VaultError::EmptyPassphrase);
    }
    SealKey::of_passphrase(passphrase, salt, cost).map_err(VaultError::Seal)
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// Writes a file beside the old one and puts it in its place.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&new, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text)
    }

    #[test]
    fn a_vault_opens_with_its_passphrase_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vault.json");
        let mut vault = Vault::create(&path, &secret("first")).expect("new");
        vault.set("a", &secret("hunter2 \"\n\\n\u{1}ü")).expect("written");
        vault.set("b", &secret("")).expect("written");
        drop(vault);
        let wrong = Vault::open(&path, &secret("second")).map(|_| ());
        assert!(matches!(wrong, Err(VaultError::WrongPassphrase)));
        let mut vault = Vault::open(&path, &secret("first")).expect("opens");
        assert_eq!(vault.get("a"), Some(secret("hunter2 \"\n\\n\u{1}ü")));
        vault.remove("b").expect("written");
        vault.change(&secret("second")).expect("changed");
        assert!(Vault::open(&path, &secret("first")).is_err());
        let vault = Vault::open(&path, &secret("second")).expect("opens");
        assert_eq!(vault.get("a"), Some(secret("hunter2 \"\n\\n\u{1}ü")));
        assert_eq!(vault.get("b"), None);
        let text = fs::read_to_string(&path).expect("a text");
        assert!(!text.contains("hunter2"));
        assert!(!format!("{vault:?}").contains("hunter2"));
    }

    #[test]
    fn a_torn_or_foreign_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vault.json");
        drop(Vault::create(&path, &secret("first")).expect("new"));
        assert!(matches!(
            Vault::create(&path, &secret("other")),
            Err(VaultError::Exists)
        ));
        let good = fs::read_to_string(&path).expect("a text");
        for (text, expected) in [
            (good[..good.len() / 2].to_owned(), "no vault file"),
            ("{}".to_owned(), "no vault file"),
            (good.replace("\"version\":1", "\"version\":2"), "newer"),
            (good.replace("\"passes\":3", "\"passes\":2"), "passphrase"),
        ] {
            fs::write(&path, &text).expect("written");
            let error = Vault::open(&path, &secret("first"))
                .map(|_| ())
                .expect_err("refused");
            assert!(
                error.to_string().contains(expected),
                "{error} should say {expected}"
            );
            assert_eq!(fs::read_to_string(&path).expect("a text"), text);
        }
    }
}
