//! Updates of rpm hosts: what we read from the lists is what dnf and zypper themselves say, and reading changes nothing.
//!
//! The host is this machine under an overlay, made an rpm host of real packages and repositories. Needs root, rpmbuild,
//! createrepo_c and the package manager; says so and passes where they are missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod support;

use std::{collections::BTreeSet, path::Path};

use luumen_collect::{CollectOptions, plan, run};
use luumen_model::{PendingUpdates, SectionKind, SectionRecord, SectionStatus};
use support::overlay::Overlay;
use tokio_util::sync::CancellationToken;

const MAKE: &str = include_str!("support/rpm_host.sh");

/// Name with architecture, version, repository.
type Lines = BTreeSet<(String, String, String)>;

fn rpm_host(manager: &str, more: &str) -> Option<Overlay> {
    for tool in ["rpmbuild", "createrepo_c", "modifyrepo_c", manager] {
        if !Path::new("/usr/bin").join(tool).exists() {
            eprintln!("skipped: this machine has no {tool}");
            return None;
        }
    }
    let host = Overlay::make().or_else(|| {
        eprintln!("skipped: no overlay here");
        None
    })?;
    host.change(&format!("{MAKE}\n{more}"));
    Some(host)
}

async fn visit(host: &Overlay, user: &str) -> SectionRecord {
    let plan = plan(&CollectOptions::new("test", "0"));
    host.stamp();
    let seen = run(&mut host.shell(user), &plan, &CancellationToken::new())
        .await
        .expect("a visit");
    assert_eq!(host.written(), "", "written by {user}");
    seen.sections[&SectionKind::PendingUpdates].clone()
}

fn facts(record: &SectionRecord) -> PendingUpdates {
    serde_json::from_value(record.data.clone().expect("facts")).expect("pending updates")
}

fn lines(updates: &PendingUpdates) -> Lines {
    let name = |update: &luumen_model::PendingUpdate| {
        format!("{}.{}", update.name, update.arch.as_deref().unwrap_or("?"))
    };
    let all = updates.items.iter();
    all.map(|one| {
        (
            name(one),
            one.candidate_version.clone(),
            one.repository.clone().unwrap_or_default(),
        )
    })
    .collect()
}

/// `openssl-libs.x86_64   1:3.0.7-31.el9_4   base`.
fn dnf(host: &Overlay) -> Lines {
    let said = host.change("dnf -q -C check-update || [ $? = 100 ]");
    said.lines()
        .filter_map(
            |line| match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                [name, version, repository] => Some((
                    (*name).to_owned(),
                    (*version).to_owned(),
                    (*repository).to_owned(),
                )),
                _ => None,
            },
        )
        .collect()
}

const DNF: &str = "{ repository base 1; repository app 1; echo priority=99; repository off 0; } >/etc/yum.repos.d/t.repo
    printf '[main]\\nmodule_platform_id=platform:el9\\nexcludepkgs=kept*\\n' >/etc/dnf/dnf.conf
    mkdir -p /etc/dnf/modules.d; printf '[postgresql]\\nname=postgresql\\nstream=13\\nprofiles=\\nstate=enabled\\n' >/etc/dnf/modules.d/postgresql.module
    dnf -q --releasever=9 --enablerepo=off makecache 2>/dev/null";

#[tokio::test]
async fn dnf_says_the_same() {
    let Some(host) = rpm_host("dnf", DNF) else { return };
    for user in ["nobody:nogroup", "root:root"] {
        let record = visit(&host, user).await;
        assert_eq!(record.status, SectionStatus::Ok, "{user}: {:?}", record.problems);
        let seen = facts(&record);
        assert!(seen.metadata_at.is_some());
        assert_eq!(
            seen.security_count, None,
            "one of the repositories tells nothing about security"
        );
        let security: Vec<_> = seen
            .items
            .iter()
            .filter(|one| one.security == Some(true))
            .collect();
        assert_eq!(security.len(), 1, "{security:?}");
        assert_eq!(security[0].name, "openssl-libs");
        let expected = dnf(&host);
        assert!(expected.len() >= 6, "{expected:?}");
        assert_eq!(lines(&seen), expected);
    }
}

#[tokio::test]
async fn a_repository_of_a_lower_number_comes_first() {
    let more = format!("{DNF}; sed -i s/priority=99/priority=10/ /etc/yum.repos.d/t.repo");
    let Some(host) = rpm_host("dnf", &more) else {
        return;
    };
    let seen = lines(&facts(&visit(&host, "nobody:nogroup").await));
    assert!(
        seen.contains(&("moved.x86_64".into(), "2.0~rc1-1.el9".into(), "app".into())),
        "{seen:?}"
    );
    assert_eq!(seen, dnf(&host));
}

