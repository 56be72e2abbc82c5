//! Changes that concern all that is in a folder of a host: removing it, setting its permissions.

use std::path::PathBuf;

use luumen_transport::sftp::{Attributes, FileKind, Sftp};

use super::{
    browser::problem,
    entry::join,
    walk::{Item, walk_remote},
};
use crate::bridge::Problem;

/// Removes a thing of a host, and all that is in it.
pub(super) async fn remove_all(sftp: &Sftp, path: &str) -> Result<(), Problem> {
    let failed = |path: &str, error| problem(format!("{path} could not be removed"), &error);
    let stat = sftp.lstat(path).await.map_err(|error| failed(path, error))?;
    if stat.kind() != FileKind::Directory {
        return sftp.remove(path).await.map_err(|error| failed(path, error));
    }
    // Folders in the order they were found; emptied from the end.
    let mut folders = vec![path.to_owned()];
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        let listing = sftp
            .list(&folder, usize::MAX)
            .await
            .map_err(|error| failed(&folder, error))?;
        for entry in listing.entries {
            let inside = join(&folder, &entry.name);
            if entry.attributes.kind() == FileKind::Directory {
                folders.push(inside);
            } else {
                sftp.remove(&inside)
                    .await
                    .map_err(|error| failed(&inside, error))?;
            }
        }
    }
    for folder in folders.iter().rev() {
        sftp.remove_directory(folder)
            .await
            .map_err(|error| failed(folder, error))?;
    }
    Ok(())
}

/// Sets the permissions of a thing of a host, and of all that is in it if wanted. Links are left alone.
pub(super) async fn set_mode(sftp: &Sftp, path: &str, mode: u32, recursive: bool) -> Result<(), Problem> {
    let failed = |path: &str, error| problem(format!("the permissions of {path} could not be set"), &error);
    let items = if recursive {
        walk_remote(sftp, path, &PathBuf::new()).await?.items
    } else {
        vec![Item {
            remote: path.to_owned(),
            local: PathBuf::new(),
            directory: false,
            link: false,
            size: 0,
        }]
    };
    // From the inside out, so that a folder that may no longer be entered comes last.
    for item in items.iter().filter(|item| !item.link).rev() {
        // Who may read a folder needs to enter it, as with `chmod -R u=rwX`.
        let execute = if recursive && item.directory {
            (mode & 0o444) >> 2
        } else {
            0
        };
        let attributes = Attributes {
            mode: Some(mode | execute),
            ..Attributes::default()
        };
        sftp.set_stat(&item.remote, &attributes)
            .await
            .map_err(|error| failed(&item.remote, error))?;
    }
    Ok(())
}
