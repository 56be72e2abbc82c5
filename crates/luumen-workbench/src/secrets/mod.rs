//! Where secrets live: the operating system's keychain, else a vault file that a passphrase seals.
//!
//! There is no third place. Where neither is open, a secret is not kept, and the person is told. Nothing in here
//! knows what a secret is for; it has a name and a text.

mod keychain;
mod room;
mod vault_file;

use std::{path::PathBuf, sync::Mutex};

use luumen_crypto::Secret;
use serde::Serialize;
use ts_rs::TS;

use crate::bridge::Problem;
use keychain::Keychain;
pub(crate) use room::register;
use vault_file::{Vault, VaultError};

/// Which place may be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SecretPlace {
    /// The keychain where there is one, else the vault file.
    #[default]
    Automatic,
    /// The vault file, even where there is a keychain.
    VaultFile,
}

/// Where secrets live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultPlace {
    /// In the operating system's keychain.
    Keychain,
    /// In a file of ours, sealed by a passphrase.
    Vault,
    /// Nowhere: none are kept.
    None,
}

/// Whether the place can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultState {
    /// It can.
    Open,
    /// After its passphrase is given.
    Locked,
    /// After one is made.
    New,
}

/// Where secrets live, said plainly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct VaultStatus {
    /// Where.
    pub place: VaultPlace,
    /// Whether it can be used.
    pub state: VaultState,
    /// The same in a sentence, with the reason.
    pub detail: String,
}

/// Why a secret was not read or kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretsError {
    #[error("the vault is locked")]
    Locked,
    #[error("there is no place for secrets on this device yet")]
    NoPlace,
    #[error("the keychain refused")]
    Keychain(#[source] keyring::Error),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("reading it failed")]
    Ended,
}

impl From<SecretsError> for Problem {
    fn from(error: SecretsError) -> Self {
        let (code, title, next) = match &error {
            SecretsError::Locked => (
                "LUM-VAULT-LOCKED",
                "the vault is locked",
                "Unlock it with its passphrase.",
            ),
            SecretsError::NoPlace => (
                "LUM-VAULT-NONE",
                "this secret cannot be kept",
                "Create a vault with a passphrase, or sign in without keeping the secret.",
            ),
            SecretsError::Keychain(_) => (
                "LUM-KEYCHAIN",
                "the keychain of this device refused",
                "Unlock the keychain of your desktop and try again.",
            ),
            SecretsError::Vault(VaultError::WrongPassphrase) => (
                "LUM-VAULT-PASSPHRASE",
                "that is not the vault's passphrase",
                "Try again. Nobody can open the vault without it.",
            ),
            SecretsError::Vault(_) | SecretsError::Ended => (
                "LUM-VAULT-FILE",
                "the vault file cannot be used",
                "Look whether the data folder can be read and written.",
            ),
        };
        Problem::of(code, title, &error).next(next)
    }
}

/// The place for secrets. Every call may wait for a disk, a key derivation or a person: not for async code.
#[derive(Debug)]
pub(crate) struct Secrets {
    vault_path: PathBuf,
    place: Mutex<Place>,
}

#[derive(Debug)]
enum Place {
    Keychain(Keychain),
    Vault(Option<Vault>),
    None(String),
}

impl Secrets {
    /// Finds the place. An existing vault file is used before a keychain: its person chose it.
    pub(crate) fn find(vault_path: PathBuf, account: &str, wanted: &SecretPlace) -> Self {
        let place = if vault_path.exists() {
            Place::Vault(None)
        } else if *wanted == SecretPlace::VaultFile {
            Place::None(
                "the keychain was not asked, as this device is set to keep secrets in a vault file"
                    .to_owned(),
            )
        } else {
            match Keychain::open(account) {
                Ok(keychain) => Place::Keychain(keychain),
                Err(error) => Place::None(format!("this device has no keychain that answers ({error})")),
            }
        };
        Self {
            vault_path,
            place: Mutex::new(place),
        }
    }

    /// Secrets of which none can be kept, because looking for a place failed.
    pub(crate) fn unavailable(vault_path: PathBuf) -> Self {
        let why = "the keychain of this device failed when it was asked".to_owned();
        Self {
            vault_path,
            place: Mutex::new(Place::None(why)),
        }
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Place> {
        self.place
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Where secrets live.
    pub(crate) fn status(&self) -> VaultStatus {
        let file = self.vault_path.display();
        let (place, state, detail) = match &*self.place() {
            Place::Keychain(_) => (
                VaultPlace::Keychain,
                VaultState::Open,
                "Passwords and keys are kept in the keychain of this device.".to_owned(),
            ),
            Place::Vault(Some(_)) => (
                VaultPlace::Vault,
                VaultState::Open,
                format!(
                    "Passwords and keys are kept in {file}, sealed by your passphrase. It is open until you lock it or Luumen ends."
                ),
            ),
            Place::Vault(None) => (
                VaultPlace::Vault,
                VaultState::Locked,
                format!("Passwords and keys are kept in {file}, sealed by your passphrase. It is locked."),
            ),
            Place::None(why) => (
                VaultPlace::None,
                VaultState::New,
                format!(
                    "No passwords and keys are kept: {why}. Create a vault to keep them sealed by a passphrase."
                ),
            ),
        };
        VaultStatus { place, state, detail }
    }

    /// A secret, if it is kept.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Secret>, SecretsError> {
        match &*self.place() {
            Place::Keychain(keychain) => keychain.get(name),
            Place::Vault(Some(vault)) => Ok(vault.get(name)),
            Place::Vault(None) => Err(SecretsError::Locked),
            Place::None(_) => Ok(None),
        }
    }

    /// Keeps a secret.
    pub(crate) fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretsError> {
        match &mut *self.place() {
            Place::Keychain(keychain) => keychain.set(name, secret),
            Place::Vault(Some(vault)) => Ok(vault.set(name, secret)?),
            Place::Vault(None) => Err(SecretsError::Locked),
            Place::None(_) => Err(SecretsError::NoPlace),
        }
    }

    /// Forgets a secret; one that was never kept is forgotten already.
    pub(crate) fn remove(&self, name: &str) -> Result<(), SecretsError> {
        match &mut *self.place() {
            Place::Keychain(keychain) => keychain.remove(name),
            Place::Vault(Some(vault)) => Ok(vault.remove(name)?),
            Place::Vault(None) => Err(SecretsError::Locked),
            Place::None(_) => Ok(()),
        }
    }

    fn create(&self, passphrase: &Secret) -> Result<(), SecretsError> {
        let mut place = self.place();
        *place = Place::Vault(Some(Vault::create(&self.vault_path, passphrase)?));
        Ok(())
    }

    fn unlock(&self, passphrase: &Secret) -> Result<(), SecretsError> {
        let mut place = self.place();
        *place = Place::Vault(Some(Vault::open(&self.vault_path, passphrase)?));
        Ok(())
    }

    fn lock(&self) {
        let mut place = self.place();
        if matches!(*place, Place::Vault(_)) {
            *place = Place::Vault(None);
        }
    }

    fn change(&self, old: &Secret, new: &Secret) -> Result<(), SecretsError> {
        let mut place = self.place();
        let mut vault = Vault::open(&self.vault_path, old)?;
        vault.change(new)?;
        *place = Place::Vault(Some(vault));
        Ok(())
    }
}
