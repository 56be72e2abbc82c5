//! Which platform and which line of updates a vendor's product is: Red Hat's CPE names, SUSE's product names.
//!
//! | product | platform | channel |
//! |---|---|---|
//! | `enterprise_linux:9::appstream`, `:10.1` | `rhel/9`, `rhel/10` | main |
//! | `rhel_eus:8.6`, `rhel_aus:8.2`, `rhel_tus:…`, `rhel_e4s:…`, `enterprise_linux_eus:10.0` | `rhel/8` … | `eus-8.6`, `aus-8.2`, … |
//! | `rhel_els:7` | `rhel/7` | `els` |
//! | `satellite:6.14::el8` and any other product made for one RHEL | `rhel/8` | `satellite-6.14` |
//! | SUSE Linux Enterprise Server, its modules and extensions | `sles/15.5` | main, or `ltss`, `espos`, … |
//! | … Desktop, High Performance Computing, Real Time, for SAP Applications, … | `sles/15.5` | `desktop`, `hpc`, `hpc-ltss`, `rt`, `sap`, … |
//! | SUSE Package Hub | `sles/15.5` | `packagehub` |
//! | SUSE Linux Enterprise Micro, SUSE Linux Micro | `sle-micro/5.5`, `sl-micro/6.0` | main |
//! | openSUSE Leap, openSUSE 13.2, Leap Micro, Tumbleweed | `opensuse-leap/15.5`, `opensuse/13.2`, `opensuse-leap-micro/5.2`, `opensuse-tumbleweed/` | main |
//!
//! Anything else (containers, appliances, JBoss without a RHEL below it, SUSE Manager, OpenStack) is no platform of a host.

use luumen_model::advisory::{Channel, Platform};

/// Red Hat's longer support and the old add-ons, by the product in the CPE; their version is the release.
const SUPPORT: &[(&str, &str)] = &[
    ("rhel_eus", "eus"),
    ("enterprise_linux_eus", "eus"),
    ("rhel_eus_long_life", "eus-long-life"),
    ("enterprise_linux_eus_long_life", "eus-long-life"),
    ("rhel_aus", "aus"),
    ("enterprise_linux_aus", "aus"),
    ("rhel_tus", "tus"),
    ("enterprise_linux_tus", "tus"),
    ("rhel_e4s", "e4s"),
    ("enterprise_linux_e4s", "e4s"),
    ("rhel_els", "els"),
    ("enterprise_linux_els", "els"),
    ("rhel_mission_critical", "mission-critical"),
    ("rhel_extras", "extras"),
    ("rhel_cluster", "cluster"),
    ("rhel_cluster_storage", "cluster-storage"),
    ("rhel_productivity", "productivity"),
    ("rhel_virtualization", "virtualization"),
];

/// The RHEL release and the line of updates that a CPE of Red Hat (`cpe:/a:redhat:rhel_eus:8.6::appstream`) names.
pub(in crate::read) fn of_cpe(cpe: &str) -> Option<(Platform, Channel)> {
    let rest = cpe
        .strip_prefix("cpe:/")
        .or_else(|| cpe.strip_prefix("cpe:2.3:"))?;
    let mut parts = rest.split(':').skip(1);
    if parts.next()? != "redhat" {
        return None;
    }
    let (product, version) = (parts.next()?, parts.next().unwrap_or_default());
    let edition = parts.find_map(|part| part.strip_prefix("el"));
    let major = version.split('.').next().unwrap_or_default();
    if product == "enterprise_linux" {
        return Some((Platform::new("rhel", number(major)?), Channel::MAIN));
    }
    if let Some((_, name)) = SUPPORT.iter().find(|(known, _)| *known == product) {
        let channel = match version.contains('.') {
            true => format!("{name}-{version}"),
            false => (*name).to_owned(),
        };
        return Some((Platform::new("rhel", number(major)?), Channel::new(channel)));
    }
    let product = product.strip_prefix("rhel_").unwrap_or(product).replace('_', "-");
    let channel = match version {
        "" | "*" | "-" => product,
        version => format!("{product}-{version}"),
    };
    Some((Platform::new("rhel", number(edition?)?), Channel::new(channel)))
}

