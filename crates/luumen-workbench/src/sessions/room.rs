//! The calls about sessions and terminals.

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use luumen_transport::SshSession;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::{
    destination::Destinations,
    live::Live,
    model::{Session, SessionKind, SessionState},
    questions::Questions,
    terminal::Terminal,
    typing::Typing,
};
use crate::{
    bridge::{Event, Events, Id, NoArgs, NoticeLevel, Output, Problem, Registry, Terminals, Time},
    hosts::{Environment, ForwardSpec, LogMode},
    logs::Logs,
    scans::{ScanSource, ScanTarget},
};

/// Terminals of this size and smaller make sense; a window that asks for more is broken.
const MAX_SIDE: u32 = 2000;

/// What every session needs.
#[derive(Debug)]
pub(crate) struct Tools {
    pub(crate) events: Events,
    pub(crate) destinations: Arc<dyn Destinations>,
    pub(crate) questions: Arc<Questions>,
    pub(crate) logs: Arc<Logs>,
    /// New keys are written to the first.
    pub(crate) known_hosts: Vec<PathBuf>,
    /// Told to each shell, as far as the host takes it.
    pub(crate) env: Vec<(String, String)>,
    /// What runs on a session's connection and ends with it.
    pub(crate) riders: Arc<dyn Riders>,
}

impl Tools {
    pub(super) fn warn(&self, problem: Problem) {
        self.events.send(Event::Notice {
            level: NoticeLevel::Warning,
            problem,
        });
    }
}

/// What rides on the connection of a session: forwards.
#[async_trait]
pub(crate) trait Riders: Send + Sync + fmt::Debug {
    /// A connection is there.
    async fn opened(&self, session: Id, connection: SshSession, forwards: Vec<ForwardSpec>);
    /// What its host keeps has changed.
    async fn kept(&self, session: Id, forwards: Vec<ForwardSpec>);
    /// The connection is gone, and may come again.
    fn lost(&self, session: Id);
    /// The session is over.
    fn closed(&self, session: Id);
}

/// All sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    tools: Arc<Tools>,
    live: Mutex<BTreeMap<Id, Arc<Live>>>,
    /// For what gives way to keys.
    pub(crate) typing: Typing,
}

/// Where to go: a kept host, or what was typed.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// A kept host.
    #[serde(default)]
    #[ts(optional)]
    pub host: Option<Id>,
    /// `user@host:port`, `ssh://…`, or the name of a kept host.
    #[serde(default)]
    #[ts(optional)]
    pub quick: Option<String>,
    /// Used in place of the host's own.
    #[serde(default)]
    #[ts(optional)]
    pub credential: Option<Id>,
    /// A kept host to go through, in place of the host's own jump hosts.
    #[serde(default)]
    #[ts(optional)]
    pub jump: Option<Id>,
    /// How much is logged, in place of the host's own.
    #[serde(default)]
    #[ts(optional)]
    pub log: Option<LogMode>,
}

/// One session.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OneSession {
    /// Which.
    pub id: Id,
}

/// How much of a session is logged from now on.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetSessionLog {
    /// Which session.
    pub id: Id,
    /// How much.
    pub mode: LogMode,
}

/// A new terminal.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct NewTerminal {
    /// On which session.
    pub session: Id,
    /// Its width in characters.
    pub cols: u32,
    /// Its height in characters.
    pub rows: u32,
}

/// A terminal that was made.
#[derive(Clone, Copy, Debug, Serialize, TS)]
pub struct MadeTerminal {
    /// Its id.
    pub terminal: Id,
}

/// A terminal that lives, for a window that was opened anew.
#[derive(Clone, Copy, Debug, Serialize, TS)]
pub struct OpenTerminal {
    /// Which.
    pub terminal: Id,
    /// On which session.
    pub session: Id,
    /// Its width in characters.
    pub cols: u32,
    /// Its height in characters.
    pub rows: u32,
    /// So many bytes were shown before, and are shown again to who attaches.
    pub again: usize,
}

/// Something typed or pasted.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TypedText {
    terminal: Id,
    text: String,
}

/// Something typed that is no text: where the mouse is, in the oldest way to say it.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TypedBytes {
    terminal: Id,
    bytes: Vec<u8>,
}

/// What the window wrote into a terminal by itself, when its line was lost. It belongs to what is shown again.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WrittenText {
    terminal: Id,
    text: String,
}

/// A new size.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TerminalSize {
    terminal: Id,
    cols: u32,
    rows: u32,
}

/// Bytes that are drawn.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TerminalDrawn {
    terminal: Id,
    bytes: u32,
}

