//! One story of findings.

use luumen_model::advisory::Record;
use luumen_store::{
    Store, StoreError, assessments,
    exceptions::{self, NewException},
    findings::{self, FindingFilter, FindingHostQuery, FindingState, FindingTab, FixQuery, FixState},
    hosts, transaction, workspaces,
};

use crate::world::{World, at, catalogue, claim, on_every_database};

const OPENSSL: &str = "CVE-2026-0001";
const BASH: &str = "CVE-2026-0002";
const ZLIB: &str = "CVE-2026-0003";

fn claims() -> Vec<Record> {
    vec![
        claim("debian/12", OPENSSL, "openssl", "3.0-2"),
        claim("debian/12", BASH, "bash", ""),
        claim("debian/12", "CVE-2020-9999", "bash", "1.0-1"),
    ]
}

#[tokio::test]
async fn findings_open_stay_and_go_only_on_evidence() {
    on_every_database(async |store: &Store| {
        let (ours, theirs) = (World::new(store, "Ours").await, World::new(store, "Theirs").await);
        let (web, db) = (ours.host("web", &["prod"]).await, ours.host("db", &[]).await);
        let other = theirs.host("web", &[]).await;
        let first = catalogue(&claims());
        for host in [web, db] {
            ours.see(host, 1, &[("bash", "5.2-1"), ("openssl", "3.0-1")])
                .await;
        }
        theirs.see(other, 1, &[("bash", "5.2-1")]).await;
        let done = ours.assess(&first, 1).await;
        assert_eq!((done.hosts, done.findings), (2, 2));
        assert_eq!(
            ours.counts(1).await,
            ["CVE-2026-0001 2/0/0/0", "CVE-2026-0002 2/0/0/0"]
        );
        assert!(theirs.counts(1).await.is_empty());
        theirs.assess(&first, 1).await;
        assert_eq!(theirs.counts(1).await, ["CVE-2026-0002 1/0/0/0"]);

        what_is_said_of_it(&ours).await;
        // One host gets the fix, the other one loses a package.
        ours.see(web, 2, &[("bash", "5.2-1"), ("openssl", "3.0-2")]).await;
        ours.see(db, 2, &[("openssl", "3.0-1")]).await;
        ours.assess(&first, 2).await;
        assert_eq!(
            ours.counts(2).await,
            ["CVE-2026-0001 1/0/0/1", "CVE-2026-0002 1/0/0/1"]
        );
        // It comes back.
        ours.see(web, 3, &[("bash", "5.2-1"), ("openssl", "3.0-1")]).await;
        ours.assess(&first, 3).await;
        assert_eq!(
            ours.counts(3).await,
            ["CVE-2026-0001 2/0/0/0", "CVE-2026-0002 1/0/0/1"]
        );
        let back = ours.one_of_host(web, OPENSSL, 3).await;
        assert_eq!((back.state, back.opened_at), (FindingState::Open, at(3)));
        assert_eq!(
            ours.events().await,
            [
                "01 Opened CVE-2026-0001 db,web",
                "01 Opened CVE-2026-0002 db,web",
                "02 Fixed CVE-2026-0001 web",
                "02 Fixed CVE-2026-0002 db",
                "03 Reopened CVE-2026-0001 web",
            ]
        );
        assert_eq!(theirs.events().await, ["01 Opened CVE-2026-0002 web"]);
        lists_of_hosts_and_fixes(&ours).await;
        workspaces::delete(store.writer(), theirs.workspace.id)
            .await
            .unwrap();
        assert_eq!(ours.counts(3).await.len(), 2);
    })
    .await;
}

