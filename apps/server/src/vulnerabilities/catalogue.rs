//! The catalogue that is open: one file for all workspaces, swapped whole when a newer one is there.
//!
//! The folder holds immutable files and `current`, a small file with the name of the one to use. Whoever builds a new one writes
//! it beside the others and then replaces `current`, so that a reader sees the old one or the new one.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use luumen_catalogue::{Catalogue, OpenError};
use sha2::{Digest, Sha256};

/// Name of the file that names the one in use.
const POINTER: &str = "current";

/// A catalogue, and what tells it from others.
#[derive(Clone, Debug)]
pub struct OpenCatalogue {
    /// Of its content: the same on every replica.
    pub id: String,
    pub catalogue: Catalogue,
    /// Name of its file.
    pub name: String,
}

/// Why the catalogue could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("could not read {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("could not write {}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{} is no catalogue that we can use", path.display())]
    Open { path: PathBuf, source: OpenError },
    #[error("{} names {name:?}, which is no file of this folder", path.display())]
    Pointer { path: PathBuf, name: String },
}

/// Where catalogues lie, and the one that is open.
#[derive(Debug)]
pub struct Current {
    dir: Option<PathBuf>,
    open: Mutex<Option<OpenCatalogue>>,
}

impl OpenCatalogue {
    /// Takes the bytes of a catalogue.
    pub fn from_bytes(bytes: Vec<u8>, name: &str) -> Result<Self, OpenError> {
        let id = Sha256::digest(&bytes)[..12]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self {
            id,
            catalogue: Catalogue::open(bytes)?,
            name: name.to_owned(),
        })
    }
}

impl Current {
    /// Nothing is open yet. Without a folder nothing ever is, unless it is put.
    pub fn new(dir: Option<PathBuf>) -> Self {
        Self {
            dir,
            open: Mutex::new(None),
        }
    }

    /// The folder.
    pub fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// The catalogue that is open; cheap.
    pub fn get(&self) -> Option<OpenCatalogue> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Uses a catalogue from now on.
    pub fn put(&self, catalogue: OpenCatalogue) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(catalogue);
    }

    /// Opens the one that `current` names, unless it is open already. True when another one is open now. Reads a file: call it
    /// where that may take its time.
    pub fn refresh(&self) -> Result<bool, CatalogueError> {
        let Some(dir) = &self.dir else { return Ok(false) };
        let pointer = dir.join(POINTER);
        let name = match std::fs::read_to_string(&pointer) {
            Ok(name) => name.trim().to_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(source) => {
                return Err(CatalogueError::Read {
                    path: pointer,
                    source,
                });
            }
        };
        if self.get().is_some_and(|open| open.name == name) {
            return Ok(false);
        }
        let plain =
            !name.is_empty() && name != POINTER && !name.contains(['/', '\\']) && !name.starts_with('.');
        if !plain {
            return Err(CatalogueError::Pointer { path: pointer, name });
        }
        let path = dir.join(&name);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(CatalogueError::Read { path, source }),
        };
        let open = OpenCatalogue::from_bytes(bytes, &name);
        self.put(open.map_err(|source| CatalogueError::Open { path, source })?);
        Ok(true)
    }

    /// Puts a new catalogue into the folder and uses it: the file first, then the pointer. Its name is its content's.
    pub fn install(&self, bytes: Vec<u8>) -> Result<OpenCatalogue, CatalogueError> {
        let id: String = Sha256::digest(&bytes)[..12]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let name = format!("{id}.catalogue");
        if let Some(dir) = &self.dir {
            let write = |path: PathBuf, bytes: &[u8]| {
                let partial = path.with_extension("partial");
                std::fs::write(&partial, bytes)
                    .and_then(|()| std::fs::rename(&partial, &path))
                    .map_err(|source| CatalogueError::Write { path, source })
            };
            std::fs::create_dir_all(dir).map_err(|source| CatalogueError::Write {
                path: dir.clone(),
                source,
            })?;
            write(dir.join(&name), &bytes)?;
            write(dir.join(POINTER), name.as_bytes())?;
        }
        let open = OpenCatalogue::from_bytes(bytes, &name).map_err(|source| CatalogueError::Open {
            path: PathBuf::from(&name),
            source,
        })?;
        self.put(open.clone());
        Ok(open)
    }
}

/// Shared by handlers and jobs.
pub type SharedCatalogue = Arc<Current>;

#[cfg(test)]
mod tests {
    use luumen_catalogue::Builder;
    use luumen_model::Timestamp;

    use super::{CatalogueError, Current};

    fn bytes(at: i64) -> Vec<u8> {
        let mut file = Vec::new();
        Builder::new()
            .finish(Timestamp::from_millis(at), Vec::new(), &mut file)
            .expect("memory");
        file
    }

    #[test]
    fn a_new_one_is_used_and_found_again() {
        let dir = tempfile::tempdir().expect("folder");
        let current = Current::new(Some(dir.path().to_owned()));
        assert!(!current.refresh().expect("empty folder"));
        let first = current.install(bytes(1)).expect("installed");
        let second = current.install(bytes(2)).expect("installed");
        assert_ne!(first.id, second.id);
        let another = Current::new(Some(dir.path().to_owned()));
        assert!(another.refresh().expect("there"));
        assert!(!another.refresh().expect("the same"));
        assert_eq!(another.get().expect("open").id, second.id);
    }

    #[test]
    fn a_pointer_out_of_the_folder_is_refused() {
        let dir = tempfile::tempdir().expect("folder");
        let current = Current::new(Some(dir.path().to_owned()));
        for name in ["../secret", "", "current", ".hidden"] {
            std::fs::write(dir.path().join("current"), name).expect("pointer");
            let error = current.refresh().expect_err(name);
            assert!(matches!(error, CatalogueError::Pointer { .. }), "{name}");
        }
        std::fs::write(dir.path().join("current"), "gone.catalogue").expect("pointer");
        assert!(matches!(current.refresh(), Err(CatalogueError::Read { .. })));
        std::fs::write(dir.path().join("bad"), "no catalogue").expect("file");
        std::fs::write(dir.path().join("current"), "bad").expect("pointer");
        assert!(matches!(current.refresh(), Err(CatalogueError::Open { .. })));
    }
}
