//! Writes what leaves Luumen into a file of this device: whole or not at all, and over what is there only if its person says so.
//!
//! Whether the place may be written to at all is the guard's to say, before.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{bridge::Problem, files::begun};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// Nobody said that it may be replaced.
    #[error("there is something with this name")]
    Taken,
    /// As the system says it.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Writing it ended on its own.
    #[error("writing it failed")]
    Ended,
}

impl WriteError {
    /// What its person is told: `taken` is the code that asks whether to replace it, `failed` any other failure's.
    pub(crate) fn problem(&self, taken: &str, failed: &str, title: String) -> Problem {
        match self {
            Self::Taken => Problem::of(taken, title, self).next("Choose another name, or replace it."),
            Self::Io(error) if error.kind() == io::ErrorKind::StorageFull => {
                Problem::of(failed, title, self).next("Free some space on this device, and try again.")
            }
            Self::Io(_) | Self::Ended => {
                Problem::of(failed, title, self).next("Choose a place that you may write to.")
            }
        }
    }
}

/// Writes a text.
pub(crate) async fn text(text: String, to: PathBuf, overwrite: bool) -> Result<(), WriteError> {
    on_disk(move || write_beside(text.as_bytes(), &to, overwrite)).await
}

/// Writes a copy of a file.
pub(crate) async fn copy(from: PathBuf, to: PathBuf, overwrite: bool) -> Result<(), WriteError> {
    on_disk(move || write_beside(fs::File::open(from)?, &to, overwrite)).await
}

/// Does it where waiting for the disk is allowed.
async fn on_disk(work: impl FnOnce() -> Result<(), WriteError> + Send + 'static) -> Result<(), WriteError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| WriteError::Ended)?
}

/// Writes it beside its place and then into it: what is there stays whole until the new one is.
fn write_beside(mut content: impl io::Read, to: &Path, overwrite: bool) -> Result<(), WriteError> {
    if to.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    let is_taken = || !overwrite && begun::is_there(to);
    if is_taken() {
        return Err(WriteError::Taken);
    }
    let mut beside = to.to_owned().into_os_string();
    beside.push(".luumen-part");
    let beside = PathBuf::from(beside);
    let mut file = begun::fresh(&beside)?;
    let copied = io::copy(&mut content, &mut file).and_then(|_| file.sync_all());
    drop(file);
    let written = match copied {
        // It may have come meanwhile.
        Ok(()) if is_taken() => Err(WriteError::Taken),
        Ok(()) => fs::rename(&beside, to).map_err(WriteError::Io),
        Err(error) => Err(error.into()),
    };
    if written.is_err() {
        // What is in the way of the next one is removed then.
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a little, and then nothing more.
    struct Torn(bool);

    impl io::Read for Torn {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::Error::other("the disk is gone"));
            }
            into[..4].copy_from_slice(b"half");
            Ok(4)
        }
    }

    #[test]
    fn what_is_there_stays_whole_until_the_new_one_is_and_is_replaced_only_when_it_shall_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().join("hosts.csv");
        write_beside(&b"first"[..], &to, false).expect("nothing is there");
        let taken = write_beside(&b"second"[..], &to, false).expect_err("it is taken");
        assert!(matches!(taken, WriteError::Taken), "{taken:?}");
        write_beside(Torn(false), &to, true).expect_err("it is torn");
        assert_eq!(fs::read_to_string(&to).expect("a file"), "first");
        write_beside(&b"second"[..], &to, true).expect("it shall be");
        assert_eq!(fs::read_to_string(&to).expect("a file"), "second");
        let inside = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(inside, 1, "nothing half is left beside it");
        // A folder cannot be replaced, so nobody is asked whether it shall be.
        for overwrite in [false, true] {
            let folder = write_beside(&b"x"[..], folder.path(), overwrite).expect_err("a folder");
            assert!(matches!(folder, WriteError::Io(_)), "{folder:?}");
        }
    }
}
