//! Workspaces, people, sessions and keys.

entity! {
    /// A workspace and its settings.
    workspace = "workspace" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub created_at_ms: i64,
        pub interval_s: i64,
        pub polling_s: i64,
        pub default_credential: Option<String>,
        pub default_username: Option<String>,
        pub silence_grace_s: i64,
        pub retention_days: i64,
        /// Last id given to content of this workspace; its row lock orders those who bring new content.
        pub last_content_id: i64,
    }
}

entity! {
    /// A person. People are not a workspace's: they may be members of several.
    person = "person" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Lower case.
        pub email: String,
        pub name: String,
        pub password_hash: Option<String>,
        pub created_at_ms: i64,
    }
}

entity! {
    membership = "membership" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        pub role: String,
        pub created_at_ms: i64,
    }
}

entity! {
    /// A link that signs in once.
    one_time_link = "one_time_link" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_hash: Vec<u8>,
        pub purpose: String,
        pub person_id: Option<Uuid>,
        pub created_at_ms: i64,
        pub expires_at_ms: i64,
        pub used_at_ms: Option<i64>,
    }
}

entity! {
    session = "session" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_hash: Vec<u8>,
        pub person_id: Uuid,
        pub workspace_id: Uuid,
        pub created_at_ms: i64,
        pub expires_at_ms: i64,
        pub last_seen_at_ms: i64,
        pub via_link: bool,
    }
}

entity! {
    /// A failed sign-in, for a rate limit that replicas share. Kept by hash: a mistyped password may stand
    /// where the address should.
    sign_in_failure = "sign_in_failure" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub subject_hash: Vec<u8>,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub at_ms: i64,
    }
}

entity! {
    api_key = "api_key" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub scope: String,
        pub prefix: String,
        pub token_hash: Vec<u8>,
        pub previous_hash: Option<Vec<u8>>,
        pub previous_valid_until_ms: Option<i64>,
        pub created_at_ms: i64,
        pub expires_at_ms: Option<i64>,
        pub last_used_at_ms: Option<i64>,
        /// When the newest secret was first used.
        pub secret_used_at_ms: Option<i64>,
        pub revoked_at_ms: Option<i64>,
    }
}

entity! {
    /// A person's own name for a list's filter, order and columns.
    saved_view = "saved_view" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub person_id: Uuid,
        pub page: String,
        pub name: String,
        pub search: String,
        pub created_at_ms: i64,
        pub updated_at_ms: i64,
    }
}
