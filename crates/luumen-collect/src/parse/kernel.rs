//! The running kernel against the newest installed one, and whether the host asks for a reboot.

use luumen_model::{InstalledKernel, Kernel, Package, PackageManager, RebootRequired};
use luumen_version::Scheme;

use super::{
    packages::{parse_apk, parse_dpkg, parse_pacman, parse_rpm},
    secrets::in_command,
};
use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Kernel> {
    let running = view.first("/proc/sys/kernel/osrelease")?.to_owned();
    let installed = installed_kernels(view);
    let same = |kernel: &&InstalledKernel| flavour(&kernel.release) == flavour(&running);
    let newest = installed.iter().filter(same).max_by(|a, b| older_or_newer(a, b));
    let named = installed.iter().find(|kernel| kernel.release == running);
    let build = Build::of(view.first("/proc/sys/kernel/version").unwrap_or_default());
    // The package of that name may hold a newer build by now, and another one runs.
    let own = named.filter(|kernel| build.is_none_or(|build| build.is_of(kernel)));
    // A container sees its host's kernel.
    let contained = view.first("/run/systemd/container").is_some()
        || view.exists("/.dockerenv")
        || view.exists("/run/.containerenv");
    let running_is_newest = match (own, newest) {
        _ if contained => None,
        (Some(own), Some(newest)) => Some(own.release == newest.release),
        (None, _) if named.is_some() => Some(false),
        // Its package was replaced or removed, and what took its place waits for a boot. A newer one is a stranger, which
        // cannot be judged by those that are installed.
        (None, Some(newest)) if Scheme::Rpm.order(&running, &newest.release).is_lt() => Some(false),
        _ => None,
    };
    if own.is_none() && !contained && !installed.is_empty() {
        notes.problem("kernel.files", &why_strange(&running, named, build));
    }
    let mut modules: Vec<String> = view
        .lines("/proc/modules")
        .iter()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    modules.sort();
    Some(Kernel {
        running_package: own.and_then(|kernel| kernel.package.clone()),
        running_version: match own {
            Some(own) => own.version.clone(),
            None => build.and_then(|build| build.version(&running)),
        },
        newest_installed: newest.map(|kernel| kernel.release.clone()),
        running_is_newest,
        cmdline: view.first("/proc/cmdline").map(in_command),
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

pub(super) fn read_reboot(view: &View<'_>, _notes: &mut Notes) -> Option<RebootRequired> {
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
    // What is not known of the running kernel is noted by its own section.
    let Some(kernel) = read(view, &mut Notes::default()) else {
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

/// What the running kernel says of the package that it was built as. RHEL's and SUSE's say all of it by their release.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Build<'a> {
    /// `#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)`: the whole version.
    Debian(&'a str),
    /// `#115~20.04.1-Ubuntu SMP …`: its last part.
    Ubuntu(&'a str),
}

impl<'a> Build<'a> {
    fn of(version: &'a str) -> Option<Self> {
        if let Some((_, rest)) = version.split_once(" Debian ") {
            return rest.split_whitespace().next().map(Self::Debian);
        }
        let first = version.split_whitespace().next()?.strip_prefix('#')?;
        first.strip_suffix("-Ubuntu").map(Self::Ubuntu)
    }

    fn is_of(self, kernel: &InstalledKernel) -> bool {
        let version = kernel.version.as_deref().unwrap_or_default();
        match self {
            // A rebuild of the same source adds `+b1`.
            Self::Debian(whole) => version
                .strip_prefix(whole)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("+b")),
            Self::Ubuntu(upload) => version
                .strip_suffix(upload)
                .is_some_and(|rest| rest.ends_with('.')),
        }
    }

    fn version(self, running: &str) -> Option<String> {
        match self {
            Self::Debian(whole) => Some(whole.to_owned()),
            // `5.15.0-105` of `5.15.0-105-generic`.
            Self::Ubuntu(upload) => {
                let abi: Vec<&str> = running.splitn(3, '-').take(2).collect();
                (abi.len() == 2).then(|| format!("{}.{upload}", abi.join("-")))
            }
        }
    }
}

/// Why the running kernel is none of the installed packages. Its flaws are not theirs.
fn why_strange(running: &str, named: Option<&InstalledKernel>, build: Option<Build<'_>>) -> String {
    let built = build.and_then(|build| build.version(running));
    match (named.and_then(|named| named.version.as_ref()), built) {
        (Some(installed), Some(built)) => format!(
            "the running kernel {running} is of version {built}, and its package is {installed} by now: what runs until the \
             next boot is none of the installed packages"
        ),
        _ => format!(
            "no installed package is the running kernel {running}: it was replaced or removed while it runs, or never came \
             from a package"
        ),
    }
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
            // Ubuntu writes it in front, Debian behind.
            let image = image.strip_prefix("unsigned-").unwrap_or(image);
            // Meta packages have no release in their name; a removed kernel may leave settings behind.
            let real = image.starts_with(|first: char| first.is_ascii_digit()) && package.is_installed();
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
    let plain = format!("{evr}.{arch}");
    match package.name.as_str() {
        "kernel-core" | "kernel" | "kernel-uek-core" | "kernel-uek" | "kernel-lt" | "kernel-ml" => {
            Some(plain)
        }
        // Until RHEL 8, the release of a realtime kernel has it in its middle.
        "kernel-rt-core" | "kernel-rt" if evr.contains(".rt") => Some(plain),
        name => {
            let flavour = name.strip_prefix("kernel")?;
            // `kernel6.12` of Amazon Linux.
            if flavour.starts_with(|first: char| first.is_ascii_digit()) {
                let digits = flavour.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                return digits.then_some(plain);
            }
            let flavour = flavour.strip_prefix('-')?;
            // Pages of 64 KiB on ARM, the dump kernel of IBM Z: `5.14.0-427.el9.aarch64+64k`.
            if let Some(flavour) = flavour.strip_suffix("-core") {
                let known = ["rt", "64k", "16k", "debug", "zfcpdump"].contains(&flavour);
                return known.then(|| format!("{plain}+{flavour}"));
            }
            // SUSE names flavours in the package and drops the build number in `uname -r`:
            // kernel-default 5.14.21-150500.55.49.1 runs as 5.14.21-150500.55.49-default.
            let flavour = flavour.strip_suffix("-base").unwrap_or(flavour);
            if ![
                "default", "azure", "rt", "preempt", "kvmsmall", "64kb", "zfcpdump",
            ]
            .contains(&flavour)
            {
                return None;
            }
            let (short, _) = evr.rsplit_once('.')?;
            Some(format!("{short}-{flavour}"))
        }
    }
}

/// The words behind the numbers: `6.1.0-18-cloud-amd64` is of another flavour than `6.1.0-18-amd64`.
fn flavour(release: &str) -> String {
    let words = release.split(['-', '.', '_', '+']).filter(|word| {
        // Sizes of pages are flavours that begin with a digit.
        word.starts_with(|first: char| first.is_ascii_alphabetic()) || ["64k", "16k", "64kb"].contains(word)
    });
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
    use super::{Build, flavour, kernel_of_package, older_or_newer};
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
        check(
            Rpm,
            "kernel-64k-core",
            "5.14.0-427.13.1.el9_4",
            Some("5.14.0-427.13.1.el9_4.x86_64+64k"),
        );
        check(
            Rpm,
            "kernel-rt-core",
            "4.18.0-513.9.1.rt7.311.el8_9",
            Some("4.18.0-513.9.1.rt7.311.el8_9.x86_64"),
        );
        check(
            Rpm,
            "kernel-rt",
            "5.14.21-150500.13.35.1",
            Some("5.14.21-150500.13.35-rt"),
        );
        check(
            Rpm,
            "kernel6.12",
            "6.12.20-23.97.amzn2023",
            Some("6.12.20-23.97.amzn2023.x86_64"),
        );
        check(Rpm, "kernel-modules-core", "5.14.0-427.13.1.el9_4", None);
        check(
            Dpkg,
            "linux-image-unsigned-6.8.0-40-generic",
            "6.8.0-40.40~22.04.3",
            Some("6.8.0-40-generic"),
        );
        check(Apk, "linux-lts", "6.6.32-r0", Some("6.6.32-0-lts"));
        check(Apk, "linux-firmware-none", "20240513-r0", None);
        check(Pacman, "linux", "6.10.1.arch1-1", Some("6.10.1-arch1-1"));
        check(Pacman, "linux-lts", "6.6.41-1", Some("6.6.41-1-lts"));
    }

    #[test]
    fn a_kernel_says_what_it_was_built_as() {
        #[track_caller]
        fn check(says: &str, running: &str, version: &str, other: &str) {
            let build = Build::of(says).expect("a build");
            assert_eq!(build.version(running).as_deref(), Some(version), "{says}");
            let kernel = |version: &str| InstalledKernel {
                release: running.to_owned(),
                package: None,
                version: Some(version.to_owned()),
            };
            assert!(build.is_of(&kernel(version)), "{version}");
            assert!(!build.is_of(&kernel(other)), "{other}");
        }
        check(
            "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)",
            "6.1.0-18-s390x",
            "6.1.76-1",
            "6.1.76-10",
        );
        check(
            "#1 SMP PREEMPT Debian 1:6.6.20-1+rpt1 (2024-03-07)",
            "6.6.20+rpt-rpi-v8",
            "1:6.6.20-1+rpt1",
            "1:6.6.31-1+rpt1",
        );
        check(
            "#115~20.04.1-Ubuntu SMP Mon Apr 15 17:33:04 UTC 2024",
            "5.15.0-105-generic",
            "5.15.0-105.115~20.04.1",
            "5.15.0-105.115",
        );
        assert_eq!(
            Build::of("#1 SMP PREEMPT_DYNAMIC Mon May 6 10:00:00 UTC 2024"),
            None
        );
        assert_eq!(Build::of(""), None);
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
        assert_ne!(
            flavour("5.14.0-427.el9.aarch64+64k"),
            flavour("5.14.0-427.el9.aarch64")
        );
        assert_ne!(
            flavour("5.14.21-150500.55.49-64kb"),
            flavour("5.14.21-150500.55.49-default")
        );
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
