//! Keys: made here, taken in, or left in their files.

use std::{path::Path, sync::Arc};

use luumen_crypto::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    Credential, Identities,
    credentials::{IsKept, forget},
    key_text::{self, KeyTextError, Told},
    passphrase_of_key, read_secret, text_of_key,
};
use crate::{
    bridge::{Changed, Id, NoArgs, Problem, Time},
    hosts::ById,
    store::records::{self, Changes, Record},
};

/// Where a key is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// Made here.
    Generated,
    /// Taken in; the text lives where secrets live.
    Imported,
    /// Read from its file each time.
    File,
}

/// A key, without its private part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Key {
    /// Its id.
    pub id: Id,
    /// How its person calls it.
    pub name: String,
    /// `ssh-ed25519`, `ssh-rsa`, …
    pub algorithm: String,
    /// Its length.
    pub bits: Option<u32>,
    /// `SHA256:…`
    pub fingerprint: String,
    /// The line for `authorized_keys`.
    pub public_key: String,
    /// Whether it needs a passphrase.
    pub encrypted: bool,
    /// Where it is from.
    pub source: KeySource,
    /// Its file, where it is read from one.
    pub path: Option<String>,
    /// When it was made or taken in.
    pub created_at: Time,
}

impl Record for Key {
    const KIND: &'static str = "key";

    fn id(&self) -> Id {
        self.id
    }
}

/// A key to make.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GenerateKey {
    name: String,
    #[serde(default)]
    #[ts(optional, type = "TypedSecret")]
    passphrase: Option<Secret>,
}

/// A key to take in: a file or a text.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportKey {
    #[serde(default)]
    #[ts(optional)]
    path: Option<String>,
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    text: Option<Secret>,
    name: String,
    #[serde(default)]
    #[ts(optional, type = "TypedSecret")]
    passphrase: Option<Secret>,
    /// Leaves the key in its file and reads it from there each time.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    in_place: bool,
}

impl From<KeyTextError> for Problem {
    fn from(error: KeyTextError) -> Self {
        let (code, next) = match &error {
            KeyTextError::NoKey => ("LUM-KEY-FORM", "Choose a private key: OpenSSH, PEM or PPK."),
            KeyTextError::Public => ("LUM-KEY-PUBLIC", "Choose the file without .pub at its end."),
            KeyTextError::PassphraseNeeded => ("LUM-KEY-PASSPHRASE", "Give the key's passphrase."),
            KeyTextError::WrongPassphrase => ("LUM-KEY-PASSPHRASE-WRONG", "Try the passphrase again."),
            KeyTextError::Unreadable(_) => (
                "LUM-KEY-UNREADABLE",
                "Convert the key with `ssh-keygen -p -f FILE`.",
            ),
            KeyTextError::Making(_) => ("LUM-KEY-MAKE", "Try again."),
        };
        Self::of(code, "the key was not taken", &error).next(next)
    }
}

impl Identities {
    pub(super) async fn keys(self: Arc<Self>, _: NoArgs) -> Result<Vec<Key>, Problem> {
        records::all(self.0.store.db()).await
    }

    pub(super) async fn generate(self: Arc<Self>, args: GenerateKey) -> Result<Key, Problem> {
        let name = checked_name(&args.name)?;
        let passphrase = args.passphrase.filter(|passphrase| !passphrase.is_empty());
        // Locking a key takes a moment on purpose.
        let made = tokio::task::spawn_blocking({
            let name = name.clone();
            move || key_text::generate(&name, passphrase.as_ref())
        });
        let (text, told) = made.await.map_err(|_| ended())??;
        self.add(name, told, KeySource::Generated, None, Some(text)).await
    }

