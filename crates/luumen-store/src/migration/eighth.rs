//! A key knows when its newest secret was first used, so that a second rotation ends none that is in use.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{Alias, Expr, Query, Table},
};

use super::first::int_or_null;

pub(super) struct Eighth;

impl MigrationName for Eighth {
    fn name(&self) -> &'static str {
        "m20261201_000008_used_secrets"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Eighth {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let added = Table::alter()
            .table(Alias::new("api_key"))
            .add_column(int_or_null("secret_used_at_ms"))
            .to_owned();
        manager.alter_table(added).await?;
        // Which secret of a key was used is not known, so it is taken to be the newest: nothing that is in use ends by that.
        let used = Query::update()
            .table(Alias::new("api_key"))
            .value(
                Alias::new("secret_used_at_ms"),
                Expr::col(Alias::new("last_used_at_ms")),
            )
            .to_owned();
        manager.exec_stmt(used).await
    }
}