/// One terminal.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OneTerminal {
    terminal: Id,
}

/// Registers the calls.
pub(crate) fn register(registry: &mut Registry, sessions: &Arc<Sessions>) {
    registry.call("session_open", sessions, Sessions::open);
    registry.call("session_reconnect", sessions, Sessions::reconnect);
    registry.call("session_close", sessions, Sessions::close);
    registry.call("sessions_list", sessions, Sessions::list);
    registry.call("session_log", sessions, Sessions::log);
    registry.call("terminal_open", sessions, Sessions::terminal_open);
    registry.call("terminals_list", sessions, Sessions::terminals_list);
    registry.call("terminal_write", sessions, Sessions::terminal_write);
    registry.call("terminal_write_bytes", sessions, Sessions::terminal_write_bytes);
    registry.call("terminal_keep", sessions, Sessions::terminal_keep);
    registry.call("terminal_resize", sessions, Sessions::terminal_resize);
    registry.call("terminal_ack", sessions, Sessions::terminal_ack);
    registry.call("terminal_close", sessions, Sessions::terminal_close);
    registry.call("question_answer", &sessions.tools.questions, Questions::answer);
    registry.call("questions_list", &sessions.tools.questions, Questions::list);
    registry.terminals(sessions.clone());
}

impl Sessions {
    pub(crate) fn new(tools: Tools) -> Arc<Self> {
        Arc::new(Self {
            tools: Arc::new(tools),
            live: Mutex::default(),
            typing: Typing::default(),
        })
    }

    /// A connection of one's own to where a session goes, for files. May ask the person.
    pub(crate) async fn another_connection(&self, id: Id) -> Result<SshSession, Problem> {
        self.find(id)?.another().await
    }

    /// What a session was asked for with, and how it stands.
    pub(crate) fn asked_for(&self, id: Id) -> Result<(Opened, Session), Problem> {
        let live = self.find(id)?;
        Ok((live.wish().clone(), live.session()))
    }

    /// Is cancelled when a session is closed.
    pub(crate) fn over(&self, id: Id) -> Result<CancellationToken, Problem> {
        Ok(self.find(id)?.over())
    }

    /// Hosts have changed: what they forward from now on holds for the sessions that are open.
    pub(crate) async fn hosts_changed(&self) {
        let all: Vec<Arc<Live>> = self.with(|live| live.values().cloned().collect());
        for live in all {
            let host = live.destination().and_then(|destination| destination.host);
            let Some(host) = host else { continue };
            if let Some(forwards) = self.tools.destinations.forwards(host).await {
                self.tools.riders.kept(live.id, forwards).await;
            }
        }
    }

    /// Ends every session, as when the window is closed.
    pub(crate) async fn close_all(&self) {
        let all: Vec<Arc<Live>> = self.with(|live| std::mem::take(live).into_values().collect());
        futures::future::join_all(all.iter().map(|live| live.close())).await;
    }

    async fn open(self: Arc<Self>, wish: Opened) -> Result<Session, Problem> {
        if wish.host.is_none() && wish.quick.is_none() {
            return Err(nowhere());
        }
        let typed = wish.quick.clone().unwrap_or_default();
        let session = Session {
            id: Id::new(),
            host: wish.host,
            title: typed.clone(),
            target: typed,
            kind: SessionKind::Ssh,
            environment: Environment::None,
            state: SessionState::Connecting,
            steps: Vec::new(),
            problem: None,
            opened_at: Time::now(),
            latency_ms: None,
            recording: wish.log.unwrap_or(LogMode::Off),
            server: None,
            ciphers: None,
            agent_forwarding: false,
            warnings: Vec::new(),
        };
        let live = Live::new(self.tools.clone(), session, wish);
        self.with(|all| all.insert(live.id, live.clone()));
        live.start()
    }

    async fn reconnect(self: Arc<Self>, args: OneSession) -> Result<Session, Problem> {
        self.find(args.id)?.start()
    }

    async fn close(self: Arc<Self>, args: OneSession) -> Result<(), Problem> {
        let live = self.with(|all| all.remove(&args.id)).ok_or_else(unknown)?;
        live.close().await;
        Ok(())
    }

    async fn list(self: Arc<Self>, _: NoArgs) -> Result<Vec<Session>, Problem> {
        Ok(self.with(|all| all.values().map(|live| live.session()).collect()))
    }

    async fn log(self: Arc<Self>, args: SetSessionLog) -> Result<Session, Problem> {
        let live = self.find(args.id)?;
        live.set_recording(args.mode).await
    }

