//! Reads what changed: kept files whose content is new are read with the source's reader, everything else stays as it was read.

use std::{io, path::Path};

use tokio_util::sync::CancellationToken;

use super::{
    HeldFolder, KeepError,
    pack::{Entry, Pack, Writer},
    state::{DocumentState, TROUBLES_KEPT, Trouble, told},
};
use crate::{
    hash,
    read::{Document, Format},
    registry::SourceInfo,
    unpack,
};

/// What to do with a file that says less than half of what its predecessor said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shrink {
    /// Keep what was known: more likely than a world grown safer is a file that was cut or emptied on the way.
    #[default]
    Refuse,
    /// Somebody looked, and it is so.
    Accept,
}

/// What reading came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefreshReport {
    /// Documents that were read.
    pub read: u64,
    /// Documents that were known by their hash.
    pub known: u64,
    /// Files or documents that could not be read; what older ones said is kept.
    pub kept_older: u64,
    /// Stopped before all was read.
    pub cancelled: bool,
}

/// Fewer than this many are no reason for suspicion.
const TOO_FEW_TO_SUSPECT: u64 = 20;

impl HeldFolder {
    /// Reads what is new among the kept files.
    pub fn refresh(
        &mut self,
        source: &SourceInfo,
        shrink: Shrink,
        cancel: &CancellationToken,
    ) -> Result<RefreshReport, KeepError> {
        let format = Format::by_name(&source.format)?;
        let mut report = RefreshReport::default();
        let names: Vec<String> = self.state.documents.keys().cloned().collect();
        for name in names {
            if cancel.is_cancelled() {
                report.cancelled = true;
                break;
            }
            let Some(state) = self.state.documents.get(&name).cloned() else {
                continue;
            };
            let old = Pack::open(&self.pack(&name)).ok();
            // Where what was known before is lost, there is nothing left to prefer.
            let refused = shrink == Shrink::Refuse
                && state.refused_sha256.as_ref() == Some(&state.sha256)
                && old.is_some();
            if refused {
                report.known += state.documents;
                continue;
            }
            if let Some(pack) = old.as_ref().filter(|pack| pack.is_of(&state.sha256)) {
                report.known += state.documents;
                if state.refused_sha256.is_some() {
                    // What was refused in between is no longer what is published.
                    let after = read_before(pack, state);
                    self.state.documents.insert(name, after);
                }
                continue;
            }
            let mut job = Job {
                source,
                format,
                name: &name,
                old,
                cancel,
                report: &mut report,
            };
            let after = self.read_file(&mut job, &state, shrink)?;
            self.state.documents.insert(name, after);
        }
        self.save()?;
        Ok(report)
    }

    fn read_file(
        &self,
        job: &mut Job<'_>,
        state: &DocumentState,
        shrink: Shrink,
    ) -> Result<DocumentState, KeepError> {
        let (raw, pack_path) = (self.raw(job.name), self.pack(job.name));
        let folder = self.path.join("parsed");
        let mut writer = Writer::new(&folder, &state.sha256).map_err(KeepError::disk(&folder))?;
        let mut troubles = job.read(&raw, &mut writer).map_err(KeepError::disk(&pack_path))?;
        let mut after = state.clone();
        if job.report.cancelled {
            return Ok(after);
        }
        let less = shrink == Shrink::Refuse && says_less(job.old.as_ref(), writer.entries());
        if less {
            let what = "it says less than half of what it said before, so what it said before is kept; \
                        if the publisher means it, have it accepted";
            troubles.add(job.name, what.to_owned());
            job.report.kept_older += 1;
            after.refused_sha256 = Some(state.sha256.clone());
        } else {
            after.refused_sha256 = None;
            for entry in writer.entries() {
                troubles.add_all(entry);
            }
            after.documents = writer.entries().len() as u64;
            after.records = writer.entries().iter().map(|entry| entry.records).sum();
            writer.finish(&pack_path).map_err(KeepError::disk(&pack_path))?;
        }
        after.troubles = troubles.first;
        after.trouble_count = troubles.count;
        after.broken = troubles.broken;
        Ok(after)
    }
}

/// The state of a file whose content was read before.
fn read_before(pack: &Pack, mut state: DocumentState) -> DocumentState {
    let mut troubles = Troubles::default();
    for entry in pack.entries() {
        troubles.add_all(entry);
    }
    state.troubles = troubles.first;
    state.trouble_count = troubles.count;
    state.broken = troubles.broken;
    state.refused_sha256 = None;
    state
}

struct Job<'a> {
    source: &'a SourceInfo,
    format: Format,
    name: &'a str,
    old: Option<Pack>,
    cancel: &'a CancellationToken,
    report: &'a mut RefreshReport,
}

