//! What only root may run, on this machine under an overlay: it may hang, and it may be closed to others. Needs root and
//! sudo; says so and passes where they are missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod support;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use luumen_collect::{CollectOptions, plan, run, sudoers};
use luumen_model::{
    PrivilegeTier,
    SectionKind::{self, Applications, Audit, Containers, PendingUpdates, Sshd, SudoPolicy, Users},
    SectionStatus, Snapshot, Users as Accounts,
};
use support::overlay::Overlay;
use tokio_util::sync::CancellationToken;

/// A host that lets `nobody` run what the tier allows.
fn host(tier: PrivilegeTier) -> Option<Overlay> {
    if !Path::new("/usr/bin/sudo").exists() {
        eprintln!("skipped: this machine has no sudo");
        return None;
    }
    let host = Overlay::make().or_else(|| {
        eprintln!("skipped: no overlay here");
        None
    })?;
    let rules = sudoers(tier, "nobody");
    host.change(&format!(
        "rm -f /etc/sudoers.d/luumen; cat >/etc/sudoers.d/luumen <<'END'\n{rules}END\nchmod 440 /etc/sudoers.d/luumen"
    ));
    Some(host)
}

async fn visit(host: &Overlay, tier: PrivilegeTier, sections: &[SectionKind]) -> (Snapshot, Duration) {
    let mut options = CollectOptions::new("test", "0");
    options.tier = tier;
    options.sections = sections.iter().copied().collect();
    let began = Instant::now();
    let mut shell = host.shell("nobody:nogroup");
    let seen = run(&mut shell, &plan(&options), &CancellationToken::new()).await;
    (seen.expect("a snapshot"), began.elapsed())
}

#[track_caller]
fn says(snapshot: &Snapshot, kind: SectionKind, status: SectionStatus) {
    let record = &snapshot.sections[&kind];
    assert_eq!(record.status, status, "{kind}: {record:?}");
}

/// What root runs need not end when the account says so, and a session stays open while anything holds one of its streams.
#[tokio::test]
async fn what_hangs_behind_sudo_costs_its_own_section_only() {
    let Some(host) = host(PrivilegeTier::Standard) else {
        return;
    };
    host.change(
        "printf '#!/bin/sh\\ntrap : TERM\\necho $$ >/docker.pid\\necho late >&2\\nwhile sleep 1; do :; done\\n' >/usr/bin/docker; chmod 755 /usr/bin/docker
         rm -f /run/docker.sock
         perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => \"/run/docker.sock\", Listen => 1) or die'
         chmod 600 /run/docker.sock",
    );
    let sections = [Users, Containers, Applications, PendingUpdates];
    let (seen, took) = visit(&host, PrivilegeTier::Standard, &sections).await;
    host.change("kill -9 $(cat /docker.pid)");
    // Fourteen seconds, what the others take, and time for a busy machine.
    assert!(took < Duration::from_secs(100), "{took:?}");
    says(&seen, Containers, SectionStatus::Timeout);
    for kind in [Users, Applications, PendingUpdates] {
        let status = seen.sections[&kind].status;
        assert_ne!(status, SectionStatus::Timeout, "{kind} was read");
    }
}

#[tokio::test]
async fn a_sudo_that_hangs_costs_what_it_is_asked_for() {
    let Some(host) = host(PrivilegeTier::Standard) else {
        return;
    };
    host.change(
        "rm /usr/bin/sudo; printf '#!/bin/sh\\nexec sleep 30\\n' >/usr/bin/sudo; chmod 755 /usr/bin/sudo",
    );
    let (seen, _) = visit(&host, PrivilegeTier::Standard, &[SudoPolicy, Users]).await;
    says(&seen, SudoPolicy, SectionStatus::Timeout);
    assert!(
        seen.get::<Accounts>()
            .is_some_and(|users| !users.items.is_empty())
    );
}

