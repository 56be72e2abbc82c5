//! What dnf5 keeps in other places than dnf.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod support;

use luumen_model::{PendingUpdates, Repositories, SectionKind, SectionStatus};
use support::host::Host;

const RPM: &str = "bash\t0\t5.2.26\t3.fc41\tx86_64\tbash.src.rpm\tFedora Project\t1\t1\t(none)\n\
                   zsh\t0\t5.9\t1.fc41\tx86_64\tzsh.src.rpm\tFedora Project\t1\t1\t(none)\n";
const LISTS: &str = "R\t/var/cache/libdnf5/updates-0123456789abcdef/repodata/repomd.xml\n\
                     P\tbash\t0\t5.2.32\t1.fc41\tx86_64\tFedora Project\n\
                     P\tzsh\t0\t5.9\t2.fc41\tx86_64\tFedora Project\n\
                     E\tprimary\tprimary.xml.zst\n";

/// A Fedora host with the files of `more`: rows of a path and a line.
fn fedora(more: &[(&str, &str)]) -> Host {
    let repositories = "[fedora]\nenabled=1\n[updates]\nenabled=1\n[updates-testing]\nenabled=0";
    let mut rows = String::new();
    for (path, text) in [("/etc/yum.repos.d/fedora.repo", repositories)]
        .iter()
        .chain(more)
    {
        for line in text.lines() {
            rows.push_str(&format!("{path}:{line}\n"));
        }
    }
    let ages = "1 /var/cache/libdnf5/updates-0123456789abcdef/repodata/repomd.xml\n";
    Host::new()
        .files(&rows, 2)
        .says("packages.rpm", RPM, "", 0)
        .says("pending_updates.ages", ages, "", 0)
        .says("pending_updates.rpm", LISTS, "", 0)
}

const OVERRIDES: &str = "/etc/dnf/repos.override.d/99-config_manager.repo";
const LOCKS: &str = "/etc/dnf/versionlock.toml";

#[track_caller]
fn updates(host: &Host, status: SectionStatus) -> Vec<String> {
    let snapshot = host.check(SectionKind::PendingUpdates, status);
    let seen: PendingUpdates = snapshot.get().expect("pending updates");
    seen.items.into_iter().map(|one| one.name).collect()
}

#[test]
fn a_repository_that_is_switched_off_elsewhere_is_off() {
    // Its list was never fetched, and is missed while it is on.
    assert_eq!(updates(&fedora(&[]), SectionStatus::Partial), ["bash", "zsh"]);
    let off = fedora(&[
        (
            "/usr/share/dnf5/repos.override.d/50-vendor.repo",
            "[*]\nenabled=0",
        ),
        (OVERRIDES, "[updates]\nenabled=1\nexcludepkgs=zs*"),
    ]);
    assert_eq!(updates(&off, SectionStatus::Ok), ["bash"]);
    let seen: Repositories = off.visit().get().expect("repositories");
    let enabled: Vec<_> = seen
        .items
        .iter()
        .filter(|one| one.enabled)
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(enabled, ["updates"]);
    // The admin's file of the same name is read in place of the distribution's.
    let admin = fedora(&[
        (
            "/usr/share/dnf5/repos.override.d/99-config_manager.repo",
            "[*]\nenabled=0",
        ),
        (OVERRIDES, "[fedora]\nenabled=0"),
    ]);
    assert_eq!(updates(&admin, SectionStatus::Ok), ["bash", "zsh"]);
}

#[test]
fn a_locked_version_is_kept_and_a_lock_that_is_not_understood_is_said() {
    let off = (OVERRIDES, "[fedora]\nenabled=0");
    let lock = "version = \"1.0\"\n\n[[packages]]\nname = \"bash\"\n[[packages.conditions]]\nkey = \"evr\"\n\
                comparator = \"=\"\nvalue = \"0:5.2.26-3.fc41\"\n";
    assert_eq!(
        updates(&fedora(&[off, (LOCKS, lock)]), SectionStatus::Ok),
        ["zsh"]
    );
    let inline = "version = \"1.0\"\npackages = [{name = \"bash\"}]";
    let host = fedora(&[off, (LOCKS, inline)]);
    assert_eq!(updates(&host, SectionStatus::Partial), ["bash", "zsh"]);
    let record = &host.visit().sections[&SectionKind::PendingUpdates];
    assert!(
        record.problems[0].message.contains("versionlock.toml"),
        "{record:?}"
    );
}
