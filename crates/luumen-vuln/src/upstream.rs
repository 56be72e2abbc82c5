//! What no package manager of the system installed: judged by upstream's versions in the NVD and in CVE records. And what the system's
//! vendor says nothing of: told as information, never as a finding.

use std::collections::{BTreeMap, BTreeSet};

use luumen_catalogue::{Catalogue, PlatformId};
use luumen_model::{
    Application, Package, PackageManager,
    advisory::{Authority, CpeConfiguration, CpeMatch, CpeNode, CpeOperator, Severity, Status},
};

use crate::{
    Confidence, Finding, FoundPackage, Reason, Verdict,
    cpe::{Answer, Name, Names, Product, evaluate},
    subject::source_name,
};

/// Applications that lie where the system's package manager does not write.
pub(crate) fn applications(
    catalogue: &Catalogue,
    applications: &[Application],
    kernel: Option<&str>,
) -> Vec<Finding> {
    let names = Names::ours();
    let own: Vec<&Application> = applications
        .iter()
        .filter(|app| !is_the_systems(&app.path))
        .collect();
    let mut have: Vec<Product> = own
        .iter()
        .flat_map(|app| {
            names
                .of_application(&app.name)
                .iter()
                .map(|name| name.at(app.version.as_deref()))
        })
        .collect();
    have.extend(names.of_package("linux").iter().map(|name| name.at(kernel)));
    let mut findings = Vec::new();
    for app in own {
        let installed = FoundPackage {
            name: app.name.clone(),
            version: app.version.clone().unwrap_or_default(),
            source_version: None,
            arch: None,
            path: Some(app.path.clone()),
        };
        let told = names.of_application(&app.name);
        let found = weigh(catalogue, told, &have, &app.name);
        findings.extend(
            found
                .into_iter()
                .map(|told| told.finding(catalogue, &installed, false)),
        );
    }
    findings
}

/// What the NVD would say of the system's packages where their vendor says nothing at all of the vulnerability.
pub(crate) fn vendor_silent(
    catalogue: &Catalogue,
    platform: PlatformId,
    family: &str,
    packages: &[Package],
) -> Vec<Finding> {
    let names = Names::ours();
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for package in packages {
        let source = source_name(family, package).into_owned();
        let told = names.of_package(&source);
        let version = upstream_version(package);
        if told.is_empty() || source == "linux" || !seen.insert((source.clone(), version.to_owned())) {
            continue;
        }
        let have: Vec<Product> = told.iter().map(|name| name.at(Some(version))).collect();
        let silent = weigh(catalogue, told, &have, &source).into_iter().filter(|told| {
            let known = catalogue.vulnerability(&told.vulnerability);
            known.is_none_or(|id| !catalogue.claims_about(id).any(|claim| claim.is_of(platform)))
        });
        let installed = FoundPackage::of(package);
        findings.extend(silent.map(|told| told.finding(catalogue, &installed, true)));
    }
    findings
}

/// Where package managers install; what lies elsewhere came another way.
fn is_the_systems(path: &str) -> bool {
    let system = ["/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/"];
    system.iter().any(|folder| path.starts_with(folder)) && !path.starts_with("/usr/local/")
}

/// `1.1.1f` of `1:1.1.1f-1ubuntu2.17`, `2.54.7` of `2.54.7+dfsg-1~deb12u1`.
fn upstream_version(package: &Package) -> &str {
    let version = package.source_version.as_deref().unwrap_or(&package.version);
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let revision = if package.manager == PackageManager::Apk {
        "-r"
    } else {
        "-"
    };
    let version = version
        .rsplit_once(revision)
        .map_or(version, |(upstream, _)| upstream);
    let repacked = ["+dfsg", "+ds", "+really", "~dfsg", "+git", "+repack"];
    let end = repacked.iter().filter_map(|mark| version.find(mark)).min();
    &version[..end.unwrap_or(version.len())]
}

/// What one source says of a product of the host.
struct Told {
    vulnerability: String,
    source: String,
    authority: Authority,
    package: String,
    fixed: Option<String>,
    verdict: Verdict,
    why: String,
    sure: bool,
}

