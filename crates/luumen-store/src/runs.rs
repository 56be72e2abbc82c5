//! Runs: one agent's round of visits. A run is lost when its agent begins another, or falls silent, before
//! saying that it is over; reports that arrive late still count.

use luumen_model::{AgentId, HostId, Outcome, RunId, SnapshotId, Timestamp, VisitError, WorkspaceId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Condition, Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use crate::{
    Page, StoreError, Thing, codec,
    entity::{agent, host, run, visit},
    page::read_cursor,
    workspaces::Workspace,
};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    Running,
    Finished,
    Lost,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    pub agent_id: AgentId,
    pub agent_name: String,
    pub state: RunState,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub host_count: i64,
    pub complete_count: i64,
    pub partial_count: i64,
    pub failed_count: i64,
    pub skipped_count: i64,
}

/// How the visit to one host ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunHost {
    pub host_id: HostId,
    pub host_name: String,
    pub outcome: Outcome,
    pub error: Option<VisitError>,
    pub snapshot_id: Option<SnapshotId>,
    pub visited_at: Timestamp,
    pub duration_ms: i64,
}

/// Which moment, and after how much silence an agent's run counts as lost.
#[derive(Clone, Copy, Debug)]
pub struct SilenceClock {
    pub now: Timestamp,
    pub silent_after_ms: i64,
}

impl SilenceClock {
    /// By the settings of a workspace.
    pub fn of(workspace: &Workspace, now: Timestamp) -> Self {
        Self {
            now,
            silent_after_ms: workspace.silent_after_ms(),
        }
    }

    /// Whether an agent that spoke last at `seen_at` is silent.
    pub fn is_silent(self, seen_at: Timestamp) -> bool {
        self.now.millis_since(seen_at) > self.silent_after_ms
    }
}

/// Notes that a run began. The agent makes the id; a second call with it changes nothing.
/// Runs that the same agent began before and did not end are lost.
pub async fn start(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: RunId,
    agent: AgentId,
    started_at: Timestamp,
    host_count: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    crate::agents::get(db, workspace, agent).await?;
    let row = run::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(id.0),
        agent_id: Set(agent.0),
        started_at_ms: Set(started_at.as_millis()),
        finished_at_ms: Set(None),
        lost_at_ms: Set(None),
        host_count: Set(host_count),
        complete_count: Set(0),
        partial_count: Set(0),
        failed_count: Set(0),
        skipped_count: Set(0),
    };
    run::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([run::Column::WorkspaceId, run::Column::Id])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    run::Entity::update_many()
        .col_expr(run::Column::LostAtMs, Expr::value(now.as_millis()))
        .filter(run::Column::WorkspaceId.eq(workspace.0))
        .filter(run::Column::AgentId.eq(agent.0))
        .filter(run::Column::StartedAtMs.lt(started_at.as_millis()))
        .filter(run::Column::FinishedAtMs.is_null())
        .filter(run::Column::LostAtMs.is_null())
        .exec(db)
        .await?;
    crate::agents::seen(db, workspace, agent, now).await
}

/// Notes that a run is over. A second call keeps the first moment.
pub async fn finish(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: RunId,
    finished_at: Timestamp,
) -> Result<(), StoreError> {
    let done = run::Entity::update_many()
        .col_expr(
            run::Column::FinishedAtMs,
            Expr::from(sea_orm::sea_query::Func::coalesce([
                Expr::col(run::Column::FinishedAtMs),
                Expr::val(finished_at.as_millis()),
            ])),
        )
        .filter(run::Column::WorkspaceId.eq(workspace.0))
        .filter(run::Column::Id.eq(id.0))
        .exec(db)
        .await?;
    if done.rows_affected == 0 {
        return Err(StoreError::NotFound(Thing::Run));
    }
    Ok(())
}

/// Runs, newest first; of one agent, when told.
pub async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    agent: Option<AgentId>,
    cursor: Option<&str>,
    limit: u64,
    clock: SilenceClock,
) -> Result<Page<Run>, StoreError> {
    let mut find = run::Entity::find().filter(run::Column::WorkspaceId.eq(workspace.0));
    if let Some(agent) = agent {
        find = find.filter(run::Column::AgentId.eq(agent.0));
    }
    if let Some((started_at_ms, id)) = read_cursor::<(i64, Uuid)>(cursor)? {
        let same_moment = Condition::all()
            .add(run::Column::StartedAtMs.eq(started_at_ms))
            .add(run::Column::Id.lt(id));
        find = find.filter(
            Condition::any()
                .add(run::Column::StartedAtMs.lt(started_at_ms))
                .add(same_moment),
        );
    }
    let rows = find
        .order_by_desc(run::Column::StartedAtMs)
        .order_by_desc(run::Column::Id)
        .limit(limit + 1)
        .all(db)
        .await?;
    let page = Page::cut(rows, limit, |row| (row.started_at_ms, row.id));
    let agents = agents(db, workspace).await?;
    Ok(page.map(|row| from_row(row, &agents, clock)))
}

