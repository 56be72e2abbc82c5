//! What file names say. Only names that nobody else gives to something else.

use super::Guess;
use crate::keep::is_archive;

/// Files that lie beside data for people to read: nobody misses them in a catalogue.
pub(super) fn is_for_people(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let (stem, ending) = name.split_once('.').unwrap_or((&name, ""));
    let about = [
        "readme",
        "license",
        "licence",
        "copying",
        "notice",
        "sources",
        "changelog",
    ];
    about.contains(&stem) && matches!(ending, "" | "md" | "txt" | "rst")
}

/// What the path within the folder says.
pub(super) fn guess(path: &str) -> Option<Guess> {
    let path = path.to_ascii_lowercase();
    let stem = [".gz", ".bz2", ".xz", ".zst"]
        .iter()
        .find_map(|ending| path.strip_suffix(ending))
        .unwrap_or(&path);
    let mut parts = stem.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    feed(name)
        .or_else(|| archive(name))
        .or_else(|| listed(folder, name))
}

fn feed(name: &str) -> Option<Guess> {
    let is = |start: &str, end: &str| name.starts_with(start) && name.ends_with(end);
    let nvd = ["nvdcve-1.1-", "nvdcve-2.0-"]
        .into_iter()
        .find(|start| is(start, ".json"));
    if let Some(start) = nvd {
        let source = if start == "nvdcve-1.1-" { "nvd-1.1" } else { "nvd" };
        let rest = &name[start.len()..];
        return Some(Guess {
            rank: nvd_rank(rest),
            ..Guess::new(source)
        });
    }
    let table = [
        ("known_exploited_vulnerabilities", ".json", "cisa-kev"),
        ("epss_scores", ".csv", "epss"),
        ("com.ubuntu.", ".oval.xml", "ubuntu-oval"),
        ("com.oracle.elsa", ".xml", "oracle-oval"),
        ("rhel-", ".oval.xml", "redhat-oval"),
        ("suse.linux.", ".xml", "suse-oval"),
        ("opensuse.leap", ".xml", "suse-oval"),
        ("msrc-cvrf", ".json", "msrc-cvrf"),
    ];
    let found = table.into_iter().find(|(start, end, _)| is(start, end));
    found.map(|(_, _, source)| Guess::new(source))
}

/// Years say nothing again; `modified` and `recent` do, and newer ones (by the day in their name) newer.
fn nvd_rank(rest: &str) -> i64 {
    if !rest.starts_with("modified") && !rest.starts_with("recent") {
        return 0;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).take(8).collect();
    // Without a day: fresh from the NVD.
    if digits.len() == 8 {
        digits.parse().unwrap_or(1)
    } else {
        99_999_999
    }
}

fn archive(name: &str) -> Option<Guess> {
    let table = [
        ("ubuntu-cve-tracker", "ubuntu-tracker"),
        ("alma-osv", "alma-osv"),
        ("rocky-osv", "rocky-osv"),
        ("cvelistv5", "cve-list"),
        ("nvd-data-overrides", "nvd-overrides"),
        ("anchore-nvd-overrides", "nvd-overrides"),
        ("alpine-secdb", "alpine-secdb"),
        ("csaf_vex_", "redhat-vex"),
        ("csaf_advisories_", "redhat-csaf"),
        ("csaf-vex", "suse-vex"),
    ];
    let found = table.into_iter().find(|(start, _)| name.starts_with(start))?;
    is_archive(name).then(|| Guess::new(found.1))
}

fn listed(folder: &str, name: &str) -> Option<Guess> {
    match (folder, name) {
        ("dsa" | "dla" | "dtsa", "list") => Some(Guess::new("debian-lists")),
        ("cve", "list") => Some(Guess::new("debian-cve-list")),
        _ => None,
    }
}

/// Whether a file of an archive may be a document of a feed at all.
pub(super) fn may_be_document(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let data = [".json", ".xml", ".yaml", ".yml", ".csv"];
    name.starts_with("CVE-") || data.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Option<(&str, i64)>) {
        let guess = guess(path);
        let got = guess.as_ref().map(|guess| (guess.source.as_str(), guess.rank));
        assert_eq!(got, expected, "{path}");
    }

    #[test]
    fn names_of_feeds() {
        check("nvd/feed-1.1/nvdcve-1.1-2002.json.xz", Some(("nvd-1.1", 0)));
        check(
            "nvdcve-1.1-modified.2022-10-20.json.xz",
            Some(("nvd-1.1", 20_221_020)),
        );
        check("nvdcve-2.0-modified.json.gz", Some(("nvd", 99_999_999)));
        check(
            "ubuntu/ubuntu-cve-tracker-2024-02-16.tar.xz",
            Some(("ubuntu-tracker", 0)),
        );
        check("debian/DSA/list.xz", Some(("debian-lists", 0)));
        check("debian/CPE/list", None);
        check("epss_scores-2026-01-01.csv.gz", Some(("epss", 0)));
        check("anything/all.zip", None);
        check("csaf-vex.txt", None);
    }
}
