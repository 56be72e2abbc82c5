//! Measures the store on this machine: what an unchanged visit costs, and how quick the host list is.
//!
//! `cargo run --release -p luumen-store --example measure -- [hosts] [url]`; without a url on a SQLite file
//! in the directory for temporary files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool for the people who build this"
)]

use std::time::{Duration, Instant};

use luumen_model::{ContentHash, HostId, Outcome, RunId, SectionKind, Snapshot, Timestamp};
use luumen_store::{
    ConnectionTrait, OpenOptions, Store, agents,
    hosts::{self, HostFilter, HostQuery, HostSort, HostState, NewHost, PropertyOp, StateClock, TermKind},
    overview, packages, properties,
    reports::{self, Report},
    retention, runs, snapshots,
    workspaces::{self, Workspace},
};
use sea_orm::Statement;
use serde_json::{Value, json};
use uuid::Uuid;

const HOUR: i64 = 3_600_000;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().map_or(10_000, |count| count.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("measure.db");
    let url = arguments.next().unwrap_or(format!("sqlite://{}", file.display()));
    let store = Store::open(&url, &OpenOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    let fleet = Fleet::new(&store, count).await;
    fleet.visit("first visits", 0, true).await;
    let before = fleet.size_bytes().await;
    let took = fleet.visit("unchanged visits", 1, false).await;
    let grown = fleet.size_bytes().await - before;
    println!(
        "unchanged visit: {:.2} ms, {} bytes a host",
        took.as_secs_f64() * 1e3 / count as f64,
        grown / i64::try_from(count).unwrap()
    );
    fleet.ask().await;
    fleet.let_go().await;
}

struct Fleet<'a> {
    store: &'a Store,
    workspace: Workspace,
    hosts: Vec<HostId>,
}

impl<'a> Fleet<'a> {
    async fn new(store: &'a Store, count: usize) -> Self {
        let now = at(0);
        let workspace = workspaces::create(store.writer(), "Measured", now).await.unwrap();
        let clock = StateClock::of(&workspace, now);
        let began = Instant::now();
        let mut hosts = Vec::with_capacity(count);
        for chunk in (0..count).collect::<Vec<_>>().chunks(1000) {
            let tx = store.begin().await.unwrap();
            for number in chunk {
                let new = NewHost {
                    name: format!("host-{number:06}"),
                    address: format!("10.{}.{}.{}", number >> 16, (number >> 8) & 255, number & 255),
                    port: 22,
                    enabled: true,
                    tags: vec![format!("rack-{}", number % 40), "linux".to_owned()],
                    ..NewHost::default()
                };
                hosts.push(hosts::create(&tx, workspace.id, &new, clock).await.unwrap().id);
            }
            tx.commit().await.unwrap();
        }
        println!("{count} hosts made in {:.1} s", began.elapsed().as_secs_f64());
        Self {
            store,
            workspace,
            hosts,
        }
    }

    /// How long reports wait at most while old visits go: for one step of many, or for the content that is unused.
    async fn let_go(&self) {
        let (id, began) = (self.workspace.id, Instant::now());
        let none = retention::prune(self.store, id, at(0)).await.unwrap();
        println!(
            "nothing to let go of: {} visits, {:?}",
            none.visits,
            began.elapsed()
        );
        let began = Instant::now();
        let pruned = retention::prune(self.store, id, at(2)).await.unwrap();
        println!("{} old visits gone in {:?}", pruned.visits, began.elapsed());
        let began = Instant::now();
        let unused = retention::has_unused(self.store.read(), id).await.unwrap();
        println!("unused content looked for in {:?}: {unused}", began.elapsed());
    }

