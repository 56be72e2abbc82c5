//! A small fleet and small catalogues to tell stories with.

use luumen_catalogue::Builder;
use luumen_model::{
    AgentId, ContentHash, HostId, Outcome, RunId, SectionKind, SectionRecord, Snapshot, Timestamp,
    advisory::{
        Authority, Channel, Claim, CpeConfiguration, CpeMatch, CpeNode, CpeOperator, PackageKind, Platform,
        Record, Severity, Status,
    },
};
use luumen_server::vulnerabilities::{Assessed, OpenCatalogue, assess};
use luumen_store::{
    OpenOptions, Store, agents,
    assessments::{self, Which},
    findings::{
        self, Finding, FindingFilter, FindingQuery, FindingTab, HostFinding, HostFindingQuery, HostFindings,
    },
    hosts::{self, NewHost, StateClock},
    reports::{self, Report},
    runs,
    workspaces::{self, Workspace},
};
use luumen_testkit::postgres::Postgres;
use serde_json::{Value, json};
use uuid::Uuid;

/// 2026-11-22T00:00:00Z and `hours` on.
pub(crate) fn at(hours: i64) -> Timestamp {
    Timestamp::from_millis(1_795_305_600_000 + hours * 3_600_000)
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
    // A test's whole story is one future, and a large one.
    Box::pin(test(&store)).await;
    store.close().await.unwrap();
}

/// A claim of Debian's about a release: `fixed` is empty where there is no fix.
pub(crate) fn claim(platform: &str, vulnerability: &str, package: &str, fixed: &str) -> Record {
    let (family, release) = platform.split_once('/').unwrap();
    Record::Claim(Claim {
        source: format!("{family}-tracker"),
        authority: Authority::Vendor,
        vulnerability: vulnerability.to_owned(),
        platform: Platform::new(family, release),
        channel: Channel::MAIN,
        package: package.to_owned(),
        package_kind: PackageKind::Source,
        arches: Vec::new(),
        module: None,
        status: if fixed.is_empty() {
            Status::Affected
        } else {
            Status::Fixed
        },
        introduced: None,
        fixed: (!fixed.is_empty()).then(|| fixed.to_owned()),
        last_affected: None,
        advisory: None,
        severity: Some(Severity::High),
        note: None,
    })
}

/// A range of an upstream product: `vendor:product`, before `end`.
pub(crate) fn upstream(vulnerability: &str, name: &str, end: &str) -> Record {
    configured(vulnerability, &[(name, end, true)])
}

/// Products that must be there together: name, end of the range (empty for any version), and whether it is what is vulnerable.
pub(crate) fn configured(vulnerability: &str, all: &[(&str, &str, bool)]) -> Record {
    let one = |(name, end, vulnerable): &(&str, &str, bool)| CpeMatch {
        vulnerable: *vulnerable,
        cpe: format!("cpe:2.3:{name}:*:*:*:*:*:*:*:*").parse().unwrap(),
        start: None,
        start_excluded: false,
        end: (!end.is_empty()).then(|| (*end).to_owned()),
        end_excluded: true,
    };
    Record::Configuration(CpeConfiguration {
        vulnerability: vulnerability.to_owned(),
        source: "nvd".to_owned(),
        authority: Authority::Nvd,
        root: CpeNode {
            operator: CpeOperator::And,
            negate: false,
            matches: all.iter().map(one).collect(),
            children: Vec::new(),
        },
    })
}

