//! A file of known hosts as bytes: read, added to, written anew. Knows nothing of what its lines say (`store` does).

use std::{
    fs::{self, Metadata},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

/// What the file holds; a missing one is an empty one.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(io::Error::new(
            error.kind(),
            format!("{}: {error}", path.display()),
        )),
        read => read,
    }
}

/// Adds whole lines in one write.
pub(super) fn append(path: &Path, lines: &str) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create_private_folder(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let line_break = if ends_inside_a_line(&mut file)? { "\n" } else { "" };
    file.write_all(format!("{line_break}{lines}").as_bytes())
}

fn ends_inside_a_line(file: &mut fs::File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Writes beside the file and renames, so that nobody ever reads half of it. Who may read it stays as it was.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays one: the file it leads to is replaced.
    let path = &fs::canonicalize(path)?;
    let before = fs::metadata(path)?;
    let beside = path.with_extension(format!("luumen-{:016x}", rand::random::<u64>()));
    let mut options = fs::OpenOptions::new();
    // What lies there already is not ours, be it a file or a link.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    let mut write = || {
        file.write_all(bytes)?;
        keep_rights(&file, &before)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().inspect_err(|_| {
        // The rename did not happen; what is left beside the file is ours to remove.
        let _ = fs::remove_file(&beside);
    })
}

#[cfg(unix)]
fn keep_rights(file: &fs::File, before: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    // Only root may give files away, and others may give them to their own groups.
    if fchown(file, Some(before.uid()), Some(before.gid())).is_err() {
        let _ = fchown(file, None, Some(before.gid()));
    }
    let mut mode = before.mode() & 0o777;
    if file.metadata()?.gid() != before.gid() {
        // What a group could do is not given to another one.
        mode &= 0o707;
    }
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn keep_rights(file: &fs::File, before: &Metadata) -> io::Result<()> {
    file.set_permissions(before.permissions())
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
