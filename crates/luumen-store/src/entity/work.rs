//! What people decide, what feeds give, and what is to be done.

entity! {
    finding_exception = "finding_exception" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub vulnerability: Option<String>,
        pub package: Option<String>,
        pub tag: Option<String>,
        pub host_id: Option<Uuid>,
        pub reason: String,
        pub owner: Option<String>,
        pub ticket: Option<String>,
        pub expires_at_ms: Option<i64>,
        pub created_at_ms: i64,
        pub created_by: Option<String>,
        pub updated_at_ms: i64,
    }
}

entity! {
    /// A feed of the catalogue, which all workspaces share.
    feed = "feed" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub title: String,
        pub licence: String,
        pub notice: Option<String>,
        pub last_attempt_at_ms: Option<i64>,
        pub last_success_at_ms: Option<i64>,
        pub fetched_at_ms: Option<i64>,
        pub stale_after_ms: Option<i64>,
        pub last_error: Option<String>,
        pub document_count: i64,
        pub broken_document_count: i64,
        pub problem_count: i64,
        pub sample: bool,
    }
}

entity! {
    job = "job" {
        /// Nil for what concerns all workspaces.
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub payload: Option<String>,
        pub state: String,
        /// Workspace and kind while it waits: a second one that waits for the same is the same.
        pub waiting_key: Option<String>,
        pub run_after_ms: i64,
        pub attempts: i64,
        pub claimed_by: Option<Uuid>,
        pub lease_until_ms: Option<i64>,
        pub created_at_ms: i64,
        pub started_at_ms: Option<i64>,
        pub finished_at_ms: Option<i64>,
        pub progress: Option<String>,
        pub error: Option<String>,
    }
}
