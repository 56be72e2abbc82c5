//! Where secrets live: the operating system's keychain, else a vault file that a passphrase seals.
//!
//! There is no third place. Where neither is open, a secret is not kept, and the person is told. Nothing in here
//! knows what a secret is for; it has a name and a text.

mod keychain;
mod room;
#[cfg(test)]
mod tests;
mod vault_file;

use std::{path::PathBuf, sync::Mutex};

use luumen_crypto::Secret;
use serde::Serialize;
use ts_rs::TS;

use crate::bridge::Problem;
use keychain::{Device, Keychain, Keychains, Unanswered};
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
    /// After it is unlocked: a vault with its passphrase, a keychain where the desktop does it.
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
    #[error("the keychain is locked, or it did not let Luumen in ({0})")]
    KeychainLocked(String),
    #[error("no keychain could be reached ({0})")]
    NoKeychain(String),
    #[error("the keychain refused ({0})")]
    Keychain(String),
    #[error("passwords and keys are kept in its keychain")]
    KeychainIsThere,
    #[error(
        "passwords and keys may be kept in the keychain of this device, which is locked ({0}); with a vault in its place they would be out of reach"
    )]
    KeychainComesFirst(String),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error("reading it failed")]
    Ended,
}

impl SecretsError {
    /// What may well not be kept is not there where there is no keychain; a locked one has to be opened first.
    pub(crate) fn unless_locked<T: Default>(self) -> Result<T, Self> {
        match self {
            Self::NoKeychain(_) => Ok(T::default()),
            other => Err(other),
        }
    }

    /// What its person can say instead is not worth opening a keychain for.
    pub(crate) fn unless_refused<T: Default>(self) -> Result<T, Self> {
        match self {
            Self::NoKeychain(_) | Self::KeychainLocked(_) => Ok(T::default()),
            other => Err(other),
        }
    }
}

