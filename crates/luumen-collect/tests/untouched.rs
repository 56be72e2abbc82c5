//! P2: a visit writes nothing. The host is this machine under an overlay, so that every write would lie in
//! the overlay's upper folder for all to see. Needs root; says so and passes when it has not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use luumen_collect::{CollectOptions, Plan, VisitFacts, parse, plan, plan_again, sudoers};
use luumen_model::{PrivilegeTier, SectionKind, SectionStatus, Snapshot, Timestamp};

/// Makes the overlay, runs `before` in it, then our script as `user`, then lists what was written since.
fn visit_overlay(plan: &Plan, before: &str, user: &str) -> Option<(Output, String)> {
    let setup = format!(
        "set -e; d=$(mktemp -d /dev/shm/luumen.XXXXXX); trap 'umount -R $d 2>/dev/null; rmdir $d' EXIT
         mount -t tmpfs tmpfs $d; mkdir $d/up $d/work $d/root
         mount -t overlay overlay -o lowerdir=/,upperdir=$d/up,workdir=$d/work $d/root
         mount -t proc proc $d/root/proc; mount --rbind /sys $d/root/sys; mount --rbind /dev $d/root/dev
         echo '@@@ mounted'
         ({before}
         )
         cd $d/up; find . | sort > $d/before
         chroot --userspec={user} $d/root /bin/sh -s
         find . -newer $d/before > $d/new || true; find . | sort | comm -13 $d/before - >> $d/new
         echo; echo '@@@ written'; cat $d/new"
    );
    let mut child = Command::new("unshare")
        .args(["--mount", "--pid", "--fork", "sh", "-c", &setup])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child
        .stdin
        .take()
        .unwrap()
        .write_all(plan.script().as_bytes())
        .unwrap();
    let mut output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    let Some(text) = text.split_once("@@@ mounted\n").map(|(_, after)| after) else {
        eprintln!(
            "skipped: no overlay here: {}",
            complaints.lines().last().unwrap_or("")
        );
        return None;
    };
    let Some((said, written)) = text.split_once("\n@@@ written\n") else {
        panic!("the host under the overlay was not ready: {complaints}");
    };
    output.stdout = said.as_bytes().to_vec();
    Some((output, written.to_owned()))
}

fn read(plan: &Plan, output: &Output) -> Snapshot {
    let facts = VisitFacts {
        taken_at: Timestamp::from_seconds(0),
        duration_ms: 0,
        username: "root".to_owned(),
        truncated: false,
    };
    parse(plan, &output.stdout, &output.stderr, &facts)
}

#[track_caller]
fn check(tier: PrivilegeTier, before: &str, user: &str) -> Option<Snapshot> {
    let mut options = CollectOptions::new("test", "0");
    options.tier = tier;
    // The plan of a scheduled visit has all commands of the others, and one more.
    let plan = plan_again(&options, None, Timestamp::from_seconds(0));
    let (output, written) = visit_overlay(&plan, before, user)?;
    let snapshot = read(&plan, &output);
    assert_ne!(
        snapshot.sections[&SectionKind::Packages].status,
        SectionStatus::Timeout,
        "the visit ran"
    );
    assert_eq!(written.trim(), "", "written by {user}");
    Some(snapshot)
}

#[test]
fn nothing_is_written_as_root_or_as_anyone() {
    check(PrivilegeTier::Extended, ":", "root:root");
    check(PrivilegeTier::None, ":", "nobody:nogroup");
}

#[test]
fn nothing_is_written_through_sudo() {
    let rules = sudoers(PrivilegeTier::Standard, "nobody");
    let before = format!(
        "[ -d $d/root/etc/sudoers.d ] || exit 0; f=$d/root/etc/sudoers.d/luumen; cat >$f <<'END'\n{rules}END\nchmod 440 $f"
    );
    let snapshot = check(PrivilegeTier::Standard, &before, "nobody:nogroup");
    if let Some(snapshot) = snapshot.filter(|_| std::path::Path::new("/usr/bin/sudo").exists()) {
        let rights = &snapshot.sections[&SectionKind::Sshd].missing_rights;
        assert!(rights.is_empty(), "sudo was allowed: {rights:?}");
    }
    // One tier more than the rules allow: refused, and still no mail about it.
    check(PrivilegeTier::Extended, &before, "nobody:nogroup");
}

