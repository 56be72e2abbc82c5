//! A catalogue for those without a network: one signed file, and the folder where catalogues lie.
//!
//! ```text
//! LUUMEN-BUNDLE 1\n   length of the manifest (u32, little endian)   manifest (JSON)   signature (64 bytes)   catalogue (zstd)
//! ```
//! The signature is over the manifest; the manifest holds the SHA-256 and the size of the catalogue. What the catalogue means is
//! not known here.

mod keys;
mod manifest;
mod place;

use std::{
    io::{self, BufReader, Read, Write},
    path::Path,
};

use sha2::{Digest, Sha256};

pub use keys::{KeyError, PublicKey, SigningKey, TrustedKeys};
pub use manifest::{CatalogueInfo, Manifest, SourceNote};
pub use place::{Catalogues, Installed, PlaceError};

use crate::{hash, mapped::OpenFileError};

const MAGIC: &[u8] = b"LUUMEN-BUNDLE 1\n";
const MOST_MANIFEST: u32 = 16 << 20;
const LEVEL: i32 = 12;

/// A bundle that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The catalogue, or where the bundle goes.
    #[error("could not write the bundle")]
    Disk(#[source] io::Error),
    /// The manifest.
    #[error("could not write the manifest of the bundle")]
    Manifest(#[source] serde_json::Error),
}

/// A bundle that is not taken. Whatever was installed before still is.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Another kind of file.
    #[error("it is not a bundle of Luumen, or one of a newer edition than this program knows")]
    NotABundle,
    /// The file ends early.
    #[error("the bundle is cut off; copy it again")]
    Truncated,
    /// Nobody we trust.
    #[error("the bundle is signed with the key {key_id}, which is not among the trusted ones")]
    UnknownKey {
        /// Whose.
        key_id: String,
    },
    /// Somebody changed what was signed.
    #[error(
        "the signature with the key {key_id} does not fit the manifest: it was changed after it was signed"
    )]
    TamperedManifest {
        /// Whose.
        key_id: String,
    },
    /// The signature is good, and what it signs cannot be read.
    #[error("the manifest of the bundle cannot be read")]
    Manifest(#[source] serde_json::Error),
    /// Somebody changed the catalogue.
    #[error("the catalogue in the bundle is not the one that its manifest was signed for")]
    TamperedCatalogue,
    /// What was signed is no catalogue that we can open.
    #[error("the catalogue in the bundle cannot be opened by this program")]
    Unusable(#[source] OpenFileError),
    /// We have a newer one.
    #[error("the bundle is of {offered}, and the installed catalogue of {installed} is newer")]
    Older {
        /// Of the bundle.
        offered: luumen_model::Timestamp,
        /// Of what we have.
        installed: luumen_model::Timestamp,
    },
    /// The disk, while reading the bundle.
    #[error("could not read the bundle")]
    Read(#[source] io::Error),
    /// The folder of catalogues.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

/// Whether an older catalogue may replace a newer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Age {
    /// No.
    #[default]
    NewerOnly,
    /// Yes: somebody wants to go back.
    Any,
}

/// Writes a bundle: the catalogue, and who says since when what is in it. The manifest's `catalogue` and `signed_by` are filled in here.
pub fn write(
    catalogue: &mut (impl Read + io::Seek),
    mut manifest: Manifest,
    key: &SigningKey,
    out: &mut impl Write,
) -> Result<Manifest, WriteError> {
    let (sha256, size) = hash::of_reader(&mut *catalogue).map_err(WriteError::Disk)?;
    catalogue.rewind().map_err(WriteError::Disk)?;
    manifest.catalogue = CatalogueInfo { sha256, size };
    manifest.signed_by = key.public().id();
    let text = serde_json::to_vec_pretty(&manifest).map_err(WriteError::Manifest)?;
    let mut body = || -> io::Result<()> {
        out.write_all(MAGIC)?;
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        out.write_all(&length.to_le_bytes())?;
        out.write_all(&text)?;
        out.write_all(&key.sign(&text))?;
        let mut encoder = zstd::stream::write::Encoder::new(&mut *out, LEVEL)?;
        encoder.include_checksum(true)?;
        io::copy(catalogue, &mut encoder)?;
        encoder.finish()?.flush()
    };
    body().map_err(WriteError::Disk)?;
    Ok(manifest)
}

/// Whether a file begins as a bundle does. It says nothing of whether the rest of it is one.
pub fn is_bundle(path: &std::path::Path) -> io::Result<bool> {
    let mut magic = vec![0; MAGIC.len()];
    let got = read_up_to(&mut std::fs::File::open(path)?, &mut magic)?;
    Ok(magic.get(..got) == Some(MAGIC))
}

/// Reads who signed a bundle and what is in it. The signature holds when this answers.
pub fn verify(bundle: &mut impl Read, trusted: &TrustedKeys) -> Result<Manifest, ImportError> {
    let mut magic = vec![0; MAGIC.len()];
    let got = read_up_to(bundle, &mut magic).map_err(ImportError::Read)?;
    if !MAGIC.starts_with(&magic[..got]) {
        return Err(ImportError::NotABundle);
    }
    if got < MAGIC.len() {
        return Err(ImportError::Truncated);
    }
    let mut length = [0; 4];
    exactly(bundle, &mut length)?;
    let length = u32::from_le_bytes(length);
    if length > MOST_MANIFEST {
        return Err(ImportError::NotABundle);
    }
    let mut text = vec![0; length as usize];
    exactly(bundle, &mut text)?;
    let mut signature = [0; 64];
    exactly(bundle, &mut signature)?;
    let key_id = manifest::signed_by(&text);
    let Some(key) = trusted.by_id(&key_id) else {
        return Err(ImportError::UnknownKey { key_id });
    };
    if !key.verifies(&text, &signature) {
        return Err(ImportError::TamperedManifest { key_id });
    }
    let manifest: Manifest = serde_json::from_slice(&text).map_err(ImportError::Manifest)?;
    if manifest.format != manifest::FORMAT {
        return Err(ImportError::NotABundle);
    }
    Ok(manifest)
}

/// Takes a bundle: checks it and puts its catalogue in place. Whoever reads catalogues sees the old one or this one, never half of one.
pub fn verify_and_unpack(
    bundle: impl Read,
    trusted: &TrustedKeys,
    catalogues: &Catalogues,
    age: Age,
) -> Result<Installed, ImportError> {
    verify_unpack_and_check(bundle, trusted, catalogues, age, |_| Ok(()))
}

/// The same, and nothing is put in place unless `check` can use the catalogue.
pub fn verify_unpack_and_check(
    mut bundle: impl Read,
    trusted: &TrustedKeys,
    catalogues: &Catalogues,
    age: Age,
    check: impl FnOnce(&Path) -> Result<(), OpenFileError>,
) -> Result<Installed, ImportError> {
    let manifest = verify(&mut bundle, trusted)?;
    let mut place = catalogues.hold()?;
    refuse_older(&place, &manifest, age)?;
    let mut file = place.temporary()?;
    let size = manifest.catalogue.size;
    let decoder = zstd::stream::read::Decoder::new(BufReader::new(bundle)).map_err(ImportError::Read)?;
    // One byte more than promised is enough to know.
    let mut unpacked = decoder.take(size.saturating_add(1));
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut got = 0;
    loop {
        let read = match unpacked.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(ImportError::Truncated),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // What zstd cannot unpack was not written by us.
            Err(error) if error.kind() == io::ErrorKind::Other => return Err(ImportError::TamperedCatalogue),
            Err(error) => return Err(ImportError::Read(error)),
        };
        hasher.update(&buffer[..read]);
        got += read as u64;
        place.write(&mut file, &buffer[..read])?;
    }
    if got < size {
        return Err(ImportError::Truncated);
    }
    if got > size || hash::hex(&hasher.finalize()) != manifest.catalogue.sha256 {
        return Err(ImportError::TamperedCatalogue);
    }
    check(file.path()).map_err(ImportError::Unusable)?;
    Ok(place.install(file, manifest)?)
}

fn refuse_older(place: &place::Held<'_>, manifest: &Manifest, age: Age) -> Result<(), ImportError> {
    match place.current()? {
        Some(installed) if age == Age::NewerOnly && manifest.created_at < installed.manifest.created_at => {
            Err(ImportError::Older {
                offered: manifest.created_at,
                installed: installed.manifest.created_at,
            })
        }
        _ => Ok(()),
    }
}

fn read_up_to(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match from.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(read) => got += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

fn exactly(from: &mut impl Read, buffer: &mut [u8]) -> Result<(), ImportError> {
    let got = read_up_to(from, buffer).map_err(ImportError::Read)?;
    if got < buffer.len() {
        return Err(ImportError::Truncated);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(day: &str) -> Manifest {
        Manifest::new(format!("{day}T00:00:00Z").parse().expect("a day"), Vec::new())
    }

    fn bundle(key: &SigningKey, day: &str, content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut io::Cursor::new(content), manifest(day), key, &mut out).expect("a bundle");
        out
    }

    fn import(bytes: &[u8], key: &SigningKey, place: &Catalogues, age: Age) -> Result<Vec<u8>, ImportError> {
        let trusted = TrustedKeys::from(vec![SigningKey::generate().public(), key.public()]);
        let installed = verify_and_unpack(bytes, &trusted, place, age)?;
        Ok(std::fs::read(installed.path).expect("a catalogue"))
    }

    fn content() -> Vec<u8> {
        (0..200_000_u32)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect()
    }

    #[test]
    fn what_was_bundled_is_installed_and_old_ones_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Catalogues::open(folder.path()).expect("a place");
        assert!(place.current().expect("a look").is_none());
        let key = SigningKey::generate();
        for day in ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"] {
            let bytes = bundle(&key, day, format!("catalogue of {day}").as_bytes());
            let got = import(&bytes, &key, &place, Age::NewerOnly).expect("an import");
            assert_eq!(got, format!("catalogue of {day}").as_bytes());
        }
        let kept = std::fs::read_dir(folder.path())
            .expect("a folder")
            .filter(|entry| {
                let name = entry.as_ref().expect("an entry").file_name();
                name.to_string_lossy().ends_with(".catalogue")
            });
        assert_eq!(kept.count(), 2);
        let current = place.current().expect("a look").expect("a catalogue");
        assert_eq!(
            std::fs::read(current.path).expect("bytes"),
            b"catalogue of 2026-01-04"
        );
    }

    #[test]
    fn an_older_one_needs_to_be_forced() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Catalogues::open(folder.path()).expect("a place");
        let key = SigningKey::generate();
        import(&bundle(&key, "2026-02-02", b"new"), &key, &place, Age::NewerOnly).expect("an import");
        let old = bundle(&key, "2026-02-01", b"old");
        let error = import(&old, &key, &place, Age::NewerOnly).expect_err("older");
        assert!(matches!(error, ImportError::Older { .. }), "{error}");
        assert_eq!(import(&old, &key, &place, Age::Any).expect("forced"), b"old");
    }

    #[test]
    fn every_way_to_be_wrong_has_its_own_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Catalogues::open(folder.path()).expect("a place");
        let key = SigningKey::generate();
        let whole = bundle(&key, "2026-01-01", &content());
        let before = import(&whole, &key, &place, Age::NewerOnly).expect("an import");

        let error = import(&whole, &SigningKey::generate(), &place, Age::Any).expect_err("a stranger");
        assert!(matches!(error, ImportError::UnknownKey { .. }), "{error}");

        let mut changed = whole.clone();
        let at = changed
            .windows(4)
            .position(|part| part == b"2026")
            .expect("a year");
        changed[at + 3] = b'7';
        let error = import(&changed, &key, &place, Age::Any).expect_err("tampered");
        assert!(matches!(error, ImportError::TamperedManifest { .. }), "{error}");

        let mut changed = whole.clone();
        let middle = changed.len() - 5000;
        changed[middle] ^= 1;
        let error = import(&changed, &key, &place, Age::Any).expect_err("tampered");
        assert!(matches!(error, ImportError::TamperedCatalogue), "{error}");

        // A good manifest before another catalogue, well packed.
        let manifest_end = whole
            .windows(4)
            .position(|part| part == [0x28, 0xb5, 0x2f, 0xfd])
            .expect("zstd");
        let mut other = whole[..manifest_end].to_vec();
        other.extend(zstd::bulk::compress(b"another catalogue", 3).expect("zstd"));
        let error = import(&other, &key, &place, Age::Any).expect_err("shorter");
        assert!(matches!(error, ImportError::Truncated), "{error}");
        let mut longer = content();
        longer.push(1);
        let mut other = whole[..manifest_end].to_vec();
        other.extend(zstd::bulk::compress(&longer, 3).expect("zstd"));
        let error = import(&other, &key, &place, Age::Any).expect_err("longer");
        assert!(matches!(error, ImportError::TamperedCatalogue), "{error}");

        let cuts = [
            0,
            5,
            17,
            25,
            manifest_end - 70,
            manifest_end - 3,
            manifest_end + 2,
            whole.len() - 1,
        ];
        for cut in cuts {
            let error = import(&whole[..cut], &key, &place, Age::Any).expect_err("cut");
            assert!(matches!(error, ImportError::Truncated), "{cut}: {error}");
        }
        let error = import(b"something else altogether", &key, &place, Age::Any).expect_err("no bundle");
        assert!(matches!(error, ImportError::NotABundle), "{error}");

        let current = place.current().expect("a look").expect("a catalogue");
        assert_eq!(std::fs::read(current.path).expect("bytes"), before);
    }
}
