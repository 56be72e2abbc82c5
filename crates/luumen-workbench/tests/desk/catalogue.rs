//! Bringing a catalogue to this device: a bundle that somebody signed, or a catalogue's own file. What cannot be trusted or
//! opened changes nothing.

use std::{collections::BTreeMap, fs, path::PathBuf};

use luumen_feeds::{bundle::SigningKey, fetch::Silent};
use luumen_model::Timestamp;
use luumen_workbench::Library;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::Desk;

/// Another machine, which has a catalogue of the sample data and a key to sign it with.
struct Elsewhere {
    folder: tempfile::TempDir,
    key: SigningKey,
}

const DAY: i64 = 86_400_000;

impl Elsewhere {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            key: SigningKey::generate(),
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A bundle of a catalogue that was built so many days after the first.
    fn bundle(&self, name: &str, day: i64) -> String {
        let library = Library::new(self.folder.path().join(name).join("library"), &BTreeMap::new()).unwrap();
        let sample = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../content/sample"));
        let (now, cancel) = (
            Timestamp::from_millis(1_790_000_000_000 + day * DAY),
            CancellationToken::new(),
        );
        library
            .build_from(&sample, true, None, now, &Silent, &cancel)
            .unwrap();
        let bundle = self.path(&format!("{name}.bundle"));
        library.export(bundle.as_ref(), &self.key).unwrap();
        bundle
    }

    /// The catalogue's own file of a bundle made before.
    fn file(&self, name: &str) -> String {
        let library = Library::new(self.folder.path().join(name).join("library"), &BTreeMap::new()).unwrap();
        library.installed().unwrap().unwrap().path.display().to_string()
    }

    /// The file of trusted keys that goes with the bundles.
    fn keys(&self) -> String {
        let path = self.path("trusted.pub");
        fs::write(&path, self.key.public().to_string()).unwrap();
        path
    }
}

async fn status(desk: &Desk) -> Value {
    desk.call("catalogue_status", json!({})).await
}

#[tokio::test]
async fn a_bundle_is_taken_when_a_trusted_key_has_signed_it_and_a_newer_one_takes_its_place() {
    let (desk, elsewhere) = (Desk::open().await, Elsewhere::new());
    assert_eq!(status(&desk).await, Value::Null);
    let (older, newer) = (elsewhere.bundle("older", 0), elsewhere.bundle("newer", 3));
    let keys = elsewhere.keys();
    let first = desk
        .call("catalogue_import", json!({"path": older, "keys": keys}))
        .await;
    assert_eq!(
        (first.clone(), &first["sample"]),
        (status(&desk).await, &json!(true))
    );
    let second = desk
        .call("catalogue_import", json!({"path": newer, "keys": keys}))
        .await;
    assert!(
        second["built_at"].as_str() > first["built_at"].as_str(),
        "{second}"
    );
    // Going back would make vulnerabilities vanish that are still there.
    let back = desk
        .refused("catalogue_import", json!({"path": older, "keys": keys}))
        .await;
    assert_eq!(back.code, "LUM-CATALOGUE");
    assert_eq!(status(&desk).await, second);
    // After a restart it is still the one.
    assert_eq!(status(&desk.again().await).await, second);
}

#[tokio::test]
async fn a_bundle_that_nobody_trusted_has_signed_is_refused_and_changes_nothing() {
    let (desk, ours, theirs) = (Desk::open().await, Elsewhere::new(), Elsewhere::new());
    let good = ours.bundle("good", 0);
    let before = desk
        .call("catalogue_import", json!({"path": good, "keys": ours.keys()}))
        .await;
    let forged = theirs.bundle("forged", 9);
    let damaged = ours.path("damaged.bundle");
    let mut bytes = fs::read(ours.bundle("later", 9)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&damaged, bytes).unwrap();
    let no_keys = ours.path("no-keys");
    fs::write(&no_keys, "hello\n").unwrap();
    for (args, code) in [
        (json!({"path": forged, "keys": ours.keys()}), "LUM-CATALOGUE"),
        (json!({"path": damaged, "keys": ours.keys()}), "LUM-CATALOGUE"),
        (json!({"path": forged}), "LUM-CATALOGUE-KEYS"),
        (json!({"path": forged, "keys": no_keys}), "LUM-CATALOGUE-KEYS"),
        (
            json!({"path": forged, "keys": ours.path("nowhere")}),
            "LUM-CATALOGUE-KEYS",
        ),
    ] {
        let problem = desk.refused("catalogue_import", args.clone()).await;
        assert_eq!(problem.code, code, "{args}: {problem}");
        assert!(problem.next.is_some(), "{problem}");
        assert_eq!(status(&desk).await, before, "{args}");
    }
}

#[tokio::test]
async fn a_catalogues_own_file_is_used_where_it_lies_and_anything_else_is_not() {
    let (desk, elsewhere) = (Desk::open().await, Elsewhere::new());
    elsewhere.bundle("built", 0);
    let path = elsewhere.file("built");
    let taken = desk.call("catalogue_import", json!({"path": path})).await;
    assert_eq!(taken["path"], json!(path));
    let other = elsewhere.path("notes.txt");
    fs::write(&other, "no catalogue at all").unwrap();
    for (path, code) in [
        (other, "LUM-CATALOGUE-OPEN"),
        (elsewhere.path("nowhere"), "LUM-CATALOGUE-FILE"),
    ] {
        let problem = desk.refused("catalogue_import", json!({"path": path})).await;
        assert_eq!(problem.code, code, "{problem}");
        assert_eq!(status(&desk).await, taken);
    }
    // A bundle afterwards goes before the file that was chosen.
    let bundle = elsewhere.bundle("later", 1);
    let installed = desk
        .call(
            "catalogue_import",
            json!({"path": bundle, "keys": elsewhere.keys()}),
        )
        .await;
    assert_ne!(installed["path"], taken["path"]);
    assert_eq!(status(&desk).await, installed);
}
