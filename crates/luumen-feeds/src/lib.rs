//! Fetches what the world publishes about vulnerabilities, and reads it.
//!
//! [`read`] turns a document of a feed into records of `luumen_model::advisory`; it is text in, records out. Fetching, keeping and bundling act at
//! the door. What a record means for a host is not decided here (`luumen-vuln` does).

pub mod cvss;
pub mod mapped;
pub mod read;
pub mod unpack;
