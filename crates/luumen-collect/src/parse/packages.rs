//! Installed packages of every package manager that the host has.

use luumen_model::{Package, PackageManager, Packages, Parsed, Problem, Timestamp};

use super::some_text;
use crate::{
    transcript::Fate,
    view::{Notes, View},
};

type LineReader = fn(&str) -> Parsed<Package>;

const MANAGERS: [(&str, PackageManager, LineReader); 7] = [
    ("packages.dpkg", PackageManager::Dpkg, parse_dpkg),
    ("packages.rpm", PackageManager::Rpm, parse_rpm),
    ("packages.rpm_root", PackageManager::Rpm, parse_rpm),
    ("packages.apk", PackageManager::Apk, parse_apk),
    ("packages.pacman", PackageManager::Pacman, parse_pacman),
    ("packages.snap", PackageManager::Snap, parse_snap),
    ("packages.flatpak", PackageManager::Flatpak, parse_flatpak),
];

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Packages> {
    let mut packages = Packages::default();
    for (id, manager, parse) in MANAGERS {
        let Some(text) = view.output(id) else { continue };
        let items = notes.take(parse(text));
        // A manager without a single package is a tool that someone installed, or a database that
        // could not be read: `judge` sees the exit code.
        if !items.is_empty() {
            packages.managers.push(manager);
            packages.items.extend(items);
        }
    }
    packages.items.sort_by(|a, b| {
        (a.manager, &a.name, &a.arch, &a.version).cmp(&(b.manager, &b.name, &b.arch, &b.version))
    });
    packages.items.dedup();
    if packages.managers.is_empty() {
        // A system without any package is not known to exist; one whose database we did not find is.
        notes.problem(
            "packages",
            "no package manager of a known kind lists a single package",
        );
        // An empty list would be counted: as a host without packages. Only where no manager is there is it one of ours.
        if MANAGERS.iter().any(|(id, ..)| view.fate(id) != Fate::Absent) {
            return None;
        }
    }
    Some(packages)
}

fn from_lines(
    text: &str,
    command: &str,
    parse: impl Fn(&str) -> Result<Option<Package>, &'static str>,
) -> Parsed<Package> {
    let mut out = Parsed::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match parse(line) {
            Ok(package) => out.items.extend(package),
            Err(message) => out.problems.push(Problem {
                command: command.to_owned(),
                message: message.to_owned(),
                line: Some(line.chars().take(200).collect()),
            }),
        }
    }
    out
}

/// Name, version, architecture, source, source version, status, size in KiB and maintainer, by tabs.
pub(crate) fn parse_dpkg(text: &str) -> Parsed<Package> {
    from_lines(text, "packages.dpkg", |line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, version, arch, source, source_version, status, size, vendor] = fields.as_slice() else {
            return Err("not a line of dpkg-query");
        };
        // A name that was only ever mentioned, or whose package is gone with its settings. Removed packages whose settings
        // are left are told with that status; they are not installed (`Package::is_installed`).
        if version.is_empty() || status.starts_with("un") || status.starts_with("pn") {
            return Ok(None);
        }
        Ok(Some(Package {
            manager: PackageManager::Dpkg,
            // `binary:Package` adds the architecture to names of foreign ones.
            name: name.split(':').next().unwrap_or(name).to_owned(),
            version: (*version).to_owned(),
            arch: some_text(arch),
            source: some_text(source),
            source_version: some_text(source_version),
            vendor: some_text(vendor),
            status: dpkg_status(status),
            size_bytes: size
                .trim()
                .parse::<i64>()
                .ok()
                .and_then(|kib| kib.checked_mul(1024)),
            ..Package::default()
        }))
    })
}

/// The letters of `db:Status-Abbrev`: what is wanted, what is, and whether it is broken.
fn dpkg_status(letters: &str) -> Option<String> {
    let mut letters = letters.chars();
    let (want, state, broken) = (letters.next()?, letters.next()?, letters.next().unwrap_or(' '));
    if broken == 'R' {
        return Some("reinstall-required".to_owned());
    }
    let word = match (state, want) {
        ('i', 'h') => "held",
        ('i', _) => return None,
        ('c', _) => "config-files",
        ('H', _) => "half-installed",
        ('U', _) => "unpacked",
        ('F', _) => "half-configured",
        ('W', _) => "triggers-awaited",
        ('t', _) => "triggers-pending",
        _ => "not-installed",
    };
    Some(word.to_owned())
}

/// Name, epoch, version, release, architecture, source rpm, vendor, install time, size and module label.
pub(crate) fn parse_rpm(text: &str) -> Parsed<Package> {
    from_lines(text, "packages.rpm", |line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [
            name,
            epoch,
            version,
            release,
            arch,
            source,
            vendor,
            installed,
            size,
            module,
        ] = fields.as_slice()
        else {
            return Err("not a line of rpm -qa");
        };
        // Keys that rpm trusts are kept like packages.
        if *name == "gpg-pubkey" {
            return Ok(None);
        }
        let value = |text: &str| some_text(text).filter(|text| text != "(none)");
        let epoch = value(epoch).filter(|epoch| epoch != "0");
        let epoch = epoch.map(|epoch| format!("{epoch}:")).unwrap_or_default();
        let (source, source_version) = value(source).as_deref().and_then(split_source_rpm).unzip();
        Ok(Some(Package {
            manager: PackageManager::Rpm,
            name: (*name).to_owned(),
            version: format!("{epoch}{version}-{release}"),
            arch: value(arch),
            source,
            source_version,
            source_rpm: value(fields[5]),
            module: value(module),
            vendor: value(vendor),
            installed_at: installed.parse().ok().map(Timestamp::from_seconds),
            size_bytes: size.parse().ok(),
            ..Package::default()
        }))
    })
}