async fn what_is_said_of_it(world: &World<'_>) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    let finding = findings::get(db, workspace, OPENSSL, "openssl", at(25))
        .await
        .unwrap();
    assert_eq!((finding.fix, finding.days_open), (FixState::Available, 1));
    let variants = findings::variants_of(db, workspace, finding.id, None)
        .await
        .unwrap();
    assert_eq!(variants.len(), 1);
    let (variant, hosts) = &variants[0];
    assert_eq!(*hosts, 2);
    assert_eq!(
        (variant.platform.as_str(), variant.installed[0].version.as_str()),
        ("debian/12", "3.0-1")
    );
    assert_eq!(variant.fixed_version.as_deref(), Some("3.0-2"));
    assert!(variant.why.contains("older than 3.0-2"), "{}", variant.why);
    let page = findings::hosts_of(
        db,
        workspace,
        &finding,
        &FindingHostQuery {
            limit: 1,
            ..FindingHostQuery::default()
        },
        world.clock(1),
    )
    .await
    .unwrap();
    assert_eq!((page.items[0].host_name.as_str(), page.total), ("db", 2));
    assert!(page.next.is_some());
}

async fn lists_of_hosts_and_fixes(world: &World<'_>) {
    let (db, workspace) = (world.store.read(), world.workspace.id);
    let tagged = FindingFilter {
        tag: Some("prod".to_owned()),
        ..FindingFilter::default()
    };
    let found = world.filtered(tagged, 3).await;
    assert_eq!(found.len(), 2, "web has both");
    let of_os = |os: &str| FindingFilter {
        os: Some(os.to_owned()),
        ..FindingFilter::default()
    };
    assert_eq!(world.filtered(of_os("debian"), 3).await.len(), 2);
    assert_eq!(world.filtered(of_os("debian/11"), 3).await.len(), 0);
    let query = FixQuery {
        limit: 10,
        ..FixQuery::default()
    };
    let fixes = findings::fixes(db, workspace, &query, world.clock(3))
        .await
        .unwrap();
    assert_eq!(fixes.total, 1, "bash has no fix");
    let fix = &fixes.items[0];
    assert_eq!(
        (fix.package.as_str(), fix.host_count, fix.finding_count),
        ("openssl", 2, 2)
    );
    assert_eq!(fix.versions[0].fixed_version, "3.0-2");
    let all = FindingFilter::default();
    let facets = findings::facets(db, workspace, &all, world.clock(3))
        .await
        .unwrap();
    assert_eq!(
        (facets.severity[0].value.as_str(), facets.severity[0].count),
        ("high", 2)
    );
    assert_eq!(
        (facets.os[0].value.as_str(), facets.os[0].count),
        ("debian/12", 2)
    );
    assert_eq!((facets.tag[0].value.as_str(), facets.tag[0].count), ("prod", 2));
    assert_eq!(facets.tabs.active, 2);
    let summary = findings::summary(db, workspace, world.clock(3)).await.unwrap();
    assert_eq!((summary.findings.high, summary.on_hosts.high), (2, 3));
    assert_eq!((summary.affected_host_count, summary.assessed_host_count), (2, 2));
    let trend = findings::trend(db, workspace, 3, at(27)).await.unwrap();
    let told: Vec<(i64, i64, i64)> = trend
        .iter()
        .map(|day| (day.on_hosts.high, day.opened, day.fixed))
        .collect();
    assert_eq!(told, [(3, 5, 2), (3, 0, 0)]);
}

