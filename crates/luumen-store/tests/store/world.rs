//! A small fleet to tell stories about: databases, snapshots, and short ways to say "this host was seen".

use luumen_model::{
    AgentId, ContentHash, HostId, Outcome, PrivilegeTier, RunId, Snapshot, Timestamp, VisitError,
};
use luumen_store::{
    OpenOptions, Store, agents,
    hosts::{self, HostFilter, HostQuery, NewHost, PropertyOp, StateClock, Term, TermKind},
    reports::{self, Report, ReportError, Stored},
    runs,
    workspaces::{self, Workspace},
};
use luumen_testkit::postgres::Postgres;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const HOUR: i64 = 3_600_000;

/// 2026-11-22T00:00:00Z and `hours` on.
pub(crate) fn at(hours: i64) -> Timestamp {
    Timestamp::from_millis(1_795_305_600_000 + hours * HOUR)
}

/// Runs a test on an empty SQLite file, then on an empty PostgreSQL database if the machine has one.
pub(crate) async fn on_every_database(test: impl AsyncFn(&Store)) {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", dir.path().join("store.db").display());
    on(&url, &test).await;
    if let Some(postgres) = Postgres::start() {
        on(&postgres.database().unwrap(), &test).await;
    }
}

async fn on(url: &str, test: &impl AsyncFn(&Store)) {
    let store = Store::open(url, &OpenOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    // Replicas that start later find nothing to do.
    store.migrate().await.unwrap();
    store.ping().await.unwrap();
    test(&store).await;
    store.close().await.unwrap();
}

/// A workspace with an agent.
pub(crate) struct World<'a> {
    pub store: &'a Store,
    pub workspace: Workspace,
    pub agent: AgentId,
}

impl<'a> World<'a> {
    pub(crate) async fn new(store: &'a Store, name: &str) -> Self {
        let workspace = workspaces::create(store.writer(), name, at(0)).await.unwrap();
        let says = agents::AgentSays {
            name: "patch-1",
            hostname: Some("patch-1.example"),
            version: Some("0.1.0"),
            tier: Some(PrivilegeTier::Standard),
        };
        let agent = agents::touch(store.writer(), workspace.id, &says, at(0))
            .await
            .unwrap();
        Self {
            store,
            workspace,
            agent,
        }
    }

    pub(crate) fn clock(&self, hours: i64) -> StateClock {
        StateClock::of(&self.workspace, at(hours))
    }

    pub(crate) async fn host(&self, name: &str, tags: &[&str]) -> HostId {
        let new = NewHost {
            name: name.to_owned(),
            address: format!("{name}.example"),
            port: 22,
            enabled: true,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..NewHost::default()
        };
        let host = hosts::create(self.store.writer(), self.workspace.id, &new, self.clock(0));
        host.await.unwrap().id
    }

    pub(crate) async fn run(&self, hours: i64) -> RunId {
        let run = RunId(Uuid::new_v4());
        let db = self.store.writer();
        runs::start(db, self.workspace.id, run, self.agent, at(hours), 3, at(hours))
            .await
            .unwrap();
        run
    }

    pub(crate) async fn try_report(
        &self,
        run: RunId,
        host: HostId,
        snapshot: &Snapshot,
        received_at: Timestamp,
    ) -> Result<Stored, ReportError> {
        let report = Report {
            outcome: if snapshot.is_complete() {
                Outcome::Complete
            } else {
                Outcome::Partial
            },
            visited_at: snapshot.taken_at,
            duration_ms: 1500,
            error: None,
            snapshot: Some(snapshot.clone()),
        };
        reports::store_report(self.store, self.workspace.id, run, host, &report, received_at).await
    }

    /// A host was seen, and the report came at once.
    pub(crate) async fn see(&self, run: RunId, host: HostId, snapshot: &Snapshot) -> Stored {
        self.try_report(run, host, snapshot, snapshot.taken_at)
            .await
            .unwrap()
    }

    pub(crate) async fn fail(&self, run: RunId, host: HostId, hours: i64) -> Stored {
        self.end(run, host, hours, Outcome::Failed, "LUM-SSH-AUTH").await
    }

