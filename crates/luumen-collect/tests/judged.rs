//! What a section's status says of commands that did not end well: not collected is never fine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests stop at the first surprise"
)]

mod support;

use luumen_collect::{CollectOptions, VisitFacts, parse, plan_with_marker};
use luumen_model::{
    Kernel, Mounts, PrivilegeTier, RebootRequired,
    SectionKind::{
        self, Audit, Certificates, Containers, Mounts as MountsKind, Packages, PythonPackages, Sshd,
    },
    SectionStatus, Timestamp, Users,
};
use support::host::Host;

#[test]
fn a_list_that_time_cut_is_not_whole() {
    let metadata = "/opt/a/lib/python3.11/site-packages/F.dist-info/METADATA:Name: F\n\
                    /opt/a/lib/python3.11/site-packages/F.dist-info/METADATA:Version: 1\n";
    for (code, status) in [
        (0, SectionStatus::Ok),
        (1, SectionStatus::Ok),
        (124, SectionStatus::Timeout),
        (137, SectionStatus::Timeout),
    ] {
        let host = Host::new()
            .says("python_packages.metadata", metadata, "", code)
            .says("certificates.pem", "", "", code);
        let snapshot = host.check(PythonPackages, status);
        assert!(
            snapshot.sections[&PythonPackages].data.is_some(),
            "what came is kept"
        );
        host.check(Certificates, status);
    }
}

#[test]
fn files_that_were_not_read_are_not_absent() {
    let rows = "/etc/passwd:root:x:0:0::/root:/bin/sh\n";
    let users = SectionKind::Users;
    for code in [0, 1, 2] {
        Host::new().files(rows, code).check(users, SectionStatus::Ok);
    }
    Host::new().files(rows, 124).check(users, SectionStatus::Timeout);
    Host::new().files(rows, 127).check(users, SectionStatus::Partial);
    for code in [126, 127] {
        let snapshot = Host::new()
            .files("", code)
            .check(users, SectionStatus::ParseError);
        let problem = &snapshot.sections[&users].problems[0].message;
        assert!(problem.contains(&format!("exit code {code}")), "{problem}");
    }
}

#[test]
fn a_command_behind_sudo_that_did_not_end_was_too_late() {
    let docker = "/usr/bin/docker\n/usr/bin/dockerd\n";
    let host = Host::new().says("probe.paths", docker, "", 0).says_by_sudo(
        "containers.docker_sudo",
        "0123456789ab|web|nginx|running|\n",
        "",
    );
    let snapshot = host.check(Containers, SectionStatus::Timeout);
    let record = &snapshot.sections[&Containers];
    assert!(
        record
            .problems
            .iter()
            .any(|problem| problem.message == "did not end in time")
    );

    let long = "x|y|z|running|\n".repeat(80_000);
    Host::new()
        .says("probe.paths", docker, "", 0)
        .says_by_sudo("containers.docker_sudo", &long[..1 << 20], "")
        .check(Containers, SectionStatus::Truncated);
}

#[test]
fn a_refusal_of_sudo_rs_is_a_missing_right() {
    let notice = "/etc/sudoers.d/luumen:1:15: 'requiretty' cannot be used in a boolean context\n\
                  Defaults:scan !requiretty, !use_pty, !mail_badpass, !mail_no_perms\n\
                  \x20              ^~~~~~~~~~\n";
    let refused = format!("@1 0 .\n{notice}sudo-rs: I'm sorry scan. I'm afraid I can't do that\n");
    let snapshot = Host::new()
        .says_by_sudo("sshd.effective", "", &refused)
        .check(Sshd, SectionStatus::Denied);
    let right = &snapshot.sections[&Sshd].missing_rights[0];
    assert_eq!(
        right.sudoers_line.as_deref(),
        Some("scan ALL=(root) NOPASSWD: /usr/sbin/sshd -T")
    );

    let failed = format!("@255 0 .\n{notice}Error - audit support not in kernel\n");
    let snapshot = Host::new().says_by_sudo("audit.status", "", &failed).visit();
    let record = &snapshot.sections[&Audit];
    assert!(record.missing_rights.is_empty(), "{record:?}");
    let line = record.problems[0].line.as_deref();
    assert_eq!(line, Some("Error - audit support not in kernel"), "{record:?}");
}

