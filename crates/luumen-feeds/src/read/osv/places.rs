//! OSV's ecosystems as platforms: `PyPI`, `AlmaLinux:8`, `Ubuntu:Pro:20.04:LTS`, `Red Hat:rhel_eus:9.2::appstream`, `SUSE:Linux Enterprise Server 12 SP1`.

use luumen_model::advisory::{Authority, Channel, PackageKind, Platform};

use crate::read::ubuntu;

/// Where an entry of `affected` holds, and how its package is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) platform: Platform,
    pub(super) channel: Channel,
    pub(super) authority: Authority,
    pub(super) kind: PackageKind,
}

/// Languages: OSV's name and ours.
const LANGUAGES: &[(&str, &str)] = &[
    ("PyPI", "pypi"),
    ("npm", "npm"),
    ("Maven", "maven"),
    ("Go", "go"),
    ("crates.io", "crates.io"),
    ("NuGet", "nuget"),
    ("RubyGems", "rubygems"),
];

/// The home of an ecosystem; absent for those that no host of ours has. `purl` is asked for what Ubuntu does not put into the name.
pub(super) fn home(ecosystem: &str, purl: Option<&str>) -> Option<Home> {
    let (family, rest) = ecosystem.split_once(':').unwrap_or((ecosystem, ""));
    if let Some((_, name)) = LANGUAGES.iter().find(|(osv, _)| *osv == family) {
        return Some(Home {
            platform: Platform::new(*name, ""),
            channel: Channel::MAIN,
            authority: Authority::Ecosystem,
            kind: PackageKind::Source,
        });
    }
    let (platform, channel) = match family {
        "AlmaLinux" => (Platform::new("almalinux", released(rest)?), Channel::MAIN),
        "Rocky Linux" => (Platform::new("rocky", released(rest)?), Channel::MAIN),
        "Debian" => (
            Platform::new("debian", debian_release(released(rest)?)),
            Channel::MAIN,
        ),
        "Alpine" => {
            let release = released(rest)?;
            (
                Platform::new("alpine", release.strip_prefix('v').unwrap_or(release)),
                Channel::MAIN,
            )
        }
        "Wolfi" => (Platform::new("wolfi", ""), Channel::MAIN),
        "Chainguard" => (Platform::new("chainguard", ""), Channel::MAIN),
        "Ubuntu" => ubuntu_place(rest, purl)?,
        "Red Hat" => red_hat_place(rest)?,
        "SUSE" | "openSUSE" => suse_place(rest)?,
        _ => return None,
    };
    Some(Home {
        platform,
        channel,
        authority: Authority::Vendor,
        kind: kind(family),
    })
}

/// Alma and Red Hat name the packages that are installed, everybody else what they are built from.
fn kind(family: &str) -> PackageKind {
    match family {
        "AlmaLinux" | "Red Hat" => PackageKind::Binary,
        _ => PackageKind::Source,
    }
}

fn released(release: &str) -> Option<&str> {
    Some(release).filter(|release| !release.is_empty())
}

/// OSV writes `6.0` where os-release has `6`; before 4, the second number told releases apart.
fn debian_release(release: &str) -> &str {
    match release.strip_suffix(".0") {
        Some(major) if !matches!(major, "2" | "3") => major,
        _ => release,
    }
}

/// `22.04:LTS`, `24.10`, `Pro:20.04:LTS`, `Pro:FIPS-updates:20.04:LTS`.
fn ubuntu_place(rest: &str, purl: Option<&str>) -> Option<(Platform, Channel)> {
    let parts: Vec<&str> = rest.split(':').filter(|part| *part != "LTS").collect();
    let release = parts
        .iter()
        .find(|part| part.starts_with(|c: char| c.is_ascii_digit()))?;
    let platform = Platform::new("ubuntu", *release);
    if parts.first() != Some(&"Pro") {
        return Some((platform, Channel::MAIN));
    }
    // "Pro" is infra and apps in one word; which of them stands in the purl: `?arch=source&distro=esm-infra/xenial`.
    let distro = purl.and_then(|purl| {
        purl.split(['?', '&'])
            .find_map(|part| part.strip_prefix("distro="))
    });
    let by_purl = distro.map(|distro| ubuntu::place(&distro.replace("%2F", "/")));
    let channel = match by_purl {
        Some(ubuntu::Place::Release(_, channel)) if !channel.is_main() => channel,
        _ => match parts.get(1) {
            Some(kind) if kind.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                Channel::new(kind.to_ascii_lowercase())
            }
            _ => Channel::new("pro"),
        },
    };
    Some((platform, channel))
}

/// The parts of a CPE after `redhat`: `enterprise_linux:9::baseos`, `rhel_eus:9.2::appstream`, `ocp_tools:4.15::el9`.
fn red_hat_place(rest: &str) -> Option<(Platform, Channel)> {
    let mut parts = rest.split(':');
    let (product, version) = (parts.next()?, parts.next()?);
    let built_for = parts.find_map(|part| part.strip_prefix("el"));
    let major = version.split('.').next()?;
    let (release, channel) = match product {
        "enterprise_linux" => (major, String::new()),
        "rhel_eus" | "rhel_e4s" | "rhel_aus" | "rhel_tus" | "rhel_els" | "rhel_eus_long_life" => {
            (major, format!("{}-{version}", product.strip_prefix("rhel_")?))
        }
        _ => (built_for?, format!("{product}-{version}")),
    };
    Some((Platform::new("rhel", released(release)?), Channel::new(channel)))
}

