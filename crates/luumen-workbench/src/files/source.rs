//! Remembers of which file a part was begun: a part is gone on with only while that file is the same.
//!
//! The end of a part is compared in any case (`part`), but a file can change at its beginning alone. So its length and its time are
//! noted in the data folder before the first byte is carried, and survive a crash. What is not noted is begun anew.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use luumen_transport::sftp::Attributes;
use sha2::{Digest as _, Sha256};

/// The notes, one for each place that something is carried to.
#[derive(Debug)]
pub(super) struct Sources(PathBuf);

/// A file that is carried, as it is now, and where that is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    note: PathBuf,
    /// None where it is not known when it changed: such a file is never known to be the same.
    state: Option<String>,
}

impl Sources {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// A file of a host that is fetched.
    pub(super) fn fetched(&self, host: &str, from: &str, stat: &Attributes, to: &Path) -> Source {
        let (size, times) = (stat.size, stat.times);
        let state = size
            .zip(times)
            .map(|(size, (_, at))| format!("{host} {from} {size} {at}"));
        Source {
            note: self.note_of_fetched(to),
            state,
        }
    }

    /// A file of this device that is sent.
    pub(super) fn sent(&self, host: &str, from: &Path, metadata: &fs::Metadata, to: &str) -> Source {
        let at = metadata.modified().ok();
        let at = at.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Source {
            note: self.note_of_sent(host, to),
            state: at.map(|at| format!("{} {} {}", from.display(), metadata.len(), at.as_nanos())),
        }
    }

    /// Nobody wants the rest of what is fetched.
    pub(super) fn forget_fetched(&self, to: &Path) {
        // Mostly there is none.
        let _ = fs::remove_file(self.note_of_fetched(to));
    }

    /// Nobody wants the rest of what is sent.
    pub(super) fn forget_sent(&self, host: &str, to: &str) {
        // Mostly there is none.
        let _ = fs::remove_file(self.note_of_sent(host, to));
    }

    fn note_of_fetched(&self, to: &Path) -> PathBuf {
        self.note("", &to.to_string_lossy())
    }

    fn note_of_sent(&self, host: &str, to: &str) -> PathBuf {
        self.note(host, to)
    }

    fn note(&self, host: &str, to: &str) -> PathBuf {
        let name = Sha256::digest(format!("{host}\n{to}"));
        self.0
            .join(name.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

impl Source {
    /// Whether what was begun was begun of this file, and it has not changed since.
    pub(super) fn is_as_noted(&self) -> bool {
        let noted = fs::read_to_string(&self.note).ok();
        self.state.is_some() && noted == self.state
    }

    /// Notes that something is begun of it. Where that cannot be written a cut costs what was carried, and nothing else.
    pub(super) fn note_down(&self) {
        let written = match &self.state {
            Some(state) => write(&self.note, state),
            None => fs::remove_file(&self.note),
        };
        if let Err(error) = written
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "It could not be noted of which file a part is");
        }
    }

    /// It is whole.
    pub(super) fn is_carried(&self) {
        // Of a short file nothing was noted.
        let _ = fs::remove_file(&self.note);
    }
}

/// Half a note, after a crash, is the note of no file: what it was made for is begun anew.
fn write(note: &Path, state: &str) -> io::Result<()> {
    if let Some(folder) = note.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(note, state)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(size: u64, at: Option<u32>) -> Attributes {
        Attributes {
            size: Some(size),
            times: at.map(|at| (0, at)),
            ..Attributes::default()
        }
    }

    #[test]
    fn a_part_is_of_one_file_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let sources = Sources::new(folder.path().join("parts"));
        let of = |from: &str, size, at| {
            sources.fetched("ann@db-3:22", from, &stat(size, at), Path::new("/here/x"))
        };
        let noted = of("/there/x", 100, Some(7));
        assert!(!noted.is_as_noted(), "nothing was begun");
        noted.note_down();
        assert!(of("/there/x", 100, Some(7)).is_as_noted());
        for other in [
            of("/there/x", 100, Some(8)),
            of("/there/x", 101, Some(7)),
            of("/there/y", 100, Some(7)),
            // Nobody says when it changed.
            of("/there/x", 100, None),
            sources.fetched(
                "ann@web-1:22",
                "/there/x",
                &stat(100, Some(7)),
                Path::new("/here/x"),
            ),
            sources.fetched(
                "ann@db-3:22",
                "/there/x",
                &stat(100, Some(7)),
                Path::new("/here/y"),
            ),
        ] {
            assert!(!other.is_as_noted(), "{other:?}");
        }
        sources.forget_fetched(Path::new("/here/x"));
        assert!(!noted.is_as_noted());
    }
}
