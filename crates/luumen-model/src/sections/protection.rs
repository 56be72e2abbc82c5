//! What protects the host: kernel settings, access control, firewall, audit, crypto policy.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use std::collections::BTreeMap;

/// Kernel settings by their dotted name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Sysctl {
    /// Name to value; counters and random values are left out.
    pub values: BTreeMap<String, String>,
}

/// SELinux and AppArmor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MandatoryAccess {
    /// Present when the kernel or a config file knows SELinux.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selinux: Option<Selinux>,
    /// Present when the kernel knows AppArmor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apparmor: Option<Apparmor>,
    /// Active security modules in order.
    pub lsm: Vec<String>,
}

/// SELinux.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Selinux {
    /// `enforcing`, `permissive` or `disabled` now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// What the config asks for at boot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_mode: Option<String>,
    /// Policy name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

/// AppArmor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Apparmor {
    /// Whether the kernel module is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Profile to mode.
    pub profiles: BTreeMap<String, String>,
}

/// Firewall.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Firewall {
    /// Tools found.
    pub tools: Vec<FirewallTool>,
    /// True when rules are known to be in force; absent when that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// A firewall tool and its rules.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct FirewallTool {
    /// `nftables`, `iptables`, `ip6tables`, `firewalld`, `ufw`.
    pub name: String,
    /// Whether it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Policy for incoming packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_input: Option<String>,
    /// Policy for forwarded packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_forward: Option<String>,
    /// Rules as the tool writes them, counters removed.
    pub rules: Vec<String>,
    /// Active firewalld zones.
    pub zones: Vec<String>,
}

/// Audit daemon and rules.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Audit {
    /// Whether auditd is installed.
    pub installed: bool,
    /// Whether it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// 0 off, 1 on, 2 on and locked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<i64>,
    /// Rules in force; absent where they could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<String>>,
    /// auditd.conf, lower-case keys.
    pub settings: BTreeMap<String, String>,
}

/// FIPS mode and system-wide crypto policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CryptoPolicy {
    /// What the kernel says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fips_enabled: Option<bool>,
    /// System-wide policy such as `DEFAULT`, `FUTURE`, `FIPS:OSPP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// As `openssl version` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openssl_version: Option<String>,
}
