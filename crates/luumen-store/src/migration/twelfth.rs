//! A host whose running kernel is none of its packages any more says so itself: verdicts do not guess it from a section's status.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{Alias, Table},
};

use super::first::flag_or_null;

pub(super) struct Twelfth;

impl MigrationName for Twelfth {
    fn name(&self) -> &'static str {
        "m20261201_000012_replaced_kernels"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Twelfth {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let added = Table::alter()
            .table(Alias::new("host"))
            .add_column(flag_or_null("kernel_replaced"))
            .to_owned();
        manager.alter_table(added).await
    }
}
