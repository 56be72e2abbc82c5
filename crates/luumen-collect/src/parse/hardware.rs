//! The machine: processor, memory, firmware, virtualization.

use std::collections::BTreeSet;

use luumen_model::{CpuVulnerability, Hardware};

use super::some_text;
use crate::view::{Notes, View};

/// Processor flags that matter for security or for what may run; the kernel names hundreds.
const FLAGS: [&str; 22] = [
    "aes",
    "avx",
    "avx2",
    "avx512f",
    "hypervisor",
    "ibpb",
    "ibrs",
    "lm",
    "md_clear",
    "nx",
    "pcid",
    "pku",
    "rdrand",
    "rdseed",
    "sha_ni",
    "smap",
    "smep",
    "ssbd",
    "stibp",
    "svm",
    "umip",
    "vmx",
];

pub(super) fn read(view: &View<'_>, _notes: &mut Notes) -> Option<Hardware> {
    let cpu: Vec<(&str, &str)> = view
        .output("hardware.cpu")
        .unwrap_or_default()
        .lines()
        .filter_map(pair)
        .collect();
    let cpu_value = |key: &str| cpu.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    let words = |key: &str| {
        cpu_value(key)
            .map(|text| text.split_whitespace().collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let dmi = |name: &str| {
        view.first(&format!("/sys/class/dmi/id/{name}"))
            .and_then(some_text)
    };
    let (sockets, cores) = topology(view);
    let flags = if cpu_value("flags").is_some() {
        words("flags")
    } else {
        words("Features")
    };
    let mut hardware = Hardware {
        cpu_model: cpu_value("model name")
            .or_else(|| cpu_value("cpu"))
            .and_then(some_text),
        cpu_vendor: cpu_value("vendor_id")
            .or_else(|| cpu_value("CPU implementer"))
            .and_then(some_text),
        cpu_sockets: sockets,
        cpu_cores: cores,
        cpu_threads: view
            .first("/sys/devices/system/cpu/online")
            .and_then(count_ranges),
        cpu_flags: flags
            .iter()
            .filter(|flag| FLAGS.contains(flag))
            .map(|flag| (*flag).to_owned())
            .collect(),
        cpu_bugs: words("bugs").into_iter().map(str::to_owned).collect(),
        cpu_vulnerabilities: vulnerabilities(view),
        mem_bytes: meminfo(view, "MemTotal"),
        swap_bytes: meminfo(view, "SwapTotal"),
        virtualization: None,
        system_vendor: dmi("sys_vendor"),
        product_name: dmi("product_name"),
        product_version: dmi("product_version"),
        serial: view.output("hardware.serial").and_then(some_text),
        uuid: view.output("hardware.uuid").and_then(some_text),
        chassis_type: dmi("chassis_type").map(|number| chassis(&number)),
        bios_vendor: dmi("bios_vendor"),
        bios_version: dmi("bios_version"),
        bios_date: dmi("bios_date"),
        firmware: view.probe_ran().then(|| {
            if view.exists("/sys/firmware/efi") {
                "uefi"
            } else {
                "bios"
            }
            .to_owned()
        }),
        secure_boot: secure_boot(view),
    };
    hardware.cpu_flags.sort();
    hardware.cpu_bugs.sort();
    hardware.virtualization = virtualization(view, &hardware);
    let empty = hardware.mem_bytes.is_none() && hardware.cpu_threads.is_none() && cpu.is_empty();
    (!empty).then_some(hardware)
}

/// A value of `/proc/meminfo`, which counts in kibibytes.
pub(super) fn meminfo(view: &View<'_>, key: &str) -> Option<i64> {
    let line = view
        .lines("/proc/meminfo")
        .iter()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    line.split_whitespace()
        .next()?
        .parse::<i64>()
        .ok()?
        .checked_mul(1024)
}

fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    Some((key.trim(), value.trim()))
}

/// Sockets and cores, counted by the ids that the kernel gives them.
fn topology(view: &View<'_>) -> (Option<i64>, Option<i64>) {
    let (mut sockets, mut cores) = (BTreeSet::new(), BTreeSet::new());
    for (path, lines) in view.files("/sys/devices/system/cpu/cpu", "/topology/physical_package_id") {
        let Some(socket) = lines.first() else { continue };
        let core = path
            .strip_suffix("physical_package_id")
            .and_then(|folder| view.first(&format!("{folder}core_id")));
        sockets.insert(*socket);
        cores.extend(core.map(|core| (*socket, core)));
    }
    let count = |length: usize| i64::try_from(length).ok().filter(|count| *count > 0);
    (count(sockets.len()), count(cores.len()))
}

/// How many numbers `0-3,8,10-11` names.
fn count_ranges(text: &str) -> Option<i64> {
    let mut sum = 0i64;
    for range in text.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (i64, i64) = (first.parse().ok()?, last.parse().ok()?);
        sum = sum.checked_add(last.checked_sub(first)?.checked_add(1)?)?;
    }
    Some(sum)
}