#[test]
fn a_grep_that_cannot_follow_links_has_read_no_rules() {
    let help = "grep: unrecognized option: R\nBusyBox v1.30.1 multi-call binary.\n\nUsage: grep [-HhnlLoqvsriwFE] PATTERN\n";
    let snapshot = Host::new()
        .says_by_sudo("sudo_policy.rules", "", &format!("@1 1 .\n{help}"))
        .check(SectionKind::SudoPolicy, SectionStatus::Partial);
    let problems = &snapshot.sections[&SectionKind::SudoPolicy].problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].line.as_deref(), Some("grep: unrecognized option: R"));
}

#[test]
fn no_key_in_the_usual_place_says_nothing_where_keys_lie_elsewhere() {
    let keys = |rows: &str, effective: Option<&str>| {
        let rows = format!("/etc/passwd:ann:x:1000:1000::/home/ann:/bin/sh\n{rows}");
        let mut host = Host::new()
            .files(&rows, 2)
            .says_by_sudo("users.keys", "", "@0 0 .\n\n");
        if let Some(text) = effective {
            host = host.says_by_sudo("sshd.effective", text, "@0 0 .\n\n");
        }
        let users: Users = host.visit().get().expect("users");
        users.items[0].authorized_keys
    };
    let usual = "/etc/ssh/sshd_config:PermitRootLogin no\n";
    let elsewhere = "/etc/ssh/sshd_config:AuthorizedKeysFile /etc/ssh/keys/%u\n";
    assert_eq!(keys(usual, None), Some(0));
    assert_eq!(keys(elsewhere, None), None);
    let included = format!("/etc/ssh/sshd_config.d/a.conf:authorizedkeysfile /keys/%u\n{usual}");
    assert_eq!(keys(&included, None), None);
    assert_eq!(keys("", None), None, "neither could be read");
    let told = "port 22\nauthorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2\n";
    assert_eq!(keys("", Some(told)), Some(0));
    assert_eq!(keys(usual, Some("authorizedkeysfile /etc/ssh/keys/%u\n")), None);
}

#[test]
fn a_df_that_fails_behind_its_table_makes_nothing_up() {
    let mounts = "/proc/self/mounts:/dev/vda1 / ext4 rw 0 0\n/proc/self/mounts:srv:/x /mnt/nfs nfs4 rw 0 0\n";
    let twice = "Mounted on 1B-blocks Used Avail Inodes IUsed\n/ 1000000 400000 600000 100 10\n\
                 Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 977 391 586 40% /\n";
    let host = Host::new().files(mounts, 0).says(
        "mounts.df",
        twice,
        "df: /mnt/nfs: Stale file handle\ndf: /mnt/nfs: Stale file handle\n",
        1,
    );
    let snapshot = host.check(MountsKind, SectionStatus::Partial);
    let record = &snapshot.sections[&MountsKind];
    let lines: Vec<_> = record
        .problems
        .iter()
        .map(|problem| problem.line.as_deref())
        .collect();
    assert_eq!(lines, [Some("df: /mnt/nfs: Stale file handle")]);
    let seen: Mounts = snapshot.get().expect("mounts");
    assert_eq!(seen.items[0].size_bytes, Some(1_000_000));
    let vitals = snapshot.sections[&SectionKind::Vitals]
        .data
        .clone()
        .expect("vitals");
    let points: Vec<&str> = vitals["mounts"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|mount| mount["mount_point"].as_str())
        .collect();
    assert_eq!(points, ["/"]);
}

#[test]
fn after_an_upgrade_of_the_distribution_the_old_kernel_still_runs() {
    let package =
        |name: &str, version: &str| format!("{name}\t{version}\tamd64\tlinux\t{version}\tii \t1\tDebian\n");
    let packages = package("linux-image-6.1.0-38-amd64", "6.1.147-1")
        + &package("linux-image-6.12.43+deb13-amd64", "6.12.43-1");
    for (running, required) in [("6.1.0-38-amd64", true), ("6.12.43+deb13-amd64", false)] {
        let snapshot = Host::new()
            .files(&format!("/proc/sys/kernel/osrelease:{running}\n"), 0)
            .says("packages.dpkg", &packages, "", 0)
            .check(Packages, SectionStatus::Ok);
        let reboot = &snapshot.sections[&SectionKind::RebootRequired].data;
        let reboot = reboot.as_ref().expect("an answer");
        assert_eq!(reboot["required"], required, "{running}: {reboot}");
    }
}

