//! Work that is to be done once, by whichever replica comes first, and that may be done twice.
//!
//! A job waits, is claimed with a lease, and ends. Two that wait for the same are one. Whoever dies while working loses its lease,
//! and another one begins anew; a job that fails waits longer each time.

use luumen_model::{Timestamp, WorkspaceId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Condition, Expr, ExprTrait, OnConflict, Order, Query},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Page, StoreError, Thing, codec, entity::job, ids::new_id, page::read_cursor};

/// What concerns all workspaces.
pub const SERVER: WorkspaceId = WorkspaceId(Uuid::nil());

/// How often a job is tried.
const MOST_ATTEMPTS: i64 = 8;
/// The first wait after a failure; it doubles each time.
const FIRST_WAIT_MS: i64 = 15_000;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 3_600_000;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Judges the hosts of a workspace anew.
    AssessHosts,
    /// Fetches feeds and builds the catalogue.
    RefreshFeeds,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Running,
    Done,
    Failed,
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobProgress {
    pub done: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Whose it is; [`SERVER`] for what concerns all.
    pub workspace: WorkspaceId,
    pub id: Uuid,
    pub kind: JobKind,
    /// JSON, as its kind has it.
    pub payload: Option<String>,
    pub state: JobState,
    pub run_after: Timestamp,
    pub attempts: i64,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub progress: Option<JobProgress>,
    /// Why it failed last.
    pub error: Option<String>,
}

/// A job that is ours until its lease ends.
#[derive(Clone, Debug)]
pub struct Claim {
    pub job: Job,
    worker: Uuid,
}

/// Wants something done, not before a moment. One that waits for the same already is taken, and runs at the earlier moment, with the payload
/// that is given last.
pub async fn enqueue(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    kind: JobKind,
    payload: Option<&str>,
    run_after: Timestamp,
    now: Timestamp,
) -> Result<Job, StoreError> {
    put(db, (workspace, kind, payload), run_after, now, Pause::Ended).await
}

/// Says that there may be something to do: as [`enqueue`], but one that failed keeps the pause before its next try. A fleet hints
/// many times a minute, and what fails would never rest.
pub async fn hint(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    kind: JobKind,
    run_after: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    put(db, (workspace, kind, None), run_after, now, Pause::Kept).await?;
    Ok(())
}

/// What becomes of the pause after a failure.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pause {
    Kept,
    Ended,
}

async fn put(
    db: &impl ConnectionTrait,
    (workspace, kind, payload): (WorkspaceId, JobKind, Option<&str>),
    run_after: Timestamp,
    now: Timestamp,
    pause: Pause,
) -> Result<Job, StoreError> {
    let row = job::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(new_id(now)),
        kind: Set(codec::word(&kind)),
        payload: Set(payload.map(str::to_owned)),
        state: Set(codec::word(&JobState::Queued)),
        waiting_key: Set(Some(format!("{}/{}", workspace.0, codec::word(&kind)))),
        run_after_ms: Set(run_after.as_millis()),
        attempts: Set(0),
        created_at_ms: Set(now.as_millis()),
        ..Default::default()
    };
    let waits_until = || Expr::col((job::Entity, job::Column::RunAfterMs));
    let asked_for = || Expr::value(run_after.as_millis());
    let mut is_late = Condition::all().add(waits_until().gt(asked_for()));
    if pause == Pause::Kept {
        is_late = is_late.add(Expr::col((job::Entity, job::Column::Attempts)).eq(0));
    }
    let earlier = Expr::case(is_late, asked_for()).finally(waits_until());
    let mut same = OnConflict::column(job::Column::WaitingKey);
    same.value(job::Column::RunAfterMs, earlier);
    if let Some(payload) = payload {
        same.value(job::Column::Payload, Expr::value(payload));
    }
    // One statement: between two, a worker could take the one that waits, and then nothing would wait.
    let insert = job::Entity::insert(row)
        .on_conflict(same)
        .into_query()
        .returning_all()
        .to_owned();
    let waiting = db.query_one(&insert).await?;
    let waiting = waiting.ok_or(StoreError::NotFound(Thing::Job))?;
    from_row(job::Model::from_query_result(&waiting, "")?)
}

