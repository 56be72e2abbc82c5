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
async fn of_two_installations_the_one_that_was_read_does_not_speak_for_the_other() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Places").await;
        let web = world.host("web", &[]).await;
        let claims = catalogue(&[
            claim("debian/12", BASH, "bash", ""),
            upstream(NGINX, "a:f5:nginx", "1.26.0"),
            claim("pypi/", FLASK, "flask", "2.0"),
        ]);
        let status = |whole: bool| if whole { "ok" } else { "partial" };
        let applications = |whole: bool, places: &[(&str, &str)]| {
            let item = |(path, version): &(&str, &str)| json!({"name": "nginx", "version": version, "path": path});
            let items: Vec<Value> = places.iter().map(item).collect();
            (SectionKind::Applications, json!({"status": status(whole), "items": items}))
        };
        let flask = |whole: bool, places: &[(&str, &str)]| {
            let item = |(path, version): &(&str, &str)| json!({"name": "flask", "version": version, "path": path, "installer": "pip"});
            let items: Vec<Value> = places.iter().map(item).collect();
            (SectionKind::PythonPackages, json!({"status": status(whole), "items": items}))
        };
        let steps = [
            (true, vec![("/opt/a", "1.20.0"), ("/opt/b", "1.20.0")], "1/0/0/0", "1/0/0/0"),
            (false, vec![("/opt/a", "2.1.0")], "0/0/1/0", "0/0/1/0"),
            // Every place of an application that had it was read again. Of Python packages no places are kept.
            (false, vec![("/opt/a", "2.1.0"), ("/opt/b", "2.1.0")], "0/0/0/1", "0/0/1/0"),
            (true, vec![("/opt/a", "2.1.0"), ("/opt/b", "2.1.0")], "0/0/0/1", "0/0/0/1"),
        ];
        for (hours, (whole, places, of_nginx, of_flask)) in (1..).zip(steps) {
            let facts = [applications(whole, &places), flask(whole, &places)];
            world.see_more(web, hours, &PACKAGES, &facts).await;
            world.assess(&claims, hours).await;
            assert_eq!(
                world.counts(hours).await[1..],
                [format!("{NGINX} {of_nginx}"), format!("{FLASK} {of_flask}")],
                "step {hours}"
            );
        }
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

#[tokio::test]
async fn systems_that_call_it_grave_and_harmless_make_it_as_grave_as_where_it_is_open() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Two systems").await;
        let (web, db) = (world.host("web", &[]).await, world.host("db", &[]).await);
        let ubuntu = json!({"family": "linux", "id": "ubuntu", "id_like": ["debian"], "name": "Ubuntu 22.04", "version_id": "22.04",
            "hostname": "db", "arch": "x86_64", "kernel_release": "6.1.0-1", "kernel_version": "#1"});
        world.see(web, 1, &PACKAGES).await;
        world.see_more(db, 1, &PACKAGES, &[(SectionKind::Os, ubuntu)]).await;
        let said = |debian: Severity, ubuntu: Severity| {
            let claims = [("debian/12", debian), ("ubuntu/22.04", ubuntu)].map(|(platform, severity)| {
                let Record::Claim(mut said) = claim(platform, BASH, "bash", "") else {
                    unreachable!("a claim");
                };
                said.severity = Some(severity);
                Record::Claim(said)
            });
            catalogue(&claims)
        };
        use Severity::{Critical, Low, Medium};
        for (hours, debian, ubuntu, whole) in [
            (1, Critical, Low, Critical),
            (2, Medium, Low, Medium),
            (3, Low, Critical, Critical),
            (4, Low, Low, Low),
        ] {
            world.assess(&said(debian, ubuntu), hours).await;
            let open = world.list(FindingTab::Active, hours).await;
            assert_eq!(open[0].severity, whole, "{debian:?} and {ubuntu:?}");
        }
    })
    .await;
}

const IMAGE: &str = "linux-image-6.1.0-18-amd64";

