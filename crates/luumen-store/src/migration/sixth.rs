//! People keep views of lists under names.

use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

use super::first::{id, index, int, table, text};

pub(super) struct Sixth;

impl MigrationName for Sixth {
    fn name(&self) -> &'static str {
        "m20261129_000006_saved_views"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sixth {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let view = table(
            "saved_view",
            2,
            vec![
                id("workspace_id"),
                id("id"),
                id("person_id"),
                text("page"),
                text("name"),
                text("search"),
                int("created_at_ms"),
                int("updated_at_ms"),
            ],
        );
        manager.create_table(view).await?;
        let who = ["workspace_id", "person_id", "page", "name"];
        manager.create_index(index("saved_view", &who, true)).await
    }
}
