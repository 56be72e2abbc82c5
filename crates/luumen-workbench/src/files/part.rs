//! Where a file is written until it is whole, and what of an earlier try is used again.
//!
//! It lies beside its place under a name of its own (`.name.luumen-part`). What was carried before a cut is used again when its
//! end is what the other side has there, too, and the file it is of has not changed since (`source`). A file that is gone on with in its own place waits as
//! `.name.luumen-resumed`; it is only ever added to, and comes back when nobody wants the rest. `begun` opens what is written here,
//! and nothing that a link with such a name leads to.

use std::{
    fs, io,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use luumen_transport::sftp::{Attributes, FileHandle, FileKind, FileReader, Open, Sftp, SftpError, Status};

use super::{
    begun::{self, is_there},
    browser::problem,
    carry::on_disk,
    entry::{join, name, parent},
    source::Source,
};
use crate::bridge::Problem;

/// How much of the end of a part is compared before it is used again.
const TAIL_BYTES: u64 = 64 * 1024;
/// What is in a file's place, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing. What comes there meanwhile stays.
    Free,
    /// Nothing that matters: what is there is replaced.
    Replace,
    /// What is there is the beginning.
    Continue,
}

/// The name of what is not whole yet.
fn part_name(name: &str) -> String {
    format!(".{name}.luumen-part")
}

/// The name of a file that stood in its place and is gone on with.
fn resumed_name(name: &str) -> String {
    format!(".{name}.luumen-resumed")
}

fn remote_part(path: &str) -> String {
    join(parent(path), &part_name(name(path)))
}

fn remote_resumed(path: &str) -> String {
    join(parent(path), &resumed_name(name(path)))
}

fn local_part(path: &Path) -> PathBuf {
    beside(path, part_name)
}

fn local_resumed(path: &Path) -> PathBuf {
    beside(path, resumed_name)
}

fn beside(path: &Path, called: fn(&str) -> String) -> PathBuf {
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    path.with_file_name(called(&name))
}

/// Where to write what is fetched, and what of it is there already.
pub(super) async fn local_beginning(
    file: &FileHandle,
    stat: &Attributes,
    to: &Path,
    place: Place,
    source: &Source,
) -> Result<(PathBuf, u64), Problem> {
    let title = || format!("{} could not be written", to.display());
    let (part, resumed) = (local_part(to), local_resumed(to));
    let mut candidates = vec![resumed.clone(), part.clone()];
    if place == Place::Continue {
        candidates.push(to.to_owned());
    }
    for candidate in candidates {
        let ending = {
            let candidate = candidate.clone();
            on_disk(title(), move || Ending::of_part(&candidate)).await?
        };
        let Some(ending) = ending else { continue };
        // What stands in its own place its person wants to be gone on with, whatever it was begun of.
        if candidate != to && !may_go_on(ending.length, source) {
            continue;
        }
        if same_end_as_remote(file, &ending, stat).await? {
            if candidate != to {
                return Ok((candidate, ending.length));
            }
            let (to, gone_on) = (to.to_owned(), resumed.clone());
            if on_disk(title(), move || take(&to, &gone_on)).await? {
                source.note_down();
                return Ok((resumed, ending.length));
            }
        }
    }
    // One that does not fit is still its person's.
    let to = to.to_owned();
    on_disk(title(), move || give_back(&resumed, &to)).await?;
    begin(stat.size, source);
    Ok((part, 0))
}

/// Whether a part may be gone on with: so short a one is compared whole, of a longer one it must be known what it is of.
fn may_go_on(begun: u64, source: &Source) -> bool {
    begun <= TAIL_BYTES || source.is_as_noted()
}

/// Notes what is begun of, where a part can become longer than what is compared of it.
fn begin(size: Option<u64>, source: &Source) {
    if size.is_none_or(|size| size > TAIL_BYTES) {
        source.note_down();
    }
}