/// One run.
pub async fn get(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: RunId,
    clock: SilenceClock,
) -> Result<Run, StoreError> {
    let row = run::Entity::find_by_id((workspace.0, id.0)).one(db).await?;
    let row = row.ok_or(StoreError::NotFound(Thing::Run))?;
    let agents = agents(db, workspace).await?;
    Ok(from_row(row, &agents, clock))
}

/// How a run found each host, by name.
pub async fn hosts(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: RunId,
) -> Result<Vec<RunHost>, StoreError> {
    let on = Expr::col((visit::Entity, visit::Column::WorkspaceId))
        .equals((host::Entity, host::Column::WorkspaceId))
        .and(Expr::col((visit::Entity, visit::Column::HostId)).equals((host::Entity, host::Column::Id)));
    let select = sea_orm::sea_query::Query::select()
        .column((host::Entity, host::Column::Name))
        .columns([
            (visit::Entity, visit::Column::HostId),
            (visit::Entity, visit::Column::Outcome),
            (visit::Entity, visit::Column::Error),
            (visit::Entity, visit::Column::SnapshotId),
            (visit::Entity, visit::Column::VisitedAtMs),
            (visit::Entity, visit::Column::DurationMs),
        ])
        .from(visit::Entity)
        .inner_join(host::Entity, on)
        .and_where(Expr::col((visit::Entity, visit::Column::WorkspaceId)).eq(workspace.0))
        .and_where(Expr::col((visit::Entity, visit::Column::RunId)).eq(id.0))
        .order_by((host::Entity, host::Column::Name), sea_orm::Order::Asc)
        .to_owned();
    let rows = db.query_all(&select).await?;
    rows.iter().map(run_host).collect()
}

fn run_host(row: &sea_orm::QueryResult) -> Result<RunHost, StoreError> {
    let outcome: String = row.try_get("", "outcome")?;
    let error: Option<String> = row.try_get("", "error")?;
    let snapshot_id: Option<Uuid> = row.try_get("", "snapshot_id")?;
    Ok(RunHost {
        host_id: HostId(row.try_get("", "host_id")?),
        host_name: row.try_get("", "name")?,
        outcome: codec::outcome(&outcome)?,
        error: error
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|source| StoreError::corrupt_by("visit error", source))?,
        snapshot_id: snapshot_id.map(SnapshotId),
        visited_at: Timestamp::from_millis(row.try_get("", "visited_at_ms")?),
        duration_ms: row.try_get("", "duration_ms")?,
    })
}

async fn agents(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<std::collections::HashMap<Uuid, agent::Model>, StoreError> {
    let rows = agent::Entity::find()
        .filter(agent::Column::WorkspaceId.eq(workspace.0))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

fn from_row(
    row: run::Model,
    agents: &std::collections::HashMap<Uuid, agent::Model>,
    clock: SilenceClock,
) -> Run {
    let agent = agents.get(&row.agent_id);
    let seen_at = agent
        .and_then(|agent| agent.last_seen_at_ms)
        .unwrap_or(row.started_at_ms);
    let state = if row.finished_at_ms.is_some() {
        RunState::Finished
    } else if row.lost_at_ms.is_some() || clock.is_silent(Timestamp::from_millis(seen_at)) {
        RunState::Lost
    } else {
        RunState::Running
    };
    Run {
        id: RunId(row.id),
        agent_id: AgentId(row.agent_id),
        agent_name: agent.map(|agent| agent.name.clone()).unwrap_or_default(),
        state,
        started_at: Timestamp::from_millis(row.started_at_ms),
        finished_at: row.finished_at_ms.map(Timestamp::from_millis),
        host_count: row.host_count,
        complete_count: row.complete_count,
        partial_count: row.partial_count,
        failed_count: row.failed_count,
        skipped_count: row.skipped_count,
    }
}