#[test]
fn go_tells_its_version_by_a_file() {
    let snapshot = Host::new()
        .files(
            "/usr/local/go/VERSION:go1.24.1\n/usr/local/go/VERSION:time 2026-01-01\n/proc/1/comm:init\n",
            0,
        )
        .says("probe.paths", "/usr/local/go/bin/go\n", "", 0)
        .visit();
    let data = snapshot.sections[&SectionKind::Applications]
        .data
        .clone()
        .expect("applications");
    assert_eq!(
        (&data["items"][0]["name"], &data["items"][0]["version"]),
        (&"go".into(), &"1.24.1".into()),
        "{data}"
    );
    let texts: Vec<String> = luumen_collect::catalogue::commands()
        .filter(|command| command.id() != "probe.paths")
        .flat_map(|command| command.texts())
        .collect();
    assert!(
        !texts.iter().any(|text| text.contains("/bin/go")),
        "go writes to the account's home when it is started"
    );
}

#[test]
fn a_removed_package_is_kept_with_its_status_and_not_installed() {
    let packages = "nginx\t1.22.1-9\tamd64\tnginx\t1.22.1-9\trc \t0\tDebian\n\
                    vim\t2:9.0-1\tamd64\tvim\t2:9.0-1\thi \t0\tDebian\n\
                    linux-image-6.1.0-18-amd64\t6.1.76-1\tamd64\tlinux\t6.1.76-1\trc \t0\tDebian\n";
    let snapshot = Host::new()
        .files("/proc/sys/kernel/osrelease:6.1.0-18-amd64\n", 0)
        .says("packages.dpkg", packages, "", 0)
        .check(Packages, SectionStatus::Ok);
    let seen: luumen_model::Packages = snapshot.get().expect("packages");
    let installed: Vec<(&str, bool)> = seen
        .items
        .iter()
        .map(|package| (package.name.as_str(), package.is_installed()))
        .collect();
    assert_eq!(
        installed,
        [
            ("linux-image-6.1.0-18-amd64", false),
            ("nginx", false),
            ("vim", true)
        ]
    );
    assert_eq!(seen.items[1].status.as_deref(), Some("config-files"));
    let kernel: luumen_model::Kernel = snapshot.get().expect("kernel");
    assert_eq!((kernel.installed.len(), kernel.running_package), (0, None));
}

/// What the kernel and the reboot sections say of a host that runs `running`, built as `version`.
fn kernel(
    running: &str,
    version: &str,
    id: &'static str,
    packages: &str,
) -> (SectionStatus, Kernel, Option<bool>) {
    let snapshot = Host::new()
        .files(
            &format!("/proc/sys/kernel/osrelease:{running}\n/proc/sys/kernel/version:{version}\n"),
            0,
        )
        .says(id, packages, "", 0)
        .visit();
    let reboot: RebootRequired = snapshot.get().expect("an answer");
    let record = &snapshot.sections[&SectionKind::Kernel];
    (record.status, snapshot.get().expect("a kernel"), reboot.required)
}

