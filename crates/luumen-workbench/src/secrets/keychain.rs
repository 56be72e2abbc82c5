//! The operating system's keychain: Secret Service, macOS Keychain, Windows Credential Manager.

use std::fmt;

use keyring::{Entry, Error};
use luumen_crypto::Secret;

use super::SecretsError;

/// Under this name the person finds our secrets in the keychain's own window.
const SERVICE: &str = "luumen-desktop";

/// Where secrets live when a keychain answers.
pub(super) trait Keychain: Send + fmt::Debug {
    /// A secret, if it is kept.
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretsError>;
    /// Keeps a secret.
    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretsError>;
    /// Forgets a secret; one that was never kept is forgotten already.
    fn remove(&self, name: &str) -> Result<(), SecretsError>;
}

/// Looks for a keychain, as often as it is asked.
pub(super) trait Keychains: Send + Sync + fmt::Debug {
    /// The keychain, if it answers.
    fn open(&self) -> Result<Box<dyn Keychain>, Unanswered>;
}

/// Why no keychain answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// There is one, and its person did not unlock it.
    Locked(String),
    /// There is none that could be reached.
    None(String),
}

impl From<Error> for Unanswered {
    fn from(error: Error) -> Self {
        match error {
            Error::NoStorageAccess(_) => Self::Locked(error.to_string()),
            _ => Self::None(error.to_string()),
        }
    }
}

impl From<Unanswered> for SecretsError {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::Locked(why) => Self::KeychainLocked(why),
            Unanswered::None(why) => Self::NoKeychain(why),
        }
    }
}

/// The keychain of this device.
#[derive(Clone, Debug)]
pub(super) struct Device {
    /// Two data folders never share a secret.
    pub(super) account: String,
}

impl Keychains for Device {
    fn open(&self) -> Result<Box<dyn Keychain>, Unanswered> {
        self.probe()?;
        Ok(Box::new(self.clone()))
    }
}

impl Device {
    /// Looks whether a keychain answers, by keeping and forgetting something that is no secret.
    fn probe(&self) -> Result<(), Error> {
        let probe = self.entry("probe")?;
        probe.set_password("probe")?;
        match probe.get_password()? {
            seen if seen == "probe" => probe.delete_credential()?,
            _ => return Err(Error::NoEntry),
        }
        Ok(())
    }

    fn entry(&self, name: &str) -> Result<Entry, Error> {
        Entry::new(SERVICE, &format!("{}/{name}", self.account))
    }
}

impl Keychain for Device {
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretsError> {
        match self.entry(name).and_then(|entry| entry.get_password()) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(error)),
        }
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretsError> {
        self.entry(name)
            .and_then(|entry| entry.set_password(secret.expose_secret()))
            .map_err(refused)
    }

    fn remove(&self, name: &str) -> Result<(), SecretsError> {
        match self.entry(name).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(refused(error)),
        }
    }
}

fn refused(error: Error) -> SecretsError {
    match Unanswered::from(error) {
        locked @ Unanswered::Locked(_) => locked.into(),
        Unanswered::None(why) => SecretsError::Keychain(why),
    }
}