/// `auditctl` is closed to others where hosts are hardened.
#[tokio::test]
async fn a_program_for_root_alone_is_there() {
    let Some(host) = host(PrivilegeTier::Standard) else {
        return;
    };
    host.change(
        "printf '#!/bin/sh\\necho enabled 1\\n' >/usr/sbin/auditctl; cp /usr/sbin/auditctl /usr/sbin/auditd
         chmod 750 /usr/sbin/auditctl /usr/sbin/auditd",
    );
    let (seen, _) = visit(&host, PrivilegeTier::Extended, &[Audit]).await;
    let rights = &seen.sections[&Audit].missing_rights;
    let commands: Vec<&str> = rights.iter().map(|right| right.command.as_str()).collect();
    assert_eq!(commands, ["audit.status", "audit.rules", "audit.settings"]);

    let rules = sudoers(PrivilegeTier::Extended, "nobody");
    host.change(&format!(
        "chmod 640 /etc/sudoers.d/luumen; cat >/etc/sudoers.d/luumen <<'END'\n{rules}END\nchmod 440 /etc/sudoers.d/luumen"
    ));
    let (seen, _) = visit(&host, PrivilegeTier::Extended, &[Audit]).await;
    let record = &seen.sections[&Audit];
    assert!(
        !record
            .missing_rights
            .iter()
            .any(|right| right.command != "audit.settings"),
        "{record:?}"
    );
    assert_eq!(record.data.as_ref().unwrap()["enabled"], 1, "{record:?}");
}

/// Anyone can make a pipe of that name in a home of theirs, and reading one waits for a writer.
#[tokio::test]
async fn a_pipe_among_the_keys_holds_nobody_up() {
    let Some(host) = host(PrivilegeTier::Extended) else {
        return;
    };
    host.change(
        "mkdir -p /home/ann/.ssh /home/bob/.ssh /home/eve/.ssh; mkfifo /home/ann/.ssh/authorized_keys
         echo 'ssh-ed25519 AAAA1 a' >/home/bob/keys; ln -s ../keys /home/bob/.ssh/authorized_keys
         ln -s /home/ann/.ssh/authorized_keys /home/eve/.ssh/authorized_keys
         printf 'ann:x:4321:4321::/home/ann:/bin/sh\\nbob:x:4322:4322::/home/bob:/bin/sh\\n' >>/etc/passwd
         mkdir -p /etc/ssh; echo 'UsePAM yes' >/etc/ssh/sshd_config; rm -rf /etc/ssh/sshd_config.d",
    );
    let (seen, _) = visit(&host, PrivilegeTier::Extended, &[Users, Sshd]).await;
    assert_ne!(seen.sections[&Users].status, SectionStatus::Timeout);
    let users: Accounts = seen.get().expect("users");
    let keys = |name: &str| {
        let user = users.items.iter().find(|user| user.name == name);
        user.and_then(|user| user.authorized_keys)
    };
    assert_eq!((keys("ann"), keys("bob")), (Some(0), Some(1)));
}

/// Who keeps rules in a repository links to them from the folder, and sudo follows.
#[tokio::test]
async fn rules_behind_links_are_read() {
    let Some(host) = host(PrivilegeTier::Extended) else {
        return;
    };
    host.change(
        "mkdir -p /srv/rules; echo 'ann ALL=(ALL) NOPASSWD: ALL' >/srv/rules/ann; chmod 440 /srv/rules/ann
         ln -s /srv/rules/ann /etc/sudoers.d/ann; ln -s /srv/gone /etc/sudoers.d/gone",
    );
    let (seen, _) = visit(&host, PrivilegeTier::Extended, &[SudoPolicy]).await;
    says(&seen, SudoPolicy, SectionStatus::Ok);
    let policy: luumen_model::SudoPolicy = seen.get().expect("a policy");
    let rule = policy.rules.iter().find(|rule| rule.who == "ann");
    let rule = rule.map(|rule| (rule.path.as_str(), rule.all_commands));
    assert_eq!(rule, Some(("/etc/sudoers.d/ann", true)), "{policy:?}");
}
