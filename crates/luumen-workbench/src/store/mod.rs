//! The workbench's own database: one SQLite file in the data folder.
//!
//! Secrets are never in it ([`crate::secrets`] has them). Before a newer program changes the schema, the file is
//! copied aside; a file of a newer program is refused and left as it is.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::bridge::{Problem, Time};

pub(crate) mod entity;
mod migration;
pub(crate) mod records;
pub(crate) mod settings;

use migration::Migrator;

/// Copies from before migrations that are kept.
const SNAPSHOTS_KEPT: usize = 5;

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It was written by a newer program.
    #[error(
        "{} was written by a newer Luumen (it knows {unknown}); this one leaves it untouched",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The first step of its schema that this program does not know.
        unknown: String,
    },
    /// It is damaged.
    #[error("{} is damaged: {said}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        said: String,
    },
    /// The copy before a migration could not be made, so nothing was changed.
    #[error("no copy of {} could be made before changing it, so it was not changed", path.display())]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database does not answer.
    #[error("the store {} cannot be used", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: DbErr,
    },
}

/// The open database.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    db: DatabaseConnection,
}

impl Store {
    /// Opens or makes `luumen.db` in a folder.
    pub(crate) async fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("luumen.db");
        let existed = path.exists();
        let failed = |source| StoreError::Database {
            path: path.clone(),
            source,
        };
        let db = connect(&path).await.map_err(|source| opening(&path, source))?;
        let store = Self { db };
        if existed {
            store.check(&path).await?;
        }
        let applied = store.applied().await.map_err(failed)?;
        let known = Migrator::names();
        if let Some(unknown) = applied.iter().find(|name| !known.contains(name)) {
            return Err(StoreError::Newer {
                path,
                unknown: unknown.clone(),
            });
        }
        if applied.len() < known.len() {
            if !applied.is_empty() {
                store.snapshot(&path, folder, applied.len()).await?;
            }
            Migrator::up(&store.db, None).await.map_err(failed)?;
        }
        private(&path).map_err(|source| StoreError::Snapshot { path, source })?;
        Ok(store)
    }

    /// For reading, and for single statements that write.
    pub(crate) fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// For several statements that belong together. Dropped without `commit`, none was made.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.db.begin_with_options(options).await
    }

    async fn check(&self, path: &Path) -> Result<(), StoreError> {
        let ask = Statement::from_string(DbBackend::Sqlite, "PRAGMA quick_check(1)");
        let row = self.db.query_one_raw(ask).await;
        let said = match row {
            Ok(row) => row.and_then(|row| row.try_get_by_index::<String>(0).ok()),
            Err(source) => return Err(opening(path, source)),
        };
        match said.as_deref() {
            Some("ok") => Ok(()),
            said => Err(StoreError::Damaged {
                path: path.to_owned(),
                said: said.unwrap_or("it says nothing of itself").to_owned(),
            }),
        }
    }

    /// The steps of the schema that the file has been through.
    async fn applied(&self) -> Result<Vec<String>, DbErr> {
        let has = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'";
        let has = Statement::from_string(DbBackend::Sqlite, has);
        if self.db.query_one_raw(has).await?.is_none() {
            return Ok(Vec::new());
        }
        let steps = "SELECT version FROM seaql_migrations ORDER BY version";
        let steps = Statement::from_string(DbBackend::Sqlite, steps);
        let rows = self.db.query_all_raw(steps).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// Copies the file aside, with what is still in its log.
    async fn snapshot(&self, path: &Path, folder: &Path, steps: usize) -> Result<(), StoreError> {
        let failed = |source| StoreError::Snapshot {
            path: path.to_owned(),
            source,
        };
        let folder = folder.join("snapshots");
        fs::create_dir_all(&folder).map_err(failed)?;
        let copy = folder.join(format!(
            "luumen-{:016}-schema-{steps}.db",
            Time::now().as_millis()
        ));
        let into = Statement::from_sql_and_values(
            DbBackend::Sqlite,
            "VACUUM INTO ?",
            [copy.display().to_string().into()],
        );
        self.db
            .execute_raw(into)
            .await
            .map_err(|error| failed(io::Error::other(error)))?;
        private(&copy).map_err(failed)?;
        forget_old(&folder).map_err(failed)
    }

    /// Ends the connections and folds the log into the file.
    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        self.db.clone().close().await
    }
}

/// What rooms say when the store does not answer.
pub(crate) fn unavailable(error: &DbErr) -> Problem {
    Problem::of("LUM-STORE", "the store on this device does not answer", error)
        .next("Look whether the disk is full or the data folder cannot be written; then try again.")
}

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        unavailable(&error)
    }
}

async fn connect(path: &Path) -> Result<DatabaseConnection, DbErr> {
    let path = path.to_owned();
    let mut connect = ConnectOptions::new("sqlite://luumen.db");
    connect
        // One connection: a person's hosts are few, and nothing ever waits for a lock half way.
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(20))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .filename(&path)
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                .pragma("journal_mode", "WAL")
                // What a person typed survives a power cut too.
                .pragma("synchronous", "FULL")
                .pragma("secure_delete", "ON")
        });
    Database::connect(connect).await
}

/// A file that is no database says so when it is first read.
fn opening(path: &Path, source: DbErr) -> StoreError {
    let said = source.to_string();
    if said.contains("(code: 26)") || said.contains("(code: 11)") || said.contains("not a database") {
        return StoreError::Damaged {
            path: path.to_owned(),
            said,
        };
    }
    StoreError::Database {
        path: path.to_owned(),
        source,
    }
}

fn forget_old(folder: &Path) -> io::Result<()> {
    let mut copies: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    copies.retain(|path| path.extension().is_some_and(|extension| extension == "db"));
    copies.sort();
    let old = copies.len().saturating_sub(SNAPSHOTS_KEPT);
    copies.drain(..old).try_for_each(fs::remove_file)
}

/// Only its person may read it.
pub(crate) fn private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    fs::metadata(path)?;
    Ok(())
}
