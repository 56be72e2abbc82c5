//! Keys: made, taken in from what `ssh-keygen` and PuTTY write, and told of without their private part.

use std::{fs, path::Path, process::Command};

use luumen_testkit::sshd::KeyFile;
use serde_json::{Value, json};

use crate::support::{Desk, text};

async fn desk() -> Desk {
    let desk = Desk::open().await;
    desk.call("vault_create", json!({"passphrase": "x"})).await;
    desk
}

fn sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../luumen-transport/tests/testdata");
    fs::read_to_string(folder.join(name)).unwrap()
}

#[tokio::test]
async fn a_generated_key_is_one_that_ssh_reads() {
    let desk = desk().await;
    for passphrase in [None, Some("open sesame")] {
        let mut args = json!({"name": "laptop key"});
        if let Some(passphrase) = passphrase {
            args["passphrase"] = json!(passphrase);
        }
        let key = desk.call("key_generate", args).await;
        assert_eq!(
            (key["algorithm"].clone(), key["bits"].clone()),
            (json!("ssh-ed25519"), json!(256))
        );
        assert_eq!(key["encrypted"], json!(passphrase.is_some()));
        let line = text(&key["public_key"]);
        assert!(
            line.starts_with("ssh-ed25519 AAAA") && line.ends_with(" laptop key"),
            "{line}"
        );
        let file = desk.home().join("key.pub");
        fs::write(&file, format!("{line}\n")).unwrap();
        let Ok(output) = Command::new("ssh-keygen").arg("-lf").arg(&file).output() else {
            eprintln!("skipped: no ssh-keygen");
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains(&text(&key["fingerprint"])), "{said}");
    }
}

async fn check(desk: &Desk, args: Value, expected: Value) {
    let key = desk.call("key_import", args).await;
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(key[field], *value, "{field} of {key}");
    }
}

#[tokio::test]
async fn keys_of_every_kind_are_taken() {
    let desk = desk().await;
    for (kind, bits) in [("ed25519", 256), ("ecdsa", 256), ("rsa", 3072)] {
        let made = KeyFile::generate(kind).unwrap();
        let expected = json!({"bits": bits, "fingerprint": made.fingerprint().unwrap(), "encrypted": false, "source": "imported"});
        check(&desk, json!({"name": kind, "text": made.private}), expected).await;
    }
    let pem = KeyFile::generate_with("rsa", "", &["-m", "PEM"]).unwrap();
    check(
        &desk,
        json!({"name": "pem", "text": pem.private}),
        json!({"algorithm": "ssh-rsa", "encrypted": false}),
    )
    .await;
    let locked = KeyFile::generate_with("ed25519", "open sesame", &[]).unwrap();
    let told = json!({"encrypted": true, "fingerprint": locked.fingerprint().unwrap()});
    check(
        &desk,
        json!({"name": "locked", "text": locked.private}),
        told.clone(),
    )
    .await;
    check(
        &desk,
        json!({"name": "opened", "text": locked.private, "passphrase": "open sesame"}),
        told,
    )
    .await;
    check(
        &desk,
        json!({"name": "ppk", "text": sample("rsa-v2.ppk")}),
        json!({"algorithm": "ssh-rsa", "encrypted": false}),
    )
    .await;
    check(
        &desk,
        json!({"name": "ppk 3", "text": sample("ed25519-v3-locked.ppk")}),
        json!({"algorithm": "ssh-ed25519", "encrypted": true}),
    )
    .await;
    let file = desk.home().join("id");
    fs::write(&file, &locked.private).unwrap();
    let path = file.display().to_string();
    check(
        &desk,
        json!({"name": "file", "path": path, "in_place": true}),
        json!({"source": "file", "path": path}),
    )
    .await;
}

#[tokio::test]
async fn what_is_no_key_is_refused_with_the_reason() {
    let desk = desk().await;
    let made = KeyFile::generate("ed25519").unwrap();
    let locked = KeyFile::generate_with("rsa", "open sesame", &["-m", "PEM"]).unwrap();
    for (text, passphrase, code) in [
        ("no key at all".to_owned(), None, "LUM-KEY-FORM"),
        (made.public_key(), None, "LUM-KEY-PUBLIC"),
        (
            made.private[..made.private.len() / 2].to_owned(),
            None,
            "LUM-KEY-UNREADABLE",
        ),
        (locked.private.clone(), None, "LUM-KEY-PASSPHRASE"),
        (locked.private.clone(), Some("wrong"), "LUM-KEY-PASSPHRASE-WRONG"),
        (
            sample("ed25519-v3-locked.ppk"),
            Some("wrong"),
            "LUM-KEY-PASSPHRASE-WRONG",
        ),
    ] {
        let mut args = json!({"name": "odd", "text": text});
        if let Some(passphrase) = passphrase {
            args["passphrase"] = json!(passphrase);
        }
        let problem = desk.refused("key_import", args).await;
        assert_eq!(problem.code, code, "{problem}");
    }
    let missing = json!({"name": "x", "path": "/nowhere/id"});
    assert_eq!(
        desk.refused("key_import", missing).await.code,
        "LUM-SSH-KEY-UNREADABLE"
    );
}

