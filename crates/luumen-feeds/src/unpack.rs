//! Opens what feeds are packed in: documents out of `.gz`, `.bz2`, `.xz`, `.zst`, `.zip` and `.tar.*`, one at a time.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

/// A file that could not be opened or unpacked.
#[derive(Debug, thiserror::Error)]
#[error("could not unpack {name}")]
pub struct UnpackError {
    /// The file.
    pub name: String,
    source: io::Error,
}

/// Nothing that we read is larger; what claims to be is a bomb.
const DOCUMENT_CAP: u64 = 4 << 30;

/// Hands every document in the file to `take`: its path inside the archive (or the file's own name without the packing's ending) and its bytes.
/// Stops early, without an error, when `take` answers false.
pub fn documents(path: &Path, mut take: impl FnMut(&str, &[u8]) -> bool) -> Result<(), UnpackError> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let result = File::open(path).and_then(|file| walk(&name, file, &mut take));
    result.map_err(|source| UnpackError { name, source })
}

fn walk(name: &str, file: File, take: &mut dyn FnMut(&str, &[u8]) -> bool) -> io::Result<()> {
    if name.ends_with(".zip") {
        return walk_zip(file, 1, take).map(drop);
    }
    let (stem, reader) = unpacked(name, BufReader::with_capacity(1 << 16, file))?;
    if stem.ends_with(".tar") || stem.ends_with(".tgz") {
        return walk_tar(reader, take);
    }
    let bytes = read_all(reader)?;
    take(stem, &bytes);
    Ok(())
}

/// The name without the ending of its compression, and what is inside.
fn unpacked(name: &str, file: impl Read + 'static) -> io::Result<(&str, Box<dyn Read>)> {
    Ok(if let Some(stem) = name.strip_suffix(".gz") {
        (stem, Box::new(flate2::read::MultiGzDecoder::new(file)))
    } else if name.ends_with(".tgz") {
        (name, Box::new(flate2::read::MultiGzDecoder::new(file)))
    } else if let Some(stem) = name.strip_suffix(".bz2") {
        (stem, Box::new(bzip2::read::MultiBzDecoder::new(file)))
    } else if let Some(stem) = name.strip_suffix(".xz") {
        (stem, Box::new(liblzma::read::XzDecoder::new_multi_decoder(file)))
    } else if let Some(stem) = name.strip_suffix(".zst") {
        (stem, Box::new(zstd::stream::read::Decoder::new(file)?))
    } else {
        (name, Box::new(file))
    })
}

fn walk_tar(reader: impl Read, take: &mut dyn FnMut(&str, &[u8]) -> bool) -> io::Result<()> {
    let mut archive = tar::Archive::new(reader);
    for entry in archive.entries()? {
        let entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path()?.to_string_lossy().into_owned();
        if !take_inner(&path, entry, take)? {
            break;
        }
    }
    Ok(())
}

/// A zip, and the zips inside of it down to `depth` (the CVE List is published as one within another). False when `take` has had enough.
fn walk_zip(
    file: impl Read + io::Seek,
    depth: u8,
    take: &mut dyn FnMut(&str, &[u8]) -> bool,
) -> io::Result<bool> {
    let mut archive = zip::ZipArchive::new(BufReader::new(file))?;
    for at in 0..archive.len() {
        let entry = archive.by_index(at)?;
        if !entry.is_file() {
            continue;
        }
        let path = entry.name()?.into_owned();
        let more = if depth > 0 && path.ends_with(".zip") {
            walk_zip(io::Cursor::new(read_all(entry)?), depth - 1, take)?
        } else {
            take_inner(&path, entry, take)?
        };
        if !more {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A document of an archive, which may be packed itself.
fn take_inner(path: &str, entry: impl Read, take: &mut dyn FnMut(&str, &[u8]) -> bool) -> io::Result<bool> {
    let bytes = read_all(entry)?;
    let packed = [".gz", ".bz2", ".xz", ".zst"]
        .iter()
        .any(|ending| path.ends_with(ending));
    if !packed {
        return Ok(take(path, &bytes));
    }
    let (stem, inner) = unpacked(path, io::Cursor::new(bytes))?;
    Ok(take(stem, &read_all(inner)?))
}

fn read_all(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(DOCUMENT_CAP + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > DOCUMENT_CAP {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("a document is larger than {} GiB", DOCUMENT_CAP >> 30),
        ));
    }
    Ok(bytes)
}
