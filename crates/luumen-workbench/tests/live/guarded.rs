//! Guarded files go to a host, or are written over, only when their person agrees outside of the page.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use luumen_testkit::sshd::Sshd;
use luumen_workbench::{Consent, Deed, Touch};
use serde_json::{Value, json};

use crate::support::{Desk, place};

/// Says yes or no, and remembers what was asked.
#[derive(Clone, Debug, Default)]
struct Person {
    agrees: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<Touch>>>,
}

impl Consent for Person {
    fn may_run(&self, _: &str) -> bool {
        false
    }

    fn may_touch(&self, touch: &Touch) -> bool {
        self.asked.lock().unwrap().push(touch.clone());
        self.agrees.load(Ordering::Relaxed)
    }
}

impl Person {
    fn asked(&self) -> Vec<Touch> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

struct Scene {
    person: Person,
    desk: Desk,
    server: Sshd,
    files: Value,
    there: PathBuf,
}

async fn scene() -> Option<Scene> {
    let person = Person::default();
    let desk = Desk::asking(person.clone()).await;
    let server = desk.server(true, |server| server)?;
    let session = desk.session(&server).await;
    let files = desk.call("files_open", json!({"session": session["id"]})).await["files"].clone();
    let there = server.dir().join("there");
    fs::create_dir(&there).unwrap();
    Some(Scene {
        person,
        desk,
        server,
        files,
        there,
    })
}

impl Scene {
    async fn carry(&self, direction: &str, from: &Path, to: &Path) -> Value {
        let args = json!({
            "files": self.files, "direction": direction, "from": [from], "to": to, "on_conflict": "overwrite",
        });
        self.desk.call("transfer_add", args).await[0].clone()
    }

    async fn until(&self, transfer: &Value, state: &str) -> Value {
        let wanted = |event: &Value| {
            let told = &event["transfer"];
            told["id"] == transfer["id"] && told["state"] == state
        };
        self.desk.hear(&format!("the transfer {state}"), wanted).await["transfer"].clone()
    }

    async fn refused(&self, transfer: &Value) {
        let failed = self.until(transfer, "failed").await;
        assert_eq!(failed["problem"]["code"], "LUM-FILE-GUARDED", "{failed}");
        assert_eq!(failed["bytes_done"], 0);
    }

    async fn agreed(&self, transfer: &Value) {
        self.person.agrees.store(true, Ordering::Relaxed);
        let retry = json!({"id": transfer["id"]});
        self.desk.call("transfer_retry", retry).await;
        self.until(transfer, "done").await;
    }

