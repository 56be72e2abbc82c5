//! Readers: one module a publisher, one function a format, bytes in and [`Record`]s out.
//!
//! A reader never panics and never stops at an odd entry: it tells the sink what it could not read and goes on. Only a document
//! that is not of its format at all is an error; whoever keeps the records then keeps the older ones of that document.

mod alpine;
mod arch;
mod csaf;
mod cve;
mod cve5;
mod dates;
mod debian;
mod dpkg;
mod endoflife;
mod epss;
mod format;
mod kev;
mod markup;
mod msrc;
mod nvd;
mod osv;
mod oval;
mod rpm;
mod sink;
mod ubuntu;
mod updateinfo;

pub use format::{Format, UnknownFormat};
pub use sink::{Collected, Problem, Sink};

/// A document that is not what its feed promises.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not the JSON we know.
    #[error("it is not the JSON of this format")]
    Json(#[source] serde_json::Error),
    /// Not the XML we know.
    #[error("it is not the XML of this format")]
    Xml(#[source] quick_xml::Error),
    /// Not the YAML we know.
    #[error("it is not the YAML of this format")]
    Yaml(#[source] serde_norway::Error),
    /// Not the table we know.
    #[error("it is not the table of this format")]
    Csv(#[source] csv::Error),
    /// Well-formed, and yet something else.
    #[error("it is not a document of this format: {why}")]
    Other {
        /// What is missing or wrong.
        why: String,
    },
}

impl ReadError {
    /// A document that is well-formed and yet something else.
    pub fn other(why: impl Into<String>) -> Self {
        Self::Other { why: why.into() }
    }
}

/// A document on its way into a reader.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Id of its feed in `content/feeds.yaml`; becomes the `source` of every record.
    pub source: &'a str,
    /// Its name within the feed: the file name, or the path inside an archive. Some formats say in it what they are about.
    pub name: &'a str,
    /// Its content, unpacked.
    pub bytes: &'a [u8],
}
