//! Forwards: connections carried through a session, in either direction.
//!
//! Local and dynamic ones listen here and go out on the server (`direct-tcpip`); remote ones listen on
//! the server and come out here (`tcpip-forward`). Bytes are carried by `pipe`.

use std::{
    fmt, io,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use russh::{ChannelOpenFailure, ChannelReadHalf};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    closing::Closing,
    inbound::Arrival,
    pipe::{Counters, join},
    session::SshSession,
    socks::{self, Outcome},
};

/// What to forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForwardPlan {
    /// Listens on this machine; the server connects to `to`.
    Local { bind: (String, u16), to: (String, u16) },
    /// Listens on the server; this machine connects to `to`. Port 0 lets the server choose.
    Remote { bind: (String, u16), to: (String, u16) },
    /// Listens on this machine as a SOCKS proxy; the server connects to wherever a client wants.
    Dynamic { bind: (String, u16) },
}

/// Why a forward did not start.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// The port on this machine cannot be had.
    #[error("could not listen on {bind}:{port}")]
    Listen {
        bind: String,
        port: u16,
        source: io::Error,
    },
    /// The server does not listen for us.
    #[error("{endpoint} refused to listen on {bind}:{port}")]
    Refused {
        endpoint: String,
        bind: String,
        port: u16,
    },
    /// The connection has ended.
    #[error("the connection to {endpoint} is lost")]
    Lost { endpoint: String },
}

impl ForwardError {
    /// A stable word for lists and filters. Never changes its meaning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "LUM-FORWARD-LISTEN",
            Self::Refused { .. } => "LUM-FORWARD-REFUSED",
            Self::Lost { .. } => "LUM-SSH-LOST",
        }
    }

    /// One sentence that tells a person what to do now.
    pub fn next_step(&self) -> String {
        match self {
            Self::Listen { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "Choose a port above 1023; lower ones belong to root.".to_owned()
            }
            Self::Listen { port, .. } => {
                format!("End the program that uses port {port}, or choose another port.")
            }
            Self::Refused { .. } => {
                "Check AllowTcpForwarding, PermitListen and GatewayPorts on the server, and whether the port is free there."
                    .to_owned()
            }
            Self::Lost { .. } => "Connect again.".to_owned(),
        }
    }
}

/// What passed so far. “In” is from the server to this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForwardCount {
    /// Connections that are open now.
    pub open: u64,
    /// Connections since the start.
    pub total: u64,
    /// Connections that could not be carried on.
    pub refused: u64,
    /// Bytes from the server to this machine.
    pub bytes_in: u64,
    /// Bytes from this machine to the server.
    pub bytes_out: u64,
    /// Why the last of the refused was.
    pub last_refusal: Option<String>,
}

/// How long a server that does not answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running forward. Dropping it ends it, and the connections in it.
pub struct Forward {
    bound_port: u16,
    shared: Arc<Shared>,
    stop: DropGuard,
    /// Cancelled when its port is free again.
    over: CancellationToken,
}

impl fmt::Debug for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forward")
            .field("bound_port", &self.bound_port)
            .field("count", &self.count())
            .finish()
    }
}

/// Ends a forward, and tells when it has ended.
struct End {
    stop: CancellationToken,
    over: CancellationToken,
}

#[derive(Debug, Default)]
struct Shared {
    counters: Counters,
    last_refusal: Mutex<Option<String>>,
}

impl Shared {
    fn refused(&self, reason: String) {
        self.counters.refused.fetch_add(1, Ordering::Relaxed);
        *self.last_refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }
}

impl Forward {
    /// Where it listens, here or on the server.
    pub fn bound_port(&self) -> u16 {
        self.bound_port
    }

    /// Ends it and waits until its port can be had again, as dropping it does not.
    pub async fn stop(self) {
        let Self { stop, over, .. } = self;
        drop(stop);
        // A server that says nothing any more has its port back when the connection ends.
        let _ = timeout(PATIENCE, over.cancelled()).await;
    }

