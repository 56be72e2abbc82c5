//! Where to go and how to prove who we are: plain values that the apps fill in from their settings.
//!
//! Nothing here connects (`ssh::connect` does) or reads a file: a key arrives as text, together with
//! the name of where it came from, so that messages can say it.

use std::{fmt, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use luumen_crypto::Secret;

use crate::HostKeyPolicy;

/// One host, the account on it, and the way there.
#[derive(Clone, Debug)]
pub struct SshTarget {
    /// A name or an address, as the person wrote it; host keys are looked up under it.
    pub host: String,
    /// 22 unless told otherwise.
    pub port: u16,
    /// The account to sign in to.
    pub username: String,
    /// Tried in this order, as far as the server offers them.
    pub auth: Vec<AuthMethod>,
    /// Hosts to go through, nearest first. Each has its own account and host key.
    pub jumps: Vec<SshTarget>,
    /// Used for the first connection that leaves this machine; the jumps do the rest.
    pub proxy: Option<Proxy>,
    /// What to do with the key that this host shows, in place of [`crate::ConnectOptions::host_keys`].
    pub host_keys: Option<HostKeyPolicy>,
}

impl SshTarget {
    /// A target that is reached directly, with no way to sign in yet.
    pub fn new(host: impl Into<String>, port: u16, username: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port,
            username: username.into(),
            auth: Vec::new(),
            jumps: Vec::new(),
            proxy: None,
            host_keys: None,
        }
    }

    /// Adds a way to sign in, after those already there.
    pub fn with_auth(mut self, method: AuthMethod) -> Self {
        self.auth.push(method);
        self
    }

    /// Adds a host to go through, after those already there.
    pub fn through(mut self, jump: SshTarget) -> Self {
        self.jumps.push(jump);
        self
    }
}

/// One way to prove who we are.
#[derive(Clone)]
pub enum AuthMethod {
    /// Answers `password`, and a `keyboard-interactive` that asks for one hidden line.
    Password(Secret),
    /// Hands every question of the server to a person.
    KeyboardInteractive(Arc<dyn Prompter>),
    /// A private key: OpenSSH, PEM (PKCS#1, SEC1, PKCS#8) or PPK.
    Key {
        /// The text of the key file.
        private_key: Secret,
        /// Opens the key if it is encrypted.
        passphrase: Option<Secret>,
        /// The text of the `-cert.pub` file, if an authority vouches for the key.
        certificate: Option<String>,
        /// Where the key came from, for messages: a path or the name of a credential.
        origin: String,
    },
    /// A private key that may be locked. A person is asked for its passphrase once the server wants keys.
    AskKey {
        /// The text of the key file.
        private_key: Secret,
        /// Tried first. Where it does not open the key, the person is asked as if there were none.
        passphrase: Option<Secret>,
        /// The text of the `-cert.pub` file, if an authority vouches for the key.
        certificate: Option<String>,
        /// Where the key came from, for messages: a path or the name of a credential.
        origin: String,
        /// Whom to ask.
        asker: Arc<dyn SecretAsker>,
    },
    /// A password that a person is asked for once the server wants one; asked again when it is wrong.
    AskPassword(Arc<dyn SecretAsker>),
    /// Every key of an ssh-agent, in its order.
    Agent {
        /// Its socket; `SSH_AUTH_SOCK` names it when this is `None`.
        socket: Option<PathBuf>,
    },
}

impl fmt::Debug for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password(_) => f.write_str("Password(***)"),
            Self::KeyboardInteractive(_) => f.write_str("KeyboardInteractive"),
            Self::AskPassword(_) => f.write_str("AskPassword"),
            Self::AskKey { origin, .. } => f.debug_struct("AskKey").field("origin", origin).finish(),
            Self::Key {
                origin, certificate, ..
            } => f
                .debug_struct("Key")
                .field("origin", origin)
                .field("certificate", &certificate.is_some())
                .finish(),
            Self::Agent { socket } => f.debug_struct("Agent").field("socket", socket).finish(),
        }
    }
}

/// Asks a person for a secret that turned out to be needed.
#[async_trait]
pub trait SecretAsker: Send + Sync {
    /// The secret, or `None` when the person has none to give.
    async fn secret(&self, need: SecretNeed) -> Option<Secret>;

    /// The passphrase that was given last opens its key. Of one that does not, nothing but the next question is heard.
    fn opened_key(&self) {}
}

/// Which secret is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretNeed {
    /// The password of the account.
    Password {
        /// Where to: `scan@db-3:22`.
        endpoint: Endpoint,
        /// True when the one given before was wrong.
        again: bool,
    },
    /// The passphrase of a key.
    Passphrase {
        /// Where the key came from.
        origin: String,
        /// True when one was tried, known before or just given, and does not open it.
        again: bool,
    },
}

/// Asks a person what a server wants to know.
#[async_trait]
pub trait Prompter: Send + Sync {
    /// One answer for each prompt, or `None` when the person gives up.
    async fn answer(&self, questions: Questions) -> Option<Vec<Secret>>;
}