#[tokio::test]
async fn a_key_in_use_is_not_deleted() {
    let desk = desk().await;
    let key = desk.call("key_generate", json!({"name": "new"})).await;
    let credential =
        json!({"name": "mine", "user": null, "kind": "key", "key": key["id"], "certificate": null});
    let saved = desk
        .call("credential_save", json!({"credential": credential}))
        .await;
    let problem = desk.refused("key_delete", json!({"id": key["id"]})).await;
    assert!(problem.detail.contains("mine"), "{problem}");
    desk.call("credential_delete", json!({"id": saved["id"]})).await;
    desk.call("key_delete", json!({"id": key["id"]})).await;
    assert_eq!(desk.call("keys_list", json!({})).await, json!([]));
}

#[tokio::test]
async fn known_hosts_are_listed_and_one_line_is_taken_out() {
    let desk = Desk::open().await;
    assert_eq!(desk.call("known_hosts_list", json!({})).await, json!([]));
    let folder = desk.home().join(".ssh");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("known_hosts");
    let key = KeyFile::generate("ed25519").unwrap().public_key();
    let words: Vec<&str> = key.split_whitespace().collect();
    let key = words[..2].join(" ");
    let text = format!("# ours\nweb-1,10.0.0.1 {key} first\n\n@revoked * {key}\n[db]:2222 {key}");
    fs::write(&file, &text).unwrap();
    let listed = desk.call("known_hosts_list", json!({})).await;
    let told: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                text_of(&line["host"]),
                line["line"].clone(),
                line["marker"].clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("web-1,10.0.0.1".to_owned(), json!(2), json!(null)),
            ("*".to_owned(), json!(4), json!("revoked")),
            ("[db]:2222".to_owned(), json!(5), json!(null)),
        ]
    );
    let path = file.display().to_string();
    let digest = |at: usize| listed[at]["digest"].clone();
    let elsewhere = json!({"file": "/etc/passwd", "line": 1, "digest": digest(0)});
    assert_eq!(
        desk.refused("known_host_remove", elsewhere).await.code,
        "LUM-KNOWN-HOSTS-FILE"
    );
    // `ssh` has put another host with the same key before them meanwhile; it stays.
    let text = format!("old-1 {key}\n{text}");
    fs::write(&file, &text).unwrap();
    let remove = json!({"file": path, "line": 2, "digest": digest(0)});
    desk.call("known_host_remove", remove.clone()).await;
    let left = text.replace(&format!("web-1,10.0.0.1 {key} first\n"), "");
    assert_eq!(fs::read_to_string(&file).unwrap(), left);
    // What is gone takes nothing else with it.
    assert_eq!(
        desk.refused("known_host_remove", remove).await.code,
        "LUM-KNOWN-HOSTS-MOVED"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), left);
}

#[tokio::test]
async fn of_several_lines_of_one_host_the_one_that_was_chosen_is_forgotten() {
    let desk = Desk::open().await;
    let folder = desk.home().join(".ssh");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("known_hosts");
    let key = |kind: &str| {
        let key = KeyFile::generate(kind).unwrap().public_key();
        key.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    };
    let (new, other) = (key("ed25519"), key("ecdsa-256"));
    let hashed = |salt: &str| format!("|1|{salt}|AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let lines = [
        format!("web-1 {new}"),
        format!("web-1 {other}"),
        format!("{} {new}", hashed("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
        format!("{} {new}", hashed("BBBBBBBBBBBBBBBBBBBBBBBBBBA=")),
    ];
    for chosen in 0..lines.len() {
        fs::write(&file, lines.join("\n")).unwrap();
        let listed = desk.call("known_hosts_list", json!({})).await;
        assert_eq!(listed.as_array().unwrap().len(), lines.len());
        let one = &listed[chosen];
        // Another program has moved all of them.
        fs::write(&file, format!("\n# sorted\n{}\n", lines.join("\n"))).unwrap();
        let remove = json!({"file": one["file"], "line": one["line"], "digest": one["digest"]});
        desk.call("known_host_remove", remove).await;
        let left = fs::read_to_string(&file).unwrap();
        for (at, line) in lines.iter().enumerate() {
            assert_eq!(left.contains(line.as_str()), at != chosen, "{chosen}: {left}");
        }
    }
}

fn text_of(value: &Value) -> String {
    text(value)
}
