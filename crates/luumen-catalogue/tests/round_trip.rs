//! What goes in comes out, whatever the order it went in; and a damaged file gives less, never a panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

use luumen_catalogue::{Builder, Catalogue, OpenError, SourceMeta};
use luumen_model::{
    Timestamp,
    advisory::{
        Authority, Channel, Claim, CpeConfiguration, CpeMatch, CpeNode, CpeOperator, Cvss, CvssVersion, Epss,
        Kev, PackageKind, Platform, Record, Severity, Status, Vulnerability,
    },
};
use proptest::prelude::*;

fn claim(vulnerability: &str, platform: (&str, &str), package: &str, fixed: Option<&str>) -> Claim {
    Claim {
        source: "sample".into(),
        authority: Authority::Vendor,
        vulnerability: vulnerability.into(),
        platform: Platform::new(platform.0, platform.1),
        channel: Channel::MAIN,
        package: package.into(),
        package_kind: PackageKind::Source,
        arches: Vec::new(),
        module: None,
        status: if fixed.is_some() {
            Status::Fixed
        } else {
            Status::Affected
        },
        introduced: None,
        fixed: fixed.map(str::to_owned),
        last_affected: None,
        advisory: Some("DSA-1-1".into()),
        severity: Some(Severity::High),
        note: None,
    }
}

fn configuration() -> CpeConfiguration {
    let cpe = |text: &str| text.parse().unwrap();
    CpeConfiguration {
        vulnerability: "CVE-2022-0778".into(),
        source: "nvd".into(),
        authority: Authority::Nvd,
        root: CpeNode {
            operator: CpeOperator::And,
            negate: false,
            matches: vec![CpeMatch {
                vulnerable: true,
                cpe: cpe("cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*"),
                start: Some("1.0.2".into()),
                start_excluded: false,
                end: Some("1.0.2zd".into()),
                end_excluded: true,
            }],
            children: vec![CpeNode {
                operator: CpeOperator::Or,
                negate: true,
                matches: vec![CpeMatch {
                    vulnerable: false,
                    cpe: cpe("cpe:2.3:o:vendor:os:-:*:*:*:*:*:*:*"),
                    start: None,
                    start_excluded: false,
                    end: None,
                    end_excluded: false,
                }],
                children: Vec::new(),
            }],
        },
    }
}

fn records() -> Vec<Record> {
    vec![
        Record::Claim(claim(
            "CVE-2022-0778",
            ("debian", "11"),
            "openssl",
            Some("1.1.1n-0+deb11u1"),
        )),
        Record::Claim(claim(
            "CVE-2022-0778",
            ("debian", "10"),
            "openssl",
            Some("1.1.1d-0+deb10u8"),
        )),
        Record::Claim(claim("CVE-2023-0001", ("debian", "11"), "openssl", None)),
        Record::Claim(claim("CVE-2022-0778", ("debian", "11"), "bash", None)),
        Record::Vulnerability(Vulnerability {
            id: "CVE-2022-0778".into(),
            source: "nvd".into(),
            description: Some("A loop that never ends.".into()),
            cvss: vec![
                Cvss {
                    version: CvssVersion::V2,
                    score: 5.0,
                    vector: "AV:N".into(),
                    source: "nvd".into(),
                },
                Cvss {
                    version: CvssVersion::V31,
                    score: 7.5,
                    vector: "CVSS:3.1/AV:N".into(),
                    source: "nvd".into(),
                },
            ],
            published_at: Some(Timestamp::from_seconds(1_647_302_400)),
            ..Vulnerability::default()
        }),
        Record::Kev(Kev {
            vulnerability: "CVE-2023-0001".into(),
            name: "Sample".into(),
            added_at: Timestamp::from_seconds(1_672_531_200),
            due_at: None,
            ransomware: true,
            action: "Update.".into(),
        }),
        Record::Epss(Epss {
            vulnerability: "CVE-2022-0778".into(),
            probability: 0.25,
            percentile: 0.9,
        }),
        Record::Configuration(configuration()),
    ]
}

fn build(records: &[Record]) -> Vec<u8> {
    let mut builder = Builder::new();
    for record in records {
        builder.add(record).unwrap();
    }
    let mut bytes = Vec::new();
    let source = SourceMeta {
        id: "sample".into(),
        sample: true,
        ..SourceMeta::default()
    };
    let size = builder
        .finish(Timestamp::from_seconds(1), vec![source], &mut bytes)
        .unwrap();
    assert_eq!(size, bytes.len() as u64);
    bytes
}

