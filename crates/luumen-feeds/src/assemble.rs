//! From records to a catalogue's file: the sink that a build hands its records to, and the file it becomes.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use luumen_catalogue::{Builder, SourceMeta};
use luumen_model::{Timestamp, advisory::Record};

use crate::{
    build::{BuildReport, RecordSink},
    bundle::{Manifest, SourceNote},
    keep::fresh_for_ms,
    registry::{Registry, SourceInfo},
};

/// A catalogue that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The disk.
    #[error("the catalogue could not be written to {}", path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Texts could not be packed while records came in.
    #[error("the records could not be packed")]
    Pack(#[source] io::Error),
}

/// Takes records and becomes a catalogue.
#[derive(Debug, Default)]
pub struct Assembly {
    builder: Builder,
    fault: Option<io::Error>,
    /// When what each source says was last looked at.
    as_of: BTreeMap<String, Timestamp>,
    sample: bool,
}

/// What was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Assembled {
    /// Size of the file.
    pub size_bytes: u64,
    /// How many claims it holds.
    pub claims: u64,
    /// How many vulnerabilities it knows.
    pub vulnerabilities: u64,
    /// What goes with it when it is installed or signed.
    pub manifest: Manifest,
}

impl RecordSink for Assembly {
    fn record(&mut self, _source: &SourceInfo, record: Record) {
        if let Err(error) = self.builder.add(&record) {
            self.fault.get_or_insert(error);
        }
    }
}

impl Assembly {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Marks it as made up for show: whoever reads it will be told.
    pub fn mark_as_sample(&mut self) {
        self.sample = true;
    }

    /// Says when a source was last looked at.
    pub fn looked_at(&mut self, source: &str, at: Timestamp) {
        self.as_of.insert(source.to_owned(), at);
    }

    /// Writes the file, and says what is in it. Half a file is never left behind under that name.
    pub fn write(
        self,
        registry: &Registry,
        report: &BuildReport,
        now: Timestamp,
        path: &Path,
    ) -> Result<Assembled, AssembleError> {
        if let Some(fault) = self.fault {
            return Err(AssembleError::Pack(fault));
        }
        let (claims, vulnerabilities) = (self.builder.claim_count(), self.builder.vulnerability_count());
        let mut manifest = Manifest::new(now, notes(registry, report, &self.as_of));
        manifest.sample = self.sample;
        let meta = manifest
            .sources
            .iter()
            .map(|note| SourceMeta {
                stale_after_ms: registry.source(&note.id).and_then(fresh_for_ms),
                ..source_meta(note, self.sample)
            })
            .collect();
        let disk = |source| AssembleError::Disk {
            path: path.to_owned(),
            source,
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder).map_err(disk)?;
        let size_bytes = {
            let mut out = BufWriter::with_capacity(1 << 20, file.as_file());
            self.builder.finish(now, meta, &mut out).map_err(disk)?
        };
        file.as_file().sync_all().map_err(disk)?;
        make_readable(file.as_file()).map_err(disk)?;
        file.persist(path).map_err(|error| disk(error.error))?;
        Ok(Assembled {
            size_bytes,
            claims: claims as u64,
            vulnerabilities: vulnerabilities as u64,
            manifest,
        })
    }
}

/// A catalogue holds nothing secret; a temporary file is for its owner alone.
#[cfg(unix)]
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &File) -> io::Result<()> {
    Ok(())
}

fn notes(registry: &Registry, report: &BuildReport, as_of: &BTreeMap<String, Timestamp>) -> Vec<SourceNote> {
    let told = report
        .sources
        .iter()
        .filter(|told| told.records > 0 || told.trouble_count > 0);
    let note = |told: &crate::build::SourceReport| {
        let source = registry.source(&told.source)?;
        Some(SourceNote {
            id: source.id.clone(),
            title: source.title.clone(),
            publisher: source.publisher.clone(),
            licence: source.licence.clone(),
            notice: source.notice.clone(),
            as_of: as_of.get(&told.source).copied(),
            documents: told.documents,
            records: told.records,
            troubles: told.trouble_count,
            broken: told.broken,
        })
    };
    told.filter_map(note).collect()
}

fn source_meta(note: &SourceNote, sample: bool) -> SourceMeta {
    SourceMeta {
        id: note.id.clone(),
        title: note.title.clone(),
        licence: note.licence.clone(),
        notice: note.notice.clone(),
        fetched_at: note.as_of,
        documents: note.documents,
        broken_documents: note.broken,
        problems: note.troubles.saturating_sub(note.broken),
        sample,
        ..SourceMeta::default()
    }
}
