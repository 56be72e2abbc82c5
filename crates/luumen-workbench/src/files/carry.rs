//! Carries one file over.
//!
//! A file is written beside its place under a name of its own (`.name.luumen-part`) and put in its place
//! when it is whole: whoever reads it sees the old one or the new one, never half of one. `part` says where
//! that is, and what of an earlier try is used again; `keep` gives a file on the host what the one before it had.

use std::{
    fs, io,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread::{self, Scope, ScopedJoinHandle},
};

use bytes::Bytes;
use luumen_transport::sftp::{Attributes, FileHandle, FileReader, FileWriter, Open, Sftp, SftpError};
use tokio::sync::mpsc;

use super::{
    begun,
    browser::{Browser, problem},
    keep::{OtherOwner, keep},
    manners::Manners,
    part::{self, Place, behind_link, local_beginning, remote_beginning},
};
use crate::bridge::Problem;

/// Pieces between the disk and the line.
const QUEUED: usize = 16;
const PIECE_BYTES: usize = 255 * 1024;
/// How much is written before the disk is asked to take it.
const SYNC_EVERY_BYTES: usize = 32 * 1024 * 1024;

/// How far a transfer is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) done: AtomicU64,
    pub(super) total: AtomicU64,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum Carried<T> {
    /// It is in its place.
    InPlace(T),
    /// Something came to the place that was free; what was carried waits beside it.
    Taken,
}

impl<T> Carried<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Carried<U> {
        match self {
            Self::InPlace(carried) => Carried::InPlace(change(carried)),
            Self::Taken => Carried::Taken,
        }
    }
}

/// What there is to say of a file that was sent.
#[derive(Debug)]
pub(super) struct Sent {
    /// As it is on the host now.
    pub(super) now: Attributes,
    /// Whose it is, if it could not be given back to whom the one before it belonged.
    pub(super) owner: Option<OtherOwner>,
}

fn disk(title: String, error: &io::Error) -> Problem {
    let problem = Problem::of("LUM-LOCAL-FILE", title, error);
    match error.kind() {
        io::ErrorKind::StorageFull => problem.next("Free some space on this device, and try again."),
        io::ErrorKind::PermissionDenied => problem.next("Choose a folder that you may write to."),
        _ => problem.next("Check the file and its folder on this device."),
    }
}

/// Does something where waiting for the disk is allowed.
pub(super) async fn on_disk<T: Send + 'static>(
    title: String,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(disk(title, &error)),
        Err(error) => Err(Problem::of("LUM-LOCAL-FILE", title, &error)),
    }
}

// ---- from the host to this device ----

/// Fetches a file.
pub(super) async fn download_file(
    browser: &Browser,
    sftp: &Sftp,
    from: &str,
    to: &Path,
    place: Place,
    progress: &Progress,
) -> Result<Carried<()>, Problem> {
    let failed = |error: &SftpError| problem(format!("{from} could not be fetched"), error);
    let file = sftp
        .open_file(from, Open::Read, None)
        .await
        .map_err(|error| failed(&error))?;
    let stat = file.stat().await.map_err(|error| failed(&error))?;
    let title = || format!("{} could not be written", to.display());
    let source = browser.sources.fetched(&browser.origin.target, from, &stat, to);
    let (part, start) = local_beginning(&file, &stat, to, place, &source).await?;
    progress.done.fetch_add(start, Ordering::Relaxed);
    let (pieces, queue) = mpsc::channel::<Bytes>(QUEUED);
    let writing = {
        let part = part.clone();
        tokio::task::spawn_blocking(move || write_part(&part, start, queue))
    };
    let mut reader = FileReader::new(&file, start, stat.size.unwrap_or(0));
    let mut manners = Manners::new(&browser.sessions.typing);
    let mut read = start;
    let fetched = loop {
        reader.under_way_at_most(manners.give_way().await);
        match reader.next().await {
            Ok(Some(piece)) => {
                let length = piece.len() as u64;
                // A writer that has failed says why below.
                if pieces.send(piece).await.is_err() {
                    break Ok(());
                }
                read += length;
                progress.done.fetch_add(length, Ordering::Relaxed);
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(failed(&error)),
        }
    };
    drop(pieces);
    let written = writing
        .await
        .map_err(|error| Problem::of("LUM-LOCAL-FILE", title(), &error))?;
    fetched?;
    let written = written.map_err(|error| disk(title(), &error))?;
    // A file that shrank or grew meanwhile is taken as it was read; one that was cut is not taken.
    if stat.size.is_some_and(|size| read < size)
        && file.stat().await.ok().and_then(|now| now.size) != Some(read)
    {
        return Err(shorter(from));
    }
    let placed = {
        let to = to.to_owned();
        on_disk(title(), move || put_in_place(written, &part, &to, &stat, place)).await?
    };
    if let Carried::InPlace(()) = placed {
        source.is_carried();
    }
    Ok(placed)
}

fn shorter(path: &str) -> Problem {
    Problem::new(
        "LUM-TRANSFER-SHORT",
        format!("{path} was not carried over whole"),
        "it ended earlier than its length says",
    )
    .next("Try again; if it changes all the time, copy it on its side first.")
}

/// Writes what comes behind what was begun.
fn write_part(part: &Path, start: u64, mut queue: mpsc::Receiver<Bytes>) -> io::Result<fs::File> {
    let mut file = match start {
        0 => begun::fresh(part)?,
        _ => begun::go_on(part)?,
    };
    file.set_len(start)?;
    file.seek(SeekFrom::Start(start))?;
    thread::scope(|scope| {
        let mut ahead: Option<Ahead<'_>> = None;
        let mut loose = 0;
        while let Some(piece) = queue.blocking_recv() {
            file.write_all(&piece)?;
            loose += piece.len();
            if loose >= SYNC_EVERY_BYTES {
                loose = 0;
                match &ahead {
                    Some(ahead) => ahead.go(),
                    None => ahead = Some(Ahead::new(scope, file.try_clone()?)),
                }
            }
        }
        ahead.map_or(Ok(()), Ahead::finish)?;
        file.sync_all()
    })?;
    Ok(file)
}

/// Brings to the disk what is written while more arrives, so that at the end little is left to wait for.
struct Ahead<'scope> {
    turns: SyncSender<()>,
    work: ScopedJoinHandle<'scope, io::Result<()>>,
}

