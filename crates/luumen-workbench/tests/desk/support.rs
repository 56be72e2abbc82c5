//! A workbench in a folder of its own.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use luumen_workbench::{Consent, Options, SecretPlace, Workbench, bridge::Problem};
use serde_json::{Value, json};
use tempfile::TempDir;

/// An open workbench and the folder that goes with it.
pub(crate) struct Desk {
    pub(crate) workbench: Workbench,
    folder: TempDir,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workbench = open_in(folder.path()).await;
        Self { workbench, folder }
    }

    /// A workbench whose person answers so when a command wants to run.
    pub(crate) async fn asking(consent: impl Consent) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(folder.path());
        options.consent = Arc::new(consent);
        let data = folder.path().join("data");
        let workbench = Workbench::open(&data, options).await.unwrap();
        Self { workbench, folder }
    }

    /// Ends the workbench and opens its files again, as after a restart.
    pub(crate) async fn again(self) -> Self {
        self.workbench.close().await;
        let workbench = open_in(self.folder.path()).await;
        Self {
            workbench,
            folder: self.folder,
        }
    }

    /// The person's home.
    pub(crate) fn home(&self) -> &Path {
        self.folder.path()
    }

    /// Where the workbench keeps its files.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A call that must be answered.
    #[track_caller]
    pub(crate) fn call(&self, name: &'static str, args: Value) -> impl Future<Output = Value> {
        let workbench = self.workbench.clone();
        let at = std::panic::Location::caller();
        async move {
            match workbench.call(name, args).await {
                Ok(answer) => answer,
                Err(problem) => panic!("{at}: {name} failed: {problem}"),
            }
        }
    }

    /// A call that must be refused.
    #[track_caller]
    pub(crate) fn refused(&self, name: &'static str, args: Value) -> impl Future<Output = Problem> {
        let workbench = self.workbench.clone();
        let at = std::panic::Location::caller();
        async move {
            match workbench.call(name, args).await {
                Ok(answer) => panic!("{at}: {name} answered {answer}"),
                Err(problem) => problem,
            }
        }
    }

    /// Saves a host, and answers its id.
    pub(crate) async fn host(&self, name: &str, more: Value) -> String {
        let answer = self.call("host_save", json!({"host": draft(name, more)})).await;
        text(&answer["id"])
    }
}

pub(crate) async fn open_in(folder: &Path) -> Workbench {
    Workbench::open(&folder.join("data"), options(folder))
        .await
        .unwrap()
}

fn options(folder: &Path) -> Options {
    let mut options = Options::new("0.1.0-test", "ann", folder);
    options.secrets = SecretPlace::VaultFile;
    options
}

/// A host as the window fills it in; `more` goes over it.
pub(crate) fn draft(name: &str, more: Value) -> Value {
    let mut draft = json!({
        "group": null, "name": name, "protocol": "ssh", "address": format!("{name}.example.com"),
        "tags": [], "note": "", "settings": {}, "forwards": [],
    });
    for (key, value) in more.as_object().unwrap() {
        draft[key] = value.clone();
    }
    draft
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The names of the hosts in a tree, in order.
pub(crate) fn names(tree: &Value) -> Vec<String> {
    let mut names: Vec<String> = tree["hosts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|host| text(&host["name"]))
        .collect();
    names.sort();
    names
}
