//! Which packages are kernels, and which of them runs.

use luumen_model::{Package, PackageManager};

/// Whether a package is a kernel and, if so, whether it is the one that runs; `None` for everything that is no kernel image
/// (headers, tools, names that only pull in the newest one).
pub fn is_running_kernel(package: &Package, running: &str) -> Option<bool> {
    match package.manager {
        PackageManager::Dpkg => Some(dpkg_release(&package.name)? == running),
        PackageManager::Rpm => is_rpm_image(&package.name).then(|| rpm_matches(package, running)),
        PackageManager::Apk => {
            let flavour = package.name.strip_prefix("linux-")?;
            let release = package.version.replace("-r", "-");
            matches!(flavour, "lts" | "virt" | "edge" | "rpi" | "stable")
                .then(|| running == format!("{release}-{flavour}"))
        }
        PackageManager::Pacman => {
            let flavour = package.name.strip_prefix("linux")?;
            let known = ["", "-lts", "-zen", "-hardened", "-rt"].contains(&flavour);
            known.then(|| {
                let running = running.replace('-', ".");
                let rest = running.strip_prefix(&package.version.replace('-', "."));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        }
        PackageManager::Snap | PackageManager::Flatpak => None,
    }
}

/// Whether the kernel that runs was one of this package's line, and is not among the packages any more: it was replaced or removed,
/// and what is installed says nothing of what runs until the host is restarted.
pub fn runs_a_replaced_one<'a>(packages: impl Iterator<Item = &'a Package>, running: &str) -> bool {
    let mut of_its_line = false;
    // Nothing is of the name that stands for a replaced one.
    let release = release_of(running);
    for package in packages.filter(|package| package.is_installed()) {
        match is_running_kernel(package, running) {
            Some(true) => return false,
            Some(false) => of_its_line |= is_of_its_line(package, release),
            None => {}
        }
    }
    of_its_line
}

/// What stands behind the release of a kernel whose package holds another build by now, under the same name.
const REPLACED: &str = " (replaced)";

/// How a running kernel is named whose package was replaced in place: no package is it any more.
pub fn replaced(release: &str) -> String {
    format!("{}{REPLACED}", release_of(release))
}

/// The release itself, as `uname -r` says it.
pub fn release_of(running: &str) -> &str {
    running.strip_suffix(REPLACED).unwrap_or(running)
}

/// Whether a kernel of that release was once this package, or an earlier one of its line.
fn is_of_its_line(image: &Package, release: &str) -> bool {
    let (line, flavour) = line_of_release(release);
    match image.manager {
        PackageManager::Dpkg | PackageManager::Rpm => line_of_image(image) == Some((line, flavour)),
        // One version is installed of a name, which goes through upstream's lines from one update to the next.
        PackageManager::Apk | PackageManager::Pacman => {
            let named = image.name.strip_prefix("linux").unwrap_or_default();
            named.strip_prefix('-').unwrap_or(named) == flavour
        }
        PackageManager::Snap | PackageManager::Flatpak => false,
    }
}

/// Upstream's line and the flavour: `5.15` and `generic`.
fn line_of_release(running: &str) -> (&str, &str) {
    let (release, flavour) = match running.split_once('+') {
        Some(split) => split,
        None => (running, running.rsplit_once('-').map_or("", |(_, last)| last)),
    };
    let flavour = if flavour.starts_with(|c: char| c.is_ascii_digit()) {
        ""
    } else {
        flavour
    };
    (upstream_line(release), flavour)
}

fn line_of_image(package: &Package) -> Option<(&str, &str)> {
    match package.manager {
        PackageManager::Dpkg => Some(line_of_release(dpkg_release(&package.name)?)),
        PackageManager::Rpm => {
            let version = package
                .version
                .split_once(':')
                .map_or(package.version.as_str(), |(_, rest)| rest);
            let name = package.name.strip_prefix("kernel").unwrap_or_default();
            let flavour = ["-core", "-base"]
                .iter()
                .fold(name, |name, end| name.strip_suffix(end).unwrap_or(name));
            let flavour = flavour.strip_prefix('-').unwrap_or_default();
            // These say in their versions what they are, and not behind them.
            let flavour = if matches!(flavour, "uek" | "lt" | "ml") {
                ""
            } else {
                flavour
            };
            Some((upstream_line(version), flavour))
        }
        _ => None,
    }
}

/// `5.15` of `5.15.0-91`.
fn upstream_line(version: &str) -> &str {
    let end = version
        .match_indices(['.', '-'])
        .nth(1)
        .map_or(version.len(), |(at, _)| at);
    &version[..end]
}

/// Whether a package is a kernel image, running or not.
pub fn is_kernel(package: &Package) -> bool {
    is_running_kernel(package, "").is_some()
}

/// `5.15.0-91-generic` of `linux-image-5.15.0-91-generic`; names without a number only pull in the newest.
fn dpkg_release(name: &str) -> Option<&str> {
    let release = name.strip_prefix("linux-image-")?;
    // Ubuntu writes it in front, Debian behind.
    let release = release.strip_prefix("unsigned-").unwrap_or(release);
    let release = release.strip_suffix("-unsigned").unwrap_or(release);
    release
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(release)
}

fn is_rpm_image(name: &str) -> bool {
    // Amazon Linux 2023 has newer lines beside its first one.
    let numbered = || {
        name.strip_prefix("kernel").is_some_and(|line| {
            line.starts_with(|c: char| c.is_ascii_digit()) && line.contains('.') && !line.contains('-')
        })
    };
    const IMAGES: [&str; 13] = [
        "kernel",
        "kernel-core",
        "kernel-rt",
        "kernel-rt-core",
        "kernel-64k",
        "kernel-64k-core",
        "kernel-uek",
        "kernel-uek-core",
        "kernel-default",
        "kernel-default-base",
        "kernel-azure",
        "kernel-lt",
        "kernel-ml",
    ];
    IMAGES.contains(&name) || numbered()
}

/// Red Hat's `uname -r` is version-release.arch; SUSE's is version-release without its last rebuild number, then the flavour.
fn rpm_matches(package: &Package, running: &str) -> bool {
    // Since RHEL 9 flavours stand behind everything else: `5.14.0-427.13.1.el9_4.x86_64+rt`.
    let (running, kind) = running.split_once('+').unwrap_or((running, ""));
    if !kind.is_empty() && !package.name.starts_with(&format!("kernel-{kind}")) {
        return false;
    }
    let version = package
        .version
        .split_once(':')
        .map_or(package.version.as_str(), |(_, rest)| rest);
    let whole = match &package.arch {
        Some(arch) => format!("{version}.{arch}"),
        None => version.to_owned(),
    };
    let without_rebuild = version.rsplit_once('.').map_or(version, |(before, _)| before);
    let flavour = package.name.strip_prefix("kernel-").unwrap_or_default();
    let flavour = flavour.strip_suffix("-base").unwrap_or(flavour);
    whole == running || version == running || format!("{without_rebuild}-{flavour}") == running
}

#[cfg(test)]
mod tests {
    use luumen_model::{Package, PackageManager};

    use super::{is_running_kernel, runs_a_replaced_one};

    #[track_caller]
    fn check(manager: PackageManager, name: &str, version: &str, running: &str, expected: Option<bool>) {
        let package = Package {
            manager,
            name: name.to_owned(),
            version: version.to_owned(),
            arch: Some("x86_64".to_owned()),
            ..Package::default()
        };
        assert_eq!(is_running_kernel(&package, running), expected, "{name} {version}");
    }

    #[test]
    fn the_running_kernel_is_known_by_its_release() {
        use PackageManager::{Apk, Dpkg, Rpm};
        let ubuntu = "5.15.0-91-generic";
        check(
            Dpkg,
            "linux-image-5.15.0-91-generic",
            "5.15.0-91.101",
            ubuntu,
            Some(true),
        );
        check(
            Dpkg,
            "linux-image-5.15.0-69-generic",
            "5.15.0-69.76",
            ubuntu,
            Some(false),
        );
        check(Dpkg, "linux-image-generic", "5.15.0.91.88", ubuntu, None);
        check(Dpkg, "linux-libc-dev", "5.15.0-91.101", ubuntu, None);
        let alma = "4.18.0-513.9.1.el8_9.x86_64";
        check(Rpm, "kernel-core", "4.18.0-513.9.1.el8_9", alma, Some(true));
        check(Rpm, "kernel-core", "4.18.0-477.el8", alma, Some(false));
        check(Rpm, "kernel-headers", "4.18.0-513.9.1.el8_9", alma, None);
        let suse = "5.14.21-150400.24.46-default";
        check(Rpm, "kernel-default", "5.14.21-150400.24.46.1", suse, Some(true));
        check(Apk, "linux-lts", "6.6.7-r0", "6.6.7-0-lts", Some(true));
    }

    #[test]
    fn a_kernel_that_was_replaced_and_still_runs_belongs_to_no_package() {
        let image = |manager, name: &str, version: &str| Package {
            manager,
            name: name.to_owned(),
            version: version.to_owned(),
            arch: Some("x86_64".to_owned()),
            ..Package::default()
        };
        #[track_caller]
        fn check(packages: &[Package], running: &str, expected: bool) {
            assert_eq!(
                runs_a_replaced_one(packages.iter(), running),
                expected,
                "{running}"
            );
        }
        let ubuntu = [image(
            PackageManager::Dpkg,
            "linux-image-5.15.0-91-generic",
            "5.15.0-91.101",
        )];
        check(&ubuntu, "5.15.0-91-generic", false);
        check(&ubuntu, "5.15.0-69-generic", true);
        // A kernel of another line belongs to another package, which may be any.
        check(&ubuntu, "6.2.0-39-generic", false);
        check(&ubuntu, "5.15.0-1052-aws", false);
        check(&ubuntu, "5.15.0-91-generic (replaced)", true);
        let mut removed = ubuntu;
        removed[0].status = Some("config-files".to_owned());
        check(&removed, "5.15.0-69-generic", false);
        let alma = [image(PackageManager::Rpm, "kernel-core", "5.14.0-427.13.1.el9_4")];
        check(&alma, "5.14.0-427.13.1.el9_4.x86_64", false);
        check(&alma, "5.14.0-362.8.1.el9_3.x86_64", true);
        check(&alma, "5.14.0-427.13.1.el9_4.x86_64+rt", false);
        let real_time = [image(
            PackageManager::Rpm,
            "kernel-rt-core",
            "5.14.0-427.13.1.el9_4",
        )];
        check(&real_time, "5.14.0-427.13.1.el9_4.x86_64+rt", false);
        check(&real_time, "5.14.0-362.8.1.el9_3.x86_64+rt", true);
        let suse = [image(
            PackageManager::Rpm,
            "kernel-default",
            "5.14.21-150400.24.46.1",
        )];
        check(&suse, "5.14.21-150400.24.46-default", false);
        check(&suse, "5.14.21-150400.24.33-default", true);
        let alpine = [image(PackageManager::Apk, "linux-lts", "6.6.7-r0")];
        check(&alpine, "6.6.7-0-lts", false);
        check(&alpine, "6.6.1-0-lts", true);
        // An upgrade to the next release changes the line under the same name.
        check(&alpine, "6.1.60-0-lts", true);
        check(&alpine, "6.6.1-0-virt", false);
        let stable = [image(PackageManager::Apk, "linux-stable", "6.8.4-r0")];
        check(&stable, "6.7.9-0-stable", true);
        let arch = |name, version| [image(PackageManager::Pacman, name, version)];
        check(&arch("linux", "6.6.7.arch1-1"), "6.6.7-arch1-1", false);
        check(&arch("linux", "6.6.7.arch1-1"), "6.6.1-arch1-1", true);
        check(&arch("linux", "6.7.1.arch1-1"), "6.6.7-arch1-1", true);
        check(&arch("linux", "6.6.7.arch1-1"), "6.6.7-arch1-10", true);
        check(&arch("linux", "6.6.7.arch1-1"), "6.1.71-1-lts", false);
        check(&arch("linux-lts", "6.1.75-1"), "6.1.71-1-lts", true);
        check(&arch("linux-zen", "6.7.1.zen1-1"), "6.6.7-zen1-1-zen", true);
        check(&[], "6.6.1-0-lts", false);
    }
}
