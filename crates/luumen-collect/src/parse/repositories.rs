//! Where packages come from: apt lists in both styles, yum/dnf/zypper ini files, apk and pacman lines.

use luumen_model::{PackageManager, Repositories, Repository};

use super::{
    repo_settings::{is_like, is_on, overrides, part_of},
    secrets::in_address,
    some_text,
};
use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Repositories> {
    let mut items = Vec::new();
    for (path, lines) in view.files("/etc/apt/sources.list", "") {
        if path.ends_with(".sources") {
            items.extend(deb822(path, lines));
        } else {
            items.extend(lines.iter().filter_map(|line| one_line(path, line, notes)));
        }
    }
    for folder in ["/etc/yum.repos.d/", "/etc/zypp/repos.d/"] {
        for (path, lines) in view.files(folder, ".repo") {
            items.extend(ini(path, lines));
        }
    }
    lay_over(&overrides(view), &mut items);
    items.extend(
        view.lines("/etc/apk/repositories")
            .iter()
            .filter_map(|line| apk(line)),
    );
    items.extend(pacman(view.lines("/etc/pacman.conf")));
    items.sort_by(|a: &Repository, b| (&a.path, &a.id).cmp(&(&b.path, &b.id)));
    // No file at all is a host without package sources, unless nothing could be looked at.
    (!items.is_empty() || view.output("packages.dpkg").is_some() || view.rpm_packages().is_some())
        .then_some(Repositories { items })
}

/// `deb [signed-by=… trusted=yes] https://user:secret@host/debian bookworm main contrib`.
fn one_line(path: &str, line: &str, notes: &mut Notes) -> Option<Repository> {
    let line = line.trim();
    let (enabled, line) = match line.strip_prefix('#') {
        // A commented `deb` line is a source that someone switched off; other comments are prose.
        Some(rest) => (false, rest.trim_start()),
        None => (true, line),
    };
    let rest = line
        .strip_prefix("deb ")
        .or_else(|| line.strip_prefix("deb-src "))?
        .trim_start();
    let (options, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((options, rest)) => (options, rest),
        None => ("", rest),
    };
    let mut words = rest.split_whitespace();
    let (Some(uri), Some(suite)) = (words.next(), words.next()) else {
        if enabled {
            notes.odd("repositories.files", "not a line of sources.list", line);
        }
        return None;
    };
    if !enabled && !uri.contains(":/") {
        return None;
    }
    let uri = in_address(uri);
    Some(Repository {
        id: format!("{uri} {suite}"),
        manager: PackageManager::Dpkg,
        enabled,
        uris: vec![uri],
        suites: vec![suite.to_owned()],
        components: words.map(str::to_owned).collect(),
        signature_check: trusted(options).map(|trusted| !trusted),
        path: path.to_owned(),
    })
}

fn trusted(options: &str) -> Option<bool> {
    options.split_whitespace().find_map(|option| match option {
        "trusted=yes" | "allow-insecure=yes" => Some(true),
        "trusted=no" => Some(false),
        _ => None,
    })
}

/// Stanzas of `Key: value` lines, parted by empty ones.
fn deb822(path: &str, lines: &[&str]) -> Vec<Repository> {
    let mut out = Vec::new();
    for stanza in lines.split(|line| line.trim().is_empty()) {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in stanza.iter().filter(|line| !line.starts_with('#')) {
            match (
                line.starts_with([' ', '\t']),
                line.split_once(':'),
                fields.last_mut(),
            ) {
                (true, _, Some((_, value))) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (false, Some((key, value)), _) => fields.push((key.to_lowercase(), value.trim().to_owned())),
                _ => {}
            }
        }
        let get = |key: &str| {
            fields
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.as_str())
        };
        let words = |key: &str| {
            get(key)
                .unwrap_or("")
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let uris: Vec<String> = words("uris").iter().map(|uri| in_address(uri)).collect();
        let Some(first) = uris.first() else { continue };
        let suites = words("suites");
        let yes = |value: &str| matches!(value.to_lowercase().as_str(), "yes" | "true" | "1");
        out.push(Repository {
            id: format!("{first} {}", suites.join(" ")),
            manager: PackageManager::Dpkg,
            enabled: get("enabled").is_none_or(yes),
            signature_check: get("trusted").map(|value| !yes(value)),
            components: words("components"),
            suites,
            uris,
            path: path.to_owned(),
        });
    }
    out
}

/// `[id]` with `baseurl=`, `mirrorlist=`, `metalink=`, `enabled=`, `gpgcheck=`.
fn ini(path: &str, lines: &[&str]) -> Vec<Repository> {
    let mut out: Vec<Repository> = Vec::new();
    let mut in_urls = false;
    for line in lines.iter().map(|line| line.trim_end()) {
        if let Some(id) = part_of(line) {
            in_urls = false;
            out.push(Repository {
                id: id.to_owned(),
                manager: PackageManager::Rpm,
                enabled: true,
                path: path.to_owned(),
                ..Repository::default()
            });
            continue;
        }
        let Some(repository) = out.last_mut() else {
            continue;
        };
        if in_urls && line.starts_with([' ', '\t']) {
            repository
                .uris
                .extend(some_text(line).map(|uri| in_address(&uri)));
            continue;
        }
        in_urls = false;
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let value = value.trim();
        match key.trim() {
            "baseurl" | "mirrorlist" | "metalink" => {
                in_urls = true;
                repository.uris.extend(
                    value
                        .split([' ', ','])
                        .filter(|uri| !uri.is_empty())
                        .map(in_address),
                );
            }
            key => switch(repository, key, value),
        }
    }
    out.retain(|repository| repository.id != "main");
    out
}

