//! Short words for the tests: a target, options, a command.

use std::{sync::Arc, time::Duration};

use luumen_crypto::Secret;
use luumen_testkit::sshd::{KeyFile, Sshd, username};
use luumen_transport::{
    AuthMethod, ConnectOptions, ExecOutput, ExecRequest, HostKeyPolicy, KnownHosts, Session, SshSession,
    SshTarget,
};
use tokio_util::sync::CancellationToken;

pub(crate) fn key_auth(key: &KeyFile) -> AuthMethod {
    AuthMethod::Key {
        private_key: Secret::new(key.private.clone()),
        passphrase: None,
        certificate: key.certificate.clone(),
        origin: "test-key".to_owned(),
    }
}

pub(crate) fn locked_key_auth(key: &KeyFile, passphrase: Option<&str>) -> AuthMethod {
    AuthMethod::Key {
        private_key: Secret::new(key.private.clone()),
        passphrase: passphrase.map(Secret::new),
        certificate: None,
        origin: "test-key".to_owned(),
    }
}

pub(crate) fn target(server: &Sshd, auth: AuthMethod) -> SshTarget {
    SshTarget::new("127.0.0.1", server.port(), username().unwrap()).with_auth(auth)
}

/// Strict, and knowing these lines.
pub(crate) fn knowing(lines: &str) -> ConnectOptions {
    ConnectOptions::new(Arc::new(KnownHosts::from_text(lines)))
}

/// Strict, and knowing this server.
pub(crate) fn strict(server: &Sshd) -> ConnectOptions {
    knowing(&server.known_hosts().unwrap())
}

/// Believes whatever it sees first.
pub(crate) fn trusting() -> ConnectOptions {
    ConnectOptions::new(Arc::new(KnownHosts::empty())).with_policy(HostKeyPolicy::Tofu)
}

pub(crate) fn request(command: &str) -> ExecRequest {
    ExecRequest {
        command: command.to_owned(),
        stdin: Vec::new(),
        timeout: Duration::from_secs(60),
        max_output_bytes: 64 * 1024 * 1024,
        cancel: CancellationToken::new(),
    }
}

pub(crate) async fn run(session: &mut SshSession, command: &str) -> ExecOutput {
    session.exec(request(command)).await.unwrap()
}

/// Signs in with `auth`, runs a command, and says goodbye.
pub(crate) async fn visit(target: &SshTarget, options: &ConnectOptions) {
    let mut session = match luumen_transport::connect(target, options).await {
        Ok(session) => session,
        Err(error) => panic!("{error}: {error:?}"),
    };
    let output = run(&mut session, "printf hello; printf oops >&2; exit 3").await;
    assert_eq!(output.stdout, b"hello");
    assert_eq!(output.stderr, b"oops");
    assert_eq!(output.status, luumen_transport::ExitStatus::Code(3));
    session.close().await;
    assert!(session.is_closed());
}

/// A piece of network between us and a server, which can be cut or frozen.
pub(crate) struct Relay {
    port: u16,
    cut: CancellationToken,
    frozen: Arc<std::sync::atomic::AtomicBool>,
}

impl Relay {
    pub(crate) async fn to(server: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let relay = Self {
            port,
            cut: CancellationToken::new(),
            frozen: Arc::default(),
        };
        let (cut, frozen) = (relay.cut.clone(), relay.frozen.clone());
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            let server = tokio::net::TcpStream::connect(("127.0.0.1", server))
                .await
                .unwrap();
            let ((client_in, client_out), (server_in, server_out)) =
                (client.into_split(), server.into_split());
            tokio::select! {
                () = cut.cancelled() => {}
                () = pass(client_in, server_out, &frozen) => {}
                () = pass(server_in, client_out, &frozen) => {}
            }
        });
        relay
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Both sides see the connection end.
    pub(crate) fn cut(&self) {
        self.cut.cancel();
    }

    /// Nothing arrives any more, and nobody is told.
    pub(crate) fn freeze(&self) {
        self.frozen.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    frozen: &std::sync::atomic::AtomicBool,
) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let Ok(count @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        if frozen.load(std::sync::atomic::Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
