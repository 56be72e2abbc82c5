//! What is in a folder, on a host or here, in the same words.

use std::path::Path;

use luumen_transport::sftp::{Attributes, DirEntry, FileKind};
use serde::Serialize;
use ts_rs::TS;

use crate::bridge::Time;

/// What a thing in a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link.
    Link,
    /// A device, a socket, a pipe.
    Other,
}

/// A thing in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// When it was last changed.
    pub modified_at: Option<Time>,
    /// Its permission bits.
    pub mode: Option<u32>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Its group.
    pub group: Option<String>,
    /// Where it leads, if it is a link.
    pub link_to: Option<String>,
    /// Whether it leads nowhere.
    pub link_broken: bool,
    /// Whether it leads to a folder.
    pub link_directory: bool,
}

impl Entry {
    /// A thing on a host, without what a link leads to.
    pub(super) fn remote(folder: &str, entry: &DirEntry) -> Self {
        let mut shown = Self::of(&join(folder, &entry.name), &entry.attributes);
        if let Some((owner, group)) = entry.owner_names() {
            shown.owner = Some(owner.to_owned());
            shown.group = Some(group.to_owned());
        }
        shown
    }

    /// A thing on a host, as far as its attributes say.
    pub(super) fn of(path: &str, attributes: &Attributes) -> Self {
        let (owner, group) = attributes.owner.unzip();
        Self {
            name: name(path).to_owned(),
            path: path.to_owned(),
            kind: match attributes.kind() {
                FileKind::File => EntryKind::File,
                FileKind::Directory => EntryKind::Directory,
                FileKind::Link => EntryKind::Link,
                FileKind::Other => EntryKind::Other,
            },
            size_bytes: attributes.size.unwrap_or(0),
            modified_at: attributes
                .times
                .map(|(_, changed)| Time::from_millis(i64::from(changed) * 1000)),
            mode: attributes.permissions(),
            owner: owner.map(|id| id.to_string()),
            group: group.map(|id| id.to_string()),
            link_to: None,
            link_broken: false,
            link_directory: false,
        }
    }

    /// A thing on this device.
    pub(super) fn local(path: &Path, metadata: &std::fs::Metadata) -> Self {
        let kind = match metadata.file_type() {
            kind if kind.is_symlink() => EntryKind::Link,
            kind if kind.is_dir() => EntryKind::Directory,
            kind if kind.is_file() => EntryKind::File,
            _ => EntryKind::Other,
        };
        let since = |at: std::time::SystemTime| at.duration_since(std::time::UNIX_EPOCH).ok();
        let changed = metadata.modified().ok().and_then(since);
        let millis = changed.and_then(|since| i64::try_from(since.as_millis()).ok());
        #[cfg(unix)]
        let (mode, owner, group) = {
            use std::os::unix::fs::MetadataExt as _;
            (
                Some(metadata.mode() & 0o7777),
                Some(metadata.uid().to_string()),
                Some(metadata.gid().to_string()),
            )
        };
        #[cfg(not(unix))]
        let (mode, owner, group) = (None, None, None);
        let mut entry = Self {
            name: path
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            path: path.display().to_string(),
            kind,
            size_bytes: metadata.len(),
            modified_at: millis.map(Time::from_millis),
            mode,
            owner,
            group,
            link_to: None,
            link_broken: false,
            link_directory: false,
        };
        if kind == EntryKind::Link {
            entry.link_to = std::fs::read_link(path).ok().map(|to| to.display().to_string());
            let leads_to = std::fs::metadata(path);
            entry.link_broken = leads_to.is_err();
            entry.link_directory = leads_to.is_ok_and(|leads_to| leads_to.is_dir());
        }
        entry
    }
}

/// A name in a folder of a host.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.ends_with('/') {
        format!("{folder}{name}")
    } else {
        format!("{folder}/{name}")
    }
}

/// The last part of a path on a host.
pub(super) fn name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder that a path on a host is in.
pub(super) fn parent(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => ".",
    }
}

/// `name (2).txt` for a name that is taken.
pub(super) fn numbered(name: &str, number: u32) -> String {
    match name.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() => format!("{stem} ({number}).{end}"),
        _ => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_host_are_taken_apart_and_put_together() {
        for (path, folder, last) in [
            ("/etc/hosts", "/etc", "hosts"),
            ("/etc/", "/", "etc"),
            ("notes", ".", "notes"),
            ("/", ".", ""),
        ] {
            assert_eq!((parent(path), name(path)), (folder, last), "{path}");
        }
        assert_eq!(join("/", "etc"), "/etc");
        assert_eq!(join("/etc", "hosts"), "/etc/hosts");
    }

    #[test]
    fn a_taken_name_gets_a_number_before_its_end() {
        assert_eq!(numbered("a.tar.gz", 2), "a.tar (2).gz");
        assert_eq!(numbered(".bashrc", 2), ".bashrc (2)");
        assert_eq!(numbered("Makefile", 3), "Makefile (3)");
    }
}