fn weigh(catalogue: &Catalogue, names: &[Name], have: &[Product], package: &str) -> Vec<Told> {
    // All configurations of a CVE are one tree: an operating system named in one of them is not what another one names.
    let mut trees: BTreeMap<(String, String), (Authority, Vec<CpeNode>)> = BTreeMap::new();
    for name in names {
        for configuration in catalogue.configurations_of(&name.vendor, &name.product) {
            let CpeConfiguration {
                vulnerability,
                source,
                authority,
                root,
            } = configuration;
            let tree = trees
                .entry((vulnerability, source))
                .or_insert_with(|| (authority, Vec::new()));
            if !tree.1.contains(&root) {
                tree.1.push(root);
            }
        }
    }
    let ours = |product: &Product| {
        names
            .iter()
            .any(|name| name.vendor == product.vendor && name.product == product.product)
    };
    let mut told = BTreeMap::<String, Told>::new();
    for ((vulnerability, source), (authority, children)) in trees {
        let root = CpeNode {
            operator: CpeOperator::Or,
            negate: false,
            matches: Vec::new(),
            children,
        };
        let (verdict, why, fixed, sure) = match evaluate(&root, have) {
            Answer::Vulnerable { by, product, assumed } if ours(product) => {
                let version = product.version.as_deref().unwrap_or("of unknown version");
                let why = format!(
                    "{package} {version} is in the range that {source} names{}{}",
                    range(by),
                    assumptions(&assumed)
                );
                (Verdict::Vulnerable, why, fix(by), assumed.is_empty())
            }
            Answer::Unknown { why } => (Verdict::Unknown, why, None, false),
            _ => continue,
        };
        let new = Told {
            vulnerability: vulnerability.clone(),
            source,
            authority,
            package: package.to_owned(),
            fixed,
            verdict,
            why,
            sure,
        };
        // Of several sources the nearest to upstream is believed.
        match told.get(&vulnerability) {
            Some(known) if known.authority <= new.authority => {}
            _ => {
                told.insert(vulnerability, new);
            }
        }
    }
    told.into_values().collect()
}

fn fix(by: &CpeMatch) -> Option<String> {
    by.end.clone().filter(|_| by.end_excluded)
}

fn range(by: &CpeMatch) -> String {
    match (&by.end, by.end_excluded) {
        (Some(end), true) => format!(" (before {end})"),
        (Some(end), false) => format!(" (up to {end})"),
        (None, _) => String::new(),
    }
}

fn assumptions(assumed: &[&str]) -> String {
    if assumed.is_empty() {
        return String::new();
    }
    format!(
        ", if {} fits, which the host does not tell",
        assumed.join(" and ")
    )
}

impl Told {
    fn finding(self, catalogue: &Catalogue, installed: &FoundPackage, vendor_silent: bool) -> Finding {
        let id = catalogue.vulnerability(&self.vulnerability);
        let view = id.and_then(|id| catalogue.view(id));
        let (verdict, reason, confidence) = match (vendor_silent, self.verdict) {
            (true, _) => (Verdict::Possible, Reason::VendorSilent, Confidence::Low),
            (false, Verdict::Unknown) => (Verdict::Unknown, Reason::NotComparable, Confidence::Low),
            (false, verdict) if self.sure => (verdict, Reason::InRange, Confidence::Medium),
            (false, verdict) => (verdict, Reason::InRange, Confidence::Low),
        };
        let why = if vendor_silent {
            format!("nobody who builds the package says anything of it; {}", self.why)
        } else {
            self.why
        };
        Finding {
            vulnerability: self.vulnerability,
            package: self.package,
            installed: vec![installed.clone()],
            verdict,
            reason,
            why,
            confidence,
            fixed_version: self.fixed,
            fix_channel: None,
            source: self.source,
            authority: self.authority,
            status: Status::Affected,
            advisory: None,
            note: None,
            running: None,
            end_of_life: false,
            severity: view.as_ref().map_or(Severity::Unknown, |view| view.severity),
            score: view.as_ref().and_then(|view| view.score),
            score_version: view
                .as_ref()
                .and_then(|view| view.score_version)
                .map(str::to_owned),
            kev_added_at: view.as_ref().and_then(|view| view.kev_added_at),
            ransomware: view.as_ref().is_some_and(|view| view.ransomware),
            epss: view.as_ref().and_then(|view| view.epss),
        }
    }
}

#[cfg(test)]
mod tests {
    use luumen_model::{Package, PackageManager};

    #[track_caller]
    fn check(manager: PackageManager, version: &str, expected: &str) {
        let package = Package {
            manager,
            version: version.to_owned(),
            ..Package::default()
        };
        assert_eq!(super::upstream_version(&package), expected);
    }

    #[test]
    fn upstreams_version_is_read_out_of_the_distributions() {
        use PackageManager::{Apk, Dpkg, Rpm};
        check(Dpkg, "1:1.1.1f-1ubuntu2.17", "1.1.1f");
        check(Dpkg, "2.54.7+dfsg-1~deb12u1", "2.54.7");
        check(Rpm, "1:3.0.7-27.el9", "3.0.7");
        check(Apk, "1.36.1-r5", "1.36.1");
    }

    #[test]
    fn what_the_package_manager_installs_is_not_upstreams() {
        assert!(super::is_the_systems("/usr/sbin/nginx"));
        for path in [
            "/usr/local/nginx/sbin/nginx",
            "/opt/java/bin/java",
            "/srv/app/node",
        ] {
            assert!(!super::is_the_systems(path), "{path}");
        }
    }
}
