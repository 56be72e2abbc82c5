//! The system itself: release, machine, storage, network, kernel, and the numbers of the moment.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;

/// Which system this is: `/etc/os-release`, `uname`, `hostname`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Os {
    /// Always `linux` here.
    pub family: String,
    /// `ID` of os-release: `debian`, `rhel`, `alpine`, …
    pub id: String,
    /// `ID_LIKE` of os-release.
    pub id_like: Vec<String>,
    /// `PRETTY_NAME` of os-release.
    pub name: String,
    /// `VERSION_ID` of os-release; a rolling release has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// `VERSION_CODENAME` of os-release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_codename: Option<String>,
    /// `VARIANT_ID` of os-release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<String>,
    /// Finer than `version_id` where the system writes one down (`/etc/debian_version`, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point_release: Option<String>,
    /// `CPE_NAME` of os-release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpe_name: Option<String>,
    /// What the host calls itself.
    pub hostname: String,
    /// Full name, when the host knows one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fqdn: Option<String>,
    /// `uname -m`.
    pub arch: String,
    /// `uname -r`.
    pub kernel_release: String,
    /// `uname -v`.
    pub kernel_version: String,
    /// Name of process 1: `systemd`, `init`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
    /// Such as `Europe/Berlin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// System-wide `LANG`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// SHA-256 of `/etc/machine-id`, to tell a renamed host from a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_id_hash: Option<String>,
    /// When the kernel started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_at: Option<Timestamp>,
    /// `SUPPORT_END` of os-release (YYYY-MM-DD).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support_end: Option<String>,
}

/// The machine: CPU, memory, firmware, virtualization.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Hardware {
    /// As `/proc/cpuinfo` names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// As `/proc/cpuinfo` names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_vendor: Option<String>,
    /// Physical packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_sockets: Option<i64>,
    /// Physical cores over all sockets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_cores: Option<i64>,
    /// Logical processors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_threads: Option<i64>,
    /// Flags of the first processor that matter for security (`nx`, `aes`, `smep`, …).
    pub cpu_flags: Vec<String>,
    /// Hardware bugs the kernel knows of.
    pub cpu_bugs: Vec<String>,
    /// What the kernel does against them.
    pub cpu_vulnerabilities: Vec<CpuVulnerability>,
    /// Memory the kernel can use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem_bytes: Option<i64>,
    /// Swap space.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap_bytes: Option<i64>,
    /// `kvm`, `vmware`, `xen`, `docker`, `none`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub virtualization: Option<String>,
    /// DMI system vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_vendor: Option<String>,
    /// DMI product name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_name: Option<String>,
    /// DMI product version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_version: Option<String>,
    /// DMI serial; usually only root may read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// DMI product UUID; usually only root may read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Firmware vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bios_vendor: Option<String>,
    /// Firmware version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bios_version: Option<String>,
    /// Firmware date as the firmware writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bios_date: Option<String>,
    /// DMI chassis type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chassis_type: Option<String>,
    /// `uefi` or `bios`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firmware: Option<String>,
    /// Whether secure boot is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secure_boot: Option<bool>,
}

/// One file of `/sys/devices/system/cpu/vulnerabilities`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CpuVulnerability {
    /// Such as `spectre_v2`.
    pub name: String,
    /// The kernel's own words.
    pub state: String,
    /// True when those words say `Vulnerable`.
    pub vulnerable: bool,
}

/// Block devices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Disks {
    /// One per device, partitions and logical volumes included.
    pub items: Vec<Disk>,
}

/// A block device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Disk {
    /// Kernel name: `sda`, `nvme0n1p1`, `dm-0`.
    pub name: String,
    /// `disk`, `part`, `lvm`, `crypt`, `raid1`, `rom`, `loop`, …
    pub kind: String,
    /// Size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<i64>,
    /// Kernel name of the device under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Model as the device says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Serial as the device says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// True for spinning disks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotational: Option<bool>,
    /// Whether the kernel refuses writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// File system found on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs_type: Option<String>,
    /// Its UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs_uuid: Option<String>,
    /// Where it is mounted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount_point: Option<String>,
    /// True for dm-crypt mappings and what lies on them.
    pub encrypted: bool,
}

/// Mounted file systems, kernel-internal ones left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Mounts {
    /// One per mount.
    pub items: Vec<Mount>,
    /// What `/etc/fstab` asks for.
    pub fstab: Vec<FstabEntry>,
}

