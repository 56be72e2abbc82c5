//! Updates that the package manager's own cache knows of, and how old that cache is.

use std::collections::BTreeSet;

use luumen_model::{PackageManager, Parsed, PendingUpdate, PendingUpdates, Repository, Timestamp};

use super::{apt_lists, apt_policy, repositories, rpm_lists};
use crate::{
    transcript::Fate,
    view::{Notes, View, complaints},
};

/// The commands that may say which updates there are.
const ANSWERING: [&str; 5] = [
    "pending_updates.apt",
    "pending_updates.apt_root",
    "pending_updates.apk",
    "pending_updates.pacman",
    rpm_lists::ID,
];

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<PendingUpdates> {
    let newest = view.output("pending_updates.ages").and_then(newest);
    let Some((id, mut items, age)) = items(view, notes, newest) else {
        // "No updates" must never be concluded from silence.
        notes.problem("pending_updates.ages", why_unknown(view));
        // Nobody was asked: the visit was cut before.
        if ANSWERING.iter().any(|id| view.fate(id) == Fate::NotReached) {
            return None;
        }
        return Some(PendingUpdates {
            metadata_at: newest.map(Timestamp::from_seconds),
            ..PendingUpdates::default()
        });
    };
    let metadata_at = age.map(Timestamp::from_seconds);
    items.sort_by(|a, b| (&a.name, &a.arch).cmp(&(&b.name, &b.arch)));
    if metadata_at.is_none() {
        notes.problem(id, "the host does not say how old its package lists are");
    }
    // Where a single update's cache does not say, neither does the count.
    let tells = id.starts_with("pending_updates.apt") || id == rpm_lists::ID;
    let tells_security = tells && items.iter().all(|update| update.security.is_some());
    let security_count = items
        .iter()
        .filter(|update| update.security == Some(true))
        .count();
    Some(PendingUpdates {
        security_count: tells_security.then(|| i64::try_from(security_count).unwrap_or(i64::MAX)),
        metadata_at,
        items,
    })
}

