//! What can go wrong with the database, by what a caller would do about it.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// A noun that was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Workspace,
    User,
    Link,
    Session,
    ApiKey,
    Host,
    Agent,
    Run,
    Snapshot,
    Finding,
    Exception,
    Job,
    View,
}

/// A field whose value must be unique and is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Name,
    Email,
    Id,
}

impl Field {
    /// The field's name in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Id => "id",
        }
    }
}

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is not there, or not in this workspace: the two are never told apart.
    #[error("there is no such {0:?} in this workspace")]
    NotFound(Thing),
    /// Another one has this value already.
    #[error("another one has this {}", field.as_str())]
    Conflict { field: Field },
    /// A cursor that none of our pages handed out.
    #[error("the cursor is not one of ours")]
    BadCursor,
    /// The database is busy, full or unreachable; the same call may succeed later.
    #[error("the database cannot answer just now")]
    Unavailable(#[source] DbErr),
    /// The database refused the statement.
    #[error("the database refused a statement")]
    Database(#[source] DbErr),
    /// A stored row does not have the shape it was written with.
    #[error("a stored {what} cannot be read")]
    Corrupt {
        what: &'static str,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The address of the database cannot be understood.
    #[error("{url:?} is not a database address; use sqlite:///path/to/file.db or postgres://…")]
    BadUrl { url: String },
}

impl StoreError {
    pub(crate) fn corrupt(what: &'static str) -> Self {
        Self::Corrupt { what, source: None }
    }

    pub(crate) fn corrupt_by(
        what: &'static str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Corrupt {
            what,
            source: Some(Box::new(source)),
        }
    }

    /// True when the same transaction, begun anew, may well succeed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(error) | Self::Database(error) => is_clash(error),
            _ => false,
        }
    }

    /// A broken unique constraint as the conflict that it is; anything else stays what it was.
    pub(crate) fn conflict_on(field: Field) -> impl Fn(DbErr) -> Self {
        move |error| match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Conflict { field },
            _ => error.into(),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        let unreachable = matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_));
        if unreachable || is_clash(&error) || is_io(&error) {
            Self::Unavailable(error)
        } else {
            Self::Database(error)
        }
    }
}

/// Two transactions met: SQLite's BUSY and LOCKED families, PostgreSQL's serialization failure, deadlock
/// and unavailable lock.
fn is_clash(error: &DbErr) -> bool {
    match database_code(error) {
        Some(code) if code.len() == 5 => matches!(code.as_str(), "40001" | "40P01" | "55P03"),
        Some(code) => code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6)),
        None => false,
    }
}

/// The disk is full or the server went away.
fn is_io(error: &DbErr) -> bool {
    match (sqlx_error(error), database_code(error)) {
        (Some(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed), _) => true,
        (_, Some(code)) if code.len() == 5 => code.starts_with("08") || code.starts_with("57P"),
        // SQLITE_FULL and SQLITE_IOERR.
        (_, Some(code)) => code
            .parse::<i32>()
            .is_ok_and(|code| matches!(code & 0xff, 10 | 13)),
        _ => false,
    }
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}

fn database_code(error: &DbErr) -> Option<String> {
    match sqlx_error(error)? {
        sqlx::Error::Database(inner) => inner.code().map(|code| code.into_owned()),
        _ => None,
    }
}