    fn home(&self) -> PathBuf {
        self.desk.home().canonicalize().unwrap()
    }
}

#[tokio::test]
async fn a_key_is_sent_only_when_its_person_agrees() {
    let Some(scene) = scene().await else { return };
    let work = scene.home().join("work");
    fs::create_dir_all(work.join("deep")).unwrap();
    fs::write(work.join("notes"), "free").unwrap();
    fs::copy(scene.desk.ssh().join("id_ed25519"), work.join("deep/copy")).unwrap();
    std::os::unix::fs::symlink(scene.desk.ssh().join("known_hosts"), work.join("link")).unwrap();
    let folder = scene.carry("upload", &work, &scene.there).await;
    scene.refused(&folder).await;
    assert_eq!(
        fs::read_dir(&scene.there).unwrap().count(),
        0,
        "not even the rest"
    );
    let asked = scene.person.asked();
    assert_eq!(asked.len(), 1, "one question for the folder: {asked:?}");
    assert_eq!(
        (asked[0].deed, asked[0].target.clone()),
        (Deed::Send, Some(place(&scene.server)))
    );
    let named: Vec<_> = asked[0].files.iter().map(|file| file.path.clone()).collect();
    assert_eq!(
        named,
        [scene.home().join(".ssh/known_hosts"), work.join("deep/copy")]
    );
    scene.agreed(&folder).await;
    assert!(scene.there.join("work/deep/copy").exists() && scene.there.join("work/notes").exists());
    assert_eq!(scene.person.asked().len(), 1);
    let again = scene.carry("upload", &work.join("deep/copy"), &scene.there).await;
    scene.until(&again, "done").await;
    let free = scene.carry("upload", &work.join("notes"), &scene.there).await;
    scene.until(&free, "done").await;
    assert_eq!(
        scene.person.asked(),
        [],
        "what was agreed to holds, and the rest is free"
    );
}

#[tokio::test]
async fn what_a_host_sends_is_written_over_no_settings_unless_its_person_agrees() {
    let Some(scene) = scene().await else { return };
    let rc = scene.home().join(".bashrc");
    fs::write(&rc, "mine").unwrap();
    fs::write(scene.there.join(".bashrc"), "theirs").unwrap();
    let one = scene
        .carry("download", &scene.there.join(".bashrc"), &scene.home())
        .await;
    scene.refused(&one).await;
    assert_eq!(fs::read_to_string(&rc).unwrap(), "mine");
    assert!(!scene.home().join("..bashrc.luumen-part").exists());
    let new = scene.home().join(".config/autostart");
    let folder = scene.carry("download", &scene.there, &new).await;
    scene.refused(&folder).await;
    assert!(!scene.home().join(".config").exists());
    let asked = scene.person.asked();
    let named: Vec<_> = asked
        .iter()
        .map(|touch| (touch.deed, touch.files[0].path.clone()))
        .collect();
    assert_eq!(
        named,
        [(Deed::Fetch, rc.clone()), (Deed::Fetch, new.join("there"))]
    );
    scene.agreed(&one).await;
    assert_eq!(fs::read_to_string(&rc).unwrap(), "theirs");
}

#[tokio::test]
async fn an_edited_copy_is_saved_over_no_settings_unless_its_person_agrees() {
    let Some(scene) = scene().await else { return };
    fs::write(scene.there.join("app.conf"), "port = 80\n").unwrap();
    let open = json!({"files": scene.files, "path": scene.there.join("app.conf")});
    let edit = scene.desk.call("edit_open", open).await["edit"].clone();
    assert_eq!(scene.person.asked(), [], "Luumen's own copies are its own affair");
    let save = json!({"edit": edit, "path": "~/.profile", "overwrite": true});
    let problem = scene.desk.refusal("edit_save", save.clone()).await;
    assert_eq!(problem.code, "LUM-FILE-GUARDED");
    assert!(!scene.home().join(".profile").exists());
    scene.person.agrees.store(true, Ordering::Relaxed);
    scene.desk.call("edit_save", save).await;
    assert_eq!(
        fs::read_to_string(scene.home().join(".profile")).unwrap(),
        "port = 80\n"
    );
    assert_eq!(scene.person.asked()[1].target, Some(place(&scene.server)));
}

#[tokio::test]
async fn no_settings_are_written_through_a_link_that_was_planted() {
    let Some(scene) = scene().await else { return };
    let (rc, work) = (scene.home().join(".bashrc"), scene.home().join("work"));
    fs::write(&rc, "mine").unwrap();
    fs::create_dir(&work).unwrap();
    fs::write(scene.there.join("x"), "theirs").unwrap();
    for part in [".x.luumen-part", "x.luumen-part"] {
        std::os::unix::fs::symlink("../.bashrc", work.join(part)).unwrap();
    }
    let one = scene.carry("download", &scene.there.join("x"), &work).await;
    scene.until(&one, "done").await;
    let open = json!({"files": scene.files, "path": scene.there.join("x")});
    let edit = scene.desk.call("edit_open", open).await["edit"].clone();
    let save = json!({"edit": edit, "path": work.join("x"), "overwrite": true});
    scene.desk.call("edit_save", save).await;
    assert_eq!(fs::read_to_string(&rc).unwrap(), "mine");
    assert_eq!(fs::read_to_string(work.join("x")).unwrap(), "theirs");
    assert!(!work.join("x").is_symlink());
    assert_eq!(scene.person.asked(), []);
}

#[tokio::test]
async fn what_leads_elsewhere_since_it_was_judged_is_judged_again() {
    let Some(scene) = scene().await else { return };
    let (settings, work) = (scene.home().join(".config"), scene.home().join("work"));
    fs::create_dir_all(scene.there.join("deep")).unwrap();
    fs::write(scene.there.join("a"), vec![7; 60_000_000]).unwrap();
    fs::write(scene.there.join("deep/x.desktop"), "theirs").unwrap();
    fs::create_dir(&settings).unwrap();
    let folder = scene.carry("download", &scene.there, &work).await;
    let part = work.join("there/.a.luumen-part");
    while !part.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    // The folder is there already: it was made before what is in it.
    fs::remove_dir(work.join("there/deep")).unwrap();
    std::os::unix::fs::symlink(&settings, work.join("there/deep")).unwrap();
    scene.until(&folder, "failed").await;
    assert_eq!(fs::read_dir(&settings).unwrap().count(), 0);
    assert_eq!(scene.person.asked().len(), 1);
}

#[tokio::test]
async fn a_log_is_exported_over_no_settings_unless_its_person_agrees() {
    let Some(scene) = scene().await else { return };
    let open = json!({"quick": place(&scene.server), "log": "full"});
    let session = scene.desk.call("session_open", open).await;
    scene.desk.until(&session, "open").await;
    let screen = scene.desk.terminal(&session).await;
    scene.desk.write(&screen, "echo re''ady\n").await;
    screen.shows("ready").await;
    let rows = scene.desk.call("logs_list", json!({})).await;
    let export = json!({"id": rows[0]["id"], "path": "~/.profile"});
    let problem = scene.desk.refusal("log_export", export.clone()).await;
    assert_eq!(problem.code, "LUM-FILE-GUARDED");
    assert!(!scene.home().join(".profile").exists());
    scene.person.agrees.store(true, Ordering::Relaxed);
    scene.desk.call("log_export", export).await;
    assert!(scene.home().join(".profile").exists());
}
