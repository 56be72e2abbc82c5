//! An agent that is silent for good can be taken from the list; the names of its runs stay.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{Alias, Table},
};

use super::first::int_or_null;

pub(super) struct Ninth;

impl MigrationName for Ninth {
    fn name(&self) -> &'static str {
        "m20261201_000009_removed_agents"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Ninth {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let added = Table::alter()
            .table(Alias::new("agent"))
            .add_column(int_or_null("removed_at_ms"))
            .to_owned();
        manager.alter_table(added).await
    }
}
