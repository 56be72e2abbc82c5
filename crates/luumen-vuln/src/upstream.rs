//! What no package manager of the system installed: judged by upstream's versions in the NVD and in CVE records. And what the system's
//! vendor says nothing of: told as information, never as a finding.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use luumen_catalogue::Catalogue;
use luumen_model::{
    Application, Package, PackageManager,
    advisory::{Authority, CpeConfiguration, CpeMatch, CpeNode, CpeOperator, Platform, Severity, Status},
};

use crate::{
    Confidence, Finding, FoundPackage, NotEvaluated, Reason, Verdict,
    apart::is_apart,
    cpe::{Answer, Name, Names, Product, evaluate},
    kernel::release_of,
    subject::source_name,
};

/// All that one source says of a vulnerability: any one configuration is enough.
#[derive(Clone, Debug)]
pub struct Tree {
    /// `CVE-…`.
    pub vulnerability: String,
    /// Which feed.
    pub source: String,
    /// `nvd` or `cna`.
    pub authority: Authority,
    /// Its configurations.
    pub root: CpeNode,
}

/// Whose CPE names are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Upstreams<'a> {
    /// Of what the section Applications calls so.
    Application(&'a str),
    /// Of what a source package of that name holds.
    Package(&'a str),
}

impl Upstreams<'_> {
    /// The names; none where we know of none.
    pub fn names(self) -> &'static [Name] {
        match self {
            Self::Application(name) => Names::ours().of_application(name),
            Self::Package(source) => Names::ours().of_package(source),
        }
    }
}

/// Weighs products by upstream's versions. Remembers what it has unpacked, which is most of the work.
#[derive(Debug)]
pub struct Upstream<'c> {
    catalogue: &'c Catalogue,
    known: HashMap<&'static [Name], Arc<[Tree]>>,
}

impl<'c> Upstream<'c> {
    /// Of a catalogue.
    pub fn new(catalogue: &'c Catalogue) -> Self {
        Self {
            catalogue,
            known: HashMap::new(),
        }
    }

    /// Whether the catalogue has anything of upstream's versions. Without, nothing found means nothing.
    pub fn is_in(catalogue: &Catalogue) -> bool {
        catalogue.knows_products()
    }

    /// Everything that is said of a product, by vulnerability and source.
    pub fn trees(&mut self, of: Upstreams<'_>) -> Arc<[Tree]> {
        let names = of.names();
        let read = || trees(self.catalogue, names).into();
        Arc::clone(self.known.entry(names).or_insert_with(read))
    }

    /// What an application has. `all` are those of the host, which may be what it is vulnerable with.
    pub fn application(
        &mut self,
        app: &Application,
        all: &[Application],
        kernel: Option<&str>,
    ) -> Vec<Finding> {
        let installed = FoundPackage {
            name: app.name.clone(),
            version: app.version.clone().unwrap_or_default(),
            source_version: None,
            arch: None,
            path: Some(app.path.clone()),
        };
        let of = Upstreams::Application(&app.name);
        let trees = self.trees(of);
        let found = weigh(&trees, of.names(), &products(all, kernel), &app.name);
        let words = |told: Told| told.finding(self.catalogue, &installed, false);
        found.into_iter().map(words).collect()
    }

    /// What the NVD would say of the system's packages where their vendor says nothing at all of the vulnerability.
    pub fn vendor_silent(&mut self, platform: &Platform, packages: &[Package]) -> Vec<Finding> {
        let Some(id) = self.catalogue.platform(platform) else {
            return Vec::new();
        };
        let mut seen = BTreeSet::new();
        let mut findings = Vec::new();
        for package in packages {
            let source = source_name(&platform.family, package).into_owned();
            let of = Upstreams::Package(&source);
            let version = upstream_version(package);
            let again = !seen.insert((source.clone(), version.to_owned()));
            if again || !may_be_silent(&source) || !package.is_installed() {
                continue;
            }
            // Of what others built the vendor says nothing, whatever it says of its own.
            let is_apart = is_apart(package);
            let names = of.names();
            let have: Vec<Product> = names.iter().map(|name| name.at(Some(version))).collect();
            let trees = self.trees(of);
            let installed = FoundPackage::of(package);
            for told in weigh(&trees, names, &have, &source) {
                let known = self.catalogue.vulnerability(&told.vulnerability);
                let is_silent = is_apart
                    || known.is_none_or(|known| {
                        let mut claims = self.catalogue.claims_about(known);
                        !claims.any(|claim| claim.is_of(id))
                    });
                if is_silent {
                    findings.push(told.finding(self.catalogue, &installed, true));
                }
            }
        }
        findings
    }
}

