//! Which system this is.

use std::fmt::Write as _;

use luumen_model::{Os, Timestamp};
use sha2::{Digest, Sha256};

use super::{key_values, some_text};
use crate::view::{Notes, View};

pub(super) fn read(view: &View<'_>, notes: &mut Notes) -> Option<Os> {
    let release = ["/etc/os-release", "/usr/lib/os-release"]
        .iter()
        .find(|path| view.has_file(path));
    let mut os = match release {
        Some(path) => from_os_release(view.lines(path)),
        None => old_release(view)?,
    };
    os.family = "linux".to_owned();
    os.point_release = point_release(view, &os.id);
    os.hostname = view
        .first("/proc/sys/kernel/hostname")
        .unwrap_or_default()
        .to_owned();
    if os.hostname.is_empty() {
        notes.problem("os.files", "the host does not tell its name");
    }
    os.fqdn = fqdn(&os.hostname, view.lines("/etc/hosts"));
    os.arch = view.output("os.machine").unwrap_or_default().trim().to_owned();
    os.kernel_release = view
        .first("/proc/sys/kernel/osrelease")
        .unwrap_or_default()
        .to_owned();
    os.kernel_version = view
        .first("/proc/sys/kernel/version")
        .unwrap_or_default()
        .to_owned();
    os.init = view.first("/proc/1/comm").map(str::to_owned);
    os.timezone = timezone(view);
    os.locale = locale(view);
    os.machine_id_hash = view
        .first("/etc/machine-id")
        .filter(|id| *id != "uninitialized")
        .map(hash);
    os.boot_at = boot_seconds(view).map(Timestamp::from_seconds);
    Some(os)
}

/// The kernel's own start, in seconds since the epoch. It moves only when the clock is set, not with it.
pub(super) fn boot_seconds(view: &View<'_>) -> Option<i64> {
    view.lines("/proc/stat")
        .iter()
        .find_map(|line| line.strip_prefix("btime "))?
        .trim()
        .parse()
        .ok()
}

fn from_os_release(lines: &[&str]) -> Os {
    let mut os = Os {
        id: "linux".to_owned(),
        name: "Linux".to_owned(),
        ..Os::default()
    };
    for (key, value) in key_values(lines) {
        match key {
            "ID" => os.id = value,
            "ID_LIKE" => os.id_like = value.split_whitespace().map(str::to_owned).collect(),
            "PRETTY_NAME" => os.name = value,
            "VERSION_ID" => os.version_id = some_text(&value),
            "VERSION_CODENAME" => os.version_codename = some_text(&value),
            "VARIANT_ID" => os.variant_id = some_text(&value),
            "CPE_NAME" => os.cpe_name = some_text(&value),
            "SUPPORT_END" => os.support_end = some_text(&value),
            _ => {}
        }
    }
    os
}

/// Systems older than os-release (RHEL 6, SLES 11): `Red Hat Enterprise Linux Server release 6.10 (Santiago)`.
fn old_release(view: &View<'_>) -> Option<Os> {
    let name = view
        .first("/etc/redhat-release")
        .or_else(|| view.first("/etc/SuSE-release"))?;
    let lower = name.to_lowercase();
    let known = [
        ("red hat", "rhel"),
        ("centos", "centos"),
        ("oracle", "ol"),
        ("suse", "sles"),
        ("fedora", "fedora"),
    ];
    let id = known
        .iter()
        .find(|(word, _)| lower.contains(word))
        .map_or("linux", |(_, id)| id);
    let version = name
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    Some(Os {
        id: id.to_owned(),
        name: name.to_owned(),
        version_id: version.map(str::to_owned),
        ..Os::default()
    })
}

fn point_release(view: &View<'_>, id: &str) -> Option<String> {
    let number = |path: &str| {
        let line = view.first(path)?;
        let word = line
            .split_whitespace()
            .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
        Some(word.to_owned())
    };
    match id {
        "debian" | "raspbian" => number("/etc/debian_version"),
        "alpine" => number("/etc/alpine-release"),
        "amzn" => number("/etc/system-release"),
        _ => number("/etc/redhat-release"),
    }
}

/// The dotted name that `/etc/hosts` gives to this host.
fn fqdn(hostname: &str, hosts: &[&str]) -> Option<String> {
    if hostname.contains('.') {
        return Some(hostname.to_owned());
    }
    if hostname.is_empty() {
        return None;
    }
    let begins = |name: &&str| {
        name.strip_prefix(hostname)
            .is_some_and(|rest| rest.len() > 1 && rest.starts_with('.'))
    };
    let lines = hosts.iter().map(|line| line.split('#').next().unwrap_or(""));
    lines
        .flat_map(|line| line.split_whitespace().skip(1))
        .find(begins)
        .map(str::to_owned)
}

fn timezone(view: &View<'_>) -> Option<String> {
    let link = || {
        let target = view.output("os.localtime")?.trim();
        Some(target.split_once("zoneinfo/")?.1)
    };
    view.first("/etc/timezone").or_else(link).map(str::to_owned)
}

fn locale(view: &View<'_>) -> Option<String> {
    let files = ["/etc/locale.conf", "/etc/default/locale"];
    let lines = files.iter().flat_map(|path| key_values(view.lines(path)));
    lines
        .into_iter()
        .find(|(key, _)| *key == "LANG")
        .and_then(|(_, value)| some_text(&value))
}

fn hash(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
