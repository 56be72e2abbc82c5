//! Copies of hosts' files on this device, and the small record beside each that says whose it is.
//!
//! A copy lies alone in a private folder. Its record lies beside that folder, because hosts choose the names of files. The record says
//! where the file came from and what both sides had last, as a digest: never what is in it, and no secret. At a start it tells what
//! was sent from what was not.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use luumen_transport::sftp::Attributes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{entry::name, walk};
use crate::bridge::{Id, Time};

/// Where a file belongs, so that a session can be opened to it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// The kept host, if it is one.
    pub(super) host: Option<Id>,
    /// What was typed to connect, if something was.
    pub(super) quick: Option<String>,
    /// What was signed in with, in place of the host's own.
    pub(super) credential: Option<Id>,
    /// What was gone through, in place of the host's own jump hosts.
    pub(super) jump: Option<Id>,
    /// What the host is called.
    pub(super) title: String,
    /// `user@host:port`.
    pub(super) target: String,
}

impl Origin {
    /// Whether a session leads to the host that the file came from. A host's address may have changed, and a host may have been
    /// kept anew.
    pub(super) fn is_of(&self, session: &Self) -> bool {
        self.target == session.target || (self.host.is_some() && self.host == session.host)
    }
}

/// What tells one state of a host's file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    size: Option<u64>,
    changed: Option<u32>,
}

impl Seen {
    pub(super) fn of(attributes: &Attributes) -> Self {
        Self {
            size: attributes.size,
            changed: attributes.times.map(|(_, changed)| changed),
        }
    }
}

/// What is known of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) origin: Origin,
    /// The file on the host.
    pub(super) path: String,
    /// The host's file when it was fetched or last sent.
    pub(super) seen: Seen,
    /// The digest of what was fetched or last sent.
    pub(super) sent: String,
    /// When it was fetched.
    pub(super) opened_at: Time,
}

/// The folder of all copies.
#[derive(Debug)]
pub(super) struct Copies {
    root: PathBuf,
}

impl Copies {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn folder(&self, id: Id) -> PathBuf {
        self.root.join(id.to_string())
    }

    fn record(&self, id: Id) -> PathBuf {
        self.root.join(format!("{id}.json"))
    }

    /// Where the copy of a host's file is.
    pub(super) fn place(&self, id: Id, path: &str) -> PathBuf {
        self.folder(id).join(walk::local_name(name(path)))
    }

