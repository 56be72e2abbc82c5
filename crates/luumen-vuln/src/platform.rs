//! Which platform a host is, in the words of the catalogue.

use luumen_model::{Os, advisory::Platform};

/// The platform whose claims hold for a host with this system; `None` when nobody we know publishes claims for it.
///
/// A rebuild (Rocky, Alma, Oracle, CentOS) is judged by its own feeds only: its builds carry other numbers than Red Hat's.
pub fn platform_of(os: &Os) -> Option<Platform> {
    let version = os.version_id.as_deref();
    let major = || Some(version?.split('.').next()?.to_owned());
    let minor = || {
        let mut parts = version?.split('.');
        Some(format!("{}.{}", parts.next()?, parts.next()?))
    };
    let release = match os.id.as_str() {
        "debian" => match version {
            Some(_) => major(),
            // Testing and unstable have no VERSION_ID.
            None => Some("sid".to_owned()),
        },
        "ubuntu" => minor(),
        "rhel" | "centos" | "almalinux" | "rocky" | "ol" | "fedora" => major(),
        "amzn" => version.map(|version| match version {
            "2018.03" | "2017.09" | "2017.03" | "2016.09" => "1".to_owned(),
            other => other.to_owned(),
        }),
        "sles" | "sles_sap" | "sled" | "opensuse-leap" => version.map(str::to_owned),
        "alpine" => minor(),
        "arch" => Some(String::new()),
        _ => None,
    }?;
    let family = match os.id.as_str() {
        "sles_sap" | "sled" => "sles",
        id => id,
    };
    Some(Platform::new(family, release))
}

#[cfg(test)]
mod tests {
    use luumen_model::Os;

    #[track_caller]
    fn check(id: &str, version_id: Option<&str>, expected: Option<&str>) {
        let os = Os {
            id: id.to_owned(),
            version_id: version_id.map(str::to_owned),
            ..Os::default()
        };
        let found = super::platform_of(&os).map(|platform| platform.to_string());
        assert_eq!(found.as_deref(), expected, "{id} {version_id:?}");
    }

    #[test]
    fn a_system_is_known_by_what_its_feeds_are_kept_by() {
        check("debian", Some("12"), Some("debian/12"));
        check("debian", None, Some("debian/sid"));
        check("ubuntu", Some("20.04"), Some("ubuntu/20.04"));
        check("rhel", Some("8.6"), Some("rhel/8"));
        check("almalinux", Some("9.4"), Some("almalinux/9"));
        check("amzn", Some("2018.03"), Some("amzn/1"));
        check("amzn", Some("2023"), Some("amzn/2023"));
        check("sles_sap", Some("15.5"), Some("sles/15.5"));
        check("alpine", Some("3.18.4"), Some("alpine/3.18"));
        check("arch", None, Some("arch/"));
        check("raspbian", Some("12"), None);
        check("ubuntu", Some("odd"), None);
    }
}
