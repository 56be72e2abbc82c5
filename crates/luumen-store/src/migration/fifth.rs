//! Hosts whose facts changed are written down, so that an assessment need not compare all of a fleet to find them.

use sea_orm::ConnectionTrait;
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

use super::first::{id, index, table};

pub(super) struct Fifth;

impl MigrationName for Fifth {
    fn name(&self) -> &'static str {
        "m20261128_000005_unjudged_hosts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Fifth {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let unjudged = table(
            "unjudged_host",
            2,
            vec![id("workspace_id"), id("id"), id("host_id")],
        );
        manager.create_table(unjudged).await?;
        manager
            .create_index(index("unjudged_host", &["workspace_id", "host_id"], false))
            .await?;
        // What changed before this table was there is not known, so all hosts are compared once, deleted ones too.
        let all = "INSERT INTO unjudged_host (workspace_id, id, host_id) \
            SELECT workspace_id, id, id FROM host UNION SELECT workspace_id, host_id, host_id FROM assessed_host";
        manager.get_connection().execute_unprepared(all).await?;
        Ok(())
    }
}
