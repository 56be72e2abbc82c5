//! Editing a host's file here: asked before it goes back, and no change is lost, whatever ends.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::PathBuf,
    time::Duration,
};

use luumen_testkit::sshd::{Sshd, SshdBuilder, username};
use serde_json::{Value, json};

use crate::support::{Desk, place};

/// A file of a host that is open here.
struct Opened {
    desk: Desk,
    server: Sshd,
    session: Value,
    files: Value,
    edit: Value,
    theirs: PathBuf,
    ours: PathBuf,
}

async fn opened() -> Option<Opened> {
    opened_on(|server| server).await
}

async fn opened_on(change: impl FnOnce(SshdBuilder) -> SshdBuilder) -> Option<Opened> {
    let desk = Desk::open().await;
    let server = desk.server(true, change)?;
    let session = desk.session(&server).await;
    let files = desk.call("files_open", json!({"session": session["id"]})).await["files"].clone();
    let theirs = server.dir().join("app.conf");
    fs::write(&theirs, "port = 80\n").unwrap();
    let edit = desk
        .call("edit_open", json!({"files": files, "path": theirs}))
        .await;
    let ours = PathBuf::from(edit["local_path"].as_str().unwrap());
    // The copy is looked at by its time of change.
    tokio::time::sleep(Duration::from_millis(20)).await;
    Some(Opened {
        edit: edit["edit"].clone(),
        desk,
        server,
        session,
        files,
        theirs,
        ours,
    })
}

impl Opened {
    /// Saves the copy, and waits until it is asked about.
    async fn change(&self, text: &str) {
        fs::write(&self.ours, text).unwrap();
        let changed = |event: &Value| event["event"] == "edit_changed" && event["edit"] == self.edit;
        self.desk.hear("the change", changed).await;
    }

    async fn list(&self) -> Value {
        self.desk.call("edits_list", json!({})).await
    }

    async fn start_again(self) -> Self {
        Self {
            desk: self.desk.start_again().await,
            ..self
        }
    }

    fn host_has(&self) -> String {
        fs::read_to_string(&self.theirs).unwrap()
    }

    /// The copies and records that are on this device.
    fn left(&self) -> usize {
        fs::read_dir(self.desk.home().join("data/edits")).unwrap().count()
    }
}

#[tokio::test]
async fn a_file_that_is_edited_here_is_sent_only_on_request_and_over_the_same_one() {
    let Some(opened) = opened().await else { return };
    let mode = fs::metadata(&opened.ours).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&opened.ours).unwrap(), "port = 80\n");
    opened.change("port = 8080\n").await;
    assert_eq!(opened.host_has(), "port = 80\n", "nothing is sent by itself");
    let upload = json!({"edit": opened.edit});
    opened.desk.call("edit_upload", upload.clone()).await;
    assert_eq!(opened.host_has(), "port = 8080\n");

    opened.change("port = 1\n").await;
    fs::write(&opened.theirs, "somebody else was here\n").unwrap();
    let problem = opened.desk.refusal("edit_upload", upload).await;
    assert_eq!(problem.code, "LUM-EDIT-CONFLICT");
    assert_eq!(opened.host_has(), "somebody else was here\n");
    let overwrite = json!({"edit": opened.edit, "overwrite": true});
    opened.desk.call("edit_upload", overwrite).await;
    assert_eq!(opened.host_has(), "port = 1\n");
    opened.desk.call("edit_close", json!({"edit": opened.edit})).await;
    assert!(!opened.ours.exists());
    assert_eq!((opened.left(), opened.list().await), (0, json!([])));
}

#[tokio::test]
async fn a_page_that_is_loaded_anew_is_told_what_is_open() {
    let Some(opened) = opened().await else { return };
    let list = opened.list().await;
    assert_eq!(list[0]["edit"], opened.edit);
    assert_eq!(
        (&list[0]["path"], &list[0]["local_path"], &list[0]["session"]),
        (&json!(opened.theirs), &json!(opened.ours), &opened.session["id"])
    );
    assert_eq!(list[0]["changed"], false);
    opened.change("port = 81\n").await;
    assert_eq!(opened.list().await[0]["changed"], true);
    // Taken back in the editor: there is nothing to send.
    fs::write(&opened.ours, "port = 80\n").unwrap();
    assert_eq!(opened.list().await[0]["changed"], false);
}

