//! The running kernel against the newest installed one, and whether the host asks for a reboot.

use luumen_model::{InstalledKernel, Kernel, Package, PackageManager, RebootRequired};
use luumen_version::Scheme;

use super::packages::{parse_apk, parse_dpkg, parse_pacman, parse_rpm};
use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, _notes: &mut Notes) -> Option<Kernel> {
    let running = view.first("/proc/sys/kernel/osrelease")?.to_owned();
    let installed = installed_kernels(view);
    let same = |kernel: &&InstalledKernel| flavour(&kernel.release) == flavour(&running);
    let newest = installed.iter().filter(same).max_by(|a, b| older_or_newer(a, b));
    // A container sees its host's kernel, and a kernel that no package of this host brought cannot be
    // judged by those that did.
    let own = installed.iter().find(|kernel| kernel.release == running);
    let running_is_newest = match (own, newest) {
        (Some(own), Some(newest)) if view.first("/run/systemd/container").is_none() => {
            Some(own.release == newest.release)
        }
        _ => None,
    };
    let mut modules: Vec<String> = view
        .lines("/proc/modules")
        .iter()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    modules.sort();
    Some(Kernel {
        running_package: own.and_then(|kernel| kernel.package.clone()),
        newest_installed: newest.map(|kernel| kernel.release.clone()),
        running_is_newest,
        cmdline: view.first("/proc/cmdline").map(str::to_owned),
        modules,
        tainted: view
            .first("/proc/sys/kernel/tainted")
            .and_then(|bits| bits.parse().ok()),
        lockdown: view.first("/sys/kernel/security/lockdown").and_then(bracketed),
        livepatches: livepatches(view),
        running,
        installed,
    })
}

pub(super) fn read_reboot(view: &View<'_>, notes: &mut Notes) -> Option<RebootRequired> {
    if view.exists("/run/reboot-required") || view.exists("/var/run/reboot-required") {
        let mut reasons: Vec<String> = view
            .lines("/run/reboot-required.pkgs")
            .iter()
            .map(|line| line.trim().to_owned())
            .collect();
        reasons.sort();
        reasons.dedup();
        return Some(RebootRequired {
            required: Some(true),
            reasons,
            source: Some("reboot-required file".to_owned()),
        });
    }
    let Some(kernel) = read(view, notes) else {
        return Some(RebootRequired::default());
    };
    let reasons = match (&kernel.running_is_newest, &kernel.newest_installed) {
        (Some(false), Some(newest)) => vec![format!("kernel {newest} is installed, {} runs", kernel.running)],
        _ => Vec::new(),
    };
    Some(RebootRequired {
        required: kernel.running_is_newest.map(|newest| !newest),
        reasons,
        source: kernel.running_is_newest.map(|_| "kernel comparison".to_owned()),
    })
}

fn livepatches(view: &View<'_>) -> Vec<String> {
    let patches = view
        .files("/sys/kernel/livepatch/", "/enabled")
        .filter(|(_, lines)| lines.first() == Some(&"1"));
    patches
        .filter_map(|(path, _)| path.split('/').nth(4))
        .map(str::to_owned)
        .collect()
}

/// The chosen word of `none [integrity] confidentiality`.
fn bracketed(text: &str) -> Option<String> {
    Some(text.split_once('[')?.1.split_once(']')?.0.to_owned())
}

fn installed_kernels(view: &View<'_>) -> Vec<InstalledKernel> {
    let mut out = Vec::new();
    type Parse = fn(&str) -> luumen_model::Parsed<Package>;
    // Long lists are read once for `packages`; here only the lines that may name a kernel are.
    let sources: [(&str, &str, Parse); 5] = [
        ("packages.dpkg", "linux-image-", parse_dpkg),
        ("packages.rpm", "kernel", parse_rpm),
        ("packages.rpm_root", "kernel", parse_rpm),
        ("packages.apk", "", parse_apk),
        ("packages.pacman", "", parse_pacman),
    ];
    for (id, prefix, parse) in sources {
        let text = view.output(id).unwrap_or_default();
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(prefix)).collect();
        let packages = parse(&lines.join("\n")).items;
        out.extend(packages.iter().filter_map(kernel_of_package));
    }
    name_by_modules(&mut out, view);
    out.sort_by(|a, b| {
        older_or_newer(a, b)
            .then_with(|| a.release.cmp(&b.release))
            .then_with(|| a.package.cmp(&b.package))
    });
    out.dedup_by(|a, b| a.release == b.release);
    out
}

