//! What a server may open on our side: only what we asked it for.
//!
//! Connections that arrive at a remote forward go to whoever started it; a request for the ssh-agent is
//! answered only once a session asked for agent forwarding. Everything else is refused by `guard`.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use russh::{
    Channel, ChannelOpenFailure,
    client::{ChannelOpenHandle, Msg},
};
use tokio::{io::copy_bidirectional, sync::mpsc::UnboundedSender};
use tracing::debug;

use super::signers::open_agent_socket;

/// A connection that arrived at a remote forward, and the word that lets it in.
pub(super) type Arrival = (Channel<Msg>, ChannelOpenHandle);

/// Shared by the guard and the session.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbound(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    agent: Option<Agent>,
    forwards: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    address: String,
    /// 0 until the server has said which one it took.
    port: u32,
    arrivals: UnboundedSender<Arrival>,
}

/// The ssh-agent that a server may ask.
#[derive(Clone, Debug)]
pub(super) struct Agent {
    /// `None`: the one that `SSH_AUTH_SOCK` names.
    pub(super) socket: Option<PathBuf>,
}

impl Inbound {
    /// From now on the server may ask the agent.
    pub(super) fn allow_agent(&self, agent: Agent) {
        self.with(|state| state.agent = Some(agent));
    }

    pub(super) fn agent(&self) -> Option<Agent> {
        self.with(|state| state.agent.clone())
    }

    /// Expects connections at an address. They may arrive before the server has told us the port.
    pub(super) fn expect(&self, address: &str, port: u32, arrivals: UnboundedSender<Arrival>) {
        let address = address.to_owned();
        self.with(|state| {
            state.forwards.push(Entry {
                address,
                port,
                arrivals,
            });
        });
    }

    /// The server took this port.
    pub(super) fn bound(&self, address: &str, port: u32) {
        self.with(|state| {
            let entry = state.forwards.iter_mut();
            if let Some(entry) = entry.rev().find(|e| e.address == address && e.port == 0) {
                entry.port = port;
            }
        });
    }

    /// Expects no more connections there.
    pub(super) fn forget(&self, address: &str, port: u32) {
        self.with(|state| state.forwards.retain(|e| e.address != address || e.port != port));
    }

    /// Who expects a connection that arrived there. Servers write the address in their own way, so the
    /// port decides where it is enough.
    pub(super) fn forward(&self, address: &str, port: u32) -> Option<UnboundedSender<Arrival>> {
        self.with(|state| {
            let there: Vec<&Entry> = state.forwards.iter().filter(|e| e.port == port).collect();
            let exact = there.iter().find(|e| e.address == address);
            let entry = match (exact, there.as_slice()) {
                (Some(entry), _) => Some(*entry),
                (None, [only]) => Some(*only),
                (None, []) => state.forwards.iter().find(|e| e.port == 0),
                (None, _) => None,
            };
            entry.map(|entry| entry.arrivals.clone())
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Agent {
    /// Connects the server's channel with the agent, for as long as both want.
    pub(super) fn serve(self, channel: Channel<Msg>, reply: ChannelOpenHandle) {
        tokio::spawn(async move {
            let mut agent = match open_agent_socket(self.socket).await {
                Ok(agent) => agent,
                Err(reason) => {
                    debug!("The forwarded ssh-agent cannot be reached: {reason}");
                    reply.reject(ChannelOpenFailure::ConnectFailed).await;
                    return;
                }
            };
            reply.accept().await;
            let mut channel = channel.into_stream();
            if let Err(error) = copy_bidirectional(&mut channel, &mut agent).await {
                debug!("A forwarded ssh-agent connection ended: {error}");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[track_caller]
    fn check(expected: &[(&str, u32)], arrived: (&str, u32), found: Option<usize>) {
        let inbound = Inbound::default();
        let mut receivers = Vec::new();
        for (address, port) in expected {
            let (sender, receiver) = unbounded_channel();
            inbound.expect(address, *port, sender);
            receivers.push(receiver);
        }
        let sender = inbound.forward(arrived.0, arrived.1);
        // The entry keeps one sender; the one found is the second.
        let place = sender.map(|sender| {
            let same = |receiver: &tokio::sync::mpsc::UnboundedReceiver<Arrival>| {
                receiver.sender_strong_count() == 2
            };
            let place = receivers.iter().position(same);
            drop(sender);
            place
        });
        assert_eq!(place.flatten(), found, "{arrived:?} among {expected:?}");
    }

    #[test]
    fn a_connection_finds_its_forward() {
        check(&[], ("localhost", 80), None);
        check(&[("localhost", 80)], ("localhost", 81), None);
        check(&[("localhost", 80), ("", 81)], ("0.0.0.0", 81), Some(1));
        check(&[("127.0.0.1", 80), ("::1", 80)], ("::1", 80), Some(1));
        check(&[("127.0.0.1", 80), ("::1", 80)], ("10.0.0.1", 80), None);
        check(&[("localhost", 0)], ("localhost", 43210), Some(0));
    }
}
