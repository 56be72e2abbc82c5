//! The calls about forwards, and the manager behind them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use async_trait::async_trait;
use luumen_transport::{Forward as Running, ForwardPlan, SshSession};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use crate::{
    bridge::{Event, Events, Id, Problem, Registry},
    hosts::{ForwardKind, ForwardSpec},
    sessions::Riders,
};

/// How often the window hears of what passes.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How a forward stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ForwardState {
    /// It does not listen.
    Off,
    /// It listens.
    Listening,
    /// It could not be started, or its connection is gone.
    Failed,
}

/// A forward of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Forward {
    /// The session it runs on.
    pub session: Id,
    /// Its id.
    pub id: Id,
    /// Which way.
    pub kind: ForwardKind,
    /// Address it listens on.
    pub bind: String,
    /// Port it was asked to listen on.
    pub port: u16,
    /// Where it leads, unless it is a proxy.
    pub to_host: Option<String>,
    /// Where it leads, unless it is a proxy.
    pub to_port: Option<u16>,
    /// Whether it starts with the session.
    pub auto: bool,
    /// What it is for.
    pub label: String,
    /// How it stands.
    pub state: ForwardState,
    /// Why it failed, or why the last connection through it did.
    pub problem: Option<Problem>,
    /// Connections that are open now.
    pub connections: u64,
    /// Connections since it started.
    pub connections_total: u64,
    /// Bytes from the host to this device.
    pub bytes_in: u64,
    /// Bytes from this device to the host.
    pub bytes_out: u64,
    /// Port it listens on.
    pub bound_port: Option<u16>,
}

/// Every forward of every session.
#[derive(Debug)]
pub(crate) struct Forwards {
    /// For what runs beside the calls.
    me: Weak<Self>,
    events: Events,
    sessions: Mutex<BTreeMap<Id, Ridden>>,
}

/// One session's forwards, and the connection under them.
#[derive(Debug, Default)]
struct Ridden {
    connection: Option<SshSession>,
    rows: Vec<Row>,
    /// Ends the telling of what passes.
    telling: CancellationToken,
}

#[derive(Debug)]
struct Row {
    spec: ForwardSpec,
    /// The host keeps it; otherwise it was made for this session.
    kept: bool,
    /// Its person wants it; it starts again with the next connection.
    wanted: bool,
    running: Option<Running>,
    problem: Option<Problem>,
}

/// Which forwards to list.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FindForwards {
    /// Of one session only.
    #[serde(default)]
    #[ts(optional)]
    session: Option<Id>,
}

/// A forward to start.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StartForward {
    session: Id,
    spec: ForwardSpec,
}

/// A forward of a session.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OneForward {
    session: Id,
    id: Id,
}

/// Registers the calls.
pub(crate) fn register(registry: &mut Registry, forwards: &Arc<Forwards>) {
    registry.call("forwards_list", forwards, Forwards::list);
    registry.call("forward_start", forwards, Forwards::start);
    registry.call("forward_stop", forwards, Forwards::stop);
}