/// Alpine and Arch kernels do not carry their release in the package's name; `/lib/modules` does.
fn name_by_modules(kernels: &mut [InstalledKernel], view: &View<'_>) {
    let folders: Vec<&str> = view
        .probed("/lib/modules/")
        .chain(view.probed("/usr/lib/modules/"))
        .collect();
    let releases: Vec<&str> = folders
        .iter()
        .filter_map(|path| path.rsplit('/').next())
        .collect();
    for kernel in kernels
        .iter_mut()
        .filter(|kernel| !releases.contains(&kernel.release.as_str()))
    {
        let digits = |text: &str| {
            text.split(|c: char| !c.is_ascii_digit())
                .filter(|n| !n.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let wanted = digits(&kernel.release);
        let mut matching = releases
            .iter()
            .filter(|release| digits(release) == wanted && flavour(release) == flavour(&kernel.release));
        if let (Some(only), None) = (matching.next(), matching.next()) {
            kernel.release = (*only).to_owned();
        }
    }
}

fn kernel_of_package(package: &Package) -> Option<InstalledKernel> {
    let release = match package.manager {
        PackageManager::Dpkg => {
            let image = package.name.strip_prefix("linux-image-")?;
            // Meta packages have no release in their name; a removed kernel may leave settings behind.
            let real = image.starts_with(|first: char| first.is_ascii_digit())
                && package.status.as_deref() != Some("config-files");
            let image = image.strip_suffix("-unsigned").unwrap_or(image);
            (real && !image.ends_with("-dbg") && !image.ends_with("-dbgsym")).then(|| image.to_owned())?
        }
        PackageManager::Rpm => rpm_release(package)?,
        PackageManager::Apk => {
            let flavour = package.name.strip_prefix("linux-")?;
            if !["lts", "virt", "edge", "rpi", "stable"].contains(&flavour) {
                return None;
            }
            let (version, revision) = package.version.split_once("-r")?;
            format!("{version}-{revision}-{flavour}")
        }
        PackageManager::Pacman => {
            let flavour = package.name.strip_prefix("linux")?;
            if !["", "-lts", "-zen", "-hardened", "-rt", "-rt-lts"].contains(&flavour) {
                return None;
            }
            let (version, revision) = package.version.rsplit_once('-')?;
            // `6.10.1.arch1-1` runs as `6.10.1-arch1-1`.
            format!("{}-{revision}{flavour}", version.replacen(".arch", "-arch", 1))
        }
        PackageManager::Snap | PackageManager::Flatpak => return None,
    };
    Some(InstalledKernel {
        release,
        package: Some(package.name.clone()),
        version: Some(package.version.clone()),
    })
}

fn rpm_release(package: &Package) -> Option<String> {
    let evr = package
        .version
        .split_once(':')
        .map_or(package.version.as_str(), |(_, rest)| rest);
    let arch = package.arch.as_deref().unwrap_or("x86_64");
    match package.name.as_str() {
        "kernel-core" | "kernel" | "kernel-uek-core" | "kernel-uek" | "kernel-rt-core" | "kernel-lt"
        | "kernel-ml" | "kernel6.12" => Some(format!("{evr}.{arch}")),
        name => {
            // SUSE names flavours in the package and drops the build number in `uname -r`:
            // kernel-default 5.14.21-150500.55.49.1 runs as 5.14.21-150500.55.49-default.
            let flavour = name.strip_prefix("kernel-")?;
            if !["default", "azure", "rt", "preempt", "kvmsmall", "64kb"].contains(&flavour) {
                return None;
            }
            let (short, _) = evr.rsplit_once('.')?;
            Some(format!("{short}-{flavour}"))
        }
    }
}

/// The words behind the numbers: `6.1.0-18-cloud-amd64` is of another flavour than `6.1.0-18-amd64`.
fn flavour(release: &str) -> String {
    let words = release
        .split(['-', '.', '_', '+'])
        .filter(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()));
    let kept = words.filter(|word| !is_build(word));
    // Oracle's own kernel names the release that it is built for: `el8uek` and `el9uek` are one flavour.
    let kept = kept.map(|word| {
        if word.starts_with("el") && word.ends_with("uek") {
            "uek"
        } else {
            word
        }
    });
    kept.collect::<Vec<_>>().join("-")
}

/// `el9`, `fc40`, `amzn2023`, `arch1`, `deb13`, `deb12u1`, `bpo`: builds of one flavour, not flavours.
fn is_build(word: &str) -> bool {
    let stem = |word: &str| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let build = stem(word);
    ["el", "fc", "amzn", "arch", "deb", "bpo", "elrepo"].contains(&build.as_str())
        || build
            .strip_suffix('u')
            .is_some_and(|release| stem(release) == "deb")
}

fn older_or_newer(a: &InstalledKernel, b: &InstalledKernel) -> std::cmp::Ordering {
    // Releases of one flavour are built alike, so rpm's order sorts Debian's and Alpine's too.
    Scheme::Rpm.order(&a.release, &b.release)
}

#[cfg(test)]
mod tests {
    use super::{flavour, kernel_of_package, older_or_newer};
    use luumen_model::{InstalledKernel, Package, PackageManager};

    #[track_caller]
    fn check(manager: PackageManager, name: &str, version: &str, release: Option<&str>) {
        let package = Package {
            manager,
            name: name.into(),
            version: version.into(),
            arch: Some("x86_64".into()),
            ..Package::default()
        };
        assert_eq!(
            kernel_of_package(&package)
                .map(|kernel| kernel.release)
                .as_deref(),
            release,
            "{name} {version}"
        );
    }

    #[test]
    fn a_kernel_package_names_its_release() {
        use PackageManager::{Apk, Dpkg, Pacman, Rpm};
        check(
            Dpkg,
            "linux-image-6.1.0-18-amd64",
            "6.1.76-1",
            Some("6.1.0-18-amd64"),
        );
        check(Dpkg, "linux-image-amd64", "6.1.76-1", None);
        check(
            Dpkg,
            "linux-image-5.15.0-100-generic",
            "5.15.0-100.110",
            Some("5.15.0-100-generic"),
        );
        check(
            Rpm,
            "kernel-core",
            "5.14.0-427.13.1.el9_4",
            Some("5.14.0-427.13.1.el9_4.x86_64"),
        );
        check(
            Rpm,
            "kernel-default",
            "5.14.21-150500.55.49.1",
            Some("5.14.21-150500.55.49-default"),
        );
        check(Rpm, "kernel-headers", "5.14.0-427.13.1.el9_4", None);
        check(Apk, "linux-lts", "6.6.32-r0", Some("6.6.32-0-lts"));
        check(Apk, "linux-firmware-none", "20240513-r0", None);
        check(Pacman, "linux", "6.10.1.arch1-1", Some("6.10.1-arch1-1"));
        check(Pacman, "linux-lts", "6.6.41-1", Some("6.6.41-1-lts"));
    }

    #[test]
    fn flavours_are_kept_apart() {
        assert_eq!(flavour("6.1.0-18-amd64"), flavour("6.1.0-21-amd64"));
        assert_ne!(flavour("6.1.0-18-cloud-amd64"), flavour("6.1.0-21-amd64"));
        assert_eq!(
            flavour("5.14.0-427.13.1.el9_4.x86_64"),
            flavour("5.14.0-362.el9.x86_64")
        );
        assert_ne!(flavour("5.15.0-100-generic"), flavour("5.15.0-100-lowlatency"));
        assert_ne!(flavour("6.6.32-0-lts"), flavour("6.6.32-0-virt"));
    }

    #[test]
    fn releases_of_a_distribution_are_builds_of_one_flavour() {
        for release in [
            "6.12.43+deb13-amd64",
            "6.12.9+bpo-amd64",
            "6.1.0-0.deb11.7-amd64",
            "5.10.0-0.bpo.3-amd64",
            "6.12.43-1+deb13u1-amd64",
        ] {
            assert_eq!(flavour(release), flavour("6.1.0-18-amd64"), "{release}");
        }
        assert_ne!(
            flavour("6.12.43+deb13-cloud-amd64"),
            flavour("6.12.43+deb13-amd64")
        );
        let uek = "5.15.0-200.131.27.el8uek.x86_64";
        assert_eq!(flavour(uek), flavour("6.12.0-1.23.3.2.el9uek.x86_64"));
        assert_ne!(flavour(uek), flavour("4.18.0-553.el8_10.x86_64"));
    }

    #[test]
    fn the_newer_release_is_newer() {
        let kernel = |release: &str| InstalledKernel {
            release: release.to_owned(),
            package: None,
            version: None,
        };
        for (older, newer) in [
            ("6.1.0-38-amd64", "6.12.43+deb13-amd64"),
            ("6.12.9+bpo-amd64", "6.12.43+deb13-amd64"),
            (
                "5.15.0-200.131.27.el8uek.x86_64",
                "5.15.0-308.179.6.el8uek.x86_64",
            ),
        ] {
            assert!(
                older_or_newer(&kernel(older), &kernel(newer)).is_lt(),
                "{older} {newer}"
            );
        }
    }
}
