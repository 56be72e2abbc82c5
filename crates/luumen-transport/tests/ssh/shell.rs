//! Terminals: size, type, exit, many at once, and the agent that a server may ask.

use std::time::Duration;

use luumen_testkit::sshd::{KeyFile, SshAgent, Sshd};
use luumen_transport::{
    ExitStatus, Session as _, Shell, ShellEvent, ShellOutput, ShellRequest, SshSession, connect,
};

use crate::support::{Relay, key_auth, request, strict, target, trusting};

async fn open() -> Option<(Sshd, SshSession)> {
    let key = KeyFile::generate("ed25519").unwrap();
    let server = Sshd::builder().authorize(&key).start().unwrap()?;
    let session = connect(&target(&server, key_auth(&key)), &strict(&server))
        .await
        .unwrap();
    Some((server, session))
}

fn command(text: &str) -> ShellRequest {
    ShellRequest {
        command: Some(text.to_owned()),
        ..ShellRequest::new("xterm-256color", 80, 24)
    }
}

/// Everything until the terminal ends, and how it ends.
async fn rest(output: &mut ShellOutput) -> (String, ShellEvent) {
    let mut text = Vec::new();
    loop {
        match output.next().await {
            ShellEvent::Data(data) => text.extend(data),
            end => return (String::from_utf8_lossy(&text).into_owned(), end),
        }
    }
}

async fn until(output: &mut ShellOutput, wanted: &str) -> String {
    let mut text = String::new();
    while !text.contains(wanted) {
        match output.next().await {
            ShellEvent::Data(data) => text.push_str(&String::from_utf8_lossy(&data)),
            end => panic!("{end:?} before {wanted:?} in {text:?}"),
        }
    }
    text
}

#[tokio::test]
async fn a_terminal_has_a_size_a_type_and_an_end() {
    let Some((_server, session)) = open().await else {
        return;
    };
    let Shell {
        mut output, input, ..
    } = session
        .open_shell(&ShellRequest::new("xterm-256color", 101, 31))
        .await
        .unwrap();
    assert!(
        input
            .write("PS1=''; stty size; echo T=$TERM; echo re''ady\n")
            .await
    );
    let text = until(&mut output, "ready").await;
    assert!(
        text.contains("31 101") && text.contains("T=xterm-256color"),
        "{text}"
    );
    assert!(input.resize(90, 20).await);
    assert!(input.write("stty size; exit 7\n").await);
    let (text, end) = rest(&mut output).await;
    assert!(text.contains("20 90"), "{text}");
    assert_eq!(end, ShellEvent::Ended(ExitStatus::Code(7)));
    assert_eq!(output.next().await, ShellEvent::Ended(ExitStatus::Code(7)));

    let mut killed = session.open_shell(&command("kill -TERM $$")).await.unwrap();
    let (_, end) = rest(&mut killed.output).await;
    assert_eq!(end, ShellEvent::Ended(ExitStatus::Signal("TERM".into())));
}

#[tokio::test]
async fn terminals_and_commands_share_a_connection() {
    let Some((_server, session)) = open().await else {
        return;
    };
    let mut shells = Vec::new();
    for number in 0..8 {
        let shell = session
            .open_shell(&command("read line; echo got-$line"))
            .await
            .unwrap();
        assert!(shell.input.write(format!("{number}\n")).await);
        shells.push(shell);
    }
    let mut commands = Vec::new();
    for number in 0..4 {
        let mut lent = session.lend();
        let asked = request(&format!("echo {number}"));
        commands.push(tokio::spawn(async move {
            let output = lent.exec(asked).await.unwrap();
            lent.close().await;
            output.stdout
        }));
    }
    for (number, command) in commands.into_iter().enumerate() {
        assert_eq!(command.await.unwrap(), format!("{number}\n").into_bytes());
    }
    for (number, shell) in shells.iter_mut().enumerate() {
        let (text, end) = rest(&mut shell.output).await;
        assert!(text.contains(&format!("got-{number}")), "{text}");
        assert_eq!(end, ShellEvent::Ended(ExitStatus::Code(0)));
    }
    assert!(!session.is_closed(), "a lent session was closed");
    assert!(session.ping().await.unwrap() < Duration::from_secs(5));
}

#[tokio::test]
async fn ctrl_c_reaches_a_flood_that_nobody_reads() {
    let Some((_server, session)) = open().await else {
        return;
    };
    let mut flood = session
        .open_shell(&ShellRequest::new("xterm", 80, 24))
        .await
        .unwrap();
    assert!(flood.input.write("yes\n").await);
    // The flood must have begun: Ctrl-C would else only take back what was typed.
    let mut seen = String::new();
    while !seen.contains("y\r\ny\r\n") {
        match flood.output.next().await {
            ShellEvent::Data(data) => seen.push_str(&String::from_utf8_lossy(&data)),
            end => panic!("{end:?} after {seen}"),
        }
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(flood.input.write("\x03").await);
    assert!(flood.input.write("exit 3\n").await);
    let ended = async {
        let mut bytes = 0usize;
        loop {
            match flood.output.next().await {
                ShellEvent::Data(data) => bytes += data.len(),
                end => return (bytes, end),
            }
        }
    };
    let (bytes, end) = tokio::time::timeout(Duration::from_secs(30), ended)
        .await
        .unwrap();
    assert_eq!(end, ShellEvent::Ended(ExitStatus::Code(3)));
    assert!(
        bytes < 64 * 1024 * 1024,
        "{bytes} bytes were kept for a reader that slept"
    );
}

#[tokio::test]
async fn a_terminal_says_that_its_connection_was_lost() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let relay = Relay::to(server.port()).await;
    let mut way = target(&server, key_auth(&key));
    way.port = relay.port();
    let session = connect(&way, &trusting()).await.unwrap();
    let mut shell = session
        .open_shell(&ShellRequest::new("xterm", 80, 24))
        .await
        .unwrap();
    relay.cut();
    let (_, end) = rest(&mut shell.output).await;
    assert_eq!(end, ShellEvent::Lost);
    assert!(!session.closed().await.is_empty());
    assert_eq!(session.ping().await, None);
    let error = session
        .open_shell(&ShellRequest::new("xterm", 80, 24))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-LOST");
}

