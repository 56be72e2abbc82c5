//! The store outlives crashes, copies itself before it changes, and leaves a newer one alone.

use std::{fs, process::Command};

use luumen_workbench::{OpenError, Options, SecretPlace, StoreError, Workbench};
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

use crate::support::{Desk, names, open_in};

async fn sql(path: &std::path::Path, statement: &str) {
    let db = Database::connect(format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    db.execute_unprepared(statement).await.unwrap();
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_newer_store_is_refused_and_left_untouched() {
    let desk = Desk::open().await;
    desk.host("web", json!({})).await;
    desk.workbench.close().await;
    let path = desk.data().join("luumen.db");
    sql(
        &path,
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_flying', 0)",
    )
    .await;
    let before = fs::read(&path).unwrap();
    let mut options = Options::new("0", "ann", desk.home());
    options.secrets = SecretPlace::VaultFile;
    let error = Workbench::open(&desk.data(), options).await.unwrap_err();
    assert!(
        matches!(error, OpenError::Store(StoreError::Newer { .. })),
        "{error}"
    );
    assert!(error.to_string().contains("newer Luumen"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    sql(&path, "DELETE FROM seaql_migrations WHERE version LIKE 'm2099%'").await;
    let again = open_in(desk.home()).await;
    assert_eq!(
        names(&again.call("hosts_tree", json!({})).await.unwrap()),
        ["web"]
    );
}

#[tokio::test]
async fn an_older_store_is_copied_before_it_is_changed() {
    let desk = Desk::open().await;
    desk.host("web", json!({})).await;
    desk.workbench.close().await;
    let path = desk.data().join("luumen.db");
    sql(
        &path,
        "DROP TABLE scan; DELETE FROM seaql_migrations WHERE version LIKE '%scans'",
    )
    .await;
    let again = open_in(desk.home()).await;
    assert_eq!(
        names(&again.call("hosts_tree", json!({})).await.unwrap()),
        ["web"]
    );
    assert_eq!(again.call("scans_list", json!({})).await.unwrap(), json!([]));
    let copies: Vec<_> = fs::read_dir(desk.data().join("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(copies.len(), 1);
    // The copy is a store of its own, as it was before.
    let old = desk.home().join("old/data");
    fs::create_dir_all(&old).unwrap();
    fs::copy(&copies[0], old.join("luumen.db")).unwrap();
    let old = open_in(&desk.home().join("old")).await;
    assert_eq!(names(&old.call("hosts_tree", json!({})).await.unwrap()), ["web"]);
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_crash() {
    const CHILD: &str = "LUUMEN_TEST_CRASH_IN";
    if let Some(folder) = std::env::var_os(CHILD) {
        let workbench = open_in(folder.as_ref()).await;
        for number in 0..20 {
            let host = crate::support::draft(&format!("h{number:02}"), json!({}));
            workbench.call("host_save", json!({"host": host})).await.unwrap();
        }
        // No goodbye of any kind.
        std::process::abort();
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::what_was_answered_is_there_after_a_crash"])
        .env(CHILD, folder.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let workbench = open_in(folder.path()).await;
    assert_eq!(
        names(&workbench.call("hosts_tree", json!({})).await.unwrap()).len(),
        20
    );
}

#[tokio::test]
async fn a_damaged_store_is_said_and_nobody_else_may_read_ours() {
    let desk = Desk::open().await;
    desk.workbench.close().await;
    let path = desk.data().join("luumen.db");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
        assert_eq!(fs::metadata(desk.data()).unwrap().permissions().mode() & 0o077, 0);
    }
    fs::write(
        &path,
        "this is no database, and long enough to be read as one by mistake".repeat(100),
    )
    .unwrap();
    let mut options = Options::new("0", "ann", desk.home());
    options.secrets = SecretPlace::VaultFile;
    let error = Workbench::open(&desk.data(), options).await.unwrap_err();
    assert!(
        matches!(error, OpenError::Store(StoreError::Damaged { .. })),
        "{error:?}"
    );
}
