//! Whole visits that were recorded on real hosts, played again through a session: what `run` makes of them.
//!
//! `fixtures/visits/README.md` says how a host is recorded.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod support;

use std::fmt::Write as _;

use expect_test::expect_file;
use luumen_collect::{CollectOptions, LookError, plan, run};
use luumen_model::{Os, Packages, Repositories, Snapshot, Sshd, Users};
use luumen_transport::replay::{
    Exchange, RecordedOutput, RecordedStatus, RecordingSession, ReplaySession, Transcript,
};
use support::{LocalShell, recording};
use tokio_util::sync::CancellationToken;

/// What a person would look at first, without anything that a clock decides.
fn summary(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    let os: Os = snapshot.get().expect("os");
    let _ = writeln!(
        text,
        "{} on {}, kernel {}",
        os.name, os.hostname, os.kernel_release
    );
    let packages: Packages = snapshot.get().expect("packages");
    let _ = writeln!(
        text,
        "{} packages of {:?}",
        packages.items.len(),
        packages.managers
    );
    for name in ["libc6", "openssl", "openssh-server", "glibc"] {
        for package in packages.items.iter().filter(|package| package.name == name) {
            let _ = writeln!(text, "  {name} {} {:?}", package.version, package.arch);
        }
    }
    let users: Users = snapshot.get().expect("users");
    let people: Vec<&str> = users
        .items
        .iter()
        .filter(|user| user.uid >= 1000 && user.uid < 60_000)
        .map(|user| user.name.as_str())
        .collect();
    let _ = writeln!(text, "{} users, of whom people: {people:?}", users.items.len());
    if let Some(sshd) = snapshot.get::<Sshd>() {
        let _ = writeln!(text, "sshd {:?}", sshd.settings);
    }
    if let Some(repositories) = snapshot.get::<Repositories>() {
        let _ = writeln!(text, "{} repositories", repositories.items.len());
    }
    for (kind, record) in &snapshot.sections {
        let problems = record.problems.len();
        let _ = writeln!(text, "{kind}: {:?}, {problems} problems", record.status);
    }
    text
}

async fn check(name: &str) {
    let plan = recording::visit();
    let (transcript, unknown) = recording::read(name, &plan);
    if !unknown.is_empty() {
        eprintln!("{name} was recorded before {unknown:?}; see fixtures/visits/README.md to record it anew");
    }
    let mut session = ReplaySession::new(transcript);
    let snapshot = run(&mut session, &plan, &CancellationToken::new())
        .await
        .expect("a snapshot");
    let sent = [(plan.command_line().to_owned(), plan.script().as_bytes().to_vec())];
    assert_eq!(session.asked(), sent, "one script and nothing else");
    assert_eq!(snapshot.username, "scan", "the session says who looked");
    expect_file![recording::path(name, "expected.txt")].assert_eq(&summary(&snapshot));
}

#[tokio::test]
async fn debian() {
    check("debian-12").await;
}

/// A Debian made an rpm host: its packages are what rpm itself says of a database of its own making.
#[tokio::test]
async fn rpm() {
    check("rpm-9").await;
}

/// What comes of a login that says this and runs nothing of ours.
async fn without_shell(stdout: &str, stderr: &str, status: RecordedStatus, timed_out: bool) -> LookError {
    let mut transcript = Transcript::new("scan@db-3:22");
    transcript.exchanges.push(Exchange {
        command: "/bin/sh -s".to_owned(),
        stdin: None,
        stdout: RecordedOutput::Text(stdout.to_owned()),
        stderr: RecordedOutput::Text(stderr.to_owned()),
        status,
        truncated: false,
        timed_out,
        duration_ms: 10,
    });
    let plan = plan(&CollectOptions::new("test", "0"));
    run(
        &mut ReplaySession::new(transcript),
        &plan,
        &CancellationToken::new(),
    )
    .await
    .expect_err("nothing was seen, and a snapshot would say that all is gone")
}

#[tokio::test]
async fn a_login_that_runs_no_shell_is_no_visit() {
    let code = RecordedStatus::Code;
    let expired = "WARNING: Your password has expired.\nYou must change your password now and login again!\n";
    let error = without_shell("", expired, code(1), false).await;
    assert_eq!(error.code(), "LUM-NO-SHELL");
    assert_eq!(
        error.to_string(),
        "scan@db-3:22 let the account in and ran no shell for it (exit code 1): WARNING: Your password has expired. | \
         You must change your password now and login again!"
    );
    let error = without_shell("\nThis account is\u{7} closed.\n\x1b[2J", "", code(1), false).await;
    let said = error.to_string();
    assert!(
        said.ends_with("(exit code 1): This account is\u{fffd} closed. | \u{fffd}[2J"),
        "{said}"
    );
    for (stdout, status) in [("", code(0)), ("Welcome!\n", RecordedStatus::Unknown)] {
        assert_eq!(
            without_shell(stdout, "", status, false).await.code(),
            "LUM-NO-SHELL"
        );
    }
    let error = without_shell("Welcome!\n", "", RecordedStatus::Unknown, true).await;
    assert_eq!(error.code(), "LUM-TIMEOUT", "{error}");
}

/// Records a visit anew, when it is told what and where; and plays it at once.
#[tokio::test]
async fn a_host_is_recorded_when_one_is_named() {
    let (Ok(name), Ok(words)) = (
        std::env::var("LUUMEN_RECORD"),
        std::env::var("LUUMEN_RECORD_SHELL"),
    ) else {
        return;
    };
    let plan = recording::visit();
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut session = RecordingSession::new(LocalShell::new(&words));
    let seen = run(&mut session, &plan, &CancellationToken::new())
        .await
        .expect("a visit");
    let (_, transcript) = session.into_parts();
    let kept = recording::keep(transcript, &name, &plan);
    std::fs::write(recording::path(&name, "json"), kept.to_json().unwrap()).unwrap();

    let mut again = ReplaySession::new(recording::read(&name, &plan).0);
    let played = run(&mut again, &plan, &CancellationToken::new())
        .await
        .expect("a snapshot");
    assert_eq!(played.get::<Packages>(), seen.get::<Packages>());
    assert_eq!(played.get::<Users>(), seen.get::<Users>());
}