#[tokio::test]
async fn what_cannot_be_judged_stays_and_says_so() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Gaps").await;
        let (web, db) = (world.host("web", &[]).await, world.host("db", &[]).await);
        let first = catalogue(&claims());
        let packages = [("bash", "5.2-1"), ("openssl", "3.0-1")];
        for host in [web, db] {
            world.see(host, 1, &packages).await;
        }
        world.assess(&first, 1).await;
        // Packages that could not be read resolve nothing.
        world.see_denied(web, 2).await;
        world.assess(&first, 2).await;
        assert_eq!(
            world.counts(2).await,
            ["CVE-2026-0001 1/0/1/0", "CVE-2026-0002 1/0/1/0"]
        );
        let found = world.of_host(web, 2).await;
        assert!(
            found
                .items
                .iter()
                .all(|found| found.state == FindingState::NotEvaluable)
        );
        assert_eq!((found.items.len(), found.open.high), (2, 0));
        let gap = &found.assessment.not_evaluated[0];
        assert_eq!(
            (gap.what.as_str(), gap.why.as_str()),
            ("packages", "it was not collected whole: denied")
        );
        // Nor does what is said later of packages that we do not know.
        let fixed_all = catalogue(&[
            claim("debian/12", OPENSSL, "openssl", "3.0-1"),
            claim("debian/12", BASH, "bash", "5.2-1"),
        ]);
        world.assess(&fixed_all, 3).await;
        assert_eq!(
            world.counts(3).await,
            ["CVE-2026-0001 0/0/1/1", "CVE-2026-0002 0/0/1/1"]
        );
        world.assess(&first, 4).await;
        world.see(web, 5, &packages).await;
        world.assess(&first, 5).await;
        assert_eq!(
            world.counts(5).await,
            ["CVE-2026-0001 2/0/0/0", "CVE-2026-0002 2/0/0/0"]
        );
        let known = world.one_of_host(web, BASH, 5).await;
        assert_eq!((known.state, known.opened_at), (FindingState::Open, at(1)));

        // A catalogue that lost all claims of a platform, and one that lost a vulnerability.
        let lost = catalogue(&[claim("debian/11", OPENSSL, "openssl", "1.1-1")]);
        world.assess(&lost, 6).await;
        assert_eq!(
            world.counts(6).await,
            ["CVE-2026-0001 0/0/2/0", "CVE-2026-0002 0/0/2/0"]
        );
        assert_eq!(world.list(FindingTab::Active, 6).await.len(), 2);
        world.assess(&first, 7).await;
        assert_eq!(
            world.counts(7).await,
            ["CVE-2026-0001 2/0/0/0", "CVE-2026-0002 2/0/0/0"]
        );
        let half = catalogue(&claims()[1..]);
        world.assess(&half, 8).await;
        assert_eq!(
            world.counts(8).await,
            ["CVE-2026-0001 0/0/2/0", "CVE-2026-0002 2/0/0/0"]
        );
        let lost = world.one_of_host(db, OPENSSL, 8).await;
        assert_eq!(lost.state, FindingState::NotEvaluable);
        world.assess(&first, 9).await;
        assert_eq!(
            world.counts(9).await,
            ["CVE-2026-0001 2/0/0/0", "CVE-2026-0002 2/0/0/0"]
        );
        let again = world.one_of_host(web, OPENSSL, 9).await;
        assert_eq!((again.state, again.opened_at), (FindingState::Open, at(1)));
        assert!(
            !world
                .events()
                .await
                .iter()
                .any(|event| event.contains("Fixed") && event.contains("web")),
            "{:?}",
            world.events().await
        );
    })
    .await;
}

#[tokio::test]
async fn new_claims_exceptions_deletions_and_retention() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Change").await;
        let (web, db) = (world.host("web", &["prod"]).await, world.host("db", &[]).await);
        for host in [web, db] {
            world
                .see(
                    host,
                    1,
                    &[("bash", "5.2-1"), ("openssl", "3.0-1"), ("zlib", "1.3-1")],
                )
                .await;
        }
        world.assess(&catalogue(&claims()), 1).await;
        // A new advisory reaches hosts that nobody visits.
        let mut more = claims();
        more.push(claim("debian/12", ZLIB, "zlib", "1.3-2"));
        let more = catalogue(&more);
        let done = world.assess(&more, 2).await;
        assert_eq!((done.hosts, done.findings), (0, 1), "only what changed is judged");
        assert_eq!(world.of_host(db, 2).await.items.len(), 3);

        exceptions_hold_until_they_expire(&world, &more).await;
        hosts::delete(store.writer(), world.workspace.id, db)
            .await
            .unwrap();
        world.assess(&more, 30).await;
        let counts = [
            "CVE-2026-0001 1/0/0/0",
            "CVE-2026-0002 1/0/0/0",
            "CVE-2026-0003 1/0/0/0",
        ];
        assert_eq!(world.counts(30).await, counts);
        world.see(web, 31, &[("bash", "5.2-1")]).await;
        world.assess(&more, 31).await;
        assert_eq!(world.list(FindingTab::Resolved, 31).await.len(), 2);
        let workspace = world.workspace.id;
        let gone = transaction!(store, StoreError, |tx| assessments::prune_resolved(
            tx,
            workspace,
            at(40)
        ));
        assert_eq!(gone.unwrap(), 2);
        assert_eq!(world.counts(31).await, ["CVE-2026-0002 1/0/0/0"]);
        // What was let go of can come again.
        world.see(web, 41, &[("bash", "5.2-1"), ("zlib", "1.3-1")]).await;
        world.assess(&more, 41).await;
        assert_eq!(
            world.counts(41).await,
            ["CVE-2026-0002 1/0/0/0", "CVE-2026-0003 1/0/0/0"]
        );
    })
    .await;
}

