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
            matches!(flavour, "lts" | "virt" | "edge" | "rpi")
                .then(|| running == format!("{release}-{flavour}"))
        }
        PackageManager::Pacman => {
            let flavour = package.name.strip_prefix("linux")?;
            let known = ["", "-lts", "-zen", "-hardened", "-rt"].contains(&flavour);
            known.then(|| {
                running
                    .replace('-', ".")
                    .starts_with(&package.version.replace('-', "."))
            })
        }
        PackageManager::Snap | PackageManager::Flatpak => None,
    }
}

/// Whether a package is a kernel image, running or not.
pub fn is_kernel(package: &Package) -> bool {
    is_running_kernel(package, "").is_some()
}

/// `5.15.0-91-generic` of `linux-image-5.15.0-91-generic`; names without a number only pull in the newest.
fn dpkg_release(name: &str) -> Option<&str> {
    let release = name.strip_prefix("linux-image-")?;
    let release = release.strip_prefix("unsigned-").unwrap_or(release);
    release
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(release)
}

fn is_rpm_image(name: &str) -> bool {
    const IMAGES: [&str; 12] = [
        "kernel",
        "kernel-core",
        "kernel-rt",
        "kernel-rt-core",
        "kernel-64k-core",
        "kernel-uek",
        "kernel-uek-core",
        "kernel-default",
        "kernel-default-base",
        "kernel-azure",
        "kernel-lt",
        "kernel-ml",
    ];
    IMAGES.contains(&name)
}

/// Red Hat's `uname -r` is version-release.arch; SUSE's is version-release without its last rebuild number, then the flavour.
fn rpm_matches(package: &Package, running: &str) -> bool {
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

    use super::is_running_kernel;

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
}
