//! Walks to a host, hop by hop: stream, key exchange, sign-in; then on through it to the next.
//!
//! Each hop has its own clock, its own host key and its own account. Errors name the hop.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use russh::client::{self, Handle};
use tokio::{
    io::{AsyncRead, AsyncWrite, BufReader},
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::{
    algorithms, auth,
    guard::{Ending, Facts, Guard, GuardError},
    host_key::{Gate, Person, Purpose},
    how_far::HowFar,
    inbound::Inbound,
    person::PersonTime,
    proxy,
    session::SshSession,
    tcp,
};
use crate::{
    ConnectError, ConnectEvent, ConnectObserver, ConnectOptions, Endpoint, HostKey, Jump, Proxy, RekeyAfter,
    SshTarget, Step, known_hosts::Known,
};

const MAX_PACKET_BYTES: u32 = 32 * 1024;
const READ_BUFFER_BYTES: usize = 32 * 1024;

/// Connects, checks the host key, signs in. Dropping the future gives up; nothing is left behind.
pub async fn connect(target: &SshTarget, options: &ConnectOptions) -> Result<SshSession, ConnectError> {
    let (how_far, options) = HowFar::of(target, options);
    tokio::select! {
        biased;
        () = options.cancel.cancelled() => Err(how_far.cancelled()),
        session = Box::pin(walk(target, &options)) => session,
    }
}

/// Shows the key of a host without signing in there, so that a person can compare and accept it.
/// Jump hosts on the way must be known and are signed in to. When the host is known under other
/// keys too, it is asked for those types first.
pub async fn fetch_host_key(target: &SshTarget, options: &ConnectOptions) -> Result<HostKey, ConnectError> {
    let (how_far, options) = HowFar::of(target, options);
    tokio::select! {
        biased;
        () = options.cancel.cancelled() => Err(how_far.cancelled()),
        key = Box::pin(look_at_key(target, &options)) => key,
    }
}

async fn walk(target: &SshTarget, options: &ConnectOptions) -> Result<SshSession, ConnectError> {
    let hops = hops(target);
    let mut signed_in: Vec<Connection> = Vec::with_capacity(hops.len());
    for (number, hop) in hops.iter().enumerate() {
        let options = &match hop.target.host_keys {
            Some(policy) => options.clone().with_policy(policy),
            None => options.clone(),
        };
        let mut clock = Clock::start(options, number, hop.endpoint.clone());
        let stream = open_stream(hop, signed_in.last(), &clock).await?;
        let known = options.known_hosts.lookup(&hop.endpoint.host, hop.endpoint.port);
        let purpose = Purpose::Visit {
            policy: options.host_keys,
            known_hosts: options.known_hosts.clone(),
            person: Person {
                judge: options.judge.clone(),
                time: clock.person.clone(),
                cancel: options.cancel.clone(),
            },
        };
        let mut connection = exchange_keys(hop, stream, known, purpose, options, &mut clock).await?;
        wait_at_gate(&connection, options, &mut clock).await?;
        clock.started(Step::SignIn);
        let proof = auth::sign_in(&mut connection, hop.target, &options.keys, &mut clock).await?;
        clock.done(Step::SignIn, &proof);
        debug!(host.name = %hop.endpoint.host, host.port = hop.endpoint.port, "Signed in to {}", hop.endpoint);
        signed_in.push(connection);
    }
    let Some(last) = signed_in.pop() else {
        // `hops` always ends with the target itself.
        return Err(ConnectError::Cancelled {
            endpoint: Endpoint::of(target),
            step: Step::Resolve,
        });
    };
    Ok(SshSession::new(last, signed_in))
}

/// Waits for leave to sign in, where somebody has to give it.
async fn wait_at_gate(
    connection: &Connection,
    options: &ConnectOptions,
    clock: &mut Clock,
) -> Result<(), ConnectError> {
    let Some(gate) = &options.gate else { return Ok(()) };
    if !clock.pause(gate.may_sign_in(&connection.endpoint)).await {
        return Err(ConnectError::Cancelled {
            endpoint: connection.endpoint.clone(),
            step: Step::SignIn,
        });
    }
    if connection.handle.is_closed() {
        // It did not wait as long. Nothing of ours was sent yet, and the error must not read as if.
        return Err(ConnectError::Lost {
            endpoint: connection.endpoint.clone(),
            step: Step::KeyExchange,
            reason: connection.ending.reason(),
        });
    }
    Ok(())
}

async fn look_at_key(target: &SshTarget, options: &ConnectOptions) -> Result<HostKey, ConnectError> {
    let hops = hops(target);
    let mut jumps = None;
    if let [.., before, _] = hops.as_slice() {
        let way = SshTarget {
            jumps: target.jumps[..target.jumps.len() - 1].to_vec(),
            // The first connection that leaves this machine is one to a jump host.
            proxy: hops.first().and_then(|first| first.proxy.cloned()),
            ..before.target.clone()
        };
        jumps = Some(Box::pin(walk(&way, options)).await?);
    }
    let Some(hop) = hops.last() else {
        return Err(ConnectError::Cancelled {
            endpoint: Endpoint::of(target),
            step: Step::Resolve,
        });
    };
    let mut clock = Clock::start(options, hops.len() - 1, hop.endpoint.clone());
    let stream = open_stream(hop, jumps.as_ref().map(SshSession::connection), &clock).await?;
    let seen = Arc::new(Mutex::new(None));
    let known = options.known_hosts.lookup(&hop.endpoint.host, hop.endpoint.port);
    let purpose = Purpose::LookAtKey(seen.clone());
    let connection = exchange_keys(hop, stream, known, purpose, options, &mut clock).await?;
    // Only the key was wanted; whether the goodbye arrives does not matter.
    let _ = connection
        .handle
        .disconnect(russh::Disconnect::ByApplication, "", "")
        .await;
    let key = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    key.ok_or_else(|| ConnectError::Lost {
        endpoint: hop.endpoint.clone(),
        step: Step::KeyExchange,
        reason: "it showed no key".to_owned(),
    })
}

/// One host on the way, or the goal.
struct Hop<'a> {
    target: &'a SshTarget,
    endpoint: Endpoint,
    /// For the first hop only.
    proxy: Option<&'a Proxy>,
}