pub(crate) fn catalogue(records: &[Record]) -> OpenCatalogue {
    let mut builder = Builder::new();
    for record in records {
        builder.add(record).unwrap();
    }
    let mut bytes = Vec::new();
    builder.finish(at(0), Vec::new(), &mut bytes).unwrap();
    OpenCatalogue::from_bytes(bytes).unwrap()
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
            hostname: None,
            version: None,
            tier: None,
        };
        let agent = agents::touch(store.writer(), workspace.id, &says, at(0));
        let agent = agent.await.unwrap();
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

    /// A host was seen with these packages.
    pub(crate) async fn see(&self, host: HostId, hours: i64, packages: &[(&str, &str)]) {
        self.report(host, snapshot(at(hours), packages)).await;
    }

    /// A host was seen with more sections than packages; `Value::Null` for one that was denied. Data may name the status of its section.
    pub(crate) async fn see_more(
        &self,
        host: HostId,
        hours: i64,
        packages: &[(&str, &str)],
        more: &[(SectionKind, Value)],
    ) {
        let mut snapshot = snapshot(at(hours), packages);
        for (kind, data) in more {
            let status = if data.is_null() {
                "denied"
            } else {
                data["status"].as_str().unwrap_or("ok")
            };
            let mut record = json!({"status": status, "duration_ms": 7});
            if !data.is_null() {
                record["data"] = data.clone();
            }
            let mut record: SectionRecord = serde_json::from_value(record).unwrap();
            record.hash = record.data.as_ref().map(ContentHash::of);
            snapshot.sections.insert(*kind, record);
        }
        self.report(host, snapshot).await;
    }

    /// `what: why` of each thing of a host that could not be judged.
    pub(crate) async fn gaps(&self, host: HostId, hours: i64) -> Vec<String> {
        let gaps = self.of_host(host, hours).await.assessment.not_evaluated;
        gaps.into_iter()
            .map(|gap| format!("{}: {}", gap.what, gap.why))
            .collect()
    }

    /// A host was seen, and its packages could not be read.
    pub(crate) async fn see_denied(&self, host: HostId, hours: i64) {
        let mut snapshot = snapshot(at(hours), &[]);
        let packages = snapshot.sections.get_mut(&SectionKind::Packages).unwrap();
        packages.status = luumen_model::SectionStatus::Denied;
        (packages.data, packages.hash) = (None, None);
        self.report(host, snapshot).await;
    }

    async fn report(&self, host: HostId, snapshot: Snapshot) {
        let run = RunId(Uuid::new_v4());
        let (db, now) = (self.store.writer(), snapshot.taken_at);
        runs::start(db, self.workspace.id, run, self.agent, now, 1, now)
            .await
            .unwrap();
        let report = Report {
            outcome: Outcome::Complete,
            visited_at: now,
            duration_ms: 10,
            error: None,
            snapshot: Some(snapshot),
        };
        reports::store_report(self.store, self.workspace.id, run, host, &report, now)
            .await
            .unwrap();
    }

    pub(crate) async fn assess(&self, catalogue: &OpenCatalogue, hours: i64) -> Assessed {
        let done = assess(self.store, self.workspace.id, catalogue, at(hours))
            .await
            .unwrap();
        self.assert_all_judged().await;
        let again = assess(self.store, self.workspace.id, catalogue, at(hours))
            .await
            .unwrap();
        assert!(!again.changed, "the second time changes nothing: {again:?}");
        done
    }

    /// Whoever changes what hosts are judged by leaves a mark: else a comparison of all hosts would find one here.
    async fn assert_all_judged(&self) {
        let all = assessments::changed_hosts(self.store.read(), self.workspace.id, Which::All);
        for host in all.await.unwrap() {
            assert_eq!(host.judged_input, Some(host.input), "{:?} has no mark", host.id);
        }
    }

    pub(crate) async fn list(&self, tab: FindingTab, hours: i64) -> Vec<Finding> {
        let filter = FindingFilter {
            tab: Some(tab),
            ..FindingFilter::default()
        };
        self.filtered(filter, hours).await
    }

    pub(crate) async fn filtered(&self, filter: FindingFilter, hours: i64) -> Vec<Finding> {
        let query = FindingQuery {
            filter,
            sort: findings::FindingSort::Vulnerability,
            limit: 100,
            ..FindingQuery::default()
        };
        let page = findings::list(self.store.read(), self.workspace.id, &query, self.clock(hours));
        let page = page.await.unwrap();
        assert_eq!(page.total as usize, page.items.len());
        page.items
    }

    /// `vulnerability open/excepted/not evaluable/resolved` of each finding.
    pub(crate) async fn counts(&self, hours: i64) -> Vec<String> {
        let all = self.filtered(FindingFilter::default(), hours).await;
        all.iter()
            .map(|finding| {
                format!(
                    "{} {}/{}/{}/{}",
                    finding.vulnerability,
                    finding.open_host_count,
                    finding.excepted_host_count,
                    finding.not_evaluable_host_count,
                    finding.resolved_host_count
                )
            })
            .collect()
    }

    pub(crate) async fn of_host(&self, host: HostId, hours: i64) -> HostFindings {
        let query = HostFindingQuery {
            limit: 100,
            ..HostFindingQuery::default()
        };
        findings::of_host(self.store.read(), self.workspace.id, host, &query, at(hours))
            .await
            .unwrap()
    }

    pub(crate) async fn one_of_host(&self, host: HostId, vulnerability: &str, hours: i64) -> HostFinding {
        let found = self.of_host(host, hours).await;
        let named = |found: &HostFinding| found.finding.vulnerability == vulnerability;
        found.items.into_iter().find(named).expect(vulnerability)
    }

    /// `kind vulnerability hosts` of each event, oldest first.
    pub(crate) async fn events(&self) -> Vec<String> {
        let query = findings::FindingEventQuery {
            limit: 100,
            ..findings::FindingEventQuery::default()
        };
        let page = findings::events(self.store.read(), self.workspace.id, &query);
        let mut events: Vec<String> = page
            .await
            .unwrap()
            .items
            .into_iter()
            .map(|event| {
                let hosts: Vec<String> = event.hosts.into_iter().map(|host| host.name).collect();
                let at = event.at.millis_since(at(0)) / 3_600_000;
                format!(
                    "{at:02} {:?} {} {}",
                    event.kind,
                    event.vulnerability,
                    hosts.join(",")
                )
            })
            .collect();
        events.sort();
        events
    }
}

/// What a Debian host shows.
fn snapshot(taken_at: Timestamp, packages: &[(&str, &str)]) -> Snapshot {
    let items: Vec<Value> = packages
        .iter()
        .map(|(name, version)| json!({"manager": "dpkg", "name": name, "version": version, "arch": "amd64"}))
        .collect();
    let section = |data: Value| json!({"status": "ok", "duration_ms": 7, "data": data});
    let sections = json!({
        "os": section(json!({"family": "linux", "id": "debian", "id_like": [], "name": "Debian GNU/Linux 12 (bookworm)",
            "version_id": "12", "hostname": "host", "arch": "x86_64", "kernel_release": "6.1.0-1", "kernel_version": "#1"})),
        "packages": section(json!({"managers": ["dpkg"], "items": items})),
        "kernel": section(json!({"running": "6.1.0-1", "installed": [], "modules": [], "livepatches": []})),
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