/// Takes the next job that may run, if there is one: waiting, or left behind by a worker whose lease ended. On PostgreSQL workers
/// pass over what another one just takes; SQLite has one writer, so call it in a transaction that writes.
pub async fn claim(
    db: &impl ConnectionTrait,
    kinds: &[JobKind],
    worker: Uuid,
    lease_ms: i64,
    now: Timestamp,
) -> Result<Option<Claim>, StoreError> {
    let waiting = Condition::all()
        .add(Expr::col(job::Column::State).eq(codec::word(&JobState::Queued)))
        .add(Expr::col(job::Column::RunAfterMs).lte(now.as_millis()));
    let left = Condition::all()
        .add(Expr::col(job::Column::State).eq(codec::word(&JobState::Running)))
        .add(Expr::col(job::Column::LeaseUntilMs).lt(now.as_millis()));
    let mut next = Query::select();
    next.column(job::Column::Id)
        .from(job::Entity)
        .and_where(Expr::col(job::Column::Kind).is_in(kinds.iter().map(codec::word)))
        .cond_where(Condition::any().add(waiting).add(left))
        .order_by(job::Column::RunAfterMs, Order::Asc)
        .limit(1);
    if db.get_database_backend() == DbBackend::Postgres {
        next.lock_with_behavior(
            sea_orm::sea_query::LockType::Update,
            sea_orm::sea_query::LockBehavior::SkipLocked,
        );
    }
    let Some(row) = db.query_one(&next).await? else {
        return Ok(None);
    };
    let id: Uuid = row.try_get("", "id")?;
    let taken = Query::update()
        .table(job::Entity)
        .value(job::Column::State, codec::word(&JobState::Running))
        .value(job::Column::WaitingKey, Option::<String>::None)
        .value(job::Column::ClaimedBy, worker)
        .value(job::Column::LeaseUntilMs, now.plus_millis(lease_ms).as_millis())
        .value(job::Column::StartedAtMs, now.as_millis())
        .value(job::Column::Attempts, Expr::col(job::Column::Attempts).add(1))
        .and_where(Expr::col(job::Column::Id).eq(id))
        .returning_all()
        .to_owned();
    let Some(row) = db.query_one(&taken).await? else {
        return Ok(None);
    };
    Ok(Some(Claim {
        job: from_row(job::Model::from_query_result(&row, "")?)?,
        worker,
    }))
}

impl Claim {
    fn ours(&self) -> Condition {
        Condition::all()
            .add(job::Column::WorkspaceId.eq(self.job.workspace.0))
            .add(job::Column::Id.eq(self.job.id))
            .add(job::Column::ClaimedBy.eq(self.worker))
            .add(job::Column::State.eq(codec::word(&JobState::Running)))
    }

    /// Says that we still work, and how far we are. False when the job is no longer ours: then stop.
    pub async fn heartbeat(
        &self,
        db: &impl ConnectionTrait,
        progress: Option<&JobProgress>,
        lease_ms: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut update = job::Entity::update_many()
            .col_expr(
                job::Column::LeaseUntilMs,
                Expr::value(now.plus_millis(lease_ms).as_millis()),
            )
            .filter(self.ours());
        if let Some(progress) = progress {
            let text = serde_json::to_string(progress)
                .map_err(|source| StoreError::corrupt_by("job progress", source))?;
            update = update.col_expr(job::Column::Progress, Expr::value(text));
        }
        Ok(update.exec(db).await?.rows_affected > 0)
    }

    /// It is done.
    pub async fn finish(&self, db: &impl ConnectionTrait, now: Timestamp) -> Result<(), StoreError> {
        self.end(db, JobState::Done, None, now).await
    }

    /// It did not work. It waits and is tried again, each time later, until it was tried often enough. Where another one waits for
    /// the same already, that is the next try.
    pub async fn fail(
        &self,
        db: &impl ConnectionTrait,
        error: &str,
        now: Timestamp,
    ) -> Result<JobState, StoreError> {
        let wanted = codec::word(&self.job.kind);
        let key = format!("{}/{wanted}", self.job.workspace.0);
        let wait = FIRST_WAIT_MS << self.job.attempts.clamp(1, 16).saturating_sub(1);
        let run_after_ms = now.plus_millis(Ord::min(wait, LONGEST_WAIT_MS)).as_millis();
        // Who lost the lease has no say in what others do by now.
        let ours = Query::select()
            .column(job::Column::Id)
            .from(job::Entity)
            .cond_where(self.ours())
            .to_owned();
        let another = job::Entity::update_many()
            .col_expr(job::Column::RunAfterMs, Expr::value(run_after_ms))
            .col_expr(job::Column::Attempts, Expr::value(self.job.attempts))
            .col_expr(job::Column::Error, Expr::value(error))
            .filter(job::Column::WaitingKey.eq(key.clone()))
            .filter(Expr::exists(ours))
            .exec(db)
            .await?;
        if self.job.attempts >= MOST_ATTEMPTS || another.rows_affected > 0 {
            self.end(db, JobState::Failed, Some(error), now).await?;
            return Ok(JobState::Failed);
        }
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(codec::word(&JobState::Queued)))
            .col_expr(job::Column::WaitingKey, Expr::value(key))
            .col_expr(job::Column::RunAfterMs, Expr::value(run_after_ms))
            .col_expr(job::Column::Error, Expr::value(error))
            .col_expr(job::Column::LeaseUntilMs, Expr::value(Option::<i64>::None))
            .filter(self.ours())
            .exec(db)
            .await?;
        Ok(JobState::Queued)
    }

    async fn end(
        &self,
        db: &impl ConnectionTrait,
        state: JobState,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value(codec::word(&state)))
            .col_expr(job::Column::FinishedAtMs, Expr::value(now.as_millis()))
            .col_expr(job::Column::LeaseUntilMs, Expr::value(Option::<i64>::None))
            .col_expr(job::Column::Error, Expr::value(error.map(str::to_owned)))
            .filter(self.ours())
            .exec(db)
            .await?;
        Ok(())
    }
}