fn number(text: &str) -> Option<&str> {
    let fine = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fine.then_some(text)
}

/// What SUSE puts between its name and the release, and the channel it stands for. The first that fits is taken.
const SUSE: &[(&str, &str)] = &[
    ("SUSE Linux Enterprise Server for SAP Applications ", "sap"),
    ("SUSE Linux Enterprise Server for SAP applications ", "sap"),
    ("SUSE Linux Enterprise Server for Raspberry Pi ", "raspberry-pi"),
    ("SUSE Linux Enterprise Server for VMWare ", "vmware"),
    ("SUSE Linux Enterprise Server Teradata ", "teradata"),
    ("SUSE Linux Enterprise Server ", ""),
    ("SUSE Linux Enterprise Desktop ", "desktop"),
    ("SUSE Linux Enterprise High Performance Computing ", "hpc"),
    ("SUSE Linux Enterprise Real Time Extension ", "rt"),
    ("SUSE Linux Enterprise Real Time ", "rt"),
    ("SUSE Linux Enterprise Point of Sale ", "pos"),
    ("SUSE Linux Enterprise Point of Service ", "pos"),
    ("SUSE Linux Enterprise High Availability Extension ", ""),
    ("SUSE Linux Enterprise Workstation Extension ", ""),
    ("SUSE Linux Enterprise Software Development Kit ", ""),
    ("SUSE Linux Enterprise Software Bootstrap Kit ", ""),
    ("SUSE Linux Enterprise Live Patching ", ""),
    ("SUSE Linux Enterprise Module for ", ""),
    ("SUSE Package Hub ", "packagehub"),
];

/// The platform and the line of updates that a product name of SUSE names.
pub(in crate::read) fn suse(product: &str) -> Option<(Platform, Channel)> {
    let product = product.trim();
    if let Some(found) = suse_of_its_own(product) {
        return Some((found, Channel::MAIN));
    }
    let (rest, kind) = SUSE
        .iter()
        .find_map(|(prefix, kind)| product.strip_prefix(prefix).map(|rest| (rest, *kind)))?;
    let rest = match product.starts_with("SUSE Linux Enterprise Module for ") {
        // `Module for Python 3 15 SP5`: the release is the last number.
        true => &rest[last_number(rest)?..],
        false => rest,
    };
    let (release, support) = suse_release(rest)?;
    let channel = match (kind, support.as_str()) {
        ("", support) => support.to_owned(),
        (kind, "") => kind.to_owned(),
        (kind, support) => format!("{kind}-{support}"),
    };
    Some((Platform::new("sles", release), Channel::new(channel)))
}

/// Where the last word begins that is a number.
fn last_number(text: &str) -> Option<usize> {
    let mut after_space = text.rmatch_indices(' ').map(|(at, _)| at + 1);
    after_space.find(|at| text[*at..].starts_with(|c: char| c.is_ascii_digit()))
}

fn suse_of_its_own(product: &str) -> Option<Platform> {
    if product == "openSUSE Tumbleweed" {
        return Some(Platform::new("opensuse-tumbleweed", ""));
    }
    let families = [
        ("openSUSE Leap Micro ", "opensuse-leap-micro"),
        ("openSUSE Leap ", "opensuse-leap"),
        ("openSUSE ", "opensuse"),
        ("SUSE Linux Enterprise Micro ", "sle-micro"),
        ("SUSE Linux Micro ", "sl-micro"),
    ];
    let found = families
        .iter()
        .find_map(|(prefix, family)| product.strip_prefix(prefix).map(|rest| (rest, *family)));
    let (release, family) = found?;
    let fine = release.starts_with(|c: char| c.is_ascii_digit())
        && release.chars().all(|c| c.is_ascii_digit() || c == '.');
    fine.then(|| Platform::new(family, release))
}

