//! The forwards of one session as they stand, and what the transport is asked for.

use std::sync::Arc;

use luumen_transport::{Forward as Running, ForwardPlan, SshSession};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use crate::{
    bridge::{Id, Problem},
    hosts::{ForwardKind, ForwardSpec},
};

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

/// One session's forwards, and the connection under them.
#[derive(Debug, Default)]
pub(super) struct Ridden {
    pub(super) connection: Option<SshSession>,
    pub(super) rows: Vec<Row>,
    /// Those that nobody wants any more, until their ports are free: another may be wanted there.
    pub(super) stopping: Vec<Running>,
    /// Ends the telling of what passes.
    pub(super) telling: CancellationToken,
    /// Held while one is started, so that none is started twice.
    pub(super) starting: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) spec: ForwardSpec,
    /// The host keeps it; otherwise it was made for this session.
    pub(super) kept: bool,
    /// Its person wants it; it starts again with the next connection.
    pub(super) wanted: bool,
    pub(super) running: Option<Running>,
    pub(super) problem: Option<Problem>,
}

impl Ridden {
    pub(super) fn row(&mut self, id: Id) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.spec.id == id)
    }

    /// Takes one out of the list.
    pub(super) fn remove(&mut self, unwanted: impl Fn(&Row) -> bool) {
        let gone = self.rows.extract_if(.., |row| unwanted(row));
        self.stopping.extend(gone.filter_map(|row| row.running));
    }

    /// What the host keeps now: new ones come, changed ones are as they are kept, and those that are gone go. What its
    /// person stopped stays stopped. Answers which are new or other than before, or `None` if nothing has changed.
    pub(super) fn take_over(&mut self, kept: Vec<ForwardSpec>) -> Option<Vec<Id>> {
        let before = self.rows.len();
        self.remove(|row| row.kept && kept.iter().all(|spec| spec.id != row.spec.id));
        let gone = self.rows.len() != before;
        let mut changed = Vec::new();
        for spec in kept {
            let id = spec.id;
            match self.row(id) {
                Some(row) if row.is(&spec) => continue,
                Some(row) => {
                    let before = row.take_over(spec);
                    self.stopping.extend(before);
                }
                None => self.rows.push(Row {
                    kept: true,
                    wanted: spec.auto,
                    ..Row::new(spec)
                }),
            }
            changed.push(id);
        }
        (gone || !changed.is_empty()).then_some(changed)
    }

    /// Those that are wanted and do not listen.
    pub(super) fn waiting(&self) -> Vec<Id> {
        let waiting = self.rows.iter().filter(|row| row.wanted && row.running.is_none());
        waiting.map(|row| row.spec.id).collect()
    }
}

impl Row {
    pub(super) fn new(spec: ForwardSpec) -> Self {
        Self {
            spec,
            kept: false,
            wanted: true,
            running: None,
            problem: None,
        }
    }

    fn is(&self, kept: &ForwardSpec) -> bool {
        self.kept && self.spec == *kept
    }

    /// One that listens elsewhere or leads elsewhere from now on gives its old port back; it is answered what has to end for that.
    fn take_over(&mut self, spec: ForwardSpec) -> Option<Running> {
        let mut before = None;
        if !same_way(&self.spec, &spec) {
            before = self.running.take();
            self.problem = None;
        }
        self.wanted |= spec.auto && !self.spec.auto;
        self.kept = true;
        self.spec = spec;
        before
    }

    pub(super) fn shown(&self, session: Id) -> Forward {
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

/// Whether two are the same but for their names and for when they start.
pub(super) fn same_way(one: &ForwardSpec, other: &ForwardSpec) -> bool {
    let bare = |spec: &ForwardSpec| ForwardSpec {
        auto: false,
        label: String::new(),
        ..spec.clone()
    };
    bare(one) == bare(other)
}

/// What the transport is asked for. Where no address is said, only this device, or only the host itself,
/// can use it.
pub(super) fn plan(spec: &ForwardSpec) -> Result<ForwardPlan, Problem> {
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

    #[test]
    fn a_change_says_what_is_other_than_before_and_nothing_of_the_rest() {
        let spec = |auto| ForwardSpec {
            auto,
            ..spec(ForwardKind::Local, "", Some(("web", 80)))
        };
        let (by_hand, by_itself) = (spec(false), spec(true));
        let mut ridden = Ridden::default();
        // One of the panel that could not listen waits for the next connection, not for a change of others.
        ridden.rows.push(Row::new(spec(false)));
        let both = vec![by_hand.id, by_itself.id];
        assert_eq!(
            ridden.take_over(vec![by_hand.clone(), by_itself.clone()]),
            Some(both)
        );
        assert_eq!(ridden.take_over(vec![by_hand.clone(), by_itself.clone()]), None);
        // From now on it starts by itself, so it starts now.
        let by_hand = ForwardSpec {
            auto: true,
            ..by_hand
        };
        assert_eq!(
            ridden.take_over(vec![by_hand.clone(), by_itself]),
            Some(vec![by_hand.id])
        );
        assert!(ridden.row(by_hand.id).is_some_and(|row| row.wanted));
        assert_eq!(ridden.take_over(vec![by_hand]), Some(Vec::new()));
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
