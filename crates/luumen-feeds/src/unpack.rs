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
/// Stops early, without an error, when `take` answers false. A document inside that is torn costs itself: the others are handed out, and the
/// error at the end names it.
pub fn documents(path: &Path, mut take: impl FnMut(&str, &[u8]) -> bool) -> Result<(), UnpackError> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut walk = Walk {
        take: &mut take,
        torn: Vec::new(),
    };
    let result = File::open(path).and_then(|file| walk.file(&name, file));
    let result = result.and_then(|()| walk.torn_error());
    result.map_err(|source| UnpackError { name, source })
}

/// A walk through an archive, and what was torn in it.
struct Walk<'t> {
    take: &'t mut dyn FnMut(&str, &[u8]) -> bool,
    torn: Vec<String>,
}

impl Walk<'_> {
    fn file(&mut self, name: &str, file: File) -> io::Result<()> {
        if name.ends_with(".zip") {
            return self.zip(file, 1).map(drop);
        }
        let (stem, reader) = unpacked(name, BufReader::with_capacity(1 << 16, file))?;
        if stem.ends_with(".tar") || stem.ends_with(".tgz") {
            return self.tar(reader);
        }
        let bytes = read_all(reader)?;
        (self.take)(stem, &bytes);
        Ok(())
    }

    fn tar(&mut self, reader: impl Read) -> io::Result<()> {
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries()? {
            let entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let path = entry.path()?.to_string_lossy().into_owned();
            let bytes = read_all(entry)?;
            if !self.inner(&path, bytes) {
                break;
            }
        }
        Ok(())
    }

    /// A zip, and the zips inside of it down to `depth` (the CVE List is published as one within another). False when `take` has had enough.
    fn zip(&mut self, file: impl Read + io::Seek, depth: u8) -> io::Result<bool> {
        let mut archive = zip::ZipArchive::new(BufReader::new(file))?;
        for at in 0..archive.len() {
            let entry = archive.by_index(at)?;
            if !entry.is_file() {
                continue;
            }
            let path = entry.name()?.into_owned();
            // Each member has a checksum and a place of its own: one that is torn says nothing of the next.
            let more = match read_all(entry) {
                Err(_) => self.torn(&path),
                Ok(bytes) if depth > 0 && path.ends_with(".zip") => {
                    self.zip(io::Cursor::new(bytes), depth - 1)?
                }
                Ok(bytes) => self.inner(&path, bytes),
            };
            if !more {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A document of an archive, which may be packed itself.
    fn inner(&mut self, path: &str, bytes: Vec<u8>) -> bool {
        let packed = [".gz", ".bz2", ".xz", ".zst"]
            .iter()
            .any(|ending| path.ends_with(ending));
        if !packed {
            return (self.take)(path, &bytes);
        }
        let inner =
            unpacked(path, io::Cursor::new(bytes)).and_then(|(stem, inner)| Ok((stem, read_all(inner)?)));
        match inner {
            Ok((stem, bytes)) => (self.take)(stem, &bytes),
            Err(_) => self.torn(path),
        }
    }

    fn torn(&mut self, path: &str) -> bool {
        self.torn.push(path.to_owned());
        true
    }

    fn torn_error(&self) -> io::Result<()> {
        if self.torn.is_empty() {
            return Ok(());
        }
        let some: Vec<&str> = self.torn.iter().take(3).map(String::as_str).collect();
        let more = if self.torn.len() > some.len() { ", …" } else { "" };
        let what = format!(
            "{} documents inside are torn: {}{more}",
            self.torn.len(),
            some.join(", ")
        );
        Err(io::Error::new(io::ErrorKind::InvalidData, what))
    }
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    /// A zip of a good document, a torn one and another good one.
    #[test]
    fn a_torn_document_costs_itself_and_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.zip");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).expect("a file"));
        let options = zip::write::SimpleFileOptions::default();
        for (name, bytes) in [
            ("a.json", b"{}".as_slice()),
            ("b.json.gz", b"no gzip"),
            ("c.json", b"[]"),
        ] {
            zip.start_file(name, options).expect("an entry");
            zip.write_all(bytes).expect("its bytes");
        }
        zip.finish().expect("a zip");
        let mut seen = Vec::new();
        let walked = super::documents(&path, |name, _| {
            seen.push(name.to_owned());
            true
        });
        assert_eq!(seen, ["a.json", "c.json"]);
        let error = walked.expect_err("a torn document");
        let source = std::error::Error::source(&error).expect("why").to_string();
        assert!(source.contains("b.json.gz"), "{source}");
    }
}