/// `openssl-3.0.7-27.el9.src.rpm` into name and version-release.
fn split_source_rpm(text: &str) -> Option<(String, String)> {
    let stem = text
        .strip_suffix(".src.rpm")
        .or_else(|| text.strip_suffix(".nosrc.rpm"))?;
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    Some((name.to_owned(), format!("{version}-{release}")))
}

/// Records of `letter:value` lines; `P:` begins the next package.
pub(crate) fn parse_apk(text: &str) -> Parsed<Package> {
    let mut out: Parsed<Package> = Parsed::default();
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        if key == "P" {
            out.items.push(Package {
                manager: PackageManager::Apk,
                name: value.to_owned(),
                ..Package::default()
            });
            continue;
        }
        let Some(package) = out.items.last_mut() else {
            continue;
        };
        match key {
            "V" => package.version = value.to_owned(),
            "A" => package.arch = some_text(value),
            "o" => package.source = some_text(value),
            "m" => package.vendor = some_text(value),
            "S" => {}
            // `I` would be the installed size; its letter is not asked for, `S` is the archive's.
            _ => {}
        }
    }
    for package in &mut out.items {
        // Alpine gives a source package and its parts one version.
        package.source_version = package.source.as_ref().map(|_| package.version.clone());
    }
    drop_nameless(out, "packages.apk")
}

/// Blocks of `%KEY%` and its first value; `%NAME%` begins the next package.
pub(crate) fn parse_pacman(text: &str) -> Parsed<Package> {
    let mut out: Parsed<Package> = Parsed::default();
    let mut lines = text.lines().filter(|line| *line != "--");
    while let Some(line) = lines.next() {
        let Some(key) = line.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')) else {
            continue;
        };
        let Some(value) = lines.next() else { break };
        if key == "NAME" {
            out.items.push(Package {
                manager: PackageManager::Pacman,
                name: value.to_owned(),
                ..Package::default()
            });
            continue;
        }
        let Some(package) = out.items.last_mut() else {
            continue;
        };
        match key {
            "VERSION" => package.version = value.to_owned(),
            "BASE" => package.source = some_text(value),
            "ARCH" => package.arch = some_text(value),
            "PACKAGER" => package.vendor = some_text(value),
            "INSTALLDATE" => package.installed_at = value.parse().ok().map(Timestamp::from_seconds),
            "SIZE" => package.size_bytes = value.parse().ok(),
            _ => {}
        }
    }
    for package in &mut out.items {
        package.source_version = package.source.as_ref().map(|_| package.version.clone());
    }
    drop_nameless(out, "packages.pacman")
}

fn drop_nameless(mut parsed: Parsed<Package>, command: &str) -> Parsed<Package> {
    let (good, odd): (Vec<Package>, Vec<Package>) = parsed
        .items
        .into_iter()
        .partition(|package| !package.name.is_empty() && !package.version.is_empty());
    parsed.items = good;
    parsed.problems.extend(odd.into_iter().map(|package| Problem {
        command: command.to_owned(),
        message: "a package without a version".to_owned(),
        line: Some(package.name.chars().take(200).collect()),
    }));
    parsed
}

/// `Name Version Rev Tracking Publisher Notes`, by columns.
pub(crate) fn parse_snap(text: &str) -> Parsed<Package> {
    from_lines(text, "packages.snap", |line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["Name", "Version", ..] => Ok(None),
            [name, version, _rev, tracking, publisher, ..] => Ok(Some(Package {
                manager: PackageManager::Snap,
                name: (*name).to_owned(),
                version: (*version).to_owned(),
                channel: Some((*tracking).to_owned()).filter(|channel| channel != "-"),
                vendor: some_text(publisher.trim_end_matches(['*', '\u{2713}'])),
                ..Package::default()
            })),
            _ if line.starts_with("No snaps") => Ok(None),
            _ => Err("not a line of snap list"),
        }
    })
}

/// Application, version, branch, origin and architecture, by tabs.
pub(crate) fn parse_flatpak(text: &str) -> Parsed<Package> {
    from_lines(text, "packages.flatpak", |line| {
        let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
        match fields.as_slice() {
            ["Application ID", ..] => Ok(None),
            [name, version, branch, origin, arch] => Ok(Some(Package {
                manager: PackageManager::Flatpak,
                name: (*name).to_owned(),
                // Runtimes have no version of their own; their branch is what updates follow.
                version: some_text(version).unwrap_or_else(|| (*branch).to_owned()),
                arch: some_text(arch),
                channel: some_text(branch),
                origin: some_text(origin),
                ..Package::default()
            })),
            _ => Err("not a line of flatpak list"),
        }
    })
}
