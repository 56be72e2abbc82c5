//! The nouns of Luumen and the documents that travel between its parts.
//!
//! Pure data: nothing here connects, stores, reads a clock or a file.

pub mod advisory;
mod canonical;
mod id;
mod property;
mod section;
mod sections;
mod snapshot;
mod time;

pub use canonical::{ContentHash, ParseHashError, canonical_json};
pub use id::{AgentId, ApiKeyId, HostId, ParseIdError, RunId, SnapshotId, UserId, WorkspaceId};
pub use property::{Property, PropertyValue, flatten};
pub use section::{MissingRight, Parsed, Problem, SectionRecord, SectionStatus};
pub use sections::*;
pub use snapshot::{
    Collector, DataOf, Outcome, PrivilegeTier, SNAPSHOT_SCHEMA, SchemaTag, Snapshot, VisitError,
};
pub use time::{ParseTimestampError, Timestamp};
