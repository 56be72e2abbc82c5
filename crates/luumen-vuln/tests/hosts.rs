//! Whole hosts: the rules that need more than one package, and what a report says of what nobody could judge.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests stop at the first surprise"
)]

mod support;

use luumen_catalogue::{Builder, Catalogue, SourceMeta};
use luumen_model::advisory::{
    Authority, Cpe, CpeConfiguration, CpeMatch, CpeNode, CpeOperator, Cvss, CvssVersion, Record, Ssvc,
    Vulnerability,
};
use luumen_model::{
    Application, Applications, Kernel, Os, Package, Packages, PythonPackage, PythonPackages, SectionKind,
    SectionRecord, SectionStatus, Snapshot, Timestamp,
};
use luumen_vuln::{Facts, HostReport, Scope, Verdict, match_facts, match_lines, match_snapshot};
use serde::Serialize;
use support::{catalogue, catalogue_of, claim, deb};

fn section(data: impl Serialize) -> SectionRecord {
    SectionRecord {
        status: SectionStatus::Ok,
        duration_ms: 0,
        hash: None,
        data: Some(serde_json::to_value(data).unwrap()),
        problems: Vec::new(),
        missing_rights: Vec::new(),
    }
}

fn host(
    id: &str,
    version: &str,
    packages: Vec<Package>,
    running: &str,
    python: Vec<PythonPackage>,
) -> Snapshot {
    let os = Os {
        id: id.into(),
        version_id: Some(version.into()),
        ..Os::default()
    };
    let packages = Packages {
        managers: Vec::new(),
        items: packages,
    };
    let kernel = Kernel {
        running: running.into(),
        ..Kernel::default()
    };
    serde_json::from_value(serde_json::json!({
        "schema": "luumen.snapshot/1", "taken_at": "2026-11-24T00:00:00Z", "duration_ms": 1,
        "collector": {"name": "test", "version": "0", "catalogue": "0"}, "tier": "none", "username": "scan",
        "sections": {
            "os": section(os), "packages": section(packages), "kernel": section(kernel),
            "python_packages": section(PythonPackages { items: python }), "applications": section(Applications::default()),
        },
    }))
    .unwrap()
}

fn report(snapshot: &Snapshot, claims: &str) -> HostReport {
    judged(&catalogue(claims), snapshot)
}

fn judged(catalogue: &Catalogue, snapshot: &Snapshot) -> HostReport {
    match_snapshot(
        catalogue,
        snapshot,
        Scope::Open,
        Timestamp::from_seconds(1_795_000_000),
    )
}

#[test]
fn rule_14_the_running_kernel_decides() {
    let image = |release: &str, version: &str| Package {
        source: Some("linux-signed".to_owned()),
        ..deb(&format!("linux-image-{release}"), version)
    };
    let packages = vec![
        image("5.15.0-91-generic", "5.15.0-91.101"),
        image("5.15.0-101-generic", "5.15.0-101.111"),
    ];
    let claims = "ubuntu/22.04 src:linux CVE-2024-1086 fixed 5.15.0-101.111";
    let runs = |release: &str| {
        report(
            &host("ubuntu", "22.04", packages.clone(), release, Vec::new()),
            claims,
        )
        .findings
    };
    let old = runs("5.15.0-91-generic");
    assert_eq!(old[0].running, Some(true));
    let new = runs("5.15.0-101-generic");
    assert_eq!((new.len(), new[0].running), (1, Some(false)));
    assert!(new[0].why.contains("installed and not running"), "{}", new[0].why);
    assert_eq!(new[0].installed.len(), 1, "only the old one has it");
}

#[test]
fn a_removed_package_that_left_its_settings_has_no_finding() {
    let claims = "debian/12 src:nginx CVE-2024-7347 affected";
    for (status, findings) in [(None, 1), (Some("half-installed"), 1), (Some("config-files"), 0)] {
        let nginx = Package {
            status: status.map(str::to_owned),
            ..deb("nginx", "1.22.1-9")
        };
        let seen = report(&host("debian", "12", vec![nginx], "6.1", Vec::new()), claims);
        assert_eq!(seen.findings.len(), findings, "{status:?}");
        assert_eq!(seen.package_count, findings as u64, "{status:?}");
    }
}

