//! What is open is kept by cell, not by class of hosts: one new advisory changes a few rows, however many classes have the package.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{Alias, Expr, Query, Table},
};

use super::first::{bytes, flag, id, index, int, int_or_null, table, text, text_or_null};

pub(super) struct Fourth;

impl MigrationName for Fourth {
    fn name(&self) -> &'static str {
        "m20261124_000004_cells"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Fourth {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Classes are made anew by the next assessment, which compares every host whole and so loses nothing. No release has the former table.
        let classes = Table::drop().table(Alias::new("host_class")).to_owned();
        manager.drop_table(classes).await?;
        let class = table(
            "host_class",
            2,
            vec![
                id("workspace_id"),
                int("id"),
                text_or_null("platform"),
                int_or_null("package_set_id"),
                text_or_null("kernel"),
                int_or_null("python_blob_id"),
                int_or_null("applications_blob_id"),
                bytes("cells"),
            ],
        );
        let cell = table(
            "judged_cell",
            2,
            vec![
                id("workspace_id"),
                int("id"),
                text("source"),
                int("mark"),
                bytes("findings"),
                flag("information"),
            ],
        );
        for created in [class, cell] {
            manager.create_table(created).await?;
        }
        for (table, columns) in [
            ("host_class", ["workspace_id", "package_set_id"]),
            ("judged_cell", ["workspace_id", "source"]),
        ] {
            manager.create_index(index(table, &columns, false)).await?;
        }
        let forgotten = Query::update()
            .table(Alias::new("assessed_host"))
            .value(Alias::new("class_id"), Expr::cust("NULL"))
            .value(Alias::new("input"), "")
            .to_owned();
        manager.exec_stmt(forgotten).await
    }
}
