//! Files of the agent's state are replaced whole: a crash leaves the old one or the new one.

use std::{fs, io, path::Path};

/// Has `fill` write a file beside `file`, the owner's alone, and puts it in its place.
pub(crate) fn replace(file: &Path, fill: impl FnOnce(fs::File) -> io::Result<()>) -> io::Result<()> {
    let beside = file.with_added_extension("new");
    // A leftover of a crash may have another mode.
    let _ = fs::remove_file(&beside);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    fill(options.open(&beside)?)?;
    fs::rename(&beside, file)
}
