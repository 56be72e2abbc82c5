//! What no package manager keeps, what a vendor is silent about, and what nobody can judge.

use luumen_model::{SectionKind, advisory::Record};
use luumen_store::{
    Store,
    findings::{self, FindingFilter, FindingState, FindingTab, FixState, HostFindingQuery},
};
use serde_json::{Value, json};

use crate::world::{World, at, catalogue, claim, configured, on_every_database, upstream};

const NGINX: &str = "CVE-2026-1001";
const LETTERS: &str = "CVE-2022-0778";
const SILENT: &str = "CVE-2026-1003";
const NGINX_ON_PHP: &str = "CVE-2026-1004";

fn claims() -> Vec<Record> {
    vec![
        claim("debian/12", "CVE-2026-0002", "bash", ""),
        upstream(NGINX, "a:f5:nginx", "1.26.0"),
        upstream(LETTERS, "a:openssl:openssl", "1.0.2zd"),
        configured(
            NGINX_ON_PHP,
            &[("a:f5:nginx", "1.26.0", true), ("a:php:php", "8.0", false)],
        ),
    ]
}

fn applications(items: &[(&str, &str, &str)]) -> (SectionKind, Value) {
    let items: Vec<Value> = items
        .iter()
        .map(|(name, version, path)| json!({"name": name, "version": version, "path": path}))
        .collect();
    (SectionKind::Applications, json!({"items": items}))
}

fn python(items: &[(&str, &str, bool)]) -> (SectionKind, Value) {
    let items: Vec<Value> = items
        .iter()
        .map(|(name, version, os)| {
            json!({"name": name, "version": version, "path": "/opt/app/lib", "installer": "pip", "os_package": os})
        })
        .collect();
    (SectionKind::PythonPackages, json!({"items": items}))
}

const BASH: [(&str, &str); 1] = [("bash", "5.2-1")];

#[tokio::test]
async fn applications_outside_of_packages_are_judged_by_upstreams_versions() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Applications").await;
        let (web, db) = (world.host("web", &["prod"]).await, world.host("db", &[]).await);
        let first = catalogue(&claims());
        let old = applications(&[
            ("nginx", "1.20.0", "/opt/nginx/sbin/nginx"),
            ("openssl", "1.0.2u", "/opt/ssl/bin/openssl"),
            // What lies where the package manager writes is the system's.
            ("nginx", "1.18.0", "/usr/sbin/nginx"),
        ]);
        world.see_more(web, 1, &BASH, &[old.clone(), python(&[])]).await;
        world
            .see_more(
                db,
                1,
                &BASH,
                &[
                    applications(&[
                        ("openssl", "1.1.1n", "/opt/ssl/bin/openssl"),
                        ("nginx", "1.20.0", "/srv/nginx"),
                        ("php", "7.4", "/opt/php"),
                    ]),
                    python(&[]),
                ],
            )
            .await;
        let done = world.assess(&first, 1).await;
        assert_eq!((done.hosts, done.findings), (2, 4));
        assert_eq!(
            world.counts(1).await,
            [
                "CVE-2022-0778 1/0/0/0",
                "CVE-2026-0002 2/0/0/0",
                "CVE-2026-1001 2/0/0/0",
                // Only the host that has PHP beside it.
                "CVE-2026-1004 1/0/0/0",
            ]
        );
        assert!(
            world.gaps(web, 1).await.is_empty(),
            "{:?}",
            world.gaps(web, 1).await
        );
        what_is_said_of_nginx(&world).await;

        // A list that could not be read resolves nothing, and says so.
        let denied = [(SectionKind::Applications, Value::Null), python(&[])];
        world.see_more(web, 2, &BASH, &denied).await;
        world.assess(&first, 2).await;
        assert_eq!(world.counts(2).await[2], "CVE-2026-1001 1/0/1/0");
        assert_eq!(
            world.gaps(web, 2).await,
            ["applications: it was not collected whole: denied"]
        );
        // The fix is installed, and the other application is gone.
        let new = applications(&[("nginx", "1.26.0", "/opt/nginx/sbin/nginx")]);
        world.see_more(web, 3, &BASH, &[new, python(&[])]).await;
        world.assess(&first, 3).await;
        assert_eq!(
            world.counts(3).await,
            [
                "CVE-2022-0778 0/0/0/1",
                "CVE-2026-0002 2/0/0/0",
                "CVE-2026-1001 1/0/0/1",
                "CVE-2026-1004 1/0/0/0",
            ]
        );
        new_ranges_reach_hosts_that_nobody_visits(&world).await;
    })
    .await;
}

