//! The calls about forwards, and the manager behind them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use async_trait::async_trait;
use luumen_transport::{Forward as Running, SshSession};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::row::{Forward, ForwardState, Ridden, Row, plan, same_way};
use crate::{
    bridge::{Changed, Event, Events, Id, Problem, Registry},
    hosts::ForwardSpec,
    sessions::Riders,
};

/// How often the window hears of what passes.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Every forward of every session.
#[derive(Debug)]
pub(crate) struct Forwards {
    /// For what runs beside the calls.
    me: Weak<Self>,
    events: Events,
    sessions: Mutex<BTreeMap<Id, Ridden>>,
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
                ridden.remove(|row| row.spec.id == id);
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
            row.problem = None;
            let running = row.running.take();
            let shown = row.shown(args.session);
            ridden.stopping.extend(running);
            Some(shown)
        });
        self.give_back(args.session).await;
        let forward = shown.ok_or_else(unknown)?;
        self.events.send(Event::Forward { forward });
        Ok(())
    }

    /// Starts one that is wanted and does not listen, and notes what came of it.
    async fn run(&self, session: Id, id: Id, connection: &SshSession) {
        let Some(starting) =
            self.with(|sessions| sessions.get(&session).map(|ridden| ridden.starting.clone()))
        else {
            return;
        };
        let _one_at_a_time = starting.lock().await;
        self.give_back(session).await;
        let wanted = self.with(|sessions| {
            let row = sessions.get_mut(&session)?.row(id)?;
            (row.wanted && row.running.is_none()).then(|| row.spec.clone())
        });
        let Some(spec) = wanted else {
            return;
        };
        let started = match plan(&spec) {
            Err(problem) => Err(problem),
            Ok(plan) => connection.forward(&plan).await.map_err(|error| {
                Problem::of(error.code(), "the forward could not be started", &error).next(error.next_step())
            }),
        };
        let shown = self.with(|sessions| {
            let ridden = sessions.get_mut(&session)?;
            let row = ridden
                .row(id)
                .filter(|row| row.wanted && same_way(&row.spec, &spec));
            let shown = match (row, started) {
                (Some(row), Ok(running)) => {
                    row.running = Some(running);
                    row.problem = None;
                    row.shown(session)
                }
                (Some(row), Err(problem)) => {
                    row.problem = Some(problem);
                    row.shown(session)
                }
                // Stopped or changed while it was being started.
                (None, started) => {
                    ridden.stopping.extend(started.ok());
                    ridden.row(id)?.shown(session)
                }
            };
            Some(shown)
        });
        if let Some(forward) = shown {
            self.events.send(Event::Forward { forward });
        }
    }

    /// Waits until the ports are free that nobody wants any more.
    async fn give_back(&self, session: Id) {
        let stopping = self.with(|sessions| {
            let ridden = sessions.get_mut(&session);
            ridden.map_or_else(Vec::new, |ridden| std::mem::take(&mut ridden.stopping))
        });
        futures::future::join_all(stopping.into_iter().map(Running::stop)).await;
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
        let (waiting, telling) = self.with(|sessions| {
            let ridden = sessions.entry(session).or_default();
            ridden.connection = Some(connection.clone());
            ridden.telling = CancellationToken::new();
            ridden.take_over(forwards);
            (ridden.waiting(), ridden.telling.clone())
        });
        for id in waiting {
            self.run(session, id, &connection).await;
        }
        if let Some(me) = self.me.upgrade() {
            tokio::spawn(me.tell(session, telling));
        }
    }

    async fn kept(&self, session: Id, forwards: Vec<ForwardSpec>) {
        let changed = self.with(|sessions| {
            let ridden = sessions.get_mut(&session)?;
            let changed = ridden.take_over(forwards)?;
            Some((changed, ridden.connection.clone()))
        });
        let Some((changed, connection)) = changed else {
            return;
        };
        self.give_back(session).await;
        self.events.changed(Changed::Forwards);
        // Those that are not wanted, and those that listen, stay as they are.
        for id in changed {
            if let Some(connection) = &connection {
                self.run(session, id, connection).await;
            }
        }
    }

    fn lost(&self, session: Id) {
        let shown = self.with(|sessions| {
            let Some(ridden) = sessions.get_mut(&session) else {
                return Vec::new();
            };
            ridden.connection = None;
            ridden.telling.cancel();
            ridden.stopping.clear();
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
