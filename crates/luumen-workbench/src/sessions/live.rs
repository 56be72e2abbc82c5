//! One session's life: connecting, open, lost, connected again, closed.
//!
//! What the window sees is a [`Session`]; every change of it is told. Terminals belong to the session and
//! outlive its connection.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use luumen_transport::{
    Buffers, ConnectError, ConnectEvent, ConnectObserver, ConnectOptions, HostKeyPolicy, KeyCache,
    KnownHosts, Session as _, SshSession, connect,
};
use tokio_util::sync::CancellationToken;

use super::{
    checklist::Checklist,
    destination::Destination,
    model::{Session, SessionState},
    person::Person,
    room::{Opened, Tools},
    terminal::Terminal,
    words::{describe, files_left, left, no_connection},
};
use crate::{
    bridge::{Event, Id, Problem},
    hosts::{ForwardSpec, HostKeyRule, LogMode},
};

/// How often the line is measured.
const PING_EVERY: Duration = Duration::from_secs(5);

/// A session and what belongs to it.
pub(crate) struct Live {
    pub(super) id: Id,
    pub(super) tools: Arc<Tools>,
    wish: Opened,
    state: Mutex<State>,
    /// Held while logs are begun and ended, so that what is shown of them holds for every terminal.
    pub(super) logging: tokio::sync::Mutex<()>,
}

pub(super) struct State {
    pub(super) session: Session,
    pub(super) checklist: Checklist,
    /// How much is logged, once it was chosen here or the session was open. What the host keeps says so only until then: logs
    /// that are being written go on when a connection is lost.
    pub(super) log: Option<LogMode>,
    destination: Option<Arc<Destination>>,
    connection: Option<SshSession>,
    /// Ends the attempt under way, or the watching of the connection.
    attempt: CancellationToken,
    /// Says that the session is over.
    over: CancellationToken,
    keys: Arc<KeyCache>,
    pub(super) banner: String,
    terminals: BTreeMap<Id, Arc<Terminal>>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl State {
    /// A password that a proxy did not take is asked for again, and not tried for as long as the session lives.
    fn doubt(&mut self, error: &ConnectError) {
        if let (ConnectError::Proxy { .. }, Some(destination)) = (error, &mut self.destination)
            && let Some(way) = &mut Arc::make_mut(destination).proxy
        {
            way.proxy.set_password(None);
        }
    }
}

impl Live {
    pub(super) fn new(tools: Arc<Tools>, session: Session, wish: Opened) -> Arc<Self> {
        Arc::new(Self {
            id: session.id,
            tools,
            logging: tokio::sync::Mutex::default(),
            state: Mutex::new(State {
                session,
                log: wish.log,
                checklist: Checklist::default(),
                destination: None,
                connection: None,
                attempt: CancellationToken::new(),
                over: CancellationToken::new(),
                keys: Arc::default(),
                banner: String::new(),
                terminals: BTreeMap::new(),
            }),
            wish,
        })
    }

    pub(super) fn session(&self) -> Session {
        self.with(|state| state.session.clone())
    }

    /// What it was asked for with.
    pub(super) fn wish(&self) -> &Opened {
        &self.wish
    }

    /// Begins to connect, the first time or again.
    pub(super) fn start(self: &Arc<Self>) -> Result<Session, Problem> {
        let (session, attempt) = self.with(|state| {
            if state.connection.is_some() {
                return Err(Problem::new(
                    "LUM-SESSION-OPEN",
                    "the session is open",
                    "only a session that is lost, failed or closed can be connected again",
                ));
            }
            state.attempt.cancel();
            state.attempt = CancellationToken::new();
            if state.over.is_cancelled() {
                state.over = CancellationToken::new();
            }
            state.session.state = SessionState::Connecting;
            state.session.problem = None;
            state.terminals.values().for_each(|terminal| terminal.waits());
            Ok((state.session.clone(), state.attempt.clone()))
        })?;
        self.tell();
        tokio::spawn(self.clone().connect(attempt));
        Ok(session)
    }

    /// Ends it for good.
    pub(super) async fn close(&self) {
        let (connection, terminals) = self.with(|state| {
            state.attempt.cancel();
            state.over.cancel();
            state.session.state = SessionState::Closed;
            state.session.problem = None;
            // With them goes what was typed to sign in.
            state.destination = None;
            state.keys = Arc::default();
            (state.connection.take(), std::mem::take(&mut state.terminals))
        });
        self.tools.riders.closed(self.id);
        for terminal in terminals.values() {
            terminal.close().await;
        }
        if let Some(mut connection) = connection {
            connection.close().await;
        }
        self.tell();
    }

