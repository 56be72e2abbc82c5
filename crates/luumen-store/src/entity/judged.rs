//! What hosts were judged by, and what was found.

entity! {
    /// How far a workspace is judged. Its row is the lock of everything that judges.
    assessment = "assessment" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        pub generation: i64,
        pub assessed_at_ms: Option<i64>,
        pub catalogue: Option<String>,
        pub catalogue_at_ms: Option<i64>,
        pub last_number: i64,
        pub last_class_id: i64,
        pub last_finding_id: i64,
        /// What the catalogue said of each package, as fingerprints.
        pub said: Option<Vec<u8>>,
    }
}

entity! {
    /// Hosts that run the same are judged once: same platform, packages, kernel, Python distributions and applications.
    host_class = "host_class" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub platform: Option<String>,
        pub package_set_id: Option<i64>,
        pub kernel: Option<String>,
        pub python_blob_id: Option<i64>,
        pub applications_blob_id: Option<i64>,
        /// Sorted ids of the cells that each of its hosts has.
        pub cells: Vec<u8>,
    }
}

entity! {
    /// One source package in one set of versions on one platform, however many classes have it: what is open is written down here,
    /// so that a new advisory changes a few rows and no class.
    judged_cell = "judged_cell" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// As findings name the package.
        pub source: String,
        /// Tells cells of a source apart.
        pub mark: i64,
        /// Sorted ids of what is open in it.
        pub findings: Vec<u8>,
        /// Whether that is information, and no finding.
        pub information: bool,
    }
}

entity! {
    /// A mark: the facts of this host may not be the ones that it was judged by.
    unjudged_host = "unjudged_host" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub host_id: Uuid,
    }
}

entity! {
    assessed_host = "assessed_host" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub host_id: Uuid,
        /// Its place in host sets; never given twice.
        pub number: i64,
        /// Absent while it cannot be judged.
        pub class_id: Option<i64>,
        /// What it was judged by, as one text, to see whether that is still so.
        pub input: String,
        pub platform: Option<String>,
        /// JSON list of what could not be judged and why.
        pub not_evaluated: Option<String>,
        /// Findings that it has although they cannot be judged any more.
        pub kept: Option<Vec<u8>>,
        pub assessed_at_ms: i64,
    }
}

entity! {
    /// A vulnerability in a source package, counted over the hosts.
    finding = "finding" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub vulnerability: String,
        pub package: String,
        pub title: Option<String>,
        pub severity: i64,
        pub score: Option<f64>,
        pub score_version: Option<String>,
        pub kev_added_at_ms: Option<i64>,
        pub ransomware: bool,
        pub epss: Option<f64>,
        /// Greater is more urgent: known to be exploited, severity, EPSS.
        pub priority: i64,
        pub fix: i64,
        pub verdict: String,
        pub running_kernel: Option<bool>,
        pub end_of_life: bool,
        /// Open ones, excepted or not.
        pub open_host_count: i64,
        pub not_evaluable_host_count: i64,
        pub resolved_host_count: i64,
        /// Of the open ones, until `excepted_until_ms`.
        pub excepted_host_count: i64,
        pub excepted_until_ms: Option<i64>,
        pub first_opened_at_ms: i64,
        pub last_opened_at_ms: i64,
        pub resolved_at_ms: Option<i64>,
    }
}

entity! {
    /// Which hosts, since when, and what differs between them.
    finding_host_set = "finding_host_set" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub finding_id: i64,
        pub variants: Vec<u8>,
        pub groups: Vec<u8>,
    }
}

entity! {
    finding_event = "finding_event" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub finding_id: i64,
        pub at_ms: i64,
        pub kind: String,
        pub host_count: i64,
        pub hosts: Vec<u8>,
    }
}

entity! {
    finding_day = "finding_day" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        /// Days since 1970-01-01.
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub severity: i64,
        pub finding_count: i64,
        pub on_host_count: i64,
        pub opened_count: i64,
        pub fixed_count: i64,
    }
}
