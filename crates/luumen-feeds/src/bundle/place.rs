//! The folder where catalogues lie: files that never change, named by their hash, and a pointer that is swapped.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::Manifest;
use crate::{hash, keep::write_atomically};

const CURRENT: &str = "current.json";
const ENDING: &str = "catalogue";

/// A folder of catalogues that could not be used.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// A file or the folder.
    #[error("could not use {path}")]
    Disk {
        /// Which one.
        path: PathBuf,
        source: io::Error,
    },
    /// The pointer.
    #[error("{path} does not say which catalogue is installed; remove it and install one again")]
    Pointer {
        /// Where.
        path: PathBuf,
        source: serde_json::Error,
    },
}

fn disk(path: &Path) -> impl FnOnce(io::Error) -> PlaceError + '_ {
    move |source| PlaceError::Disk {
        path: path.to_owned(),
        source,
    }
}

/// The folder of catalogues.
#[derive(Clone, Debug)]
pub struct Catalogues {
    folder: PathBuf,
}

/// The catalogue in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Where it lies. The file is never changed; it may go when two newer ones have come.
    pub path: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    file: String,
    previous: Option<String>,
    manifest: Manifest,
}

/// The folder, held so that nobody else installs.
pub(super) struct Held<'a> {
    catalogues: &'a Catalogues,
    _lock: File,
}

impl Catalogues {
    /// Opens the folder, which is made when there is none.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, PlaceError> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder).map_err(disk(&folder))?;
        Ok(Self { folder })
    }

    /// The catalogue in use, if any was ever installed.
    pub fn current(&self) -> Result<Option<Installed>, PlaceError> {
        Ok(self.pointer()?.map(|pointer| Installed {
            path: self.folder.join(pointer.file),
            manifest: pointer.manifest,
        }))
    }

    /// Installs a catalogue that was built here. The manifest's `catalogue` is filled in.
    pub fn install_built(&self, mut manifest: Manifest, catalogue: &Path) -> Result<Installed, PlaceError> {
        let mut from = File::open(catalogue).map_err(disk(catalogue))?;
        let mut place = self.hold()?;
        let mut file = place.temporary()?;
        io::copy(&mut from, &mut file).map_err(disk(&self.folder))?;
        let written = File::open(file.path()).and_then(hash::of_reader);
        let (sha256, size) = written.map_err(disk(&self.folder))?;
        manifest.catalogue = super::CatalogueInfo { sha256, size };
        place.install(file, manifest)
    }

    /// The file that is swapped when a catalogue is installed: while it is the same, so is the catalogue.
    pub fn pointer_path(&self) -> PathBuf {
        self.folder.join(CURRENT)
    }

    fn pointer(&self) -> Result<Option<Pointer>, PlaceError> {
        let path = self.pointer_path();
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|source| PlaceError::Pointer { path, source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(disk(&path)(error)),
        }
    }

    pub(super) fn hold(&self) -> Result<Held<'_>, PlaceError> {
        let path = self.folder.join("lock");
        let mut options = OpenOptions::new();
        let opened = options.create(true).truncate(false).write(true).open(&path);
        let lock = opened.map_err(disk(&path))?;
        // Installing takes seconds: waiting is better than an error.
        lock.lock().map_err(disk(&path))?;
        Ok(Held {
            catalogues: self,
            _lock: lock,
        })
    }
}

impl Held<'_> {
    pub(super) fn current(&self) -> Result<Option<Installed>, PlaceError> {
        self.catalogues.current()
    }

    /// A file to write a catalogue into; it goes when it is not installed.
    pub(super) fn temporary(&self) -> Result<NamedTempFile, PlaceError> {
        let folder = &self.catalogues.folder;
        NamedTempFile::new_in(folder).map_err(disk(folder))
    }

    pub(super) fn write(&mut self, file: &mut NamedTempFile, bytes: &[u8]) -> Result<(), PlaceError> {
        file.write_all(bytes).map_err(disk(&self.catalogues.folder))
    }

    /// Gives the catalogue its name and points at it.
    pub(super) fn install(
        &mut self,
        file: NamedTempFile,
        manifest: Manifest,
    ) -> Result<Installed, PlaceError> {
        let folder = &self.catalogues.folder;
        let name = format!("{}.{ENDING}", manifest.catalogue.sha256);
        let path = folder.join(&name);
        file.as_file().sync_all().map_err(disk(&path))?;
        file.persist(&path).map_err(|error| disk(&path)(error.error))?;
        let before = self.catalogues.pointer()?;
        let previous = before.and_then(|before| {
            if before.file == name {
                before.previous
            } else {
                Some(before.file)
            }
        });
        let pointer = Pointer {
            file: name,
            previous,
            manifest,
        };
        let pointer_path = folder.join(CURRENT);
        let text = serde_json::to_vec_pretty(&pointer).map_err(|source| PlaceError::Pointer {
            path: pointer_path.clone(),
            source,
        })?;
        write_atomically(&pointer_path, &text).map_err(disk(&pointer_path))?;
        self.remove_old(&pointer)?;
        Ok(Installed {
            path,
            manifest: pointer.manifest,
        })
    }

    /// Whoever opened the one before may go on with it; older ones go.
    fn remove_old(&self, pointer: &Pointer) -> Result<(), PlaceError> {
        let folder = &self.catalogues.folder;
        for entry in std::fs::read_dir(folder).map_err(disk(folder))? {
            let path = entry.map_err(disk(folder))?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let is_one = path.extension().is_some_and(|ending| ending == ENDING);
            if !is_one || name == pointer.file || Some(&name) == pointer.previous.as_ref() {
                continue;
            }
            if let Err(error) = std::fs::remove_file(&path) {
                // Windows does not remove what is open. The next install tries again.
                tracing::info!(catalogue.file = %name, "An old catalogue stays for now: {error}");
            }
        }
        Ok(())
    }
}
