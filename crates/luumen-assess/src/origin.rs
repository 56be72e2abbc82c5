//! Who speaks of a package: the system's vendor, an ecosystem, or upstream alone. It stands before the name that findings are kept by.

use luumen_model::advisory::Platform;
use luumen_vuln::PYTHON_FAMILY;

/// Family of the platform that stands for applications which no package manager of the system keeps.
pub const APPLICATION_FAMILY: &str = "app";
/// Family of the platforms that stand for the NVD's word where a system's vendor is silent; the release is the system's platform.
pub const SILENT_FAMILY: &str = "nvd";

/// Who speaks of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// The vendor of the system.
    System,
    /// PyPI's advisories.
    Python,
    /// Upstream's versions, of what no package manager of the system keeps.
    Application,
    /// Upstream's versions, of a package whose vendor says nothing: information, never a finding.
    Silent,
}

impl Origin {
    /// Splits `pypi/flask`, `app/nginx`, `nvd/openssl`, `bash` into who speaks and the bare name.
    pub fn of(source: &str) -> (Self, &str) {
        match source.split_once('/') {
            Some((PYTHON_FAMILY, bare)) => (Self::Python, bare),
            Some((APPLICATION_FAMILY, bare)) => (Self::Application, bare),
            Some((SILENT_FAMILY, bare)) => (Self::Silent, bare),
            _ => (Self::System, source),
        }
    }

    /// Of everything that is kept under a platform of that family.
    pub fn of_family(family: &str) -> Self {
        match family {
            PYTHON_FAMILY => Self::Python,
            APPLICATION_FAMILY => Self::Application,
            SILENT_FAMILY => Self::Silent,
            _ => Self::System,
        }
    }
}

/// The platform that stands for the silence of a system's vendor.
pub fn silence_of(system: &Platform) -> Platform {
    Platform::new(SILENT_FAMILY, system.to_string())
}

/// The system whose vendor's silence a platform stands for.
pub fn silent_system(platform: &Platform) -> Option<Platform> {
    let (family, release) = platform.release.split_once('/')?;
    (platform.family == SILENT_FAMILY).then(|| Platform::new(family, release))
}

#[cfg(test)]
mod tests {
    use luumen_model::advisory::Platform;

    use super::{Origin, silence_of, silent_system};

    #[test]
    fn a_name_tells_who_speaks_of_it() {
        assert_eq!(Origin::of("bash"), (Origin::System, "bash"));
        assert_eq!(Origin::of("pypi/flask"), (Origin::Python, "flask"));
        assert_eq!(Origin::of("app/nginx"), (Origin::Application, "nginx"));
        assert_eq!(Origin::of("nvd/openssl"), (Origin::Silent, "openssl"));
    }

    #[test]
    fn silence_is_some_systems() {
        let debian = Platform::new("debian", "12");
        assert_eq!(silence_of(&debian).to_string(), "nvd/debian/12");
        assert_eq!(silent_system(&silence_of(&debian)), Some(debian.clone()));
        assert_eq!(silent_system(&debian), None);
    }
}