/// What the section says of the kernel that runs: its package is known, or only the version that it is of.
fn kernel(package: Option<&str>, version: &str, status: &str) -> (SectionKind, Value) {
    let facts = json!({"status": status, "running": "6.1.0-18-amd64", "running_package": package, "running_version": version,
        "installed": [], "modules": [], "livepatches": []});
    (SectionKind::Kernel, facts)
}

#[tokio::test]
async fn a_kernel_that_runs_on_is_not_fixed_by_what_took_its_packages_place() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Kernels").await;
        let web = world.host("web", &[]).await;
        let claims = catalogue(&[claim("debian/12", BASH, IMAGE, "6.1.85-1")]);
        let see = async |hours, version: &str, facts: (SectionKind, Value)| {
            world.see_more(web, hours, &[(IMAGE, version)], &[facts]).await;
            world.assess(&claims, hours).await;
            world.counts(hours).await[0].clone()
        };
        let of = |counts: &str| format!("{BASH} {counts}");
        assert_eq!(
            see(1, "6.1.76-1", kernel(Some(IMAGE), "6.1.76-1", "ok")).await,
            of("1/0/0/0")
        );
        let runs = world
            .one_of_host(web, BASH, 1)
            .await
            .variant
            .unwrap()
            .running_kernel;
        // A file of the section that could not be read does not make it another kernel.
        assert_eq!(
            see(2, "6.1.76-1", kernel(Some(IMAGE), "6.1.76-1", "partial")).await,
            of("1/0/0/0")
        );
        assert_eq!(
            (
                runs,
                world
                    .one_of_host(web, BASH, 2)
                    .await
                    .variant
                    .unwrap()
                    .running_kernel
            ),
            (Some(true), Some(true))
        );
        // Replaced under the same name: what runs is none of the packages, whatever else was late.
        assert_eq!(
            see(3, "6.1.85-1", kernel(None, "6.1.76-1", "timeout")).await,
            of("0/0/1/0")
        );
        assert_eq!(
            see(4, "6.1.85-1", kernel(Some(IMAGE), "6.1.85-1", "partial")).await,
            of("0/0/0/1")
        );
    })
    .await;
}

#[tokio::test]
async fn with_new_packages_and_nothing_read_of_the_kernel_nobody_knows_what_runs() {
    on_every_database(async |store: &Store| {
        let world = World::new(store, "Unread kernel").await;
        let web = world.host("web", &[]).await;
        let claims = catalogue(&[claim("debian/12", BASH, IMAGE, "6.1.85-1")]);
        let boot = |release: &str| {
            let os = json!({"family": "linux", "id": "debian", "id_like": [], "name": "Debian GNU/Linux 12 (bookworm)",
                "version_id": "12", "hostname": "host", "arch": "x86_64", "kernel_release": release, "kernel_version": "#1"});
            (SectionKind::Os, os)
        };
        let old = boot("6.1.0-18-amd64");
        world.see_more(web, 1, &[(IMAGE, "6.1.76-1")], &[old.clone(), kernel(Some(IMAGE), "6.1.76-1", "ok")]).await;
        world.assess(&claims, 1).await;
        let unread = (SectionKind::Kernel, Value::Null);
        world.see_more(web, 2, &[(IMAGE, "6.1.85-1")], &[old, unread.clone()]).await;
        world.assess(&claims, 2).await;
        assert_eq!(world.counts(2).await, [format!("{BASH} 0/0/1/0")]);
        // It was removed for another one, and still runs: its absence ends nothing before the boot.
        let other = [("linux-image-6.1.0-21-amd64", "6.1.90-1")];
        world.see_more(web, 3, &other, &[boot("6.1.0-18-amd64"), kernel(None, "6.1.76-1", "partial")]).await;
        world.assess(&claims, 3).await;
        assert_eq!(world.counts(3).await, [format!("{BASH} 0/0/1/0")]);
        world.see_more(web, 4, &other, &[boot("6.1.0-21-amd64"), unread]).await;
        world.assess(&claims, 4).await;
        assert_eq!(world.counts(4).await, [format!("{BASH} 0/0/0/1")]);
    })
    .await;
}