    async fn visit(&self, what: &str, hour: i64, with_data: bool) -> Duration {
        let id = self.workspace.id;
        let says = agents::AgentSays {
            name: "patch-1",
            ..agents::AgentSays::default()
        };
        let agent = agents::touch(self.store.writer(), id, &says, at(hour))
            .await
            .unwrap();
        let run = RunId(Uuid::new_v4());
        let count = i64::try_from(self.hosts.len()).unwrap();
        runs::start(self.store.writer(), id, run, agent, at(hour), count, at(hour))
            .await
            .unwrap();
        let mut took = Duration::ZERO;
        for (number, host) in self.hosts.iter().enumerate() {
            let report = report(number, hour, with_data);
            let began = Instant::now();
            reports::store_report(self.store, id, run, *host, &report, at(hour))
                .await
                .unwrap();
            took += began.elapsed();
        }
        println!(
            "{what}: {:.2} ms a report, {:.1} MB in all",
            took.as_secs_f64() * 1e3 / self.hosts.len() as f64,
            self.size_bytes().await as f64 / 1e6
        );
        took
    }

    async fn size_bytes(&self) -> i64 {
        let db = self.store.read();
        let backend = db.get_database_backend();
        let sql = if backend == sea_orm::DbBackend::Postgres {
            "SELECT pg_database_size(current_database()) AS n"
        } else {
            "SELECT (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size()) AS n"
        };
        let row = db
            .query_one_raw(Statement::from_string(backend, sql))
            .await
            .unwrap()
            .unwrap();
        row.try_get("", "n").unwrap()
    }

    async fn ask(&self) {
        let (db, id) = (self.store.read(), self.workspace.id);
        let clock = StateClock::of(&self.workspace, at(1));
        let versions = packages::versions_named(db, id, "package-007").await.unwrap();
        let old: Vec<i64> = versions.iter().take(1).map(|version| version.id).collect();
        let questions: Vec<(&str, HostSort, Vec<TermKind>)> = vec![
            ("first page by name", HostSort::Name, vec![]),
            ("first page by last seen", HostSort::LastSeen, vec![]),
            ("first page by state", HostSort::State, vec![]),
            (
                "free text",
                HostSort::Name,
                vec![TermKind::Text("host-0042".to_owned())],
            ),
            ("state:ok", HostSort::Name, vec![TermKind::State(HostState::Ok)]),
            (
                "os:debian tag:rack-7",
                HostSort::Name,
                vec![
                    TermKind::Os("debian".to_owned()),
                    TermKind::Tag("rack-7".to_owned()),
                ],
            ),
            (
                "pkg:… in one version",
                HostSort::Name,
                vec![TermKind::Package {
                    name: "package-007".to_owned(),
                    versions: Some(old.clone()),
                }],
            ),
            (
                "pkg:… in any version",
                HostSort::Name,
                vec![TermKind::Package {
                    name: "package-007".to_owned(),
                    versions: None,
                }],
            ),
            (
                "property = (few)",
                HostSort::Name,
                vec![property(
                    "sshd.settings.permitrootlogin",
                    PropertyOp::Equals,
                    "yes",
                )],
            ),
            (
                "property > (a value per host)",
                HostSort::Name,
                vec![property("os.hostname", PropertyOp::Contains, "42")],
            ),
        ];
        for (what, sort, kinds) in questions {
            let query = HostQuery {
                filter: HostFilter::all(kinds),
                sort,
                limit: 100,
                ..HostQuery::default()
            };
            let mut total = 0;
            let took = timed(async || total = hosts::list(db, id, &query, clock).await.unwrap().total).await;
            println!("list, {what}: {took:.1} ms ({total} hosts)");
        }
        let all = HostFilter::default();
        println!(
            "facets: {:.1} ms",
            timed(async || drop(hosts::facets(db, id, &all, clock).await.unwrap())).await
        );
        println!(
            "overview: {:.1} ms",
            timed(async || drop(overview::overview(db, id, clock).await.unwrap())).await
        );
        println!(
            "package names: {:.1} ms",
            timed(async || drop(packages::names(db, id, None, None, 50).await.unwrap())).await
        );
        println!(
            "hosts with a version: {:.1} ms",
            timed(async || drop(
                packages::hosts_with(db, id, &old, None, 100, clock)
                    .await
                    .unwrap()
            ))
            .await
        );
        println!(
            "property paths: {:.1} ms",
            timed(async || drop(properties::paths(db, id, Some("sshd"), 20).await.unwrap())).await
        );
        println!(
            "a whole snapshot: {:.1} ms",
            timed(async || drop(snapshots::newest(db, id, self.hosts[0]).await.unwrap())).await
        );
    }
}