#[tokio::test]
async fn a_server_that_gives_no_terminal_says_so() {
    let key = KeyFile::generate("ed25519").unwrap();
    let server = Sshd::builder()
        .authorize(&key)
        .config("PermitTTY no")
        .start()
        .unwrap();
    let Some(server) = server else {
        return;
    };
    let session = connect(&target(&server, key_auth(&key)), &strict(&server))
        .await
        .unwrap();
    let error = session
        .open_shell(&ShellRequest::new("xterm", 80, 24))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-CHANNEL");
    assert!(error.next_step().contains("PermitTTY"));
}

/// A session that may have two channels at a time.
async fn narrow(line: &str) -> Option<(Sshd, SshSession)> {
    let key = KeyFile::generate("ed25519").unwrap();
    let server = Sshd::builder()
        .authorize(&key)
        .config("MaxSessions 2")
        .config(line);
    let server = server.start().unwrap()?;
    let session = connect(&target(&server, key_auth(&key)), &strict(&server))
        .await
        .unwrap();
    Some((server, session))
}

/// Tries until there is room: the server frees a place once what ran there has ended.
async fn when_there_is_room<T, E: ToString, W: Future<Output = Result<T, E>>>(
    open: impl Fn() -> W,
) -> Result<T, E> {
    for _ in 0..200 {
        match open().await {
            Err(error) if error.to_string().contains("opening a channel") => {
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            done => return done,
        }
    }
    open().await
}

#[tokio::test]
async fn a_refused_terminal_takes_no_place_from_the_next_try() {
    let Some((_server, session)) = narrow("PermitTTY no").await else {
        return;
    };
    let wanted = ShellRequest::new("xterm", 80, 24);
    for _ in 0..5 {
        let error = when_there_is_room(|| session.open_shell(&wanted))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("giving it a size"), "{error}");
    }
}

#[tokio::test]
async fn what_is_dropped_is_closed() {
    let Some((_server, session)) = narrow("PermitTTY yes").await else {
        return;
    };
    let wanted = ShellRequest::new("xterm", 80, 24);
    for _ in 0..5 {
        let shell = when_there_is_room(|| session.open_shell(&wanted)).await.unwrap();
        let Shell {
            mut output, input, ..
        } = shell;
        assert!(input.write("echo re''ady\n").await);
        drop(input);
        // Who still listens keeps it open.
        until(&mut output, "ready").await;
        drop(output);
        let talking = when_there_is_room(|| async {
            let mut lent = session.lend();
            let talking = lent.exec(request("while echo hello; do sleep 0.01; done"));
            match tokio::time::timeout(Duration::from_millis(200), talking).await {
                Ok(Err(refused)) => Err(refused),
                Ok(Ok(output)) => panic!("it ended: {output:?}"),
                Err(_) => Ok(()),
            }
        });
        talking.await.unwrap();
    }
}

#[tokio::test]
async fn the_agent_can_be_asked_only_where_that_was_asked_for() {
    let key = KeyFile::generate("ed25519").unwrap();
    let (Some(server), Some(agent)) = (
        Sshd::builder().authorize(&key).start().unwrap(),
        SshAgent::start().unwrap(),
    ) else {
        return;
    };
    agent.add(&key).unwrap();
    let session = connect(&target(&server, key_auth(&key)), &strict(&server))
        .await
        .unwrap();
    let mut without = session
        .open_shell(&command("echo [$SSH_AUTH_SOCK]; ssh-add -L"))
        .await
        .unwrap();
    let (text, _) = rest(&mut without.output).await;
    assert!(!without.agent_forwarded && text.contains("[]"), "{text}");

    let mut with = ShellRequest {
        agent: Some(Some(agent.socket().to_owned())),
        ..command("ssh-add -L")
    };
    let mut shell = session.open_shell(&with).await.unwrap();
    assert!(shell.agent_forwarded);
    let (text, _) = rest(&mut shell.output).await;
    assert!(text.contains(&key.public_key()), "{text}");

    // An agent that is not there: the server is told, and nothing else is harmed.
    with.agent = Some(Some("/nonexistent/agent".into()));
    let mut shell = session.open_shell(&with).await.unwrap();
    let (text, end) = rest(&mut shell.output).await;
    let success = ShellEvent::Ended(ExitStatus::Code(0));
    assert!(end != success && end != ShellEvent::Lost, "{end:?} {text}");
    assert!(session.ping().await.is_some());
}
