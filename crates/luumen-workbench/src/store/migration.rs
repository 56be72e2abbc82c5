//! The schema's history. A step that shipped is never edited; a new one is added behind it.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_query::{Alias, ColumnDef, Index, Table, TableCreateStatement},
};

pub(super) struct Migrator;

impl Migrator {
    /// Names of the steps that this program knows.
    pub(super) fn names() -> Vec<String> {
        Self::migrations()
            .iter()
            .map(|step| step.name().to_owned())
            .collect()
    }
}

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(First), Box::new(Second)]
    }
}

/// Records and settings.
struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m20261124_000001_records"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let record = table(
            "record",
            2,
            vec![text("kind"), id("id"), text("document"), int("changed_at_ms")],
        );
        let setting = table(
            "setting",
            1,
            vec![text("name"), text("document"), int("changed_at_ms")],
        );
        manager.create_table(record).await?;
        manager.create_table(setting).await
    }
}

/// Kept scans.
struct Second;

impl MigrationName for Second {
    fn name(&self) -> &'static str {
        "m20261124_000002_scans"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Second {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let scan = table(
            "scan",
            1,
            vec![
                id("id"),
                column("host_id").uuid().null().take(),
                text("target"),
                text("state"),
                int("started_at_ms"),
                column("ended_at_ms").big_integer().null().take(),
                text("summary"),
                column("document").blob().not_null().take(),
            ],
        );
        manager.create_table(scan).await?;
        let of_host = Index::create()
            .name("scan_host_started")
            .table(Alias::new("scan"))
            .col(Alias::new("host_id"))
            .col(Alias::new("started_at_ms"))
            .take();
        manager.create_index(of_host).await
    }
}

/// A table, its columns, and how many of the first ones are its key.
fn table(name: &str, key: usize, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut primary = Index::create();
    for column in columns.iter().take(key) {
        primary.col(Alias::new(column.get_column_name().to_string()));
    }
    let mut table = Table::create();
    table.table(Alias::new(name)).primary_key(&mut primary);
    for column in columns {
        table.col(column);
    }
    table
}

fn column(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
}

fn id(name: &str) -> ColumnDef {
    column(name).uuid().not_null().take()
}

fn text(name: &str) -> ColumnDef {
    column(name).text().not_null().take()
}

fn int(name: &str) -> ColumnDef {
    column(name).big_integer().not_null().take()
}