fn vulnerabilities(view: &View<'_>) -> Vec<CpuVulnerability> {
    let prefix = "/sys/devices/system/cpu/vulnerabilities/";
    let states = view
        .files(prefix, "")
        .filter_map(|(path, lines)| Some((path.strip_prefix(prefix)?, *lines.first()?)));
    let states = states.map(|(name, state)| CpuVulnerability {
        name: name.to_owned(),
        state: state.to_owned(),
        vulnerable: state.contains("Vulnerable") || state.contains("vulnerable"),
    });
    states.collect()
}

/// The words of SMBIOS for the commoner numbers.
fn chassis(number: &str) -> String {
    let word = match number {
        "1" => "other",
        "3" | "4" | "5" | "6" | "7" | "15" | "16" => "desktop",
        "8" | "9" | "10" | "14" | "31" | "32" => "laptop",
        "11" | "30" => "handset",
        "17" | "23" => "server",
        "28" | "29" => "blade",
        _ => number,
    };
    word.to_owned()
}

/// The last of the five bytes of the EFI variable.
fn secure_boot(view: &View<'_>) -> Option<bool> {
    match view.output("hardware.secure_boot")?.split_whitespace().last()? {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

/// From what the machine calls itself; a container says so first.
fn virtualization(view: &View<'_>, hardware: &Hardware) -> Option<String> {
    if let Some(container) = view.first("/run/systemd/container") {
        return Some(container.to_owned());
    }
    for (path, name) in [("/.dockerenv", "docker"), ("/run/.containerenv", "podman")] {
        if view.exists(path) {
            return Some(name.to_owned());
        }
    }
    let vendor = hardware.system_vendor.as_deref().unwrap_or("");
    let product = hardware.product_name.as_deref().unwrap_or("");
    let known = [
        ("VMware", "vmware"),
        ("VirtualBox", "oracle"),
        ("KVM", "kvm"),
        ("QEMU", "kvm"),
        ("OpenStack", "kvm"),
        ("Amazon EC2", "amazon"),
        ("Google Compute", "google"),
        ("Xen", "xen"),
        ("Parallels", "parallels"),
        ("Virtual Machine", "microsoft"),
        ("Bochs", "bochs"),
    ];
    if let Some((_, name)) = known
        .iter()
        .find(|(word, _)| vendor.contains(word) || product.contains(word))
    {
        return Some((*name).to_owned());
    }
    if let Some(kind) = view.first("/sys/hypervisor/type") {
        return Some(kind.to_owned());
    }
    if hardware.cpu_flags.iter().any(|flag| flag == "hypervisor") {
        return Some("other".to_owned());
    }
    // Without a word from the firmware nothing can be said: "none" would be a guess.
    hardware.product_name.is_some().then(|| "none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::count_ranges;

    #[test]
    fn counts_what_a_range_list_names() {
        assert_eq!(count_ranges("0"), Some(1));
        assert_eq!(count_ranges("0-3,8,10-11"), Some(7));
        assert_eq!(count_ranges("0-99999999999999999999"), None);
        assert_eq!(count_ranges("x"), None);
    }
}
