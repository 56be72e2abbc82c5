//! What hosts answered last, kept in a folder beside the agent's other state: one file a host.
//!
//! What is kept and whether it still holds is `luumen_collect`'s to say; here is where it lies, and for whom. Package
//! lists are no secret, yet nobody else's business: files and folder are the owner's alone. A file that is missing, torn,
//! foreign or of another place means that the host is read in full, and is never an error.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use luumen_collect::Kept;
use luumen_model::HostId;
use serde::{Deserialize, Serialize};
use tracing::{debug, warn};

use crate::replace::replace;

const FOLDER: &str = "kept";
/// Nothing is relied on for longer than a day, so what is older than two is of no use.
const STALE_AFTER: Duration = Duration::from_secs(48 * 3600);
/// More than any host's lists, unpacked; a larger file is not one of ours.
const MAX_BYTES: u64 = 64 << 20;
/// Lists of packages pack eight times smaller at the fastest level; the next ones gain little.
const PACKING: i32 = 1;

/// How a run treats what earlier ones kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rereading {
    /// Hosts need not answer again what cannot have changed.
    Spare,
    /// Everything is read; the answers are kept for the next run.
    Full,
    /// Everything is read, and nothing is kept.
    Aside,
}

/// Whose answers they are. Answers of one place are never taken for those of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) host: HostId,
    pub(crate) address: String,
    pub(crate) port: u16,
    pub(crate) username: String,
    /// Fingerprint of the host's key.
    pub(crate) host_key: String,
}

#[derive(Serialize)]
struct Page<'a> {
    place: &'a Place,
    kept: &'a Kept,
}

#[derive(Deserialize)]
struct OwnedPage {
    place: Place,
    kept: Kept,
}

/// The folder.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    rereading: Rereading,
    complained: AtomicBool,
}

impl Shelf {
    /// Makes the folder where needed and removes what nobody will rely on any more.
    pub(crate) fn open(state_dir: &Path, rereading: Rereading) -> Self {
        let shelf = Self {
            folder: state_dir.join(FOLDER),
            rereading,
            complained: AtomicBool::new(false),
        };
        if rereading != Rereading::Aside {
            match make_folder(&shelf.folder) {
                Ok(()) => sweep(&shelf.folder, SystemTime::now()),
                Err(error) => shelf.complain(&error),
            }
        }
        shelf
    }

    /// True when answers are kept at all.
    pub(crate) fn keeps(&self) -> bool {
        self.rereading != Rereading::Aside
    }

    /// What that very place answered last.
    pub(crate) fn take(&self, place: &Place) -> Option<Arc<Kept>> {
        if self.rereading != Rereading::Spare {
            return None;
        }
        let file = self.file(place.host);
        match read(&file) {
            Ok(page) if page.place == *place => Some(Arc::new(page.kept)),
            Ok(_) => None,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    debug!(host.id = %place.host, "{} is left aside: {error}", file.display());
                }
                None
            }
        }
    }

    /// Keeps what that place answered, in place of what it answered before.
    pub(crate) fn put(&self, place: &Place, kept: &Kept) {
        if self.keeps()
            && let Err(error) = write(&self.file(place.host), &Page { place, kept })
        {
            self.complain(&error);
        }
    }

    fn file(&self, host: HostId) -> PathBuf {
        self.folder.join(format!("{host}.zst"))
    }

    /// Once is enough: a full disk is full for every host.
    fn complain(&self, error: &io::Error) {
        if !self.complained.swap(true, Ordering::Relaxed) {
            warn!(
                "Answers cannot be kept in {}, so hosts are read in full: {error}",
                self.folder.display()
            );
        }
    }
}

