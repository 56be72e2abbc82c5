//! Agents, runs, visits and hosts with what we know of them now.

entity! {
    agent = "agent" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub hostname: Option<String>,
        pub version: Option<String>,
        pub tier: Option<String>,
        pub created_at_ms: i64,
        pub last_seen_at_ms: Option<i64>,
        /// Its own, where its configuration says one.
        pub interval_s: Option<i64>,
        pub polling_s: Option<i64>,
        /// When somebody took it from the list; until it speaks again.
        pub removed_at_ms: Option<i64>,
    }
}

entity! {
    run = "run" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub agent_id: Uuid,
        pub started_at_ms: i64,
        pub finished_at_ms: Option<i64>,
        /// When the agent began another run without ending this one.
        pub lost_at_ms: Option<i64>,
        pub host_count: i64,
        pub complete_count: i64,
        pub partial_count: i64,
        pub failed_count: i64,
        pub skipped_count: i64,
    }
}

entity! {
    /// How one run found one host; with a snapshot when it saw something. Its snapshot id is a UUIDv7 of the
    /// moment it was taken, so that one index serves "newest", "as of" and "this one".
    visit = "visit" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub run_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub host_id: Uuid,
        pub outcome: String,
        pub visited_at_ms: i64,
        pub received_at_ms: i64,
        pub duration_ms: i64,
        pub error: Option<String>,
        pub snapshot_id: Option<Uuid>,
        pub section_set_id: Option<i64>,
        pub package_count: Option<i64>,
        pub changed_sections: Option<String>,
        /// What differs with every visit: durations, vitals, who looked.
        pub detail: Option<Vec<u8>>,
    }
}

entity! {
    /// What an admin says about a host, and what its newest snapshot and visit said. One row, because
    /// the host list reads all of it for every host.
    host = "host" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub address: String,
        pub port: i64,
        pub username: Option<String>,
        pub credential: Option<String>,
        pub notes: Option<String>,
        pub enabled: bool,
        pub created_at_ms: i64,
        pub updated_at_ms: i64,
        pub os_id: Option<String>,
        pub os_name: Option<String>,
        pub os_version: Option<String>,
        pub arch: Option<String>,
        pub kernel: Option<String>,
        /// Whether no package is known to be the kernel that runs; absent until its facts were read by a version that asks.
        pub kernel_replaced: Option<bool>,
        pub package_count: Option<i64>,
        pub reboot_required: Option<bool>,
        /// UUIDv7 of the moment it was taken.
        pub snapshot_id: Option<Uuid>,
        pub snapshot_at_ms: Option<i64>,
        pub section_set_id: Option<i64>,
        pub package_set_id: Option<i64>,
        /// True when absence of a package may be read as absence.
        pub packages_complete: bool,
        pub packages_changed_at_ms: Option<i64>,
        /// Names with commas between; absent when all are complete.
        pub incomplete_sections: Option<String>,
        pub last_visit_at_ms: Option<i64>,
        pub last_outcome: Option<String>,
        pub last_error: Option<String>,
        /// Who told of the last visit.
        pub agent_id: Option<Uuid>,
        /// How old the snapshot may become, where that agent has an interval of its own.
        pub stale_after_ms: Option<i64>,
    }
}

entity! {
    host_tag = "host_tag" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub host_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag: String,
    }
}

entity! {
    /// A section of a host's newest snapshot.
    host_section = "host_section" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub host_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        pub status: String,
        /// True when absence of a fact may be read as absence.
        pub complete: bool,
        pub section_blob_id: Option<i64>,
        /// The facts that were read last, when the newest snapshot could not read any; content ids are never
        /// used twice, so this may outlive them.
        pub facts_blob_id: Option<i64>,
        pub facts_at_ms: Option<i64>,
    }
}
