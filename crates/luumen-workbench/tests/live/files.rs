//! Files: looking, carrying over, cuts, conflicts.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use luumen_testkit::sshd::Sshd;
use serde_json::{Value, json};

use crate::support::Desk;

struct Place {
    desk: Desk,
    server: Sshd,
    session: Value,
    files: Value,
    /// A folder of the host, and one of this device.
    there: PathBuf,
    here: PathBuf,
}

async fn place() -> Option<Place> {
    let desk = Desk::open().await;
    let server = desk.server(true, |server| server)?;
    let session = desk.session(&server).await;
    let files = desk.call("files_open", json!({"session": session["id"]})).await;
    assert!(files["home"].as_str().unwrap().starts_with('/'));
    let (there, here) = (server.dir().join("there"), desk.home().join("here"));
    fs::create_dir(&there).unwrap();
    fs::create_dir(&here).unwrap();
    Some(Place {
        files: files["files"].clone(),
        desk,
        server,
        session,
        there,
        here,
    })
}

impl Place {
    async fn carry(&self, direction: &str, from: &Path, on_conflict: &str) -> Value {
        let to = if direction == "upload" {
            &self.there
        } else {
            &self.here
        };
        let args = json!({
            "files": self.files, "direction": direction, "from": [from], "to": to, "on_conflict": on_conflict,
        });
        self.desk.call("transfer_add", args).await[0].clone()
    }

    /// Fetches over a browser of its own.
    async fn fetch_apart(&self, from: &Path) -> Value {
        let session = json!({"session": self.session["id"]});
        let files = self.desk.call("files_open", session).await["files"].clone();
        assert_ne!(files, self.files);
        let args = json!({
            "files": files, "direction": "download", "from": [from], "to": self.here, "on_conflict": "ask",
        });
        self.desk.call("transfer_add", args).await[0].clone()
    }

    async fn resolve(&self, transfer: &Value, choice: &str) {
        let resolve = json!({"id": transfer["id"], "choice": choice, "all": false});
        self.desk.call("transfer_resolve", resolve).await;
    }

    async fn until(&self, transfer: &Value, state: &str) -> Value {
        let wanted = |event: &Value| {
            event["event"] == "transfer"
                && event["transfer"]["id"] == transfer["id"]
                && event["transfer"]["state"] == state
        };
        self.desk.hear(&format!("the transfer {state}"), wanted).await["transfer"].clone()
    }

    /// A file to carry, and where it goes.
    fn ends(&self, direction: &str) -> (PathBuf, PathBuf) {
        let (here, there) = (self.here.join(direction), self.there.join(direction));
        if direction == "upload" {
            (here, there)
        } else {
            (there, here)
        }
    }

    async fn cancel(&self, transfer: &Value) {
        let cancel = json!({"id": transfer["id"]});
        self.desk.call("transfer_cancel", cancel).await;
        self.until(transfer, "cancelled").await;
    }

    /// The host goes away while it is carried.
    async fn cut(&mut self, transfer: &Value) -> Value {
        self.server.stop();
        self.until(transfer, "failed").await
    }

    /// The host comes back, and what was cut is tried again.
    async fn go_on(&mut self, transfer: &Value) {
        self.desk.until(&self.session, "lost").await;
        self.server.start_again().unwrap();
        self.desk.reconnect(&self.session).await;
        let retry = json!({"id": transfer["id"]});
        self.desk.call("transfer_retry", retry).await;
        self.until(transfer, "done").await;
    }

    async fn files(&self, call: &str, more: Value) -> Value {
        let mut args = json!({"files": self.files});
        args.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.desk.call(call, args).await
    }
}

/// What lies beside a file while it is carried.
fn beside(path: &Path, what: &str) -> PathBuf {
    let name = path.file_name().unwrap().to_str().unwrap();
    path.with_file_name(format!(".{name}.luumen-{what}"))
}

async fn grown(path: &Path) {
    while fs::metadata(path).map_or(0, |part| part.len()) < 2_000_000 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}

fn content(bytes: usize) -> Vec<u8> {
    (0..bytes)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 16) as u8)
        .collect()
}

