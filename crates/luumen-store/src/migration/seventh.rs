//! An agent may have an interval of its own, and its hosts are stale by that one.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{Alias, ColumnDef, Table, TableAlterStatement},
};

use super::first::{id_or_null, index, int_or_null};

pub(super) struct Seventh;

impl MigrationName for Seventh {
    fn name(&self) -> &'static str {
        "m20261129_000007_agent_intervals"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Seventh {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for added in [
            add("agent", int_or_null("interval_s")),
            add("host", id_or_null("agent_id")),
            add("host", int_or_null("stale_after_ms")),
        ] {
            manager.alter_table(added).await?;
        }
        manager
            .create_index(index("host", &["workspace_id", "agent_id"], false))
            .await
    }
}

fn add(table: &str, column: ColumnDef) -> TableAlterStatement {
    Table::alter()
        .table(Alias::new(table))
        .add_column(column)
        .to_owned()
}