#[tokio::test]
async fn a_change_that_was_not_sent_is_there_after_a_start_and_goes_to_its_host() {
    let Some(opened) = opened().await else { return };
    let target = place(&opened.server);
    opened.change("port = 8080\n").await;
    let mut opened = opened.start_again().await;
    let list = opened.list().await;
    assert_eq!(list[0]["edit"], opened.edit);
    assert_eq!(
        (
            &list[0]["changed"],
            &list[0]["session"],
            &list[0]["target"],
            &list[0]["quick"]
        ),
        (&json!(true), &Value::Null, &json!(target), &json!(target))
    );
    let upload = json!({"edit": opened.edit});
    let problem = opened.desk.refusal("edit_upload", upload.clone()).await;
    assert_eq!(problem.code, "LUM-EDIT-NOT-CONNECTED");

    // It is still watched: the editor may be open since before.
    opened.change("port = 8081\n").await;
    let session = opened.desk.session(&opened.server).await;
    let files = opened
        .desk
        .call("files_open", json!({"session": session["id"]}))
        .await;
    opened.files = files["files"].clone();
    let over = json!({"edit": opened.edit, "files": opened.files});
    // What somebody did on the host meanwhile is not overwritten, however long ago that was.
    fs::write(&opened.theirs, "somebody else was here\n").unwrap();
    let problem = opened.desk.refusal("edit_upload", over.clone()).await;
    assert_eq!(problem.code, "LUM-EDIT-CONFLICT");
    let over = json!({"edit": opened.edit, "files": opened.files, "overwrite": true});
    opened.desk.call("edit_upload", over).await;
    assert_eq!(opened.host_has(), "port = 8081\n");

    // Now both have the same, so the next start has nothing to keep.
    let opened = opened.start_again().await;
    assert_eq!((opened.left(), opened.list().await), (0, json!([])));
    assert!(!opened.ours.exists());
}

#[tokio::test]
async fn a_change_never_goes_to_another_host() {
    let Some(opened) = opened().await else { return };
    opened.change("port = 8080\n").await;
    let Some(second) = opened.desk.server(true, |server| server) else {
        return;
    };
    let session = opened.desk.session(&second).await;
    let files = opened
        .desk
        .call("files_open", json!({"session": session["id"]}))
        .await;
    let over = json!({"edit": opened.edit, "files": files["files"], "overwrite": true});
    let problem = opened.desk.refusal("edit_upload", over).await;
    assert_eq!(problem.code, "LUM-EDIT-OTHER-HOST");
    assert_eq!(opened.host_has(), "port = 80\n");
}

#[tokio::test]
async fn a_change_outlives_its_session() {
    let Some(opened) = opened().await else { return };
    opened.change("port = 8080\n").await;
    let close = json!({"id": opened.session["id"]});
    opened.desk.call("session_close", close).await;
    assert_eq!(opened.list().await[0]["changed"], true);
    let session = opened.desk.session(&opened.server).await;
    let files = opened
        .desk
        .call("files_open", json!({"session": session["id"]}))
        .await;
    let over = json!({"edit": opened.edit, "files": files["files"]});
    opened.desk.call("edit_upload", over).await;
    assert_eq!(opened.host_has(), "port = 8080\n");
    // The browser that it was opened in has nothing to stay for.
    let list = json!({"files": opened.files, "path": "/"});
    opened
        .desk
        .refused_at_last("files_list", list, "LUM-FILES-UNKNOWN")
        .await;
}

#[tokio::test]
async fn a_change_is_saved_as_a_file_and_replaces_none_unasked() {
    let Some(opened) = opened().await else { return };
    opened.change("port = 8080\n").await;
    let file = opened.desk.home().join("mine.conf");
    fs::write(&file, "older").unwrap();
    let save = json!({"edit": opened.edit, "path": "~/mine.conf"});
    let problem = opened.desk.refusal("edit_save", save).await;
    assert_eq!(problem.code, "LUM-EDIT-TAKEN");
    assert_eq!(fs::read_to_string(&file).unwrap(), "older");
    let save = json!({"edit": opened.edit, "path": file, "overwrite": true});
    opened.desk.call("edit_save", save).await;
    assert_eq!(fs::read_to_string(&file).unwrap(), "port = 8080\n");
    assert!(opened.ours.exists(), "the copy is its person's to close");
}

