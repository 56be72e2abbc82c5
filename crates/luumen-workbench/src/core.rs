//! What every room of the workbench shares: where its files are, who listens, how it was opened.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    bridge::{Changed, Events, Problem},
    consent::{Consent, Deed, NoConsent},
    guard::Guard,
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

    /// Where a path leads that a person typed.
    pub(crate) fn path(&self, typed: impl AsRef<Path>) -> PathBuf {
        let typed = typed.as_ref();
        match typed.strip_prefix("~") {
            Ok(rest) => self.home.join(rest),
            Err(_) => typed.to_owned(),
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
    pub(crate) guard: Arc<Guard>,
}

impl Core {
    /// Where to write something that leaves Luumen, by the path that a person typed. Only if nothing guarded is written over, or
    /// its person agrees.
    pub(crate) async fn export_path(&self, typed: impl AsRef<Path>) -> Result<PathBuf, Problem> {
        let path = self.options.path(typed);
        self.guard.may(Deed::Export, None, vec![path.clone()]).await?;
        Ok(path)
    }

    /// Does something with the secrets, where waiting is allowed.
    pub(crate) async fn secrets<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Secrets) -> Result<T, SecretsError> + Send + 'static,
    ) -> Result<T, Problem> {
        let secrets = Arc::clone(&self.secrets);
        let done = tokio::task::spawn_blocking(move || {
            let before = secrets.status();
            let done = act(&secrets);
            let after = secrets.status();
            (done, (after.place, after.state) != (before.place, before.state))
        });
        let (done, changed) = done.await.map_err(|_| SecretsError::Ended)?;
        if changed {
            // A vault was opened or locked, or a keychain that did not answer before does now.
            self.events.changed(Changed::Vault);
        }
        Ok(done?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_path_may_begin_at_home() {
        let options = Options::new("1", "ada", "/home/ada");
        for (typed, leads) in [
            ("~/a/b", "/home/ada/a/b"),
            ("~", "/home/ada"),
            ("/a/~/b", "/a/~/b"),
            ("~ada/b", "~ada/b"),
        ] {
            assert_eq!(options.path(typed), Path::new(leads), "{typed}");
        }
    }
}
