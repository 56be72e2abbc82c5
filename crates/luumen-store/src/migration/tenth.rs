//! Old visits, and content that none refers to, are found without a look at all of the history.

use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

use super::first::index;

pub(super) struct Tenth;

impl MigrationName for Tenth {
    fn name(&self) -> &'static str {
        "m20261201_000010_old_visits"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tenth {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["visited_at_ms", "section_set_id"] {
            manager
                .create_index(index("visit", &["workspace_id", column], false))
                .await?;
        }
        Ok(())
    }
}
