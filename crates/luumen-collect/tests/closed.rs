//! What an account finds on a host that is partly closed to it, and whose files have odd names and bytes. The host is this
//! machine under an overlay; needs root, says so and passes where it is missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod support;

use luumen_collect::{CollectOptions, plan, run};
use luumen_model::{PythonPackages, Repositories, SectionKind, SectionStatus, Snapshot, Timers};
use support::overlay::Overlay;
use tokio_util::sync::CancellationToken;

const MAKE: &str = r"
    z=/etc/zypp/repos.d; mkdir -p $z /etc/cron.d
    printf '[sles]\nenabled=1\nbaseurl=https://h/x:y\n' >$z/SUSE_Linux_Enterprise_Server_15_SP5_x86_64:SLE-Product.repo
    printf '# \0 torn\n5 * * * * root /bin/true\n' >/etc/cron.d/luumen-nul
    for d in /opt/open /opt/shut /srv/shut /opt/torn; do
        s=$d/lib/python3.11/site-packages/F-1.dist-info; mkdir -p $s $d/bin
        printf 'Metadata-Version: 2.1\nName: F\nVersion: 1\n' >$s/METADATA; printf '#!/bin/sh\n' >$d/bin/java
    done
    chmod 755 /opt /srv; chmod 700 /opt/shut /srv/shut; chmod 600 /opt/torn/lib/python3.11/site-packages/F-1.dist-info/METADATA";

#[tokio::test]
async fn closed_folders_and_odd_files_are_not_absent() {
    let Some(host) = Overlay::make() else {
        eprintln!("skipped: no overlay here");
        return;
    };
    host.change(MAKE);
    let plan = plan(&CollectOptions::new("test", "0"));
    let mut shell = host.shell("nobody:nogroup");
    let seen = run(&mut shell, &plan, &CancellationToken::new())
        .await
        .expect("a snapshot");
    let repositories: Repositories = seen.get().expect("repositories");
    let sles = repositories
        .items
        .iter()
        .find(|one| one.id == "sles")
        .expect("SLES");
    assert!(sles.path.ends_with("x86_64:SLE-Product.repo"), "{sles:?}");
    assert_eq!(sles.uris, ["https://h/x:y"]);
    let timers: Timers = seen.get().expect("timers");
    let job = timers
        .cron
        .iter()
        .find(|job| job.path == "/etc/cron.d/luumen-nul");
    assert!(
        job.is_some_and(|job| job.command == "/bin/true"),
        "{:?}",
        timers.cron
    );
    let python: PythonPackages = seen.get().expect("Python");
    let read: Vec<&str> = python
        .items
        .iter()
        .filter(|one| one.name == "F")
        .map(|one| one.path.as_str())
        .collect();
    assert_eq!(read, ["/opt/open/lib/python3.11/site-packages/F-1.dist-info"]);
    let torn = "/opt/torn/lib/python3.11/site-packages/F-1.dist-info/METADATA";
    named(
        &seen,
        SectionKind::PythonPackages,
        &["/opt/shut", "/srv/shut", torn],
    );
    named(&seen, SectionKind::Applications, &["/opt/shut"]);
}

#[track_caller]
fn named(seen: &Snapshot, kind: SectionKind, folders: &[&str]) {
    let record = &seen.sections[&kind];
    assert_eq!(record.status, SectionStatus::Partial, "{kind}");
    for folder in folders {
        let is_named = record
            .problems
            .iter()
            .any(|one| one.line.as_deref() == Some(*folder));
        assert!(is_named, "{kind} {folder}: {:?}", record.problems);
    }
}