impl<'scope> Ahead<'scope> {
    fn new(scope: &'scope Scope<'scope, '_>, file: fs::File) -> Self {
        let (turns, taken) = sync_channel(1);
        let work = move || {
            while taken.recv().is_ok() {
                file.sync_data()?;
            }
            Ok(())
        };
        let ahead = Self {
            turns,
            work: scope.spawn(work),
        };
        ahead.go();
        ahead
    }

    fn go(&self) {
        // One that is still at it takes what came meanwhile with its next turn; one that has failed says so at the end.
        let _ = self.turns.try_send(());
    }

    /// The system tells of a failed write once: who hears it here must not lose it.
    fn finish(self) -> io::Result<()> {
        drop(self.turns);
        let failed = |_| io::Error::other("the thread that waits for the disk has ended");
        self.work.join().map_err(failed)?
    }
}

/// Puts a whole file in its place.
fn put_in_place(
    file: fs::File,
    part: &Path,
    to: &Path,
    stat: &Attributes,
    place: Place,
) -> io::Result<Carried<()>> {
    if place == Place::Free && begun::is_there(to) {
        return Ok(Carried::Taken);
    }
    // Two programs that fetch the same file have one name for what they write.
    if !begun::is_at(&file, part)? {
        return Err(begun::exchanged());
    }
    // Neither the time nor the bits are worth failing for: the content is there.
    if let Some((_, changed)) = stat.times {
        let changed = std::time::UNIX_EPOCH + std::time::Duration::from_secs(u64::from(changed));
        let _ = file.set_modified(changed);
    }
    // Last, because it may not be written to hereafter.
    #[cfg(unix)]
    if let Some(mode) = stat.permissions() {
        use std::os::unix::fs::PermissionsExt as _;
        // Bits that make a program run as somebody else are not carried over.
        let _ = file.set_permissions(fs::Permissions::from_mode(mode & 0o777));
    }
    drop(file);
    fs::rename(part, to)?;
    Ok(Carried::InPlace(()))
}

// ---- from this device to the host ----

/// Sends a file.
pub(super) async fn upload_file(
    browser: &Browser,
    sftp: &Sftp,
    from: &Path,
    to: &str,
    place: Place,
    progress: &Progress,
) -> Result<Carried<Sent>, Problem> {
    let failed = |error: &SftpError| problem(format!("{to} could not be written"), error);
    let title = || format!("{} could not be read", from.display());
    let (goal, before) = match place {
        Place::Free => (to.to_owned(), None),
        _ => {
            let goal = behind_link(sftp, to).await.map_err(|error| failed(&error))?;
            let before = sftp.stat(&goal).await.ok();
            (goal, before)
        }
    };
    let metadata = {
        let from = from.to_owned();
        on_disk(title(), move || fs::metadata(from)).await?
    };
    let source = browser
        .sources
        .sent(&browser.origin.target, from, &metadata, &goal);
    let (part, start) = remote_beginning(sftp, from, metadata.len(), &goal, place, &source).await?;
    let file = part::open_remote(sftp, &part, start)
        .await
        .map_err(|error| failed(&error))?;
    progress.done.fetch_add(start, Ordering::Relaxed);
    let manners = Manners::new(&browser.sessions.typing);
    let sent = send(&file, from, start, progress, manners).await?;
    let owner = keep(&file, &metadata, before.as_ref()).await;
    file.sync().await.map_err(|error| failed(&error))?;
    let length = file.stat().await.map_err(|error| failed(&error))?.size;
    file.close().await.map_err(|error| failed(&error))?;
    if length.is_some_and(|length| length != sent) {
        return Err(shorter(&from.display().to_string()));
    }
    let placed = part::place_remote(sftp, &part, &goal, place).await;
    if !placed.map_err(|error| failed(&error))? {
        return Ok(Carried::Taken);
    }
    source.is_carried();
    let now = sftp.stat(&goal).await.map_err(|error| failed(&error))?;
    Ok(Carried::InPlace(Sent { now, owner }))
}

