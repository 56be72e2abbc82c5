//! Walks everything that is known into a catalogue: from the store of fetched sources, or straight from a folder of files.
//!
//! Who keeps the records is not its business: it hands them to a [`RecordSink`].

use std::collections::BTreeMap;

use luumen_model::advisory::Record;
use tokio_util::sync::CancellationToken;

use crate::{
    fetch::{Event, Progress, Step},
    keep::{
        Counts, Folder, Keep, KeepError, Overlay, Shrink, Supersede, Trouble, document_name, is_archive,
        is_document, told,
    },
    offline::Found,
    read::{Document, Format, Problem, Sink},
    registry::{Registry, SourceInfo},
    unpack,
};

/// Takes every record of every source, one source after the other.
pub trait RecordSink {
    /// One thing that the source says.
    fn record(&mut self, source: &SourceInfo, record: Record);
}

impl<F: FnMut(&SourceInfo, Record)> RecordSink for F {
    fn record(&mut self, source: &SourceInfo, record: Record) {
        self(source, record);
    }
}

/// What came of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceReport {
    /// Its id.
    pub source: String,
    /// Documents that records came from.
    pub documents: u64,
    /// Records.
    pub records: u64,
    /// The first few things that could not be read.
    pub troubles: Vec<Trouble>,
    /// How many there were.
    pub trouble_count: u64,
    /// Those of them that are whole documents.
    pub broken: u64,
    /// Those of them that only building found, so that no state of the store tells of them.
    pub of_building: Vec<Trouble>,
    /// Documents that were read once and whose records are not all here: what was handed out lacks them.
    pub lost: u64,
}

/// What came of all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildReport {
    /// Source by source.
    pub sources: Vec<SourceReport>,
    /// Stopped before the end: what was handed out is not everything.
    pub cancelled: bool,
}

/// How many troubles of a source are told; the rest is counted.
const TROUBLES_TOLD: usize = 20;

impl SourceReport {
    fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            ..Self::default()
        }
    }

    fn trouble(&mut self, document: &str, what: impl Into<String>) {
        self.trouble_count += 1;
        if self.troubles.len() < TROUBLES_TOLD {
            self.troubles.push(Trouble {
                document: document.to_owned(),
                what: what.into(),
            });
        }
    }

    /// A document of which nothing could be read.
    fn broken(&mut self, document: &str, what: impl Into<String>) {
        self.broken += 1;
        self.trouble(document, what);
    }

    /// A trouble that no document's state knows.
    fn trouble_of_building(&mut self, document: &str, what: impl Into<String>) {
        let what = what.into();
        tracing::warn!(feed.source = %self.source, feed.document = document, "{what}");
        if self.of_building.len() < TROUBLES_TOLD {
            self.of_building.push(Trouble {
                document: document.to_owned(),
                what: what.clone(),
            });
        }
        self.broken(document, what);
    }
}

/// Reads what is new in the store, and hands out all records of it.
pub fn from_keep(
    registry: &Registry,
    keep: &Keep,
    shrink: Shrink,
    sink: &mut dyn RecordSink,
    progress: &dyn Progress,
    cancel: &CancellationToken,
) -> BuildReport {
    let mut report = BuildReport::default();
    for source in registry.enabled() {
        if cancel.is_cancelled() {
            report.cancelled = true;
            break;
        }
        tell(progress, &source.id, "", 0, Step::Reading);
        let mut of_source = SourceReport::new(&source.id);
        let result = source_from_keep(source, keep, shrink, sink, cancel, &mut of_source);
        let step = match result {
            Ok(whole) => {
                report.cancelled |= !whole;
                if whole { Step::Done } else { Step::Cancelled }
            }
            Err(error) => {
                of_source.trouble_of_building("", told(&error));
                Step::Failed
            }
        };
        tell(progress, &source.id, "", of_source.records, step);
        report.sources.push(of_source);
    }
    report
}

/// True when all of it was handed out.
fn source_from_keep(
    source: &SourceInfo,
    keep: &Keep,
    shrink: Shrink,
    sink: &mut dyn RecordSink,
    cancel: &CancellationToken,
    report: &mut SourceReport,
) -> Result<bool, KeepError> {
    // While somebody fetches, what was read before is still good.
    let mut held = match keep.hold(&source.id) {
        Ok(held) => held,
        Err(busy @ KeepError::Busy { .. }) => {
            report.trouble_of_building("", told(&busy));
            let counts = hand_out(&keep.folder(&source.id)?, source, sink, cancel, report)?;
            return Ok(!counts.cancelled);
        }
        Err(error) => return Err(error),
    };
    match held.refresh(source, shrink, cancel) {
        Ok(refreshed) if refreshed.cancelled => return Ok(false),
        Ok(_) => {}
        Err(error) => report.trouble_of_building("", told(&error)),
    }
    let counts = hand_out(&held, source, sink, cancel, report)?;
    for lost in &counts.lost {
        held.forget_read(&lost.document)?;
    }
    Ok(!counts.cancelled)
}