fn hops(target: &SshTarget) -> Vec<Hop<'_>> {
    let goal = Endpoint::of(target);
    let of = target.jumps.len();
    let mut hops: Vec<Hop<'_>> = Vec::with_capacity(of + 1);
    for (index, jump) in target.jumps.iter().enumerate() {
        let place = Jump {
            number: index + 1,
            of,
            towards: goal.host_port(),
        };
        hops.push(Hop {
            target: jump,
            endpoint: Endpoint {
                jump: Some(Box::new(place)),
                ..Endpoint::of(jump)
            },
            proxy: None,
        });
    }
    hops.push(Hop {
        target,
        endpoint: goal,
        proxy: None,
    });
    if let Some(first) = hops.first_mut() {
        first.proxy = target.proxy.as_ref().or(first.target.proxy.as_ref());
    }
    hops
}

/// The time a hop may take, and who hears how far it is.
pub(super) struct Clock {
    deadline: Instant,
    allowed: Duration,
    hop: usize,
    pub(super) endpoint: Endpoint,
    observer: Option<Arc<dyn ConnectObserver>>,
    pub(super) person: PersonTime,
}

impl Clock {
    fn start(options: &ConnectOptions, hop: usize, endpoint: Endpoint) -> Self {
        Self {
            deadline: Instant::now() + options.connect_timeout,
            allowed: options.connect_timeout,
            hop,
            endpoint,
            observer: options.observer.clone(),
            person: PersonTime::default(),
        }
    }

    fn started(&self, step: Step) {
        if let Some(observer) = &self.observer {
            let (hop, endpoint) = (self.hop, &self.endpoint);
            observer.on(ConnectEvent::Started { hop, endpoint, step });
        }
    }

    fn done(&self, step: Step, detail: &str) {
        if let Some(observer) = &self.observer {
            observer.on(ConnectEvent::Done {
                hop: self.hop,
                endpoint: &self.endpoint,
                step,
                detail,
            });
        }
    }

