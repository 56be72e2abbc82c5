//! How a database is opened: by whom it can be read, and how the way to it is kept.

use std::{future::Future, pin::pin, task::Poll};

use luumen_store::{OpenOptions, Store};
use luumen_testkit::postgres::Postgres;

#[cfg(unix)]
#[tokio::test]
async fn a_new_database_is_its_owners_alone_and_one_that_is_there_keeps_its_mode() {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("store.db");
    let url = format!("sqlite://{}", file.display());
    let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
    let store = Store::open(&url, &OpenOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!((mode("store.db"), mode("store.db-wal")), (0o600, 0o600));
    store.close().await.unwrap();

    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let store = Store::open(&url, &OpenOptions::default()).await.unwrap();
    store.ping().await.unwrap();
    assert_eq!(mode("store.db"), 0o640);
    store.close().await.unwrap();
}

#[tokio::test]
async fn postgresql_is_reached_over_tls_and_only_with_a_certificate_that_is_trusted() {
    let Some(postgres) = Postgres::start_with_tls() else {
        return;
    };
    let url = postgres.database().unwrap();
    let trusted = format!(
        "{url}?sslmode=verify-full&sslrootcert={}",
        postgres.certificate().display()
    );
    let store = Store::open(&trusted, &OpenOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await.unwrap();

    let stranger = Store::open(&format!("{url}?sslmode=verify-full"), &OpenOptions::default()).await;
    let error = stranger.map(drop).unwrap_err();
    assert!(
        format!("{error:?}").to_lowercase().contains("certificate"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_database_without_tls_is_refused_where_tls_is_asked_for() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let url = format!("{}?sslmode=require", postgres.database().unwrap());
    assert!(Store::open(&url, &OpenOptions::default()).await.is_err());
}

/// Works on a future until it has waited so often, and then lets go of it; says whether it came to its end.
async fn cut_short(work: impl Future, mut waits: usize) -> bool {
    let mut work = pin!(work);
    std::future::poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(_) => Poll::Ready(true),
        Poll::Pending if waits == 0 => Poll::Ready(false),
        Poll::Pending => {
            waits -= 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn a_migration_that_was_cut_short_is_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    // A step that divides no number of statements, so that each migration is cut somewhere in its middle.
    for waits in (0..).step_by(13) {
        let url = format!("sqlite://{}/cut-{waits}.db", dir.path().display());
        let store = Store::open(&url, &OpenOptions::default()).await.unwrap();
        let whole = cut_short(store.migrate(), waits).await;
        store.close().await.unwrap();

        let store = Store::open(&url, &OpenOptions::default()).await.unwrap();
        store.migrate().await.unwrap();
        store.close().await.unwrap();
        if whole {
            assert!(waits > 13, "it was cut at least once");
            return;
        }
    }
}