#[tokio::test]
async fn a_repository_of_hotfixes_is_of_no_stream() {
    let more = format!("{DNF}; sed -i 's/^name=base/&\\nmodule_hotfixes=True/' /etc/yum.repos.d/t.repo");
    let Some(host) = rpm_host("dnf", &more) else {
        return;
    };
    let seen = lines(&facts(&visit(&host, "nobody:nogroup").await));
    assert!(
        seen.contains(&("postgresql.x86_64".into(), "99.0-1.el9".into(), "base".into())),
        "{seen:?}"
    );
    assert_eq!(seen, dnf(&host));
}

#[tokio::test]
async fn what_was_not_fetched_or_cannot_be_read_is_said() {
    let Some(host) = rpm_host("dnf", DNF) else { return };
    host.change("f=$(ls /var/cache/dnf/app-*/repodata/*primary.xml.gz); head -c 40 $f >$f.cut; mv $f.cut $f");
    let record = visit(&host, "nobody:nogroup").await;
    assert_eq!(record.status, SectionStatus::Partial);
    assert_eq!(record.problems.len(), 1, "{:?}", record.problems);
    assert!(
        record.problems[0].message.contains("damaged"),
        "{:?}",
        record.problems
    );
    assert!(
        lines(&facts(&record))
            .iter()
            .all(|(.., repository)| repository == "base")
    );
    host.change("rm -r /var/cache/dnf/*");
    let record = visit(&host, "nobody:nogroup").await;
    assert_eq!(record.status, SectionStatus::Partial);
    assert!(
        record
            .problems
            .iter()
            .any(|one| one.message.contains("repository base was")),
        "{:?}",
        record.problems
    );
}

/// yum of RHEL 7 and Amazon Linux 2 keeps a database instead of XML.
#[tokio::test]
async fn the_databases_of_yum_are_read() {
    let more = "repository base 1 >/etc/yum.repos.d/t.repo; d=/var/cache/yum/x86_64/7/base; mkdir -p $d/gen
        createrepo_c --quiet -d $work/base; cp $work/base/repodata/repomd.xml $d
        bzip2 -dc $work/base/repodata/*primary.sqlite.bz2 >$d/gen/primary_db.sqlite";
    let Some(host) = rpm_host("createrepo_c", more) else {
        return;
    };
    let record = visit(&host, "nobody:nogroup").await;
    assert_eq!(record.status, SectionStatus::Ok, "{:?}", record.problems);
    let seen = lines(&facts(&record));
    assert!(
        seen.contains(&(
            "openssl-libs.x86_64".into(),
            "1:3.0.7-31.el9_4".into(),
            "base".into()
        )),
        "{seen:?}"
    );
    assert!(
        seen.contains(&("tzdata.noarch".into(), "2024b-1.el9".into(), "base".into())),
        "{seen:?}"
    );
}

/// zypper knows no module streams, but vendors and locks.
#[tokio::test]
async fn zypper_says_the_same() {
    let more = "repository base 1 >/etc/zypp/repos.d/base.repo; rm -rf $work/app/repodata; find $work/app -name '[np]*.rpm' -exec rm {} +
        createrepo_c --quiet $work/app; repository app 1 >/etc/zypp/repos.d/app.repo
        printf 'type: package\\nmatch_type: glob\\ncase_sensitive: on\\nsolvable_name: kept*\\n' >/etc/zypp/locks
        mkdir -p /etc/zypp/vendors.d; printf '[main]\\nvendors = Us, Friends\\n' >/etc/zypp/vendors.d/ours.conf
        zypper -q -n --no-gpg-checks refresh >/dev/null 2>&1";
    let Some(host) = rpm_host("zypper", more) else {
        return;
    };
    let record = visit(&host, "nobody:nogroup").await;
    assert_eq!(record.status, SectionStatus::Ok, "{:?}", record.problems);
    let seen: BTreeSet<(String, String)> = lines(&facts(&record))
        .into_iter()
        .map(|(name, version, _)| (name, version))
        .collect();
    // v | Repository | Name | Current Version | Available Version | Arch
    let said = host.change("zypper -q -n --no-refresh list-updates");
    let expected: BTreeSet<(String, String)> = said
        .lines()
        .filter_map(
            |line| match line.split('|').map(str::trim).collect::<Vec<_>>().as_slice() {
                ["v", _, name, _, version, arch] => Some((format!("{name}.{arch}"), (*version).to_owned())),
                _ => None,
            },
        )
        .collect();
    assert!(expected.len() >= 3, "{said}");
    assert!(
        !expected.iter().any(|(name, _)| name == "ours.x86_64"),
        "vendors are kept: {said}"
    );
    for name in ["llc", "gmbh", "shared"] {
        assert!(
            expected.contains(&(format!("{name}.x86_64"), "2-1".to_owned())),
            "{name}: {said}"
        );
    }
    assert_eq!(seen, expected, "{said}");
}
