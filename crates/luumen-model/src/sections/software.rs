//! Software: packages, updates, repositories, containers, applications.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;

/// Who installed a package, and so whose version order applies.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PackageManager {
    /// Debian and Ubuntu.
    #[default]
    Dpkg,
    /// RHEL and its family, Fedora, SUSE, Amazon.
    Rpm,
    /// Alpine.
    Apk,
    /// Arch.
    Pacman,
    /// Snap.
    Snap,
    /// Flatpak.
    Flatpak,
}

/// Installed packages of every package manager.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Packages {
    /// Managers that were found and read.
    pub managers: Vec<PackageManager>,
    /// Sorted by manager, name, arch, version.
    pub items: Vec<Package>,
}

/// An installed package.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Package {
    /// Who installed it.
    pub manager: PackageManager,
    /// Binary package name.
    pub name: String,
    /// Whole version as the manager writes it: `1:2.3-4`, `0:3.0.7-27.el9`, with the epoch where there is one.
    pub version: String,
    /// Architecture as the manager writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Source package name; for rpm the name part of SOURCERPM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Source package version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_version: Option<String>,
    /// SOURCERPM as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_rpm: Option<String>,
    /// Module label `name:stream:version:context` of modular rpm packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// Vendor or maintainer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Other than plainly installed: `held`, `half-configured`, `unpacked`, `config-files` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When, where the manager knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installed_at: Option<Timestamp>,
    /// Installed size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<i64>,
    /// Snap channel or flatpak branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Repository or remote it came from, where the manager knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

impl Package {
    /// False for what was removed and is still known of: Debian keeps the settings of a package that is gone. There is
    /// nothing of its programs on disk, so it counts nowhere as installed and is judged by nobody.
    pub fn is_installed(&self) -> bool {
        !matches!(self.status.as_deref(), Some("config-files" | "not-installed"))
    }
}

/// Python distributions with metadata on disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PythonPackages {
    /// Sorted by path, name.
    pub items: Vec<PythonPackage>,
}

/// A Python distribution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PythonPackage {
    /// Name as its metadata writes it.
    pub name: String,
    /// Version as its metadata writes it.
    pub version: String,
    /// Directory of the metadata.
    pub path: String,
    /// `INSTALLER`: `pip`, `debian`, `rpm`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installer: Option<String>,
    /// True when the path is one that only the system's package manager writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_package: Option<bool>,
}

/// Updates that the package manager's own cache knows of; Luumen never refreshes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PendingUpdates {
    /// Updates.
    pub items: Vec<PendingUpdate>,
    /// When that cache was refreshed last; old caches hide updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_at: Option<Timestamp>,
    /// How many are security updates, where the cache tells them apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_count: Option<i64>,
}

/// A newer version that the cache offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PendingUpdate {
    /// Package.
    pub name: String,
    /// Version installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installed_version: Option<String>,
    /// Version offered.
    pub candidate_version: String,
    /// Architecture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Where it would come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Whether it is a security update; absent when the cache does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<bool>,
}

/// Where packages come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Repositories {
    /// Sorted by file and id.
    pub items: Vec<Repository>,
}

/// A package source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Repository {
    /// Repository id, or for apt `uri suite`.
    pub id: String,
    /// Whose.
    pub manager: PackageManager,
    /// Whether it is in use.
    pub enabled: bool,
    /// Where; passwords inside are replaced by `***`.
    pub uris: Vec<String>,
    /// apt suites.
    pub suites: Vec<String>,
    /// apt components.
    pub components: Vec<String>,
    /// Whether signatures are checked, where the file says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_check: Option<bool>,
    /// File it is written in.
    pub path: String,
}

/// Containers of Docker, Podman and what Kubernetes runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Containers {
    /// Runtimes found: `docker`, `podman`, `containerd`, …
    pub runtimes: Vec<String>,
    /// Containers, running or not.
    pub items: Vec<Container>,
    /// Runtimes that are there and whose containers are not known; `podman (users)` are those of accounts but root's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_read: Vec<String>,
}

/// A container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Container {
    /// Short id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Which runtime runs it.
    pub runtime: String,
    /// Image reference.
    pub image: String,
    /// Image digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// `running`, `exited`, …
    pub state: String,
    /// Published ports as the runtime writes them.
    pub ports: Vec<String>,
}

/// Well-known applications that are running or installed outside of packages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Applications {
    /// Sorted by name, path.
    pub items: Vec<Application>,
}

/// A well-known application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Application {
    /// `nginx`, `postgresql`, `java`, `node`, `openssl`, …
    pub name: String,
    /// Version as the program says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Executable.
    pub path: String,
    /// Who built it, where the program says (`OpenJDK`, …).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Whether a process of it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
}
