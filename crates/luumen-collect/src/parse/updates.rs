//! Updates that the package manager's own cache knows of, and how old that cache is.

use luumen_model::{Parsed, PendingUpdate, PendingUpdates, Timestamp};

use super::apt_policy;
use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<PendingUpdates> {
    let metadata_at = view
        .output("pending_updates.ages")
        .and_then(newest)
        .map(Timestamp::from_seconds);
    let Some((id, mut items)) = items(view, notes) else {
        // "No updates" must never be concluded from silence.
        notes.problem("pending_updates.ages", why_unknown(view));
        return Some(PendingUpdates {
            metadata_at,
            ..PendingUpdates::default()
        });
    };
    items.sort_by(|a, b| (&a.name, &a.arch).cmp(&(&b.name, &b.arch)));
    if metadata_at.is_none() {
        notes.problem(id, "the host does not say how old its package lists are");
    }
    let tells_security = id.starts_with("pending_updates.apt");
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

/// What the host's package manager offers, and by which command; none when it did not say.
fn items(view: &View<'_>, notes: &mut Notes) -> Option<(&'static str, Vec<PendingUpdate>)> {
    for id in ["pending_updates.apt", "pending_updates.apt_root"] {
        if let Some(text) = view.output(id) {
            return Some((id, apt_policy::read(id, text, view, notes)?));
        }
    }
    if let Some(text) = view.output("pending_updates.apk") {
        return Some(("pending_updates.apk", notes.take(parse_apk(text))));
    }
    let text = view.output("pending_updates.pacman")?;
    Some(("pending_updates.pacman", notes.take(parse_pacman(text))))
}

fn why_unknown(view: &View<'_>) -> &'static str {
    if ["pending_updates.apt", "pending_updates.apt_root"]
        .iter()
        .any(|id| view.output(id).is_some())
    {
        "apt did not answer for a single package"
    } else if view.output("packages.dpkg").is_some() {
        "apt has not built its package cache, and building it is not ours to do"
    } else if ["packages.rpm", "packages.rpm_root"]
        .iter()
        .any(|id| view.output(id).is_some())
    {
        "dnf, yum and zypper write to their caches when they are asked, so they are not asked"
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
        let seen = parse_pacman("openssl 3.3.0-1 -> 3.3.1-1 [ignored]\nodd\n");
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
