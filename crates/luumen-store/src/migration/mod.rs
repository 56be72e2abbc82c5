//! The schema's history. A migration that shipped is never edited: a change expands first (new nullable
//! columns and tables that the old server ignores) and contracts in a later release.
//!
//! Types are portable: ids are uuid, moments BIGINT milliseconds named `*_at_ms`, documents bytes or text.
//! Every table of a workspace begins its keys with `workspace_id`; nothing points across workspaces.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

mod eighth;
mod eleventh;
mod fifth;
mod first;
mod fourth;
mod ninth;
mod second;
mod seventh;
mod sixth;
mod tenth;
mod third;
mod twelfth;

pub(crate) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(first::First),
            Box::new(second::Second),
            Box::new(third::Third),
            Box::new(fourth::Fourth),
            Box::new(fifth::Fifth),
            Box::new(sixth::Sixth),
            Box::new(seventh::Seventh),
            Box::new(eighth::Eighth),
            Box::new(ninth::Ninth),
            Box::new(tenth::Tenth),
            Box::new(eleventh::Eleventh),
            Box::new(twelfth::Twelfth),
        ]
    }
}