    /// Makes the folder of a new copy.
    pub(super) fn make(&self, id: Id) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(self.folder(id))
    }

    /// Writes down what is known of a copy. What was written before holds until all of it is there.
    pub(super) fn write(&self, id: Id, record: &Record) -> io::Result<()> {
        let beside = self.root.join(format!("{id}.json.new"));
        let mut file = fs::File::create(&beside)?;
        io::Write::write_all(&mut file, &serde_json::to_vec_pretty(record)?)?;
        // A copy without its record would be taken for one that never arrived.
        file.sync_all()?;
        fs::rename(beside, self.record(id))
    }

    /// Removes a copy and its record.
    pub(super) fn remove(&self, id: Id) -> io::Result<()> {
        // The record goes last: as long as it is there, nothing is forgotten.
        gone(fs::remove_dir_all(self.folder(id)))?;
        gone(fs::remove_file(self.record(id)))
    }

    /// What an earlier start left that its host does not have. Copies that are as their host's file are removed, and so is what
    /// had only begun to arrive.
    pub(super) fn unsent(&self) -> Vec<(Id, Record)> {
        let ids = match self.ids() {
            Ok(ids) => ids,
            Err(error) => {
                tracing::warn!(%error, "The copies of edited files could not be looked at");
                return Vec::new();
            }
        };
        let mut unsent = Vec::new();
        for id in ids {
            match self.look(id) {
                Ok(Some(record)) => unsent.push((id, record)),
                Ok(None) => {
                    if let Err(error) = self.remove(id) {
                        tracing::warn!(%error, "The old copy of an edited file could not be removed");
                    }
                }
                // What cannot be read may hold a change; nobody but its person removes it.
                Err(error) => {
                    let folder = self.folder(id);
                    tracing::warn!(%error, "It is not known whether {} was sent; it is kept", folder.display());
                }
            }
        }
        unsent
    }

    /// Everything that has a folder or a record.
    fn ids(&self) -> io::Result<Vec<Id>> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            ids.extend(name.split('.').next().and_then(|id| id.parse::<Id>().ok()));
        }
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    /// The record of a copy that its host does not have; none if nothing would be lost with it.
    fn look(&self, id: Id) -> io::Result<Option<Record>> {
        let text = match fs::read(self.record(id)) {
            Ok(text) => text,
            // The record is written before anybody hears of the copy.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let record: Record = serde_json::from_slice(&text)?;
        let copy = self.place(id, &record.path);
        match digest(&copy) {
            Ok(content) if content == record.sent => Ok(None),
            Ok(_) => Ok(Some(record)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_empty(&self.folder(id)) => Ok(None),
            // An editor that was cut off while it saved may have left it under another name.
            Err(error) => Err(error),
        }
    }
}

fn is_empty(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// What is not there is gone, too.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// When a file was changed, and how long it is: what is the same was not saved again.
pub(super) fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// The digest of a file, in hexadecimal.
pub(super) fn digest(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut fs::File::open(path)?, &mut HashWriter(&mut hash))?;
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/etc/app.conf";

    fn origin(host: Option<Id>, target: &str) -> Origin {
        Origin {
            host,
            quick: None,
            credential: None,
            jump: None,
            title: "web-1".to_owned(),
            target: target.to_owned(),
        }
    }

    /// A copy that was fetched with this content.
    fn fetched(copies: &Copies, content: &str) -> (Id, PathBuf) {
        let id = Id::new();
        copies.make(id).expect("a folder");
        let place = copies.place(id, PATH);
        fs::write(&place, content).expect("a copy");
        let record = Record {
            origin: origin(None, "ann@web-1:22"),
            path: PATH.to_owned(),
            seen: Seen {
                size: Some(1),
                changed: Some(2),
            },
            sent: digest(&place).expect("a digest"),
            opened_at: Time::from_millis(0),
        };
        copies.write(id, &record).expect("a record");
        (id, place)
    }

    #[test]
    fn only_what_the_host_does_not_have_is_left_at_a_start() {
        let root = tempfile::tempdir().expect("a folder");
        let copies = Copies::new(root.path().to_owned());
        let (_, same) = fetched(&copies, "as the host has it");
        let (changed, kept) = fetched(&copies, "before");
        fs::write(&kept, "after").expect("a change");
        let (_, removed) = fetched(&copies, "its person removed it");
        fs::remove_file(&removed).expect("removed");
        let arriving = copies.place(Id::new(), PATH);
        fs::create_dir(arriving.parent().expect("a folder")).expect("a folder");

        let unsent = copies.unsent();
        assert_eq!(unsent.len(), 1);
        assert_eq!((unsent[0].0, unsent[0].1.path.as_str()), (changed, PATH));
        assert!(kept.exists() && !same.exists());
        let left = fs::read_dir(root.path()).expect("the folder").count();
        assert_eq!(left, 2, "one folder and its record");
    }

    #[test]
    fn what_cannot_be_judged_stays() {
        let root = tempfile::tempdir().expect("a folder");
        let copies = Copies::new(root.path().to_owned());
        let (id, torn) = fetched(&copies, "a");
        fs::write(copies.record(id), "{").expect("a torn record");
        let (_, cut_off) = fetched(&copies, "b");
        let beside = cut_off.with_file_name("app.conf~");
        fs::rename(&cut_off, &beside).expect("an editor that saves");
        assert_eq!(copies.unsent(), []);
        assert!(torn.exists() && beside.exists());
    }

    #[test]
    fn a_file_goes_back_only_to_the_host_it_came_from() {
        let (one, other) = (Id::new(), Id::new());
        let kept = origin(Some(one), "ann@web-1:22");
        assert!(kept.is_of(&origin(Some(one), "ann@web-1:2222")));
        assert!(kept.is_of(&origin(Some(other), "ann@web-1:22")), "kept anew");
        assert!(!kept.is_of(&origin(Some(other), "ann@web-2:22")));
        assert!(!origin(None, "ann@web-1:22").is_of(&origin(None, "root@web-1:22")));
    }
}