#[test]
fn claims_are_found_by_platform_and_package() {
    let catalogue = Catalogue::open(build(&records())).unwrap();
    let platform = catalogue.platform(&Platform::new("debian", "11")).unwrap();
    let found: Vec<_> = catalogue
        .claims_of(platform, PackageKind::Source, "openssl")
        .collect();
    let names: Vec<_> = found
        .iter()
        .map(|claim| catalogue.vulnerability_name(claim.vulnerability()))
        .collect();
    assert_eq!(names, ["CVE-2022-0778", "CVE-2023-0001"]);
    assert_eq!(
        found[0].to_claim(),
        claim(
            "CVE-2022-0778",
            ("debian", "11"),
            "openssl",
            Some("1.1.1n-0+deb11u1")
        )
    );
    assert_eq!(
        catalogue
            .claims_of(platform, PackageKind::Binary, "openssl")
            .count(),
        0
    );
    assert_eq!(
        catalogue.claims_of(platform, PackageKind::Source, "zsh").count(),
        0
    );
    assert!(catalogue.platform(&Platform::new("debian", "12")).is_none());
}

#[test]
fn a_vulnerability_tells_its_numbers_and_who_has_it() {
    let catalogue = Catalogue::open(build(&records())).unwrap();
    let id = catalogue.vulnerability("CVE-2022-0778").unwrap();
    let view = catalogue.view(id).unwrap();
    assert_eq!(
        (view.score, view.score_version, view.severity),
        (Some(7.5), Some("3.1"), Severity::High)
    );
    assert_eq!((view.epss, view.kev_added_at), (Some(0.25), None));
    assert_eq!(catalogue.claims_about(id).count(), 3);
    assert_eq!(
        catalogue.detail(id).vulnerabilities[0].description.as_deref(),
        Some("A loop that never ends.")
    );
    let exploited = catalogue.vulnerability("CVE-2023-0001").unwrap();
    assert!(catalogue.view(exploited).unwrap().ransomware);
    assert_eq!(catalogue.detail(exploited).kev.unwrap().name, "Sample");
    assert!(catalogue.vulnerability("CVE-1999-0001").is_none());
}

#[test]
fn a_configuration_comes_back_as_it_was() {
    let catalogue = Catalogue::open(build(&records())).unwrap();
    let found: Vec<_> = catalogue.configurations_of("openssl", "openssl").collect();
    assert_eq!(found, [configuration()]);
    // What is only context is not what one looks for.
    assert_eq!(catalogue.configurations_of("vendor", "os").count(), 0);
}

#[test]
fn the_same_records_in_another_order_say_the_same() {
    let mut turned = records();
    turned.reverse();
    let (a, b) = (
        Catalogue::open(build(&records())).unwrap(),
        Catalogue::open(build(&turned)).unwrap(),
    );
    let all = |catalogue: &Catalogue| {
        let claims = catalogue.vulnerabilities().flat_map(|id| {
            catalogue
                .claims_about(id)
                .map(|claim| claim.to_claim())
                .collect::<Vec<_>>()
        });
        let mut claims: Vec<_> = claims.map(|claim| format!("{claim:?}")).collect();
        claims.sort();
        claims
    };
    assert_eq!(all(&a), all(&b));
}

#[test]
fn what_is_no_catalogue_says_so() {
    let bytes = build(&records());
    assert!(matches!(
        Catalogue::open(b"PK\x03\x04".to_vec()),
        Err(OpenError::NotACatalogue)
    ));
    let cut = bytes[..bytes.len() - 10].to_vec();
    assert!(matches!(Catalogue::open(cut), Err(OpenError::Truncated { .. })));
    let mut other = bytes;
    other[8] = 99;
    assert!(matches!(
        Catalogue::open(other),
        Err(OpenError::OtherFormat { found: 99 })
    ));
}

proptest! {
    #[test]
    fn a_damaged_file_gives_less_and_never_a_panic(places in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..20)) {
        let mut bytes = build(&records());
        for (place, value) in places {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(catalogue) = Catalogue::open(bytes) {
            for id in catalogue.vulnerabilities().take(1000) {
                let _ = (catalogue.view(id), catalogue.detail(id), catalogue.claims_about(id).take(1000).count());
            }
            let platforms: Vec<_> = catalogue.platforms().to_vec();
            for platform in platforms.iter().filter_map(|platform| catalogue.platform(platform)) {
                catalogue.claims_of(platform, PackageKind::Source, "openssl").take(1000).for_each(|claim| drop(claim.to_claim()));
            }
            let _ = catalogue.configurations_of("openssl", "openssl").take(1000).count();
        }
    }
}
