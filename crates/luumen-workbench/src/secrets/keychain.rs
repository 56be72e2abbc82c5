//! The operating system's keychain: Secret Service, macOS Keychain, Windows Credential Manager.

use keyring::{Entry, Error};
use luumen_crypto::Secret;

use super::SecretsError;

/// Under this name the person finds our secrets in the keychain's own window.
const SERVICE: &str = "luumen-desktop";

/// An answering keychain.
#[derive(Debug)]
pub(super) struct Keychain {
    /// Two data folders never share a secret.
    account: String,
}

impl Keychain {
    /// Looks whether a keychain answers, by keeping and forgetting something that is no secret.
    pub(super) fn open(account: &str) -> Result<Self, Error> {
        let keychain = Self {
            account: account.to_owned(),
        };
        let probe = keychain.entry("probe")?;
        probe.set_password("probe")?;
        match probe.get_password()? {
            seen if seen == "probe" => probe.delete_credential()?,
            _ => return Err(Error::NoEntry),
        }
        Ok(keychain)
    }

    fn entry(&self, name: &str) -> Result<Entry, Error> {
        Entry::new(SERVICE, &format!("{}/{name}", self.account))
    }

    pub(super) fn get(&self, name: &str) -> Result<Option<Secret>, SecretsError> {
        match self.entry(name).and_then(|entry| entry.get_password()) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(SecretsError::Keychain(error)),
        }
    }

    pub(super) fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretsError> {
        self.entry(name)
            .and_then(|entry| entry.set_password(secret.expose_secret()))
            .map_err(SecretsError::Keychain)
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), SecretsError> {
        match self.entry(name).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(SecretsError::Keychain(error)),
        }
    }
}
