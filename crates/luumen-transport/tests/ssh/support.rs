//! Short words for the tests: a target, options, a command.

use std::{sync::Arc, time::Duration};

use luumen_crypto::Secret;
use luumen_testkit::sshd::{KeyFile, Sshd, username};
use luumen_transport::{
    AuthMethod, ConnectOptions, ExecOutput, ExecRequest, HostKeyPolicy, KnownHosts, Session, SshSession,
    SshTarget,
};
use tokio_util::sync::CancellationToken;

pub fn key_auth(key: &KeyFile) -> AuthMethod {
    AuthMethod::Key {
        private_key: Secret::new(key.private.clone()),
        passphrase: None,
        certificate: key.certificate.clone(),
        origin: "test-key".to_owned(),
    }
}

pub fn locked_key_auth(key: &KeyFile, passphrase: Option<&str>) -> AuthMethod {
    AuthMethod::Key {
        private_key: Secret::new(key.private.clone()),
        passphrase: passphrase.map(Secret::new),
        certificate: None,
        origin: "test-key".to_owned(),
    }
}

pub fn target(server: &Sshd, auth: AuthMethod) -> SshTarget {
    SshTarget::new("127.0.0.1", server.port(), username().unwrap()).with_auth(auth)
}

/// Strict, and knowing these lines.
pub fn knowing(lines: &str) -> ConnectOptions {
    ConnectOptions::new(Arc::new(KnownHosts::from_text(lines)))
}

/// Strict, and knowing this server.
pub fn strict(server: &Sshd) -> ConnectOptions {
    knowing(&server.known_hosts().unwrap())
}

/// Believes whatever it sees first.
pub fn trusting() -> ConnectOptions {
    ConnectOptions::new(Arc::new(KnownHosts::empty())).with_policy(HostKeyPolicy::Tofu)
}

pub fn request(command: &str) -> ExecRequest {
    ExecRequest {
        command: command.to_owned(),
        stdin: Vec::new(),
        timeout: Duration::from_secs(20),
        max_output_bytes: 64 * 1024 * 1024,
        cancel: CancellationToken::new(),
    }
}

pub async fn run(session: &mut SshSession, command: &str) -> ExecOutput {
    session.exec(request(command)).await.unwrap()
}

/// Signs in with `auth`, runs a command, and says goodbye.
pub async fn visit(target: &SshTarget, options: &ConnectOptions) {
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
