//! The calls about scans.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use luumen_collect::Reached;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::{
    catalogue::{self, ImportCatalogue},
    diff::{self, DiffScans, ScanDiff},
    export::{self, ExportScan},
    keep::{self, Whose},
    model::{CatalogueInfo, Scan, ScanRow},
    run::{self, Asked, Looked, ScanSource, ScanTarget},
};
use crate::{
    bridge::{Changed, Event, Id, NoArgs, NoticeLevel, Problem, Registry, Time},
    core::Core,
    hosts::{Hosts, SudoTier},
    preferences, write_out,
};

/// The open session to scan over.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StartScan {
    session: Id,
}

/// A scan by its id.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ScanId {
    /// The scan.
    pub scan: Id,
}

/// Scans of one host or place, or of all.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListScans {
    /// Of a kept host.
    #[serde(default)]
    #[ts(optional)]
    pub(super) host: Option<Id>,
    /// Of a place that is not kept: `user@host:port`.
    #[serde(default)]
    #[ts(optional)]
    pub(super) target: Option<String>,
}

impl ListScans {
    fn whose(self) -> Option<Whose> {
        self.host
            .map(Whose::Host)
            .or_else(|| self.target.map(Whose::Place))
    }
}

/// The room.
pub(super) struct Room {
    core: Arc<Core>,
    hosts: Arc<Hosts>,
    source: Arc<dyn ScanSource>,
    running: Mutex<HashMap<Id, CancellationToken>>,
}