impl Job<'_> {
    /// Reads every document of the file. What cannot be read keeps what the older pack says of it.
    fn read(&mut self, raw: &Path, writer: &mut Writer) -> io::Result<Troubles> {
        let mut troubles = Troubles::default();
        let mut left = self.old.as_ref().map(Pack::by_name).unwrap_or_default();
        let mut failed = None;
        let archive = is_archive(self.name);
        let walked = unpack::documents(raw, |inner, bytes| {
            if self.cancel.is_cancelled() {
                self.report.cancelled = true;
                return false;
            }
            if archive && !is_document(&self.source.format, inner) {
                return true;
            }
            let name = document_name(self.name, inner, archive);
            let at = left.remove(&name);
            let done = self.document(&name, bytes, at, writer);
            done.map_err(|error| failed = Some(error)).is_ok()
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if let Err(error) = walked {
            troubles.add(self.name, told(&error));
            self.report.kept_older += 1;
            // The file broke off: what stood behind the break is not gone from the world.
            let mut rest: Vec<usize> = left.into_values().collect();
            rest.sort_unstable();
            self.keep_older(&rest, writer)?;
        }
        Ok(troubles)
    }

    fn document(
        &mut self,
        name: &str,
        bytes: &[u8],
        at: Option<usize>,
        writer: &mut Writer,
    ) -> io::Result<()> {
        let sha256 = hash::of(bytes);
        if let (Some(at), Some(old)) = (at, self.old.as_mut()) {
            let entry = old.entries()[at].clone();
            if old.is_current() && entry.sha256 == sha256 {
                self.report.known += 1;
                return writer.copy(old, &entry);
            }
        }
        let document = Document {
            source: &self.source.id,
            name,
            bytes,
        };
        writer.begin(name, &sha256);
        let Err(error) = self.format.read(document, writer) else {
            self.report.read += 1;
            return writer.end();
        };
        writer.abandon();
        self.report.kept_older += u64::from(at.is_some());
        match at {
            Some(at) => self.keep_older(&[at], writer)?,
            None => {
                writer.begin(name, &sha256);
                writer.end()?;
            }
        }
        writer.trouble_of_last(Trouble {
            document: name.to_owned(),
            what: told(&error),
        });
        Ok(())
    }

    fn keep_older(&mut self, at: &[usize], writer: &mut Writer) -> io::Result<()> {
        let Some(old) = self.old.as_mut() else {
            return Ok(());
        };
        for at in at {
            let mut entry = old.entries()[*at].clone();
            // Not the hash of what lies there now: a reader that learns to read it shall read it.
            entry.sha256 = String::new();
            let before = entry.troubles.len();
            entry.troubles.retain(|trouble| trouble.document != entry.name);
            entry.trouble_count -= (before - entry.troubles.len()) as u64;
            writer.copy(old, &entry)?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Troubles {
    first: Vec<Trouble>,
    count: u64,
    /// How many of them are whole documents.
    broken: u64,
}

impl Troubles {
    fn add(&mut self, document: &str, what: String) {
        self.count += 1;
        self.broken += 1;
        self.first.push(Trouble {
            document: document.to_owned(),
            what,
        });
    }

    fn add_all(&mut self, entry: &Entry) {
        self.count += entry.trouble_count;
        self.broken += u64::from(entry.is_broken());
        let room = TROUBLES_KEPT.saturating_sub(self.first.len());
        self.first
            .extend(entry.troubles.iter().take(room).map(|trouble| Trouble {
                document: within(&entry.name, &trouble.document),
                what: trouble.what.clone(),
            }));
    }
}

fn within(document: &str, entry: &str) -> String {
    if document == entry {
        document.to_owned()
    } else {
        format!("{document}: {entry}")
    }
}

fn says_less(old: Option<&Pack>, new: &[Entry]) -> bool {
    let Some(old) = old else { return false };
    let records = |entries: &[Entry]| entries.iter().map(|entry| entry.records).sum::<u64>();
    let less = |old: u64, new: u64| (old > 0 && new == 0) || (old >= TOO_FEW_TO_SUSPECT && new < old / 2);
    less(records(old.entries()), records(new)) || less(old.entries().len() as u64, new.len() as u64)
}

/// Whether the file holds several documents, by its name.
pub(crate) fn is_archive(name: &str) -> bool {
    let stem = [".gz", ".bz2", ".xz", ".zst"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    name.ends_with(".zip") || stem.ends_with(".tar") || name.ends_with(".tgz")
}

/// Whether what lies in an archive is one of its documents, and not the README beside them.
pub(crate) fn is_document(format: &str, path: &str) -> bool {
    let name = super::overlay::file_name(path);
    match format {
        "ubuntu-tracker" | "cve5" => name.starts_with("CVE-"),
        "alpine-secdb" => [".json", ".yaml", ".yml"]
            .iter()
            .any(|ending| name.ends_with(ending)),
        "debian-list" | "epss-csv" => true,
        _ => name.ends_with(".json") || name.ends_with(".xml"),
    }
}

/// A document's name within its source: the path in the archive, or the kept file's own path without its packing.
pub(crate) fn document_name(file: &str, inner: &str, archive: bool) -> String {
    match file.rsplit_once('/') {
        Some((folder, _)) if !archive => format!("{folder}/{inner}"),
        _ => inner.to_owned(),
    }
}
