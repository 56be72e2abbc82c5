//! Opens the workbench and puts its rooms behind one door.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value;
use tokio::sync::broadcast;

use crate::{
    about,
    bridge::{
        ContractError, Duplicate, Event, Events, Id, NoKey, Output, Problem, Registry, Typed, register_typed,
    },
    core::{Core, Options},
    files::{Files, Unfinished},
    guard::Guard,
    hosts, identities, import, live, preferences, scans,
    secrets::{self, Secrets},
    sessions::Sessions,
    store::{Store, StoreError, records::Undos},
};

/// The open workbench. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Workbench {
    core: Arc<Core>,
    registry: Arc<Registry>,
    typed: Arc<Typed>,
    sessions: Arc<Sessions>,
    files: Arc<Files>,
}

/// Why the workbench cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder for its files.
    #[error("the folder {} cannot be used", path.display())]
    Folder {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key for what a window types.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// A fault of ours.
    #[error(transparent)]
    Duplicate(#[from] Duplicate),
}

impl Workbench {
    /// Opens what is kept in `data_dir`, or makes it.
    pub async fn open(data_dir: &Path, options: Options) -> Result<Self, OpenError> {
        make_private(data_dir).map_err(|source| OpenError::Folder {
            path: data_dir.to_owned(),
            source,
        })?;
        let store = Store::open(data_dir).await?;
        let secrets = find_secrets(data_dir, &options).await;
        let core = Arc::new(Core {
            data_dir: data_dir.to_owned(),
            guard: Guard::new(data_dir, &options),
            options,
            events: Events::default(),
            store,
            undos: Undos::default(),
            secrets: Arc::new(secrets),
        });
        let typed = Arc::new(Typed::new()?);
        let (registry, sessions, files) = rooms(&core, &typed);
        Ok(Self {
            core,
            registry: Arc::new(registry.checked()?),
            typed,
            sessions,
            files,
        })
    }

    /// Answers one call: a JSON document in, one out.
    pub async fn call(&self, name: &str, mut args: Value) -> Result<Value, Problem> {
        self.typed.uncover(&mut args)?;
        self.registry.answer(name, args).await
    }

    /// What happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.core.events.listen()
    }

    /// Sends the bytes of a terminal to `output`.
    pub fn attach(&self, terminal: Id, output: Box<dyn Output>) -> Result<(), Problem> {
        self.registry.attach(terminal, output)
    }

    /// Where the copy of a host's file is that is being edited here. For what only the program itself may do: starting an editor.
    pub fn edited(&self, edit: Id) -> Result<PathBuf, Problem> {
        self.files.edited(edit)
    }

    /// What would be cut off or left behind if the program ended now, for a question before it does.
    pub async fn unfinished(&self) -> Result<Unfinished, Problem> {
        self.files.unfinished().await
    }

    /// Ends the sessions, writes what is still under way and lets go of the files. Calls fail afterwards.
    pub async fn close(&self) {
        self.sessions.close_all().await;
        if let Err(error) = self.core.store.close().await {
            tracing::warn!(%error, "The store did not close cleanly; nothing that was answered is lost");
        }
    }

    /// The browser's side of the contract, as TypeScript.
    pub fn contract(&self) -> Result<String, ContractError> {
        self.registry.contract()
    }
}

/// Every room, one line each. `register` of hosts and identities hands out the room, for those who need it.
fn rooms(core: &Arc<Core>, typed: &Arc<Typed>) -> (Registry, Arc<Sessions>, Arc<Files>) {
    let mut registry = Registry::default();
    register_typed(&mut registry, typed);
    about::register(&mut registry, core);
    secrets::register(&mut registry, core);
    preferences::register(&mut registry, core);
    let identities = identities::register(&mut registry, core);
    let hosts = hosts::register(&mut registry, core);
    import::register(&mut registry, core);
    let (sessions, files) = live::register(&mut registry, core, hosts.clone(), identities);
    scans::register(&mut registry, core, &hosts, sessions.clone());
    (registry, sessions, files)
}

/// The keychain may ask its person before it answers, so this is done where waiting is allowed.
async fn find_secrets(data_dir: &Path, options: &Options) -> Secrets {
    let (file, place) = (data_dir.join("vault.json"), options.secrets.clone());
    // Two data folders never share what is in one keychain.
    let account = data_dir
        .canonicalize()
        .unwrap_or_else(|_| data_dir.to_owned())
        .display()
        .to_string();
    let found = tokio::task::spawn_blocking({
        let (file, account) = (file.clone(), account.clone());
        move || Secrets::find(file, &account, &place)
    });
    found.await.unwrap_or_else(|_| Secrets::unasked(file, &account))
}

/// Makes a folder that only its person can look into.
fn make_private(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
