//! The way to a host: jumps, proxies, and everything that can stop us there.

use std::time::{Duration, Instant};

use luumen_crypto::Secret;
use luumen_testkit::{
    proxy::{self, Kind, PASSWORD, USER},
    sshd::{KeyFile, Sshd},
};
use luumen_transport::{ConnectError, Proxy, SshTarget, Step, connect, fetch_host_key};
use tokio::{io::AsyncWriteExt as _, net::TcpListener};

use crate::support::{key_auth, knowing, target, trusting, visit};

#[tokio::test]
async fn three_hosts_in_a_row_are_passed() {
    let keys: Vec<_> = (0..4).map(|_| KeyFile::generate("ed25519").unwrap()).collect();
    let mut servers = Vec::new();
    for key in &keys {
        let Some(server) = Sshd::builder().authorize(key).start().unwrap() else {
            return;
        };
        servers.push(server);
    }
    let mut goal = target(&servers[3], key_auth(&keys[3]));
    for number in 0..3 {
        goal = goal.through(target(&servers[number], key_auth(&keys[number])));
    }
    let known: String = servers
        .iter()
        .map(|server| server.known_hosts().unwrap())
        .collect();
    visit(&goal, &knowing(&known)).await;
    assert_eq!(
        fetch_host_key(&goal, &knowing(&known)).await.unwrap().algorithm(),
        "ssh-ed25519"
    );

    // An unknown host in the middle is named with its place.
    let known: String = [0, 2, 3]
        .map(|number: usize| servers[number].known_hosts().unwrap())
        .concat();
    let error = connect(&goal, &knowing(&known)).await.unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-HOSTKEY-UNKNOWN");
    let place = format!("jump 2 of 3 on the way to 127.0.0.1:{}", servers[3].port());
    assert!(error.to_string().contains(&place), "{error}");
    // A refused account in the middle, too.
    goal.jumps[2].auth = vec![key_auth(&keys[0])];
    let error = connect(&goal, &trusting()).await.unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-AUTH");
    assert!(error.to_string().contains("jump 3 of 3"), "{error}");
}

#[tokio::test]
async fn a_key_is_looked_at_on_the_way_that_a_visit_takes() {
    let key = KeyFile::generate("ed25519").unwrap();
    let server = || Sshd::builder().authorize(&key).start().unwrap();
    let (Some(outer), Some(inner), Some(goal)) = (server(), server(), server()) else {
        return;
    };
    let proxy = proxy::Proxy::start(Kind::Socks5, true).await.unwrap();
    let way = || Some(at(Kind::Socks5, proxy.port(), Some(PASSWORD)));
    let jump = |server: &Sshd| target(server, key_auth(&key));
    let nowhere = SshTarget::new("127.0.0.1", goal.port(), "nobody");

    // The proxy of the goal, and the one of the first jump host; one of a later jump host is never used.
    let mut one = nowhere.clone().through(jump(&outer));
    one.proxy = way();
    let mut two = nowhere.clone().through(jump(&outer)).through(jump(&inner));
    two.jumps[0].proxy = way();
    two.jumps[1].proxy = Some(at(Kind::Socks5, 1, None));
    for (number, goal_behind) in [one, two].iter().enumerate() {
        let shown = fetch_host_key(goal_behind, &trusting()).await.unwrap();
        assert!(
            goal.known_hosts().unwrap().contains(&shown.to_openssh()),
            "{shown:?}"
        );
        assert_eq!(proxy.passed(), number + 1, "the connection went past the proxy");
    }
}

#[tokio::test]
async fn a_jump_host_that_may_not_forward_is_named() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(goal) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let Some(jump) = Sshd::builder()
        .config("AllowTcpForwarding no")
        .authorize(&key)
        .start()
        .unwrap()
    else {
        return;
    };
    let error = connect(
        &target(&goal, key_auth(&key)).through(target(&jump, key_auth(&key))),
        &trusting(),
    )
    .await
    .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-CHANNEL");
    assert!(
        error.to_string().contains("administratively prohibited"),
        "{error}"
    );
}

#[tokio::test]
async fn a_goal_that_the_jump_host_cannot_reach_is_named() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(jump) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    let goal = SshTarget::new("127.0.0.1", 1, "scan").through(target(&jump, key_auth(&key)));
    let error = connect(&goal, &trusting()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("did not open the way to scan@127.0.0.1:1: connect failed"),
        "{error}"
    );
}

