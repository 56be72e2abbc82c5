//! Opens a catalogue's file where it lies: mapped into memory, so that opening costs nothing and pages are shared.

use std::path::{Path, PathBuf};

use luumen_catalogue::{Catalogue, OpenError};
use mmap_io::MemoryMappedFile;

/// A catalogue's file that could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFileError {
    /// It cannot be read.
    #[error("the catalogue {} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: mmap_io::MmapIoError,
    },
    /// It is none.
    #[error("the file {} cannot be used", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        source: OpenError,
    },
}

/// The whole of a mapped file.
struct Mapped(MemoryMappedFile);

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        // A file mapped for reading can always be seen whole; an empty answer would read as a damaged file.
        self.0.as_slice_bytes(0, self.0.len()).unwrap_or_default()
    }
}

/// Opens a catalogue. Its file must never be written again: new ones get new files, and old ones are removed by name.
pub fn open(path: &Path) -> Result<Catalogue, OpenFileError> {
    let mapped = MemoryMappedFile::open_ro(path);
    let map = mapped.map_err(|source| OpenFileError::File {
        path: path.to_owned(),
        source,
    })?;
    Catalogue::open(Mapped(map)).map_err(|source| OpenFileError::Content {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_no_catalogue_is_refused_with_its_path() {
        let error =
            super::open(std::path::Path::new("/etc/hostname-that-is-not-there")).expect_err("not there");
        assert!(
            error.to_string().contains("hostname-that-is-not-there"),
            "{error}"
        );
    }
}
