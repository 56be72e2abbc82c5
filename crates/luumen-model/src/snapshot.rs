//! The Snapshot document: what one visit saw of one host, and how well it could see.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{ContentHash, SectionKind, SectionRecord, SectionStatus, Timestamp};

/// The `schema` of every document this version writes.
pub const SNAPSHOT_SCHEMA: &str = "luumen.snapshot/1";

/// The `schema` field: one known word, so that a document of another kind is refused at the door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum SchemaTag {
    /// The first, and so far only, shape.
    #[default]
    #[serde(rename = "luumen.snapshot/1")]
    V1,
}

/// How much of `sudo` a visit may use.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PrivilegeTier {
    /// Never `sudo`.
    #[default]
    None,
    /// The short list: what most checks need and no secret is near.
    Standard,
    /// The long list, for whole answers (firewall rules, audit rules, sudo policy, …).
    Extended,
}

/// Who looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Collector {
    /// `luumen-agent`, `luumen`, `luumen-desktop`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Version of the catalogue of read commands: the first 12 digits of its hash.
    pub catalogue: String,
}

/// What one visit saw of one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Snapshot {
    /// Always `luumen.snapshot/1`.
    pub schema: SchemaTag,
    /// When the visit began, by the collector's clock.
    pub taken_at: Timestamp,
    /// Time from connect to the last byte.
    pub duration_ms: i64,
    /// Who looked.
    pub collector: Collector,
    /// How much of `sudo` the visit was allowed.
    pub tier: PrivilegeTier,
    /// The account that was signed in.
    pub username: String,
    /// One record per section that this platform knows; a missing one was not asked for.
    pub sections: BTreeMap<SectionKind, SectionRecord>,
}

/// Ties a type to the section whose `data` it is.
pub trait DataOf: Serialize + DeserializeOwned {
    /// The section.
    const KIND: SectionKind;
}

impl Snapshot {
    /// The facts of one section, if they were read and have the shape this version knows.
    pub fn get<T: DataOf>(&self) -> Option<T> {
        let data = self.sections.get(&T::KIND)?.data.clone()?;
        serde_json::from_value(data).ok()
    }

    /// True when every section is complete.
    pub fn is_complete(&self) -> bool {
        self.sections.values().all(|record| record.status.is_complete())
    }

    /// Section hashes, for the first step of a report.
    pub fn hashes(&self) -> BTreeMap<SectionKind, ContentHash> {
        self.sections
            .iter()
            .filter_map(|(kind, record)| Some((*kind, record.hash.clone()?)))
            .collect()
    }

    /// How many sections have each status.
    pub fn status_counts(&self) -> BTreeMap<SectionStatus, usize> {
        let mut counts = BTreeMap::new();
        for record in self.sections.values() {
            *counts.entry(record.status).or_default() += 1;
        }
        counts
    }
}

/// How a visit to a host ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every section is complete.
    Complete,
    /// There is a snapshot, and some section of it is not complete.
    Partial,
    /// There is no snapshot; the error says why.
    Failed,
    /// Not tried, and the error says why (login guard, cancelled run).
    Skipped,
}

/// Why a host could not be visited, for people and for machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VisitError {
    /// Stable code such as `LUM-SSH-AUTH`, listed in `docs/reference/error-codes.md`.
    pub code: String,
    /// What happened, in one sentence.
    pub message: String,
    /// What to do next, in one sentence.
    pub next_step: String,
}
