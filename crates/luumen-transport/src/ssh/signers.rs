//! Who signs for us: a key of our own, or an ssh-agent that keeps the keys to itself.

use std::{path::PathBuf, sync::Arc};

use luumen_crypto::wiped;
use russh::{
    SendError, Signer,
    keys::{
        HashAlg, PrivateKey,
        agent::{
            AgentIdentity,
            client::{AgentClient, AgentStream},
        },
        signature,
        ssh_encoding::Encode as _,
        ssh_key::private::KeypairData,
    },
};

use super::keys::KeyFault;

/// Signs with a key of our own. russh can do this itself, but leaves the key on its stack, and on behalf of a certificate puts
/// SHA-1 in the name when the key is RSA.
pub(super) struct KeySigner {
    pub(super) key: Arc<PrivateKey>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum SignError {
    #[error("the connection has ended")]
    Send(#[from] SendError),
    #[error("the key cannot sign")]
    Sign(#[from] signature::Error),
    #[error("the key is locked")]
    Locked(KeyFault),
    #[error("the key cannot sign")]
    Encode(#[from] russh::keys::ssh_encoding::Error),
}

impl Signer for KeySigner {
    type Error = SignError;

    async fn auth_sign(
        &mut self,
        _: &AgentIdentity,
        hash: Option<HashAlg>,
        mut to_sign: Vec<u8>,
    ) -> Result<Vec<u8>, SignError> {
        let signature: russh::keys::ssh_key::Signature = wiped(|| match self.key.key_data() {
            KeypairData::Rsa(pair) => signature::Signer::try_sign(&(pair, hash), &to_sign),
            pair => signature::Signer::try_sign(pair, &to_sign),
        })?;
        let mut blob = Vec::new();
        signature.encode(&mut blob)?;
        blob.encode(&mut to_sign)?;
        Ok(to_sign)
    }
}

impl From<KeyFault> for SignError {
    fn from(fault: KeyFault) -> Self {
        Self::Locked(fault)
    }
}

/// An ssh-agent, whatever it listens on.
pub(super) type Agent = AgentClient<Box<dyn AgentStream + Send + Unpin>>;

#[cfg(unix)]
pub(super) async fn connect_agent(socket: Option<PathBuf>) -> Result<Agent, String> {
    let stream = open_agent_socket(socket).await?;
    Ok(AgentClient::connect(stream).dynamic())
}

/// The bare connection to an agent, for whoever speaks its language himself.
#[cfg(unix)]
pub(super) async fn open_agent_socket(socket: Option<PathBuf>) -> Result<tokio::net::UnixStream, String> {
    let socket = socket
        .or_else(|| std::env::var_os("SSH_AUTH_SOCK").map(PathBuf::from))
        .ok_or("SSH_AUTH_SOCK is not set")?;
    let stream = tokio::net::UnixStream::connect(&socket).await;
    stream.map_err(|error| format!("{}: {error}", socket.display()))
}

#[cfg(windows)]
pub(super) async fn open_agent_socket(
    socket: Option<PathBuf>,
) -> Result<tokio::net::windows::named_pipe::NamedPipeClient, String> {
    let pipe = socket.unwrap_or_else(|| PathBuf::from(r"\\.\pipe\openssh-ssh-agent"));
    let stream = tokio::net::windows::named_pipe::ClientOptions::new().open(&pipe);
    stream.map_err(|error| format!("{}: {error}", pipe.display()))
}

#[cfg(windows)]
pub(super) async fn connect_agent(socket: Option<PathBuf>) -> Result<Agent, String> {
    let pipe = socket.unwrap_or_else(|| PathBuf::from(r"\\.\pipe\openssh-ssh-agent"));
    let agent = AgentClient::connect_named_pipe(&pipe).await;
    agent
        .map(AgentClient::dynamic)
        .map_err(|error| format!("{}: {error}", pipe.display()))
}
