//! Visits to a host that was visited before: what cannot have changed is not asked again, and whatever has changed is.
//!
//! The host is this machine, or this machine under an overlay where something is changed on it. Needs root, dpkg and apt
//! for the whole; says so and passes where they are missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod support;

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc, time::Duration};

use luumen_collect::{CollectOptions, Kept, Plan, Seen, VisitFacts, parse_seen, plan_again, run_again};
use luumen_model::{
    Packages, PendingUpdates, PrivilegeTier,
    SectionKind::{self, Applications, ListeningPorts, Vitals},
    SectionStatus, Timestamp,
};
use support::{LocalShell, overlay::Overlay};
use tokio_util::sync::CancellationToken;

const ALL: [SectionKind; 2] = [SectionKind::Packages, SectionKind::PendingUpdates];

fn options() -> CollectOptions {
    CollectOptions::new("test", "1")
}

fn now() -> Timestamp {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

async fn visit(mut shell: LocalShell, kept: Option<&Arc<Kept>>) -> Seen {
    let plan = plan_again(&options(), kept.cloned(), now());
    assert_eq!(plan.relies_on_kept(), kept.is_some());
    run_again(&mut shell, &plan, &CancellationToken::new())
        .await
        .expect("a visit")
}

/// A Debian host with apt's cache built (of the short lists, for the sake of time), watched by spies, and settled.
fn debian() -> Option<Overlay> {
    let host = Overlay::make().or_else(|| {
        eprintln!("skipped: no overlay here");
        None
    })?;
    let ready = host.change(
        "command -v apt-cache >/dev/null && ls /var/lib/apt/lists/*InRelease >/dev/null 2>&1 || exit 0
         rm -f /etc/apt/apt.conf.d/docker-clean; find /etc/apt/sources.list.d -type f ! -name debian.sources -exec rm {} +; find /var/lib/apt/lists -name '*_Packages*' -size +1M -exec rm {} +; apt-cache gencaches >/dev/null 2>&1; echo ready",
    );
    if ready.is_empty() {
        eprintln!("skipped: this machine has no apt, or no lists for it");
        return None;
    }
    host.spy_on("apt-cache");
    host.spy_on("dpkg-query");
    Overlay::settle();
    Some(host)
}

async fn nobody(host: &Overlay, kept: Option<&Arc<Kept>>) -> Seen {
    visit(host.shell("nobody:nogroup"), kept).await
}

/// A visit in full, and what it keeps.
async fn in_full(host: &Overlay) -> (Seen, Arc<Kept>) {
    let seen = nobody(host, None).await;
    assert_eq!(started(host), [1, 1], "everything was asked");
    let kept = seen
        .kept
        .clone()
        .unwrap_or_else(|| panic!("nothing was kept: {:?}", records(&seen)));
    (seen, Arc::new(kept))
}

fn records(seen: &Seen) -> Vec<String> {
    ALL.iter()
        .map(|kind| {
            format!(
                "{:?} {:?}",
                seen.snapshot.sections[kind].status, seen.snapshot.sections[kind].problems
            )
        })
        .collect()
}

fn started(host: &Overlay) -> [usize; 2] {
    [host.started("dpkg-query"), host.started("apt-cache")]
}

#[track_caller]
fn same_facts(one: &Seen, other: &Seen) {
    for kind in SectionKind::ALL
        .iter()
        .filter(|kind| !matches!(kind, Vitals | ListeningPorts | Applications))
    {
        let (one, other) = (&one.snapshot.sections[kind], &other.snapshot.sections[kind]);
        assert_eq!((&one.hash, one.status), (&other.hash, other.status), "{kind}");
        assert_eq!(one.problems, other.problems, "{kind}");
    }
}

#[tokio::test]
async fn what_cannot_have_changed_is_not_asked_again() {
    let Some(host) = debian() else { return };
    let (first, kept) = in_full(&host).await;
    assert_eq!(first.unchanged, BTreeSet::new());
    for _ in 0..2 {
        let again = nobody(&host, Some(&kept)).await;
        assert_eq!(started(&host), [0, 0]);
        assert_eq!(again.unchanged, BTreeSet::from(ALL));
        assert_eq!(again.kept, None, "there is nothing new to keep");
        same_facts(&first, &again);
    }

    // Not an input: only the age of the lists is read from it, and that is asked for each time.
    host.change(
        "mkdir -p /var/lib/apt/periodic; touch -d @2000000000 /var/lib/apt/periodic/update-success-stamp",
    );
    let aged = nobody(&host, Some(&kept)).await;
    assert_eq!((started(&host), aged.unchanged), ([0, 0], BTreeSet::from(ALL)));
    let updates: PendingUpdates = aged.snapshot.get().unwrap();
    assert_eq!(updates.metadata_at, Some(Timestamp::from_seconds(2_000_000_000)));
}

#[tokio::test]
async fn whatever_changes_is_read_again() {
    let Some(host) = debian() else { return };
    let (_, mut kept) = in_full(&host).await;
    let changes = [
        "printf 'Package: luumen-probe\\nStatus: install ok installed\\nMaintainer: x <x@x>\\nArchitecture: all\\nVersion: 1\\n\
         Description: x\\n\\n' >>/var/lib/dpkg/status",
        "sed -i 's/^Version: 1$/Version: 2/' /var/lib/dpkg/status",
        "printf 'Package: *\\nPin: release *\\nPin-Priority: 500\\n' >/etc/apt/preferences.d/luumen",
        "touch /var/lib/apt/lists/luumen.example_dists_x_InRelease",
        "for f in /var/lib/apt/lists/*_InRelease; do touch -d @1000000000 $f; break; done",
        "echo '# x' >/etc/apt/sources.list.d/luumen.list",
        "sed -i '/^Package: luumen-probe$/,$d' /var/lib/dpkg/status",
    ];
    for change in changes {
        host.change(change);
        let seen = nobody(&host, Some(&kept)).await;
        assert_eq!((started(&host), seen.unchanged.len()), ([1, 1], 0), "{change}");
        // What has changed this very moment may change again within the same tick of the clock.
        assert_eq!(seen.kept, None, "{change}");
        let packages: Packages = seen.snapshot.get().unwrap();
        let probe = packages
            .items
            .iter()
            .find(|package| package.name == "luumen-probe");
        let version = match change {
            first if first == changes[0] => Some("1"),
            last if last.ends_with(",$d' /var/lib/dpkg/status") => None,
            _ => Some("2"),
        };
        assert_eq!(probe.map(|package| package.version.as_str()), version, "{change}");
        Overlay::settle();
        kept = in_full(&host).await.1;
    }
}

#[tokio::test]
async fn only_whole_answers_are_kept() {
    let Some(host) = debian() else { return };
    host.change("echo '# x' >/etc/apt/preferences.d/luumen; chmod 600 /etc/apt/preferences.d/luumen");
    Overlay::settle();
    let (first, kept) = in_full(&host).await;
    let status = |seen: &Seen| ALL.map(|kind| seen.snapshot.sections[&kind].status);
    assert_eq!(
        status(&first),
        [SectionStatus::Ok, SectionStatus::Partial],
        "{:?}",
        records(&first)
    );
    let again = nobody(&host, Some(&kept)).await;
    assert_eq!(
        started(&host),
        [0, 1],
        "apt, which may not read its pins, is asked again"
    );
    assert_eq!(again.unchanged, BTreeSet::from([SectionKind::Packages]));
    same_facts(&first, &again);
}

/// What this machine keeps of a visit to itself.
async fn of_this_machine() -> Option<Arc<Kept>> {
    let seen = visit(LocalShell::new(&["sh"]), None).await;
    let kept = seen.kept.map(Arc::new);
    if kept.is_none() {
        eprintln!("skipped: this machine has no package database that is known, or it changed just now");
    }
    kept
}

#[tokio::test]
async fn every_shell_compares_alike() {
    let Some(kept) = of_this_machine().await else {
        return;
    };
    for words in [
        &["sh"][..],
        &["dash"],
        &["bash"],
        &["busybox", "sh"],
        &["ksh"],
        &["mksh"],
    ] {
        let shell = LocalShell::new(words);
        if shell.exists() {
            let seen = visit(shell, Some(&kept)).await;
            assert!(seen.unchanged.contains(&SectionKind::Packages), "{words:?}");
        } else {
            eprintln!("skipped: this machine has no {}", words[0]);
        }
    }
}

#[tokio::test]
async fn a_day_another_tier_or_another_version_asks_everything() {
    let Some(kept) = of_this_machine().await else {
        return;
    };
    let relies = |options: &CollectOptions, now: Timestamp| {
        plan_again(options, Some(Arc::clone(&kept)), now).relies_on_kept()
    };
    let after = |time: Duration| {
        let ms = i64::try_from(time.as_millis()).unwrap();
        Timestamp::from_millis(kept.read_at().as_millis() + ms)
    };
    assert!(relies(&options(), kept.read_at()));
    assert!(relies(&options(), after(Kept::LONGEST - Duration::from_secs(1))));
    assert!(!relies(&options(), after(Kept::LONGEST)));
    assert!(
        !relies(&options(), Timestamp::from_millis(kept.read_at().as_millis() - 1)),
        "a clock was set back"
    );
    let others: [fn(&mut CollectOptions); 5] = [
        |options| options.tier = PrivilegeTier::Standard,
        |options| options.collector_version = "2".to_owned(),
        |options| options.collector_name = "other".to_owned(),
        |options| options.command_timeout = Some(Duration::from_secs(1)),
        |options| {
            options.sections.remove(&SectionKind::Users);
        },
    ];
    for change in others {
        let mut other = options();
        change(&mut other);
        assert!(!relies(&other, kept.read_at()), "{other:?}");
    }
}

#[tokio::test]
async fn nothing_that_was_done_to_what_is_kept_reaches_the_host() {
    let Some(kept) = of_this_machine().await else {
        return;
    };
    let kept_json = serde_json::to_value(&*kept).unwrap();
    let state = kept_json["state"].as_str().unwrap();
    for hostile in [
        "'; planted; '".to_owned(),
        format!("{state}'; planted; '"),
        format!("{state}\nplanted"),
        format!("{state}\n$(planted)"),
        format!("planted\n{state}"),
    ] {
        let mut json = kept_json.clone();
        json["state"] = hostile.clone().into();
        json["answers"]["packages.dpkg; planted"] = json["answers"]["packages.dpkg"].clone();
        let odd: Kept = serde_json::from_value(json).unwrap();
        let plan = plan_again(&options(), Some(Arc::new(odd)), now());
        assert!(!plan.relies_on_kept(), "{hostile}");
        assert!(!plan.script().contains("planted"), "{hostile}");
    }
    let mut json = kept_json;
    json["answers"]["planted"] = serde_json::json!({"stdout": "planted", "code": 0, "choice": 0});
    let odd: Kept = serde_json::from_value(json).unwrap();
    let plan = plan_again(&options(), Some(Arc::new(odd)), now());
    assert!(plan.relies_on_kept());
    assert!(!plan.script().contains("planted"), "answers stay at home");
}

/// A visit in which every command but those with a mark of their own is absent.
fn told(plan: &Plan, state: &str, mark: &str) -> Seen {
    let script = plan.script();
    let marker = script.lines().find_map(|line| line.strip_prefix("M=")).unwrap();
    let (mut out, mut err) = (format!("\n@{marker} u 1000\n"), String::new());
    for (index, command) in plan.commands().iter().enumerate() {
        let _ = match command.id() {
            "packages.inputs" => {
                let _ = write!(err, "\n@{marker} b {index}\n\n@{marker} r {index} 0 \n");
                write!(out, "\n@{marker} b {index} 1.0\n{state}\n")
            }
            "packages.dpkg" => write!(out, "\n@{marker} {mark} {index} \n"),
            _ => write!(out, "\n@{marker} n {index} \n"),
        };
    }
    let _ = write!(out, "\n@{marker} b end 2.0\n");
    let facts = VisitFacts {
        taken_at: now(),
        duration_ms: 1,
        username: "scan".to_owned(),
        truncated: false,
    };
    parse_seen(plan, out.as_bytes(), err.as_bytes(), &facts)
}

#[tokio::test]
async fn a_host_cannot_say_unchanged_of_what_is_not_kept() {
    let status = |seen: &Seen| seen.snapshot.sections[&SectionKind::Packages].status;
    let knows_nothing = plan_again(&options(), None, now());
    let seen = told(&knows_nothing, "same", "k");
    assert_eq!(
        (status(&seen), seen.kept, seen.unchanged.len()),
        (SectionStatus::Timeout, None, 0)
    );

    let Some(kept) = of_this_machine().await else {
        return;
    };
    let knows = plan_again(&options(), Some(Arc::clone(&kept)), now());
    let seen = told(&knows, "same", "k");
    assert_eq!((status(&seen), seen.unchanged.len()), (SectionStatus::Ok, 1));
    assert_eq!(seen.kept, None, "what is kept does not get younger by that");
    let seen = told(
        &knows,
        "0 1.000000000 1.000000000 1\n1 1.000000000 1.000000000 1",
        "k",
    );
    assert_eq!(
        (status(&seen), seen.kept, seen.unchanged.len()),
        (SectionStatus::Timeout, None, 0)
    );
    let seen = told(&knows, "same", "n");
    assert_eq!(
        status(&seen),
        SectionStatus::Partial,
        "a manager that has gone is gone"
    );
}