    /// What passed so far.
    pub fn count(&self) -> ForwardCount {
        let Shared {
            counters,
            last_refusal,
        } = &*self.shared;
        ForwardCount {
            open: counters.open.load(Ordering::Relaxed),
            total: counters.total.load(Ordering::Relaxed),
            refused: counters.refused.load(Ordering::Relaxed),
            bytes_in: counters.bytes_in.load(Ordering::Relaxed),
            bytes_out: counters.bytes_out.load(Ordering::Relaxed),
            last_refusal: last_refusal
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        }
    }
}

impl SshSession {
    /// Starts a forward. It runs until it is dropped or the connection ends.
    pub async fn forward(&self, plan: &ForwardPlan) -> Result<Forward, ForwardError> {
        let shared = Arc::new(Shared::default());
        let (stop, over) = (CancellationToken::new(), CancellationToken::new());
        let end = End {
            stop: stop.clone(),
            over: over.clone(),
        };
        let bound_port = match plan {
            ForwardPlan::Local { bind, to } => {
                let (listener, port) = listen(bind).await?;
                let (session, shared, to) = (self.clone(), shared.clone(), to.clone());
                accept(listener, end, move |stream| {
                    carry_to(session.clone(), stream, to.clone(), shared.clone())
                });
                port
            }
            ForwardPlan::Dynamic { bind } => {
                let (listener, port) = listen(bind).await?;
                let (session, shared) = (self.clone(), shared.clone());
                accept(listener, end, move |stream| {
                    carry_anywhere(session.clone(), stream, shared.clone())
                });
                port
            }
            ForwardPlan::Remote { bind, to } => {
                self.forward_remote(bind, to.clone(), shared.clone(), end).await?
            }
        };
        Ok(Forward {
            bound_port,
            shared,
            stop: stop.drop_guard(),
            over,
        })
    }

    async fn forward_remote(
        &self,
        (bind, port): &(String, u16),
        to: (String, u16),
        shared: Arc<Shared>,
        end: End,
    ) -> Result<u16, ForwardError> {
        let connection = self.connection();
        let (sender, arrivals) = unbounded_channel();
        connection.inbound.expect(bind, u32::from(*port), sender);
        let asked = connection
            .handle
            .tcpip_forward(bind.as_str(), u32::from(*port))
            .await;
        let bound = match asked {
            // The server names the port only when it chose one.
            Ok(0) => u32::from(*port),
            Ok(chosen) => chosen,
            Err(error) => {
                connection.inbound.forget(bind, u32::from(*port));
                return Err(self.no_forward(error, bind, *port));
            }
        };
        connection.inbound.bound(bind, bound);
        let (session, bind) = (self.clone(), bind.clone());
        tokio::spawn(async move {
            let_in(arrivals, to, shared, &end.stop).await;
            let connection = session.connection();
            connection.inbound.forget(&bind, bound);
            // A server that has gone, or has let go already, needs no word.
            let _ = connection.handle.cancel_tcpip_forward(bind, bound).await;
            end.over.cancel();
        });
        Ok(u16::try_from(bound).unwrap_or(*port))
    }

    fn no_forward(&self, error: russh::Error, bind: &str, port: u16) -> ForwardError {
        let endpoint = self.name();
        match error {
            russh::Error::RequestDenied => ForwardError::Refused {
                endpoint,
                bind: bind.to_owned(),
                port,
            },
            _ => ForwardError::Lost { endpoint },
        }
    }

    /// Opens a way from the server to a place, for a connection that came from `origin`.
    async fn open_way(
        &self,
        host: &str,
        port: u16,
        origin: &TcpStream,
    ) -> Result<(ChannelReadHalf, Closing), russh::Error> {
        let (from, from_port) = match origin.peer_addr() {
            Ok(peer) => (peer.ip().to_string(), peer.port()),
            Err(_) => ("127.0.0.1".to_owned(), 0),
        };
        let (session, host) = (self.clone(), host.to_owned());
        // In a task of its own: the answer may come when nobody waits any more, and what was opened then has to be closed.
        let opening = tokio::spawn(async move {
            let handle = &session.connection().handle;
            handle
                .channel_open_direct_tcpip(host, u32::from(port), from, u32::from(from_port))
                .await
                .map(Closing::split)
        });
        opening.await.map_err(|_| russh::Error::RecvError)?
    }
}

