//! Exports write where programs start from only when their person agrees outside of the page.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use luumen_workbench::{Consent, Deed, Touch};
use serde_json::json;

use crate::support::Desk;

/// Agrees to all, and remembers to what.
#[derive(Clone, Debug, Default)]
struct Agreeing(Arc<Mutex<Vec<Touch>>>);

impl Consent for Agreeing {
    fn may_run(&self, _: &str) -> bool {
        false
    }

    fn may_touch(&self, touch: &Touch) -> bool {
        self.0.lock().unwrap().push(touch.clone());
        true
    }
}

#[tokio::test]
async fn without_anybody_to_ask_an_export_writes_over_nothing_that_is_guarded() {
    let desk = Desk::open().await;
    desk.host("web", json!({})).await;
    fs::create_dir(desk.home().join(".ssh")).unwrap();
    fs::write(desk.home().join(".bashrc"), "mine").unwrap();
    fs::write(desk.home().join(".ssh/authorized_keys"), "mine").unwrap();
    for path in [
        "~/.bashrc",
        "~/./.ssh/authorized_keys",
        "~/data/vault.json",
        "~/.new",
    ] {
        let export = json!({"kind": "csv", "path": path});
        let problem = desk.refused("export_hosts", export).await;
        assert_eq!(problem.code, "LUM-FILE-GUARDED", "{path}: {problem}");
        assert!(problem.next.is_some());
    }
    for path in [".bashrc", ".ssh/authorized_keys"] {
        assert_eq!(fs::read_to_string(desk.home().join(path)).unwrap(), "mine");
    }
    assert!(!desk.home().join(".new").exists() && !desk.data().join("vault.json").exists());
    let export = json!({"kind": "csv", "path": "~/hosts.csv"});
    desk.call("export_hosts", export).await;
    assert!(
        desk.home().join("hosts.csv").exists(),
        "an ordinary place is free"
    );
}

#[tokio::test]
async fn who_agrees_once_is_not_asked_again_about_the_same_place() {
    let person = Agreeing::default();
    let desk = Desk::asking(person.clone()).await;
    desk.host("web", json!({})).await;
    for overwrite in [false, true] {
        let export = json!({"kind": "csv", "path": "~/.hosts.csv", "overwrite": overwrite});
        desk.call("export_hosts", export).await;
    }
    let file = desk.home().canonicalize().unwrap().join(".hosts.csv");
    assert!(fs::read_to_string(&file).unwrap().contains("web"));
    let asked = person.0.lock().unwrap().clone();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!((asked[0].deed, asked[0].target.clone()), (Deed::Export, None));
    assert_eq!(asked[0].files[0].path, file);
}

#[tokio::test]
async fn what_other_programs_keep_secret_is_never_shown_as_a_list_of_hosts() {
    let desk = Desk::open().await;
    let file = desk.home().join(".aws/credentials");
    fs::create_dir(file.parent().unwrap()).unwrap();
    fs::write(&file, "[web]\naws_secret_access_key = barley\n").unwrap();
    fs::write(desk.home().join("hosts.ini"), "[web]\nalpha\n").unwrap();
    for kind in ["ssh_config", "csv", "ansible", "putty"] {
        let preview = json!({"kind": kind, "path": "~/.aws/credentials"});
        let problem = desk.refused("import_preview", preview).await;
        assert_eq!(problem.code, "LUM-IMPORT-KEY", "{kind}: {problem}");
    }
    let text = format!("Include {}\nHost web\n", file.display());
    let preview = json!({"kind": "ssh_config", "text": text});
    let seen = desk.call("import_preview", preview).await;
    assert!(!seen.to_string().contains("barley"), "{seen}");
    let why = seen["problems"][0]["why"].as_str().unwrap();
    assert!(why.contains("place of passwords"), "{seen}");
    let preview = json!({"kind": "ansible", "path": "~/hosts.ini"});
    desk.call("import_preview", preview).await;
}