/// Takes a file out of its place to go on with it. Not where an older one waits for its person.
fn take(to: &Path, resumed: &Path) -> io::Result<bool> {
    let free = !is_there(resumed);
    if free {
        fs::rename(to, resumed)?;
    }
    Ok(free)
}

/// Puts a file that was gone on with in its place again, if nothing else is there.
fn give_back(resumed: &Path, to: &Path) -> io::Result<()> {
    if is_there(resumed) && !is_there(to) {
        fs::rename(resumed, to)?;
    }
    Ok(())
}

/// How long a file is, or how much of it counts, and what stands at the end of that.
struct Ending {
    length: u64,
    tail: Vec<u8>,
}

impl Ending {
    fn of(mut file: fs::File, length: u64) -> io::Result<Self> {
        let start = length.saturating_sub(TAIL_BYTES);
        file.seek(SeekFrom::Start(start))?;
        let mut tail = Vec::new();
        file.take(length - start).read_to_end(&mut tail)?;
        Ok(Self { length, tail })
    }

    fn of_part(path: &Path) -> io::Result<Option<Self>> {
        let Some(file) = begun::read(path)? else {
            return Ok(None);
        };
        let length = file.metadata()?.len();
        Self::of(file, length).map(Some)
    }
}

/// Whether the end of a part is what the host has there, too.
async fn same_end_as_remote(
    file: &FileHandle,
    Ending { length, tail }: &Ending,
    stat: &Attributes,
) -> Result<bool, Problem> {
    if *length == 0 || stat.size.is_some_and(|size| *length > size) {
        return Ok(false);
    }
    let mut reader = FileReader::new(file, length - tail.len() as u64, *length);
    let mut there = Vec::new();
    while there.len() < tail.len() {
        match reader.next().await {
            Ok(Some(piece)) => there.extend_from_slice(&piece),
            Ok(None) => return Ok(false),
            Err(error) => return Err(problem("the beginning could not be compared".to_owned(), &error)),
        }
    }
    Ok(there.starts_with(tail))
}

/// Whether the end of a part on the host is what this device has there, too.
async fn same_end_as_local(
    sftp: &Sftp,
    part: &str,
    from: &Path,
    begun: u64,
    length: u64,
) -> Result<bool, Problem> {
    if begun == 0 || begun > length {
        return Ok(false);
    }
    let title = || "the beginning could not be compared".to_owned();
    let from = from.to_owned();
    let ending = on_disk(title(), move || Ending::of(fs::File::open(from)?, begun)).await?;
    let file = match sftp.open_file(part, Open::Read, None).await {
        Ok(file) => file,
        // What may not be read cannot be gone on with.
        Err(error) if is_denied(&error) => return Ok(false),
        Err(error) => return Err(problem(title(), &error)),
    };
    let stat = Attributes {
        size: Some(begun),
        ..Attributes::default()
    };
    same_end_as_remote(&file, &ending, &stat).await
}

/// Where a file on the host is written. A link stays one: what it leads to is replaced.
pub(super) async fn behind_link(sftp: &Sftp, to: &str) -> Result<String, SftpError> {
    match sftp.lstat(to).await {
        Ok(there) if there.kind() == FileKind::Link => sftp.real_path(to).await,
        _ => Ok(to.to_owned()),
    }
}

/// Where to write what is sent, and what of it is there already.
pub(super) async fn remote_beginning(
    sftp: &Sftp,
    from: &Path,
    length: u64,
    goal: &str,
    place: Place,
    source: &Source,
) -> Result<(String, u64), Problem> {
    let (part, resumed) = (remote_part(goal), remote_resumed(goal));
    let mut candidates = vec![resumed.as_str(), part.as_str()];
    if place == Place::Continue {
        candidates.push(goal);
    }
    for candidate in candidates {
        // A link is not followed: whoever may write to the folder could have made it.
        let file = sftp.lstat(candidate).await.ok();
        let file = file.filter(|there| there.kind() == FileKind::File);
        let begun = file.and_then(|file| file.size).unwrap_or(0);
        if candidate != goal && !may_go_on(begun, source) {
            continue;
        }
        if same_end_as_local(sftp, candidate, from, begun, length).await? {
            if candidate != goal {
                return Ok((candidate.to_owned(), begun));
            }
            // Not where an older one waits for its person: this way of renaming replaces nothing.
            if sftp.rename(goal, &resumed).await.is_ok() {
                source.note_down();
                return Ok((resumed, begun));
            }
        }
    }
    // One that does not fit is still its person's.
    give_back_remote(sftp, &resumed, goal).await;
    begin(Some(length), source);
    Ok((part, 0))
}

