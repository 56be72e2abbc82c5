//! Commands: what goes in, what comes out, and how they end.

use std::time::{Duration, Instant};

use luumen_testkit::sshd::{KeyFile, Sshd};
use luumen_transport::{ExecError, ExecRequest, ExitStatus, Session, SshSession, connect};
use tokio_util::sync::CancellationToken;

use crate::support::{Relay, key_auth, request, run, strict, target, trusting};

/// Well before the commands would end by themselves, and long enough for a busy machine.
const SOON: Duration = Duration::from_secs(20);

async fn session() -> Option<(Sshd, SshSession)> {
    let key = KeyFile::generate("ed25519").unwrap();
    let server = Sshd::builder().authorize(&key).start().unwrap()?;
    let session = connect(&target(&server, key_auth(&key)), &strict(&server))
        .await
        .unwrap();
    Some((server, session))
}

#[tokio::test]
async fn a_script_on_stdin_is_run() {
    let Some((_server, mut session)) = session().await else {
        return;
    };
    let script = ExecRequest {
        stdin: b"echo one; echo two >&2; exit 7\n".to_vec(),
        ..request("/bin/sh -s")
    };
    let output = session.exec(script).await.unwrap();
    assert_eq!(
        (output.stdout.as_slice(), output.stderr.as_slice()),
        (&b"one\n"[..], &b"two\n"[..])
    );
    assert_eq!(output.status, ExitStatus::Code(7));
    assert!(!output.truncated && !output.timed_out);
}

#[tokio::test]
async fn much_input_and_much_output_do_not_wait_for_each_other() {
    let Some((_server, mut session)) = session().await else {
        return;
    };
    let stdin: Vec<u8> = (0..24 * 1024 * 1024u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let output = session
        .exec(ExecRequest {
            stdin: stdin.clone(),
            ..request("cat")
        })
        .await
        .unwrap();
    assert!(output.stdout == stdin, "{} bytes came back", output.stdout.len());
    let both = "i=0; while [ $i -lt 20000 ]; do echo out-$i; echo err-$i >&2; i=$((i+1)); done";
    let output = run(&mut session, both).await;
    assert!(output.stdout.ends_with(b"out-19999\n"));
    assert!(output.stderr.ends_with(b"err-19999\n"));
}

#[tokio::test]
async fn a_command_that_ignores_its_input_still_ends() {
    let Some((_server, mut session)) = session().await else {
        return;
    };
    let ignored = ExecRequest {
        stdin: vec![b'x'; 8 * 1024 * 1024],
        ..request("exec <&-; echo done")
    };
    let output = session.exec(ignored).await.unwrap();
    assert_eq!(
        (output.stdout.as_slice(), output.status),
        (&b"done\n"[..], ExitStatus::Code(0))
    );
}

#[tokio::test]
async fn commands_run_one_after_the_other_on_one_connection() {
    let Some((_server, mut session)) = session().await else {
        return;
    };
    for number in 0..40 {
        let output = run(&mut session, &format!("echo {number}")).await;
        assert_eq!(output.stdout, format!("{number}\n").into_bytes());
    }
}

#[tokio::test]
async fn a_signal_is_told_from_an_exit_code() {
    let Some((_server, mut session)) = session().await else {
        return;
    };
    let output = run(&mut session, "echo before; kill -KILL $$").await;
    assert_eq!(
        (output.stdout.as_slice(), output.status),
        (&b"before\n"[..], ExitStatus::Signal("KILL".into()))
    );
}

#[tokio::test]
async fn when_the_time_is_up_what_came_is_kept_and_the_command_ended() {
    let Some((_server, mut session)) = session().await else {
        return;
    };
    let slow = ExecRequest {
        timeout: Duration::from_secs(4),
        ..request("echo $$; echo warn >&2; exec sleep 60")
    };
    let started = Instant::now();
    let output = session.exec(slow).await.unwrap();
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    assert!(output.timed_out && !output.truncated);
    assert_eq!(
        (output.stderr.as_slice(), output.status),
        (&b"warn\n"[..], ExitStatus::Unknown)
    );
    let pid: u32 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    // sshd passes no signal on for root, whose commands end when they next read or write.
    if luumen_testkit::sshd::username().unwrap() == "root" {
        assert_eq!(
            run(&mut session, &format!("kill {pid}; echo fine")).await.stdout,
            b"fine\n"
        );
        return;
    }
    // The session goes on, and the command does not.
    let probe = format!(
        "i=0; while kill -0 {pid} 2>/dev/null && [ $i -lt 50 ]; do sleep 0.1; i=$((i+1)); done; echo $i"
    );
    let output = run(&mut session, &probe).await;
    assert_ne!(output.stdout, b"50\n");
}

#[tokio::test]
async fn a_flood_is_cut_at_the_cap_and_by_the_clock() {
    let Some((_server, mut session)) = session().await else {
        return;
    };
    let flood = ExecRequest {
        max_output_bytes: 100_000,
        ..request("yes flood")
    };
    let output = session.exec(flood).await.unwrap();
    assert!(output.truncated && !output.timed_out);
    assert_eq!(output.stdout.len(), 100_000);
    let flood = ExecRequest {
        max_output_bytes: 1000,
        ..request("yes flood >&2")
    };
    let output = session.exec(flood).await.unwrap();
    assert_eq!((output.stdout.len(), output.stderr.len()), (0, 1000));
    // No cap in reach: the clock must be looked at between all that output.
    let endless = ExecRequest {
        timeout: Duration::from_millis(500),
        max_output_bytes: usize::MAX,
        ..request("yes flood")
    };
    let started = Instant::now();
    assert!(session.exec(endless).await.unwrap().timed_out);
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    assert_eq!(run(&mut session, "echo fine").await.stdout, b"fine\n");
}

#[tokio::test]
async fn output_of_just_the_cap_is_whole() {
    let Some((_server, mut session)) = session().await else {
        return;
    };
    let output = session
        .exec(ExecRequest {
            max_output_bytes: 5,
            ..request("printf 12345")
        })
        .await
        .unwrap();
    assert_eq!(
        (output.stdout.as_slice(), output.truncated),
        (&b"12345"[..], false)
    );
}

#[tokio::test]
async fn cancelling_ends_a_command_at_once() {
    let Some((_server, mut session)) = session().await else {
        return;
    };
    let cancel = CancellationToken::new();
    let stopper = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stopper.cancel();
    });
    let started = Instant::now();
    let error = session
        .exec(ExecRequest {
            cancel,
            ..request("sleep 60")
        })
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "a command on {} was cancelled (running the command)",
            session.endpoint()
        )
    );
    assert!(started.elapsed() < SOON);
    assert_eq!(run(&mut session, "echo fine").await.stdout, b"fine\n");
}

