//! What is gone needs evidence: what was not read, not said or not installed by the vendor is never "fixed".

use luumen_model::{
    SectionKind,
    advisory::{Channel, Record, Severity},
};
use luumen_store::{Store, findings::FindingTab};
use serde_json::{Value, json};

use crate::world::{World, catalogue, claim, on_every_database, upstream};

const BASH: &str = "CVE-2026-0002";
const FLASK: &str = "CVE-2026-2001";
const NGINX: &str = "CVE-2026-1001";
const PACKAGES: [(&str, &str); 1] = [("bash", "5.2-1")];

fn python(names: &[&str], whole: bool) -> (SectionKind, Value) {
    let item =
        |name: &&str| json!({"name": name, "version": "1.0", "path": "/opt/app/lib", "installer": "pip"});
    let items: Vec<Value> = names.iter().map(item).collect();
    let status = if whole { "ok" } else { "partial" };
    (
        SectionKind::PythonPackages,
        json!({"status": status, "items": items}),
    )
}

fn nginx(version: &str) -> (SectionKind, Value) {
    let item = json!({"name": "nginx", "version": version, "path": "/opt/nginx/sbin/nginx"});
    (SectionKind::Applications, json!({"items": [item]}))
}

#[tokio::test]
async fn python_in_a_closed_folder_is_not_fixed_when_something_else_is_said_of_other_python() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Python").await;
        let web = world.host("web", &[]).await;
        let mut claims = vec![
            claim("debian/12", BASH, "bash", ""),
            claim("pypi/", FLASK, "flask", "2.0"),
        ];
        let first = catalogue(&claims);
        world
            .see_more(web, 1, &PACKAGES, &[python(&["flask", "requests"], true)])
            .await;
        world.assess(&first, 1).await;
        assert_eq!(
            world.counts(1).await,
            [format!("{BASH} 1/0/0/0"), format!("{FLASK} 1/0/0/0")]
        );

        world
            .see_more(web, 2, &PACKAGES, &[python(&["requests"], false)])
            .await;
        world.assess(&first, 2).await;
        assert_eq!(world.counts(2).await[1], format!("{FLASK} 0/0/1/0"));
        claims.push(claim("pypi/", "CVE-2026-2002", "requests", "2.0"));
        world.assess(&catalogue(&claims), 3).await;
        assert_eq!(
            world.counts(3).await[1..],
            [format!("{FLASK} 0/0/1/0"), "CVE-2026-2002 1/0/0/0".to_owned()]
        );
    })
    .await;
}

#[tokio::test]
async fn a_host_that_becomes_like_another_keeps_its_findings_while_upstream_says_more() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Moves").await;
        let (web, db) = (world.host("web", &[]).await, world.host("db", &[]).await);
        let mut claims = vec![
            claim("debian/12", BASH, "bash", ""),
            upstream(NGINX, "a:f5:nginx", "1.26.0"),
        ];
        world.see_more(web, 1, &PACKAGES, &[nginx("1.20.0")]).await;
        world.see_more(db, 1, &PACKAGES, &[nginx("1.18.0")]).await;
        world.assess(&catalogue(&claims), 1).await;
        assert_eq!(
            world.counts(1).await,
            [format!("{BASH} 2/0/0/0"), format!("{NGINX} 2/0/0/0")]
        );

        world.see_more(db, 2, &PACKAGES, &[nginx("1.20.0")]).await;
        claims.push(upstream("CVE-2026-1002", "a:f5:nginx", "1.21.0"));
        world.assess(&catalogue(&claims), 2).await;
        assert_eq!(
            world.counts(2).await,
            [
                format!("{BASH} 2/0/0/0"),
                format!("{NGINX} 2/0/0/0"),
                "CVE-2026-1002 2/0/0/0".to_owned()
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_claim_that_no_longer_speaks_of_this_build_leaves_the_finding_open_to_question() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Silence").await;
        let web = world.host("web", &[]).await;
        world.see(web, 1, &PACKAGES).await;
        let said = |channel: Channel| {
            let Record::Claim(mut said) = claim("debian/12", BASH, "bash", "5.3-1") else {
                unreachable!("a claim");
            };
            said.channel = channel;
            let other = claim("debian/12", "CVE-2026-0009", "zlib", "");
            catalogue(&[Record::Claim(said), other])
        };
        world.assess(&said(Channel::MAIN), 1).await;
        assert_eq!(world.counts(1).await, [format!("{BASH} 1/0/0/0")]);
        world.assess(&said(Channel::new("livepatch")), 2).await;
        assert_eq!(world.counts(2).await, [format!("{BASH} 0/0/1/0")]);
        world.assess(&said(Channel::MAIN), 3).await;
        assert_eq!(world.counts(3).await, [format!("{BASH} 1/0/0/0")]);
    })
    .await;
}

#[tokio::test]
async fn what_others_built_is_not_judged_by_the_vendors_word_and_what_was_removed_is_gone() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Others").await;
        let web = world.host("web", &[]).await;
        let claims = catalogue(&[claim("debian/12", NGINX, "nginx", "1.22-2"), claim("debian/12", BASH, "bash", "")]);
        world.see(web, 1, &[("bash", "5.2-1"), ("nginx", "1.22-1")]).await;
        world.assess(&claims, 1).await;
        assert_eq!(world.counts(1).await, [format!("{BASH} 1/0/0/0"), format!("{NGINX} 1/0/0/0")]);

        let listed = |nginx: Value| {
            let bash = json!({"manager": "dpkg", "name": "bash", "version": "5.2-1", "arch": "amd64", "status": "config-files"});
            (SectionKind::Packages, json!({"managers": ["dpkg"], "items": [bash, nginx]}))
        };
        let of_others = json!({"manager": "dpkg", "name": "nginx", "version": "1.24.0-1~bookworm", "arch": "amd64",
            "vendor": "NGINX Packaging <nginx-packaging@f5.com>"});
        world.see_more(web, 2, &[], &[listed(of_others)]).await;
        world.assess(&claims, 2).await;
        assert_eq!(world.counts(2).await, [format!("{BASH} 0/0/0/1"), format!("{NGINX} 0/0/1/0")]);
        let gaps = world.gaps(web, 2).await;
        assert!(gaps.iter().any(|gap| gap.starts_with("packages_of_others: nginx: not built by")), "{gaps:?}");
    })
    .await;
}

#[tokio::test]
async fn a_severity_that_the_vendor_changes_is_that_of_the_finding() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Severity").await;
        let web = world.host("web", &[]).await;
        world.see(web, 1, &PACKAGES).await;
        let said = |severity: Severity| {
            let Record::Claim(mut said) = claim("debian/12", BASH, "bash", "") else {
                unreachable!("a claim");
            };
            said.severity = Some(severity);
            catalogue(&[Record::Claim(said)])
        };
        for (hours, severity) in [(1, Severity::Low), (2, Severity::Critical), (3, Severity::Medium)] {
            world.assess(&said(severity), hours).await;
            let open = world.list(FindingTab::Active, hours).await;
            assert_eq!(open[0].severity, severity);
        }
        assert_eq!(world.events().await, [format!("01 Opened {BASH} web")]);
    })
    .await;
}