    /// Waits for `work`, in which a person may be asked.
    pub(super) async fn run_with_person<T>(
        &mut self,
        step: Step,
        work: impl Future<Output = T>,
    ) -> Result<T, ConnectError> {
        tokio::pin!(work);
        loop {
            let mut done = timeout_at(self.deadline, &mut work).await.ok();
            if done.is_none() {
                tokio::select! {
                    finished = &mut work => done = Some(finished),
                    () = self.person.idle() => {}
                }
            }
            // Also when it is done: what follows has the host's own time left, not what a person left of it.
            let thinking = self.person.take();
            self.deadline += thinking;
            match done {
                Some(done) => return Ok(done),
                None if thinking.is_zero() => return self.run(step, work).await,
                None => {}
            }
        }
    }

    /// Waits for `work`, but not longer than the hop may take.
    pub(super) async fn run<T>(&self, step: Step, work: impl Future<Output = T>) -> Result<T, ConnectError> {
        timeout_at(self.deadline, work)
            .await
            .map_err(|_| ConnectError::TimedOut {
                endpoint: self.endpoint.clone(),
                step,
                after: self.allowed,
            })
    }

    /// Waits for a person, whose time is not the host's.
    pub(super) async fn pause<T>(&mut self, person: impl Future<Output = T>) -> T {
        let before = Instant::now();
        let answer = person.await;
        self.deadline += before.elapsed();
        answer
    }
}

