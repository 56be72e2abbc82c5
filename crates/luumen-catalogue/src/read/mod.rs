//! Answers from the bytes of a catalogue, in place.

mod claims;
mod open;
mod products;
mod vulnerabilities;

use luumen_model::{
    Timestamp,
    advisory::{Lifecycle, Supersedence},
};
use serde::{Deserialize, Serialize};

pub use claims::{ClaimRef, PlatformId, VersionRef};
pub use open::{Catalogue, OpenError};
pub use vulnerabilities::{Detail, Details, VulnerabilityId, VulnerabilityView};

use crate::SourceMeta;

/// What the catalogue says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// When it was built.
    pub built_at: Timestamp,
    /// From what.
    pub sources: Vec<SourceMeta>,
    /// How many claims it holds.
    pub claims: u64,
    /// How many vulnerabilities it knows.
    pub vulnerabilities: u64,
    /// Until when releases are looked after.
    pub lifecycles: Vec<Lifecycle>,
    /// Which update replaces which.
    pub supersedences: Vec<Supersedence>,
}