#[tokio::test]
async fn a_cut_connection_gives_back_what_had_come() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let relay = Relay::to(server.port()).await;
    let mut target = target(&server, key_auth(&key));
    target.port = relay.port();
    let mut session = connect(&target, &trusting()).await.unwrap();
    let marker = server.dir().join("started");
    let cutter = async {
        while !marker.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        relay.cut();
    };
    let command = format!("echo partial; touch {}; sleep 60", marker.display());
    let (output, ()) = tokio::join!(session.exec(request(&command)), cutter);
    let error = output.unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-LOST");
    let ExecError::Lost { partial, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(partial.stdout, b"partial\n");
    let error = session.exec(request("true")).await.unwrap_err();
    assert!(matches!(error, ExecError::Lost { .. }), "{error:?}");
    session.close().await;
    session.close().await;
}

#[tokio::test]
async fn a_silent_peer_is_noticed_by_keepalives() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let relay = Relay::to(server.port()).await;
    let mut target = target(&server, key_auth(&key));
    target.port = relay.port();
    let mut options = trusting();
    options.keepalive_interval = Some(Duration::from_millis(200));
    options.keepalive_max = 2;
    let mut session = connect(&target, &options).await.unwrap();
    relay.freeze();
    let started = Instant::now();
    let error = session.exec(request("echo never heard")).await.unwrap_err();
    assert!(matches!(error, ExecError::Lost { .. }), "{error:?}");
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_refused_channel_is_no_lost_connection() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder()
        .config("MaxSessions 0")
        .authorize(&key)
        .start()
        .unwrap()
    else {
        return;
    };
    let mut session = connect(&target(&server, key_auth(&key)), &strict(&server))
        .await
        .unwrap();
    let error = session.exec(request("true")).await.unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-CHANNEL");
    assert!(!session.is_closed());
}

#[tokio::test]
async fn compression_changes_nothing_but_the_bytes_on_the_line() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder()
        .config("Compression yes")
        .authorize(&key)
        .start()
        .unwrap()
    else {
        return;
    };
    let mut options = strict(&server);
    options.compression = true;
    let mut session = connect(&target(&server, key_auth(&key)), &options).await.unwrap();
    let stdin = b"the same again and again\n".repeat(40_000);
    let output = session
        .exec(ExecRequest {
            stdin: stdin.clone(),
            ..request("cat")
        })
        .await
        .unwrap();
    assert!(output.stdout == stdin);
}
