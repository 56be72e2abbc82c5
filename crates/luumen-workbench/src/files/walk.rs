//! What there is to carry in a folder, on a host or here: each folder before what is in it.
//!
//! A host that names something so that it would lie outside of the folder is not followed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use luumen_transport::sftp::{FileKind, Sftp, SftpError, name_to_bytes};

use super::{
    browser::problem,
    carry::on_disk,
    entry::{Entry, join},
};
use crate::bridge::Problem;

/// One thing of a folder that is carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// On the host.
    pub(super) remote: String,
    /// On this device.
    pub(super) local: PathBuf,
    pub(super) directory: bool,
    /// Whether it is a link to a file, inside of a folder.
    pub(super) link: bool,
    pub(super) size: u64,
}

/// What there is to carry, and what is not carried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Walk {
    pub(super) items: Vec<Item>,
    /// Links that lead to no file, devices and the like.
    pub(super) left_out: Vec<String>,
}

/// Everything in a folder of a host, each folder before what is in it. Links inside are followed to files
/// and left out where they lead to folders, so that a ring of links has an end.
pub(super) async fn walk_remote(sftp: &Sftp, from: &str, to: &Path) -> Result<Walk, Problem> {
    let failed = |path: &str, error: &SftpError| problem(format!("{path} could not be read"), error);
    let stat = sftp.stat(from).await.map_err(|error| failed(from, &error))?;
    let mut items = vec![Item {
        remote: from.to_owned(),
        local: to.to_owned(),
        directory: stat.kind() == FileKind::Directory,
        link: false,
        size: stat.size.unwrap_or(0),
    }];
    let mut left_out = Vec::new();
    let mut next = 0;
    while let Some(folder) = items.get(next).cloned() {
        next += 1;
        if !folder.directory {
            continue;
        }
        let listing = sftp
            .list(&folder.remote, usize::MAX)
            .await
            .map_err(|error| failed(&folder.remote, &error))?;
        for entry in listing.entries {
            if !is_plain(&entry.name) {
                return Err(odd_name(&folder.remote, &entry.name));
            }
            let remote = join(&folder.remote, &entry.name);
            let link = entry.attributes.kind() == FileKind::Link;
            let there = match link {
                // One that leads nowhere leads to no file.
                true => sftp.stat(&remote).await.unwrap_or_default(),
                false => entry.attributes,
            };
            let directory = there.kind() == FileKind::Directory;
            if (directory && !link) || there.kind() == FileKind::File {
                items.push(Item {
                    local: folder.local.join(local_name(&entry.name)),
                    remote,
                    directory,
                    link,
                    size: there.size.unwrap_or(0),
                });
            } else {
                left_out.push(remote);
            }
        }
    }
    Ok(Walk { items, left_out })
}

/// A name that stays in its folder. A host that answers with others wants to write somewhere else here.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0', std::path::MAIN_SEPARATOR])
}

fn odd_name(folder: &str, name: &str) -> Problem {
    Problem::new(
        "LUM-TRANSFER-NAME",
        format!("{folder} was not fetched"),
        format!(
            "the host names something in it “{}”, which would lead out of the folder",
            name.escape_debug()
        ),
    )
    .next("Do not trust this host before you know why it does so.")
}

/// The same for a folder of this device.
pub(super) async fn walk_local(from: &Path, to: &str) -> Result<Walk, Problem> {
    let (from, to) = (from.to_owned(), to.to_owned());
    on_disk(format!("{} could not be read", from.display()), move || {
        let metadata = fs::metadata(&from)?;
        let mut items = vec![Item {
            remote: to,
            local: from,
            directory: metadata.is_dir(),
            link: false,
            size: metadata.len(),
        }];
        let mut left_out = Vec::new();
        let mut next = 0;
        while let Some(folder) = items.get(next).cloned() {
            next += 1;
            if !folder.directory {
                continue;
            }
            for entry in fs::read_dir(&folder.local)? {
                let path = entry?.path();
                let link = fs::symlink_metadata(&path)?.is_symlink();
                let there = fs::metadata(&path);
                let carried = |there: &fs::Metadata| there.is_file() || (there.is_dir() && !link);
                let Some(metadata) = there.ok().filter(carried) else {
                    left_out.push(path.display().to_string());
                    continue;
                };
                let entry = Entry::local(&path, &metadata);
                items.push(Item {
                    remote: join(&folder.remote, &entry.name),
                    local: path,
                    directory: metadata.is_dir(),
                    link,
                    size: metadata.len(),
                });
            }
        }
        Ok(Walk { items, left_out })
    })
    .await
}

/// A name of a host as a name of this device.
pub(super) fn local_name(name: &str) -> std::ffi::OsString {
    #[cfg(unix)]
    {
        std::os::unix::ffi::OsStringExt::from_vec(name_to_bytes(name))
    }
    #[cfg(not(unix))]
    {
        String::from_utf8_lossy(&name_to_bytes(name)).into_owned().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cannot_name_its_way_out_of_a_folder() {
        for name in ["notes.txt", "..notes", "größe", "a b"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["", ".", "..", "../x", "/etc/passwd", "a/b", "a\0b"] {
            assert!(!is_plain(name), "{name:?}");
        }
    }
}
