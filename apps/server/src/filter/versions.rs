//! Whether an installed version is older than the one asked for, in its package manager's own order.
//!
//! A person asks for `3.0.7`; hosts have `1:3.0.7-27.el9`. What the question leaves out does not count: without
//! an epoch in it the installed epoch is left out too, and without a release (the part behind the last `-`, for
//! apk `-r`) only the upstream versions are compared. Pure.

use std::cmp::Ordering;

use luumen_api::fleet::VersionOperator;
use luumen_model::PackageManager;
use luumen_version::Scheme;

/// Whether `installed op asked` holds; `None` when the two cannot be compared.
pub(crate) fn holds(
    manager: PackageManager,
    installed: &str,
    op: VersionOperator,
    asked: &str,
) -> Option<bool> {
    let scheme = scheme_of(manager);
    let order = scheme.compare(as_asked(scheme, installed, asked), asked)?;
    Some(match op {
        VersionOperator::Less => order == Ordering::Less,
        VersionOperator::LessOrEqual => order != Ordering::Greater,
        VersionOperator::Equal => order == Ordering::Equal,
        VersionOperator::GreaterOrEqual => order != Ordering::Less,
        VersionOperator::Greater => order == Ordering::Greater,
    })
}

fn scheme_of(manager: PackageManager) -> Scheme {
    match manager {
        PackageManager::Dpkg => Scheme::Dpkg,
        PackageManager::Rpm => Scheme::Rpm,
        PackageManager::Apk => Scheme::Apk,
        PackageManager::Pacman => Scheme::Pacman,
        PackageManager::Snap | PackageManager::Flatpak => Scheme::Generic,
    }
}

/// The installed version without the parts that the question does not have.
fn as_asked<'a>(scheme: Scheme, installed: &'a str, asked: &str) -> &'a str {
    let mut rest = installed;
    if has_epochs(scheme) && epoch_of(asked).is_none() {
        rest = epoch_of(installed).map_or(rest, |(_, rest)| rest);
    }
    let release = match scheme {
        Scheme::Dpkg | Scheme::Rpm | Scheme::Pacman => "-",
        Scheme::Apk => "-r",
        _ => return rest,
    };
    if asked.contains(release) {
        rest
    } else {
        rest.rsplit_once(release).map_or(rest, |(upstream, _)| upstream)
    }
}

fn has_epochs(scheme: Scheme) -> bool {
    matches!(scheme, Scheme::Dpkg | Scheme::Rpm | Scheme::Pacman)
}

fn epoch_of(version: &str) -> Option<(&str, &str)> {
    version
        .split_once(':')
        .filter(|(epoch, _)| !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use VersionOperator::{Equal, Less};

    #[track_caller]
    fn check(
        manager: PackageManager,
        installed: &str,
        op: VersionOperator,
        asked: &str,
        expected: Option<bool>,
    ) {
        assert_eq!(
            holds(manager, installed, op, asked),
            expected,
            "{installed} {op:?} {asked}"
        );
    }

    #[test]
    fn a_question_without_epoch_or_release_is_about_upstream() {
        let dpkg = PackageManager::Dpkg;
        check(dpkg, "3.0.7-1ubuntu2", Equal, "3.0.7", Some(true));
        check(dpkg, "3.0.7-1ubuntu2", Less, "3.0.7", Some(false));
        check(dpkg, "3.0.2-0ubuntu1.15", Less, "3.0.7", Some(true));
        check(dpkg, "1:9.2p1-2+deb12u3", Less, "9.3", Some(true));
        check(dpkg, "1:9.2p1-2+deb12u3", Equal, "9.2p1", Some(true));
        check(PackageManager::Rpm, "1:3.0.7-27.el9", Equal, "3.0.7", Some(true));
        check(PackageManager::Rpm, "1:3.0.1-43.el9", Less, "3.0.7", Some(true));
        check(PackageManager::Apk, "3.1.4-r5", Equal, "3.1.4", Some(true));
        check(PackageManager::Pacman, "1:2.0-3", Equal, "2.0", Some(true));
    }

    #[test]
    fn a_question_with_a_release_is_about_the_release() {
        check(PackageManager::Dpkg, "3.0.7-1", Less, "3.0.7-2", Some(true));
        check(
            PackageManager::Rpm,
            "1:3.0.7-24.el9",
            Less,
            "3.0.7-27.el9",
            Some(true),
        );
        check(
            PackageManager::Rpm,
            "1:3.0.7-27.el9",
            Less,
            "1:3.0.7-27.el9",
            Some(false),
        );
        check(PackageManager::Apk, "3.1.4-r5", Less, "3.1.4-r6", Some(true));
    }

    #[test]
    fn a_question_with_an_epoch_is_about_the_epoch() {
        check(PackageManager::Rpm, "3.0.7-27.el9", Less, "1:3.0.7", Some(true));
        check(PackageManager::Dpkg, "2:1.0-1", Less, "1:3.0", Some(false));
    }

    #[test]
    fn what_cannot_be_compared_is_not_told() {
        check(PackageManager::Dpkg, "3.0.7-1", Less, "latest", None);
        check(PackageManager::Apk, "not a version", Less, "1.0", None);
    }
}