impl Forwards {
    pub(crate) fn new(events: Events) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            events,
            sessions: Mutex::default(),
        })
    }

    async fn list(self: Arc<Self>, args: FindForwards) -> Result<Vec<Forward>, Problem> {
        Ok(self.with(|sessions| {
            let wanted = sessions
                .iter()
                .filter(|(id, _)| args.session.is_none_or(|session| session == **id));
            wanted
                .flat_map(|(id, ridden)| ridden.rows.iter().map(|row| row.shown(*id)))
                .collect()
        }))
    }

    async fn start(self: Arc<Self>, args: StartForward) -> Result<Forward, Problem> {
        let StartForward { session, spec } = args;
        let id = spec.id;
        let connection = self.with(|sessions| {
            let connection = sessions
                .get_mut(&session)
                .and_then(|ridden| ridden.connection.clone());
            let connection = connection.ok_or_else(not_open)?;
            if let Some(ridden) = sessions.get_mut(&session) {
                // An older one of the same name gives its port back first.
                let kept = ridden.rows.iter().any(|row| row.spec.id == id && row.kept);
                ridden.rows.retain(|row| row.spec.id != id);
                ridden.rows.push(Row {
                    kept,
                    ..Row::new(spec)
                });
            }
            Ok::<_, Problem>(connection)
        })?;
        self.run(session, id, &connection).await;
        let shown = self.shown(session, id).ok_or_else(unknown)?;
        match (&shown.state, shown.problem.clone()) {
            (ForwardState::Failed, Some(problem)) => Err(problem),
            _ => Ok(shown),
        }
    }

    async fn stop(self: Arc<Self>, args: OneForward) -> Result<(), Problem> {
        let shown = self.with(|sessions| {
            let ridden = sessions.get_mut(&args.session)?;
            let row = ridden.rows.iter_mut().find(|row| row.spec.id == args.id)?;
            row.wanted = false;
            row.running = None;
            row.problem = None;
            Some(row.shown(args.session))
        });
        let forward = shown.ok_or_else(unknown)?;
        self.events.send(Event::Forward { forward });
        Ok(())
    }

    /// Starts one that is wanted, and notes what came of it.
    async fn run(&self, session: Id, id: Id, connection: &SshSession) {
        let plan = self.with(|sessions| {
            let row = sessions
                .get(&session)?
                .rows
                .iter()
                .find(|row| row.spec.id == id)?;
            Some(plan(&row.spec))
        });
        let started = match plan {
            None => return,
            Some(Err(problem)) => Err(problem),
            Some(Ok(plan)) => connection.forward(&plan).await.map_err(|error| {
                Problem::of(error.code(), "the forward could not be started", &error).next(error.next_step())
            }),
        };
        let shown = self.with(|sessions| {
            let ridden = sessions.get_mut(&session)?;
            let row = ridden.rows.iter_mut().find(|row| row.spec.id == id)?;
            match started {
                // Stopped while it was being started: dropping it ends it.
                Ok(_) if !row.wanted => {}
                Ok(running) => {
                    row.running = Some(running);
                    row.problem = None;
                }
                Err(problem) => row.problem = Some(problem),
            }
            Some(row.shown(session))
        });
        if let Some(forward) = shown {
            self.events.send(Event::Forward { forward });
        }
    }

    /// Tells what passes, as long as something does.
    async fn tell(self: Arc<Self>, session: Id, telling: CancellationToken) {
        let mut before: BTreeMap<Id, Forward> = BTreeMap::new();
        loop {
            tokio::select! {
                () = telling.cancelled() => return,
                () = tokio::time::sleep(TELL_EVERY) => {}
            }
            let now: Vec<Forward> = self.with(|sessions| {
                let rows = sessions.get(&session).map(|ridden| &ridden.rows);
                rows.into_iter()
                    .flatten()
                    .filter(|row| row.running.is_some())
                    .map(|row| row.shown(session))
                    .collect()
            });
            for forward in now {
                if before.insert(forward.id, forward.clone()).as_ref() != Some(&forward) {
                    self.events.send(Event::Forward { forward });
                }
            }
        }
    }

    fn shown(&self, session: Id, id: Id) -> Option<Forward> {
        self.with(|sessions| {
            let row = sessions
                .get(&session)?
                .rows
                .iter()
                .find(|row| row.spec.id == id)?;
            Some(row.shown(session))
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Id, Ridden>) -> T) -> T {
        work(&mut self.sessions.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Riders for Forwards {
    async fn opened(&self, session: Id, connection: SshSession, forwards: Vec<ForwardSpec>) {
        let (wanted, telling) = self.with(|sessions| {
            let ridden = sessions.entry(session).or_default();
            ridden.connection = Some(connection.clone());
            ridden.telling = CancellationToken::new();
            ridden.take_over(forwards);
            let wanted = ridden.rows.iter().filter(|row| row.wanted).map(|row| row.spec.id);
            (wanted.collect::<Vec<Id>>(), ridden.telling.clone())
        });
        for id in wanted {
            self.run(session, id, &connection).await;
        }
        if let Some(me) = self.me.upgrade() {
            tokio::spawn(me.tell(session, telling));
        }
    }

    fn lost(&self, session: Id) {
        let shown = self.with(|sessions| {
            let Some(ridden) = sessions.get_mut(&session) else {
                return Vec::new();
            };
            ridden.connection = None;
            ridden.telling.cancel();
            for row in ridden.rows.iter_mut().filter(|row| row.running.is_some()) {
                row.running = None;
                row.problem = Some(lost());
            }
            ridden.rows.iter().map(|row| row.shown(session)).collect()
        });
        shown
            .into_iter()
            .for_each(|forward| self.events.send(Event::Forward { forward }));
    }

    fn closed(&self, session: Id) {
        if let Some(ridden) = self.with(|sessions| sessions.remove(&session)) {
            ridden.telling.cancel();
        }
    }
}

impl Ridden {
    /// What the host keeps now: new ones come, changed ones are as they are kept, and those that are gone go. What its
    /// person stopped stays stopped.
    fn take_over(&mut self, kept: Vec<ForwardSpec>) {
        self.rows
            .retain(|row| !row.kept || kept.iter().any(|spec| spec.id == row.spec.id));
        for spec in kept {
            match self.rows.iter_mut().find(|row| row.spec.id == spec.id) {
                Some(row) => {
                    row.spec = spec;
                    row.kept = true;
                }
                None => self.rows.push(Row {
                    kept: true,
                    wanted: spec.auto,
                    ..Row::new(spec)
                }),
            }
        }
    }
}

impl Row {
    fn new(spec: ForwardSpec) -> Self {
        Self {
            spec,
            kept: false,
            wanted: true,
            running: None,
            problem: None,
        }
    }

    fn shown(&self, session: Id) -> Forward {
        let spec = self.spec.clone();
        let count = self.running.as_ref().map(Running::count).unwrap_or_default();
        let refused = count.last_refusal.map(|reason| {
            Problem::new(
                "LUM-FORWARD-CONNECTION",
                "the last connection could not be carried on",
                reason,
            )
            .next("Check the place it leads to, and whether it is up.")
        });
        Forward {
            session,
            id: spec.id,
            kind: spec.kind,
            bind: spec.bind,
            port: spec.port,
            to_host: spec.to_host,
            to_port: spec.to_port,
            auto: spec.auto,
            label: spec.label,
            state: match (&self.running, &self.problem) {
                (Some(_), _) => ForwardState::Listening,
                (None, Some(_)) => ForwardState::Failed,
                (None, None) => ForwardState::Off,
            },
            problem: self.problem.clone().or(refused),
            connections: count.open,
            connections_total: count.total,
            bytes_in: count.bytes_in,
            bytes_out: count.bytes_out,
            bound_port: self.running.as_ref().map(Running::bound_port),
        }
    }
}

/// What the transport is asked for. Where no address is said, only this device, or only the host itself,
/// can use it.
fn plan(spec: &ForwardSpec) -> Result<ForwardPlan, Problem> {
    let address = |none: &str| match spec.bind.trim() {
        "" => none.to_owned(),
        other => other.to_owned(),
    };
    let to = || match (&spec.to_host, spec.to_port) {
        (Some(host), Some(port)) if !host.trim().is_empty() && port != 0 => {
            Ok((host.trim().to_owned(), port))
        }
        _ => Err(Problem::new(
            "LUM-FORWARD-WHERE",
            "the forward could not be started",
            "it is not said where it leads",
        )
        .next("Give a host and a port.")),
    };
    let here = || match address("127.0.0.1").as_str() {
        "*" => ("0.0.0.0".to_owned(), spec.port),
        other => (other.to_owned(), spec.port),
    };
    Ok(match spec.kind {
        ForwardKind::Local => ForwardPlan::Local {
            bind: here(),
            to: to()?,
        },
        ForwardKind::Dynamic => ForwardPlan::Dynamic { bind: here() },
        ForwardKind::Remote => ForwardPlan::Remote {
            bind: (address("localhost"), spec.port),
            to: to()?,
        },
    })
}

fn not_open() -> Problem {
    Problem::new(
        "LUM-SESSION-NOT-OPEN",
        "the forward could not be started",
        "the session is not open",
    )
    .next("Connect the session first.")
}

fn lost() -> Problem {
    Problem::new(
        "LUM-SSH-LOST",
        "the forward has stopped",
        "the connection under it was lost",
    )
    .next("Reconnect the session; the forward starts again by itself.")
}

fn unknown() -> Problem {
    Problem::new(
        "LUM-FORWARD-UNKNOWN",
        "there is no such forward",
        "it was removed, or its session was closed",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(kind: ForwardKind, bind: &str, to: Option<(&str, u16)>) -> ForwardSpec {
        ForwardSpec {
            id: Id::new(),
            kind,
            bind: bind.to_owned(),
            port: 8080,
            to_host: to.map(|(host, _)| host.to_owned()),
            to_port: to.map(|(_, port)| port),
            auto: false,
            label: String::new(),
        }
    }

    #[test]
    fn what_the_host_keeps_now_is_what_starts_with_the_next_connection() {
        let auto = |port: u16| ForwardSpec {
            port,
            auto: true,
            ..spec(ForwardKind::Local, "", Some(("web", 80)))
        };
        let (stays, changes, goes, by_hand) = (auto(1), auto(2), auto(3), auto(4));
        let mut ridden = Ridden::default();
        ridden.take_over(vec![stays.clone(), changes.clone(), goes]);
        ridden.rows.push(Row::new(by_hand));
        // Its person stopped this one.
        ridden.rows[0].wanted = false;
        ridden.take_over(vec![stays, ForwardSpec { port: 22, ..changes }, auto(5)]);
        let rows: Vec<(u16, bool)> = ridden
            .rows
            .iter()
            .map(|row| (row.spec.port, row.wanted))
            .collect();
        assert_eq!(rows, [(1, false), (22, true), (4, true), (5, true)]);
    }

    #[track_caller]
    fn check(spec: &ForwardSpec, expected: &str) {
        let seen = match plan(spec) {
            Ok(plan) => format!("{plan:?}"),
            Err(problem) => problem.code,
        };
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_forward_is_for_this_device_only_unless_it_says_otherwise() {
        use ForwardKind::{Dynamic, Local, Remote};
        let web = Some(("web", 80));
        check(
            &spec(Local, "", web),
            r#"Local { bind: ("127.0.0.1", 8080), to: ("web", 80) }"#,
        );
        check(
            &spec(Local, "*", web),
            r#"Local { bind: ("0.0.0.0", 8080), to: ("web", 80) }"#,
        );
        check(
            &spec(Remote, " ", web),
            r#"Remote { bind: ("localhost", 8080), to: ("web", 80) }"#,
        );
        check(&spec(Dynamic, "::1", None), r#"Dynamic { bind: ("::1", 8080) }"#);
        check(&spec(Local, "", None), "LUM-FORWARD-WHERE");
        check(&spec(Remote, "", Some((" ", 80))), "LUM-FORWARD-WHERE");
    }
}
