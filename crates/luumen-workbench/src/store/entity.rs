//! The tables.

macro_rules! entity {
    ($(#[$doc:meta])* $module:ident = $table:literal { $($body:tt)* }) => {
        $(#[$doc])*
        pub(crate) mod $module {
            #![allow(unreachable_pub, reason = "the derive makes everything public; the module is not")]
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model { $($body)* }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity! {
    /// A host, group, credential or key, as one JSON document: read, written and later synchronised as a whole.
    record = "record" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(column_type = "Text")]
        pub document: String,
        pub changed_at_ms: i64,
    }
}

entity! {
    /// What there is one of: preferences, the layout of tabs.
    setting = "setting" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub document: String,
        pub changed_at_ms: i64,
    }
}

entity! {
    /// A kept scan: its row for lists, and the whole of it compressed.
    scan = "scan" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub host_id: Option<Uuid>,
        pub target: String,
        pub state: String,
        pub started_at_ms: i64,
        pub ended_at_ms: Option<i64>,
        #[sea_orm(column_type = "Text")]
        pub summary: String,
        pub document: Vec<u8>,
    }
}
