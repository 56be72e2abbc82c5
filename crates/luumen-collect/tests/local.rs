//! The real script on this machine, under every shell that hosts are likely to have.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod support;

use luumen_collect::{CollectOptions, plan, run};
use luumen_model::{Os, Packages, SectionKind, Snapshot, Users};
use support::LocalShell;
use tokio_util::sync::CancellationToken;

async fn visit(words: &[&str]) -> Option<Snapshot> {
    let mut shell = LocalShell::new(words);
    if !shell.exists() {
        eprintln!("skipped: this machine has no {}", words[0]);
        return None;
    }
    let plan = plan(&CollectOptions::new("test", "0"));
    let snapshot = run(&mut shell, &plan, &CancellationToken::new())
        .await
        .expect("a snapshot");
    if let Ok(folder) = std::env::var("LUUMEN_KEEP_SNAPSHOTS") {
        let text = serde_json::to_string_pretty(&snapshot).unwrap();
        std::fs::write(format!("{folder}/{}.json", words.join("-")), text).unwrap();
        std::fs::write(format!("{folder}/script.sh"), plan.script()).unwrap();
    }
    Some(snapshot)
}

#[tokio::test]
async fn every_shell_sees_the_same_host() {
    let Some(first) = visit(&["sh"]).await else { return };
    let os: Os = first.get().expect("os");
    assert_eq!(
        os.hostname,
        std::fs::read_to_string("/proc/sys/kernel/hostname")
            .unwrap()
            .trim()
    );
    assert!(
        first
            .get::<Users>()
            .expect("users")
            .items
            .iter()
            .any(|user| user.uid == 0)
    );
    for words in [&["dash"][..], &["bash"], &["busybox", "sh"], &["ksh"], &["mksh"]] {
        let Some(other) = visit(words).await else { continue };
        for kind in SectionKind::ALL {
            // Vitals differ between any two moments, and so may what listens and runs while other tests do.
            if !matches!(
                kind,
                SectionKind::Vitals | SectionKind::ListeningPorts | SectionKind::Applications
            ) {
                assert_eq!(
                    first.sections[kind].hash, other.sections[kind].hash,
                    "{kind} under {words:?}"
                );
                assert_eq!(
                    first.sections[kind].status, other.sections[kind].status,
                    "{kind} under {words:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn packages_are_those_that_dpkg_names() {
    let Some(snapshot) = visit(&["sh"]).await else {
        return;
    };
    let Ok(output) = std::process::Command::new("dpkg-query")
        .args(["-W", "-f", "${binary:Package}=${Version}\n"])
        .output()
    else {
        eprintln!("skipped: this machine has no dpkg");
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let mut expected: Vec<String> = text
        .lines()
        .filter(|line| !line.ends_with('='))
        .map(|line| {
            let (name, version) = line.split_once('=').unwrap();
            format!("{}={version}", name.split(':').next().unwrap())
        })
        .collect();
    let packages: Packages = snapshot.get().expect("packages");
    let mut seen: Vec<String> = packages
        .items
        .iter()
        .map(|p| format!("{}={}", p.name, p.version))
        .collect();
    expected.sort();
    seen.sort();
    assert_eq!(seen, expected);
}
