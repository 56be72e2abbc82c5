//! Files that are there whole or not at all: written beside, flushed to the disk, renamed.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

fn folder_of(path: &Path) -> io::Result<&Path> {
    path.parent()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no folder"))
}

/// Writes the bytes at the path.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path)?;
    std::fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    settle(file, path)
}

/// Gives a finished file its name. Whoever reads sees the old one or this one.
pub(super) fn settle(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder_of(path)?)
}

/// Moves a finished file of the same file system to its place.
pub(crate) fn place(from: &Path, to: &Path) -> io::Result<()> {
    let folder = folder_of(to)?;
    std::fs::create_dir_all(folder)?;
    File::open(from)?.sync_all()?;
    std::fs::rename(from, to)?;
    sync_folder(folder)
}

/// A rename survives a power cut only when its folder was flushed too. Windows has no such call.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Copies everything to the path; answers with its SHA-256 and length.
pub(super) fn copy_to(from: &mut dyn Read, path: &Path) -> io::Result<(String, u64)> {
    let folder = folder_of(path)?;
    std::fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    let mut tee = Tee {
        file: &mut file,
        hasher: Sha256::new(),
    };
    let bytes = io::copy(from, &mut tee)?;
    let sha256 = crate::hash::hex(&tee.hasher.finalize());
    settle(file, path)?;
    Ok((sha256, bytes))
}

struct Tee<'a> {
    file: &'a mut NamedTempFile,
    hasher: Sha256,
}

impl Write for Tee<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
