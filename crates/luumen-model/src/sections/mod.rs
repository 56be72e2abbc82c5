//! The sections of a Linux snapshot, one type each. Names follow osquery and ECS habits; a number
//! has its unit in its name; what a host did not tell is absent, never zero or empty.

mod access;
mod exposure;
mod protection;
mod software;
mod system;

pub use access::*;
pub use exposure::*;
pub use protection::*;
pub use software::*;
pub use system::*;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::DataOf;

macro_rules! sections {
    ($($(#[$doc:meta])* $variant:ident = $name:literal : $data:ident, $title:literal;)+) => {
        /// The name of a section, in the order a person reads them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum SectionKind {
            $($(#[$doc])* $variant,)+
        }

        impl SectionKind {
            /// Every section, in reading order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in documents, URLs and property paths.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The name on a screen.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// The documented shape of this section's `data`.
            pub fn data_schema(self) -> RefOr<Schema> {
                match self { $(Self::$variant => $data::schema(),)+ }
            }

            /// Named schemas that [`Self::data_schema`] refers to.
            pub fn data_schemas(self, into: &mut Vec<(String, RefOr<Schema>)>) {
                match self { $(Self::$variant => $data::schemas(into),)+ }
            }
        }

        $(impl DataOf for $data { const KIND: SectionKind = SectionKind::$variant; })+
    };
}

sections! {
    /// Which system this is.
    Os = "os": Os, "Operating system";
    /// The machine under it.
    Hardware = "hardware": Hardware, "Hardware";
    /// Block devices.
    Disks = "disks": Disks, "Disks";
    /// Mounted file systems.
    Mounts = "mounts": Mounts, "Mounts";
    /// Interfaces, routes and name servers.
    Network = "network": Network, "Network";
    /// Installed packages of every package manager.
    Packages = "packages": Packages, "Packages";
    /// Python distributions outside and inside of packages.
    PythonPackages = "python_packages": PythonPackages, "Python packages";
    /// Running kernel against the newest installed one.
    Kernel = "kernel": Kernel, "Kernel";
    /// Whether the host asks for a reboot, and why.
    RebootRequired = "reboot_required": RebootRequired, "Reboot required";
    /// Updates that the package manager's own cache knows of.
    PendingUpdates = "pending_updates": PendingUpdates, "Pending updates";
    /// Where packages come from.
    Repositories = "repositories": Repositories, "Repositories";
    /// Services and their state.
    Services = "services": Services, "Services";
    /// Timers and cron jobs.
    Timers = "timers": Timers, "Timers";
    /// Accounts, never their hashes.
    Users = "users": Users, "Users";
    /// Groups and members.
    Groups = "groups": Groups, "Groups";
    /// Who may become whom.
    SudoPolicy = "sudo_policy": SudoPolicy, "Sudo policy";
    /// What sshd really does.
    Sshd = "sshd": Sshd, "SSH server";
    /// Kernel settings.
    Sysctl = "sysctl": Sysctl, "Kernel settings";
    /// SELinux and AppArmor.
    MandatoryAccess = "mandatory_access": MandatoryAccess, "SELinux and AppArmor";
    /// Firewall.
    Firewall = "firewall": Firewall, "Firewall";
    /// Audit daemon and rules.
    Audit = "audit": Audit, "Audit";
    /// FIPS mode and system-wide crypto policy.
    CryptoPolicy = "crypto_policy": CryptoPolicy, "Crypto policy";
    /// Who keeps the clock right.
    TimeSync = "time_sync": TimeSync, "Time synchronisation";
    /// What listens.
    ListeningPorts = "listening_ports": ListeningPorts, "Listening ports";
    /// Containers of Docker and Podman.
    Containers = "containers": Containers, "Containers";
    /// Certificates on the usual paths.
    Certificates = "certificates": Certificates, "Certificates";
    /// Well-known applications and their versions.
    Applications = "applications": Applications, "Applications";
    /// Numbers that change with every visit, kept apart so that the rest does not.
    Vitals = "vitals": Vitals, "Vitals";
}

/// A text that names no section.
#[derive(Debug, thiserror::Error)]
#[error("{name:?} is not a section")]
pub struct UnknownSection {
    /// What was given.
    pub name: String,
}

impl fmt::Display for SectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SectionKind {
    type Err = UnknownSection;
    fn from_str(name: &str) -> Result<Self, UnknownSection> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| UnknownSection {
                name: name.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::SectionKind;

    #[test]
    fn a_section_is_called_the_same_everywhere() {
        for kind in SectionKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("json"), kind.as_str());
            assert_eq!(kind.as_str().parse::<SectionKind>().expect("known"), *kind);
        }
    }
}