/// Sends what follows `start`; says where it ended.
async fn send(
    file: &FileHandle,
    from: &Path,
    start: u64,
    progress: &Progress,
    mut manners: Manners<'_>,
) -> Result<u64, Problem> {
    let (pieces, mut queue) = mpsc::channel::<Vec<u8>>(QUEUED);
    let title = format!("{} could not be read", from.display());
    let reading = {
        let from = from.to_owned();
        tokio::task::spawn_blocking(move || read_from(&from, start, &pieces))
    };
    let mut writer = FileWriter::new(file, start);
    let mut confirmed = start;
    let mut note = |now: u64| {
        progress.done.fetch_add(now - confirmed, Ordering::Relaxed);
        confirmed = now;
    };
    let failed = |error: &SftpError| problem(format!("{} could not be sent", from.display()), error);
    while let Some(piece) = queue.recv().await {
        writer.under_way_at_most(manners.give_way().await);
        writer.write(&piece).await.map_err(|error| failed(&error))?;
        note(writer.confirmed());
    }
    writer.finish().await.map_err(|error| failed(&error))?;
    note(writer.confirmed());
    match reading.await {
        Ok(Ok(())) => Ok(writer.confirmed()),
        Ok(Err(error)) => Err(disk(title, &error)),
        Err(error) => Err(Problem::of("LUM-LOCAL-FILE", title, &error)),
    }
}

fn read_from(from: &Path, start: u64, pieces: &mpsc::Sender<Vec<u8>>) -> io::Result<()> {
    let mut file = fs::File::open(from)?;
    file.seek(SeekFrom::Start(start))?;
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        if (&mut file).take(PIECE_BYTES as u64).read_to_end(&mut piece)? == 0 {
            return Ok(());
        }
        if pieces.blocking_send(piece).is_err() {
            // The line has failed, and says so itself.
            return Ok(());
        }
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use luumen_testkit::account::as_nobody;

    use super::*;

    /// What a host tells of a file.
    fn told(mode: u32) -> Attributes {
        Attributes {
            mode: Some(mode),
            times: Some((0, 1_000_000_000)),
            ..Attributes::default()
        }
    }

    /// Writes this behind what was begun, and puts it in its place.
    fn carry(to: &Path, start: u64, content: &'static str, mode: u32) -> io::Result<Carried<()>> {
        let part = to.with_file_name(".x.luumen-part");
        let (pieces, queue) = mpsc::channel(1);
        pieces.try_send(Bytes::from(content)).map_err(io::Error::other)?;
        drop(pieces);
        let file = write_part(&part, start, queue)?;
        put_in_place(file, &part, to, &told(mode), Place::Replace)
    }

    #[test]
    fn a_file_that_nobody_may_write_arrives_with_its_time_and_its_permissions() {
        as_nobody(|| {
            let folder = tempfile::tempdir().expect("a folder");
            let to = folder.path().join("x");
            for mode in [0o444, 0o440, 0o400, 0o555, 0o4755] {
                let carried = carry(&to, 0, "whole", mode).expect("carried over");
                assert!(matches!(carried, Carried::InPlace(())));
                let there = fs::metadata(&to).expect("in its place");
                assert_eq!(
                    (there.mode() & 0o7777, there.mtime()),
                    (mode & 0o777, 1_000_000_000)
                );
            }
        });
    }

    #[test]
    fn what_an_earlier_version_left_read_only_is_gone_on_with() {
        as_nobody(|| {
            let folder = tempfile::tempdir().expect("a folder");
            let (to, part) = (folder.path().join("x"), folder.path().join(".x.luumen-part"));
            fs::write(&part, "who").expect("begun");
            fs::set_permissions(&part, fs::Permissions::from_mode(0o444)).expect("read-only");
            carry(&to, 3, "le", 0o444).expect("carried over");
            assert_eq!(fs::read_to_string(&to).expect("read"), "whole");
        });
    }
}