    async fn terminal_open(self: Arc<Self>, args: NewTerminal) -> Result<MadeTerminal, Problem> {
        let live = self.find(args.session)?;
        let size = side(args.cols, args.rows);
        let terminal = Terminal::new(size, self.tools.events.clone());
        live.add_terminal(terminal.clone());
        Ok(MadeTerminal {
            terminal: terminal.id,
        })
    }

    async fn terminals_list(self: Arc<Self>, _: NoArgs) -> Result<Vec<OpenTerminal>, Problem> {
        let all: Vec<Arc<Live>> = self.with(|all| all.values().cloned().collect());
        let of = |live: &Arc<Live>| {
            let session = live.id;
            let lives = live
                .terminals()
                .into_iter()
                .filter(|terminal| !terminal.has_ended());
            lives.map(move |terminal| {
                let (cols, rows) = terminal.size();
                OpenTerminal {
                    terminal: terminal.id,
                    session,
                    cols,
                    rows,
                    again: terminal.again(),
                }
            })
        };
        Ok(all.iter().flat_map(of).collect())
    }

    async fn terminal_write(self: Arc<Self>, args: TypedText) -> Result<(), Problem> {
        self.typing.key();
        self.terminal(args.terminal)?.1.write(args.text)
    }

    async fn terminal_write_bytes(self: Arc<Self>, args: TypedBytes) -> Result<(), Problem> {
        self.typing.key();
        self.terminal(args.terminal)?.1.write(args.bytes)
    }

    async fn terminal_keep(self: Arc<Self>, args: WrittenText) -> Result<(), Problem> {
        self.terminal(args.terminal)?.1.keep(args.text);
        Ok(())
    }

    async fn terminal_resize(self: Arc<Self>, args: TerminalSize) -> Result<(), Problem> {
        let (columns, rows) = side(args.cols, args.rows);
        self.terminal(args.terminal)?.1.resize(columns, rows).await;
        Ok(())
    }

    async fn terminal_ack(self: Arc<Self>, args: TerminalDrawn) -> Result<(), Problem> {
        self.terminal(args.terminal)?.1.acknowledge(args.bytes as usize);
        Ok(())
    }

    async fn terminal_close(self: Arc<Self>, args: OneTerminal) -> Result<(), Problem> {
        let (live, _) = self.terminal(args.terminal)?;
        if let Some(terminal) = live.remove_terminal(args.terminal) {
            terminal.close().await;
        }
        Ok(())
    }

    fn find(&self, id: Id) -> Result<Arc<Live>, Problem> {
        self.with(|all| all.get(&id).cloned()).ok_or_else(unknown)
    }

    fn terminal(&self, id: Id) -> Result<(Arc<Live>, Arc<Terminal>), Problem> {
        let all: Vec<Arc<Live>> = self.with(|all| all.values().cloned().collect());
        let with = |live: Arc<Live>| {
            let terminal = live.terminals().into_iter().find(|terminal| terminal.id == id)?;
            Some((live, terminal))
        };
        all.into_iter().find_map(with).ok_or_else(no_terminal)
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Id, Arc<Live>>) -> T) -> T {
        work(&mut self.live.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ScanSource for Sessions {
    fn open(&self, session: Id) -> Result<ScanTarget, Problem> {
        let live = self.find(session)?;
        let shown = live.session();
        Ok(ScanTarget {
            host: shown.host,
            target: shown.target,
            session: Box::new(live.connection()?.lend()),
        })
    }
}

impl Terminals for Sessions {
    fn attach(&self, terminal: Id, output: Box<dyn Output>) -> Result<(), Problem> {
        self.terminal(terminal)?.1.attach(output);
        Ok(())
    }
}

fn side(columns: u32, rows: u32) -> (u32, u32) {
    (columns.clamp(1, MAX_SIDE), rows.clamp(1, MAX_SIDE))
}

pub(super) fn unknown() -> Problem {
    Problem::new(
        "LUM-SESSION-UNKNOWN",
        "there is no such session",
        "it was closed, or it belongs to another window",
    )
}

fn no_terminal() -> Problem {
    Problem::new(
        "LUM-TERMINAL-UNKNOWN",
        "there is no such terminal",
        "it was closed, or its session was",
    )
}

pub(super) fn nowhere() -> Problem {
    Problem::new(
        "LUM-SESSION-NOWHERE",
        "it is not said where to connect to",
        "a session needs a host, or a place that was typed",
    )
    .next("Choose a host, or type user@host:port.")
}