fn hand_out(
    folder: &Folder,
    source: &SourceInfo,
    sink: &mut dyn RecordSink,
    cancel: &CancellationToken,
    report: &mut SourceReport,
) -> Result<Counts, KeepError> {
    let counts = folder.records(source, cancel, &mut |record| sink.record(source, record))?;
    report.documents += counts.documents;
    report.records += counts.records;
    report.lost += counts.lost.len() as u64;
    for lost in &counts.lost {
        report.trouble_of_building(&lost.document, lost.what.clone());
    }
    for document in folder.state.documents.values() {
        let room = TROUBLES_TOLD.saturating_sub(report.troubles.len());
        report
            .troubles
            .extend(document.troubles.iter().take(room).cloned());
        report.trouble_count += document.trouble_count;
        report.broken += document.broken;
    }
    Ok(counts)
}

/// Reads files that were recognised in a folder, and hands out all records of them. Nothing is kept.
pub fn from_files(
    registry: &Registry,
    files: &[Found],
    sink: &mut dyn RecordSink,
    progress: &dyn Progress,
    cancel: &CancellationToken,
) -> BuildReport {
    let mut by_source: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for file in files {
        by_source.entry(&file.source).or_default().push(file);
    }
    let mut report = BuildReport::default();
    for source in registry.sources() {
        let Some(mut files) = by_source.remove(source.id.as_str()) else {
            continue;
        };
        files.sort_by_key(|file| std::cmp::Reverse(file.rank));
        let mut job = FileJob {
            source,
            overlay: Overlay::new(supersede(source, &files)),
            sink,
            cancel,
            report: SourceReport::new(&source.id),
        };
        for file in files {
            tell(
                progress,
                &source.id,
                &file.document,
                job.report.records,
                Step::Reading,
            );
            job.file(file);
        }
        let of_source = job.report;
        report.cancelled |= cancel.is_cancelled();
        let step = if report.cancelled {
            Step::Cancelled
        } else {
            Step::Done
        };
        tell(progress, &source.id, "", of_source.records, step);
        report.sources.push(of_source);
    }
    report
}

/// Where files of several ranks were found, the newer ones say things again, whatever the source's plan is.
fn supersede(source: &SourceInfo, files: &[&Found]) -> Supersede {
    if files.iter().any(|file| file.rank != 0) {
        Supersede::Vulnerabilities
    } else {
        Supersede::of(&source.fetch)
    }
}

struct FileJob<'a> {
    source: &'a SourceInfo,
    overlay: Overlay,
    sink: &'a mut dyn RecordSink,
    cancel: &'a CancellationToken,
    report: SourceReport,
}

impl FileJob<'_> {
    fn file(&mut self, file: &Found) {
        let format = match Format::by_name(&file.format) {
            Ok(format) => format,
            Err(error) => return self.report.broken(&file.document, told(&error)),
        };
        self.overlay.rank(file.rank);
        let archive = is_archive(&file.document);
        let walked = unpack::documents(&file.path, |inner, bytes| {
            if !archive || is_document(&file.format, inner) {
                let name = document_name(&file.document, inner, archive);
                self.document(format, &name, bytes);
            }
            !self.cancel.is_cancelled()
        });
        if let Err(error) = walked {
            self.report.broken(&file.document, told(&error));
        }
    }

    fn document(&mut self, format: Format, name: &str, bytes: &[u8]) {
        if !self.overlay.wants_document(name) {
            return;
        }
        self.report.documents += 1;
        let source = self.source;
        let document = Document {
            source: &source.id,
            name,
            bytes,
        };
        let mut through = Through { job: self, name };
        if let Err(error) = format.read(document, &mut through) {
            self.report.broken(name, told(&error));
        }
    }
}

struct Through<'a, 'b> {
    job: &'a mut FileJob<'b>,
    name: &'a str,
}

impl Sink for Through<'_, '_> {
    fn record(&mut self, record: Record) {
        if self.job.overlay.wants(&record) {
            self.job.report.records += 1;
            self.job.sink.record(self.job.source, record);
        }
    }

    fn problem(&mut self, problem: Problem) {
        let at = format!("{}: {}", self.name, problem.entry);
        self.job.report.trouble(&at, problem.what);
    }
}

fn tell(progress: &dyn Progress, source: &str, document: &str, bytes: u64, step: Step) {
    progress.event(Event {
        source,
        document,
        bytes,
        of: None,
        step,
    });
}
