//! Agents, known by name; each one a Patch server. Whether one is silent is a question of the clock.

use luumen_model::{AgentId, PrivilegeTier, Timestamp, WorkspaceId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select,
    sea_query::{Condition, Expr, OnConflict},
};

use crate::{
    StoreError, Thing, codec,
    entity::{agent, host},
    hosts,
    ids::new_id,
    runs::SilenceClock,
};

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    pub id: AgentId,
    pub name: String,
    /// Host name of its Patch server, as it says.
    pub hostname: Option<String>,
    pub version: Option<String>,
    pub tier: Option<PrivilegeTier>,
    /// Between two of its polls, where its own configuration says it.
    pub polling_s: Option<i64>,
    pub created_at: Timestamp,
    pub last_seen_at: Option<Timestamp>,
}

impl Agent {
    /// How it does at the moment of the clock.
    pub fn state(&self, clock: SilenceClock) -> AgentState {
        match self.silent_at(clock) {
            None => AgentState::NeverSeen,
            Some(at) if at <= clock.now => AgentState::Silent,
            Some(_) => AgentState::Ok,
        }
    }

    /// When it counts as silent, unless it speaks before.
    pub fn silent_at(&self, clock: SilenceClock) -> Option<Timestamp> {
        let after_ms = clock.silent_after_ms(self.polling_s);
        self.last_seen_at.map(|at| at.plus_millis(after_ms))
    }

    /// Whether its name, its Patch server or its version holds a text, without regard to case.
    pub(crate) fn tells(&self, lower: &str) -> bool {
        let told = [Some(&self.name), self.hostname.as_ref(), self.version.as_ref()];
        told.into_iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(lower))
    }
}

/// How an agent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentState {
    Ok,
    /// Three polls and the grace time went by without a word.
    Silent,
    NeverSeen,
}

/// What became of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    Done,
    /// It is not silent, so it stays.
    Speaks {
        last_seen_at: Timestamp,
    },
}

/// Which agents.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgentFilter<'a> {
    /// Part of the name, of the Patch server's host name or of the version.
    pub q: Option<&'a str>,
    pub state: Option<AgentState>,
}

/// What an agent says of itself.
#[derive(Clone, Debug, Default)]
pub struct AgentSays<'a> {
    pub name: &'a str,
    pub hostname: Option<&'a str>,
    pub version: Option<&'a str>,
    pub tier: Option<PrivilegeTier>,
}

/// What an agent's own configuration says of its times; absent, the workspace's hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnTimes {
    /// Its hosts are stale by this one.
    pub interval_s: Option<i64>,
    /// It is silent by this one.
    pub polling_s: Option<i64>,
}

/// Notes that an agent spoke, and makes it when it is new.
pub async fn touch(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    says: &AgentSays<'_>,
    now: Timestamp,
) -> Result<AgentId, StoreError> {
    let row = agent::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(new_id(now)),
        name: Set(says.name.to_owned()),
        hostname: Set(says.hostname.map(str::to_owned)),
        version: Set(says.version.map(str::to_owned)),
        tier: Set(says.tier.map(|tier| codec::word(&tier))),
        created_at_ms: Set(now.as_millis()),
        last_seen_at_ms: Set(Some(now.as_millis())),
        interval_s: Set(None),
        polling_s: Set(None),
        removed_at_ms: Set(None),
    };
    let mut columns = vec![agent::Column::LastSeenAtMs, agent::Column::RemovedAtMs];
    columns.extend(says.hostname.map(|_| agent::Column::Hostname));
    columns.extend(says.version.map(|_| agent::Column::Version));
    columns.extend(says.tier.map(|_| agent::Column::Tier));
    let known = OnConflict::columns([agent::Column::WorkspaceId, agent::Column::Name])
        .update_columns(columns)
        .to_owned();
    agent::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(db)
        .await?;
    let row = agent::Entity::find()
        .filter(agent::Column::WorkspaceId.eq(workspace.0))
        .filter(agent::Column::Name.eq(says.name))
        .one(db)
        .await?;
    row.map(|row| AgentId(row.id))
        .ok_or(StoreError::NotFound(Thing::Agent))
}

/// Notes a heartbeat, with the times that the agent's own configuration says, if any.
pub async fn beat(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    says: &AgentSays<'_>,
    own: OwnTimes,
    now: Timestamp,
) -> Result<AgentId, StoreError> {
    let known = agent::Entity::find()
        .filter(agent::Column::WorkspaceId.eq(workspace.0))
        .filter(agent::Column::Name.eq(says.name))
        .one(db)
        .await?;
    let before = known.as_ref().map_or(OwnTimes::default(), |row| OwnTimes {
        interval_s: row.interval_s,
        polling_s: row.polling_s,
    });
    // Hosts before the agent, as a report takes them: nobody waits for the other.
    if let Some(row) = known.filter(|_| before.interval_s != own.interval_s) {
        host::Entity::update_many()
            .col_expr(
                host::Column::StaleAfterMs,
                Expr::value(own.interval_s.map(hosts::stale_after_ms)),
            )
            .filter(host::Column::WorkspaceId.eq(workspace.0))
            .filter(host::Column::AgentId.eq(row.id))
            .exec(db)
            .await?;
    }
    let id = touch(db, workspace, says, now).await?;
    if before != own {
        agent::Entity::update_many()
            .col_expr(agent::Column::IntervalS, Expr::value(own.interval_s))
            .col_expr(agent::Column::PollingS, Expr::value(own.polling_s))
            .filter(agent::Column::WorkspaceId.eq(workspace.0))
            .filter(agent::Column::Id.eq(id.0))
            .exec(db)
            .await?;
    }
    Ok(id)
}

