//! Which of two documents speaks, where both say something of the same thing.

use std::collections::HashSet;

use luumen_model::advisory::Record;

use crate::registry::FetchPlan;

/// How a source says things again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Supersede {
    /// It does not; every document has its own things to say.
    Nothing,
    /// All that a newer document says of a vulnerability replaces all that older ones say of it.
    Vulnerabilities,
    /// A newer document replaces the older one of the same name, in whichever archive that is.
    Documents,
}

impl Supersede {
    /// The way of a source that is fetched so.
    pub(crate) fn of(plan: &FetchPlan) -> Self {
        match plan {
            FetchPlan::JsonPages { .. } | FetchPlan::Yearly { .. } => Self::Vulnerabilities,
            FetchPlan::DirectoryIndex { .. } => Self::Documents,
            _ => Self::Nothing,
        }
    }
}

/// What newer documents have said. Documents are shown to it from the newest to the oldest.
#[derive(Debug)]
pub(crate) struct Overlay {
    supersede: Supersede,
    rank: i64,
    said: HashSet<Box<str>>,
    saying: HashSet<Box<str>>,
}

impl Overlay {
    pub(crate) fn new(supersede: Supersede) -> Self {
        Self {
            supersede,
            rank: i64::MAX,
            said: HashSet::new(),
            saying: HashSet::new(),
        }
    }

    /// Documents of this rank follow. Those of one rank do not replace each other.
    pub(crate) fn rank(&mut self, rank: i64) {
        if rank != self.rank {
            self.rank = rank;
            self.said.extend(self.saying.drain());
        }
    }

    /// Whether the document is to be read at all.
    pub(crate) fn wants_document(&mut self, name: &str) -> bool {
        if self.supersede != Supersede::Documents {
            return true;
        }
        let name = file_name(name);
        if self.said.contains(name) {
            return false;
        }
        self.saying.insert(name.into());
        true
    }

    /// Whether the record is the newest word.
    pub(crate) fn wants(&mut self, record: &Record) -> bool {
        if self.supersede != Supersede::Vulnerabilities {
            return true;
        }
        let Some(id) = vulnerability(record) else {
            return true;
        };
        if self.said.contains(id) {
            return false;
        }
        if !self.saying.contains(id) {
            self.saying.insert(id.into());
        }
        true
    }
}

/// The last part of a path. Archives put folders before it that the list of changes does not.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn vulnerability(record: &Record) -> Option<&str> {
    match record {
        Record::Vulnerability(it) => Some(&it.id),
        Record::Claim(it) => Some(&it.vulnerability),
        Record::Configuration(it) => Some(&it.vulnerability),
        Record::Kev(it) => Some(&it.vulnerability),
        Record::Epss(it) => Some(&it.vulnerability),
        Record::Lifecycle(_) | Record::Supersedence(_) => None,
    }
}