/// root's apt would mend an outdated cache.
#[test]
fn an_outdated_apt_cache_stays_as_it_is() {
    let before = "command -v apt-cache >/dev/null || exit 0; rm -f $d/root/etc/apt/apt.conf.d/docker-clean
        chroot $d/root apt-cache gencaches >/dev/null; touch $d/root/var/lib/dpkg/status";
    for user in ["root:root", "nobody:nogroup"] {
        check(PrivilegeTier::None, before, user);
    }
    let no_setpriv = format!("{before}; rm -f $d/root/usr/bin/setpriv");
    check(PrivilegeTier::None, &no_setpriv, "root:root");
}

/// Alpine in small: every tool that busybox has is busybox.
#[test]
fn busybox_tools_serve_as_well() {
    if !std::path::Path::new("/bin/busybox").exists() {
        eprintln!("skipped: this machine has no busybox");
        return;
    }
    let plan = plan(&CollectOptions::new("test", "0"));
    let before = "for t in sh grep sed head timeout awk df stat uname od readlink cat id ip; do
        for f in bin sbin usr/bin usr/sbin; do [ -L $d/root/$f ] || rm -f $d/root/$f/$t; done
        ln -s /bin/busybox $d/root/usr/bin/$t; done";
    let Some((output, written)) = visit_overlay(&plan, before, "root:root") else {
        return;
    };
    assert_eq!(written.trim(), "");
    let seen = read(&plan, &output);
    for kind in [
        SectionKind::Os,
        SectionKind::Mounts,
        SectionKind::Packages,
        SectionKind::Users,
        SectionKind::Network,
    ] {
        let record = &seen.sections[&kind];
        assert_eq!(record.status, SectionStatus::Ok, "{kind}: {:?}", record.problems);
    }
    if let Ok(folder) = std::env::var("LUUMEN_KEEP_SNAPSHOTS") {
        std::fs::write(
            format!("{folder}/busybox-tools.json"),
            serde_json::to_string_pretty(&seen).unwrap(),
        )
        .unwrap();
    }
}

/// What only root may see, through sudo's own reading of our rules: keys, a closed folder of certificates.
#[test]
fn what_is_closed_is_read_through_sudo() {
    let rules = sudoers(PrivilegeTier::Extended, "nobody");
    let before = format!(
        "[ -d $d/root/etc/sudoers.d ] || exit 0; f=$d/root/etc/sudoers.d/luumen; cat >$f <<'END'\n{rules}END\nchmod 440 $f
         mkdir -p $d/root/home/ann/.ssh $d/root/etc/letsencrypt/live/web; chmod 700 $d/root/home/ann $d/root/etc/letsencrypt/live
         echo 'ann:x:4321:4321::/home/ann:/bin/sh' >>$d/root/etc/passwd
         printf '# ssh-rsa AAAA\\nssh-ed25519 AAAA1 a\\nfrom=\"192.0.2.1\" ssh-rsa AAAA2\\n\\n' >$d/root/home/ann/.ssh/authorized_keys
         openssl req -x509 -newkey ed25519 -nodes -keyout $d/root/etc/letsencrypt/live/web/privkey.pem -subj /CN=closed.example.net \
             -out $d/root/etc/letsencrypt/live/web/cert.pem 2>/dev/null"
    );
    let sections = |snapshot: Snapshot| {
        [SectionKind::Users, SectionKind::Certificates].map(|kind| snapshot.sections[&kind].clone())
    };
    let Some([users, certificates]) = check(PrivilegeTier::Extended, &before, "nobody:nogroup").map(sections)
    else {
        return;
    };
    if !["/usr/bin/sudo", "/usr/bin/openssl"]
        .iter()
        .all(|tool| std::path::Path::new(tool).exists())
    {
        eprintln!("skipped: this machine has no sudo or no openssl");
        return;
    }
    assert!(users.missing_rights.is_empty() && certificates.missing_rights.is_empty());
    let data = users.data.expect("users");
    let ann = data["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "ann");
    assert_eq!(ann.expect("ann")["authorized_keys"], 2);
    let data = certificates.data.expect("certificates");
    let subjects: Vec<_> = data["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["subject"].clone())
        .collect();
    assert!(subjects.contains(&"CN=closed.example.net".into()), "{subjects:?}");
    assert!(!data.to_string().contains("PRIVATE"));
    // Without the right, the folder is named, and so is the missing line.
    let [_, certificates] = check(PrivilegeTier::Standard, &before, "nobody:nogroup")
        .map(sections)
        .unwrap();
    assert_eq!(certificates.status, SectionStatus::Partial);
    let closed = certificates
        .problems
        .iter()
        .any(|one| one.line.as_deref() == Some("/etc/letsencrypt/live"));
    assert!(closed, "{:?}", certificates.problems);
}