async fn what_is_said_of_nginx(world: &World<'_>) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    let finding = findings::get(db, workspace, NGINX, "app/nginx", at(1))
        .await
        .unwrap();
    assert_eq!(finding.fix, FixState::Available);
    let variants = findings::variants_of(db, workspace, finding.id, None)
        .await
        .unwrap();
    let places: Vec<Option<&str>> = variants
        .iter()
        .map(|(variant, _)| variant.installed[0].path.as_deref())
        .collect();
    assert_eq!(variants.len(), 2, "each says where it lies: {places:?}");
    let (variant, _) = &variants[0];
    assert_eq!(
        (variant.platform.as_str(), variant.fixed_version.as_deref()),
        ("app/", Some("1.26.0"))
    );
    assert!(variant.why.contains("before 1.26.0"), "{}", variant.why);
}

async fn new_ranges_reach_hosts_that_nobody_visits(world: &World<'_>) {
    let mut more = claims();
    more.push(upstream("CVE-2026-1005", "a:f5:nginx", "1.22.0"));
    let done = world.assess(&catalogue(&more), 4).await;
    assert_eq!((done.hosts, done.findings), (0, 1), "only what changed is judged");
    assert_eq!(world.counts(4).await[4], "CVE-2026-1005 1/0/0/0");
    // Whoever lost the NVD knows nothing of it any more; nothing is resolved by that.
    let lost = catalogue(&claims()[..1]);
    world.assess(&lost, 5).await;
    assert_eq!(
        world.counts(5).await,
        [
            "CVE-2022-0778 0/0/0/1",
            "CVE-2026-0002 2/0/0/0",
            "CVE-2026-1001 0/0/1/1",
            "CVE-2026-1004 0/0/1/0",
            "CVE-2026-1005 0/0/1/0",
        ]
    );
    let summary = findings::coverage_gaps(world.store.read(), world.workspace.id)
        .await
        .unwrap();
    assert_eq!(
        (summary[0].gap.what.as_str(), summary[0].host_count),
        ("applications", 2)
    );
    assert!(
        summary[0].gap.why.contains("nothing of upstream's versions"),
        "{summary:?}"
    );
    // It comes back, and so does what was open.
    world.assess(&catalogue(&more), 6).await;
    assert_eq!(world.counts(6).await[2], "CVE-2026-1001 1/0/0/1");
}

#[tokio::test]
async fn a_silent_vendor_is_told_of_and_never_counted() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Silence").await;
        let web = world.host("web", &["prod"]).await;
        let packages = [("bash", "5.2-1"), ("openssl", "3.0.1-1")];
        world
            .see_more(web, 1, &packages, &[applications(&[]), python(&[])])
            .await;
        let mut silent = claims();
        silent.push(upstream(SILENT, "a:openssl:openssl", "3.1"));
        world.assess(&catalogue(&claims()), 1).await;
        let done = world.assess(&catalogue(&silent), 2).await;
        assert_eq!(done.hosts, 0, "only what changed is judged");
        let told = world.list(FindingTab::Informational, 2).await;
        assert_eq!(told.len(), 1);
        assert_eq!(
            (
                told[0].vulnerability.as_str(),
                told[0].package.as_str(),
                told[0].verdict.as_str()
            ),
            (SILENT, "nvd/openssl", findings::INFORMATION)
        );
        assert_eq!(told[0].fix, FixState::None, "upstream's fix cannot be installed");
        assert_eq!(world.list(FindingTab::Active, 2).await.len(), 1);
        it_is_nowhere_among_the_findings(&world, web).await;

        // The vendor speaks: what was told becomes a finding.
        let mut spoken = silent.clone();
        spoken.push(claim("debian/12", SILENT, "openssl", "3.0.1-2"));
        world.assess(&catalogue(&spoken), 3).await;
        assert!(world.list(FindingTab::Informational, 3).await.is_empty());
        let active = world.list(FindingTab::Active, 3).await;
        assert_eq!(active.len(), 2);
        assert_eq!(active[1].package, "openssl");
        assert!(world.list(FindingTab::Resolved, 3).await.is_empty());
        assert_eq!(
            world.events().await,
            ["01 Opened CVE-2026-0002 web", "03 Opened CVE-2026-1003 web"]
        );
        // What cannot be judged any more is not told any more either.
        world.assess(&catalogue(&silent), 4).await;
        assert_eq!(world.list(FindingTab::Informational, 4).await.len(), 1);
        world.see_denied(web, 5).await;
        world.assess(&catalogue(&silent), 5).await;
        assert!(world.list(FindingTab::Informational, 5).await.is_empty());
    })
    .await;
}

