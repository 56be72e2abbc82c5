//! What russh asks us during a connection: is this the host, and may the server open this channel?
//!
//! The host key is `host_key`'s to judge. A server may open only what we asked it for (`inbound`):
//! connections of a remote forward, and the agent where forwarding was asked for. russh would accept
//! more by default.

use std::sync::{Arc, Mutex, PoisonError};

use russh::{
    Channel, ChannelId, ChannelOpenFailure, Names,
    client::{ChannelOpenHandle, DisconnectReason, Handler, Msg, Session},
    keys::PublicKeyOrCertificate,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{host_key::Gate, inbound::Inbound};
use crate::{ConnectError, ConnectEvent, ConnectObserver, HostKey};

/// Our side of one connection, as russh sees it.
pub(super) struct Guard {
    pub(super) gate: Gate,
    pub(super) ending: Ending,
    pub(super) inbound: Inbound,
    pub(super) facts: Facts,
    pub(super) observer: Option<Arc<dyn ConnectObserver>>,
    /// russh drops the guard when the connection is over, whatever the reason.
    pub(super) _over: DropGuard,
}

/// Why a connection ended, as far as it said so. Shared by the guard and whoever waits for an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending(Arc<Mutex<Option<String>>>);

impl Ending {
    fn set(&self, reason: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }

    /// The reason, or that there was none.
    pub(super) fn reason(&self) -> String {
        let reason = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        reason.unwrap_or_else(|| "it hung up without a reason".to_owned())
    }
}

/// What a server said of itself, and what both sides agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerFacts {
    /// Its identification: `SSH-2.0-OpenSSH_9.2p1 …`.
    pub server: String,
    /// The key it showed.
    pub host_key: Option<HostKey>,
    /// How keys were exchanged.
    pub key_exchange: String,
    /// How data is encrypted.
    pub cipher: String,
    /// How data is compressed; `none` where it is not.
    pub compression: String,
    /// How often keys were exchanged; the first time counts.
    pub key_exchanges: u64,
}

/// Filled in by the guard, read by the session.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts(Arc<Mutex<ServerFacts>>);

impl Facts {
    pub(super) fn get(&self) -> ServerFacts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, change: impl FnOnce(&mut ServerFacts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What russh carries from the guard to us.
#[derive(Debug)]
pub(super) enum GuardError {
    Ssh(russh::Error),
    HostKey(Box<ConnectError>),
}

impl From<russh::Error> for GuardError {
    fn from(error: russh::Error) -> Self {
        Self::Ssh(error)
    }
}

/// Says no to a channel that the server opens on its own.
async fn refuse(reply: ChannelOpenHandle) -> Result<(), GuardError> {
    reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
    Ok(())
}

impl Guard {
    /// A token that is cancelled once the guard is gone, and the guard's half of it.
    pub(super) fn over() -> (CancellationToken, DropGuard) {
        let over = CancellationToken::new();
        (over.clone(), over.drop_guard())
    }
}

impl Handler for Guard {
    type Error = GuardError;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, GuardError> {
        let key = self.gate.judge(shown).await;
        let key = key.map_err(|error| GuardError::HostKey(Box::new(error)))?;
        self.facts.set(|facts| facts.host_key = Some(key));
        Ok(true)
    }

    async fn kex_done(
        &mut self,
        _: Option<&[u8]>,
        names: &Names,
        session: &mut Session,
    ) -> Result<(), GuardError> {
        self.facts.set(|facts| {
            facts.server = String::from_utf8_lossy(session.remote_sshid())
                .trim_end()
                .to_owned();
            facts.key_exchange = names.kex.as_ref().to_owned();
            facts.cipher = names.cipher.as_ref().to_owned();
            facts.compression = match names.server_compression {
                russh::compression::Compression::None => "none".to_owned(),
                _ => "zlib".to_owned(),
            };
            facts.key_exchanges += 1;
        });
        Ok(())
    }

    async fn auth_banner(&mut self, text: &str, _: &mut Session) -> Result<(), GuardError> {
        if let Some(observer) = &self.observer {
            let endpoint = &self.gate.endpoint;
            observer.on(ConnectEvent::Banner { endpoint, text });
        }
        Ok(())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<GuardError>) -> Result<(), GuardError> {
        self.ending.set(match reason {
            DisconnectReason::ReceivedDisconnect(info) if info.message.is_empty() => {
                format!("{:?}", info.reason_code)
            }
            DisconnectReason::ReceivedDisconnect(info) => info.message,
            DisconnectReason::Error(GuardError::Ssh(error)) => error.to_string(),
            DisconnectReason::Error(GuardError::HostKey(error)) => error.to_string(),
        });
        Ok(())
    }

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        channel: Channel<Msg>,
        address: &str,
        port: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        match self.inbound.forward(address, port) {
            // A forward that was stopped meanwhile drops both, which says no.
            Some(forward) => drop(forward.send((channel, reply))),
            None => refuse(reply).await?,
        }
        Ok(())
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        match self.inbound.agent() {
            Some(agent) => agent.serve(channel, reply),
            None => refuse(reply).await?,
        }
        Ok(())
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn should_accept_unknown_server_channel(&mut self, _: ChannelId, _: &str) -> bool {
        false
    }

    async fn server_channel_open_unknown(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }

    async fn server_channel_open_x11(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), GuardError> {
        refuse(reply).await
    }
}
