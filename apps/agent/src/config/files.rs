//! Files with secrets: who may read them, and their text.

use std::{fs, io, path::Path};

use luumen_crypto::Secret;

/// Whether a file with a secret is kept well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    Private,
    /// A group may read it, and the group was not chosen by root.
    Group,
    /// Everyone on the machine may read or change it.
    Open,
}

/// Judges mode and owner of a file.
pub(crate) fn keeping(mode: u32, owner: u32) -> Keeping {
    match mode {
        mode if mode & 0o007 != 0 || mode & 0o020 != 0 => Keeping::Open,
        // `root:luumen 0640` is how packages hand a file to a service.
        mode if mode & 0o050 != 0 && owner != 0 => Keeping::Group,
        _ => Keeping::Private,
    }
}

/// What is wrong with the file, or what is worth a warning.
pub(crate) fn judge(path: &Path) -> Result<Option<String>, String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        if !metadata.is_file() {
            // A pipe or a descriptor of the service manager has no readers to be judged by.
            return Ok(None);
        }
        let command = format!("chmod 600 {}", path.display());
        match keeping(metadata.mode(), metadata.uid()) {
            Keeping::Private => Ok(None),
            Keeping::Group => Ok(Some(format!(
                "{} can be read by its group; consider `{command}`",
                path.display()
            ))),
            Keeping::Open => Err(format!(
                "{} holds a secret and others may read or change it; run `{command}`",
                path.display()
            )),
        }
    }
    #[cfg(not(unix))]
    {
        fs::metadata(path)
            .map(|_| None)
            .map_err(|error| unreadable(path, &error))
    }
}

/// The text of the file as it is: keys end with a line break that belongs to them.
pub(crate) fn read(path: &Path) -> Result<Secret, String> {
    judge(path)?;
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    if text.trim().is_empty() {
        Err(format!("{} is empty", path.display()))
    } else {
        Ok(Secret::new(text))
    }
}

/// The text without the line break that editors put at the end; blanks may belong to a password.
pub(crate) fn read_line(path: &Path) -> Result<Secret, String> {
    let text = read(path)?;
    let line = text.expose_secret();
    let line = line.strip_suffix('\n').unwrap_or(line);
    Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::{Keeping, keeping};

    #[test]
    fn a_secret_is_for_its_owner() {
        for (mode, owner, expected) in [
            (0o600, 1000, Keeping::Private),
            (0o400, 1000, Keeping::Private),
            (0o640, 0, Keeping::Private),
            (0o640, 1000, Keeping::Group),
            (0o660, 0, Keeping::Open),
            (0o644, 0, Keeping::Open),
            (0o602, 1000, Keeping::Open),
        ] {
            assert_eq!(keeping(mode, owner), expected, "{mode:o} {owner}");
        }
    }
}
