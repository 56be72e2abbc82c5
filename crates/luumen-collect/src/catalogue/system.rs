//! The system itself: release, machine, storage, network, kernel, vitals.

use luumen_model::{
    PrivilegeTier::Extended,
    SectionKind::{
        Applications, Disks, Hardware, Kernel, Mounts, Network, Os, RebootRequired, TimeSync, Vitals,
    },
};

use crate::command::ReadCommand;

pub(super) const COMMANDS: &[ReadCommand] = &[
    ReadCommand::files(
        "os.files",
        &[Os],
        "Names the distribution, its release, the host and its time zone.",
        &[
            "/etc/os-release",
            "/usr/lib/os-release",
            "/etc/debian_version",
            "/etc/redhat-release",
            "/etc/system-release",
            "/etc/SuSE-release",
            "/etc/alpine-release",
            "/proc/sys/kernel/hostname",
            "/proc/sys/kernel/osrelease",
            "/proc/sys/kernel/version",
            "/etc/hosts",
            "/proc/1/comm",
            "/etc/timezone",
            "/etc/default/locale",
            "/etc/locale.conf",
            "/etc/machine-id",
            "/proc/stat",
        ],
    ),
    ReadCommand::shell(
        "os.machine",
        &[Os, Hardware],
        "Names the processor architecture; kernels before 6.1 have no file that does.",
        "{ read -r m && echo \"$m\"; } 2>/dev/null </proc/sys/kernel/arch || uname -m",
    ),
    ReadCommand::shell(
        "os.localtime",
        &[Os],
        "Names the time zone where no file writes it down.",
        "readlink /etc/localtime",
    )
    .lenient()
    .within(5)
    .when("[ ! -f /etc/timezone ] && [ -L /etc/localtime ]"),
    ReadCommand::files(
        "hardware.files",
        &[Hardware],
        "Names processor, memory, firmware and what the kernel does against processor flaws.",
        &[
            "/proc/meminfo",
            "/sys/devices/system/cpu/online",
            "/sys/devices/system/cpu/cpu[0-9]*/topology/physical_package_id",
            "/sys/devices/system/cpu/cpu[0-9]*/topology/core_id",
            "/sys/devices/system/cpu/vulnerabilities/*",
            "/sys/class/dmi/id/sys_vendor",
            "/sys/class/dmi/id/product_name",
            "/sys/class/dmi/id/product_version",
            "/sys/class/dmi/id/bios_vendor",
            "/sys/class/dmi/id/bios_version",
            "/sys/class/dmi/id/bios_date",
            "/sys/class/dmi/id/chassis_type",
            "/sys/hypervisor/type",
            "/run/systemd/container",
        ],
    ),
    ReadCommand::shell(
        "hardware.cpu",
        &[Hardware],
        "Reads model, flags and known bugs of the first processor only: the others are alike.",
        "while read -r l && [ -n \"$l\" ]; do echo \"$l\"; done </proc/cpuinfo",
    )
    .lenient(),
    ReadCommand::shell(
        "hardware.secure_boot",
        &[Hardware],
        "Says whether secure boot is on.",
        "od -An -tu1 /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
    )
    .when("[ -r /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c ]")
    .within(5),
    ReadCommand::sudo(
        "hardware.serial",
        &[Hardware],
        "Reads the machine's serial number, which the kernel shows to root only.",
        Extended,
        &["/usr/bin/cat", "/bin/cat"],
        "/sys/class/dmi/id/product_serial",
    )
    .lenient()
    .when("[ -e /sys/class/dmi/id/product_serial ]"),
    ReadCommand::sudo(
        "hardware.uuid",
        &[Hardware],
        "Reads the machine's UUID, which the kernel shows to root only.",
        Extended,
        &["/usr/bin/cat", "/bin/cat"],
        "/sys/class/dmi/id/product_uuid",
    )
    .when("[ -e /sys/class/dmi/id/product_uuid ]")
    .lenient(),
    ReadCommand::files(
        "mounts.files",
        &[Mounts, Disks],
        "Lists what is mounted with which options, and what fstab asks for.",
        &["/proc/self/mounts", "/etc/fstab"],
    ),
    ReadCommand::files(
        "network.files",
        &[Network],
        "Lists routes, name servers and the hosts file.",
        &["/proc/net/route", "/proc/net/ipv6_route", "/etc/resolv.conf", "/etc/hosts", "/sys/class/net/*/uevent"],
    ),
    ReadCommand::shell("network.addresses", &[Network], "Lists interfaces and their addresses.", "ip addr")
        .when("command -v ip >/dev/null 2>&1")
        .within(5),
    ReadCommand::shell(
        "network.fallback",
        &[Network],
        "Lists interfaces and addresses where there is no ip command.",
        "grep -sH '' /sys/class/net/*/address /sys/class/net/*/mtu /sys/class/net/*/operstate /proc/net/if_inet6 /proc/net/fib_trie",
    )
    .lenient()
    .when("! command -v ip >/dev/null 2>&1")
    .within(5),
    ReadCommand::files(
        "kernel.files",
        &[Kernel, RebootRequired],
        "Names the running kernel, its parameters, modules, taints and lockdown.",
        &[
            "/proc/sys/kernel/osrelease",
            "/proc/sys/kernel/version",
            "/proc/cmdline",
            "/proc/modules",
            "/proc/sys/kernel/tainted",
            "/sys/kernel/security/lockdown",
            "/sys/kernel/livepatch/*/enabled",
            "/run/reboot-required.pkgs",
            "/run/systemd/container",
        ],
    ),
    ReadCommand::files(
        "vitals.files",
        &[Vitals, Applications, TimeSync],
        "Reads load, memory in use, uptime and which programs run.",
        &["/proc/loadavg", "/proc/uptime", "/proc/meminfo", "/proc/stat", "/proc/[0-9]*/comm"],
    ),
    ReadCommand::shell(
        "disks.lsblk",
        &[Disks],
        "Lists block devices, their sizes and what lies on them.",
        "lsblk -P -b -o NAME,KNAME,TYPE,SIZE,PKNAME,MODEL,SERIAL,ROTA,RO,FSTYPE,UUID,MOUNTPOINT",
    )
    .when("command -v lsblk >/dev/null 2>&1")
    .within(10),
    ReadCommand::shell(
        "disks.fallback",
        &[Disks],
        "Lists block devices where there is no lsblk.",
        "grep -sH '' /sys/block/*/size /sys/block/*/ro /sys/block/*/removable /sys/block/*/queue/rotational \
         /sys/block/*/device/model /sys/block/*/dm/uuid /sys/block/*/*/partition /sys/block/*/*/size",
    )
    .lenient()
    .when("! command -v lsblk >/dev/null 2>&1")
    .within(10),
];
