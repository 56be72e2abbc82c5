//! Opens what is written until it is whole, and nothing else.
//!
//! Its name is known before it is there, so anybody who may write to the folder can put something in its place: a link, or another
//! name of a file that is guarded. Such a thing is not followed and not written to.

use std::{fs, io, path::Path};

/// Whether something has this name, be it a link to nothing.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// A new file that only its person may read. What has its name goes.
pub(crate) fn fresh(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)
        }
        opened => opened,
    }
}

/// Opens what was begun, to compare it. None where there is no such file, or none that can be gone on with.
pub(super) fn read(path: &Path) -> io::Result<Option<fs::File>> {
    // Opening what is no file may wait for ever.
    if !fs::symlink_metadata(path).is_ok_and(|there| there.is_file()) {
        return Ok(None);
    }
    match open(path, fs::OpenOptions::new().read(true)) {
        Ok(file) => Ok(is_at(&file, path)?.then_some(file)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Opens what was begun, to go on with it.
pub(super) fn go_on(path: &Path) -> io::Result<fs::File> {
    let write = || open(path, fs::OpenOptions::new().write(true));
    let file = match write() {
        // It was whole, and had got the permissions of its host's file.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            make_writable(path)?;
            write()?
        }
        opened => opened?,
    };
    if is_at(&file, path)? {
        return Ok(file);
    }
    Err(exchanged())
}

/// Why a part is not written to, or not put in its place.
pub(super) fn exchanged() -> io::Error {
    io::Error::other("something else was put in the place of what was written so far")
}

#[cfg(unix)]
fn make_writable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    match read(path)? {
        Some(file) => file.set_permissions(fs::Permissions::from_mode(0o600)),
        None => Err(exchanged()),
    }
}

#[cfg(not(unix))]
fn make_writable(_: &Path) -> io::Result<()> {
    Ok(())
}

fn open(path: &Path, options: &mut fs::OpenOptions) -> io::Result<fs::File> {
    #[cfg(windows)]
    {
        /// Opens a link itself, and not what it leads to.
        const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
        std::os::windows::fs::OpenOptionsExt::custom_flags(options, FILE_FLAG_OPEN_REPARSE_POINT);
    }
    options.open(path)
}

/// Whether an open file is the one with this name, and has no other.
pub(super) fn is_at(file: &fs::File, path: &Path) -> io::Result<bool> {
    let named = match fs::symlink_metadata(path) {
        Ok(named) => named,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(is_same(&file.metadata()?, &named))
}

#[cfg(unix)]
fn is_same(opened: &fs::Metadata, named: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let same = (opened.dev(), opened.ino()) == (named.dev(), named.ino());
    named.is_file() && same && named.nlink() <= 1
}

#[cfg(not(unix))]
fn is_same(opened: &fs::Metadata, named: &fs::Metadata) -> bool {
    opened.is_file() && named.is_file()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::{io::Write as _, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn no_other_file_is_written_to_through_the_name_of_a_part() {
        let folder = tempfile::tempdir().expect("a folder");
        let (part, guarded) = (
            folder.path().join(".x.luumen-part"),
            folder.path().join(".bashrc"),
        );
        let plant: [fn(&Path, &Path) -> io::Result<()>; 2] =
            [|to, at| symlink(to, at), |to, at| fs::hard_link(to, at)];
        for plant in plant {
            fs::write(&guarded, "mine").expect("a file");
            plant(&guarded, &part).expect("a trap");
            assert!(read(&part).expect("looked at").is_none());
            assert!(go_on(&part).is_err());
            write!(fresh(&part).expect("a file of its own"), "theirs").expect("written");
            assert_eq!(fs::read_to_string(&guarded).expect("read"), "mine");
            assert_eq!(fs::read_to_string(&part).expect("read"), "theirs");
            fs::remove_file(&part).expect("removed");
        }
        symlink("nowhere", &part).expect("a link to nothing");
        assert!(is_there(&part) && read(&part).expect("looked at").is_none());
    }

    #[test]
    fn what_was_begun_is_gone_on_with_where_it_lies() {
        let folder = tempfile::tempdir().expect("a folder");
        let part = folder.path().join(".x.luumen-part");
        assert!(read(&part).expect("looked at").is_none());
        write!(fresh(&part).expect("new"), "begun").expect("written");
        assert!(read(&part).expect("looked at").is_some());
        let file = go_on(&part).expect("opened");
        assert_eq!(
            file.metadata().expect("its length").len(),
            5,
            "nothing is cut off"
        );
        fs::rename(&part, folder.path().join("away")).expect("moved");
        assert!(!is_at(&file, &part).expect("looked at"));
    }
}