#[tokio::test]
async fn both_kinds_of_proxy_lead_out() {
    let key = KeyFile::generate("ed25519").unwrap();
    let Some(server) = Sshd::builder().authorize(&key).start().unwrap() else {
        return;
    };
    for (kind, account) in [
        (Kind::Http, true),
        (Kind::Http, false),
        (Kind::Socks5, true),
        (Kind::Socks5, false),
    ] {
        let port = proxy::Proxy::start(kind, account).await.unwrap().port();
        let mut goal = target(&server, key_auth(&key));
        goal.proxy = Some(at(kind, port, account.then_some(PASSWORD)));
        visit(&goal, &trusting()).await;

        if account {
            goal.proxy = Some(at(kind, port, Some("barley")));
            let error = connect(&goal, &trusting()).await.unwrap_err();
            assert_eq!(error.code(), "LUM-PROXY");
            assert!(error.to_string().contains("user name"), "{error}");
        }
        goal.proxy = Some(at(kind, port, account.then_some(PASSWORD)));
        goal.port = 1;
        let error = connect(&goal, &trusting()).await.unwrap_err();
        assert!(matches!(&error, ConnectError::Proxy { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_down_is_the_proxys_fault() {
    let mut goal = SshTarget::new("db-3.invalid", 22, "scan");
    goal.proxy = Some(at(Kind::Socks5, 1, None));
    let error = connect(&goal, &trusting()).await.unwrap_err();
    assert_eq!(error.code(), "LUM-PROXY");
    assert!(error.to_string().contains("socks5://127.0.0.1:1"), "{error}");
}

#[tokio::test]
async fn a_name_without_address_and_a_closed_port_are_told_apart() {
    let error = connect(&SshTarget::new("no-such-host.invalid", 22, "scan"), &trusting())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-DNS");
    let error = connect(&SshTarget::new("127.0.0.1", 1, "scan"), &trusting())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-CONNECT");
}

#[tokio::test]
async fn a_peer_that_listens_and_says_nothing_costs_the_connect_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = trusting();
    options.connect_timeout = Duration::from_millis(300);
    let goal = SshTarget::new("127.0.0.1", listener.local_addr().unwrap().port(), "scan");
    let started = Instant::now();
    let error = connect(&goal, &options).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(
        matches!(
            &error,
            ConnectError::TimedOut {
                step: Step::KeyExchange,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(error.code(), "LUM-CONNECT-TIMEOUT");

    options.connect_timeout = Duration::from_secs(60);
    let cancel = options.cancel.clone();
    let canceller = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cancel.cancel();
    };
    let (result, ()) = tokio::join!(connect(&goal, &options), canceller);
    let error = result.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the connection to {goal} was cancelled (the key exchange)",
            goal = error.endpoint()
        )
    );
}

#[tokio::test]
async fn a_peer_that_speaks_something_else_is_a_failed_negotiation() {
    for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\u{1}garbage"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let goal = SshTarget::new("127.0.0.1", listener.local_addr().unwrap().port(), "scan");
        let peer = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(greeting.as_bytes()).await.unwrap();
        };
        let options = trusting();
        let (result, ()) = tokio::join!(connect(&goal, &options), peer);
        let code = result.unwrap_err().code();
        assert!(["LUM-SSH-KEX", "LUM-SSH-LOST"].contains(&code), "{code}");
    }
}

#[tokio::test]
async fn no_common_algorithm_is_said_so() {
    let Some(server) = Sshd::builder()
        .config("KexAlgorithms sntrup761x25519-sha512@openssh.com")
        .start()
        .unwrap()
    else {
        return;
    };
    let error = fetch_host_key(&SshTarget::new("127.0.0.1", server.port(), "scan"), &trusting())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "LUM-SSH-KEX");
}

/// A proxy on this machine, with the password of its account.
fn at(kind: Kind, port: u16, password: Option<&str>) -> Proxy {
    let host = "127.0.0.1".to_owned();
    let username = password.map(|_| USER.to_owned());
    let password = password.map(Secret::new);
    match kind {
        Kind::Http => Proxy::Http {
            host,
            port,
            username,
            password,
        },
        Kind::Socks5 => Proxy::Socks5 {
            host,
            port,
            username,
            password,
        },
    }
}
