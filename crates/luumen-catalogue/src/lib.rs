//! What the world says about vulnerabilities, as one immutable file: written once, read in place.
//!
//! [`Builder`] takes the records that feeds give and makes the bytes of a file; [`Catalogue`] answers from such bytes, wherever they are
//! (read, mapped, received), without unpacking them: names are looked up by hash and versions are compared by their ready-made keys.
//! Nothing here fetches, opens files or decides what a claim means for a host (`luumen-feeds` and `luumen-vuln` do).
//!
//! The file, little-endian throughout: a header with magic, format version and a table of parts (`layout`); then the parts. Every
//! reference is an index or an offset that is checked when it is used: a damaged file gives less, never a panic.

mod build;
mod layout;
mod read;

pub use build::{Builder, SourceMeta};
pub use layout::FORMAT_VERSION;
pub use read::{
    Catalogue, ClaimRef, Detail, Details, Meta, OpenError, PlatformId, VersionRef, VulnerabilityId,
    VulnerabilityView,
};
