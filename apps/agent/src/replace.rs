//! Files of the agent's state are replaced whole: a crash leaves the old one or the new one.

use std::{fs, io, path::Path};

/// Has `fill` write a file beside `file`, the owner's alone, and puts it in its place. Its name is its own: whoever else
/// replaces the same file just now, another process of this agent, has another one, and the last one stays.
pub(crate) fn replace(file: &Path, fill: impl FnOnce(fs::File) -> io::Result<()>) -> io::Result<()> {
    let beside = file.with_added_extension(format!("{:016x}.new", rand::random::<u64>()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let replaced = options
        .open(&beside)
        .and_then(fill)
        .and_then(|()| fs::rename(&beside, file));
    if replaced.is_err() {
        // Half of a file is of no use to anybody.
        let _ = fs::remove_file(&beside);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::replace;
    use std::{fs, io, io::Write as _};

    #[test]
    fn two_that_replace_at_once_leave_one_whole_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("state");
        replace(&file, |mut first| {
            first.write_all(b"half of the first, ")?;
            replace(&file, |mut second| second.write_all(b"all of the second"))?;
            first.write_all(b"and the other half")
        })
        .expect("both are written");
        let text = fs::read_to_string(&file).expect("the file");
        assert_eq!(text, "half of the first, and the other half");

        let failed = replace(&file, |mut third| {
            third.write_all(b"a piece")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    }
}