    /// A visit of which there is no snapshot.
    pub(crate) async fn end(
        &self,
        run: RunId,
        host: HostId,
        hours: i64,
        outcome: Outcome,
        code: &str,
    ) -> Stored {
        let report = Report {
            outcome,
            visited_at: at(hours),
            duration_ms: 10_000,
            error: Some(VisitError {
                code: code.to_owned(),
                message: "the host refused the key".to_owned(),
                next_step: "check the account".to_owned(),
            }),
            snapshot: None,
        };
        reports::store_report(self.store, self.workspace.id, run, host, &report, at(hours))
            .await
            .unwrap()
    }

    /// Names of the hosts for which all terms hold; `!` before a term is its negation.
    pub(crate) async fn found(&self, terms: &[Term], hours: i64) -> Vec<String> {
        let query = HostQuery {
            filter: HostFilter {
                terms: terms.to_vec(),
            },
            limit: 100,
            ..HostQuery::default()
        };
        let page = hosts::list(self.store.read(), self.workspace.id, &query, self.clock(hours))
            .await
            .unwrap();
        assert_eq!(usize::try_from(page.total).unwrap(), page.items.len());
        page.items.into_iter().map(|host| host.name).collect()
    }
}

pub(crate) fn is(kind: TermKind) -> Term {
    Term { negated: false, kind }
}

pub(crate) fn is_not(kind: TermKind) -> Term {
    Term { negated: true, kind }
}

pub(crate) fn property(path: &str, op: PropertyOp, value: &str) -> TermKind {
    TermKind::Property {
        path: path.to_owned(),
        op,
        value: value.to_owned(),
    }
}

pub(crate) fn package(name: &str) -> TermKind {
    TermKind::Package {
        name: name.to_owned(),
        versions: None,
    }
}

/// What a Debian host shows: `packages` as name and version, sorted by name.
pub(crate) fn snapshot(taken_at: Timestamp, name: &str, packages: &[(&str, &str)]) -> Snapshot {
    let items: Vec<Value> = packages
        .iter()
        .map(|(name, version)| {
            json!({"manager": "dpkg", "name": name, "version": version, "arch": "amd64",
                   "source": format!("{name}-src"), "source_version": version, "size_bytes": 1024})
        })
        .collect();
    let sections = json!({
        "os": section(&json!({"family": "linux", "id": "debian", "id_like": [], "name": "Debian GNU/Linux 12 (bookworm)",
            "version_id": "12", "hostname": name, "arch": "x86_64", "kernel_release": "6.1.0-1", "kernel_version": "#1"})),
        "packages": section(&json!({"managers": ["dpkg"], "items": items})),
        "kernel": section(&json!({"running": "6.1.0-1", "installed": [], "modules": [], "livepatches": []})),
        "reboot_required": section(&json!({"required": false, "reasons": []})),
        "sshd": section(&json!({"settings": {"permitrootlogin": "no", "port": "22"}, "present": true})),
        "mounts": section(&json!({"items": [{"mount_point": "/", "source": "/dev/vda", "fs_type": "ext4", "options": [], "size_bytes": 1000}], "fstab": []})),
        // The same facts under two names: an empty list is an empty list.
        "disks": section(&json!({"items": []})),
        "timers": section(&json!({"items": []})),
        "vitals": section(&json!({"uptime_s": taken_at.as_millis() / 1000, "load_1m": 0.25, "mounts": []})),
    });
    let mut snapshot: Snapshot = serde_json::from_value(json!({
        "schema": "luumen.snapshot/1", "taken_at": taken_at, "duration_ms": 900,
        "collector": {"name": "luumen-agent", "version": "0.1.0", "catalogue": "0123456789ab"},
        "tier": "standard", "username": "luumen", "sections": sections,
    }))
    .unwrap();
    for record in snapshot.sections.values_mut() {
        record.hash = record.data.as_ref().map(ContentHash::of);
    }
    snapshot
}

fn section(data: &Value) -> Value {
    json!({"status": "ok", "duration_ms": 7, "data": data})
}
