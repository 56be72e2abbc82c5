//! A locked key whose passphrase is asked for when the server wants its signature, and not before.

use std::sync::Arc;

use luumen_crypto::Secret;
use russh::{
    Signer,
    keys::{HashAlg, PrivateKey, PublicKey, agent::AgentIdentity},
};

use super::{
    keys::{KeyCache, KeyFault},
    person::PersonTime,
    signers::{KeySigner, SignError},
};
use crate::{SecretAsker, SecretNeed};

/// How often a person may be wrong, as with OpenSSH.
pub(super) const MAX_GUESSES: usize = 3;

/// The key, and whom to ask.
pub(super) struct LockedKey<'a> {
    pub(super) keys: &'a KeyCache,
    pub(super) text: &'a Secret,
    /// A passphrase that is known already.
    pub(super) known: Option<&'a Secret>,
    pub(super) origin: &'a str,
    pub(super) asker: &'a dyn SecretAsker,
    pub(super) person: PersonTime,
}

impl LockedKey<'_> {
    /// OpenSSH's own format has the public half in the clear; the older ones do not.
    pub(super) fn public_half(&self) -> Option<PublicKey> {
        let text = self.text.expose_secret().trim();
        PrivateKey::from_openssh(text)
            .ok()
            .map(|key| key.public_key().clone())
    }

    /// Opens the key as far as that goes without a person. A passphrase that does not open it is as good as none.
    pub(super) async fn open(&self) -> Result<Arc<PrivateKey>, KeyFault> {
        let bare = self.keys.open(self.text, None).await;
        match (bare, self.known) {
            (Err(KeyFault::PassphraseNeeded), Some(known)) => {
                let opened = self.keys.open(self.text, Some(known)).await;
                opened.map_err(|_| KeyFault::PassphraseNeeded)
            }
            (bare, _) => bare,
        }
    }

    /// Asks for the passphrase of a key that did not open.
    pub(super) async fn unlock(&self) -> Result<Arc<PrivateKey>, KeyFault> {
        let mut fault = KeyFault::PassphraseNeeded;
        for round in 0..MAX_GUESSES {
            let need = SecretNeed::Passphrase {
                origin: self.origin.to_owned(),
                again: round > 0 || self.known.is_some(),
            };
            let thinking = self.person.start();
            let passphrase = self.asker.secret(need).await;
            drop(thinking);
            let Some(passphrase) = passphrase else {
                return Err(KeyFault::PassphraseNeeded);
            };
            match self.keys.open(self.text, Some(&passphrase)).await {
                Ok(key) => {
                    self.asker.opened_key();
                    return Ok(key);
                }
                Err(wrong) => fault = wrong,
            }
        }
        Err(fault)
    }
}

impl Signer for LockedKey<'_> {
    type Error = SignError;

    async fn auth_sign(
        &mut self,
        identity: &AgentIdentity,
        hash: Option<HashAlg>,
        to_sign: Vec<u8>,
    ) -> Result<Vec<u8>, SignError> {
        let key = self.unlock().await?;
        KeySigner { key }.auth_sign(identity, hash, to_sign).await
    }
}