/// What a server asks in one keyboard-interactive round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Questions {
    /// Who asks, for the head of the dialog: `scan@db-3:22`.
    pub endpoint: Endpoint,
    /// The server's name for the round; often empty.
    pub name: String,
    /// The server's explanation; often empty.
    pub instructions: String,
    /// The questions in their order.
    pub prompts: Vec<Prompt>,
    /// True when the answers given before were wrong and the server asks from the beginning.
    pub again: bool,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// The question as the server words it.
    pub text: String,
    /// False when the answer must not be shown while it is typed.
    pub echo: bool,
}

impl Prompt {
    /// Whether this asks for the password that was used before, and not for a code or a new password.
    /// Servers have no other way to say so than words.
    pub fn asks_for_password(&self) -> bool {
        let text = self.text.to_ascii_lowercase();
        let other = ["one-time", "one time", "otp", "code", "token", "new "];
        !self.echo && text.contains("password") && !other.iter().any(|word| text.contains(word))
    }
}

/// A way out of this network.
#[derive(Clone, Debug)]
pub enum Proxy {
    /// HTTP `CONNECT`.
    Http {
        /// Name or address of the proxy.
        host: String,
        /// Its port.
        port: u16,
        /// For Basic authentication.
        username: Option<String>,
        /// For Basic authentication.
        password: Option<Secret>,
    },
    /// SOCKS version 5; the proxy resolves the name.
    Socks5 {
        /// Name or address of the proxy.
        host: String,
        /// Its port.
        port: u16,
        /// For username/password authentication (RFC 1929).
        username: Option<String>,
        /// For username/password authentication (RFC 1929).
        password: Option<Secret>,
    },
}

impl Proxy {
    /// The account it is signed in to with, if any.
    pub fn username(&self) -> Option<&str> {
        match self {
            Self::Http { username, .. } | Self::Socks5 { username, .. } => username.as_deref(),
        }
    }

    /// The password of the account, if it is known.
    pub fn password(&self) -> Option<&Secret> {
        match self {
            Self::Http { password, .. } | Self::Socks5 { password, .. } => password.as_ref(),
        }
    }

    /// Signs in with this password, or with none.
    pub fn set_password(&mut self, secret: Option<Secret>) {
        match self {
            Self::Http { password, .. } | Self::Socks5 { password, .. } => *password = secret,
        }
    }

    /// Where the proxy itself listens.
    pub fn address(&self) -> (&str, u16) {
        match self {
            Self::Http { host, port, .. } | Self::Socks5 { host, port, .. } => (host, *port),
        }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self {
            Self::Http { .. } => "http",
            Self::Socks5 { .. } => "socks5",
        };
        let (host, port) = self.address();
        write!(f, "{scheme}://{}", HostPort { host, port })
    }
}

/// The host an error speaks of: `scan@db-3:22`, or
/// `scan@bastion:22 (jump 1 of 2 on the way to db-3:22)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The account.
    pub username: String,
    /// The name as the person wrote it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Set when this is a host on the way and not the goal.
    pub jump: Option<Box<Jump>>,
}

/// The place of a jump host on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jump {
    /// Counted from 1, nearest first.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// `host:port` of the goal.
    pub towards: String,
}

impl Endpoint {
    /// The goal itself.
    pub fn of(target: &SshTarget) -> Self {
        Self {
            username: target.username.clone(),
            host: target.host.clone(),
            port: target.port,
            jump: None,
        }
    }

    /// `host:port`, with brackets where an IPv6 address needs them.
    pub fn host_port(&self) -> String {
        HostPort {
            host: &self.host,
            port: self.port,
        }
        .to_string()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}@{}",
            self.username,
            HostPort {
                host: &self.host,
                port: self.port
            }
        )?;
        match &self.jump {
            Some(jump) => write!(
                f,
                " (jump {} of {} on the way to {})",
                jump.number, jump.of, jump.towards
            ),
            None => Ok(()),
        }
    }
}

/// `host:port`, with brackets where an IPv6 address needs them.
struct HostPort<'a> {
    host: &'a str,
    port: u16,
}

impl fmt::Display for HostPort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_says_where_it_stands_on_the_way() {
        let mut endpoint = Endpoint::of(&SshTarget::new("2001:db8::1", 22, "scan"));
        assert_eq!(endpoint.to_string(), "scan@[2001:db8::1]:22");
        endpoint.jump = Some(Box::new(Jump {
            number: 1,
            of: 2,
            towards: "db-3:22".into(),
        }));
        assert_eq!(
            endpoint.to_string(),
            "scan@[2001:db8::1]:22 (jump 1 of 2 on the way to db-3:22)"
        );
    }

    #[test]
    fn nothing_secret_is_printed() {
        let key = AuthMethod::Key {
            private_key: Secret::new("hunter2"),
            passphrase: Some(Secret::new("hunter2")),
            certificate: None,
            origin: "id_ed25519".into(),
        };
        let target = SshTarget::new("h", 22, "u")
            .with_auth(key)
            .with_auth(AuthMethod::Password(Secret::new("hunter2")));
        assert!(!format!("{target:?}").contains("hunter2"));
    }
}