/// Milliseconds of the quickest of three.
async fn timed(mut work: impl AsyncFnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..3 {
        let began = Instant::now();
        work().await;
        best = best.min(began.elapsed().as_secs_f64() * 1e3);
    }
    best
}

fn property(path: &str, op: PropertyOp, value: &str) -> TermKind {
    TermKind::Property {
        path: path.to_owned(),
        op,
        value: value.to_owned(),
    }
}

fn at(hours: i64) -> Timestamp {
    Timestamp::from_millis(1_795_305_600_000 + hours * HOUR)
}

fn report(number: usize, hour: i64, with_data: bool) -> Report {
    Report {
        outcome: Outcome::Complete,
        visited_at: at(hour),
        duration_ms: 1200,
        error: None,
        snapshot: Some(snapshot(number, hour, with_data)),
    }
}

/// One of 50 images with 400 packages, and some facts of its own.
fn snapshot(number: usize, hour: i64, with_data: bool) -> Snapshot {
    let image = number % 50;
    let items: Vec<Value> = (0..400)
        .map(|package| {
            let version = if package % 50 == image % 7 { image } else { 0 };
            json!({"manager": "dpkg", "name": format!("package-{package:03}"), "version": format!("1.{version}-1"),
                   "arch": "amd64", "source": format!("source-{}", package / 3), "size_bytes": 1000 + package})
        })
        .collect();
    let values: serde_json::Map<String, Value> = (0..200)
        .map(|key| (format!("net.ipv4.setting_{key}"), json!((key % 3).to_string())))
        .collect();
    let record = |data: Value| json!({"status": "ok", "duration_ms": 10 + number % 7, "hash": ContentHash::of(&data), "data": data});
    let mut snapshot: Snapshot = serde_json::from_value(json!({
        "schema": "luumen.snapshot/1", "taken_at": at(hour), "duration_ms": 1100,
        "collector": {"name": "luumen-agent", "version": "0.1.0", "catalogue": "0123456789ab"},
        "tier": "standard", "username": "luumen",
        "sections": {
            "os": record(json!({"family": "linux", "id": if image.is_multiple_of(2) { "debian" } else { "rhel" }, "id_like": [],
                "name": format!("Image {image}"), "version_id": (image % 5).to_string(), "hostname": format!("host-{number:06}"),
                "arch": "x86_64", "kernel_release": format!("6.1.{image}"), "kernel_version": "#1"})),
            "packages": record(json!({"managers": ["dpkg"], "items": items})),
            "sysctl": record(json!({"values": values})),
            "sshd": record(json!({"settings": {"permitrootlogin": if image == 3 { "yes" } else { "no" }}})),
            "reboot_required": record(json!({"required": number.is_multiple_of(9), "reasons": []})),
            "network": record(json!({"interfaces": [{"name": "eth0", "mac": format!("02:{number:010x}"), "addresses": []}],
                "routes": [], "dns_servers": [], "dns_search": [], "hosts_file": []})),
            "vitals": record(json!({"uptime_s": hour * 3600 + i64::try_from(number).unwrap(), "load_1m": 0.01 * (number % 90) as f64,
                "load_5m": 0.2, "load_15m": 0.3, "mem_available_bytes": 4_000_000_000_u64 + number as u64 * 4096, "processes": 100 + number % 50,
                "mounts": [{"mount_point": "/", "used_bytes": 9_000_000_000_u64 + number as u64 * 512, "available_bytes": 1_000_000_000, "used_percent": 90.1}]})),
        },
    }))
    .unwrap();
    if !with_data {
        for (kind, record) in &mut snapshot.sections {
            if *kind != SectionKind::Vitals {
                record.data = None;
            }
        }
    }
    snapshot
}