/// Whether it is looked whether the vendor of a source package is silent. Kernels have too many configurations that name them
/// as what something else runs on.
pub fn may_be_silent(source: &str) -> bool {
    source != "linux" && !Upstreams::Package(source).names().is_empty()
}

/// Applications that lie where the system's package manager does not write: nobody but upstream speaks of them.
pub fn judged_applications(items: &[Application]) -> impl Iterator<Item = &Application> {
    items.iter().filter(|app| !is_the_systems(&app.path))
}

fn products(all: &[Application], kernel: Option<&str>) -> Vec<Product> {
    let names = Names::ours();
    let of = |app: &Application| -> Vec<Product> {
        let names = names.of_application(&app.name).iter();
        names.map(|name| name.at(app.version.as_deref())).collect()
    };
    let mut have: Vec<Product> = judged_applications(all).flat_map(of).collect();
    let kernel = kernel.map(release_of);
    have.extend(names.of_package("linux").iter().map(|name| name.at(kernel)));
    have
}

/// Applications that lie where the system's package manager does not write.
pub(crate) fn applications(
    catalogue: &Catalogue,
    applications: &[Application],
    kernel: Option<&str>,
) -> Vec<Finding> {
    let mut upstream = Upstream::new(catalogue);
    let mut findings = Vec::new();
    for app in judged_applications(applications) {
        findings.extend(upstream.application(app, applications, kernel));
    }
    findings
}

/// Applications that nobody can judge: silence of those who do not know them is not "nothing found".
pub fn applications_gap(catalogue: &Catalogue, applications: &[Application]) -> Option<NotEvaluated> {
    let own: BTreeSet<&str> = judged_applications(applications)
        .map(|app| app.name.as_str())
        .collect();
    if own.is_empty() {
        return None;
    }
    let note = |why: String| NotEvaluated {
        what: "applications".to_owned(),
        why,
    };
    if !Upstream::is_in(catalogue) {
        return Some(note(
            "the catalogue holds nothing of upstream's versions; add the feed of the NVD or the CVE List and build the catalogue anew"
                .to_owned(),
        ));
    }
    let unknown = |name: &&&str| Upstreams::Application(name).names().is_empty();
    let unknown: Vec<&str> = own.iter().filter(unknown).copied().collect();
    (!unknown.is_empty()).then(|| {
        note(format!(
            "no CPE name is known of {}, so nothing that the NVD says of it can be found",
            unknown.join(", ")
        ))
    })
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

fn trees(catalogue: &Catalogue, names: &[Name]) -> Vec<Tree> {
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
    let tree = |((vulnerability, source), (authority, children))| Tree {
        vulnerability,
        source,
        authority,
        root: CpeNode {
            operator: CpeOperator::Or,
            negate: false,
            matches: Vec::new(),
            children,
        },
    };
    trees.into_iter().map(tree).collect()
}

fn weigh(trees: &[Tree], names: &[Name], have: &[Product], package: &str) -> Vec<Told> {
    let ours = |product: &Product| {
        names
            .iter()
            .any(|name| name.vendor == product.vendor && name.product == product.product)
    };
    let mut told = BTreeMap::<String, Told>::new();
    for tree in trees {
        let source = &tree.source;
        let (verdict, why, fixed, sure) = match evaluate(&tree.root, have) {
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
            vulnerability: tree.vulnerability.clone(),
            source: source.clone(),
            authority: tree.authority,
            package: package.to_owned(),
            fixed,
            verdict,
            why,
            sure,
        };
        // Of several sources the nearest to upstream is believed.
        match told.get(&tree.vulnerability) {
            Some(known) if known.authority <= new.authority => {}
            _ => {
                told.insert(tree.vulnerability.clone(), new);
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
            scores: Vec::new(),
            ssvc: None,
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