/// `15 SP3-LTSS` as (`15.3`, `ltss`), `16.0` as itself, `12` as itself.
fn suse_release(text: &str) -> Option<(String, String)> {
    let (major, rest) = match text.find(|c: char| !(c.is_ascii_digit() || c == '.')) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    if !major.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = rest.trim_start_matches([' ', '-']);
    let (pack, support) = match rest.strip_prefix("SP") {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let release = if pack.is_empty() {
        major.to_owned()
    } else {
        format!("{major}.{pack}")
    };
    let support = support.trim_start_matches([' ', '-']).to_ascii_lowercase();
    Some((release, support.replace(' ', "-")))
}

#[cfg(test)]
mod tests {
    use super::{of_cpe, suse};

    #[track_caller]
    fn check(
        found: Option<(luumen_model::advisory::Platform, luumen_model::advisory::Channel)>,
        expected: &str,
    ) {
        let found = found.map(|(platform, channel)| format!("{platform} {}", channel.0));
        assert_eq!(found.unwrap_or_default().trim_end(), expected);
    }

    #[test]
    fn a_cpe_of_red_hat_names_release_and_line_of_updates() {
        for (cpe, expected) in [
            ("cpe:/a:redhat:enterprise_linux:9::appstream", "rhel/9"),
            ("cpe:/o:redhat:enterprise_linux:10.1", "rhel/10"),
            ("cpe:/a:redhat:rhel_eus:8.6::appstream", "rhel/8 eus-8.6"),
            ("cpe:/o:redhat:enterprise_linux_eus:10.0", "rhel/10 eus-10.0"),
            (
                "cpe:/o:redhat:rhel_eus_long_life:8.4::baseos",
                "rhel/8 eus-long-life-8.4",
            ),
            ("cpe:/o:redhat:rhel_els:7", "rhel/7 els"),
            ("cpe:/a:redhat:rhel_cluster:5", "rhel/5 cluster"),
            ("cpe:/a:redhat:satellite:6.14::el8", "rhel/8 satellite-6.14"),
            (
                "cpe:/a:redhat:rhel_software_collections:3::el7",
                "rhel/7 software-collections-3",
            ),
            ("cpe:/a:redhat:rhel_software_collections:3", ""),
            ("cpe:/a:redhat:enterprise_linux_ai:3", ""),
            ("cpe:/a:other:enterprise_linux:9", ""),
            ("cpe:/a:redhat:enterprise_linux:", ""),
            ("", ""),
        ] {
            check(of_cpe(cpe), expected);
        }
    }

    #[test]
    fn a_product_of_suse_names_release_and_line_of_updates() {
        for (product, expected) in [
            ("SUSE Linux Enterprise Server 15 SP5", "sles/15.5"),
            ("SUSE Linux Enterprise Server 15-LTSS", "sles/15 ltss"),
            ("SUSE Linux Enterprise Server 11 SP4 LTSS", "sles/11.4 ltss"),
            (
                "SUSE Linux Enterprise Server 12 SP5-LTSS Extended Security",
                "sles/12.5 ltss-extended-security",
            ),
            ("SUSE Linux Enterprise Server 16.0", "sles/16.0"),
            (
                "SUSE Linux Enterprise Server for SAP Applications 15 SP1",
                "sles/15.1 sap",
            ),
            ("SUSE Linux Enterprise Module for Basesystem 15 SP4", "sles/15.4"),
            ("SUSE Linux Enterprise Module for Python 3 15 SP5", "sles/15.5"),
            (
                "SUSE Linux Enterprise High Performance Computing 15 SP2-ESPOS",
                "sles/15.2 hpc-espos",
            ),
            ("SUSE Linux Enterprise Micro 5.2", "sle-micro/5.2"),
            ("openSUSE Leap 15.5", "opensuse-leap/15.5"),
            ("openSUSE Tumbleweed", "opensuse-tumbleweed/"),
            ("openSUSE Leap Micro 5.2", "opensuse-leap-micro/5.2"),
            ("SUSE Manager Server 4.2", ""),
            ("SUSE Linux Enterprise Module for ", ""),
            ("", ""),
        ] {
            check(suse(product), expected);
        }
    }
}