    /// The open connection, or why there is none.
    pub(super) fn connection(&self) -> Result<SshSession, Problem> {
        self.with(|state| state.connection.clone()).ok_or_else(|| {
            Problem::new(
                "LUM-SESSION-NOT-OPEN",
                "the session is not open",
                "it has no connection to the host at the moment",
            )
            .next("Connect it again.")
        })
    }

    /// Another connection to the same place, for files.
    pub(super) async fn another(self: &Arc<Self>) -> Result<SshSession, Problem> {
        self.connection()?;
        let destination = self.with(|state| state.destination.clone());
        let destination = destination.ok_or_else(super::room::unknown)?;
        let attempt = self.with(|state| state.attempt.child_token());
        let person = Person::new(self.tools.questions.clone(), self.id, &destination);
        let mut options = self.options(&destination, &person, attempt)?;
        options.buffers = Buffers::FILES;
        options.observer = None;
        let gave_up = person.gave_up.clone();
        let cancel = options.cancel.clone();
        let target = person.target(&destination);
        tokio::select! {
            biased;
            () = gave_up.cancelled() => {
                cancel.cancel();
                Err(files_left())
            }
            connected = connect(&target, &options) => connected.map_err(|error| no_connection(&destination, &error)),
        }
    }

    /// Is cancelled when the session is closed.
    pub(super) fn over(&self) -> CancellationToken {
        self.with(|state| state.over.clone())
    }

    pub(super) fn destination(&self) -> Option<Arc<Destination>> {
        self.with(|state| state.destination.clone())
    }

    pub(super) fn terminals(&self) -> Vec<Arc<Terminal>> {
        self.with(|state| state.terminals.values().cloned().collect())
    }

    /// Adds a terminal. Its shell is opened as soon as there is a connection.
    pub(super) fn add_terminal(self: &Arc<Self>, terminal: Arc<Terminal>) {
        let connection = self.with(|state| {
            state.terminals.insert(terminal.id, terminal.clone());
            state.connection.clone()
        });
        if let Some(connection) = connection {
            let live = self.clone();
            tokio::spawn(async move { live.open_shell(&connection, &terminal).await });
        }
    }

    pub(super) fn remove_terminal(&self, terminal: Id) -> Option<Arc<Terminal>> {
        self.with(|state| state.terminals.remove(&terminal))
    }

    /// Changes what the window sees, and tells it.
    pub(super) fn update(&self, change: impl FnOnce(&mut Session)) -> Session {
        let session = self.with(|state| {
            change(&mut state.session);
            state.session.clone()
        });
        self.tell();
        session
    }

    async fn connect(self: Arc<Self>, attempt: CancellationToken) {
        let connected = tokio::select! {
            biased;
            () = attempt.cancelled() => return,
            connected = Box::pin(self.reach(&attempt)) => connected,
        };
        match connected {
            Ok(connection) => self.opened(connection, attempt).await,
            Err(problem) => self.failed(problem),
        }
    }

    async fn reach(self: &Arc<Self>, attempt: &CancellationToken) -> Result<SshSession, Problem> {
        let destination = self.find().await?;
        self.with(|state| {
            state.checklist = Checklist::new(&destination.hops);
            state.banner.clear();
            describe(&mut state.session, &destination);
            state.session.steps = state.checklist.steps.clone();
            state.session.recording = state.log.unwrap_or(destination.log);
        });
        self.tell();
        let person = Person::new(self.tools.questions.clone(), self.id, &destination);
        let Some(destination) = person.pass_proxy(destination).await else {
            self.with(|state| state.checklist.fail_with("you left it"));
            return Err(left());
        };
        let cancel = attempt.child_token();
        let options = self.options(&destination, &person, cancel.clone())?;
        let target = person.target(&destination);
        let connected = tokio::select! {
            biased;
            () = person.gave_up.cancelled() => {
                cancel.cancel();
                self.with(|state| state.checklist.fail_with("you left it"));
                return Err(left());
            }
            connected = connect(&target, &options) => connected,
        };
        let connection = connected.map_err(|error| {
            self.with(|state| {
                state.checklist.fail(&error);
                state.doubt(&error);
            });
            no_connection(&destination, &error)
        })?;
        for (keep, secret) in person.to_remember() {
            if let Err(problem) = self.tools.destinations.remember(keep, secret).await {
                self.tools.warn(problem);
            }
        }
        let known = person.knowing(&destination);
        self.with(|state| state.destination = Some(Arc::new(known)));
        Ok(connection)
    }