#[tokio::test]
async fn what_would_be_cut_off_is_known_before_the_program_ends() {
    let Some(opened) = opened().await else { return };
    assert!(opened.desk.workbench.unfinished().await.unwrap().is_empty());
    opened.change("port = 8080\n").await;
    let big = opened.server.dir().join("big");
    fs::write(&big, vec![7; 60_000_000]).unwrap();
    let carry = json!({
        "files": opened.files, "direction": "download", "from": [big], "to": opened.desk.home(), "on_conflict": "ask",
    });
    let transfer = opened.desk.call("transfer_add", carry).await[0].clone();
    let unfinished = opened.desk.workbench.unfinished().await.unwrap();
    assert_eq!(
        unfinished.edits,
        [format!("{} on 127.0.0.1", opened.theirs.display())]
    );
    assert_eq!(
        unfinished.transfers,
        [format!("{} from 127.0.0.1", big.display())]
    );
    let done =
        |event: &Value| event["transfer"]["id"] == transfer["id"] && event["transfer"]["state"] == "done";
    opened.desk.hear("its end", done).await;
    opened
        .desk
        .call("edit_upload", json!({"edit": opened.edit}))
        .await;
    assert!(opened.desk.workbench.unfinished().await.unwrap().is_empty());
}

#[tokio::test]
async fn files_of_a_closed_session_end_with_its_last_edit() {
    let Some(opened) = opened().await else { return };
    let close = json!({"id": opened.session["id"]});
    opened.desk.call("session_close", close).await;
    let list = json!({"files": opened.files, "path": "/"});
    opened.desk.call("files_list", list.clone()).await;
    opened.desk.call("edit_close", json!({"edit": opened.edit})).await;
    opened
        .desk
        .refused_at_last("files_list", list, "LUM-FILES-UNKNOWN")
        .await;
}

/// Gives the host's file to another account, which only root can.
fn give_away(opened: &Opened) -> bool {
    if username().unwrap() != "root" {
        return false;
    }
    chown(&opened.theirs, Some(1234), Some(1235)).unwrap();
    fs::set_permissions(&opened.theirs, fs::Permissions::from_mode(0o600)).unwrap();
    true
}

#[tokio::test]
async fn a_file_still_belongs_to_its_owner_after_it_was_edited() {
    let Some(opened) = opened().await else { return };
    if !give_away(&opened) {
        return;
    }
    opened.change("port = 8080\n").await;
    opened
        .desk
        .call("edit_upload", json!({"edit": opened.edit}))
        .await;
    assert_eq!(opened.host_has(), "port = 8080\n");
    let now = fs::metadata(&opened.theirs).unwrap();
    assert_eq!((now.uid(), now.gid(), now.mode() & 0o7777), (1234, 1235, 0o600));
    assert!(!opened.desk.told().contains("LUM-EDIT-OWNER"));
}

#[tokio::test]
async fn a_file_that_could_not_be_given_back_to_its_owner_is_said() {
    // As for an account that may not give files away.
    let refuses = |server: SshdBuilder| server.config("ForceCommand internal-sftp -P fsetstat");
    let Some(opened) = opened_on(refuses).await else {
        return;
    };
    if !give_away(&opened) {
        return;
    }
    opened.change("port = 8080\n").await;
    let upload = json!({"edit": opened.edit});
    opened.desk.call("edit_upload", upload.clone()).await;
    let said = |event: &Value| event["event"] == "notice" && event["problem"]["code"] == "LUM-EDIT-OWNER";
    let said = opened.desk.hear("whose it is now", said).await;
    let detail = said["problem"]["detail"].as_str().unwrap();
    assert!(
        detail.contains("belonged to 1234:1235 and now belongs to 0:0"),
        "{detail}"
    );
    // A transfer says it where it stands.
    give_away(&opened);
    let from = opened.desk.home().join("app.conf");
    fs::write(&from, "port = 1\n").unwrap();
    let carry = json!({
        "files": opened.files, "direction": "upload", "from": [from], "to": opened.server.dir(), "on_conflict": "overwrite",
    });
    let transfer = opened.desk.call("transfer_add", carry).await[0].clone();
    let done =
        |event: &Value| event["transfer"]["id"] == transfer["id"] && event["transfer"]["state"] == "done";
    let done = opened.desk.hear("its end", done).await;
    let notes = done["transfer"]["notes"].to_string();
    assert!(
        notes.contains("belonged to 1234:1235 and now belongs to 0:0"),
        "{notes}"
    );
}
