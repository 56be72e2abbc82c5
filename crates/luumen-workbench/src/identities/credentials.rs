//! Credentials: how to sign in, under a name, for as many hosts as like.

use std::sync::Arc;

use luumen_crypto::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Identities, Key, secret_of_credential};
use crate::{
    bridge::{Changed, Id, NoArgs, Problem},
    hosts::{ById, Group, Host, Settings},
    secrets::{Secrets, SecretsError},
    store::records::{self, Changes, Record},
};

/// How to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// With a password.
    Password,
    /// With a key.
    Key,
    /// With the keys of the ssh-agent.
    Agent,
    /// With what the person says each time.
    Ask,
}

/// A way to sign in that hosts may share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Credential {
    /// Its id.
    pub id: Id,
    /// How its person calls it.
    pub name: String,
    /// The account, where the credential has one.
    pub user: Option<String>,
    /// How to sign in.
    pub kind: CredentialKind,
    /// Which key.
    pub key: Option<Id>,
    /// The certificate: its text, or the path of its file.
    pub certificate: Option<String>,
    /// Whether its password is kept.
    pub has_secret: bool,
}

impl Record for Credential {
    const KIND: &'static str = "credential";

    fn id(&self) -> Id {
        self.id
    }
}

/// A credential as its person fills it in.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CredentialDraft {
    #[serde(default)]
    #[ts(optional)]
    id: Option<Id>,
    name: String,
    user: Option<String>,
    kind: CredentialKind,
    key: Option<Id>,
    certificate: Option<String>,
}

/// A credential to save, with its password if that changes. An empty password forgets the kept one.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SaveCredential {
    credential: CredentialDraft,
    #[serde(default)]
    #[ts(optional, type = "TypedSecret")]
    secret: Option<Secret>,
}

impl Identities {
    pub(super) async fn credentials(self: Arc<Self>, _: NoArgs) -> Result<Vec<Credential>, Problem> {
        records::all(self.0.store.db()).await
    }

    pub(super) async fn save_credential(
        self: Arc<Self>,
        args: SaveCredential,
    ) -> Result<Credential, Problem> {
        let draft = args.credential;
        let before: Option<Credential> = match draft.id {
            Some(id) => records::get(self.0.store.db(), id).await?,
            None => None,
        };
        self.check(&draft).await?;
        let id = draft.id.unwrap_or_else(Id::new);
        let keeps = draft.kind == CredentialKind::Password;
        let is_kept = is_kept(before.as_ref());
        let has_secret = match &args.secret {
            Some(secret) => keeps && !secret.is_empty(),
            None => keeps && is_kept == IsKept::Yes,
        };
        // First the secret: a record that promises one which is not there would be worse than the other way round.
        self.put_secret(id, keeps, is_kept, args.secret).await?;
        let credential = Credential {
            id,
            name: draft.name.trim().to_owned(),
            user: draft.user.filter(|user| !user.trim().is_empty()),
            kind: draft.kind,
            key: draft.key.filter(|_| draft.kind == CredentialKind::Key),
            certificate: draft.certificate.filter(|text| !text.trim().is_empty()),
            has_secret,
        };
        let mut changes = Changes::begin(&self.0.store).await?;
        changes.put(&credential).await?;
        changes.commit().await?;
        self.0.events.changed(Changed::Credentials);
        Ok(credential)
    }

    async fn put_secret(
        &self,
        id: Id,
        keeps: bool,
        is_kept: IsKept,
        secret: Option<Secret>,
    ) -> Result<(), Problem> {
        let name = secret_of_credential(id);
        self.0
            .secrets(move |secrets| match secret {
                Some(secret) if keeps && !secret.is_empty() => secrets.set(&name, &secret),
                None if keeps => Ok(()),
                _ => forget(secrets, &name, is_kept),
            })
            .await
    }

    async fn check(&self, draft: &CredentialDraft) -> Result<(), Problem> {
        let refuse = |code: &str, why: &str| Err(Problem::new(code, "the credential was not saved", why));
        if draft.name.trim().is_empty() || draft.name.chars().any(char::is_control) {
            return refuse("LUM-CREDENTIAL-NAME", "it needs a name");
        }
        if draft.kind != CredentialKind::Key {
            return Ok(());
        }
        let key: Option<Key> = match draft.key {
            Some(id) => records::get(self.0.store.db(), id).await?,
            None => None,
        };
        if key.is_none() {
            return refuse("LUM-CREDENTIAL-KEY", "it needs one of your keys");
        }
        Ok(())
    }

    pub(super) async fn delete_credential(self: Arc<Self>, args: ById) -> Result<(), Problem> {
        let mut changes = Changes::begin(&self.0.store).await?;
        for mut host in records::all::<Host>(changes.db()).await? {
            if let_go(&mut host.settings, args.id) {
                changes.put(&host).await?;
            }
        }
        for mut group in records::all::<Group>(changes.db()).await? {
            if let_go(&mut group.settings, args.id) {
                changes.put(&group).await?;
            }
        }
        let before: Option<Credential> = records::get(changes.db(), args.id).await?;
        let is_kept = is_kept(before.as_ref());
        changes.remove::<Credential>(args.id).await?;
        let name = secret_of_credential(args.id);
        self.0
            .secrets(move |secrets| forget(secrets, &name, is_kept))
            .await?;
        changes.commit().await?;
        self.0.events.changed(Changed::Credentials);
        self.0.events.changed(Changed::Hosts);
        Ok(())
    }

    /// Says in the record that a password is kept now.
    pub(super) async fn mark_kept(&self, id: Id) -> Result<(), Problem> {
        let mut changes = Changes::begin(&self.0.store).await?;
        if let Some(mut credential) = records::get::<Credential>(changes.db(), id).await? {
            credential.has_secret = true;
            changes.put(&credential).await?;
            changes.commit().await?;
            self.0.events.changed(Changed::Credentials);
        }
        Ok(())
    }
}

/// Whether a secret is kept, as far as the records say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IsKept {
    Yes,
    Perhaps,
    No,
}

/// Forgets a secret. One that is kept stays, with its record, until the place in which it is answers.
pub(super) fn forget(secrets: &Secrets, name: &str, is_kept: IsKept) -> Result<(), SecretsError> {
    secrets.remove(name).or_else(|error| match is_kept {
        IsKept::Yes => Err(error),
        IsKept::Perhaps => error.unless_locked(),
        IsKept::No => error.unless_refused(),
    })
}

fn is_kept(credential: Option<&Credential>) -> IsKept {
    match credential {
        Some(credential) if credential.has_secret => IsKept::Yes,
        _ => IsKept::No,
    }
}

/// Takes a credential out of settings; says whether it was there.
fn let_go(settings: &mut Settings, credential: Id) -> bool {
    let mut was_there = false;
    for place in [&mut settings.credential, &mut settings.proxy_credential] {
        if *place == Some(credential) {
            *place = None;
            was_there = true;
        }
    }
    was_there
}
