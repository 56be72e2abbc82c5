//! What was seen, kept once per workspace however many hosts and visits saw it.
//!
//! Whoever brings new content holds the workspace's row until the transaction ends ([`Counter`]): ids are
//! dense, so that lists of them are small, and the same content is never written twice.

mod blobs;
mod detail;
mod package_list;
mod package_sets;
mod property_index;
mod section_sets;

pub(crate) use blobs::{insert_blobs, load_data, missing};
pub(crate) use detail::Detail;
pub(crate) use package_sets::package_of_row;
pub(crate) use section_sets::{SectionSet, StoredSection, find_set, insert_set, load_set, load_sets};

use luumen_model::WorkspaceId;
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Query},
};
use sha2::{Digest, Sha256};

use crate::{StoreError, Thing, entity::workspace};

/// Rows in one statement: well under what SQLite and PostgreSQL bind, whatever the table's width.
const ROWS_PER_STATEMENT: usize = 1000;

/// Gives ids to new content. INVARIANT: made only by taking the row lock of the workspace.
pub(crate) struct Counter {
    last: i64,
}

impl Counter {
    /// Waits for its turn.
    pub(crate) async fn take(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Self, StoreError> {
        let statement = Query::update()
            .table(workspace::Entity)
            .value(
                workspace::Column::LastContentId,
                Expr::col(workspace::Column::LastContentId),
            )
            .and_where(Expr::col(workspace::Column::Id).eq(workspace.0))
            .returning_col(workspace::Column::LastContentId)
            .to_owned();
        let row = db.query_one(&statement).await?;
        let row = row.ok_or(StoreError::NotFound(Thing::Workspace))?;
        Ok(Self {
            last: row.try_get("", "last_content_id")?,
        })
    }

    fn next(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    /// Writes down how far it came. An id is never given twice, even when its content is pruned.
    pub(crate) async fn put_back(
        self,
        db: &impl ConnectionTrait,
        workspace: WorkspaceId,
    ) -> Result<(), StoreError> {
        let statement = Query::update()
            .table(workspace::Entity)
            .value(workspace::Column::LastContentId, self.last)
            .and_where(Expr::col(workspace::Column::Id).eq(workspace.0))
            .to_owned();
        db.execute(&statement).await?;
        Ok(())
    }
}

/// Half a SHA-256: enough to tell one workspace's content apart, and half the index.
fn short_hash(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes)[..16].to_vec()
}
