//! Channels of a vendor, and what each is to the hosts of a release.

/// What a channel is to a host that does not say which channels it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Every host of the release gets it, or can.
    Main,
    /// The same builds further on, for hosts with a contract.
    Subscription,
    /// Certified builds, which are told by their versions.
    Certified,
    /// Updates of one minor release, for hosts with a contract that stay on it.
    MinorRelease,
    /// A newer upstream version beside the release's own.
    Extra,
    /// Another product, live patches, …: says nothing of this package.
    Elsewhere,
}

impl Line {
    /// What a channel of that name is.
    pub(crate) fn of(channel: &str) -> Self {
        match channel.split('-').next().unwrap_or_default() {
            // Add-ons of old releases are other packages of the same release, not other builds of them.
            "" | "lts" | "extras" | "epel" | "packagehub" | "cluster" | "productivity" | "virtualization" => {
                Self::Main
            }
            "esm" | "pro" | "elts" | "ltss" | "els" | "espos" | "extended" | "sap" | "hpc" | "bcl"
            | "teradata" => Self::Subscription,
            "fips" => Self::Certified,
            "eus" | "aus" | "tus" | "e4s" => Self::MinorRelease,
            "extra" => Self::Extra,
            _ => Self::Elsewhere,
        }
    }

    /// Whether its builds are for hosts with a contract only.
    pub(crate) fn needs_subscription(self) -> bool {
        matches!(self, Self::Subscription | Self::Certified | Self::MinorRelease)
    }
}
