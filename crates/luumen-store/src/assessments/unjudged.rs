//! Marks of hosts whose facts may not be the ones that they were judged by. Whoever changes such facts leaves a mark in the same
//! transaction; whoever judges takes away those that it read. A host may have several, and one that came later stays.

use luumen_model::{HostId, SectionKind, WorkspaceId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Query, SelectStatement},
};
use uuid::Uuid;

use crate::{StoreError, entity::unjudged_host};

/// Marks in one statement.
const CHUNK: usize = 5000;

/// The sections by which hosts are judged: what [`super::HostInput`] is made of.
pub(crate) const JUDGED_BY: [SectionKind; 5] = [
    SectionKind::Os,
    SectionKind::Kernel,
    SectionKind::Packages,
    SectionKind::PythonPackages,
    SectionKind::Applications,
];

/// Which hosts are compared with what they were judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Every one, changed or not.
    All,
    /// Those with a mark.
    Marked,
}

/// Marks that were there at one moment. Read them before the hosts: what changes in between leaves another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(Vec<Uuid>);

impl Marks {
    /// True when no host has one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Leaves a mark: the host's facts changed, or the host is gone.
pub(crate) async fn mark(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    host: HostId,
) -> Result<(), StoreError> {
    let row = unjudged_host::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(Uuid::new_v4()),
        host_id: Set(host.0),
    };
    unjudged_host::Entity::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The marks as they are now.
pub async fn marks(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Marks, StoreError> {
    let ids = unjudged_host::Entity::find()
        .select_only()
        .column(unjudged_host::Column::Id)
        .filter(unjudged_host::Column::WorkspaceId.eq(workspace.0))
        .into_tuple()
        .all(db)
        .await?;
    Ok(Marks(ids))
}

/// Takes marks away: their hosts were judged, or are as they were judged.
pub async fn remove_marks(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    marks: &Marks,
) -> Result<(), StoreError> {
    for chunk in marks.0.chunks(CHUNK) {
        unjudged_host::Entity::delete_many()
            .filter(unjudged_host::Column::WorkspaceId.eq(workspace.0))
            .filter(unjudged_host::Column::Id.is_in(chunk.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Ids of hosts with a mark, for another query.
pub(super) fn marked(workspace: WorkspaceId) -> SelectStatement {
    Query::select()
        .column(unjudged_host::Column::HostId)
        .from(unjudged_host::Entity)
        .and_where(unjudged_host::Column::WorkspaceId.eq(workspace.0))
        .to_owned()
}
