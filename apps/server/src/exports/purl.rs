//! Package URLs: the name of a package that every program understands.

use luumen_api::vulnerabilities::{FindingVariant, InstalledPackage};

/// The URL of a package as it is installed on the variant's platform.
pub(super) fn installed(variant: &FindingVariant, package: &InstalledPackage) -> String {
    let (family, release) = variant
        .platform
        .split_once('/')
        .unwrap_or((&variant.platform, ""));
    let (kind, namespace) = kind_of(family);
    let mut url = format!("pkg:{kind}/");
    if let Some(namespace) = namespace {
        url.push_str(namespace);
        url.push('/');
    }
    escape(&mut url, &package.name);
    url.push('@');
    // RPM and dpkg epochs have their own place only in rpm's; elsewhere they stay in the version.
    let (epoch, version) = match package.version.split_once(':') {
        Some((epoch, version)) if kind == "rpm" => (Some(epoch), version),
        _ => (None, package.version.as_str()),
    };
    escape(&mut url, version);
    let mut qualifiers = Vec::new();
    qualifiers.extend(package.arch.as_deref().map(|arch| ("arch", arch.to_owned())));
    if namespace.is_some() && !release.is_empty() {
        qualifiers.push(("distro", format!("{family}-{release}")));
    }
    qualifiers.extend(epoch.map(|epoch| ("epoch", epoch.to_owned())));
    for (at, (name, value)) in qualifiers.iter().enumerate() {
        url.push(if at == 0 { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        escape(&mut url, value);
    }
    url
}

/// The URL of a package of which no version is known any more.
pub(super) fn unversioned(package: &str) -> String {
    let (_, bare) = luumen_assess::Origin::of(package);
    let mut url = "pkg:generic/".to_owned();
    escape(&mut url, bare);
    url
}

fn kind_of(family: &str) -> (&str, Option<&str>) {
    match family {
        "debian" | "ubuntu" => ("deb", Some(family)),
        "alpine" | "wolfi" | "chainguard" => ("apk", Some(family)),
        "arch" => ("alpm", Some(family)),
        "rhel" => ("rpm", Some("redhat")),
        "centos" | "almalinux" | "rocky" | "ol" | "fedora" | "amzn" | "sles" => ("rpm", Some(family)),
        "opensuse-leap" | "opensuse-tumbleweed" => ("rpm", Some("opensuse")),
        "pypi" | "npm" | "maven" | "nuget" => (family, None),
        "rubygems" => ("gem", None),
        "crates.io" => ("cargo", None),
        "go" => ("golang", None),
        _ => ("generic", None),
    }
}

fn escape(url: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
}