async fn it_is_nowhere_among_the_findings(world: &World<'_>, web: luumen_model::HostId) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    let tagged = |tab| FindingFilter {
        tab: Some(tab),
        tag: Some("prod".to_owned()),
        ..FindingFilter::default()
    };
    assert_eq!(world.filtered(tagged(FindingTab::Active), 2).await.len(), 1);
    assert_eq!(
        world.filtered(tagged(FindingTab::Informational), 2).await.len(),
        1
    );
    let found = world.of_host(web, 2).await;
    assert_eq!(
        (found.items.len(), found.open.high, found.information_count),
        (1, 1, 1)
    );
    let query = HostFindingQuery {
        information: true,
        limit: 10,
        ..HostFindingQuery::default()
    };
    let told = findings::of_host(db, workspace, web, &query, at(2))
        .await
        .unwrap();
    assert_eq!((told.total, told.items[0].state), (1, FindingState::Open));
    let variant = told.items[0].variant.as_ref().unwrap();
    assert_eq!(
        (variant.platform.as_str(), variant.confidence.as_str()),
        ("debian/12", "low")
    );
    assert!(
        variant
            .why
            .contains("nobody who builds the package says anything")
    );
    let summary = findings::summary(db, workspace, world.clock(2)).await.unwrap();
    assert_eq!(
        (
            summary.findings.high,
            summary.findings.unknown,
            summary.information_count
        ),
        (1, 0, 1)
    );
    let trend = findings::trend(db, workspace, 1, at(2)).await.unwrap();
    assert_eq!((trend[0].findings.unknown, trend[0].opened), (0, 1));
    let facets = findings::facets(db, workspace, &tagged(FindingTab::Informational), world.clock(2))
        .await
        .unwrap();
    assert_eq!((facets.tabs.active, facets.tabs.informational), (1, 1));
    assert_eq!((facets.tag[0].value.as_str(), facets.tag[0].count), ("prod", 1));
}

#[tokio::test]
async fn what_nobody_can_judge_is_named_until_somebody_can() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Unknown").await;
        let web = world.host("web", &[]).await;
        let more = [
            applications(&[("homegrown", "1.0", "/opt/homegrown"), ("nginx", "1.30.0", "/opt/nginx")]),
            python(&[("Flask", "1.0", false), ("six", "1.16", true)]),
        ];
        world.see_more(web, 1, &BASH, &more).await;
        // No feed for the release, no PyPI, no NVD.
        let other = catalogue(&[claim("debian/11", "CVE-2026-0002", "bash", "")]);
        world.assess(&other, 1).await;
        assert!(world.counts(1).await.is_empty());
        assert_eq!(
            world.gaps(web, 1).await,
            [
                "packages: the catalogue holds nothing for debian/12; add its feed and build the catalogue anew",
                "python_packages: the catalogue holds no advisories of PyPI; add that feed and build the catalogue anew",
                "applications: the catalogue holds nothing of upstream's versions; add the feed of the NVD or the CVE List and build the catalogue anew",
            ]
        );
        let (db, workspace) = (store.read(), world.workspace.id);
        let summary = findings::summary(db, workspace, world.clock(1)).await.unwrap();
        assert_eq!((summary.assessed_host_count, summary.not_evaluable_host_count), (0, 1));
        // Feeds come: what could not be judged is judged, although nobody visited the host again.
        let mut all = claims();
        all.push(claim("pypi/", "CVE-2026-2001", "flask", "2.0"));
        world.assess(&catalogue(&all), 2).await;
        assert_eq!(
            world.counts(2).await,
            ["CVE-2026-0002 1/0/0/0", "CVE-2026-2001 1/0/0/0"]
        );
        assert_eq!(
            world.gaps(web, 2).await,
            ["applications: no CPE name is known of homegrown, so nothing that the NVD says of it can be found"]
        );
        let never = world.host("never", &[]).await;
        assert!(world.of_host(never, 2).await.assessment.assessed_at.is_none());
        let gaps = findings::coverage_gaps(db, workspace).await.unwrap();
        let told: Vec<(&str, i64)> = gaps
            .iter()
            .map(|gap| (gap.gap.what.as_str(), gap.host_count))
            .collect();
        assert_eq!(told, [("applications", 1), ("host", 1)]);
    })
    .await;
}
