//! Hosts are judged by what no package manager keeps, too, and have information beside their findings.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{Alias, ColumnDef, Table},
};

use super::first::{bytes_or_null, int_or_null};

pub(super) struct Third;

impl MigrationName for Third {
    fn name(&self) -> &'static str {
        "m20261124_000003_applications"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Third {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for column in [int_or_null("applications_blob_id"), bytes_or_null("information")] {
            manager.alter_table(add(column)).await?;
        }
        Ok(())
    }
}

fn add(column: ColumnDef) -> sea_orm_migration::sea_query::TableAlterStatement {
    Table::alter()
        .table(Alias::new("host_class"))
        .add_column(column)
        .to_owned()
}
