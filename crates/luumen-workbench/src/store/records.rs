//! Reads and writes records, and remembers what they were, so that a change can be taken back.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Store, entity::record};
use crate::bridge::{Id, Problem, Time};

/// Changes that can still be taken back.
const UNDOS_KEPT: usize = 64;

/// Something that is kept as one document.
pub(crate) trait Record: Serialize + DeserializeOwned + Send {
    /// Its kind in the table; never changes.
    const KIND: &'static str;
    /// Its id.
    fn id(&self) -> Id;
}

/// All records of a kind, oldest first. One that cannot be read is left where it is and said in the log.
pub(crate) async fn all<R: Record>(db: &impl ConnectionTrait) -> Result<Vec<R>, Problem> {
    let rows = record::Entity::find()
        .filter(record::Column::Kind.eq(R::KIND))
        .all(db)
        .await?;
    let read = |row: record::Model| match serde_json::from_str(&row.document) {
        Ok(record) => Some(record),
        Err(error) => {
            tracing::error!(record.kind = R::KIND, record.id = %row.id, %error, "A stored record cannot be read");
            None
        }
    };
    let mut records: Vec<R> = rows.into_iter().filter_map(read).collect();
    records.sort_by_key(Record::id);
    Ok(records)
}

/// One record.
pub(crate) async fn get<R: Record>(db: &impl ConnectionTrait, id: Id) -> Result<Option<R>, Problem> {
    let row = record::Entity::find_by_id((R::KIND.to_owned(), id.0))
        .one(db)
        .await?;
    row.map(|row| {
        serde_json::from_str(&row.document).map_err(|error| {
            Problem::of(
                "LUM-STORE-RECORD",
                format!("the stored {} cannot be read", R::KIND),
                &error,
            )
            .next("It is left as it is. A newer Luumen may be able to read it.")
        })
    })
    .transpose()
}

/// What a record was before.
#[derive(Clone, Debug)]
struct Before {
    kind: String,
    id: Id,
    document: Option<String>,
}

/// Changes that are made together, and what was there before.
pub(crate) struct Changes {
    tx: DatabaseTransaction,
    before: Vec<Before>,
}

impl Changes {
    pub(crate) async fn begin(store: &Store) -> Result<Self, Problem> {
        Ok(Self {
            tx: store.begin().await?,
            before: Vec::new(),
        })
    }

    /// For reading what these changes see.
    pub(crate) fn db(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Writes a record, new or changed.
    pub(crate) async fn put<R: Record>(&mut self, record: &R) -> Result<(), Problem> {
        let document = serde_json::to_string(record).map_err(|error| {
            Problem::of(
                "LUM-STORE-WRITE",
                format!("the {} cannot be stored", R::KIND),
                &error,
            )
        })?;
        self.remember(R::KIND, record.id()).await?;
        Ok(write(&self.tx, R::KIND, record.id(), document).await?)
    }

    /// Removes a record.
    pub(crate) async fn remove<R: Record>(&mut self, id: Id) -> Result<(), Problem> {
        self.remember(R::KIND, id).await?;
        Ok(erase(&self.tx, R::KIND, id).await?)
    }

    async fn remember(&mut self, kind: &str, id: Id) -> Result<(), Problem> {
        let row = record::Entity::find_by_id((kind.to_owned(), id.0))
            .one(&self.tx)
            .await?;
        self.before.push(Before {
            kind: kind.to_owned(),
            id,
            document: row.map(|row| row.document),
        });
        Ok(())
    }

    /// Makes the changes last.
    pub(crate) async fn commit(self) -> Result<(), Problem> {
        Ok(self.tx.commit().await?)
    }

    /// Makes the changes last, and hands out with what they can be taken back.
    pub(crate) async fn commit_with_undo(self, undos: &Undos) -> Result<Id, Problem> {
        self.tx.commit().await?;
        Ok(undos.keep(self.before))
    }
}

/// What the last changes replaced. Lives as long as the program runs.
#[derive(Debug, Default)]
pub(crate) struct Undos(Mutex<VecDeque<(Id, Vec<Before>)>>);

impl Undos {
    fn keep(&self, before: Vec<Before>) -> Id {
        let id = Id::new();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((id, before));
        while kept.len() > UNDOS_KEPT {
            kept.pop_front();
        }
        id
    }

    /// Takes a change back. Works once.
    pub(crate) async fn undo(&self, store: &Store, id: Id) -> Result<(), Problem> {
        let before = {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let at = kept.iter().position(|(kept, _)| *kept == id);
            at.and_then(|at| kept.remove(at)).ok_or_else(|| {
                Problem::new(
                    "LUM-UNDO-GONE",
                    "this can no longer be taken back",
                    "it was taken back already, or Luumen was started anew since",
                )
            })?
        };
        let tx = store.begin().await?;
        // Last change first: a record that was changed twice ends as it began.
        for before in before.1.into_iter().rev() {
            match before.document {
                Some(document) => write(&tx, &before.kind, before.id, document).await?,
                None => erase(&tx, &before.kind, before.id).await?,
            }
        }
        Ok(tx.commit().await?)
    }
}

async fn write(
    db: &impl ConnectionTrait,
    kind: &str,
    id: Id,
    document: String,
) -> Result<(), sea_orm::DbErr> {
    let row = record::ActiveModel {
        kind: Set(kind.to_owned()),
        id: Set(id.0),
        document: Set(document),
        changed_at_ms: Set(Time::now().as_millis()),
    };
    let again = OnConflict::columns([record::Column::Kind, record::Column::Id])
        .update_columns([record::Column::Document, record::Column::ChangedAtMs])
        .to_owned();
    record::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(db)
        .await
        .map(drop)
}

async fn erase(db: &impl ConnectionTrait, kind: &str, id: Id) -> Result<(), sea_orm::DbErr> {
    record::Entity::delete_by_id((kind.to_owned(), id.0))
        .exec(db)
        .await
        .map(drop)
}