#[test]
fn a_kernel_that_was_replaced_or_removed_is_not_the_one_that_runs() {
    let deb =
        |name: &str, version: &str| format!("{name}\t{version}\ts390x\tlinux\t{version}\tii \t1\tDebian\n");
    let rpm = |name: &str, version: &str, release: &str| {
        format!(
            "{name}\t0\t{version}\t{release}\taarch64\t{name}-{version}-{release}.src.rpm\tV\t1\t1\t(none)\n"
        )
    };
    // The same release, built anew: what runs is the build before.
    let packages = deb("linux-image-6.1.0-18-s390x", "6.1.82-1");
    let debian = "#1 SMP Debian 6.1.76-1 (2024-02-01)";
    let (status, seen, reboot) = kernel("6.1.0-18-s390x", debian, "packages.dpkg", &packages);
    assert_eq!((status, reboot), (SectionStatus::Partial, Some(true)));
    assert_eq!(
        (seen.running_package, seen.running_is_newest),
        (None, Some(false))
    );
    assert_eq!(seen.running_version.as_deref(), Some("6.1.76-1"));
    let same = debian.replace("6.1.76", "6.1.82");
    let (status, seen, reboot) = kernel("6.1.0-18-s390x", &same, "packages.dpkg", &packages);
    assert_eq!((status, reboot), (SectionStatus::Ok, Some(false)));
    assert_eq!(
        seen.running_package.as_deref(),
        Some("linux-image-6.1.0-18-s390x")
    );
    assert_eq!(seen.running_version.as_deref(), Some("6.1.82-1"));

    let packages = deb("linux-image-5.15.0-105-generic", "5.15.0-105.116");
    let (status, seen, reboot) = kernel(
        "5.15.0-105-generic",
        "#115-Ubuntu SMP x",
        "packages.dpkg",
        &packages,
    );
    assert_eq!((status, reboot), (SectionStatus::Partial, Some(true)));
    assert_eq!(seen.running_version.as_deref(), Some("5.15.0-105.115"));

    // Its package was removed, and a newer one waits for a boot.
    for (running, id, packages) in [
        (
            "5.14.0-427.13.1.el9_4.aarch64+64k",
            "packages.rpm",
            rpm("kernel-64k-core", "5.14.0", "427.16.1.el9_4"),
        ),
        (
            "5.14.21-150500.55.49-default",
            "packages.rpm",
            rpm("kernel-default", "5.14.21", "150500.55.52.1"),
        ),
        (
            "6.1.0-18-s390x",
            "packages.dpkg",
            deb("linux-image-6.1.0-21-s390x", "6.1.90-1"),
        ),
        (
            "6.9.3-arch1-1",
            "packages.pacman",
            "%NAME%\nlinux\n--\n%VERSION%\n6.10.1.arch1-1\n".to_owned(),
        ),
    ] {
        let (status, seen, reboot) = kernel(running, "#1 SMP", id, &packages);
        assert_eq!(
            (status, reboot),
            (SectionStatus::Partial, Some(true)),
            "{running}: {seen:?}"
        );
        assert_eq!(seen.running_package, None, "{running}");
    }
    // Of another flavour, or newer than all: nobody knows where it came from.
    for running in ["6.1.0-18-cloud-s390x", "6.5.0-9-s390x"] {
        let packages = deb("linux-image-6.1.0-21-s390x", "6.1.90-1");
        let (status, _, reboot) = kernel(running, "#1 SMP", "packages.dpkg", &packages);
        assert_eq!((status, reboot), (SectionStatus::Partial, None), "{running}");
    }
}

#[test]
fn a_visit_that_was_cut_counts_nothing() {
    let mut options = CollectOptions::new("test", "0");
    options.tier = PrivilegeTier::Extended;
    let plan = plan_with_marker(&options, "M");
    let facts = VisitFacts {
        taken_at: Timestamp::from_seconds(0),
        duration_ms: 0,
        username: "scan".to_owned(),
        truncated: false,
    };
    let first = "\n@M u 1000\n\n@M b files 1.0\n/etc/debian_version:12.5\n";
    let snapshot = parse(&plan, b"\n@M u 1000\n", b"", &facts);
    for (kind, record) in &snapshot.sections {
        assert_eq!(
            (record.status, &record.data),
            (SectionStatus::Timeout, &None),
            "{kind}"
        );
    }
    let dpkg = plan
        .commands()
        .iter()
        .position(|command| command.id() == "packages.dpkg")
        .expect("planned");
    for out in [first.to_owned(), format!("{first}\n@M b {dpkg} 1.5\n")] {
        let snapshot = parse(&plan, out.as_bytes(), b"", &facts);
        for kind in [Packages, SectionKind::PendingUpdates, PythonPackages, Containers] {
            let record = &snapshot.sections[&kind];
            assert_eq!(
                (record.status, &record.data),
                (SectionStatus::Timeout, &None),
                "{kind}"
            );
        }
    }
}

#[test]
fn what_is_closed_to_the_account_is_named() {
    let metadata = "closed /opt/app\n/opt/a/lib/python3.11/site-packages/F.dist-info/METADATA:Name: F\n\
                    /opt/a/lib/python3.11/site-packages/F.dist-info/METADATA:Version: 1\n";
    let host = Host::new()
        .files("/proc/1/comm:init\n", 0)
        .says("python_packages.metadata", metadata, "", 0)
        .says("probe.paths", "/usr/sbin/mysqld\nclosed /opt/app\n", "", 0)
        .says(
            "applications.versions",
            "== /usr/bin/php\nPHP 8.2.7\nclosed /usr/sbin/mysqld\n",
            "",
            0,
        );
    let snapshot = host.check(PythonPackages, SectionStatus::Partial);
    let lines = |kind| {
        let problems = snapshot.sections[&kind].problems.iter();
        problems.filter_map(|one| one.line.clone()).collect::<Vec<_>>()
    };
    assert_eq!(lines(PythonPackages), ["/opt/app"]);
    let applications = SectionKind::Applications;
    assert_eq!(snapshot.sections[&applications].status, SectionStatus::Partial);
    assert_eq!(lines(applications), ["/opt/app", "/usr/sbin/mysqld"]);
}