/// By which command the host's package manager answered, what it offers, and how old that knowledge is; none when it did not say.
type Answer = (&'static str, Vec<PendingUpdate>, Option<i64>);

fn items(view: &View<'_>, notes: &mut Notes, newest: Option<i64>) -> Option<Answer> {
    for id in ["pending_updates.apt", "pending_updates.apt_root"] {
        if let Some(text) = view.output(id) {
            let items = apt_policy::read(id, text, view, notes)?;
            apt_lists::note_missing(id, view, notes);
            return Some((id, items, newest));
        }
    }
    if let Some(text) = view.output("pending_updates.apk") {
        note_missing_indexes(view, notes);
        return Some(("pending_updates.apk", notes.take(parse_apk(text)), newest));
    }
    // Each repository of an rpm host is refreshed by itself: what is known is as old as the oldest list.
    if let Some((items, oldest)) = rpm_lists::read(view, notes) {
        return Some((rpm_lists::ID, items, oldest));
    }
    let text = view.output("pending_updates.pacman")?;
    let said = view.said("pending_updates.pacman");
    // It ends alike where there is no update and where it could not look.
    for line in said
        .iter()
        .flat_map(complaints)
        .filter(|line| line.starts_with("error:"))
    {
        notes.odd(
            "pending_updates.pacman",
            "pacman could not say which updates there are",
            line,
        );
    }
    note_missing_databases(view, notes);
    Some(("pending_updates.pacman", notes.take(parse_pacman(text)), newest))
}

/// The sources of one package manager that are on.
fn enabled(view: &View<'_>, manager: PackageManager) -> Vec<Repository> {
    // What is odd in their files is noted by the section of repositories.
    let all = repositories::read(view, &mut Notes::default()).unwrap_or_default();
    let wanted = |one: &Repository| one.manager == manager && one.enabled;
    all.items.into_iter().filter(wanted).collect()
}

/// pacman's databases have the names of their repositories.
fn note_missing_databases(view: &View<'_>, notes: &mut Notes) {
    let Some(ages) = view.output("pending_updates.ages") else {
        return;
    };
    for repository in enabled(view, PackageManager::Pacman) {
        let file = format!("/var/lib/pacman/sync/{}.db", repository.id);
        let is_there = ages
            .lines()
            .any(|line| line.split_once(' ').is_some_and(|(_, path)| path == file));
        if !is_there {
            let message = format!(
                "no list of the repository {} was fetched, so its updates are not known",
                repository.id
            );
            notes.problem("pending_updates.pacman", &message);
        }
    }
}

/// apk names its indexes by a hash of the address, so they can only be counted.
fn note_missing_indexes(view: &View<'_>, notes: &mut Notes) {
    let Some(ages) = view.output("pending_updates.ages") else {
        return;
    };
    let names = ages.lines().filter_map(|line| line.rsplit('/').next());
    let fetched: BTreeSet<&str> = names.filter(|name| name.starts_with("APKINDEX.")).collect();
    // A repository in a folder of the host is its own index.
    let sources = enabled(view, PackageManager::Apk);
    let remote = sources.iter().filter(|one| one.id.contains("://")).count();
    if fetched.len() < remote {
        let message = format!(
            "lists of {} of {remote} repositories were fetched, so the updates of the others are not known",
            fetched.len()
        );
        notes.problem("pending_updates.apk", &message);
    }
}

fn why_unknown(view: &View<'_>) -> &'static str {
    if ["pending_updates.apt", "pending_updates.apt_root"]
        .iter()
        .any(|id| view.output(id).is_some())
    {
        "apt did not answer for a single package"
    } else if view.output("packages.dpkg").is_some() {
        "apt has not built its package cache, and building it is not ours to do"
    } else if view.rpm_packages().is_some() {
        "no list of an enabled repository was fetched, and fetching one is not ours to do"
    } else if ["packages.apk", "packages.pacman"]
        .iter()
        .any(|id| view.output(id).is_some())
    {
        "the package manager keeps no list of what there is, and fetching one is not ours to do"
    } else {
        "no package manager with a cache that can be read without changing it"
    }
}

/// The newest change of any list, in seconds since 1970.
fn newest(text: &str) -> Option<i64> {
    text.lines()
        .filter_map(|line| line.split(' ').next()?.parse().ok())
        .max()
}

/// `busybox-1.36.1-r2  < 1.36.1-r5`.
fn parse_apk(text: &str) -> Parsed<PendingUpdate> {
    let mut out = Parsed::default();
    for line in text.lines().filter(|line| line.contains('<')) {
        let update = line.split_once('<').and_then(|(installed, candidate)| {
            let (rest, revision) = installed.trim().rsplit_once('-')?;
            let (name, version) = rest.rsplit_once('-')?;
            Some(plain(
                name,
                &format!("{version}-{revision}"),
                candidate.split_whitespace().next()?,
            ))
        });
        match update {
            Some(update) => out.items.push(update),
            None => out
                .problems
                .push(odd("pending_updates.apk", "not a line of apk version", line)),
        }
    }
    out
}

/// `openssl 3.3.0-1 -> 3.3.1-1`, with `[ignored]` behind what the admin holds back.
fn parse_pacman(text: &str) -> Parsed<PendingUpdate> {
    let mut out = Parsed::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            // What is held back is no update of this host, as with all other package managers.
            [_, _, "->", _, "[ignored]"] => {}
            [name, installed, "->", candidate, ..] => out.items.push(plain(name, installed, candidate)),
            _ => out
                .problems
                .push(odd("pending_updates.pacman", "not a line of pacman -Qu", line)),
        }
    }
    out
}

fn plain(name: &str, installed: &str, candidate: &str) -> PendingUpdate {
    PendingUpdate {
        name: name.to_owned(),
        installed_version: Some(installed.to_owned()),
        candidate_version: candidate.to_owned(),
        ..PendingUpdate::default()
    }
}

pub(super) fn odd(command: &str, message: &str, line: &str) -> luumen_model::Problem {
    luumen_model::Problem {
        command: command.to_owned(),
        message: message.to_owned(),
        line: Some(line.chars().take(200).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::{newest, parse_apk, parse_pacman};

    #[test]
    fn apk_and_pacman_name_both_versions() {
        let seen = parse_apk("Installed:      Available:\nssl_client-1.36.1-r2  < 1.36.1-r5 \n").items;
        assert_eq!(
            (seen[0].name.as_str(), seen[0].installed_version.as_deref()),
            ("ssl_client", Some("1.36.1-r2"))
        );
        let seen = parse_pacman("linux 6.9.1-1 -> 6.9.3-1 [ignored]\nopenssl 3.3.0-1 -> 3.3.1-1\nodd\n");
        let names: Vec<_> = seen.items.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["openssl"]);
        assert_eq!(
            (seen.items[0].candidate_version.as_str(), seen.problems.len()),
            ("3.3.1-1", 1)
        );
    }

    #[test]
    fn the_newest_list_counts() {
        assert_eq!(newest("1700000000 /a\n1800000000 /b\nodd\n"), Some(1_800_000_000));
        assert_eq!(newest(""), None);
    }
}