#[test]
fn rule_22_python_metadata_of_a_system_package_follows_the_systems_feed() {
    let python = |path: &str, system: Option<bool>| PythonPackage {
        name: "Requests".into(),
        version: "2.28.1".into(),
        path: path.into(),
        installer: None,
        os_package: system,
    };
    let claims = "
        debian/12 src:requests CVE-2023-32681 not-affected
        pypi/ bin:requests CVE-2023-32681 fixed 2.31.0 introduced=2.3.0 authority=ecosystem source=osv-pypi";
    let found = |item: PythonPackage| {
        report(
            &host(
                "debian",
                "12",
                vec![deb("requests", "2.28.1-1")],
                "6.1",
                vec![item],
            ),
            claims,
        )
        .findings
    };
    assert_eq!(
        found(python("/usr/lib/python3/dist-packages", Some(true))).len(),
        0
    );
    let own = found(python("/srv/app/venv/lib", None));
    assert_eq!((own.len(), own[0].fixed_version.as_deref()), (1, Some("2.31.0")));
}

#[test]
fn what_could_not_be_read_is_named_and_never_nothing_found() {
    let mut snapshot = host("debian", "12", Vec::new(), "6.1", Vec::new());
    let packages = snapshot.sections.get_mut(&SectionKind::Packages).unwrap();
    (packages.status, packages.data) = (SectionStatus::Timeout, None);
    let report = report(&snapshot, "debian/12 src:a CVE-2000-0001 affected");
    assert_eq!(report.not_evaluated.len(), 1);
    assert_eq!(report.not_evaluated[0].what, "packages");
    let unknown = host("haiku", "1", vec![deb("a", "1")], "r1", Vec::new());
    assert!(
        !match_snapshot(
            &catalogue("debian/12 src:a CVE-2000-0001 affected"),
            &unknown,
            Scope::Open,
            Timestamp::from_seconds(0)
        )
        .not_evaluated
        .is_empty()
    );
}

/// What a report could not judge, as `what: why` lines.
fn gaps(report: &HostReport) -> Vec<String> {
    let line = |gap: &luumen_vuln::NotEvaluated| format!("{}: {}", gap.what, gap.why);
    report.not_evaluated.iter().map(line).collect()
}

#[test]
fn distributions_of_python_without_pypis_advisories_are_named() {
    let python = |path: &str, system: Option<bool>| PythonPackage {
        name: "requests".into(),
        version: "2.28.1".into(),
        path: path.into(),
        installer: None,
        os_package: system,
    };
    let gaps_of = |item: PythonPackage| {
        let snapshot = host("debian", "12", Vec::new(), "6.1", vec![item]);
        gaps(&report(&snapshot, "debian/12 src:a CVE-2000-0001 affected"))
    };
    let own = gaps_of(python("/srv/app/venv/lib", None));
    assert_eq!(own.len(), 1, "{own:?}");
    assert!(own[0].starts_with("python_packages: "), "{own:?}");
    // The system's own are nobody's gap: the system's feed speaks of them.
    assert_eq!(
        gaps_of(python("/usr/lib/python3/dist-packages", Some(true))),
        [""; 0]
    );
}

fn application(name: &str, version: &str, path: &str) -> Application {
    Application {
        name: name.into(),
        version: Some(version.into()),
        path: path.into(),
        vendor: None,
        running: None,
    }
}

fn host_with(applications: Vec<Application>) -> Snapshot {
    let mut snapshot = host("debian", "12", Vec::new(), "6.1", Vec::new());
    let items = Applications { items: applications };
    snapshot
        .sections
        .insert(SectionKind::Applications, section(items));
    snapshot
}

/// A catalogue in which the NVD names nginx before 1.25.3, and CISA and two others speak of the same CVE.
fn with_products() -> Catalogue {
    let cpe = "cpe:2.3:a:f5:nginx:*:*:*:*:*:*:*:*".parse::<Cpe>().unwrap();
    let matched = CpeMatch {
        vulnerable: true,
        cpe,
        start: None,
        start_excluded: false,
        end: Some("1.25.3".to_owned()),
        end_excluded: true,
    };
    let configuration = CpeConfiguration {
        vulnerability: "CVE-2000-0002".to_owned(),
        source: "nvd".to_owned(),
        authority: Authority::Nvd,
        root: CpeNode {
            operator: CpeOperator::Or,
            negate: false,
            matches: vec![matched],
            children: Vec::new(),
        },
    };
    let told = |source: &str, version: CvssVersion, score: f64| Vulnerability {
        id: "CVE-2000-0002".to_owned(),
        source: source.to_owned(),
        cvss: vec![Cvss {
            version,
            score,
            vector: "AV:N".to_owned(),
            source: source.to_owned(),
        }],
        ..Vulnerability::default()
    };
    let cisa = Vulnerability {
        ssvc: Some(Ssvc {
            exploitation: "poc".to_owned(),
            automatable: true,
            technical_impact: "partial".to_owned(),
        }),
        ..told("cve", CvssVersion::V4, 8.7)
    };
    catalogue_of([
        Record::Claim(claim("debian/12 src:a CVE-2000-0001 affected")),
        Record::Configuration(configuration),
        Record::Vulnerability(told("nvd", CvssVersion::V31, 7.5)),
        Record::Vulnerability(cisa),
    ])
}