    pub(super) async fn import(self: Arc<Self>, args: ImportKey) -> Result<Key, Problem> {
        let name = checked_name(&args.name)?;
        let path = args
            .path
            .map(|path| self.0.options.path(path).display().to_string());
        let text = match (&path, args.text) {
            (_, Some(text)) => text,
            (Some(path), None) => read_secret(path).await?,
            (None, None) => return Err(KeyTextError::NoKey.into()),
        };
        let told = tokio::task::spawn_blocking({
            let (text, passphrase) = (text.clone(), args.passphrase);
            move || key_text::read(&text, passphrase.as_ref())
        });
        let told = told.await.map_err(|_| ended())??;
        match path.filter(|_| args.in_place) {
            Some(path) => self.add(name, told, KeySource::File, Some(path), None).await,
            None => self.add(name, told, KeySource::Imported, None, Some(text)).await,
        }
    }

    async fn add(
        &self,
        name: String,
        told: Told,
        source: KeySource,
        path: Option<String>,
        text: Option<Secret>,
    ) -> Result<Key, Problem> {
        let key = key_of(name, told, source, path);
        if let Some(text) = text {
            let name = text_of_key(key.id);
            self.0.secrets(move |secrets| secrets.set(&name, &text)).await?;
        }
        let mut changes = Changes::begin(&self.0.store).await?;
        changes.put(&key).await?;
        changes.commit().await?;
        self.0.events.changed(Changed::Keys);
        Ok(key)
    }

    pub(super) async fn delete_key(self: Arc<Self>, args: ById) -> Result<(), Problem> {
        let mut changes = Changes::begin(&self.0.store).await?;
        let credentials: Vec<Credential> = records::all(changes.db()).await?;
        let users: Vec<&str> = credentials
            .iter()
            .filter(|credential| credential.key == Some(args.id))
            .map(|credential| credential.name.as_str())
            .collect();
        if !users.is_empty() {
            return Err(Problem::new(
                "LUM-KEY-USED",
                "the key was not deleted",
                format!("credentials use it: {}", users.join(", ")),
            )
            .next("Give these credentials another key, or delete them first."));
        }
        let before: Option<Key> = records::get(changes.db(), args.id).await?;
        // A text that is taken in is kept; whether a passphrase is, no record says.
        let (is_text_kept, is_passphrase_kept) = match before {
            Some(key) if key.source != KeySource::File => (IsKept::Yes, IsKept::Perhaps),
            Some(key) if key.encrypted => (IsKept::No, IsKept::Perhaps),
            _ => (IsKept::No, IsKept::No),
        };
        changes.remove::<Key>(args.id).await?;
        let (text, passphrase) = (text_of_key(args.id), passphrase_of_key(args.id));
        self.0
            .secrets(move |secrets| {
                forget(secrets, &text, is_text_kept)?;
                forget(secrets, &passphrase, is_passphrase_kept)
            })
            .await?;
        changes.commit().await?;
        self.0.events.changed(Changed::Keys);
        Ok(())
    }
}

/// A key that stays in its file, for imports; `None` when there is none that can be read.
pub(crate) async fn in_file(path: &Path) -> Option<Key> {
    let shown = path.display().to_string();
    let text = read_secret(&shown).await.ok()?;
    let told = key_text::read(&text, None).ok()?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned())?;
    Some(key_of(name, told, KeySource::File, Some(shown)))
}

fn key_of(name: String, told: Told, source: KeySource, path: Option<String>) -> Key {
    Key {
        id: Id::new(),
        public_key: if told.comment.is_empty() {
            format!("{} {name}", told.public_key.trim())
        } else {
            told.public_key
        },
        name,
        algorithm: told.algorithm,
        bits: told.bits,
        fingerprint: told.fingerprint,
        encrypted: told.encrypted,
        source,
        path,
        created_at: Time::now(),
    }
}

fn checked_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Problem::new(
            "LUM-KEY-NAME",
            "the key was not taken",
            "it needs a name",
        ));
    }
    Ok(name.to_owned())
}

fn ended() -> Problem {
    Problem::new(
        "LUM-KEY-MAKE",
        "the key was not taken",
        "reading or making it failed",
    )
    .next("Try again.")
}
