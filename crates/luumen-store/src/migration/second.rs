//! Vulnerabilities: findings as host sets, what hosts were judged by, exceptions, feeds and jobs.

use sea_orm_migration::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_query::{ColumnDef, TableCreateStatement},
};

use super::first::{
    bytes, bytes_or_null, column, flag, flag_or_null, id, id_or_null, index, int, int_or_null, table, text,
    text_or_null,
};

pub(super) struct Second;

impl MigrationName for Second {
    fn name(&self) -> &'static str {
        "m20261124_000002_findings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Second {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in judged().into_iter().chain(findings()).chain(people_and_work()) {
            manager.create_table(table).await?;
        }
        for (table, columns) in UNIQUE {
            manager.create_index(index(table, columns, true)).await?;
        }
        for (table, columns) in PLAIN {
            manager.create_index(index(table, columns, false)).await?;
        }
        Ok(())
    }
}

const UNIQUE: [(&str, &[&str]); 3] = [
    ("finding", &["workspace_id", "vulnerability", "package"]),
    ("assessed_host", &["workspace_id", "number"]),
    ("job", &["waiting_key"]),
];

const PLAIN: [(&str, &[&str]); 7] = [
    ("host_class", &["workspace_id", "package_set_id"]),
    ("assessed_host", &["workspace_id", "class_id"]),
    ("finding", &["workspace_id", "package"]),
    ("finding", &["workspace_id", "priority"]),
    ("finding_event", &["workspace_id", "finding_id"]),
    ("finding_exception", &["workspace_id", "expires_at_ms"]),
    ("job", &["state", "run_after_ms"]),
];

fn real_or_null(name: &str) -> ColumnDef {
    column(name).double().null().take()
}

/// What hosts were judged by.
fn judged() -> Vec<TableCreateStatement> {
    vec![
        table(
            "assessment",
            1,
            vec![
                id("workspace_id"),
                int("generation"),
                int_or_null("assessed_at_ms"),
                text_or_null("catalogue"),
                int_or_null("catalogue_at_ms"),
                int("last_number"),
                int("last_class_id"),
                int("last_finding_id"),
                bytes_or_null("said"),
            ],
        ),
        table(
            "host_class",
            2,
            vec![
                id("workspace_id"),
                int("id"),
                text_or_null("platform"),
                int_or_null("package_set_id"),
                text_or_null("kernel"),
                int_or_null("python_blob_id"),
                bytes("findings"),
            ],
        ),
        table(
            "assessed_host",
            2,
            vec![
                id("workspace_id"),
                id("host_id"),
                int("number"),
                int_or_null("class_id"),
                text("input"),
                text_or_null("platform"),
                text_or_null("not_evaluated"),
                bytes_or_null("kept"),
                int("assessed_at_ms"),
            ],
        ),
    ]
}

fn findings() -> Vec<TableCreateStatement> {
    vec![
        finding(),
        table(
            "finding_host_set",
            2,
            vec![
                id("workspace_id"),
                int("finding_id"),
                bytes("variants"),
                bytes("groups"),
            ],
        ),
        table(
            "finding_event",
            2,
            vec![
                id("workspace_id"),
                id("id"),
                int("finding_id"),
                int("at_ms"),
                text("kind"),
                int("host_count"),
                bytes("hosts"),
            ],
        ),
        table(
            "finding_day",
            3,
            vec![
                id("workspace_id"),
                int("day"),
                int("severity"),
                int("finding_count"),
                int("on_host_count"),
                int("opened_count"),
                int("fixed_count"),
            ],
        ),
    ]
}

fn finding() -> TableCreateStatement {
    table(
        "finding",
        2,
        vec![
            id("workspace_id"),
            int("id"),
            text("vulnerability"),
            text("package"),
            text_or_null("title"),
            int("severity"),
            real_or_null("score"),
            text_or_null("score_version"),
            int_or_null("kev_added_at_ms"),
            flag("ransomware"),
            real_or_null("epss"),
            int("priority"),
            int("fix"),
            text("verdict"),
            flag_or_null("running_kernel"),
            flag("end_of_life"),
            int("open_host_count"),
            int("not_evaluable_host_count"),
            int("resolved_host_count"),
            int("excepted_host_count"),
            int_or_null("excepted_until_ms"),
            int("first_opened_at_ms"),
            int("last_opened_at_ms"),
            int_or_null("resolved_at_ms"),
        ],
    )
}

/// What people decide, what feeds give, and what is to be done.
fn people_and_work() -> Vec<TableCreateStatement> {
    vec![
        table(
            "finding_exception",
            2,
            vec![
                id("workspace_id"),
                id("id"),
                text("kind"),
                text_or_null("vulnerability"),
                text_or_null("package"),
                text_or_null("tag"),
                id_or_null("host_id"),
                text("reason"),
                text_or_null("owner"),
                text_or_null("ticket"),
                int_or_null("expires_at_ms"),
                int("created_at_ms"),
                text_or_null("created_by"),
                int("updated_at_ms"),
            ],
        ),
        table(
            "feed",
            1,
            vec![
                text("id"),
                text("title"),
                text("licence"),
                text_or_null("notice"),
                int_or_null("last_attempt_at_ms"),
                int_or_null("last_success_at_ms"),
                int_or_null("fetched_at_ms"),
                int_or_null("stale_after_ms"),
                text_or_null("last_error"),
                int("document_count"),
                int("broken_document_count"),
                int("problem_count"),
                flag("sample"),
            ],
        ),
        table(
            "job",
            2,
            vec![
                id("workspace_id"),
                id("id"),
                text("kind"),
                text_or_null("payload"),
                text("state"),
                text_or_null("waiting_key"),
                int("run_after_ms"),
                int("attempts"),
                id_or_null("claimed_by"),
                int_or_null("lease_until_ms"),
                int("created_at_ms"),
                int_or_null("started_at_ms"),
                int_or_null("finished_at_ms"),
                text_or_null("progress"),
                text_or_null("error"),
            ],
        ),
    ]
}