#[tokio::test]
async fn a_folder_is_looked_at_and_changed() {
    let Some(place) = place().await else {
        return;
    };
    let at = |name: &str| place.there.join(name);
    place.files("files_mkdir", json!({"path": at("sub")})).await;
    fs::write(at("one"), "12345").unwrap();
    place
        .files("files_link", json!({"path": at("link"), "to": "sub"}))
        .await;
    place
        .files("files_link", json!({"path": at("broken"), "to": "nowhere"}))
        .await;
    place
        .files("files_rename", json!({"from": at("one"), "to": at("two")}))
        .await;
    place
        .files(
            "files_chmod",
            json!({"path": at("two"), "mode": 0o600, "recursive": false}),
        )
        .await;
    let listing = place.files("files_list", json!({"path": place.there})).await;
    let mut entries = listing["entries"].as_array().unwrap().clone();
    entries.sort_by_key(|entry| entry["name"].as_str().unwrap().to_owned());
    let short: Vec<String> = entries
        .iter()
        .map(|e| {
            format!(
                "{} {} {} {}",
                e["name"], e["kind"], e["link_broken"], e["link_directory"]
            )
        })
        .collect();
    assert_eq!(
        short,
        [
            r#""broken" "link" true false"#,
            r#""link" "link" false true"#,
            r#""sub" "directory" false false"#,
            r#""two" "file" false false"#,
        ]
    );
    assert_eq!(
        (&entries[3]["size_bytes"], &entries[3]["mode"]),
        (&json!(5), &json!(0o600))
    );
    let stat = place.files("files_stat", json!({"path": at("link")})).await;
    assert_eq!(stat["link_to"], "sub");
    fs::write(at("sub/deep"), "x").unwrap();
    place
        .files(
            "files_chmod",
            json!({"path": at("sub"), "mode": 0o640, "recursive": true}),
        )
        .await;
    let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("sub"), mode("sub/deep")), (0o750, 0o640));
    place
        .files(
            "files_delete",
            json!({"paths": [at("link"), at("sub"), at("broken")]}),
        )
        .await;
    assert_eq!(fs::read_dir(&place.there).unwrap().count(), 1);
    let missing = json!({"files": place.files, "path": at("gone")});
    let problem = place.desk.refusal("files_stat", missing).await;
    assert_eq!(problem.code, "LUM-SFTP-NO-SUCH-FILE");
    let local = place.desk.call("local_list", json!({})).await;
    assert!(
        local["entries"]
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["name"] == "here"),
        "{local}"
    );
}

