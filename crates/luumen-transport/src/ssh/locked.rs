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

    /// Opens the key, asking for its passphrase if it has one.
    pub(super) async fn unlock(&self) -> Result<Arc<PrivateKey>, KeyFault> {
        let mut opened = self.keys.open(self.text, None).await;
        for round in 0..MAX_GUESSES {
            match &opened {
                Err(KeyFault::PassphraseNeeded) => {}
                Err(KeyFault::Unreadable(_)) if round > 0 => {}
                _ => break,
            }
            let need = SecretNeed::Passphrase {
                origin: self.origin.to_owned(),
                again: round > 0,
            };
            let thinking = self.person.start();
            let passphrase = self.asker.secret(need).await;
            drop(thinking);
            let Some(passphrase) = passphrase else {
                return Err(KeyFault::PassphraseNeeded);
            };
            opened = self.keys.open(self.text, Some(&passphrase)).await;
        }
        opened
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