#[test]
fn a_source_without_a_list_is_named() {
    let sources = "/etc/apt/sources.list:deb http://deb.debian.org/debian bookworm main\n\
                   /etc/apt/sources.list:deb https://ann:geheim@repo.example.net/deb stable main\n\
                   /etc/apt/sources.list:# deb http://off.example.net/deb stable main\n";
    let dpkg = "bash\t5.2-1\tamd64\tbash\t5.2-1\tii \t1\tDebian\n";
    let visit = |sources: &str, ages: &str| {
        let snapshot = Host::new()
            .files(sources, 2)
            .says("packages.dpkg", dpkg, "", 0)
            .says("pending_updates.ages", ages, "", 0)
            .says("pending_updates.apt", "answered 1\n", "", 0)
            .visit();
        let record = snapshot.sections[&SectionKind::PendingUpdates].clone();
        let messages: Vec<String> = record.problems.into_iter().map(|one| one.message).collect();
        (record.status, messages.join("; "))
    };
    let debian = "1 /var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease\n";
    let both = format!("{debian}1 /var/lib/apt/lists/repo.example.net_deb_dists_stable_Release\n");
    assert_eq!(visit(sources, &both), (SectionStatus::Ok, String::new()));
    let (status, said) = visit(sources, debian);
    assert_eq!(status, SectionStatus::Partial);
    assert_eq!(
        said,
        "no list of the source https://***@repo.example.net/deb stable was fetched, so its updates are not known"
    );
    let (status, said) = visit("", debian);
    assert_eq!(status, SectionStatus::Partial);
    assert!(said.contains("apt has no source"), "{said}");
}

#[test]
fn an_engine_that_does_not_answer_has_no_known_containers() {
    let not_read = |host: Host, status| {
        let snapshot = host.files("/proc/1/comm:init\n", 0).check(Containers, status);
        let seen: luumen_model::Containers = snapshot.get().expect("containers");
        assert_eq!(seen.items, []);
        seen.not_read
    };
    let docker = "/usr/bin/docker\n/usr/bin/dockerd\n/usr/bin/containerd\n";
    let stopped =
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n";
    let host = || Host::new().says("probe.paths", docker, "", 0);
    assert_eq!(
        not_read(
            host().says("containers.docker", "", stopped, 1),
            SectionStatus::Partial
        ),
        ["docker"]
    );
    assert_eq!(not_read(host(), SectionStatus::Partial), ["docker"]);
    // No containers at all is an answer.
    let none: [&str; 0] = [];
    assert_eq!(
        not_read(host().says("containers.docker", "", "", 0), SectionStatus::Ok),
        none
    );
    for (path, name) in [
        ("/usr/bin/containerd\n", "containerd"),
        ("/usr/bin/crio\n", "cri-o"),
    ] {
        let host = Host::new().says("probe.paths", path, "", 0);
        assert_eq!(not_read(host, SectionStatus::Partial), [name], "it is stopped");
    }
    let crictl = Host::new()
        .says("probe.paths", "/usr/bin/containerd\n/usr/bin/crictl\n", "", 0)
        .says_by_sudo(
            "containers.crictl",
            "",
            "@1 0 .\nvalidate service connection: no such file\n",
        );
    assert_eq!(not_read(crictl, SectionStatus::Partial), ["containerd"]);
}

#[test]
fn no_secret_travels() {
    let rows = "/proc/self/mounts:/dev/vda1 / ext4 rw 0 0\n\
                /etc/fstab://ann:geheim@files/share /mnt/a cifs user=ann%geheim,passwd=geheim 0 0\n\
                /proc/cmdline:ro ks=https://ann:geheim@h/ks password=geheim x=y,token=geheim\n\
                /proc/sys/kernel/osrelease:6.1.0\n\
                /etc/crontab:1 2 3 * * root curl -u ann:geheim https://h\n\
                /etc/crontab:1 2 3 * * root mount -o username=bk,password=geheim //s/x /mnt\n\
                /etc/crontab:1 2 3 * * root mysqldump -p'geheim geheim' db\n\
                /etc/crontab:1 2 --password geheim\n\
                /etc/crontab:1 curl -d 'user=a&password=geheim' https://h\n\
                /etc/apt/sources.list:deb https://ann:geheim@repo.example.net/deb\n";
    let snapshot = Host::new()
        .files(rows, 0)
        .says(
            "packages.dpkg",
            "bash\t5.2-1\tamd64\tbash\t5.2-1\tii \t1\tDebian\n",
            "",
            0,
        )
        .says_by_sudo(
            "sudo_policy.rules",
            "/etc/sudoers:ann ALL=(root) /usr/bin/mysql -uroot -pgeheim\n\
             /etc/sudoers:bob ALL=(root) /usr/bin/kubectl create secret generic x --from-literal\\=password\\=geheim\n\
             /etc/sudoers:eve ALL=(root) /usr/bin/x \"Server=db;User ID=x;Password=geheim geheim\"\n",
            "@0 0 .\n\n",
        )
        .visit();
    for kind in [
        MountsKind,
        SectionKind::Kernel,
        SectionKind::Timers,
        SectionKind::Repositories,
        SectionKind::SudoPolicy,
    ] {
        let record = &snapshot.sections[&kind];
        assert!(record.data.is_some(), "{kind}");
        let text = serde_json::to_string(record).expect("JSON");
        assert!(!text.contains("geheim"), "{kind}: {text}");
        assert!(text.contains("***"), "{kind}: {text}");
    }
}

