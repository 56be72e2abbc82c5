//! What every room of the workbench shares: where its files are, who listens, how it was opened.

use std::{path::PathBuf, sync::Arc};

use crate::{
    bridge::{Events, Problem},
    consent::{Consent, NoConsent},
    secrets::{SecretPlace, Secrets, SecretsError},
    store::{Store, records::Undos},
};

/// How a workbench is opened. The program fills it in; nothing below reads the environment.
#[derive(Clone, Debug)]
pub struct Options {
    /// Version of the program.
    pub version: String,
    /// What it was built from, where that is known.
    pub commit: Option<String>,
    /// The person's account on this device, for hosts that name none.
    pub username: String,
    /// The person's home, where `~` leads.
    pub home: PathBuf,
    /// `~/.ssh`: known hosts, usual keys and the configuration are looked for there.
    pub ssh_folder: PathBuf,
    /// Where secrets may live.
    pub secrets: SecretPlace,
    /// The folder of feeds and catalogues, which the command line uses too.
    pub library_dir: PathBuf,
    /// Who asks the person what no page may decide.
    pub consent: Arc<dyn Consent>,
}

impl Options {
    /// The usual places of a person.
    pub fn new(version: impl Into<String>, username: impl Into<String>, home: impl Into<PathBuf>) -> Self {
        let home = home.into();
        Self {
            version: version.into(),
            commit: None,
            username: username.into(),
            ssh_folder: home.join(".ssh"),
            library_dir: home.join(".local/share/luumen"),
            home,
            secrets: SecretPlace::Automatic,
            consent: Arc::new(NoConsent),
        }
    }
}

/// Shared by the rooms.
#[derive(Debug)]
pub(crate) struct Core {
    /// Everything that the workbench keeps is in here.
    pub(crate) data_dir: PathBuf,
    pub(crate) options: Options,
    pub(crate) events: Events,
    pub(crate) store: Store,
    pub(crate) undos: Undos,
    pub(crate) secrets: Arc<Secrets>,
}

impl Core {
    /// Does something with the secrets, where waiting is allowed.
    pub(crate) async fn secrets<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Secrets) -> Result<T, SecretsError> + Send + 'static,
    ) -> Result<T, Problem> {
        let secrets = Arc::clone(&self.secrets);
        let done = tokio::task::spawn_blocking(move || act(&secrets)).await;
        Ok(done.map_err(|_| SecretsError::Ended).flatten()?)
    }
}
