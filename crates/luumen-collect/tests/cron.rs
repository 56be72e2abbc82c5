//! Cron jobs, wherever they lie and whoever may read them; and files that only root reads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod support;

use luumen_model::{
    PrivilegeTier,
    SectionKind::{self, Mounts as MountsKind},
    SectionStatus, Snapshot,
};
use support::host::Host;

#[test]
fn closed_cron_jobs_are_read_by_root_or_named_with_the_right_that_lacks() {
    let denied = "grep: /etc/crontab: Permission denied\ngrep: /etc/cron.d/*: Permission denied\n";
    let rows = "/etc/crontab:1 2 3 4 5 root /x\n/etc/cron.d/backup:1 2 3 4 5 ann /y\n/etc/cron.d/.placeholder:odd\n\
                /etc/anacrontab:1 5 cron.daily nice run-parts /etc/cron.daily\n";
    let jobs = |snapshot: Snapshot| {
        let timers: luumen_model::Timers = snapshot.get().expect("timers");
        let names = timers.cron.iter();
        names
            .map(|job| (job.path.clone(), job.username.clone()))
            .collect::<Vec<_>>()
    };
    let mut host =
        Host::new()
            .files("/proc/1/comm:init\n", 2)
            .says_by_sudo("timers.closed", rows, "@0 0 .\n\n");
    host.complaint = denied;
    let seen = jobs(host.check(SectionKind::Timers, SectionStatus::Ok));
    let expected = [("/etc/cron.d/backup", "ann"), ("/etc/crontab", "root")];
    assert_eq!(
        seen,
        expected.map(|(path, user)| (path.to_owned(), Some(user.to_owned())))
    );

    // One of them the account reads itself.
    let mut host = Host::new()
        .files("/etc/crontab:1 2 3 4 5 root /x\n", 2)
        .says_by_sudo("timers.closed", rows, "@0 0 .\n\n");
    host.complaint = "grep: /etc/cron.d/*: Permission denied\n";
    assert_eq!(jobs(host.check(SectionKind::Timers, SectionStatus::Ok)).len(), 2);

    let refused = "@1 0 .\nsudo: a password is required\n";
    let mut host = Host::new()
        .files("/proc/1/comm:init\n", 2)
        .says_by_sudo("timers.closed", "", refused);
    host.complaint = denied;
    let snapshot = host.check(SectionKind::Timers, SectionStatus::Partial);
    let record = &snapshot.sections[&SectionKind::Timers];
    let rights: Vec<_> = record
        .missing_rights
        .iter()
        .map(|right| (right.sudoers_line.as_deref(), right.tier))
        .collect();
    let line = "scan ALL=(root) NOPASSWD: /usr/bin/grep -R -e . /etc/crontab /etc/cron.d /etc/anacrontab";
    assert_eq!(rights, [(Some(line), PrivilegeTier::Extended)]);
    let files: Vec<_> = record
        .problems
        .iter()
        .filter_map(|one| one.line.as_deref())
        .collect();
    assert_eq!(files, ["/etc/cron.d/*", "/etc/crontab"]);
}

#[test]
fn cron_jobs_of_alpine_are_read_where_they_lie() {
    let jobs = "/etc/crontabs/root:*/15\t*\t*\t*\t*\trun-parts /etc/periodic/15min\n";
    let missing = "@2 0 .\ngrep: /var/spool/cron: No such file or directory\n";
    let host = Host::new().says_by_sudo("timers.user_crontabs", jobs, missing);
    let timers: luumen_model::Timers = host
        .check(SectionKind::Timers, SectionStatus::Ok)
        .get()
        .expect("timers");
    let job = &timers.cron[0];
    assert_eq!(
        (job.path.as_str(), job.username.as_deref(), job.command.as_str()),
        (
            "/etc/crontabs/root",
            Some("root"),
            "run-parts /etc/periodic/15min"
        )
    );
    let ill = "@2 0 .\ngrep: /etc/crontabs/ann: Input/output error\n";
    Host::new()
        .says_by_sudo("timers.user_crontabs", jobs, ill)
        .check(SectionKind::Timers, SectionStatus::Partial);
    let asked = luumen_collect::catalogue::find("timers.user_crontabs").expect("in the catalogue");
    let asks = |text: String| text.ends_with("-r -e . /var/spool/cron /etc/crontabs");
    assert!(asked.texts().into_iter().all(asks));
}

#[test]
fn a_file_on_an_ill_disk_and_a_closed_folder_of_jobs_are_named() {
    let mut host = Host::new().files("/etc/crontab:1 2 3 4 5 root /x\n", 2).says(
        "probe.links",
        "closed /etc/cron.daily\n/etc/cron.hourly/x\n",
        "",
        0,
    );
    host.complaint = "grep: /etc/cron.d/backup: Input/output error\ngrep: /sys/x: Invalid argument\n";
    let snapshot = host.check(SectionKind::Timers, SectionStatus::Partial);
    let problems = snapshot.sections[&SectionKind::Timers].problems.iter();
    let lines: Vec<_> = problems.filter_map(|one| one.line.as_deref()).collect();
    assert_eq!(lines, ["/etc/cron.daily", "/etc/cron.d/backup"]);
}

#[test]
fn a_closed_file_that_no_tier_reads_names_no_tier() {
    let mut host = Host::new().files("/proc/1/comm:init\n", 2);
    host.complaint = "grep: /etc/fstab: Permission denied\n";
    let snapshot = host.visit();
    let record = &snapshot.sections[&MountsKind];
    assert_eq!(record.status, SectionStatus::Denied, "{record:?}");
    let right = &record.missing_rights[0];
    assert_eq!(
        (right.sudoers_line.as_deref(), right.tier),
        (None, PrivilegeTier::None)
    );
    assert!(record.problems[0].message.contains("no right that a tier gives"));
}