impl Room {
    pub(super) fn new(core: &Arc<Core>, hosts: &Arc<Hosts>, source: Arc<dyn ScanSource>) -> Arc<Self> {
        Arc::new(Self {
            core: Arc::clone(core),
            hosts: Arc::clone(hosts),
            source,
            running: Mutex::default(),
        })
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<Id, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn start(self: Arc<Self>, args: StartScan) -> Result<ScanId, Problem> {
        self.begin(self.source.open(args.session)?).await
    }

    pub(super) async fn begin(self: &Arc<Self>, target: ScanTarget) -> Result<ScanId, Problem> {
        keep_once(&self.core, self).await?;
        let id = Id::new();
        let tier = match target.host {
            Some(host) => self.hosts.find(host).await?.effective.sudo_tier.value,
            None => SudoTier::Standard,
        };
        let scan = Scan::begun(id, target.host, target.target, Time::now());
        let begun = Looked {
            scan: scan.clone(),
            snapshot: None,
            report: None,
        };
        let cancel = CancellationToken::new();
        self.running().insert(id, cancel.clone());
        if let Err(problem) = keep::write(&self.core.store, &begun).await {
            self.running().remove(&id);
            return Err(problem);
        }
        let (events, version) = (self.core.events.clone(), self.core.options.version.clone());
        let told = move |reached: Reached| {
            events.send(Event::Scan {
                scan: id,
                done: reached.done,
                total: reached.total,
                section: reached.section.as_str().to_owned(),
            });
        };
        let room = Arc::clone(self);
        tokio::spawn(async move {
            let asked = Asked {
                tier,
                version,
                catalogue: catalogue::open(&room.core).await,
                cancel,
                told: Arc::new(told),
            };
            let looked = Box::pin(run::run(scan, target.session, asked)).await;
            room.finish(looked).await;
        });
        Ok(ScanId { scan: id })
    }

    /// Keeps what was seen, and says so to whoever listens, also when keeping it failed.
    async fn finish(&self, looked: Looked) {
        let id = looked.scan.id;
        if let Err(problem) = self.keep(&looked).await {
            self.core.events.send(Event::Notice {
                level: NoticeLevel::Error,
                problem,
            });
        }
        self.running().remove(&id);
        self.core.events.send(Event::ScanDone { scan: id });
        self.core.events.changed(Changed::Scans);
    }

    async fn keep(&self, looked: &Looked) -> Result<(), Problem> {
        keep::write(&self.core.store, looked).await?;
        if let (Some(host), Some(snapshot)) = (looked.scan.host, &looked.snapshot) {
            let at = looked.scan.ended_at.unwrap_or_else(Time::now);
            self.hosts.scanned(host, at, run::os_name(snapshot)).await?;
        }
        if looked.snapshot.is_some() {
            keep::thin(&self.core.store, &Whose::of(&looked.scan)).await?;
        }
        Ok(())
    }

    pub(super) async fn cancel(self: Arc<Self>, args: ScanId) -> Result<(), Problem> {
        if let Some(cancel) = self.running().get(&args.scan) {
            cancel.cancel();
        }
        Ok(())
    }

    pub(super) async fn get(self: Arc<Self>, args: ScanId) -> Result<Scan, Problem> {
        Ok(keep::read(&self.core.store, args.scan).await?.scan)
    }

    pub(super) async fn last(self: Arc<Self>, args: ListScans) -> Result<Option<Scan>, Problem> {
        let Some(whose) = args.whose() else {
            return Ok(None);
        };
        match keep::last(&self.core.store, &whose).await? {
            Some(id) => Ok(Some(keep::read(&self.core.store, id).await?.scan)),
            None => Ok(None),
        }
    }

    pub(super) async fn list(self: Arc<Self>, args: ListScans) -> Result<Vec<ScanRow>, Problem> {
        keep_once(&self.core, &self).await?;
        keep::list(&self.core.store, args.whose().as_ref()).await
    }

    /// Deletes one for good. The host says of itself when it was scanned last of those that are left.
    pub(super) async fn delete(self: Arc<Self>, args: ScanId) -> Result<(), Problem> {
        if self.running().contains_key(&args.scan) {
            return Err(
                Problem::new("LUM-SCAN-RUNNING", "the scan was not deleted", "it is under way")
                    .next("Cancel it first."),
            );
        }
        let host = keep::delete(&self.core.store, args.scan).await?;
        if let Some(host) = host {
            let last = keep::last(&self.core.store, &Whose::Host(host)).await?;
            let last = match last {
                Some(id) => Some(keep::read(&self.core.store, id).await?.scan),
                None => None,
            };
            let at = last.map(|scan| scan.ended_at.unwrap_or(scan.started_at));
            self.hosts.scan_forgotten(host, at).await?;
        }
        self.core.events.changed(Changed::Scans);
        Ok(())
    }

    pub(super) async fn diff(self: Arc<Self>, args: DiffScans) -> Result<ScanDiff, Problem> {
        let from = keep::read(&self.core.store, args.from).await?;
        let to = keep::read(&self.core.store, args.to).await?;
        Ok(diff::diff(&from, &to))
    }

    pub(super) async fn export(self: Arc<Self>, args: ExportScan) -> Result<(), Problem> {
        let looked = keep::read(&self.core.store, args.scan).await?;
        let text = export::text(&looked, args.kind, &self.core.options.version)?;
        let path = self.core.export_path(&args.path).await?;
        let title = format!("{} was not written", args.path);
        let written = write_out::text(text, path, args.overwrite).await;
        written.map_err(|error| error.problem("LUM-EXPORT-TAKEN", "LUM-SCAN-EXPORT", title))
    }

    async fn catalogue(self: Arc<Self>, _: NoArgs) -> Result<Option<CatalogueInfo>, Problem> {
        Ok(catalogue::open(&self.core).await?.map(|opened| opened.info))
    }

    async fn import(self: Arc<Self>, args: ImportCatalogue) -> Result<Option<CatalogueInfo>, Problem> {
        let chosen = catalogue::import(&self.core, args).await?;
        let chosen = chosen.map(|path| path.display().to_string());
        preferences::choose_catalogue(&self.core, chosen).await?;
        Ok(catalogue::open(&self.core).await?.map(|opened| opened.info))
    }
}

/// When scans are looked at and none runs: those that a crash left running are ended, and rows of an earlier Luumen are told what
/// they lack.
async fn keep_once(core: &Arc<Core>, room: &Room) -> Result<(), Problem> {
    if room.running().is_empty() {
        keep::end_orphans(&core.store).await?;
        keep::tell_judged(&core.store).await?;
    }
    Ok(())
}

pub(crate) fn register(
    registry: &mut Registry,
    core: &Arc<Core>,
    hosts: &Arc<Hosts>,
    source: Arc<dyn ScanSource>,
) {
    let room = Room::new(core, hosts, source);
    registry.call("scan_start", &room, Room::start);
    registry.call("scan_cancel", &room, Room::cancel);
    registry.call("scan_get", &room, Room::get);
    registry.call("scan_last", &room, Room::last);
    registry.call("scans_list", &room, Room::list);
    registry.call("scan_delete", &room, Room::delete);
    registry.call("scan_diff", &room, Room::diff);
    registry.call("scan_export", &room, Room::export);
    registry.call("catalogue_status", &room, Room::catalogue);
    registry.call("catalogue_import", &room, Room::import);
}
