//! An agent that asks by a time of its own is silent by that one.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{Alias, Table},
};

use super::first::int_or_null;

pub(super) struct Eleventh;

impl MigrationName for Eleventh {
    fn name(&self) -> &'static str {
        "m20261201_000011_own_polling"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Eleventh {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let added = Table::alter()
            .table(Alias::new("agent"))
            .add_column(int_or_null("polling_s"))
            .to_owned();
        manager.alter_table(added).await
    }
}
