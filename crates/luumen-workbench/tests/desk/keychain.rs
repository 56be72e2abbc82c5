//! The real keychain of a desktop: a Secret Service on a bus of its own.
//!
//! The test runs itself again below `dbus-run-session` and `gnome-keyring-daemon`; without them it is skipped.

use std::process::Command;

use luumen_workbench::{Options, Workbench};
use serde_json::json;

const INSIDE: &str = "LUUMEN_TEST_INSIDE_KEYRING";

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

#[test]
fn secrets_are_kept_in_the_keychain_of_the_desktop() {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(inside());
        return;
    }
    if !is_installed("dbus-run-session") || !is_installed("gnome-keyring-daemon") {
        eprintln!("skipped: dbus-run-session or gnome-keyring-daemon is not installed");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let script = "echo -n test | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$0\" --exact keychain::secrets_are_kept_in_the_keychain_of_the_desktop --nocapture";
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(INSIDE, "1")
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("XDG_DATA_HOME", home.path().join("share"))
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    assert!(said.contains("kept in the keychain"), "{said}");
}

async fn inside() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options::new("0.1.0-test", "ann", folder.path());
    let data = folder.path().join("data");
    let workbench = Workbench::open(&data, options()).await.unwrap();
    let status = workbench.call("vault_status", json!({})).await.unwrap();
    assert_eq!(
        (status["place"].clone(), status["state"].clone()),
        (json!("keychain"), json!("open")),
        "{status}"
    );
    let key = workbench
        .call("key_generate", json!({"name": "new"}))
        .await
        .unwrap();
    let refused = workbench
        .call("vault_create", json!({"passphrase": "x"}))
        .await
        .unwrap_err();
    assert_eq!(refused.code, "LUM-VAULT-KEYCHAIN");
    workbench.close().await;
    // The key is there again after a restart, and gone when it is deleted.
    let name = format!(
        "{}/key/{}",
        data.canonicalize().unwrap().display(),
        key["id"].as_str().unwrap()
    );
    let kept = || {
        let name = name.clone();
        tokio::task::spawn_blocking(move || {
            keyring::Entry::new("luumen-desktop", &name)
                .unwrap()
                .get_password()
        })
    };
    assert!(kept().await.unwrap().unwrap().contains("OPENSSH PRIVATE KEY"));
    let workbench = Workbench::open(&data, options()).await.unwrap();
    workbench
        .call("key_delete", json!({"id": key["id"]}))
        .await
        .unwrap();
    assert!(kept().await.unwrap().is_err());
    assert!(!data.join("vault.json").exists());
    eprintln!("kept in the keychain");
}
