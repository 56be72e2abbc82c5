//! Fetches what the world publishes about vulnerabilities, and reads it.
//!
//! [`read`] turns a document of a feed into records of `luumen_model::advisory`; it is text in, records out. [`registry`] lists the
//! sources, [`fetch`] goes and gets them, [`keep`] keeps what was got and what was read in it, [`offline`] recognises files that
//! somebody carried here, [`build`] walks all of it, [`assemble`] makes a catalogue of it, [`bundle`] signs one for those without a network.
//! What a record means for a host is not decided here (`luumen-vuln` does).

pub mod assemble;
pub mod build;
pub mod bundle;
pub mod cvss;
pub mod fetch;
pub mod keep;
pub mod mapped;
pub mod offline;
pub mod read;
pub mod registry;
pub mod unpack;

mod hash;