/// One host whose key was found right.
pub(super) struct Connection {
    pub(super) handle: Handle<Guard>,
    pub(super) endpoint: Endpoint,
    pub(super) ending: Ending,
    pub(super) inbound: Inbound,
    pub(super) facts: Facts,
    /// Cancelled once the connection has ended.
    pub(super) over: CancellationToken,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn open_stream(
    hop: &Hop<'_>,
    through: Option<&Connection>,
    clock: &Clock,
) -> Result<Box<dyn Stream>, ConnectError> {
    if let Some(jump) = through {
        return open_through(hop, jump, clock).await;
    }
    let (host, port) = match hop.proxy {
        Some(proxy) => proxy.address(),
        None => (hop.endpoint.host.as_str(), hop.endpoint.port),
    };
    let failed = |source: std::io::Error, step: Step| match (hop.proxy, step) {
        (Some(proxy), _) => proxy_error(hop, proxy, source.to_string()),
        (None, Step::Resolve) => ConnectError::Resolve {
            endpoint: hop.endpoint.clone(),
            source,
        },
        (None, _) => ConnectError::Unreachable {
            endpoint: hop.endpoint.clone(),
            source,
        },
    };
    clock.started(Step::Resolve);
    let addresses = clock
        .run(Step::Resolve, tcp::resolve(host, port))
        .await?
        .map_err(|e| failed(e, Step::Resolve))?;
    let list: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    clock.done(Step::Resolve, &list.join(", "));
    clock.started(Step::Connect);
    let stream = clock
        .run(Step::Connect, tcp::open(&addresses))
        .await?
        .map_err(|e| failed(e, Step::Connect))?;
    let peer = stream
        .peer_addr()
        .map_or_else(|_| String::new(), |peer| peer.to_string());
    clock.done(Step::Connect, &peer);
    // russh reads each packet in two or three small pieces; the buffer saves those system calls.
    let mut stream = BufReader::with_capacity(READ_BUFFER_BYTES, stream);
    if let Some(proxy) = hop.proxy {
        clock.started(Step::Proxy);
        let opened = proxy::open(&mut stream, proxy, &hop.endpoint.host, hop.endpoint.port);
        clock
            .run(Step::Proxy, opened)
            .await?
            .map_err(|reason| proxy_error(hop, proxy, reason))?;
        clock.done(Step::Proxy, &proxy.to_string());
    }
    Ok(Box::new(stream))
}

fn proxy_error(hop: &Hop<'_>, proxy: &Proxy, reason: String) -> ConnectError {
    ConnectError::Proxy {
        endpoint: hop.endpoint.clone(),
        proxy: proxy.to_string(),
        reason,
    }
}

async fn open_through(
    hop: &Hop<'_>,
    jump: &Connection,
    clock: &Clock,
) -> Result<Box<dyn Stream>, ConnectError> {
    let (host, port) = (hop.endpoint.host.as_str(), u32::from(hop.endpoint.port));
    clock.started(Step::Jump);
    let opening = jump.handle.channel_open_direct_tcpip(host, port, "127.0.0.1", 0);
    let channel = clock
        .run(Step::Jump, opening)
        .await?
        .map_err(|error| ConnectError::JumpRefused {
            endpoint: hop.endpoint.clone(),
            jump: Box::new(jump.endpoint.clone()),
            reason: match error {
                russh::Error::ChannelOpenFailure(failure) => failure.description().to_ascii_lowercase(),
                _ => jump.ending.reason(),
            },
        })?;
    clock.done(Step::Jump, &format!("through {}", jump.endpoint.host_port()));
    Ok(Box::new(BufReader::with_capacity(
        READ_BUFFER_BYTES,
        channel.into_stream(),
    )))
}

async fn exchange_keys(
    hop: &Hop<'_>,
    stream: Box<dyn Stream>,
    known: Known,
    purpose: Purpose,
    options: &ConnectOptions,
    clock: &mut Clock,
) -> Result<Connection, ConnectError> {
    clock.started(Step::KeyExchange);
    let config = config(options, &known);
    let (over, guards_half) = Guard::over();
    let (ending, inbound, facts) = (Ending::default(), Inbound::default(), Facts::default());
    let guard = Guard {
        gate: Gate {
            endpoint: hop.endpoint.clone(),
            purpose,
            known,
        },
        ending: ending.clone(),
        inbound: inbound.clone(),
        facts: facts.clone(),
        observer: options.observer.clone(),
        _over: guards_half,
    };
    let connecting = client::connect_stream(Arc::new(config), stream, guard);
    let handle = clock
        .run_with_person(Step::KeyExchange, connecting)
        .await?
        .map_err(|error| match error {
            GuardError::HostKey(error) => *error,
            GuardError::Ssh(error) => kex_error(hop, error),
        })?;
    if let Some(key) = facts.get().host_key {
        clock.done(
            Step::KeyExchange,
            &format!("{} {}", key.algorithm(), key.fingerprint()),
        );
    }
    Ok(Connection {
        handle,
        endpoint: hop.endpoint.clone(),
        ending,
        inbound,
        facts,
        over,
    })
}

fn config(options: &ConnectOptions, known: &Known) -> client::Config {
    let bytes = options.rekey.bytes.min(RekeyAfter::MAX_BYTES);
    client::Config {
        client_id: russh::SshId::Standard(concat!("SSH-2.0-Luumen_", env!("CARGO_PKG_VERSION")).into()),
        preferred: algorithms::preferred(options, known),
        limits: russh::Limits::new(bytes, bytes, options.rekey.time),
        window_size: options.buffers.window_bytes,
        maximum_packet_size: MAX_PACKET_BYTES,
        channel_buffer_size: options.buffers.packets,
        keepalive_interval: options.keepalive_interval,
        keepalive_max: options.keepalive_max,
        ..client::Config::default()
    }
}

fn kex_error(hop: &Hop<'_>, error: russh::Error) -> ConnectError {
    let endpoint = hop.endpoint.clone();
    let reason = match error {
        russh::Error::Disconnect | russh::Error::HUP => "it hung up".to_owned(),
        russh::Error::IO(error) => error.to_string(),
        error => {
            return ConnectError::Negotiation {
                endpoint,
                source: Box::new(error),
            };
        }
    };
    ConnectError::Lost {
        endpoint,
        step: Step::KeyExchange,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_names_each_hop_and_uses_the_proxy_once() {
        let mut target = SshTarget::new("db-3", 22, "scan")
            .through(SshTarget::new("outer", 2222, "jump"))
            .through(SshTarget::new("inner", 22, "jump"));
        target.proxy = Some(Proxy::Socks5 {
            host: "p".into(),
            port: 1080,
            username: None,
            password: None,
        });
        let hops = hops(&target);
        let seen: Vec<_> = hops
            .iter()
            .map(|hop| (hop.endpoint.to_string(), hop.proxy.is_some()))
            .collect();
        assert_eq!(
            seen,
            [
                (
                    "jump@outer:2222 (jump 1 of 2 on the way to db-3:22)".to_owned(),
                    true
                ),
                (
                    "jump@inner:22 (jump 2 of 2 on the way to db-3:22)".to_owned(),
                    false
                ),
                ("scan@db-3:22".to_owned(), false),
            ]
        );
    }
}