#[tokio::test]
async fn files_and_folders_go_there_and_back_unharmed() {
    let Some(place) = place().await else {
        return;
    };
    let folder = place.here.join("folder");
    fs::create_dir_all(folder.join("a/b")).unwrap();
    fs::write(folder.join("big"), content(3_000_000)).unwrap();
    fs::write(folder.join("a/b/größe 表"), "deep").unwrap();
    fs::write(folder.join("empty"), "").unwrap();
    fs::set_permissions(folder.join("big"), fs::Permissions::from_mode(0o640)).unwrap();
    let up = place.carry("upload", &folder, "ask").await;
    let done = place.until(&up, "done").await;
    assert_eq!(
        (&done["bytes_done"], &done["bytes_total"]),
        (&json!(3_000_004), &json!(3_000_004))
    );
    assert!(fs::read(place.there.join("folder/big")).unwrap() == content(3_000_000));
    let mode = fs::metadata(place.there.join("folder/big"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    fs::remove_dir_all(&folder).unwrap();
    let down = place.carry("download", &place.there.join("folder"), "ask").await;
    place.until(&down, "done").await;
    assert!(fs::read(folder.join("big")).unwrap() == content(3_000_000));
    assert_eq!(fs::read_to_string(folder.join("a/b/größe 表")).unwrap(), "deep");
    assert_eq!(fs::read(folder.join("empty")).unwrap(), b"");
    place.desk.call("transfers_clear", json!({})).await;
    assert_eq!(place.desk.call("transfers_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn something_in_the_way_is_asked_about() {
    let Some(place) = place().await else {
        return;
    };
    let (ours, theirs) = (place.here.join("notes.txt"), place.there.join("notes.txt"));
    fs::write(&ours, "new and longer").unwrap();
    fs::write(&theirs, "old").unwrap();
    fs::set_permissions(&theirs, fs::Permissions::from_mode(0o604)).unwrap();
    let transfer = place.carry("upload", &ours, "ask").await;
    let conflict = place.until(&transfer, "conflict").await;
    let sizes = (
        &conflict["conflict"]["local"]["size_bytes"],
        &conflict["conflict"]["remote"]["size_bytes"],
    );
    assert_eq!(sizes, (&json!(14), &json!(3)));
    let resolve = json!({"id": transfer["id"], "choice": "overwrite", "all": false});
    place.desk.call("transfer_resolve", resolve).await;
    place.until(&transfer, "done").await;
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "new and longer");
    assert_eq!(fs::metadata(&theirs).unwrap().permissions().mode() & 0o777, 0o604);

    let skipped = place.carry("upload", &ours, "skip").await;
    place.until(&skipped, "skipped").await;
    let renamed = place.carry("upload", &ours, "rename").await;
    let renamed = place.until(&renamed, "done").await;
    assert!(
        renamed["to"].as_str().unwrap().ends_with("notes (2).txt"),
        "{renamed}"
    );
    // The beginning of the same is gone on with; the beginning of something else is not.
    let big = content(900_000);
    fs::write(place.here.join("big"), &big).unwrap();
    for beginning in [big[..500_000].to_vec(), vec![7; 500_000]] {
        fs::write(place.there.join("big"), &beginning).unwrap();
        let resumed = place.carry("upload", &place.here.join("big"), "resume").await;
        place.until(&resumed, "done").await;
        assert!(fs::read(place.there.join("big")).unwrap() == big);
    }
    // A link is written through, not replaced.
    std::os::unix::fs::symlink("notes.txt", place.there.join("link.txt")).unwrap();
    fs::write(place.here.join("link.txt"), "through").unwrap();
    let linked = place
        .carry("upload", &place.here.join("link.txt"), "overwrite")
        .await;
    place.until(&linked, "done").await;
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "through");
    assert!(
        fs::symlink_metadata(place.there.join("link.txt"))
            .unwrap()
            .is_symlink()
    );
}

#[tokio::test]
async fn a_cut_harms_neither_the_old_nor_the_new_and_a_retry_goes_on() {
    let Some(mut place) = place().await else {
        return;
    };
    let big = content(60_000_000);
    for direction in ["upload", "download"] {
        let (from, to) = place.ends(direction);
        fs::write(&from, &big).unwrap();
        fs::write(&to, "old and whole").unwrap();
        let transfer = place.carry(direction, &from, "overwrite").await;
        let part = beside(&to, "part");
        grown(&part).await;
        let failed = place.cut(&transfer).await;
        assert!(failed["problem"]["code"].is_string(), "{failed}");
        assert_eq!(fs::read_to_string(&to).unwrap(), "old and whole");
        let kept = fs::metadata(&part).unwrap().len();
        assert!(kept >= 2_000_000);
        place.go_on(&transfer).await;
        assert!(fs::read(&to).unwrap() == big);
        assert!(!part.exists());
    }
}

#[tokio::test]
async fn a_part_of_a_file_that_has_changed_since_is_begun_anew() {
    let Some(mut place) = place().await else {
        return;
    };
    let mut big = content(60_000_000);
    for direction in ["upload", "download"] {
        let (from, to) = place.ends(direction);
        fs::write(&from, &big).unwrap();
        let transfer = place.carry(direction, &from, "overwrite").await;
        grown(&beside(&to, "part")).await;
        place.cut(&transfer).await;
        // Only its beginning: where the part ends, both sides have the same.
        big[..1000].fill(7);
        fs::write(&from, &big).unwrap();
        let later = std::time::SystemTime::now() + Duration::from_secs(60);
        let file = fs::File::options().write(true).open(&from).unwrap();
        file.set_modified(later).unwrap();
        place.go_on(&transfer).await;
        assert!(fs::read(&to).unwrap() == big, "{direction}");
        big[..1000].fill(8);
    }
    // Nothing is noted of what is whole.
    let notes = fs::read_dir(place.desk.home().join("data/parts")).unwrap();
    assert_eq!(notes.count(), 0);
}

#[tokio::test]
async fn a_file_that_is_gone_on_with_is_never_lost() {
    let Some(mut place) = place().await else {
        return;
    };
    let big = content(60_000_000);
    for direction in ["upload", "download"] {
        let (from, to) = place.ends(direction);
        let (part, resumed) = (beside(&to, "part"), beside(&to, "resumed"));
        fs::write(&from, &big).unwrap();
        // Something else than the beginning stays where it is until the new one is whole.
        fs::write(&to, vec![7; 500_000]).unwrap();
        let transfer = place.carry(direction, &from, "resume").await;
        grown(&part).await;
        place.cancel(&transfer).await;
        assert!(fs::read(&to).unwrap() == vec![7; 500_000]);
        assert!(!part.exists());

        // The beginning is gone on with; who does not want the rest any more has it back.
        fs::write(&to, &big[..500_000]).unwrap();
        let transfer = place.carry(direction, &from, "resume").await;
        grown(&resumed).await;
        place.cancel(&transfer).await;
        assert!(big.starts_with(&fs::read(&to).unwrap()));
        assert!(!resumed.exists());

        // After a cut it goes on where it was.
        fs::write(&to, &big[..500_000]).unwrap();
        let transfer = place.carry(direction, &from, "resume").await;
        grown(&resumed).await;
        place.cut(&transfer).await;
        assert!(big.starts_with(&fs::read(&resumed).unwrap()));
        place.go_on(&transfer).await;
        assert!(fs::read(&to).unwrap() == big);
        assert!(!resumed.exists() && !part.exists());
    }
}

#[tokio::test]
async fn the_connection_for_files_ends_with_its_session() {
    let Some(place) = place().await else {
        return;
    };
    // What is on its way arrives first.
    let big = content(60_000_000);
    fs::write(place.there.join("big"), &big).unwrap();
    let transfer = place.carry("download", &place.there.join("big"), "ask").await;
    place.until(&transfer, "running").await;
    place
        .desk
        .call("session_close", json!({"id": place.session["id"]}))
        .await;
    place.until(&transfer, "done").await;
    assert!(fs::read(place.here.join("big")).unwrap() == big);
    let list = json!({"files": place.files, "path": "/"});
    place
        .desk
        .refused_at_last("files_list", list, "LUM-FILES-UNKNOWN")
        .await;
}

#[tokio::test]
async fn a_transfer_is_paused_gone_on_with_and_cancelled() {
    let Some(place) = place().await else {
        return;
    };
    let big = content(60_000_000);
    let (from, to) = (place.there.join("big"), place.here.join("big"));
    fs::write(&from, &big).unwrap();
    let transfer = place.carry("download", &from, "ask").await;
    place.until(&transfer, "running").await;
    place
        .desk
        .call("transfer_pause", json!({"id": transfer["id"]}))
        .await;
    place.until(&transfer, "paused").await;
    assert!(!to.exists());
    place
        .desk
        .call("transfer_retry", json!({"id": transfer["id"]}))
        .await;
    place.until(&transfer, "done").await;
    assert!(fs::read(&to).unwrap() == big);
    fs::remove_file(&to).unwrap();
    let other = place.carry("download", &from, "ask").await;
    place.until(&other, "running").await;
    place.cancel(&other).await;
    assert_eq!(fs::read_dir(&place.here).unwrap().count(), 0);
}

#[tokio::test]
async fn an_upload_through_a_link_that_is_cancelled_leaves_nothing() {
    let Some(place) = place().await else {
        return;
    };
    let elsewhere = place.server.dir().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let (goal, from) = (elsewhere.join("goal"), place.here.join("link"));
    fs::write(&goal, "as it was").unwrap();
    std::os::unix::fs::symlink(&goal, place.there.join("link")).unwrap();
    fs::write(&from, content(60_000_000)).unwrap();
    let transfer = place.carry("upload", &from, "overwrite").await;
    grown(&beside(&goal, "part")).await;
    place.cancel(&transfer).await;
    assert_eq!(names(&elsewhere), ["goal"]);
    assert_eq!(names(&place.there), ["link"]);
    assert_eq!(fs::read_to_string(&goal).unwrap(), "as it was");
    // What the link leads to is what is written.
    let again = place.carry("upload", &from, "overwrite").await;
    place.until(&again, "done").await;
    assert!(place.there.join("link").is_symlink());
    assert_eq!(fs::metadata(&goal).unwrap().len(), 60_000_000);
}

#[tokio::test]
async fn two_that_go_to_one_place_come_one_after_the_other() {
    let Some(place) = place().await else {
        return;
    };
    let (first, second) = (place.there.join("a"), place.there.join("b"));
    let big = content(60_000_000);
    for (folder, content) in [(&first, &big), (&second, &vec![7; 60_000_000])] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("dump.sql"), content).unwrap();
    }
    let to = place.here.join("dump.sql");
    let one = place.carry("download", &first.join("dump.sql"), "ask").await;
    let other = place.fetch_apart(&second.join("dump.sql")).await;
    place.until(&one, "done").await;
    place.until(&other, "conflict").await;
    assert!(fs::read(&to).unwrap() == big);
    place.resolve(&other, "rename").await;
    place.until(&other, "done").await;
    assert!(fs::read(&to).unwrap() == big);
    assert_eq!(names(&place.here), ["dump (2).sql", "dump.sql"]);
}