impl From<SecretsError> for Problem {
    fn from(error: SecretsError) -> Self {
        let (code, title, next) = match &error {
            SecretsError::Locked => (
                "LUM-VAULT-LOCKED",
                "secrets cannot be read or kept",
                "Unlock it with its passphrase.",
            ),
            SecretsError::NoPlace => (
                "LUM-VAULT-NONE",
                "this secret cannot be kept",
                "Create a vault with a passphrase, or sign in without keeping the secret.",
            ),
            SecretsError::NoKeychain(_) => (
                "LUM-KEYCHAIN-NONE",
                "the keychain of this device does not answer",
                "What was kept is still in it. Start the keychain of your desktop, then Luumen again.",
            ),
            SecretsError::Keychain(_) | SecretsError::KeychainLocked(_) => (
                "LUM-KEYCHAIN",
                "the keychain of this device refused",
                "Unlock the keychain of your desktop and try again.",
            ),
            SecretsError::KeychainIsThere => (
                "LUM-VAULT-KEYCHAIN",
                "no vault is needed on this device",
                "Nothing has to be done: what you keep is in the keychain.",
            ),
            SecretsError::KeychainComesFirst(_) => (
                "LUM-VAULT-KEYCHAIN-LOCKED",
                "the vault was not made",
                "Unlock the keychain of your desktop: what is kept in it is used again then, and no vault is needed. If you want a vault nonetheless, start Luumen with `--secrets vault-file`.",
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
    keychains: Box<dyn Keychains>,
    place: Mutex<Place>,
}

#[derive(Debug)]
enum Place {
    Keychain(Box<dyn Keychain>),
    Vault(Option<Vault>),
    /// No keychain has answered. It is asked again: secrets may be in it.
    Unanswered(Unanswered),
    /// A vault is wanted, and there is none yet.
    NoVault,
}

impl Secrets {
    /// Finds the place. An existing vault file is used before a keychain: its person chose it.
    pub(crate) fn find(vault_path: PathBuf, account: &str, wanted: &SecretPlace) -> Self {
        let secrets = Self::unasked(vault_path, account);
        if secrets.vault_path.exists() {
            *secrets.place() = Place::Vault(None);
        } else if *wanted == SecretPlace::VaultFile {
            *secrets.place() = Place::NoVault;
        } else {
            drop(secrets.asked());
        }
        secrets
    }

    /// Secrets whose place is not known, because looking for it failed.
    pub(crate) fn unasked(vault_path: PathBuf, account: &str) -> Self {
        let account = account.to_owned();
        Self::with(vault_path, Box::new(Device { account }))
    }

    fn with(vault_path: PathBuf, keychains: Box<dyn Keychains>) -> Self {
        let why = Unanswered::None("asking it failed".to_owned());
        Self {
            vault_path,
            keychains,
            place: Mutex::new(Place::Unanswered(why)),
        }
    }

    /// The place, once more asked for where no keychain has answered yet.
    fn asked(&self) -> std::sync::MutexGuard<'_, Place> {
        let mut place = self.place();
        if let Place::Unanswered(_) = *place {
            *place = match self.keychains.open() {
                Ok(keychain) => Place::Keychain(keychain),
                Err(why) => Place::Unanswered(why),
            };
        }
        place
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Place> {
        self.place
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Where secrets live.
    pub(crate) fn status(&self) -> VaultStatus {
        let file = self.vault_path.display();
        let none = |why: &str| {
            let detail = format!(
                "No passwords and keys are kept: {why}. Create a vault to keep them sealed by a passphrase."
            );
            (VaultPlace::None, VaultState::New, detail)
        };
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
            Place::Unanswered(Unanswered::Locked(why)) => (
                VaultPlace::Keychain,
                VaultState::Locked,
                format!(
                    "No passwords and keys are kept at the moment: the keychain of this device is locked ({why}). Unlock it; what is kept in it is used again then."
                ),
            ),
            Place::Unanswered(Unanswered::None(why)) => {
                none(&format!("this device has no keychain that answers ({why})"))
            }
            Place::NoVault => {
                none("the keychain was not asked, as this device is set to keep secrets in a vault file")
            }
        };
        VaultStatus { place, state, detail }
    }

    /// A secret, if it is kept. That nothing is kept is never said of a keychain that does not answer.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Secret>, SecretsError> {
        match &*self.asked() {
            Place::Keychain(keychain) => keychain.get(name),
            Place::Vault(Some(vault)) => Ok(vault.get(name)),
            Place::Vault(None) => Err(SecretsError::Locked),
            Place::Unanswered(why) => Err(why.clone().into()),
            Place::NoVault => Ok(None),
        }
    }

    /// Keeps a secret.
    pub(crate) fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretsError> {
        match &mut *self.asked() {
            Place::Keychain(keychain) => keychain.set(name, secret),
            Place::Vault(Some(vault)) => Ok(vault.set(name, secret)?),
            Place::Vault(None) => Err(SecretsError::Locked),
            Place::Unanswered(why @ Unanswered::Locked(_)) => Err(why.clone().into()),
            Place::Unanswered(Unanswered::None(_)) | Place::NoVault => Err(SecretsError::NoPlace),
        }
    }

    /// Forgets a secret; one that was never kept is forgotten already.
    pub(crate) fn remove(&self, name: &str) -> Result<(), SecretsError> {
        match &mut *self.asked() {
            Place::Keychain(keychain) => keychain.remove(name),
            Place::Vault(Some(vault)) => Ok(vault.remove(name)?),
            Place::Vault(None) => Err(SecretsError::Locked),
            Place::Unanswered(why) => Err(why.clone().into()),
            Place::NoVault => Ok(()),
        }
    }

    /// Makes a vault where no keychain is. A vault file is used before a keychain ever after, so one that is only locked just now
    /// would be cut off with every private key in it.
    fn create(&self, passphrase: &Secret) -> Result<(), SecretsError> {
        let mut place = self.asked();
        match &*place {
            Place::Keychain(_) => return Err(SecretsError::KeychainIsThere),
            Place::Unanswered(Unanswered::Locked(why)) => {
                return Err(SecretsError::KeychainComesFirst(why.clone()));
            }
            Place::Unanswered(Unanswered::None(_)) | Place::Vault(_) | Place::NoVault => {}
        }
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
