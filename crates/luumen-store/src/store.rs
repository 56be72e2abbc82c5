//! Opening, migrating and writing. Knows no aggregate.

use std::{fs, path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::{StoreError, migration::Migrator};

/// How often a transaction that met another one is begun anew before its caller hears of it.
const MAX_TRIES: u32 = 8;

/// How to open the database.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Connections that read (SQLite), or connections in all (PostgreSQL).
    pub connections: u32,
    /// How long a caller waits for a connection or for SQLite's one writer.
    pub busy_timeout: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            connections: 8,
            busy_timeout: Duration::from_secs(30),
        }
    }
}

/// The open database.
///
/// SQLite has one writer, so it gets one connection that writes and several that only read; a write
/// begins `IMMEDIATE`, which is why it waits in line and never fails half way. PostgreSQL gets one pool.
#[derive(Clone, Debug)]
pub struct Store {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Store {
    /// Opens `sqlite:///path/file.db` (made if it is not there), `sqlite::memory:` (one connection: for tests that
    /// never hold a transaction while they read) or `postgres://…`. Does not migrate.
    pub async fn open(url: &str, options: &OpenOptions) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = connect_postgres(url, options).await?;
            return Ok(Self {
                read: pool.clone(),
                write: pool,
            });
        }
        if !url.starts_with("sqlite:") {
            return Err(StoreError::BadUrl { url: url.to_owned() });
        }
        let write = connect_sqlite(url, options, Access::Write).await?;
        let read = if url.contains(":memory:") {
            write.clone()
        } else {
            connect_sqlite(url, options, Access::Read).await?
        };
        Ok(Self { read, write })
    }

    /// Brings the schema up to date. Replicas that start together may all call this.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // All steps or none: who is stopped in the middle of one would find its tables there and the step not noted,
        // and could never begin it anew.
        let whole = self.begin().await?;
        if whole.get_database_backend() == DbBackend::Postgres {
            // One replica at a time; the lock ends with the transaction, even if we die in it.
            whole
                .execute_unprepared("SELECT pg_advisory_xact_lock(7813001)")
                .await?;
        }
        Migrator::up(&whole, None).await?;
        Ok(whole.commit().await?)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// For functions that only read. On SQLite a write through this connection fails.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For a single statement that writes; several belong into [`Self::begin`] or [`transaction!`](crate::transaction!).
    pub fn writer(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Begins a transaction that may write. Dropped without `commit`, it never was.
    pub async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Whether a transaction that ended so may be begun anew, after so many tries.
    pub fn may_begin_anew(error: &impl AsTransient, tries: u32) -> bool {
        tries < MAX_TRIES && error.is_transient()
    }

    /// Lets the other transaction go first.
    pub async fn pause_before_try(tries: u32) {
        tracing::debug!(db.tries = tries, "A transaction met another one and begins anew");
        tokio::time::sleep(Duration::from_millis(5 << tries.min(MAX_TRIES))).await;
    }

    /// Ends all connections, waiting for those in use.
    pub async fn close(self) -> Result<(), StoreError> {
        self.read.close().await?;
        self.write.close().await?;
        Ok(())
    }
}

/// Errors that can say whether the same work may succeed when it is begun anew.
pub trait AsTransient {
    /// True when it may.
    fn is_transient(&self) -> bool;
}

impl AsTransient for StoreError {
    fn is_transient(&self) -> bool {
        StoreError::is_transient(self)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

async fn connect_sqlite(
    url: &str,
    options: &OpenOptions,
    access: Access,
) -> Result<DatabaseConnection, StoreError> {
    let busy_timeout = options.busy_timeout;
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(match access {
            Access::Read => options.connections,
            Access::Write => 1,
        })
        .min_connections(1)
        .acquire_timeout(busy_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            keep_private(sqlite.get_filename());
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(busy_timeout)
                .pragma("journal_mode", "WAL")
                // Durable against a crash of ours; a power cut may cost the last moments, and agents report again.
                .pragma("synchronous", "NORMAL")
                .pragma("wal_autocheckpoint", "20000")
                .pragma("journal_size_limit", "268435456")
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-65536")
                .pragma("mmap_size", "1073741824")
                .pragma("query_only", if access == Access::Read { "ON" } else { "OFF" })
                .statement_cache_capacity(512)
        });
    Ok(Database::connect(connect).await?)
}

/// A database that is not there yet is made for its owner alone. SQLite gives what lies beside it the same mode.
fn keep_private(file: &Path) {
    if file.to_string_lossy().contains(":memory:") {
        return;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // One that is there stays as it is, and what else is wrong SQLite says itself.
    let _ = options.open(file);
}

async fn connect_postgres(url: &str, options: &OpenOptions) -> Result<DatabaseConnection, StoreError> {
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(options.connections)
        .acquire_timeout(options.busy_timeout)
        .set_application_name("luumen-server")
        .sqlx_logging(false);
    Ok(Database::connect(connect).await?)
}
