//! Which of apt's sources have a list on the host. A source that was never fetched offers nothing, and apt says so of none.

use std::collections::BTreeSet;

use luumen_model::PackageManager;

use super::repositories;
use crate::view::{Notes, View};

const LISTS: &str = "/var/lib/apt/lists/";

/// Names the sources whose updates are not known.
pub(super) fn note_missing(id: &str, view: &View<'_>, notes: &mut Notes) {
    let Some(ages) = view.output("pending_updates.ages") else {
        return;
    };
    let fetched = fetched(ages);
    // What is odd in these files is noted by the section of repositories.
    let all = repositories::read(view, &mut Notes::default()).unwrap_or_default();
    let mut sources = all
        .items
        .iter()
        .filter(|one| one.manager == PackageManager::Dpkg && one.enabled)
        .peekable();
    if sources.peek().is_none() {
        notes.problem(id, "apt has no source of packages, so it knows no update");
    }
    let mut missing = BTreeSet::new();
    for source in sources {
        for uri in &source.uris {
            for suite in &source.suites {
                if list_name(uri, suite).is_some_and(|name| !fetched.contains(&name)) {
                    missing.insert(format!("{uri} {suite}"));
                }
            }
        }
    }
    for source in missing {
        notes.problem(
            id,
            &format!("no list of the source {source} was fetched, so its updates are not known"),
        );
    }
}

/// Names of lists, with `_` for every slash and nothing quoted.
fn fetched(ages: &str) -> BTreeSet<String> {
    let paths = ages.lines().filter_map(|line| line.split_once(' '));
    let names = paths.filter_map(|(_, path)| path.strip_prefix(LISTS));
    names
        .filter_map(|name| {
            name.strip_suffix("InRelease")
                .or_else(|| name.strip_suffix("Release"))
        })
        .map(|name| unquote(name.trim_end_matches('_')))
        .collect()
}

/// The name of a source's list; none for what lies on the host itself (`file:`, `cdrom:`), which nobody fetches.
fn list_name(uri: &str, suite: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    if matches!(scheme, "file" | "copy" | "cdrom") || suite.contains("$(") {
        return None;
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or(host);
    let base = format!("{host}/{path}");
    let base = base.trim_end_matches('/');
    let whole = match suite {
        "/" => base.to_owned(),
        // A flat repository.
        flat if flat.ends_with('/') => format!("{base}/{flat}"),
        suite => format!("{base}/dists/{suite}"),
    };
    Some(unquote(whole.trim_end_matches('/')).replace('/', "_"))
}

/// apt writes what is special in a name as `%5f`.
fn unquote(name: &str) -> String {
    let mut parts = name.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.filter(u8::is_ascii) {
            Some(code) => {
                out.push(char::from(code));
                out.push_str(&part[2..]);
            }
            None => {
                out.push('%');
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{fetched, list_name};

    #[track_caller]
    fn check(uri: &str, suite: &str, list: &str) {
        let name = list_name(uri, suite).expect("a list");
        assert!(
            fetched(&format!("1 /var/lib/apt/lists/{list}\n")).contains(&name),
            "{name} {list}"
        );
    }

    #[test]
    fn a_list_is_named_by_its_source() {
        check(
            "http://deb.debian.org/debian/",
            "bookworm",
            "deb.debian.org_debian_dists_bookworm_InRelease",
        );
        check(
            "https://***@repo.example.net:8443/deb",
            "stable",
            "repo.example.net:8443_deb_dists_stable_Release",
        );
        check(
            "http://security.debian.org",
            "buster/updates",
            "security.debian.org_dists_buster_updates_InRelease",
        );
        check(
            "https://deb.nodesource.com/node_20.x",
            "nodistro",
            "deb.nodesource.com_node%5f20.x_dists_nodistro_InRelease",
        );
        check("https://h/flat", "./", "h_flat_._InRelease");
        check("https://h/flat", "/", "h_flat_Release");
        check(
            "mirror+https://h/list.txt",
            "noble",
            "h_list.txt_dists_noble_InRelease",
        );
        assert_eq!(list_name("file:///srv/repo", "./"), None);
        assert_eq!(list_name("cdrom:[Debian", "x"), None);
    }
}