fn switch(repository: &mut Repository, key: &str, value: &str) {
    match key {
        "enabled" => repository.enabled = is_on(value),
        "gpgcheck" => repository.signature_check = Some(is_on(value)),
        _ => {}
    }
}

/// What dnf5 is told of repositories in other files than theirs.
fn lay_over(overrides: &[(&str, &str, &str)], items: &mut [Repository]) {
    for (pattern, key, value) in overrides {
        let named = items
            .iter_mut()
            .filter(|one| one.path.starts_with("/etc/yum.repos.d/") && is_like(&one.id, pattern));
        for repository in named {
            switch(repository, key, value);
        }
    }
}

/// `https://host/alpine/v3.20/main`, with `@tag` in front of pinned ones.
fn apk(line: &str) -> Option<Repository> {
    let line = line.trim();
    let (enabled, line) = line
        .strip_prefix('#')
        .map_or((true, line), |rest| (false, rest.trim()));
    let uri = line.split_whitespace().find(|word| !word.starts_with('@'))?;
    if !uri.contains('/') || (!enabled && !uri.contains("://")) {
        return None;
    }
    let uri = in_address(uri);
    Some(Repository {
        id: uri.clone(),
        manager: PackageManager::Apk,
        enabled,
        uris: vec![uri],
        path: "/etc/apk/repositories".to_owned(),
        ..Repository::default()
    })
}

fn pacman(lines: &[&str]) -> Vec<Repository> {
    let mut out: Vec<Repository> = Vec::new();
    for line in lines.iter().map(|line| line.trim()) {
        if let Some(id) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            out.push(Repository {
                id: id.to_owned(),
                manager: PackageManager::Pacman,
                enabled: true,
                path: "/etc/pacman.conf".to_owned(),
                ..Repository::default()
            });
        } else if let (Some(repository), Some((key, value))) = (out.last_mut(), line.split_once('=')) {
            match key.trim() {
                "Server" | "Include" => repository.uris.push(in_address(value.trim())),
                "SigLevel" => repository.signature_check = Some(!value.contains("Never")),
                _ => {}
            }
        }
    }
    let global = out
        .iter()
        .find(|repository| repository.id == "options")
        .and_then(|options| options.signature_check);
    out.retain(|repository| repository.id != "options");
    for repository in &mut out {
        repository.signature_check = repository.signature_check.or(global);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{super::repo_settings::settings, apk, deb822, ini, lay_over, one_line, pacman};
    use crate::view::Notes;

    #[test]
    fn what_dnf5_is_told_in_other_files_comes_last() {
        let path = "/etc/yum.repos.d/fedora.repo";
        let mut seen = ini(
            path,
            &[
                "[updates]",
                "enabled=1",
                "gpgcheck=1",
                "[updates-testing]",
                "enabled=on",
                "[fedora]",
            ],
        );
        assert!(seen.iter().all(|one| one.enabled));
        let told = [
            "[updates-*]",
            "enabled=0",
            "[fedora]",
            "gpgcheck = no",
            "enabled=0",
            "[fed?ra]",
            "enabled=1",
        ];
        lay_over(&settings(&told), &mut seen);
        let seen: Vec<_> = seen
            .iter()
            .map(|one| (one.id.as_str(), one.enabled, one.signature_check))
            .collect();
        assert_eq!(
            seen,
            [
                ("updates", true, Some(true)),
                ("updates-testing", false, None),
                ("fedora", true, Some(false)),
            ]
        );
    }

    #[test]
    fn apt_lines_in_both_styles() {
        let mut notes = Notes::default();
        let seen = one_line(
            "/etc/apt/sources.list",
            "deb [trusted=yes] http://h/d bookworm main contrib",
            &mut notes,
        )
        .expect("a source");
        assert_eq!(
            (seen.id.as_str(), seen.signature_check, seen.enabled),
            ("http://h/d bookworm", Some(false), true)
        );
        assert_eq!(seen.components, ["main", "contrib"]);
        let off = one_line("f", "# deb http://h/d bookworm main", &mut notes).expect("a source switched off");
        assert!(!off.enabled);
        assert!(one_line("f", "# deb is a nice word", &mut notes).is_none());
        assert!(one_line("f", "deb broken", &mut notes).is_none());
        assert_eq!(notes.problems.len(), 1);
        let seen = deb822(
            "f",
            &[
                "Types: deb",
                "URIs: http://u:p@h/d",
                "Suites: a",
                " a-updates",
                "Components: main",
                "",
                "Types: deb",
                "Enabled: no",
                "URIs: http://x",
                "Suites: b",
            ],
        );
        assert_eq!((seen.len(), seen[0].suites.len(), seen[1].enabled), (2, 2, false));
        assert_eq!(seen[0].uris, ["http://***@h/d"]);
    }

    #[test]
    fn ini_apk_and_pacman() {
        let seen = ini(
            "f",
            &[
                "[baseos]",
                "name=Base",
                "mirrorlist=https://m/?a=1",
                "enabled=0",
                "gpgcheck=1",
                "[x]",
                "enabled = On",
                "baseurl=https://a/",
                "  https://b/",
            ],
        );
        assert_eq!(
            (seen[0].enabled, seen[0].signature_check, seen[1].uris.len()),
            (false, Some(true), 2)
        );
        assert!(seen[1].enabled);
        assert!(apk("https://dl/alpine/v3.20/main").is_some_and(|seen| seen.enabled));
        assert!(apk("#https://dl/alpine/edge/testing").is_some_and(|seen| !seen.enabled));
        assert!(apk("# a comment").is_none());
        let seen = pacman(&[
            "[options]",
            "SigLevel = Required",
            "[core]",
            "Include = /etc/pacman.d/mirrorlist",
        ]);
        assert_eq!(
            (seen[0].id.as_str(), seen[0].signature_check),
            ("core", Some(true))
        );
    }
}