#[test]
fn an_application_that_nobody_can_judge_is_named_and_never_nothing_found() {
    let nginx = || application("nginx", "1.18.0", "/opt/nginx/sbin/nginx");
    let of = |catalogue: &Catalogue, application| gaps(&judged(catalogue, &host_with(vec![application])));
    let without = catalogue("debian/12 src:a CVE-2000-0001 affected");
    let gap = of(&without, nginx());
    assert!(
        gap.len() == 1 && gap[0].starts_with("applications: the catalogue holds nothing"),
        "{gap:?}"
    );
    assert_eq!(
        of(&without, application("nginx", "1.18.0", "/usr/sbin/nginx")),
        [""; 0],
        "the package manager installed it, so the vendor speaks of it"
    );
    let with = with_products();
    assert_eq!(of(&with, nginx()), [""; 0]);
    let gap = of(&with, application("our-own-daemon", "1", "/opt/own/daemon"));
    assert!(gap.len() == 1 && gap[0].contains("our-own-daemon"), "{gap:?}");
}

#[test]
fn applications_that_were_not_collected_are_named() {
    let mut snapshot = host_with(Vec::new());
    snapshot.sections.remove(&SectionKind::Applications);
    assert_eq!(
        gaps(&judged(&with_products(), &snapshot)),
        ["applications: it was not collected"]
    );
}

#[test]
fn every_score_comes_with_who_gave_it_and_cisas_points_beside() {
    let catalogue = with_products();
    let snapshot = host_with(vec![application("nginx", "1.18.0", "/opt/nginx/sbin/nginx")]);
    let mut report = judged(&catalogue, &snapshot);
    assert_eq!(report.findings.len(), 1);
    assert!(report.findings[0].scores.is_empty(), "nobody asked for them");
    report.tell_scores(&catalogue);
    let finding = &report.findings[0];
    assert_eq!(
        (finding.package.as_str(), finding.verdict),
        ("nginx", Verdict::Vulnerable)
    );
    let scores: Vec<(CvssVersion, &str)> = finding
        .scores
        .iter()
        .map(|score| (score.version, score.source.as_str()))
        .collect();
    assert_eq!(scores, [(CvssVersion::V4, "cve"), (CvssVersion::V31, "nvd")]);
    assert_eq!(
        finding.ssvc.as_ref().map(|points| points.exploitation.as_str()),
        Some("poc")
    );
}

/// Binaries of one source with one version, two kernels, a distribution of Python's own, and verdicts of every kind.
fn mixed() -> (Snapshot, Catalogue) {
    let image = |release: &str, version: &str| Package {
        source: Some("linux-signed".to_owned()),
        ..deb(&format!("linux-image-{release}"), version)
    };
    let of_openssl = |name: &str| Package {
        source: Some("openssl".to_owned()),
        source_version: Some("3.0.2-0ubuntu1".to_owned()),
        ..deb(name, "3.0.2-0ubuntu1")
    };
    let packages = vec![
        image("5.15.0-91-generic", "5.15.0-91.101"),
        image("5.15.0-101-generic", "5.15.0-101.111"),
        of_openssl("libssl3"),
        of_openssl("openssl"),
        deb("bash", "5.1-6"),
    ];
    let python = PythonPackage {
        name: "Requests".into(),
        version: "2.28.1".into(),
        path: "/srv/app".into(),
        installer: None,
        os_package: None,
    };
    let claims = "
        ubuntu/22.04 src:linux CVE-2024-1086 fixed 5.15.0-101.111
        ubuntu/22.04 src:openssl CVE-2023-5363 fixed 3.0.2-0ubuntu1.12
        ubuntu/22.04 src:openssl CVE-2022-0778 not-affected
        ubuntu/22.04 src:bash CVE-2022-3715 fixed 5.1-6
        ubuntu/22.04 src:bash CVE-2020-0001 affected
        pypi/ bin:requests CVE-2023-32681 fixed 2.31.0 introduced=2.3.0 authority=ecosystem source=osv-pypi";
    let snapshot = host("ubuntu", "22.04", packages, "5.15.0-91-generic", vec![python]);
    (snapshot, catalogue(claims))
}

