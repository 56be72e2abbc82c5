//! Agents, known by name; each one a Patch server. Whether one is silent is a question of the clock.

use luumen_model::{AgentId, PrivilegeTier, Timestamp, WorkspaceId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Condition, Expr, OnConflict},
};

use crate::{StoreError, Thing, codec, entity::agent, ids::new_id};

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    pub id: AgentId,
    pub name: String,
    /// Host name of its Patch server, as it says.
    pub hostname: Option<String>,
    pub version: Option<String>,
    pub tier: Option<PrivilegeTier>,
    pub created_at: Timestamp,
    pub last_seen_at: Option<Timestamp>,
}

/// What an agent says of itself.
#[derive(Clone, Debug, Default)]
pub struct AgentSays<'a> {
    pub name: &'a str,
    pub hostname: Option<&'a str>,
    pub version: Option<&'a str>,
    pub tier: Option<PrivilegeTier>,
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
    };
    let mut columns = vec![agent::Column::LastSeenAtMs];
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

/// Notes that an agent spoke; of a burst of reports only one writes.
pub(crate) async fn seen(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    agent: AgentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    agent::Entity::update_many()
        .col_expr(agent::Column::LastSeenAtMs, Expr::value(now.as_millis()))
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
    let rows = agent::Entity::find()
        .filter(agent::Column::WorkspaceId.eq(workspace.0))
        .order_by_asc(agent::Column::Name)
        .all(db)
        .await?;
    rows.into_iter().map(from_row).collect()
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
        created_at: Timestamp::from_millis(row.created_at_ms),
        last_seen_at: row.last_seen_at_ms.map(Timestamp::from_millis),
    })
}