#[tokio::test]
async fn what_comes_into_the_way_meanwhile_is_asked_about() {
    let Some(place) = place().await else {
        return;
    };
    let big = content(60_000_000);
    for direction in ["upload", "download"] {
        let (from, to) = place.ends(direction);
        fs::write(&from, &big).unwrap();
        for choice in ["overwrite", "rename", "skip"] {
            let transfer = place.carry(direction, &from, "ask").await;
            grown(&beside(&to, "part")).await;
            fs::write(&to, "somebody was quicker").unwrap();
            place.until(&transfer, "conflict").await;
            assert_eq!(fs::read_to_string(&to).unwrap(), "somebody was quicker");
            place.resolve(&transfer, choice).await;
            let ended = if choice == "skip" { "skipped" } else { "done" };
            place.until(&transfer, ended).await;
            let folder = to.parent().unwrap();
            let carried = format!("{direction} (2)");
            match choice {
                "overwrite" => assert!(fs::read(&to).unwrap() == big),
                "rename" => assert!(fs::read(folder.join(&carried)).unwrap() == big),
                _ => assert_eq!(fs::read_to_string(&to).unwrap(), "somebody was quicker"),
            }
            assert!(!beside(&to, "part").exists(), "{:?}", names(folder));
            let _ = fs::remove_file(folder.join(carried));
            fs::remove_file(&to).unwrap();
        }
        fs::remove_file(&from).unwrap();
    }
}

