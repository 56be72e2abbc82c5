//! Where a path really leads: no links, no dots, also where nothing is yet.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

/// As many links as the system itself follows.
const MOST_LINKS: usize = 40;

/// The places that a path stands for: where it is itself, and what is behind it if it is a link. Renaming touches
/// the one, reading and writing the other.
pub(super) fn places(path: &Path) -> Vec<PathBuf> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let behind = behind(&path);
    let itself = match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => self::behind(parent).join(name),
        // It ends in dots.
        _ => behind.clone(),
    };
    if itself == behind {
        vec![behind]
    } else {
        vec![behind, itself]
    }
}

/// Where a whole path leads.
pub(super) fn behind(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| follow(path, &mut 0))
}

/// Step by step, because its end is not there yet, or is a link to what is not.
fn follow(path: &Path, links: &mut usize) -> PathBuf {
    let mut real = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(real.pop()),
            part => {
                let folder = real.clone();
                real.push(part);
                if let Ok(led) = fs::read_link(&real)
                    && *links < MOST_LINKS
                {
                    *links += 1;
                    real = follow(&folder.join(led), links);
                }
            }
        }
    }
    real
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_path_leads_where_the_system_would_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path().canonicalize().expect("real");
        fs::create_dir_all(top.join("a/b")).expect("folders");
        symlink("a/b", top.join("in")).expect("a link");
        symlink("../.new/x", top.join("a/hollow")).expect("a link to nothing");
        symlink("round", top.join("round")).expect("a ring");
        for (path, leads) in [
            ("in", "a/b"),
            ("in/../c", "a/c"),
            ("none/../.x", ".x"),
            ("a/./b/new", "a/b/new"),
            ("a/hollow", ".new/x"),
        ] {
            assert_eq!(behind(&top.join(path)), top.join(leads), "{path}");
        }
        assert_eq!(places(&top.join("in")), [top.join("a/b"), top.join("in")]);
        assert_eq!(places(&top.join("in/..")), [top.join("a")]);
        assert!(behind(&top.join("round")).starts_with(&top), "it ends");
    }
}
