//! The tables as rows. No behaviour: the functions per aggregate use these and answer model types.

/// A table. The body is that of its `Model`; relations stay empty, because joins are written where they are read.
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

mod access;
mod content;
mod fleet;
mod judged;
mod work;

pub(crate) use access::*;
pub(crate) use content::*;
pub(crate) use fleet::*;
pub(crate) use judged::*;
pub(crate) use work::*;