/// Opens a part on the host: the one that was begun, or a new one. What has its name then goes; a link is not followed.
pub(super) async fn open_remote(sftp: &Sftp, part: &str, start: u64) -> Result<FileHandle, SftpError> {
    const PRIVATE: Option<u32> = Some(0o600);
    if start == 0 {
        return match sftp.open_file(part, Open::CreateNew, PRIVATE).await {
            Err(SftpError::Refused { .. }) => {
                // It says itself why it cannot be made, if it still cannot.
                let _ = sftp.remove(part).await;
                sftp.open_file(part, Open::CreateNew, PRIVATE).await
            }
            opened => opened,
        };
    }
    match sftp.open_file(part, Open::Continue, PRIVATE).await {
        Err(error) if is_denied(&error) => {
            // It was whole, and had got the permissions of what it replaces.
            let writable = Attributes {
                mode: PRIVATE,
                ..Attributes::default()
            };
            sftp.set_stat(part, &writable).await?;
            sftp.open_file(part, Open::Continue, PRIVATE).await
        }
        opened => opened,
    }
}

fn is_denied(error: &SftpError) -> bool {
    matches!(
        error,
        SftpError::Refused {
            status: Status::PermissionDenied,
            ..
        }
    )
}

/// Puts a whole part in its place. Says whether it did: where something has come to a place that was free, that stays.
pub(super) async fn place_remote(
    sftp: &Sftp,
    part: &str,
    goal: &str,
    place: Place,
) -> Result<bool, SftpError> {
    if place != Place::Free {
        return sftp.replace(part, goal).await.map(|()| true);
    }
    // This way of renaming replaces nothing.
    match sftp.rename(part, goal).await {
        Ok(()) => Ok(true),
        Err(SftpError::Refused { .. }) => match sftp.lstat(goal).await {
            Ok(_) => Ok(false),
            // The place is free, so it is this way that the server does not have there.
            Err(error) if error.is_missing() => sftp.replace(part, goal).await.map(|()| true),
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// Puts a file that was gone on with in its place again, if nothing else is there.
async fn give_back_remote(sftp: &Sftp, resumed: &str, goal: &str) {
    // Mostly there is none.
    let _ = sftp.rename(resumed, goal).await;
}

/// Removes what had come of a transfer that nobody wants any more. What was there before it comes back.
pub(super) async fn forget_local_part(to: &Path) {
    let to = to.to_owned();
    // Mostly there is neither.
    let _ = tokio::task::spawn_blocking(move || {
        give_back(&local_resumed(&to), &to)?;
        fs::remove_file(local_part(&to))
    })
    .await;
}

/// The same on the host.
pub(super) async fn forget_remote_part(sftp: &Sftp, to: &str) {
    // One that leads nowhere was never written through.
    let Ok(goal) = behind_link(sftp, to).await else {
        return;
    };
    give_back_remote(sftp, &remote_resumed(&goal), &goal).await;
    // Mostly there is none.
    let _ = sftp.remove(&remote_part(&goal)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_lies_beside_its_place() {
        assert_eq!(remote_part("/etc/hosts"), "/etc/.hosts.luumen-part");
        assert_eq!(remote_part("hosts"), "./.hosts.luumen-part");
        assert_eq!(local_part(Path::new("/tmp/a")), Path::new("/tmp/.a.luumen-part"));
    }
}