#[test]
fn lines_say_what_the_report_says_and_binaries_of_one_source_are_one_line() {
    let (snapshot, catalogue) = mixed();
    for scope in [Scope::Open, Scope::Everything] {
        let report = match_snapshot(&catalogue, &snapshot, scope, Timestamp::from_seconds(0));
        let mut expected = std::collections::BTreeSet::new();
        for finding in &report.findings {
            for installed in &finding.installed {
                let version = installed.source_version.as_deref().unwrap_or(&installed.version);
                let (package, fixed) = (
                    &finding.package,
                    finding.fixed_version.as_deref().unwrap_or_default(),
                );
                let (id, verdict, source) =
                    (&finding.vulnerability, finding.verdict.as_str(), &finding.source);
                expected.insert(format!(
                    "{package}\t{version}\t{id}\t{verdict}\t{fixed}\t{source}\n"
                ));
            }
        }
        assert!(expected.len() >= 4, "{expected:?}");
        let lines = match_lines(&catalogue, &Facts::of(&snapshot), scope);
        assert_eq!(lines.text, expected.into_iter().collect::<String>());
        assert_eq!(lines.not_evaluated, report.not_evaluated);
    }
}

#[test]
fn a_document_read_for_its_facts_alone_is_judged_as_the_whole_snapshot() {
    let (mut snapshot, catalogue) = mixed();
    let check = |snapshot: &Snapshot| {
        let whole = match_snapshot(
            &catalogue,
            snapshot,
            Scope::Everything,
            Timestamp::from_seconds(0),
        );
        let facts = Facts::read(&serde_json::to_string(snapshot).unwrap()).unwrap();
        let alone = match_facts(&catalogue, &facts, Scope::Everything, Timestamp::from_seconds(0));
        assert_eq!(alone, whole);
        whole
    };
    assert!(check(&snapshot).not_evaluated.is_empty());
    // Sections that nobody asks about, ones that were not read whole, and ones of a shape that we do not know.
    let services = section(serde_json::json!({"anything": [1, 2]}));
    snapshot.sections.insert(SectionKind::Services, services);
    snapshot.sections.remove(&SectionKind::Applications);
    let kernel = snapshot.sections.get_mut(&SectionKind::Kernel).unwrap();
    (kernel.status, kernel.data) = (SectionStatus::Denied, None);
    assert_eq!(check(&snapshot).not_evaluated.len(), 2);
    let python = snapshot.sections.get_mut(&SectionKind::PythonPackages).unwrap();
    python.data = Some(serde_json::json!({"items": "of another version"}));
    assert!(
        check(&snapshot)
            .findings
            .iter()
            .all(|finding| finding.package != "requests")
    );
    assert!(Facts::read("{}").is_err());
    assert!(Facts::read(r#"{"schema": "luumen.snapshot/2"}"#).is_err());
}

#[test]
fn what_was_removed_or_built_by_others_is_judged_by_nobody_and_the_latter_is_named() {
    let claims = "
        debian/12 src:nginx CVE-2026-0001 fixed 1.22-2
        debian/12 src:bash CVE-2026-0002 affected";
    let with = |nginx: Package| {
        report(
            &host(
                "debian",
                "12",
                vec![deb("bash", "5.2-1"), nginx],
                "6.1",
                Vec::new(),
            ),
            claims,
        )
    };
    let own = with(deb("nginx", "1.22-1"));
    assert_eq!((own.findings.len(), own.package_count), (2, 2));
    let removed = with(Package {
        status: Some("config-files".into()),
        ..deb("nginx", "1.22-1")
    });
    assert_eq!((removed.findings.len(), removed.package_count), (1, 1));
    assert_eq!(removed.not_evaluated, own.not_evaluated);
    let of_others = with(Package {
        vendor: Some("NGINX Packaging <nginx-packaging@f5.com>".into()),
        ..deb("nginx", "1.20.0-1~bookworm")
    });
    assert_eq!((of_others.findings.len(), of_others.package_count), (1, 1));
    let told = of_others
        .not_evaluated
        .iter()
        .find(|gap| gap.what == "packages_of_others")
        .unwrap();
    assert!(
        told.why.starts_with("nginx: not built by the system's vendor"),
        "{}",
        told.why
    );
}

#[test]
fn a_kernel_whose_package_was_replaced_in_place_is_not_judged_by_the_new_build() {
    let image = Package {
        source: Some("linux".to_owned()),
        ..deb("linux-image-6.1.0-18-amd64", "6.1.85-1")
    };
    let mut snapshot = host("debian", "12", vec![image], "6.1.0-18-amd64", Vec::new());
    let running = |snapshot: &mut Snapshot, package: Option<&str>, version: &str| {
        let kernel = Kernel {
            running: "6.1.0-18-amd64".into(),
            running_package: package.map(str::to_owned),
            running_version: Some(version.to_owned()),
            ..Kernel::default()
        };
        snapshot.sections.insert(SectionKind::Kernel, section(kernel));
        let report = report(snapshot, "debian/12 src:linux CVE-2026-0003 fixed 6.1.90-1");
        let gap = report.not_evaluated.iter().any(|gap| gap.what == "kernel");
        (report.findings[0].running, gap)
    };
    let own = Some("linux-image-6.1.0-18-amd64");
    assert_eq!(running(&mut snapshot, own, "6.1.85-1"), (Some(true), false));
    assert_eq!(running(&mut snapshot, None, "6.1.76-1"), (Some(false), true));
}

#[test]
fn a_kernel_that_was_removed_and_still_runs_is_named() {
    let image = deb("linux-image-6.1.0-18-amd64", "6.1.76-1");
    let runs = |release: &str| {
        let report = report(
            &host("debian", "12", vec![image.clone()], release, Vec::new()),
            "debian/12 src:linux CVE-2026-0003 fixed 6.1.70-1",
        );
        report
            .not_evaluated
            .into_iter()
            .filter(|gap| gap.what == "kernel")
            .map(|gap| gap.why)
            .next()
    };
    assert_eq!(runs("6.1.0-18-amd64"), None);
    let told = runs("6.1.0-13-amd64").unwrap();
    assert!(
        told.starts_with("6.1.0-13-amd64 runs and belongs to no installed package"),
        "{told}"
    );
}

#[test]
fn a_catalogue_that_has_grown_old_says_so_beside_its_findings() {
    const DAY_MS: i64 = 86_400_000;
    let at = |day: i64| Timestamp::from_millis(day * DAY_MS);
    let source = |sample: bool| SourceMeta {
        id: "debian-tracker".to_owned(),
        fetched_at: Some(at(10)),
        stale_after_ms: Some(3 * DAY_MS),
        sample,
        ..SourceMeta::default()
    };
    let told = |sources: Vec<SourceMeta>, day: i64| -> Vec<String> {
        let mut builder = Builder::new();
        let line = claim("debian/12 src:bash CVE-2000-0001 fixed 5.2-2");
        builder.add(&Record::Claim(line)).unwrap();
        let mut bytes = Vec::new();
        builder.finish(at(11), sources, &mut bytes).unwrap();
        let catalogue = Catalogue::open(bytes).unwrap();
        let snapshot = host("debian", "12", vec![deb("bash", "5.2-1")], "6.1.0-1", Vec::new());
        let report = match_snapshot(&catalogue, &snapshot, Scope::Open, at(day));
        assert_eq!(report.findings.len(), 1);
        let gaps = report.not_evaluated.into_iter();
        gaps.filter(|gap| gap.what == "catalogue")
            .map(|gap| gap.why)
            .collect()
    };
    assert_eq!(told(vec![source(false)], 13), [""; 0]);
    let old = told(vec![source(false)], 14);
    assert!(old[0].contains("debian-tracker"), "{old:?}");
    assert_eq!(told(vec![source(true)], 14), [""; 0], "made up for show");
    // Without a moment of its own it is as old as the catalogue.
    let undated = SourceMeta {
        fetched_at: None,
        ..source(false)
    };
    assert_eq!(told(vec![undated.clone()], 14), [""; 0]);
    assert_eq!(told(vec![undated], 15).len(), 1);
}