/// When something was last kept for that host, as far as the folder shows.
pub(crate) fn kept_since(state_dir: &Path, host: HostId) -> Option<SystemTime> {
    let file = state_dir.join(FOLDER).join(format!("{host}.zst"));
    fs::metadata(file).and_then(|facts| facts.modified()).ok()
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // One that was there already may be open to others.
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Removes files of hosts that are gone, and leftovers of crashes.
fn sweep(folder: &Path, now: SystemTime) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|facts| facts.modified());
        let age = modified
            .ok()
            .and_then(|modified| now.duration_since(modified).ok());
        if age.is_some_and(|age| age > STALE_AFTER) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn read(file: &Path) -> io::Result<OwnedPage> {
    let mut json = Vec::new();
    zstd::Decoder::new(fs::File::open(file)?)?
        .take(MAX_BYTES)
        .read_to_end(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}

/// The checksum is for what a crash of the whole machine may leave.
fn write(file: &Path, page: &Page<'_>) -> io::Result<()> {
    replace(file, |beside| {
        let mut packer = zstd::Encoder::new(beside, PACKING)?;
        packer.include_checksum(true)?;
        packer.write_all(&serde_json::to_vec(page)?)?;
        packer.finish()?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    fn place(number: u128) -> Place {
        Place {
            host: HostId(uuid::Uuid::from_u128(number)),
            address: "db-3".to_owned(),
            port: 22,
            username: "scan".to_owned(),
            host_key: "SHA256:one".to_owned(),
        }
    }

    fn kept() -> Kept {
        let json = serde_json::json!({
            "script": "ab", "read_at": "2026-11-01T00:00:00Z", "state": "1 2.000000000 3.000000000 4",
            "answers": {"packages.dpkg": {"stdout": "bash\t1\n", "code": 0, "choice": 0}},
        });
        serde_json::from_value(json).expect("the shape on disk")
    }

    fn shelf(folder: &Path, rereading: Rereading) -> Shelf {
        Shelf::open(folder, rereading)
    }

    #[test]
    fn only_the_same_place_gets_its_answers_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path(), Rereading::Spare);
        shelf.put(&place(1), &kept());
        assert_eq!(shelf.take(&place(1)).as_deref(), Some(&kept()));
        let others: [fn(&mut Place); 5] = [
            |place| place.host = HostId(uuid::Uuid::from_u128(2)),
            |place| place.address = "db-4".to_owned(),
            |place| place.port = 2222,
            |place| place.username = "root".to_owned(),
            |place| place.host_key = "SHA256:two".to_owned(),
        ];
        for change in others {
            let mut other = place(1);
            change(&mut other);
            assert_eq!(shelf.take(&other), None, "{other:?}");
        }
    }

    #[test]
    fn a_full_run_takes_nothing_and_a_check_keeps_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        shelf(folder.path(), Rereading::Full).put(&place(1), &kept());
        assert_eq!(shelf(folder.path(), Rereading::Full).take(&place(1)), None);
        assert!(shelf(folder.path(), Rereading::Spare).take(&place(1)).is_some());
        shelf(folder.path(), Rereading::Aside).put(&place(2), &kept());
        assert_eq!(shelf(folder.path(), Rereading::Spare).take(&place(2)), None);
    }

    #[test]
    fn a_torn_file_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = shelf(folder.path(), Rereading::Spare);
        shelf.put(&place(1), &kept());
        let file = shelf.file(place(1).host);
        let whole = fs::read(&file).expect("the file");
        for at in 0..whole.len() {
            fs::write(&file, &whole[..at]).expect("written");
            assert_eq!(shelf.take(&place(1)), None, "cut at {at}");
            let mut odd = whole.clone();
            odd[at] ^= 0x55;
            fs::write(&file, odd).expect("written");
            // Whatever passes the checksum is what was written.
            assert!(shelf.take(&place(1)).is_none_or(|seen| *seen == kept()), "{at}");
        }
        shelf.put(&place(1), &kept());
        assert!(shelf.take(&place(1)).is_some(), "and it is written anew");
    }

    #[test]
    fn what_nobody_relies_on_is_swept_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = shelf(folder.path(), Rereading::Spare);
        first.put(&place(1), &kept());
        first.put(&place(2), &kept());
        let old = SystemTime::now() - STALE_AFTER - Duration::from_secs(60);
        let file = File::options().write(true).open(first.file(place(1).host));
        file.and_then(|file| file.set_modified(old)).expect("aged");
        let second = shelf(folder.path(), Rereading::Spare);
        assert_eq!(second.take(&place(1)), None);
        assert!(second.take(&place(2)).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn files_and_folder_are_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join(FOLDER)).expect("made");
        let shelf = shelf(folder.path(), Rereading::Spare);
        shelf.put(&place(1), &kept());
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&shelf.folder), 0o700);
        assert_eq!(mode(&shelf.file(place(1).host)), 0o600);
    }
}
