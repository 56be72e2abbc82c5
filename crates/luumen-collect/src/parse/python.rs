//! Python distributions, from the metadata beside them.

use std::collections::BTreeMap;

use luumen_model::{PythonPackage, PythonPackages};

use crate::view::{Notes, View};

const ID: &str = "python_packages.metadata";

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<PythonPackages> {
    let text = view.output(ID)?;
    for closed in text.lines().filter_map(|line| line.strip_prefix("closed ")) {
        notes.odd(
            ID,
            "closed to the account, so the Python distributions in it are not known",
            closed,
        );
    }
    Some(PythonPackages { items: parse(text) })
}

/// Names of the files that are read; each of them ends its path.
const ENDS: [&str; 4] = ["/METADATA", "/INSTALLER", "/PKG-INFO", ".egg-info"];

/// The path and the line of a row; colons in front of the file's name are the path's.
fn path_and_line(row: &str) -> Option<(&str, &str)> {
    let ends = row.match_indices(':').map(|(at, _)| at);
    let is_file = |at: &usize| ENDS.iter().any(|end| row[..*at].ends_with(end));
    let end = ends.take(16).find(is_file)?;
    Some((&row[..end], &row[end + 1..]))
}

/// `…/x.dist-info/METADATA:Name: x` rows, with `INSTALLER` rows among them.
fn parse(text: &str) -> Vec<PythonPackage> {
    let mut found: BTreeMap<&str, PythonPackage> = BTreeMap::new();
    for row in text.lines() {
        let Some((path, line)) = path_and_line(row).filter(|_| !row.starts_with("closed ")) else {
            continue;
        };
        let (folder, file) = match path.rsplit_once('/') {
            Some((folder, file @ ("METADATA" | "PKG-INFO" | "INSTALLER"))) => (folder, file),
            _ => (path, "PKG-INFO"),
        };
        let package = found.entry(folder).or_insert_with(|| PythonPackage {
            path: folder.to_owned(),
            os_package: os_package(folder),
            ..PythonPackage::default()
        });
        if file == "INSTALLER" {
            package.installer = Some(line.trim().to_owned());
        } else if let Some(name) = line.strip_prefix("Name: ") {
            package.name = name.trim().to_owned();
        } else if let Some(version) = line.strip_prefix("Version: ") {
            package.version = version.trim().to_owned();
        }
    }
    found
        .into_values()
        .filter(|package| !package.name.is_empty() && !package.version.is_empty())
        .collect()
}

/// Debian's `dist-packages` under `/usr/lib` is written by dpkg only; elsewhere pip may write too.
fn os_package(folder: &str) -> Option<bool> {
    if folder.starts_with("/usr/lib/python3/dist-packages/") {
        Some(true)
    } else if folder.starts_with("/usr/lib/") || folder.starts_with("/usr/lib64/") {
        None
    } else {
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn joins_metadata_and_installer() {
        let text = "/opt/a/lib/python3.11/site-packages/Flask-2.3.dist-info/METADATA:Name: Flask\n\
                    /opt/a/lib/python3.11/site-packages/Flask-2.3.dist-info/METADATA:Version: 2.3.0\n\
                    /opt/a/lib/python3.11/site-packages/Flask-2.3.dist-info/INSTALLER:pip\n\
                    /usr/lib/python3/dist-packages/six-1.16.egg-info:Name: six\n\
                    /usr/lib/python3/dist-packages/six-1.16.egg-info:Version: 1.16.0\n\
                    /srv/a:b/lib/python3.11/site-packages/x.dist-info/METADATA:Name: x\n\
                    /srv/a:b/lib/python3.11/site-packages/x.dist-info/METADATA:Version: 1:2\n\
                    closed /opt/b\nodd line\n/x/y.dist-info/METADATA:Name: no version\n";
        let seen = parse(text);
        assert_eq!(seen.len(), 3);
        assert_eq!(
            (seen[1].path.as_str(), seen[1].version.as_str()),
            ("/srv/a:b/lib/python3.11/site-packages/x.dist-info", "1:2")
        );
        assert_eq!(
            (
                seen[0].name.as_str(),
                seen[0].installer.as_deref(),
                seen[0].os_package
            ),
            ("Flask", Some("pip"), Some(false))
        );
        assert_eq!(
            (
                seen[2].name.as_str(),
                seen[2].version.as_str(),
                seen[2].os_package
            ),
            ("six", "1.16.0", Some(true))
        );
    }
}
