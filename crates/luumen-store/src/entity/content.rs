//! What was seen, kept once however many hosts and visits saw it.

entity! {
    /// The facts of a section. Packages are kept as a set beside what differs between hosts.
    section_blob = "section_blob" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub hash: Vec<u8>,
        pub kind: String,
        pub data: Vec<u8>,
        pub raw_size_bytes: i64,
        pub package_set_id: Option<i64>,
    }
}

entity! {
    /// All sections of a snapshot but vitals: status, facts, problems. Unchanged visits share one.
    section_set = "section_set" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub hash: Vec<u8>,
        pub items: Vec<u8>,
    }
}

entity! {
    property_path = "property_path" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub kind: String,
        pub path: String,
    }
}

entity! {
    /// One fact of a section blob.
    section_property = "section_property" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub path_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub section_blob_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i64,
        pub text: Option<String>,
        pub number: Option<f64>,
        pub flag: Option<bool>,
    }
}

entity! {
    /// A package in one version, as vendors tell versions apart.
    package_version = "package_version" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub hash: Vec<u8>,
        pub manager: String,
        pub name: String,
        pub version: String,
        pub arch: Option<String>,
        pub source: Option<String>,
        pub source_version: Option<String>,
        pub rest: Option<String>,
    }
}

entity! {
    package_set = "package_set" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub hash: Vec<u8>,
        pub members: Vec<u8>,
        pub member_count: i64,
    }
}

entity! {
    package_set_member = "package_set_member" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workspace_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub package_version_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub package_set_id: i64,
    }
}
