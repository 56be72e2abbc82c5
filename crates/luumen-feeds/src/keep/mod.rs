//! Keeps what was fetched and what was read in it: a folder for each source, usable by several processes.
//!
//! ```text
//! <root>/<source>/lock          held by whoever fetches or reads documents
//! <root>/<source>/state.json    what is kept, from where, since when, and what went wrong
//! <root>/<source>/raw/…         documents and archives as fetched
//! <root>/<source>/partial/…     what a broken transfer got so far
//! <root>/<source>/parsed/*.pack the records of each document
//! ```
//! Files are placed whole or not at all. What was known before is only ever replaced by something that could be read.

mod disk;
mod overlay;
mod pack;
mod records;
mod refresh;
mod state;
mod status;

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

pub(crate) use disk::{place, write_atomically};
pub(crate) use overlay::{Overlay, Supersede};
pub use records::Counts;
pub use refresh::{RefreshReport, Shrink};
pub(crate) use refresh::{document_name, is_archive, is_document};
pub(crate) use state::told;
pub use state::{DocumentState, Paging, SourceState, Trouble};
pub use status::{SourceStatus, fresh_for_ms, status};

use crate::read::UnknownFormat;

/// A source store that could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// A file or folder of the store.
    #[error("could not use {path}")]
    Disk {
        /// Which one.
        path: PathBuf,
        source: io::Error,
    },
    /// Somebody else holds it.
    #[error("another process is fetching or reading {source_id}; try again when it has finished")]
    Busy {
        /// Which source.
        source_id: String,
    },
    /// The state cannot be read. It is not thrown away: it says what is known.
    #[error("the state in {path} cannot be read; move the file away to begin anew")]
    State {
        /// Which one.
        path: PathBuf,
        source: serde_json::Error,
    },
    /// The source asks for a reader that there is not.
    #[error(transparent)]
    Format(#[from] UnknownFormat),
}

impl KeepError {
    fn disk(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Disk {
            path: path.to_owned(),
            source,
        }
    }
}

/// The store of all sources.
#[derive(Clone, Debug)]
pub struct Keep {
    root: PathBuf,
}

/// The folder of one source, to read from.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// What is kept.
    pub state: SourceState,
}

/// The folder of one source, held so that nobody else writes.
#[derive(Debug)]
pub struct HeldFolder {
    folder: Folder,
    _lock: File,
}

impl Keep {
    /// Opens the store, which is made when there is none.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, KeepError> {
        let root = root.into();
        std::fs::create_dir_all(&root).map_err(KeepError::disk(&root))?;
        Ok(Self { root })
    }

    /// The folder of a source, as it is now.
    pub fn folder(&self, source_id: &str) -> Result<Folder, KeepError> {
        let path = self.root.join(source_id);
        let state = SourceState::load(&path.join("state.json"))?;
        Ok(Folder { path, state })
    }

    /// The folder of a source, to write to. Busy while another process holds it.
    pub fn hold(&self, source_id: &str) -> Result<HeldFolder, KeepError> {
        let path = self.root.join(source_id);
        for part in ["raw", "partial", "parsed"] {
            let folder = path.join(part);
            std::fs::create_dir_all(&folder).map_err(KeepError::disk(&folder))?;
        }
        let lock_path = path.join("lock");
        let mut options = OpenOptions::new();
        let opened = options.create(true).truncate(false).write(true).open(&lock_path);
        let lock = opened.map_err(KeepError::disk(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(KeepError::Busy {
                    source_id: source_id.to_owned(),
                });
            }
            Err(std::fs::TryLockError::Error(source)) => return Err(KeepError::disk(&lock_path)(source)),
        }
        let folder = self.folder(source_id)?;
        Ok(HeldFolder { folder, _lock: lock })
    }
}

impl Folder {
    /// Where the document lies as it was fetched.
    pub fn raw(&self, document: &str) -> PathBuf {
        self.path.join("raw").join(document)
    }

    fn pack(&self, document: &str) -> PathBuf {
        let hash = crate::hash::of(document.as_bytes());
        self.path.join("parsed").join(format!("{}.pack", &hash[..32]))
    }

    pub(crate) fn partial(&self, document: &str) -> PathBuf {
        let hash = crate::hash::of(document.as_bytes());
        self.path.join("partial").join(&hash[..32])
    }
}

impl HeldFolder {
    /// Writes the state down.
    pub fn save(&self) -> Result<(), KeepError> {
        self.state.save(&self.path.join("state.json"))
    }

    /// Forgets a document: its publisher took it back, or a newer one holds all of it.
    pub(crate) fn forget(&mut self, document: &str) -> Result<(), KeepError> {
        self.state.documents.remove(document);
        for path in [self.raw(document), self.pack(document)] {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(KeepError::disk(&path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Forgets what was read in a document, so that the next refresh reads it again.
    pub(crate) fn forget_read(&self, document: &str) -> Result<(), KeepError> {
        let path = self.pack(document);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(KeepError::disk(&path)(error)),
            _ => Ok(()),
        }
    }

    /// Places a document that was made here out of others.
    pub(crate) fn put(
        &mut self,
        document: &str,
        bytes: &[u8],
        rank: i64,
        now: luumen_model::Timestamp,
    ) -> Result<(), KeepError> {
        let path = self.raw(document);
        write_atomically(&path, bytes).map_err(KeepError::disk(&path))?;
        let state = DocumentState {
            sha256: crate::hash::of(bytes),
            bytes: bytes.len() as u64,
            rank,
            fetched_at: now,
            checked_at: now,
            ..DocumentState::default()
        };
        self.state.documents.insert(document.to_owned(), state);
        Ok(())
    }

    /// Takes a file that somebody carried here as a document of this source.
    pub fn adopt(
        &mut self,
        document: &str,
        file: &Path,
        rank: i64,
        now: luumen_model::Timestamp,
    ) -> Result<(), KeepError> {
        let mut from = File::open(file).map_err(KeepError::disk(file))?;
        let target = self.raw(document);
        let (sha256, bytes) = disk::copy_to(&mut from, &target).map_err(KeepError::disk(&target))?;
        let state = DocumentState {
            sha256,
            bytes,
            rank,
            fetched_at: now,
            checked_at: now,
            ..DocumentState::default()
        };
        self.state.documents.insert(document.to_owned(), state);
        self.state.last_success = Some(now);
        self.save()
    }
}

impl std::ops::Deref for HeldFolder {
    type Target = Folder;
    fn deref(&self) -> &Folder {
        &self.folder
    }
}

impl std::ops::DerefMut for HeldFolder {
    fn deref_mut(&mut self) -> &mut Folder {
        &mut self.folder
    }
}
