//! How each feed of the catalogue does. The catalogue is shared by all workspaces, and so are these rows.

use luumen_model::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};

use crate::{StoreError, entity::feed};

/// How a feed does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    pub id: String,
    pub title: String,
    pub licence: String,
    /// What its licence asks to be shown.
    pub notice: Option<String>,
    pub last_attempt_at: Option<Timestamp>,
    pub last_success_at: Option<Timestamp>,
    /// When what the catalogue holds of it was fetched.
    pub fetched_at: Option<Timestamp>,
    /// How long after it was fetched it counts as stale.
    pub stale_after_ms: Option<i64>,
    pub last_error: Option<String>,
    pub document_count: i64,
    pub broken_document_count: i64,
    pub problem_count: i64,
    pub sample: bool,
}

impl Feed {
    /// When it counts as stale.
    pub fn stale_at(&self) -> Option<Timestamp> {
        let fetched_at = self.fetched_at?;
        Some(fetched_at.plus_millis(self.stale_after_ms?))
    }

    /// Whether its last attempt failed.
    pub fn is_failing(&self) -> bool {
        self.last_error.is_some() && self.last_attempt_at > self.last_success_at
    }
}

/// Every feed, by id.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Feed>, StoreError> {
    let rows = feed::Entity::find()
        .order_by_asc(feed::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Writes down how feeds do; those that are not named stay.
pub async fn put(db: &impl ConnectionTrait, feeds: &[Feed]) -> Result<(), StoreError> {
    use feed::Column::{
        BrokenDocumentCount, DocumentCount, FetchedAtMs, Id, LastAttemptAtMs, LastError, LastSuccessAtMs,
        Licence, Notice, ProblemCount, Sample, StaleAfterMs, Title,
    };
    if feeds.is_empty() {
        return Ok(());
    }
    let known = OnConflict::column(Id)
        .update_columns([
            Title,
            Licence,
            Notice,
            LastAttemptAtMs,
            LastSuccessAtMs,
            FetchedAtMs,
            StaleAfterMs,
            LastError,
            DocumentCount,
            BrokenDocumentCount,
            ProblemCount,
            Sample,
        ])
        .to_owned();
    feed::Entity::insert_many(feeds.iter().map(to_row))
        .on_conflict(known)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Forgets feeds that are no longer listed.
pub async fn keep_only(db: &impl ConnectionTrait, ids: &[String]) -> Result<(), StoreError> {
    feed::Entity::delete_many()
        .filter(feed::Column::Id.is_not_in(ids.iter().cloned()))
        .exec(db)
        .await?;
    Ok(())
}

fn to_row(feed: &Feed) -> feed::ActiveModel {
    let ms = |at: Option<Timestamp>| Set(at.map(Timestamp::as_millis));
    feed::ActiveModel {
        id: Set(feed.id.clone()),
        title: Set(feed.title.clone()),
        licence: Set(feed.licence.clone()),
        notice: Set(feed.notice.clone()),
        last_attempt_at_ms: ms(feed.last_attempt_at),
        last_success_at_ms: ms(feed.last_success_at),
        fetched_at_ms: ms(feed.fetched_at),
        stale_after_ms: Set(feed.stale_after_ms),
        last_error: Set(feed.last_error.clone()),
        document_count: Set(feed.document_count),
        broken_document_count: Set(feed.broken_document_count),
        problem_count: Set(feed.problem_count),
        sample: Set(feed.sample),
    }
}

fn from_row(row: feed::Model) -> Feed {
    let at = |ms: Option<i64>| ms.map(Timestamp::from_millis);
    Feed {
        id: row.id,
        title: row.title,
        licence: row.licence,
        notice: row.notice,
        last_attempt_at: at(row.last_attempt_at_ms),
        last_success_at: at(row.last_success_at_ms),
        fetched_at: at(row.fetched_at_ms),
        stale_after_ms: row.stale_after_ms,
        last_error: row.last_error,
        document_count: row.document_count,
        broken_document_count: row.broken_document_count,
        problem_count: row.problem_count,
        sample: row.sample,
    }
}