#[tokio::test]
async fn what_keeps_both_and_is_cancelled_leaves_nothing() {
    let Some(place) = place().await else {
        return;
    };
    for direction in ["upload", "download"] {
        let (from, to) = place.ends(direction);
        fs::write(&from, content(60_000_000)).unwrap();
        fs::write(&to, "as it was").unwrap();
        let transfer = place.carry(direction, &from, "rename").await;
        let other = to.with_file_name(format!("{direction} (2)"));
        grown(&beside(&other, "part")).await;
        place.cancel(&transfer).await;
        assert_eq!(names(to.parent().unwrap()), [direction]);
        assert_eq!(fs::read_to_string(&to).unwrap(), "as it was");
        fs::remove_file(&from).unwrap();
        fs::remove_file(&to).unwrap();
    }
}

#[tokio::test]
async fn nothing_is_written_through_a_link_with_the_name_of_a_part() {
    let Some(place) = place().await else {
        return;
    };
    let big = content(900_000);
    for direction in ["upload", "download"] {
        let (from, to) = place.ends(direction);
        fs::write(&from, &big).unwrap();
        // Its end fits, so that it looks like what was begun; or it does not.
        for planted in [&big[..500_000], b"mine"] {
            let other = to.with_file_name("other");
            fs::write(&other, planted).unwrap();
            std::os::unix::fs::symlink(&other, beside(&to, "part")).unwrap();
            let transfer = place.carry(direction, &from, "overwrite").await;
            place.until(&transfer, "done").await;
            assert!(fs::read(&other).unwrap() == planted);
            assert!(!to.is_symlink() && fs::read(&to).unwrap() == big);
            fs::remove_file(&other).unwrap();
            assert_eq!(names(to.parent().unwrap()), [direction]);
        }
        fs::remove_file(&from).unwrap();
        fs::remove_file(&to).unwrap();
    }
}

#[tokio::test]
async fn what_of_a_folder_is_left_out_is_said_and_links_keep_their_permissions() {
    let Some(place) = place().await else {
        return;
    };
    for direction in ["upload", "download"] {
        let (from, _) = place.ends(direction);
        fs::create_dir(&from).unwrap();
        let outside = from.with_file_name("outside");
        fs::write(&outside, "x").unwrap();
        std::os::unix::fs::symlink(&outside, from.join("file")).unwrap();
        std::os::unix::fs::symlink("..", from.join("current")).unwrap();
        let transfer = place.carry(direction, &from, "overwrite").await;
        let done = place.until(&transfer, "done").await;
        let notes = done["notes"].as_array().unwrap();
        let said = notes[0].as_str().unwrap();
        let left_out = from.join("current");
        assert!(said.starts_with(left_out.to_str().unwrap()), "{said}");
        assert_eq!(notes.len(), 1, "{notes:?}");
        if direction == "download" {
            fs::set_permissions(&outside, fs::Permissions::from_mode(0o640)).unwrap();
            let chmod = json!({"path": from, "mode": 0o600, "recursive": true});
            place.files("files_chmod", chmod).await;
            let mode = fs::metadata(&outside).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o640, "it lies outside of the folder");
        }
        fs::remove_dir_all(place.here.join(direction)).unwrap();
        fs::remove_dir_all(place.there.join(direction)).unwrap();
    }
}