/// How old a snapshot of an agent's host may become, where the agent has an interval of its own.
pub(crate) async fn stale_after_ms(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: AgentId,
) -> Result<Option<i64>, StoreError> {
    let row = agent::Entity::find_by_id((workspace.0, id.0)).one(db).await?;
    Ok(row.and_then(|row| row.interval_s).map(hosts::stale_after_ms))
}

/// Notes that an agent spoke; of a burst of reports only one writes.
pub(crate) async fn seen(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    agent: AgentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    agent::Entity::update_many()
        .col_expr(agent::Column::LastSeenAtMs, Expr::value(now.as_millis()))
        .col_expr(agent::Column::RemovedAtMs, Expr::value(Option::<i64>::None))
        .filter(agent::Column::WorkspaceId.eq(workspace.0))
        .filter(agent::Column::Id.eq(agent.0))
        .filter(
            Condition::any()
                .add(agent::Column::LastSeenAtMs.is_null())
                .add(agent::Column::LastSeenAtMs.lt(now.plus_millis(-5_000).as_millis())),
        )
        .exec(db)
        .await?;
    Ok(())
}

/// All agents, by name.
pub async fn list(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Vec<Agent>, StoreError> {
    let rows = of_workspace(workspace)
        .filter(agent::Column::RemovedAtMs.is_null())
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// All agents that there ever were, by name: those that were removed have runs still.
pub(crate) async fn ever(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
) -> Result<Vec<Agent>, StoreError> {
    let rows = of_workspace(workspace).all(db).await?;
    rows.into_iter().map(from_row).collect()
}

fn of_workspace(workspace: WorkspaceId) -> Select<agent::Entity> {
    agent::Entity::find()
        .filter(agent::Column::WorkspaceId.eq(workspace.0))
        .order_by_asc(agent::Column::Name)
}

/// The agents that a filter lets through, by name. There are few, and their states are a question of the
/// clock, so they are chosen here and not by the database.
pub async fn found(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    filter: AgentFilter<'_>,
    clock: SilenceClock,
) -> Result<Vec<Agent>, StoreError> {
    let lower = filter.q.map(str::to_lowercase);
    let mut agents = list(db, workspace).await?;
    agents.retain(|agent| {
        lower.as_deref().is_none_or(|lower| agent.tells(lower))
            && filter.state.is_none_or(|state| agent.state(clock) == state)
    });
    Ok(agents)
}

/// Takes an agent that is silent from the list. It is there again as soon as it speaks. Call it in a transaction.
pub async fn remove(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: AgentId,
    clock: SilenceClock,
) -> Result<Removal, StoreError> {
    let known = agent::Entity::find_by_id((workspace.0, id.0))
        .filter(agent::Column::RemovedAtMs.is_null())
        .one(db)
        .await?;
    let known = known.ok_or(StoreError::NotFound(Thing::Agent))?;
    let known = from_row(known)?;
    if let (AgentState::Ok, Some(last_seen_at)) = (known.state(clock), known.last_seen_at) {
        return Ok(Removal::Speaks { last_seen_at });
    }
    // Nobody visits its hosts by its interval any more. Hosts before the agent, as a report takes them.
    host::Entity::update_many()
        .col_expr(host::Column::AgentId, Expr::value(Option::<uuid::Uuid>::None))
        .col_expr(host::Column::StaleAfterMs, Expr::value(Option::<i64>::None))
        .filter(host::Column::WorkspaceId.eq(workspace.0))
        .filter(host::Column::AgentId.eq(id.0))
        .exec(db)
        .await?;
    agent::Entity::update_many()
        .col_expr(agent::Column::RemovedAtMs, Expr::value(clock.now.as_millis()))
        .col_expr(agent::Column::IntervalS, Expr::value(Option::<i64>::None))
        .col_expr(agent::Column::PollingS, Expr::value(Option::<i64>::None))
        .filter(agent::Column::WorkspaceId.eq(workspace.0))
        .filter(agent::Column::Id.eq(id.0))
        .exec(db)
        .await?;
    Ok(Removal::Done)
}

/// One agent.
pub async fn get(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: AgentId,
) -> Result<Agent, StoreError> {
    let row = agent::Entity::find_by_id((workspace.0, id.0)).one(db).await?;
    row.map_or(Err(StoreError::NotFound(Thing::Agent)), from_row)
}

/// Makes an agent that has not spoken yet, so that its silence shows.
pub async fn expect(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    name: &str,
    now: Timestamp,
) -> Result<Agent, StoreError> {
    let row = agent::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(new_id(now)),
        name: Set(name.to_owned()),
        created_at_ms: Set(now.as_millis()),
        ..Default::default()
    };
    let conflict = StoreError::conflict_on(crate::Field::Name);
    from_row(row.insert(db).await.map_err(conflict)?)
}

fn from_row(row: agent::Model) -> Result<Agent, StoreError> {
    Ok(Agent {
        id: AgentId(row.id),
        name: row.name,
        hostname: row.hostname,
        version: row.version,
        tier: row.tier.as_deref().map(codec::tier).transpose()?,
        polling_s: row.polling_s,
        created_at: Timestamp::from_millis(row.created_at_ms),
        last_seen_at: row.last_seen_at_ms.map(Timestamp::from_millis),
    })
}