#[test]
fn a_firewall_that_could_not_be_asked_is_not_off() {
    let programs = "/usr/sbin/nft\n/usr/sbin/iptables\n";
    let host = Host::new()
        .files("/proc/1/comm:init\n", 0)
        .says("probe.paths", programs, "", 0)
        .says(
            "firewall.nft",
            "",
            "netlink: Error: cache initialization failed\n",
            1,
        );
    let snapshot = host.check(SectionKind::Firewall, SectionStatus::Partial);
    let seen: luumen_model::Firewall = snapshot.get().expect("a firewall");
    let tools: Vec<_> = seen
        .tools
        .iter()
        .map(|tool| (tool.name.as_str(), tool.active))
        .collect();
    assert_eq!(
        (seen.active, tools),
        (None, vec![("iptables", None), ("nftables", None)])
    );
    let snapshot = Host::new()
        .says("probe.paths", "/usr/sbin/auditd\n", "", 0)
        .says("audit.rules", "", "Error - audit support not in kernel\n", 255)
        .check(Audit, SectionStatus::Partial);
    let seen: luumen_model::Audit = snapshot.get().expect("audit");
    assert_eq!(seen.rules, None);
}

#[test]
fn lists_of_alpine_and_arch_that_were_not_fetched_are_said() {
    let visit = |files: &str, ages: &str, answer: (&'static str, &str, &'static str, i32)| {
        let (id, stdout, stderr, code) = answer;
        let snapshot = Host::new()
            .files(files, 2)
            .says("packages.dpkg", "", "", 0)
            .says("pending_updates.ages", ages, "", 0)
            .says(id, stdout, stderr, code)
            .visit();
        let record = snapshot.sections[&SectionKind::PendingUpdates].clone();
        let said: Vec<String> = record.problems.into_iter().map(|one| one.message).collect();
        (record.status, said.join("; "))
    };
    let arch = "/etc/pacman.conf:[options]\n/etc/pacman.conf:[core]\n/etc/pacman.conf:Server = https://h/x\n\
                /etc/pacman.conf:[extra]\n/etc/pacman.conf:Server = https://h/x\n";
    let core = "1 /var/lib/pacman/sync/core.db\n";
    let both = format!("{core}1 /var/lib/pacman/sync/extra.db\n");
    let none = ("pending_updates.pacman", "", "", 1);
    assert_eq!(visit(arch, &both, none), (SectionStatus::Ok, String::new()));
    let (status, said) = visit(arch, core, none);
    assert!(
        status == SectionStatus::Partial && said.contains("extra"),
        "{said}"
    );
    let failed = ("pending_updates.pacman", "", "error: could not open file\n", 1);
    assert_eq!(visit(arch, &both, failed).0, SectionStatus::Partial);
    let alpine =
        "/etc/apk/repositories:https://h/v3.20/main\n/etc/apk/repositories:https://h/v3.20/community\n";
    let one = "1 /var/cache/apk/APKINDEX.0a.tar.gz\n";
    let two = format!("{one}1 /etc/apk/cache/APKINDEX.0b.tar.gz\n");
    let none = ("pending_updates.apk", "", "", 0);
    assert_eq!(visit(alpine, &two, none), (SectionStatus::Ok, String::new()));
    let (status, said) = visit(alpine, one, none);
    assert!(
        status == SectionStatus::Partial && said.contains("1 of 2"),
        "{said}"
    );
}
