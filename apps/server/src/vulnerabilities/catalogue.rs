//! The catalogue that is open: one file for all workspaces, mapped where it lies, swapped whole when a newer one is installed.
//!
//! Installing is `luumen-feeds`': the folder holds files that never change and a pointer to the one in use.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use luumen_catalogue::{Catalogue, OpenError};
use luumen_feeds::{
    bundle::{Catalogues, PlaceError},
    mapped::{self, OpenFileError},
};
use sha2::{Digest, Sha256};

/// A catalogue, and what tells it from others.
#[derive(Clone, Debug)]
pub struct OpenCatalogue {
    /// Of its content: the same on every replica.
    pub id: String,
    pub catalogue: Catalogue,
}

/// Why the catalogue could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("could not look for the catalogue that is installed")]
    Place(#[source] PlaceError),
    #[error("could not open the catalogue that is installed")]
    Open(#[source] OpenFileError),
}

/// Where catalogues lie, and the one that is open.
#[derive(Debug)]
pub struct Current {
    dir: Option<PathBuf>,
    open: Mutex<Option<OpenCatalogue>>,
    /// What the pointer looked like when it was read last.
    seen: Mutex<Option<Look>>,
}

/// What tells a file from the one that took its place, without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    changed_at: Option<SystemTime>,
    bytes: u64,
    #[cfg(unix)]
    inode: u64,
}

impl Look {
    /// `None` when there is no such file.
    fn at(path: &Path) -> Option<Self> {
        let file = std::fs::metadata(path).ok()?;
        Some(Self {
            changed_at: file.modified().ok(),
            bytes: file.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(&file),
        })
    }
}

impl OpenCatalogue {
    /// Takes the bytes of a catalogue.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, OpenError> {
        let id = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self {
            id,
            catalogue: Catalogue::open(bytes)?,
        })
    }
}

impl Current {
    /// Nothing is open yet. Without a folder nothing ever is, unless it is put.
    pub fn new(dir: Option<PathBuf>) -> Self {
        Self {
            dir,
            open: Mutex::new(None),
            seen: Mutex::new(None),
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

    /// The same as [`Current::refresh`], and cheap enough for every few seconds: nothing is read while the pointer is the same file.
    pub fn refresh_if_moved(&self) -> Result<bool, CatalogueError> {
        let Some(dir) = &self.dir else { return Ok(false) };
        let place = Catalogues::open(dir).map_err(CatalogueError::Place)?;
        // Looked at before it is read: what is swapped in between is seen the next time.
        let look = Look::at(&place.pointer_path());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == look {
            return Ok(false);
        }
        // A pointer that cannot be read is complained of once.
        *seen = look;
        drop(seen);
        self.refresh()
    }

    /// Opens the one that is installed, unless it is open already. True when another one is open now. Looks at the disk: call it
    /// where that may take its time.
    pub fn refresh(&self) -> Result<bool, CatalogueError> {
        let Some(dir) = &self.dir else { return Ok(false) };
        let installed = Catalogues::open(dir).and_then(|place| place.current());
        let Some(installed) = installed.map_err(CatalogueError::Place)? else {
            return Ok(false);
        };
        let id = installed.manifest.catalogue.sha256.to_string();
        if self.get().is_some_and(|open| open.id == id) {
            return Ok(false);
        }
        let catalogue = mapped::open(&installed.path).map_err(CatalogueError::Open)?;
        self.put(OpenCatalogue { id, catalogue });
        Ok(true)
    }
}

/// Shared by handlers and jobs.
pub type SharedCatalogue = Arc<Current>;

#[cfg(test)]
mod tests {
    use luumen_catalogue::Builder;
    use luumen_feeds::bundle::{Catalogues, Manifest};
    use luumen_model::Timestamp;

    use super::Current;

    fn install(dir: &std::path::Path, at: i64) {
        let at = Timestamp::from_millis(at);
        let mut bytes = Vec::new();
        Builder::new().finish(at, Vec::new(), &mut bytes).expect("memory");
        let file = dir.join("new");
        std::fs::write(&file, bytes).expect("file");
        let place = Catalogues::open(dir.join("catalogues")).expect("folder");
        place
            .install_built(Manifest::new(at, Vec::new()), &file)
            .expect("installed");
    }

    #[test]
    fn the_one_that_is_installed_is_opened_once() {
        let dir = tempfile::tempdir().expect("folder");
        let current = Current::new(Some(dir.path().join("catalogues")));
        assert!(!current.refresh().expect("empty folder"));
        install(dir.path(), 1_000);
        assert!(current.refresh().expect("there"));
        assert!(!current.refresh().expect("the same"));
        let first = current.get().expect("open");
        install(dir.path(), 2_000);
        assert!(current.refresh().expect("another"));
        let second = current.get().expect("open");
        assert_ne!(first.id, second.id);
        assert_eq!(first.catalogue.meta().built_at, Timestamp::from_millis(1_000));
    }

    #[test]
    fn one_that_is_installed_meanwhile_is_noticed_without_reading_it_again_and_again() {
        let dir = tempfile::tempdir().expect("folder");
        let current = Current::new(Some(dir.path().join("catalogues")));
        assert!(!current.refresh_if_moved().expect("empty folder"));
        install(dir.path(), 1_000);
        assert!(current.refresh_if_moved().expect("there"));
        assert!(!current.refresh_if_moved().expect("the same"));
        // Only the pointer is looked at.
        let pointer = dir.path().join("catalogues/current.json");
        let text = std::fs::read(&pointer).expect("pointer");
        std::fs::write(&pointer, "{").expect("pointer");
        assert!(current.refresh_if_moved().is_err());
        assert!(!current.refresh_if_moved().expect("complained of already"));
        std::fs::write(&pointer, text).expect("pointer");
        install(dir.path(), 2_000);
        assert!(current.refresh_if_moved().expect("another"));
    }

    #[test]
    fn a_damaged_pointer_leaves_the_open_one_in_use() {
        let dir = tempfile::tempdir().expect("folder");
        install(dir.path(), 1_000);
        let current = Current::new(Some(dir.path().join("catalogues")));
        assert!(current.refresh().expect("there"));
        std::fs::write(dir.path().join("catalogues/current.json"), "{").expect("pointer");
        assert!(current.refresh().is_err());
        assert!(current.get().is_some());
    }
}
