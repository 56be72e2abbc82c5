//! A package list taken apart: versions, which hosts share, and what differs between hosts (when it was
//! installed, whether it is held). Pure.

use luumen_model::{Package, PackageManager, Packages, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::StoreError;

/// A package in one version, as vendors tell versions apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Version {
    pub manager: PackageManager,
    pub name: String,
    pub arch: Option<String>,
    pub version: String,
    pub source: Option<String>,
    pub source_version: Option<String>,
    pub rest: VersionRest,
}

/// The fields nobody searches by.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct VersionRest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_rpm: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<i64>,
}

/// What the list says of one package on this host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct OnHost {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    installed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
}

/// What is kept of a list beside its versions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PackagesBlob {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    managers: Vec<PackageManager>,
    /// In the order of the versions; shorter than them when the rest has nothing to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    on_host: Vec<OnHost>,
    /// Packages that were removed and are still known of. They are no members of the set: nobody has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    removed: Vec<Package>,
    /// The list as it came, when it could not be put together again exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<Value>,
}

/// A package list in its parts.
pub(crate) struct PackageList {
    /// Sorted.
    pub versions: Vec<Version>,
    pub blob: PackagesBlob,
}

impl PackageList {
    /// Takes `facts` apart. A list that this version does not understand is kept whole and has no versions.
    pub(crate) fn of(facts: &Value) -> Self {
        let Ok(packages) = serde_json::from_value::<Packages>(facts.clone()) else {
            return Self {
                versions: Vec::new(),
                blob: whole(facts),
            };
        };
        let (installed, removed): (Vec<Package>, Vec<Package>) =
            packages.items.into_iter().partition(Package::is_installed);
        let mut parts: Vec<(Version, OnHost)> = installed.into_iter().map(split).collect();
        parts.sort_by(|(a, _), (b, _)| a.cmp(b));
        let (versions, mut on_host): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        while on_host.last() == Some(&OnHost::default()) {
            on_host.pop();
        }
        let mut list = Self {
            versions,
            blob: PackagesBlob {
                managers: packages.managers,
                on_host,
                removed,
                whole: None,
            },
        };
        if list.assemble().ok().as_ref() != Some(facts) {
            list.blob = whole(facts);
        }
        // The same version twice is one member of a set; such a list was kept whole just now or has none.
        let before = list.versions.len();
        list.versions.dedup();
        if list.versions.len() != before {
            list.blob = whole(facts);
        }
        list
    }

    /// The list as it came.
    pub(crate) fn assemble(&self) -> Result<Value, StoreError> {
        let nothing = OnHost::default();
        let installed = self.versions.iter().enumerate().map(|(at, version)| {
            let on_host = self.blob.on_host.get(at).unwrap_or(&nothing);
            join(version, on_host)
        });
        let mut items: Vec<Package> = installed.collect();
        if !self.blob.removed.is_empty() {
            items.extend(self.blob.removed.iter().cloned());
            items.sort_by(|a, b| place(a).cmp(&place(b)));
        }
        let packages = Packages {
            managers: self.blob.managers.clone(),
            items,
        };
        serde_json::to_value(packages).map_err(|source| StoreError::corrupt_by("package list", source))
    }
}

/// Where a package stands in a list.
fn place(package: &Package) -> (PackageManager, &str, Option<&str>, &str) {
    let arch = package.arch.as_deref();
    (package.manager, &package.name, arch, &package.version)
}

fn whole(facts: &Value) -> PackagesBlob {
    PackagesBlob {
        whole: Some(facts.clone()),
        ..PackagesBlob::default()
    }
}

fn split(package: Package) -> (Version, OnHost) {
    let version = Version {
        manager: package.manager,
        name: package.name,
        arch: package.arch,
        version: package.version,
        source: package.source,
        source_version: package.source_version,
        rest: VersionRest {
            source_rpm: package.source_rpm,
            module: package.module,
            vendor: package.vendor,
            size_bytes: package.size_bytes,
        },
    };
    let on_host = OnHost {
        status: package.status,
        installed_at: package.installed_at,
        channel: package.channel,
        origin: package.origin,
    };
    (version, on_host)
}

fn join(version: &Version, on_host: &OnHost) -> Package {
    Package {
        manager: version.manager,
        name: version.name.clone(),
        version: version.version.clone(),
        arch: version.arch.clone(),
        source: version.source.clone(),
        source_version: version.source_version.clone(),
        source_rpm: version.rest.source_rpm.clone(),
        module: version.rest.module.clone(),
        vendor: version.rest.vendor.clone(),
        size_bytes: version.rest.size_bytes,
        status: on_host.status.clone(),
        installed_at: on_host.installed_at,
        channel: on_host.channel.clone(),
        origin: on_host.origin.clone(),
    }
}

/// The package without what differs between hosts.
pub(super) fn bare(version: &Version) -> Package {
    join(version, &OnHost::default())
}

#[cfg(test)]
mod tests {
    use super::PackageList;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(facts: &Value, versions: usize, kept_whole: bool) {
        let list = PackageList::of(facts);
        assert_eq!(list.versions.len(), versions);
        assert_eq!(list.blob.whole.is_some(), kept_whole, "{facts}");
        if !kept_whole {
            assert_eq!(list.assemble().expect("json"), *facts);
        }
    }

    #[test]
    fn a_sorted_list_is_put_together_again() {
        check(&json!({"managers": ["dpkg"], "items": []}), 0, false);
        check(
            &json!({"managers": ["dpkg"], "items": [
                {"manager": "dpkg", "name": "bash", "version": "5.2-1", "arch": "amd64", "status": "held"},
                {"manager": "dpkg", "name": "zsh", "version": "5.9-4", "arch": "amd64", "size_bytes": 12},
            ]}),
            2,
            false,
        );
    }

    #[test]
    fn a_removed_package_is_kept_and_no_member_of_the_set() {
        check(
            &json!({"managers": ["dpkg"], "items": [
                {"manager": "dpkg", "name": "bash", "version": "5.2-1", "arch": "amd64"},
                {"manager": "dpkg", "name": "nginx", "version": "1.22.1-9", "arch": "amd64", "status": "config-files"},
                {"manager": "dpkg", "name": "zsh", "version": "5.9-4", "arch": "amd64", "status": "held"},
            ]}),
            2,
            false,
        );
    }

    #[test]
    fn what_is_not_ours_to_sort_or_know_is_kept_whole() {
        check(
            &json!({"managers": ["dpkg"], "items": [
                {"manager": "dpkg", "name": "zsh", "version": "1"},
                {"manager": "dpkg", "name": "bash", "version": "1"},
            ]}),
            2,
            true,
        );
        check(
            &json!({"managers": ["dpkg"], "items": [
                {"manager": "dpkg", "name": "zsh", "version": "1", "colour": "red"},
            ]}),
            1,
            true,
        );
        check(
            &json!({"managers": ["dpkg"], "items": [
                {"manager": "dpkg", "name": "zsh", "version": "1"},
                {"manager": "dpkg", "name": "zsh", "version": "1"},
            ]}),
            1,
            true,
        );
        check(&json!({"managers": ["new"], "items": 3}), 0, true);
    }
}
