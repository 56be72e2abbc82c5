//! Connections carried through a session: local, remote, dynamic.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use luumen_testkit::sshd::{KeyFile, Sshd};
use luumen_transport::{Forward, ForwardPlan, Session as _, SshSession, connect};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::support::{key_auth, request, strict, target};

async fn open(config: &str) -> Option<(Sshd, SshSession)> {
    let key = KeyFile::generate("ed25519").unwrap();
    let server = Sshd::builder().authorize(&key).config(config).start().unwrap()?;
    let session = connect(&target(&server, key_auth(&key)), &strict(&server))
        .await
        .unwrap();
    Some((server, session))
}

/// Says everything back, in capitals.
async fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut text = Vec::new();
                stream.read_to_end(&mut text).await.unwrap();
                text.make_ascii_uppercase();
                stream.write_all(&text).await.unwrap();
            });
        }
    });
    port
}

fn here(port: u16) -> (String, u16) {
    ("127.0.0.1".to_owned(), port)
}

async fn ask(stream: &mut TcpStream, text: &[u8]) -> Vec<u8> {
    stream.write_all(text).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

async fn settled(forward: &Forward) {
    for _ in 0..200 {
        if forward.count().open == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_local_forward_carries_both_ways_and_counts() {
    let Some((_server, session)) = open("").await else {
        return;
    };
    let plan = ForwardPlan::Local {
        bind: here(0),
        to: here(echo().await),
    };
    let forward = session.forward(&plan).await.unwrap();
    let text = vec![b'a'; 3_000_000];
    let mut client = TcpStream::connect(("127.0.0.1", forward.bound_port()))
        .await
        .unwrap();
    assert!(ask(&mut client, &text).await == text.to_ascii_uppercase());
    settled(&forward).await;
    let count = forward.count();
    assert_eq!((count.total, count.open, count.refused), (1, 0, 0));
    assert_eq!((count.bytes_in, count.bytes_out), (3_000_000, 3_000_000));

    // A place that the server cannot reach: the client is let go, and the reason is kept.
    let nowhere = ForwardPlan::Local {
        bind: here(0),
        to: here(1),
    };
    let failing = session.forward(&nowhere).await.unwrap();
    let mut client = TcpStream::connect(("127.0.0.1", failing.bound_port()))
        .await
        .unwrap();
    assert_eq!(client.read(&mut [0; 1]).await.unwrap_or(0), 0);
    assert_eq!(failing.count().refused, 1);
    assert!(failing.count().last_refusal.unwrap().contains("127.0.0.1:1"));

    // The same port twice, and the port is free again afterwards.
    let port = forward.bound_port();
    let again = ForwardPlan::Local {
        bind: here(port),
        to: here(1),
    };
    let error = session.forward(&again).await.unwrap_err();
    assert_eq!(error.code(), "LUM-FORWARD-LISTEN");
    drop(forward);
    tokio::time::sleep(Duration::from_millis(100)).await;
    session.forward(&again).await.unwrap();
}

#[tokio::test]
async fn a_remote_forward_is_told_its_port_and_ends_with_us() {
    let Some((_server, session)) = open("").await else {
        return;
    };
    let plan = ForwardPlan::Remote {
        bind: ("localhost".to_owned(), 0),
        to: here(echo().await),
    };
    let forward = session.forward(&plan).await.unwrap();
    let port = forward.bound_port();
    assert_ne!(port, 0);
    let mut clients = Vec::new();
    for number in 0..5 {
        clients.push(tokio::spawn(async move {
            let mut client = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            ask(&mut client, format!("hello {number}").as_bytes()).await
        }));
    }
    for (number, client) in clients.into_iter().enumerate() {
        assert_eq!(client.await.unwrap(), format!("HELLO {number}").into_bytes());
    }
    assert_eq!(forward.count().total, 5);
    drop(forward);
    let mut freed = false;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        freed = freed || TcpStream::connect(("127.0.0.1", port)).await.is_err();
    }
    assert!(freed, "the server still listens");
    let again = ForwardPlan::Remote {
        bind: ("localhost".to_owned(), port),
        to: here(1),
    };
    assert_eq!(session.forward(&again).await.unwrap().bound_port(), port);
}

#[tokio::test]
async fn a_server_that_forwards_nothing_says_so() {
    let Some((_server, session)) = open("AllowTcpForwarding no").await else {
        return;
    };
    let remote = ForwardPlan::Remote {
        bind: ("localhost".to_owned(), 0),
        to: here(1),
    };
    let error = session.forward(&remote).await.unwrap_err();
    assert_eq!(error.code(), "LUM-FORWARD-REFUSED");
    assert!(error.next_step().contains("AllowTcpForwarding"));
    let dynamic = session
        .forward(&ForwardPlan::Dynamic { bind: here(0) })
        .await
        .unwrap();
    let mut client = TcpStream::connect(("127.0.0.1", dynamic.bound_port()))
        .await
        .unwrap();
    client
        .write_all(&[5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 9])
        .await
        .unwrap();
    let mut answer = [0; 12];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer[..4], [5, 0, 5, 2], "forbidden");
}

#[tokio::test]
async fn a_dynamic_forward_speaks_every_socks() {
    let Some((_server, session)) = open("").await else {
        return;
    };
    let echo = echo().await.to_be_bytes();
    let forward = session
        .forward(&ForwardPlan::Dynamic { bind: here(0) })
        .await
        .unwrap();
    let port = forward.bound_port();
    let five = [&[5, 1, 0, 5, 1, 0, 3, 9][..], b"localhost", &echo].concat();
    let four = [&[4, 1][..], &echo, &[127, 0, 0, 1, 0]].concat();
    let four_a = [&[4, 1][..], &echo, &[0, 0, 0, 1, 0], b"localhost\0"].concat();
    for (wish, answer) in [(five, 12), (four, 8), (four_a, 8)] {
        let mut client = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        client.write_all(&wish).await.unwrap();
        let mut head = vec![0; answer];
        client.read_exact(&mut head).await.unwrap();
        assert!(head[..4] == [5, 0, 5, 0] || head[..2] == [0, 90], "{head:?}");
        assert_eq!(ask(&mut client, b"hello").await, b"HELLO");
    }
    let mut client = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(client.read(&mut [0; 8]).await.unwrap_or(0), 0);
    assert!(forward.count().last_refusal.unwrap().contains("SOCKS"));
}

#[tokio::test]
async fn a_client_that_does_not_read_does_not_stop_the_session() {
    let Some((_server, mut session)) = open("").await else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        // More than the client's own buffers take, less than we keep for it.
        let _ = stream.write_all(&vec![0; 12 * 1024 * 1024]).await;
        std::future::pending::<()>().await;
    });
    let plan = ForwardPlan::Local {
        bind: here(0),
        to: here(source),
    };
    let forward = session.forward(&plan).await.unwrap();
    let _sleeper = TcpStream::connect(("127.0.0.1", forward.bound_port()))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let answered = tokio::time::timeout(Duration::from_secs(10), session.exec(request("echo alive")));
    assert_eq!(answered.await.unwrap().unwrap().stdout, b"alive\n");
}

