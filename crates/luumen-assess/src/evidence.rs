//! Whether the catalogue still speaks of a vulnerability in a package: silence is no evidence that it is gone.

use luumen_catalogue::Catalogue;
use luumen_model::advisory::{PackageKind, Platform};

/// True when some claim for the platform names the vulnerability for one of these packages, or when it was withdrawn. A verdict
/// that is then not "open" stands on that claim; without any, nothing can be said.
pub fn speaks_of<'a>(
    catalogue: &Catalogue,
    platform: &Platform,
    names: impl Iterator<Item = (PackageKind, &'a str)> + Clone,
    vulnerability: &str,
) -> bool {
    let Some(id) = catalogue.vulnerability(vulnerability) else {
        return false;
    };
    if catalogue.view(id).is_some_and(|view| view.rejected) {
        return true;
    }
    // Debian's unstable speaks for releases that are not named.
    let unstable = (platform.family == "debian").then(|| Platform::new("debian", "sid"));
    let platforms = [Some(platform), unstable.as_ref()];
    let mut ids = platforms
        .into_iter()
        .flatten()
        .filter_map(|platform| catalogue.platform(platform));
    ids.any(|platform| {
        names.clone().any(|(kind, name)| {
            catalogue
                .claims_of(platform, kind, name)
                .any(|claim| claim.vulnerability() == id)
        })
    })
}
