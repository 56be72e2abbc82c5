//! The first schema: access, fleet, content.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{Alias, ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement},
};

pub(super) struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m20261122_000001_first"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in access().into_iter().chain(fleet()).chain(content()) {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// A table, its columns, and how many of the first ones are its key.
pub(super) fn table(name: &str, key: usize, columns: Vec<ColumnDef>) -> TableCreateStatement {
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

pub(super) fn column(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
}

pub(super) fn id(name: &str) -> ColumnDef {
    column(name).uuid().not_null().take()
}

pub(super) fn id_or_null(name: &str) -> ColumnDef {
    column(name).uuid().null().take()
}

pub(super) fn text(name: &str) -> ColumnDef {
    column(name).text().not_null().take()
}

pub(super) fn text_or_null(name: &str) -> ColumnDef {
    column(name).text().null().take()
}

pub(super) fn int(name: &str) -> ColumnDef {
    column(name).big_integer().not_null().take()
}

pub(super) fn int_or_null(name: &str) -> ColumnDef {
    column(name).big_integer().null().take()
}

pub(super) fn bytes(name: &str) -> ColumnDef {
    column(name).blob().not_null().take()
}

pub(super) fn bytes_or_null(name: &str) -> ColumnDef {
    column(name).blob().null().take()
}

pub(super) fn flag(name: &str) -> ColumnDef {
    column(name).boolean().not_null().take()
}

pub(super) fn flag_or_null(name: &str) -> ColumnDef {
    column(name).boolean().null().take()
}

fn access() -> Vec<TableCreateStatement> {
    vec![
        table(
            "workspace",
            1,
            vec![
                id("id"),
                text("name"),
                int("created_at_ms"),
                int("interval_s"),
                int("polling_s"),
                text_or_null("default_credential"),
                text_or_null("default_username"),
                int("silence_grace_s"),
                int("retention_days"),
                int("last_content_id"),
            ],
        ),
        table(
            "person",
            1,
            vec![
                id("id"),
                text("email"),
                text("name"),
                text_or_null("password_hash"),
                int("created_at_ms"),
            ],
        ),
        table(
            "membership",
            2,
            vec![
                id("workspace_id"),
                id("person_id"),
                text("role"),
                int("created_at_ms"),
            ],
        ),
        table(
            "one_time_link",
            1,
            vec![
                bytes("token_hash"),
                text("purpose"),
                id_or_null("person_id"),
                int("created_at_ms"),
                int("expires_at_ms"),
                int_or_null("used_at_ms"),
            ],
        ),
        table(
            "session",
            1,
            vec![
                bytes("token_hash"),
                id("person_id"),
                id("workspace_id"),
                int("created_at_ms"),
                int("expires_at_ms"),
                int("last_seen_at_ms"),
                flag("via_link"),
            ],
        ),
        table(
            "sign_in_failure",
            2,
            vec![bytes("subject_hash"), id("id"), int("at_ms")],
        ),
        table(
            "api_key",
            2,
            vec![
                id("workspace_id"),
                id("id"),
                text("name"),
                text("scope"),
                text("prefix"),
                bytes("token_hash"),
                bytes_or_null("previous_hash"),
                int_or_null("previous_valid_until_ms"),
                int("created_at_ms"),
                int_or_null("expires_at_ms"),
                int_or_null("last_used_at_ms"),
                int_or_null("revoked_at_ms"),
            ],
        ),
    ]
}

fn fleet() -> Vec<TableCreateStatement> {
    vec![
        table(
            "agent",
            2,
            vec![
                id("workspace_id"),
                id("id"),
                text("name"),
                text_or_null("hostname"),
                text_or_null("version"),
                text_or_null("tier"),
                int("created_at_ms"),
                int_or_null("last_seen_at_ms"),
            ],
        ),
        table(
            "run",
            2,
            vec![
                id("workspace_id"),
                id("id"),
                id("agent_id"),
                int("started_at_ms"),
                int_or_null("finished_at_ms"),
                int_or_null("lost_at_ms"),
                int("host_count"),
                int("complete_count"),
                int("partial_count"),
                int("failed_count"),
                int("skipped_count"),
            ],
        ),
        table(
            "visit",
            3,
            vec![
                id("workspace_id"),
                id("run_id"),
                id("host_id"),
                text("outcome"),
                int("visited_at_ms"),
                int("received_at_ms"),
                int("duration_ms"),
                text_or_null("error"),
                id_or_null("snapshot_id"),
                int_or_null("section_set_id"),
                int_or_null("package_count"),
                text_or_null("changed_sections"),
                bytes_or_null("detail"),
            ],
        ),
        host(),
        table(
            "host_tag",
            3,
            vec![id("workspace_id"), id("host_id"), text("tag")],
        ),
        table(
            "host_section",
            3,
            vec![
                id("workspace_id"),
                id("host_id"),
                text("kind"),
                text("status"),
                flag("complete"),
                int_or_null("section_blob_id"),
                int_or_null("facts_blob_id"),
                int_or_null("facts_at_ms"),
            ],
        ),
    ]
}

fn host() -> TableCreateStatement {
    table(
        "host",
        2,
        vec![
            id("workspace_id"),
            id("id"),
            text("name"),
            text("address"),
            int("port"),
            text_or_null("username"),
            text_or_null("credential"),
            text_or_null("notes"),
            flag("enabled"),
            int("created_at_ms"),
            int("updated_at_ms"),
            text_or_null("os_id"),
            text_or_null("os_name"),
            text_or_null("os_version"),
            text_or_null("arch"),
            text_or_null("kernel"),
            int_or_null("package_count"),
            flag_or_null("reboot_required"),
            id_or_null("snapshot_id"),
            int_or_null("snapshot_at_ms"),
            int_or_null("section_set_id"),
            int_or_null("package_set_id"),
            flag("packages_complete"),
            int_or_null("packages_changed_at_ms"),
            text_or_null("incomplete_sections"),
            int_or_null("last_visit_at_ms"),
            text_or_null("last_outcome"),
            text_or_null("last_error"),
        ],
    )
}

fn content() -> Vec<TableCreateStatement> {
    vec![
        table(
            "section_blob",
            2,
            vec![
                id("workspace_id"),
                int("id"),
                bytes("hash"),
                text("kind"),
                bytes("data"),
                int("raw_size_bytes"),
                int_or_null("package_set_id"),
            ],
        ),
        table(
            "section_set",
            2,
            vec![id("workspace_id"), int("id"), bytes("hash"), bytes("items")],
        ),
        table(
            "property_path",
            2,
            vec![id("workspace_id"), int("id"), text("kind"), text("path")],
        ),
        table(
            "section_property",
            4,
            vec![
                id("workspace_id"),
                int("path_id"),
                int("section_blob_id"),
                int("ordinal"),
                text_or_null("text"),
                column("number").double().null().take(),
                flag_or_null("flag"),
            ],
        ),
        table(
            "package_version",
            2,
            vec![
                id("workspace_id"),
                int("id"),
                bytes("hash"),
                text("manager"),
                text("name"),
                text("version"),
                text_or_null("arch"),
                text_or_null("source"),
                text_or_null("source_version"),
                text_or_null("rest"),
            ],
        ),
        table(
            "package_set",
            2,
            vec![
                id("workspace_id"),
                int("id"),
                bytes("hash"),
                bytes("members"),
                int("member_count"),
            ],
        ),
        table(
            "package_set_member",
            3,
            vec![
                id("workspace_id"),
                int("package_version_id"),
                int("package_set_id"),
            ],
        ),
    ]
}

/// Unique where the columns say who a row is, plain where they say how it is looked for.
fn indexes() -> Vec<IndexCreateStatement> {
    const UNIQUE: [(&str, &[&str]); 11] = [
        ("person", &["email"]),
        ("api_key", &["token_hash"]),
        ("agent", &["workspace_id", "name"]),
        ("visit", &["workspace_id", "host_id", "snapshot_id"]),
        ("host", &["workspace_id", "name"]),
        ("section_blob", &["workspace_id", "hash", "kind"]),
        ("section_set", &["workspace_id", "hash"]),
        ("property_path", &["workspace_id", "path"]),
        ("package_version", &["workspace_id", "hash"]),
        ("package_set", &["workspace_id", "hash"]),
        ("host_tag", &["workspace_id", "tag", "host_id"]),
    ];
    const PLAIN: [(&str, &[&str]); 12] = [
        ("membership", &["person_id"]),
        ("one_time_link", &["expires_at_ms"]),
        ("session", &["person_id"]),
        ("session", &["expires_at_ms"]),
        ("sign_in_failure", &["at_ms"]),
        ("api_key", &["previous_hash"]),
        ("run", &["workspace_id", "started_at_ms"]),
        ("host", &["workspace_id", "package_set_id"]),
        ("host_section", &["workspace_id", "section_blob_id", "host_id"]),
        ("section_property", &["workspace_id", "section_blob_id"]),
        ("package_version", &["workspace_id", "name"]),
        ("package_version", &["workspace_id", "source"]),
    ];
    let all = UNIQUE
        .iter()
        .map(|(table, columns)| index(table, columns, true))
        .chain(PLAIN.iter().map(|(table, columns)| index(table, columns, false)));
    all.collect()
}

pub(super) fn index(table: &str, columns: &[&str], unique: bool) -> IndexCreateStatement {
    let own: Vec<&str> = columns
        .iter()
        .copied()
        .filter(|name| *name != "workspace_id")
        .collect();
    let mut index = Index::create();
    index
        .name(format!("{table}_by_{}", own.join("_")))
        .table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    if unique {
        index.unique();
    }
    index.take()
}