/// Listens, greets, and counts the connections that are open.
async fn greeter() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let open = Arc::<AtomicUsize>::default();
    let count = open.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let open = count.clone();
            open.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let _ = stream.write_all(b"hello").await;
                let mut bytes = [0; 1024];
                while let Ok(1..) = stream.read(&mut bytes).await {}
                open.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (port, open)
}

async fn within_a_second(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..100 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}");
}

#[tokio::test]
async fn a_forward_that_is_stopped_ends_its_connections_on_both_sides() {
    let Some((_server, session)) = open("").await else {
        return;
    };
    let (port, connections) = greeter().await;
    let plans = [
        ForwardPlan::Local {
            bind: here(0),
            to: here(port),
        },
        ForwardPlan::Dynamic { bind: here(0) },
        ForwardPlan::Remote {
            bind: ("localhost".to_owned(), 0),
            to: here(port),
        },
    ];
    for plan in plans {
        let forward = session.forward(&plan).await.unwrap();
        let mut client = TcpStream::connect(("127.0.0.1", forward.bound_port()))
            .await
            .unwrap();
        if let ForwardPlan::Dynamic { .. } = plan {
            let wish = [&[4, 1][..], &port.to_be_bytes(), &[127, 0, 0, 1, 0]].concat();
            client.write_all(&wish).await.unwrap();
            client.read_exact(&mut [0; 8]).await.unwrap();
        }
        client.read_exact(&mut [0; 5]).await.unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), 1);
        drop(forward);
        within_a_second("the far side is still connected", || {
            connections.load(Ordering::SeqCst) == 0
        })
        .await;
        let mut byte = [0];
        let ended = tokio::time::timeout(Duration::from_secs(1), client.read(&mut byte));
        assert_eq!(
            ended.await.expect("the client is still connected").unwrap_or(0),
            0
        );
    }
    assert!(!session.is_closed());
}

#[tokio::test]
async fn a_client_that_is_gone_ends_an_endless_stream() {
    let Some((_server, session)) = open("").await else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let source = listener.local_addr().unwrap().port();
    let writing = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        while stream.write_all(&[0; 1024]).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let plan = ForwardPlan::Local {
        bind: here(0),
        to: here(source),
    };
    let forward = session.forward(&plan).await.unwrap();
    let mut client = TcpStream::connect(("127.0.0.1", forward.bound_port()))
        .await
        .unwrap();
    client.read_exact(&mut [0; 4096]).await.unwrap();
    assert_eq!(forward.count().open, 1);
    drop(client);
    within_a_second("it still counts as open", || forward.count().open == 0).await;
    within_a_second("the source still writes", || writing.is_finished()).await;
}

#[tokio::test]
async fn a_far_side_that_is_gone_ends_a_client_that_stays() {
    let Some((_server, session)) = open("").await else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap().port();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let plan = ForwardPlan::Local {
        bind: here(0),
        to: here(place),
    };
    let forward = session.forward(&plan).await.unwrap();
    let mut client = TcpStream::connect(("127.0.0.1", forward.bound_port()))
        .await
        .unwrap();
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    // The server notices when it hands this on. The client is told by the end of its own connection.
    for _ in 0..500 {
        if forward.count().open == 0 {
            return;
        }
        let _ = client.write_all(b"anybody there?").await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it still counts as open");
}