/// A mounted file system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Mount {
    /// Where.
    pub mount_point: String,
    /// Device or remote.
    pub source: String,
    /// `ext4`, `xfs`, `nfs4`, …
    pub fs_type: String,
    /// Options in force, sorted.
    pub options: Vec<String>,
    /// Size of the file system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<i64>,
}

/// One line of `/etc/fstab`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct FstabEntry {
    /// Device, UUID or label.
    pub source: String,
    /// Where.
    pub mount_point: String,
    /// Type.
    pub fs_type: String,
    /// Options asked for, sorted.
    pub options: Vec<String>,
}

/// Interfaces, routes, name servers, hosts file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Network {
    /// Network interfaces.
    pub interfaces: Vec<Interface>,
    /// Main routing table.
    pub routes: Vec<Route>,
    /// `nameserver` of resolv.conf.
    pub dns_servers: Vec<String>,
    /// `search` of resolv.conf.
    pub dns_search: Vec<String>,
    /// Next hop of the IPv4 default route, else of the IPv6 one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_gateway: Option<String>,
    /// `/etc/hosts`.
    pub hosts_file: Vec<HostsEntry>,
}

/// A network interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Interface {
    /// `eth0`, …
    pub name: String,
    /// Hardware address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// Largest packet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtu_bytes: Option<i64>,
    /// `up`, `down`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// `ether`, `loopback`, `bond`, `bridge`, `vlan`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// CIDR notation, IPv4 and IPv6, without link-local temporary ones.
    pub addresses: Vec<String>,
}

/// A route of the main table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Route {
    /// CIDR or `default`.
    pub destination: String,
    /// Next hop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
    /// Through which interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
}

/// A line of `/etc/hosts`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct HostsEntry {
    /// IP address.
    pub address: String,
    /// Names for it.
    pub names: Vec<String>,
}

impl Kernel {
    /// Whether it is known that no installed package is the kernel that runs: its package was replaced or removed since the boot.
    pub fn runs_no_package(&self) -> bool {
        self.running_version.is_some() && self.running_package.is_none()
    }
}

/// Running kernel against the newest installed one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Kernel {
    /// `uname -r`.
    pub running: String,
    /// Package that holds the running kernel, when it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_package: Option<String>,
    /// Version that the running kernel is of; after an update without a boot, not the one that is installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_version: Option<String>,
    /// Release of the newest installed kernel of the same flavour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_installed: Option<String>,
    /// All installed kernels.
    pub installed: Vec<InstalledKernel>,
    /// Absent when it cannot be known (containers, foreign kernels).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_is_newest: Option<bool>,
    /// Boot parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cmdline: Option<String>,
    /// Loaded modules, sorted.
    pub modules: Vec<String>,
    /// Taint bits; 0 is clean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tainted: Option<i64>,
    /// `none`, `integrity`, `confidentiality`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lockdown: Option<String>,
    /// Live patches in force.
    pub livepatches: Vec<String>,
}

/// An installed kernel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct InstalledKernel {
    /// As `uname -r` would say.
    pub release: String,
    /// Package name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Package version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Whether the host asks for a reboot, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RebootRequired {
    /// Absent when nothing on the host can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Packages or reasons the host names.
    pub reasons: Vec<String>,
    /// What said so: `reboot-required file`, `needs-restarting`, `kernel comparison`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Numbers that change with every visit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Vitals {
    /// Time since boot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime_s: Option<i64>,
    /// Load average over one minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_1m: Option<f64>,
    /// Load average over five minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_5m: Option<f64>,
    /// Load average over fifteen minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_15m: Option<f64>,
    /// Memory free for new programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem_available_bytes: Option<i64>,
    /// Swap in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap_used_bytes: Option<i64>,
    /// Processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<i64>,
    /// Open login sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logged_in_users: Option<i64>,
    /// The host's own clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_at: Option<Timestamp>,
    /// How full the file systems are.
    pub mounts: Vec<MountUsage>,
}

/// How full a file system is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MountUsage {
    /// Where.
    pub mount_point: String,
    /// Bytes in use.
    pub used_bytes: i64,
    /// Bytes an unprivileged program could still write.
    pub available_bytes: i64,
    /// Share of bytes in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_percent: Option<f64>,
    /// Share of inodes in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inodes_used_percent: Option<f64>,
}
