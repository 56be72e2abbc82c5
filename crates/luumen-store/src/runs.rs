//! Runs: one agent's round of visits. A run is lost when its agent begins another, or falls silent, before
//! saying that it is over; reports that arrive late still count.

use luumen_model::{AgentId, HostId, Outcome, RunId, SnapshotId, Timestamp, VisitError, WorkspaceId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Condition, Expr, ExprTrait, Func, OnConflict, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    Page, StoreError, Thing,
    agents::{self, Agent, AgentState},
    codec,
    entity::{host, run, visit},
    letters::same_text,
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
    /// Between two polls of an agent that has no time of its own.
    pub polling_s: i64,
    pub grace_s: i64,
}

impl SilenceClock {
    /// By the settings of a workspace.
    pub fn of(workspace: &Workspace, now: Timestamp) -> Self {
        Self {
            now,
            polling_s: workspace.polling_s,
            grace_s: workspace.silence_grace_s,
        }
    }

    /// How long after its last word an agent counts as silent: three polls, by its own time if it has one, and the grace time.
    pub fn silent_after_ms(self, own_polling_s: Option<i64>) -> i64 {
        own_polling_s
            .unwrap_or(self.polling_s)
            .saturating_mul(3)
            .saturating_add(self.grace_s)
            .saturating_mul(1000)
    }
}

/// Which runs, and which page of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunQuery<'a> {
    pub agent: Option<AgentId>,
    /// Part of what the run's agent tells of itself, or the whole name of a host that was visited. A part of a
    /// host's name would make the database look at every visit that it has.
    pub q: Option<&'a str>,
    pub state: Option<RunState>,
    /// Runs that are lost, or that could not visit some host.
    pub trouble: bool,
    pub cursor: Option<&'a str>,
    pub limit: u64,
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
            Expr::from(Func::coalesce([
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

/// Runs, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    query: &RunQuery<'_>,
    clock: SilenceClock,
) -> Result<Page<Run>, StoreError> {
    let agents = agents::ever(db, workspace).await?;
    let mut find = run::Entity::find().filter(run::Column::WorkspaceId.eq(workspace.0));
    if let Some(agent) = query.agent {
        find = find.filter(run::Column::AgentId.eq(agent.0));
    }
    if let Some(q) = query.q {
        let lower = q.to_lowercase();
        let told: Vec<Uuid> = agents
            .iter()
            .filter(|agent| agent.tells(&lower))
            .map(|agent| agent.id.0)
            .collect();
        find = find.filter(
            Condition::any()
                .add(run::Column::AgentId.is_in(told))
                .add(run::Column::Id.in_subquery(runs_that_visited(workspace, q))),
        );
    }
    if let Some(state) = query.state {
        find = find.filter(in_state(state, &agents, clock));
    }
    if query.trouble {
        let lost = in_state(RunState::Lost, &agents, clock);
        let trouble = Condition::any()
            .add(run::Column::FailedCount.gt(0))
            .add(run::Column::SkippedCount.gt(0));
        find = find.filter(trouble.add(lost));
    }
    if let Some((started_at_ms, id)) = read_cursor::<(i64, Uuid)>(query.cursor)? {
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
        .limit(query.limit + 1)
        .all(db)
        .await?;
    let page = Page::cut(rows, query.limit, |row| (row.started_at_ms, row.id));
    Ok(page.map(|row| from_row(row, &agents, clock)))
}

/// The runs that visited the host of that name.
fn runs_that_visited(workspace: WorkspaceId, name: &str) -> SelectStatement {
    let hosts = Query::select()
        .column(host::Column::Id)
        .from(host::Entity)
        .and_where(Expr::col(host::Column::WorkspaceId).eq(workspace.0))
        .and_where(same_text(Expr::col(host::Column::Name), name))
        .to_owned();
    Query::select()
        .column(visit::Column::RunId)
        .from(visit::Entity)
        .and_where(Expr::col(visit::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(visit::Column::HostId).in_subquery(hosts))
        .to_owned()
}

/// What [`from_row`] says of a row, as a condition.
fn in_state(state: RunState, agents: &[Agent], clock: SilenceClock) -> Condition {
    let silent: Vec<Uuid> = agents
        .iter()
        .filter(|agent| is_silent(agent, clock))
        .map(|agent| agent.id.0)
        .collect();
    let open = Condition::all().add(run::Column::FinishedAtMs.is_null());
    match state {
        RunState::Finished => Condition::all().add(run::Column::FinishedAtMs.is_not_null()),
        RunState::Running => open
            .add(run::Column::LostAtMs.is_null())
            .add(run::Column::AgentId.is_not_in(silent)),
        RunState::Lost => open.add(
            Condition::any()
                .add(run::Column::LostAtMs.is_not_null())
                .add(run::Column::AgentId.is_in(silent)),
        ),
    }
}

// Whoever begins a run has spoken, so an agent of a run that was never heard is none.
fn is_silent(agent: &Agent, clock: SilenceClock) -> bool {
    agent.state(clock) == AgentState::Silent
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
    let agents = agents::ever(db, workspace).await?;
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
    let select = Query::select()
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

fn from_row(row: run::Model, agents: &[Agent], clock: SilenceClock) -> Run {
    let agent = agents.iter().find(|agent| agent.id.0 == row.agent_id);
    let state = if row.finished_at_ms.is_some() {
        RunState::Finished
    } else if row.lost_at_ms.is_some() || agent.is_some_and(|agent| is_silent(agent, clock)) {
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