    fn options(
        self: &Arc<Self>,
        destination: &Destination,
        person: &Arc<Person>,
        cancel: CancellationToken,
    ) -> Result<ConnectOptions, Problem> {
        let files = &self.tools.known_hosts;
        let known_hosts = KnownHosts::load(files).map_err(|error| {
            Problem::of("LUM-SSH-KNOWN-HOSTS", "the known hosts cannot be read", &error)
                .next("Check the rights of ~/.ssh/known_hosts.")
        })?;
        Ok(ConnectOptions {
            host_keys: match destination.host_keys {
                HostKeyRule::Ask => HostKeyPolicy::Ask,
                HostKeyRule::Strict => HostKeyPolicy::Strict,
            },
            connect_timeout: destination.connect_timeout,
            keepalive_interval: destination.keepalive,
            compression: destination.compression,
            buffers: Buffers::TERMINAL,
            judge: Some(person.clone()),
            observer: Some(self.clone()),
            keys: self.with(|state| state.keys.clone()),
            cancel,
            ..ConnectOptions::new(Arc::new(known_hosts))
        })
    }

    async fn opened(self: &Arc<Self>, connection: SshSession, attempt: CancellationToken) {
        let facts = connection.facts();
        let over = self.over();
        self.with(|state| {
            state.connection = Some(connection.clone());
            let session = &mut state.session;
            session.state = SessionState::Open;
            state.log = Some(session.recording);
            session.server = facts.server.strip_prefix("SSH-2.0-").map(str::to_owned);
            session.ciphers = Some(format!("{} · {}", facts.cipher, facts.key_exchange));
            session.steps = state.checklist.steps.clone();
        });
        if attempt.is_cancelled() {
            // Closed in this very moment.
            self.close().await;
            return;
        }
        self.tell();
        tokio::spawn(self.clone().watch(connection.clone(), attempt));
        let destination = self.destination();
        if let Some(host) = destination.as_ref().and_then(|destination| destination.host) {
            self.tools.destinations.connected(host).await;
        }
        for terminal in self.terminals() {
            self.open_shell(&connection, &terminal).await;
        }
        let forwards = self.forwards(destination.as_deref()).await;
        self.tools.riders.opened(self.id, connection, forwards).await;
        // Of what happened to the session meanwhile its riders heard before they rode.
        if over.is_cancelled() {
            self.tools.riders.closed(self.id);
        } else if self.with(|state| state.connection.is_none()) {
            self.tools.riders.lost(self.id);
        }
    }

    /// What the host says now. The destination is that of the first connection, and forwards may have changed since.
    async fn forwards(&self, destination: Option<&Destination>) -> Vec<ForwardSpec> {
        let Some(destination) = destination else {
            return Vec::new();
        };
        let now = match destination.host {
            Some(host) => self.tools.destinations.forwards(host).await,
            None => None,
        };
        now.unwrap_or_else(|| destination.forwards.clone())
    }

    /// Measures the line, and notices when it is gone.
    async fn watch(self: Arc<Self>, connection: SshSession, attempt: CancellationToken) {
        loop {
            let latency = connection.ping().await;
            if let Some(latency) = latency {
                let millis = u32::try_from(latency.as_millis()).unwrap_or(u32::MAX);
                if self.session().latency_ms != Some(millis) {
                    self.update(|session| session.latency_ms = Some(millis));
                }
            }
            tokio::select! {
                biased;
                () = attempt.cancelled() => return,
                reason = connection.closed() => return self.lost(&reason),
                () = tokio::time::sleep(PING_EVERY) => {}
            }
        }
    }

    /// The connection has ended by itself. The terminals stay as they are.
    fn lost(&self, reason: &str) {
        let terminals = self.with(|state| {
            state.connection = None;
            state.session.state = SessionState::Lost;
            state.session.latency_ms = None;
            state.session.problem = Some(
                Problem::new(
                    "LUM-SSH-LOST",
                    format!("the connection to {} was lost", state.session.title),
                    reason,
                )
                .next("Reconnect: the terminals keep what they show. What ran on the host may have ended."),
            );
            state.terminals.values().cloned().collect::<Vec<_>>()
        });
        for terminal in &terminals {
            terminal.lost();
            terminal.mark("connection lost");
        }
        self.tools.riders.lost(self.id);
        self.tell();
    }

    fn failed(&self, problem: Problem) {
        let terminals = self.with(|state| {
            state.session.state = SessionState::Failed;
            state.session.problem = Some(problem);
            state.session.steps = state.checklist.steps.clone();
            state.terminals.values().cloned().collect::<Vec<_>>()
        });
        terminals.iter().for_each(|terminal| terminal.lost());
        self.tell();
    }

    pub(super) fn tell(&self) {
        let session = Box::new(self.session());
        self.tools.events.send(Event::Session { session });
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ConnectObserver for Live {
    fn on(&self, event: ConnectEvent<'_>) {
        self.with(|state| {
            if let ConnectEvent::Banner { text, .. } = event {
                state.banner.push_str(text);
            }
            state.checklist.take(event);
            state.session.steps = state.checklist.steps.clone();
        });
        self.tell();
    }
}