/// One job of a workspace, or of the server.
pub async fn get(db: &impl ConnectionTrait, workspace: WorkspaceId, id: Uuid) -> Result<Job, StoreError> {
    let row = job::Entity::find_by_id((workspace.0, id)).one(db).await?;
    from_row(row.ok_or(StoreError::NotFound(Thing::Job))?)
}

/// Wants something done now, unless somebody works on it: then nothing is wanted and `None` is answered. Call it in a transaction.
pub async fn enqueue_unless_running(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    kind: JobKind,
    payload: Option<&str>,
    now: Timestamp,
) -> Result<Option<Job>, StoreError> {
    let running = job::Entity::find()
        .filter(job::Column::WorkspaceId.eq(workspace.0))
        .filter(job::Column::Kind.eq(codec::word(&kind)))
        .filter(job::Column::State.eq(codec::word(&JobState::Running)))
        // Whoever lost its lease works on nothing any more.
        .filter(job::Column::LeaseUntilMs.gte(now.as_millis()))
        .one(db)
        .await?;
    match running {
        Some(_) => Ok(None),
        None => enqueue(db, workspace, kind, payload, now, now).await.map(Some),
    }
}

/// The job of a kind that runs or, if none does, that waits.
pub async fn open(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    kind: JobKind,
) -> Result<Option<Job>, StoreError> {
    let open = [JobState::Queued, JobState::Running];
    let row = job::Entity::find()
        .filter(job::Column::WorkspaceId.eq(workspace.0))
        .filter(job::Column::Kind.eq(codec::word(&kind)))
        .filter(job::Column::State.is_in(open.iter().map(codec::word)))
        // `running` stands behind `queued` in the alphabet, and comes first.
        .order_by_desc(job::Column::State)
        .one(db)
        .await?;
    row.map(from_row).transpose()
}

/// The job of a kind that failed when it was last tried: the one that is tried again, or else the last one that ended.
pub async fn failing(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    kind: JobKind,
) -> Result<Option<Job>, StoreError> {
    if let Some(open) = open(db, workspace, kind).await?
        && open.error.is_some()
    {
        return Ok(Some(open));
    }
    let last = job::Entity::find()
        .filter(job::Column::WorkspaceId.eq(workspace.0))
        .filter(job::Column::Kind.eq(codec::word(&kind)))
        .filter(job::Column::FinishedAtMs.is_not_null())
        .order_by_desc(job::Column::FinishedAtMs)
        .one(db)
        .await?;
    let last = last.map(from_row).transpose()?;
    Ok(last.filter(|job| job.state == JobState::Failed))
}

/// Jobs of a workspace, or of the server, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    cursor: Option<&str>,
    limit: u64,
) -> Result<Page<Job>, StoreError> {
    let mut find = job::Entity::find().filter(job::Column::WorkspaceId.eq(workspace.0));
    if let Some(id) = read_cursor::<Uuid>(cursor)? {
        find = find.filter(job::Column::Id.lt(id));
    }
    let rows = find
        .order_by_desc(job::Column::Id)
        .limit(limit + 1)
        .all(db)
        .await?;
    let page = Page::cut(rows, limit, |row| row.id);
    Ok(Page {
        items: page.items.into_iter().map(from_row).collect::<Result<_, _>>()?,
        next: page.next,
    })
}

/// Forgets jobs that ended before a moment.
pub async fn sweep(db: &impl ConnectionTrait, before: Timestamp) -> Result<u64, StoreError> {
    let gone = job::Entity::delete_many()
        .filter(job::Column::FinishedAtMs.lt(before.as_millis()))
        .exec(db)
        .await?;
    Ok(gone.rows_affected)
}

fn from_row(row: job::Model) -> Result<Job, StoreError> {
    let progress = row.progress.as_deref().map(serde_json::from_str).transpose();
    let at = |ms: Option<i64>| ms.map(Timestamp::from_millis);
    Ok(Job {
        workspace: WorkspaceId(row.workspace_id),
        id: row.id,
        kind: codec::from_word("job kind", &row.kind)?,
        payload: row.payload,
        state: codec::from_word("job state", &row.state)?,
        run_after: Timestamp::from_millis(row.run_after_ms),
        attempts: row.attempts,
        created_at: Timestamp::from_millis(row.created_at_ms),
        started_at: at(row.started_at_ms),
        finished_at: at(row.finished_at_ms),
        progress: progress.map_err(|source| StoreError::corrupt_by("job progress", source))?,
        error: row.error,
    })
}
