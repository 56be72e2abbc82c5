//! Where records go while a document is read, so that a document of a gigabyte needs no gigabyte of records.

use luumen_model::advisory::Record;

/// An entry that could not be read. The document goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which entry: an id, a line number, a path inside of the document.
    pub entry: String,
    /// What is wrong with it, for a person.
    pub what: String,
}

/// Takes what a reader finds.
pub trait Sink {
    /// One thing that the document says.
    fn record(&mut self, record: Record);
    /// One entry that could not be read.
    fn problem(&mut self, problem: Problem);

    /// The same, from its two texts.
    fn odd(&mut self, entry: &str, what: impl Into<String>)
    where
        Self: Sized,
    {
        self.problem(Problem {
            entry: entry.to_owned(),
            what: what.into(),
        });
    }
}

/// Keeps everything; for small documents and tests.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// What was said.
    pub records: Vec<Record>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Sink for Collected {
    fn record(&mut self, record: Record) {
        self.records.push(record);
    }
    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}
