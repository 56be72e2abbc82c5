//! Who a person is towards hosts: credentials that several hosts may use, and keys.
//!
//! The records say what there is; the secrets themselves are in [`crate::secrets`], under names made here.

mod credentials;
mod key_text;
mod keys;
mod known_hosts;

use std::sync::Arc;

use luumen_crypto::Secret;

pub use credentials::{Credential, CredentialKind};
pub(crate) use keys::in_file;
pub use keys::{Key, KeySource};

use crate::{
    bridge::{Id, Problem, Registry},
    core::Core,
    secrets::{Secrets, SecretsError},
    store::records,
};

/// What to sign in with, ready to be used.
#[derive(Clone, Debug)]
pub(crate) enum Material {
    /// Ask the person.
    Ask,
    /// Whatever the ssh-agent has.
    Agent,
    /// A password; `None` when it is asked for each time.
    Password(Option<Secret>),
    /// A key.
    Key {
        /// The text of the private key.
        private_key: Secret,
        /// Opens it, where it was kept.
        passphrase: Option<Secret>,
        /// The text of the certificate.
        certificate: Option<String>,
        /// What messages call it.
        origin: String,
        /// Which key.
        key: Id,
    },
}

/// The room.
#[derive(Debug)]
pub(crate) struct Identities(Arc<Core>);

impl Identities {
    /// A credential with its secrets, for whoever connects. `LUM-VAULT-LOCKED` when the vault must be opened first.
    pub(crate) async fn material(&self, id: Id) -> Result<(Credential, Material), Problem> {
        let credential = self.credential(id).await?;
        let material = match credential.kind {
            CredentialKind::Ask => Material::Ask,
            CredentialKind::Agent => Material::Agent,
            CredentialKind::Password if !credential.has_secret => Material::Password(None),
            CredentialKind::Password => Material::Password(self.password(id).await?),
            CredentialKind::Key => self.key_material(&credential).await?,
        };
        Ok((credential, material))
    }

    /// A credential without its secrets.
    pub(crate) async fn credential(&self, id: Id) -> Result<Credential, Problem> {
        records::get(self.0.store.db(), id).await?.ok_or_else(|| {
            Problem::new(
                "LUM-CREDENTIAL-GONE",
                "the credential is no longer there",
                "it was deleted",
            )
            .next("Choose another credential for the host.")
        })
    }

    async fn key_material(&self, credential: &Credential) -> Result<Material, Problem> {
        let gone = || {
            Problem::new(
                "LUM-KEY-GONE",
                "the key of this credential is no longer there",
                format!("{:?} names none that is kept", credential.name),
            )
            .next("Choose another key for the credential.")
        };
        let key: Key = match credential.key {
            Some(id) => records::get(self.0.store.db(), id).await?.ok_or_else(gone)?,
            None => return Err(gone()),
        };
        Ok(Material::Key {
            private_key: self.private_key(&key).await?,
            passphrase: self.passphrase(&key).await?,
            certificate: certificate(credential, &key).await?,
            origin: key.path.clone().unwrap_or_else(|| key.name.clone()),
            key: key.id,
        })
    }

    /// The text of a private key: from its file, or from where secrets live.
    async fn private_key(&self, key: &Key) -> Result<Secret, Problem> {
        match (&key.source, &key.path) {
            (KeySource::File, Some(path)) => read_secret(path).await,
            _ => self.secret(text_of_key(key.id)).await?.ok_or_else(|| {
                Problem::new(
                    "LUM-KEY-MISSING",
                    format!("the private key {:?} is not on this device", key.name),
                    "it is in neither the keychain nor the vault",
                )
                .next("Import the key again.")
            }),
        }
    }

    async fn secret(&self, name: String) -> Result<Option<Secret>, Problem> {
        self.0.secrets(move |secrets| secrets.get(&name)).await
    }

    /// The kept password of a credential. Where it was kept in a keychain that this device has not, it is asked for.
    async fn password(&self, id: Id) -> Result<Option<Secret>, Problem> {
        let name = secret_of_credential(id);
        let get = move |secrets: &Secrets| secrets.get(&name).or_else(SecretsError::unless_locked);
        self.0.secrets(get).await
    }

    /// The passphrase of a key, if it is kept. Whether it is, no record says.
    async fn passphrase(&self, key: &Key) -> Result<Option<Secret>, Problem> {
        let name = passphrase_of_key(key.id);
        let get = move |secrets: &Secrets| secrets.get(&name).or_else(SecretsError::unless_refused);
        self.0.secrets(get).await
    }

    /// Keeps the password of a credential that was just typed and worked.
    pub(crate) async fn remember_password(&self, credential: Id, password: Secret) -> Result<(), Problem> {
        self.keep(secret_of_credential(credential), password).await?;
        self.mark_kept(credential).await
    }

    /// Keeps the passphrase of a key that was just typed and worked.
    pub(crate) async fn remember_passphrase(&self, key: Id, passphrase: Secret) -> Result<(), Problem> {
        self.keep(passphrase_of_key(key), passphrase).await
    }

    async fn keep(&self, name: String, secret: Secret) -> Result<(), Problem> {
        self.0.secrets(move |secrets| secrets.set(&name, &secret)).await
    }
}

/// The certificate that the credential names, else the one that lies beside the key.
async fn certificate(credential: &Credential, key: &Key) -> Result<Option<String>, Problem> {
    if let Some(named) = &credential.certificate {
        if named.starts_with("ssh-") || named.starts_with("ecdsa-") {
            return Ok(Some(named.clone()));
        }
        let text = tokio::fs::read_to_string(named).await.map_err(|error| {
            Problem::of(
                "LUM-CERTIFICATE-FILE",
                format!("the certificate {named} cannot be read"),
                &error,
            )
            .next("Look whether the file is there, or take the certificate out of the credential.")
        })?;
        return Ok(Some(text));
    }
    match &key.path {
        Some(path) => Ok(tokio::fs::read_to_string(format!("{path}-cert.pub")).await.ok()),
        None => Ok(None),
    }
}

async fn read_secret(path: &str) -> Result<Secret, Problem> {
    let text = tokio::fs::read_to_string(path).await.map_err(|error| {
        Problem::of(
            "LUM-SSH-KEY-UNREADABLE",
            format!("the key {path} cannot be read"),
            &error,
        )
        .next("Look whether the file is there and whether you may read it.")
    })?;
    Ok(Secret::new(text))
}

fn secret_of_credential(id: Id) -> String {
    format!("credential/{id}")
}

fn text_of_key(id: Id) -> String {
    format!("key/{id}")
}

fn passphrase_of_key(id: Id) -> String {
    format!("key/{id}/passphrase")
}

pub(crate) fn register(registry: &mut Registry, core: &Arc<Core>) -> Arc<Identities> {
    let room = Arc::new(Identities(Arc::clone(core)));
    registry.call("credentials_list", &room, Identities::credentials);
    registry.call("credential_save", &room, Identities::save_credential);
    registry.call("credential_delete", &room, Identities::delete_credential);
    registry.call("keys_list", &room, Identities::keys);
    registry.call("key_generate", &room, Identities::generate);
    registry.call("key_import", &room, Identities::import);
    registry.call("key_delete", &room, Identities::delete_key);
    registry.call("known_hosts_list", &room, Identities::known_hosts);
    registry.call("known_host_remove", &room, Identities::remove_known_host);
    room
}