async fn exceptions_hold_until_they_expire(
    world: &World<'_>,
    catalogue: &luumen_server::vulnerabilities::OpenCatalogue,
) {
    let (db, workspace) = (world.store.writer(), world.workspace.id);
    let new = NewException {
        kind: "risk_accepted".to_owned(),
        package: Some("zlib".to_owned()),
        tag: Some("prod".to_owned()),
        reason: "not reachable".to_owned(),
        expires_at: Some(at(10)),
        ..NewException::default()
    };
    let exception = exceptions::create(db, workspace, &new, at(3)).await.unwrap();
    world.assess(catalogue, 3).await;
    assert_eq!(world.counts(3).await[2], "CVE-2026-0003 1/1/0/0");
    assert_eq!(world.list(FindingTab::Excepted, 3).await.len(), 1);
    let finding = findings::get(db, workspace, ZLIB, "zlib", at(3)).await.unwrap();
    for (state, name) in [(FindingState::Excepted, "web"), (FindingState::Open, "db")] {
        let query = FindingHostQuery {
            state: Some(state),
            limit: 10,
            ..FindingHostQuery::default()
        };
        let page = findings::hosts_of(db, workspace, &finding, &query, world.clock(3))
            .await
            .unwrap();
        assert_eq!((page.total, page.items[0].host_name.as_str()), (1, name));
        let by = page.items[0].exception;
        assert_eq!(by, (state == FindingState::Excepted).then_some(exception.id));
    }
    // Nothing has to run for it to expire.
    assert_eq!(world.counts(10).await[2], "CVE-2026-0003 2/0/0/0");
    assert!(world.list(FindingTab::Excepted, 10).await.is_empty());
    world.assess(catalogue, 11).await;
    assert_eq!(world.counts(11).await[2], "CVE-2026-0003 2/0/0/0");
    exceptions::delete(db, workspace, exception.id).await.unwrap();
}

#[tokio::test]
async fn thousands_of_exceptions_do_not_stop_judging() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Many").await;
        let host = world.host("web", &[]).await;
        world.see(host, 1, &[("bash", "5.2-1")]).await;
        world.assess(&catalogue(&claims()), 1).await;
        let (db, workspace) = (store.writer(), world.workspace.id);
        transaction!(store, StoreError, |tx| async {
            for number in 0..2000 {
                let new = NewException {
                    vulnerability: Some(format!("CVE-2025-{number:04}")),
                    ..NewException::default()
                };
                exceptions::create(tx, workspace, &new, at(2)).await?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
        for package in ["bash", "openssl"] {
            let new = NewException {
                vulnerability: Some(BASH.to_owned()),
                package: Some(package.to_owned()),
                ..NewException::default()
            };
            exceptions::create(db, workspace, &new, at(2)).await.unwrap();
        }
        world.assess(&catalogue(&claims()), 2).await;
        assert_eq!(world.counts(2).await, ["CVE-2026-0002 0/1/0/0"]);
    })
    .await;
}
