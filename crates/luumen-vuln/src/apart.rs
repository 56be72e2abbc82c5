//! Packages that nobody may judge by the system vendor's word, because somebody else built them.
//!
//! A vendor speaks of its own builds. nginx.org's nginx, a snap and a home-made rpm carry the same names and other versions, so
//! neither "fixed" nor "vulnerable" would mean anything.

use luumen_model::{Package, PackageManager};

/// How many packages a sentence names.
const NAMED: usize = 8;

/// Vendors of the distributions that we know, in lower case. A package of one distribution on another is still judged:
/// rebuilds carry each other's packages after a migration, and a false silence costs more than a false alarm.
const DISTRIBUTIONS: [&str; 9] = [
    "red hat",
    "centos",
    "rocky",
    "alma",
    "oracle",
    "fedora",
    "amazon",
    "suse",
    "cloudlinux",
];

/// Makers of packages for Debian and Ubuntu that publish in repositories of their own. A maintainer tells nothing else apart:
/// those of the distributions are persons with addresses of all kinds.
const MAKERS: [&str; 17] = [
    "@nginx.com",
    "@f5.com",
    "@docker.com",
    "@nodesource.com",
    "@mongodb.com",
    "@elastic.co",
    "@microsoft.com",
    "@mariadb.com",
    "@mariadb.org",
    "@percona.com",
    "@grafana.com",
    "@hashicorp.com",
    "@gitlab.com",
    "@redis.com",
    "@redis.io",
    "@oss.oracle.com",
    "@influxdata.com",
];

/// Marks that the great repositories beside Debian and Ubuntu put into the versions of all that they build.
const MARKS: [&str; 3] = [".pgdg", "deb.sury.org", "ppa"];

/// True for what others than the system's vendor built, as far as the facts tell.
pub fn is_apart(package: &Package) -> bool {
    let maker = || package.vendor.as_deref().unwrap_or_default().to_lowercase();
    match package.manager {
        PackageManager::Snap | PackageManager::Flatpak => true,
        PackageManager::Rpm => {
            let maker = maker();
            let known = DISTRIBUTIONS.iter().any(|name| maker.contains(name));
            // Projects of the Open Build Service are anybody's. One without a vendor may be of a vendor that names none.
            maker.starts_with("obs://") || !maker.is_empty() && !known
        }
        PackageManager::Dpkg => {
            let maker = maker();
            MARKS.iter().any(|mark| package.version.contains(mark))
                || MAKERS.iter().any(|domain| maker.contains(domain))
        }
        PackageManager::Pacman => package.vendor.as_deref() == Some("Unknown Packager"),
        PackageManager::Apk => false,
    }
}

/// What is told of the packages of a host that were built by others; `None` without any.
pub fn told_of_apart<'a>(packages: impl Iterator<Item = &'a Package>) -> Option<String> {
    let apart = packages.filter(|package| package.is_installed() && is_apart(package));
    let mut names: Vec<&str> = apart.map(|package| package.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let and_more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    (!names.is_empty()).then(|| {
        format!(
            "{}{and_more}: not built by the system's vendor, whose advisories say nothing of them; see what their makers publish",
            names.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use luumen_model::{Package, PackageManager};

    use super::{is_apart, told_of_apart};

    fn package(manager: PackageManager, name: &str, version: &str, vendor: Option<&str>) -> Package {
        Package {
            manager,
            name: name.to_owned(),
            version: version.to_owned(),
            vendor: vendor.map(str::to_owned),
            ..Package::default()
        }
    }

    #[track_caller]
    fn check(manager: PackageManager, version: &str, vendor: Option<&str>, apart: bool) {
        let package = package(manager, "some", version, vendor);
        assert_eq!(is_apart(&package), apart, "{version} of {vendor:?}");
    }

    #[test]
    fn builds_of_others_are_told_by_vendor_version_or_manager() {
        use PackageManager::{Apk, Dpkg, Flatpak, Pacman, Rpm, Snap};
        check(Rpm, "1.20.1-14.el9", Some("Red Hat, Inc."), false);
        check(
            Rpm,
            "1.20.1-14.el9",
            Some("Rocky Enterprise Software Foundation"),
            false,
        );
        check(Rpm, "1.21-1", Some("SUSE LLC <https://www.suse.com/>"), false);
        check(Rpm, "1.21-1", Some("obs://build.opensuse.org/home:ann"), true);
        check(Rpm, "24.0.7-1.el9", Some("Docker"), true);
        check(
            Rpm,
            "15.5-1PGDG.rhel9",
            Some("PostgreSQL Global Development Group"),
            true,
        );
        check(Rpm, "1.0-1", None, false);
        check(
            Dpkg,
            "1.22.1-9",
            Some("Debian Nginx Maintainers <pkg-nginx@alioth-lists.debian.net>"),
            false,
        );
        check(Dpkg, "1.22.1-9", Some("Ann Example <ann@example.org>"), false);
        check(
            Dpkg,
            "1.24.0-1~bookworm",
            Some("NGINX Packaging <nginx-packaging@f5.com>"),
            true,
        );
        check(
            Dpkg,
            "15.5-1.pgdg120+1",
            Some("Debian PostgreSQL Maintainers <a@tracker.debian.org>"),
            true,
        );
        check(
            Dpkg,
            "8.2.13-1+0~20231125.40+debian12~1.gbp+deb.sury.org",
            None,
            true,
        );
        check(Snap, "120.0-2", Some("mozilla"), true);
        check(Flatpak, "120.0", None, true);
        check(Pacman, "1.0-1", Some("Unknown Packager"), true);
        check(Pacman, "1.0-1", Some("Ann <ann@archlinux.org>"), false);
        check(Apk, "1.0-r0", None, false);
    }

    #[test]
    fn only_what_is_installed_is_told_of() {
        let mut docker = package(PackageManager::Rpm, "docker-ce", "24.0.7-1", Some("Docker"));
        let told = told_of_apart([&docker].into_iter()).unwrap_or_default();
        assert!(told.starts_with("docker-ce: not built by"), "{told}");
        docker.status = Some("config-files".to_owned());
        assert!(!docker.is_installed());
        assert_eq!(told_of_apart([&docker].into_iter()), None);
        docker.status = Some("held".to_owned());
        assert!(docker.is_installed());
    }
}