/// `Linux Enterprise Server 12 SP1-LTSS`, `Linux Enterprise Module for Basesystem 15 SP5`, `Leap 15.5`, `Tumbleweed`.
fn suse_place(product: &str) -> Option<(Platform, Channel)> {
    if product == "Tumbleweed" {
        return Some((Platform::new("opensuse-tumbleweed", ""), Channel::MAIN));
    }
    for leap in ["Leap ", "openSUSE Leap "] {
        if let Some(release) = product.strip_prefix(leap).filter(|rest| !rest.contains(' ')) {
            return Some((Platform::new("opensuse-leap", release), Channel::MAIN));
        }
    }
    let (name, support) = match product.rsplit_once('-') {
        Some((name, "LTSS")) => (name, "ltss"),
        Some((name, "ESPOS")) => (name, "espos"),
        Some((_, _)) if product.contains("SP") && product.ends_with("TERADATA") => return None,
        _ => (product, ""),
    };
    let name = name.strip_prefix("Linux Enterprise ")?;
    let at = name.find(|c: char| c.is_ascii_digit())?;
    let (kind, version) = name.split_at(at);
    let kind = kind.trim();
    // Modules and extensions are repositories of the same server; the desktop and the smaller systems are others.
    let server = kind == "Server" || kind.starts_with("Module for") || kind.starts_with("Software");
    let channel = match kind {
        _ if server => support.to_owned(),
        "Server for SAP Applications" => "sap".to_owned(),
        "High Performance Computing" => ["hpc", support].join("-").trim_end_matches('-').to_owned(),
        "Workstation Extension" | "High Availability Extension" | "Live Patching" => String::new(),
        _ => return None,
    };
    let release = match version.split_once(" SP") {
        Some((major, pack)) => format!("{major}.{pack}"),
        None => version.to_owned(),
    };
    let plain = release.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain.then(|| (Platform::new("sles", release), Channel::new(channel)))
}

#[cfg(test)]
mod tests {
    use super::home;

    #[track_caller]
    fn check(ecosystem: &str, purl: Option<&str>, expected: Option<(&str, &str)>) {
        let home = home(ecosystem, purl);
        let seen = home
            .as_ref()
            .map(|home| (home.platform.to_string(), home.channel.0.clone()));
        let seen = seen.as_ref().map(|(at, channel)| (at.as_str(), channel.as_str()));
        assert_eq!(seen, expected, "{ecosystem}");
    }

    #[test]
    fn distributions_are_named_as_they_name_themselves() {
        check("AlmaLinux:8", None, Some(("almalinux/8", "")));
        check("Rocky Linux:9", None, Some(("rocky/9", "")));
        check("Debian:12", None, Some(("debian/12", "")));
        check("Debian:6.0", None, Some(("debian/6", "")));
        check("Debian:3.0", None, Some(("debian/3.0", "")));
        check("Alpine:v3.18", None, Some(("alpine/3.18", "")));
        check("Wolfi", None, Some(("wolfi/", "")));
        check("PyPI", None, Some(("pypi/", "")));
        check("Ubuntu:24.04:LTS", None, Some(("ubuntu/24.04", "")));
        check("Ubuntu:24.10", None, Some(("ubuntu/24.10", "")));
        check("openSUSE:Leap 15.5", None, Some(("opensuse-leap/15.5", "")));
        check("openSUSE:Tumbleweed", None, Some(("opensuse-tumbleweed/", "")));
        check(
            "SUSE:Linux Enterprise Server 12 SP1",
            None,
            Some(("sles/12.1", "")),
        );
        check(
            "SUSE:Linux Enterprise Module for Basesystem 15 SP5",
            None,
            Some(("sles/15.5", "")),
        );
    }

    #[test]
    fn longer_support_is_a_channel_of_its_own() {
        let purl = Some("pkg:deb/ubuntu/wolfssl@3.4.8?arch=source&distro=esm-apps/xenial");
        check("Ubuntu:Pro:16.04:LTS", purl, Some(("ubuntu/16.04", "esm-apps")));
        check("Ubuntu:Pro:16.04:LTS", None, Some(("ubuntu/16.04", "pro")));
        check(
            "Ubuntu:Pro:FIPS-updates:20.04:LTS",
            None,
            Some(("ubuntu/20.04", "fips-updates")),
        );
        check(
            "Red Hat:rhel_eus:9.2::appstream",
            None,
            Some(("rhel/9", "eus-9.2")),
        );
        check("Red Hat:enterprise_linux:9::baseos", None, Some(("rhel/9", "")));
        check(
            "Red Hat:ocp_tools:4.15::el9",
            None,
            Some(("rhel/9", "ocp_tools-4.15")),
        );
        check(
            "SUSE:Linux Enterprise Server 12 SP1-LTSS",
            None,
            Some(("sles/12.1", "ltss")),
        );
        check(
            "SUSE:Linux Enterprise Server for SAP Applications 12 SP1",
            None,
            Some(("sles/12.1", "sap")),
        );
    }

    #[test]
    fn what_no_host_of_ours_has_is_no_home() {
        for ecosystem in [
            "",
            "Android",
            "AlmaLinux",
            "Ubuntu:",
            "Red Hat:ansible:2",
            "SUSE:Package Hub 12",
            "SUSE:",
        ] {
            check(ecosystem, None, None);
        }
    }
}