async fn listen((bind, port): &(String, u16)) -> Result<(TcpListener, u16), ForwardError> {
    let failed = |source| ForwardError::Listen {
        bind: bind.clone(),
        port: *port,
        source,
    };
    let listener = TcpListener::bind((bind.as_str(), *port)).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?.port();
    Ok((listener, bound))
}

/// Carries each connection on, until the forward is stopped.
fn accept<F, W>(listener: TcpListener, end: End, carry: F)
where
    F: Fn(TcpStream) -> W + Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        let mut open = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = end.stop.cancelled() => break,
                Some(_) = open.join_next() => {}
                arrived = listener.accept() => match arrived {
                    Ok((stream, _)) => {
                        // Small questions and answers are not held back to fill a packet.
                        let _ = stream.set_nodelay(true);
                        open.spawn(carry(stream));
                    }
                    // Out of file handles, mostly: it passes when connections end.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                },
            }
        }
        drop(listener);
        end.over.cancel();
    });
}

async fn carry_to(
    session: SshSession,
    mut stream: TcpStream,
    (host, port): (String, u16),
    shared: Arc<Shared>,
) {
    match session.open_way(&host, port, &stream).await {
        Ok((read, write)) => {
            let (reader, writer) = stream.split();
            join(read, write, reader, writer, &shared.counters).await;
        }
        Err(error) => shared.refused(refusal(&session, &host, port, &error)),
    }
}

async fn carry_anywhere(session: SshSession, mut stream: TcpStream, shared: Arc<Shared>) {
    let wish = match socks::wish(&mut stream).await {
        Ok(wish) => wish,
        Err(reason) => return shared.refused(format!("the client was turned away: {reason}")),
    };
    let opened = session.open_way(&wish.host, wish.port, &stream).await;
    let outcome = match &opened {
        Ok(_) => Outcome::Open,
        Err(russh::Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited)) => {
            Outcome::Forbidden
        }
        Err(_) => Outcome::Unreachable,
    };
    // A client that has gone is noticed by `join` in a moment.
    let _ = socks::answer(&mut stream, &wish, outcome).await;
    match opened {
        Ok((read, write)) => {
            let (reader, writer) = stream.split();
            join(read, write, reader, writer, &shared.counters).await;
        }
        Err(error) => shared.refused(refusal(&session, &wish.host, wish.port, &error)),
    }
}

fn refusal(session: &SshSession, host: &str, port: u16, error: &russh::Error) -> String {
    match error {
        russh::Error::ChannelOpenFailure(failure) => format!(
            "{} did not open the way to {host}:{port}: {}",
            session.name(),
            failure.description().to_ascii_lowercase()
        ),
        _ => format!("the connection to {} is lost", session.name()),
    }
}

/// Takes in what arrives at a remote forward, until it is stopped or the connection ends.
async fn let_in(
    mut arrivals: UnboundedReceiver<Arrival>,
    to: (String, u16),
    shared: Arc<Shared>,
    stop: &CancellationToken,
) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            Some(_) = open.join_next() => {}
            arrived = arrivals.recv() => match arrived {
                Some(arrival) => drop(open.spawn(let_one_in(arrival, to.clone(), shared.clone()))),
                None => return,
            },
        }
    }
}

async fn let_one_in((channel, reply): Arrival, (host, port): (String, u16), shared: Arc<Shared>) {
    match TcpStream::connect((host.as_str(), port)).await {
        Ok(mut stream) => {
            // Small questions and answers are not held back to fill a packet.
            let _ = stream.set_nodelay(true);
            let (read, write) = Closing::split(channel);
            reply.accept().await;
            let (reader, writer) = stream.split();
            join(read, write, reader, writer, &shared.counters).await;
        }
        Err(error) => {
            reply.reject(ChannelOpenFailure::ConnectFailed).await;
            shared.refused(format!(
                "could not reach {host}:{port} from this machine: {error}"
            ));
        }
    }
}
