//! Fetching feeds and building the catalogue, as the server's jobs ask for it.
//!
//! A source that cannot be reached, or a document that cannot be read, costs itself: what was known of it stays in the catalogue.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use luumen_feeds::{
    assemble::Assembly,
    build::{self, BuildReport},
    bundle::Catalogues,
    fetch::{Fetcher, Settings, Silent},
    keep::{self, Keep, KeepError, Shrink, SourceStatus, Trouble},
    registry::{Registry, SourceInfo},
};
use luumen_model::Timestamp;
use luumen_store::{feeds::Feed, jobs::JobProgress};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    catalogue::OpenCatalogue,
    jobs::{Progress, Refreshed, Refresher, Refreshing, Which},
};

/// How often we look whether any source is due; each has an interval of its own.
const EVERY: Duration = Duration::from_secs(3600);
/// A source counts as stale after this many of its turns.
const TURNS_UNTIL_STALE: i64 = 3;
/// No catalogue is written for as long as this.
const LEFT_BEHIND: Duration = Duration::from_secs(86_400);

/// Fetches what publishers say into one folder, and installs catalogues in another.
#[derive(Debug)]
pub struct FeedRefresher {
    registry: Registry,
    keep: Keep,
    catalogues: Catalogues,
    /// Where catalogues are written before they are installed.
    workshop: PathBuf,
    owed: Owed,
    fetcher: Fetcher,
    stop: CancellationToken,
}

impl FeedRefresher {
    /// With a list of sources, and how to reach them.
    pub fn new(
        registry: Registry,
        settings: Settings,
        feeds_dir: PathBuf,
        catalogue_dir: PathBuf,
        stop: CancellationToken,
    ) -> Result<Self> {
        Ok(Self {
            registry,
            workshop: workshop_in(&feeds_dir).context("the folder of feeds cannot be used")?,
            owed: Owed(feeds_dir.join("catalogue.owed")),
            keep: Keep::open(feeds_dir).context("the folder of feeds cannot be used")?,
            catalogues: Catalogues::open(catalogue_dir).context("the folder of catalogues cannot be used")?,
            fetcher: Fetcher::new(settings).context("nothing can be fetched this way")?,
            stop,
        })
    }

    async fn fetch_and_build(
        &self,
        which: Which,
        before: Option<OpenCatalogue>,
        now: Timestamp,
        progress: &Progress,
        stop: &CancellationToken,
    ) -> Result<Refreshed> {
        let due = self.registry.enabled().filter_map(|source| {
            let due = match which {
                Which::All => Ok(true),
                Which::Due => self.is_due(source, now),
            };
            due.map(|due| due.then_some(source)).transpose()
        });
        let due: Vec<&SourceInfo> = due.collect::<Result<_>>()?;
        let owed = self.owed.is_there();
        if !due.is_empty() {
            self.owed.begin()?;
        }
        let mut news = false;
        for (at, source) in due.iter().enumerate() {
            tell(progress, at, due.len(), &format!("Fetching {}", source.title));
            news |= self.fetch(source, now, stop).await;
        }
        if stop.is_cancelled() {
            bail!("stopped before all sources were looked at");
        }
        let (installed, report) = if news || owed || before.is_none() {
            tell(progress, due.len(), due.len(), "Building the catalogue");
            self.build(now, stop)
        } else {
            (Ok(false), BuildReport::default())
        };
        let of_building = |source: &SourceInfo| {
            let told = report.sources.iter().find(|told| told.source == source.id);
            told.map_or(&[][..], |told| &told.of_building)
        };
        let enabled = || self.registry.enabled();
        if installed.is_ok() && enabled().all(|source| of_building(source).is_empty()) {
            self.owed.end()?;
        }
        // Building reads what was fetched, and counts it; also where it fails each source tells how it does.
        let feeds = enabled().map(|source| {
            let (every_ms, status) = self.status(source, now)?;
            Ok(feed(every_ms, status, of_building(source)))
        });
        Ok(Refreshed {
            feeds: feeds.collect::<Result<_>>()?,
            installed,
        })
    }

    fn status(&self, source: &SourceInfo, now: Timestamp) -> Result<(i64, SourceStatus)> {
        let folder = self.keep.folder(&source.id)?;
        Ok((source.every.millis, keep::status(source, &folder, now)))
    }

    /// A source has its own turn; one that failed is tried again at the next look.
    fn is_due(&self, source: &SourceInfo, now: Timestamp) -> Result<bool> {
        let (every, status) = self.status(source, now)?;
        Ok(status.last_success.is_none_or(|at| now.millis_since(at) >= every))
    }

    /// Whether anything may be new. Whatever goes wrong is written down with the source and shown with it.
    async fn fetch(&self, source: &SourceInfo, now: Timestamp, stop: &CancellationToken) -> bool {
        let done = self.fetcher.fetch(source, &self.keep, now, &Silent, stop).await;
        match done {
            Ok(report) => {
                info!(
                    feed.id = source.id,
                    documents = report.fetched,
                    bytes = report.bytes,
                    "Fetched {}",
                    source.title
                );
                report.fetched > 0
            }
            Err(error) => {
                warn!(feed.id = source.id, error.cause = %error, "Could not fetch {}; what was known stays", source.title);
                // Where it ended in the middle, nobody counted what was fetched until then.
                !matches!(error, KeepError::Busy { .. })
            }
        }
    }

    /// Reads what is new, and installs a catalogue of all that is known; and what came of reading, whether it could be or not.
    fn build(&self, now: Timestamp, stop: &CancellationToken) -> (Result<bool>, BuildReport) {
        let mut assembly = Assembly::new();
        let report = build::from_keep(
            &self.registry,
            &self.keep,
            Shrink::Refuse,
            &mut assembly,
            &Silent,
            stop,
        );
        let installed = self.install(assembly, &report, now);
        (installed.map(|()| true), report)
    }

    fn install(&self, mut assembly: Assembly, report: &BuildReport, now: Timestamp) -> Result<()> {
        if report.cancelled {
            bail!("stopped before the catalogue was built; the one before stays in use");
        }
        // Findings would end because we lost what a publisher said, and not because anything was mended.
        if let Some(source) = report.sources.iter().find(|source| source.lost > 0) {
            bail!(
                "what was read of {} is damaged on the disk; it is read again at the next try, and the catalogue before stays in use",
                source.source
            );
        }
        let known: u64 = report.sources.iter().map(|source| source.records).sum();
        if known == 0 {
            bail!("no source could be read; the catalogue before stays in use");
        }
        for source in self.registry.enabled() {
            if let Some(at) = self.status(source, now)?.1.last_success {
                assembly.looked_at(&source.id, at);
            }
        }
        // Of its own: whoever lost its lease may be at it still.
        let folder =
            tempfile::tempdir_in(&self.workshop).context("the folder of feeds cannot be written to")?;
        let scratch = folder.path().join("catalogue");
        let written = assembly.write(&self.registry, report, now, &scratch)?;
        self.catalogues.install_built(written.manifest, &scratch)?;
        info!(
            claims = written.claims,
            bytes = written.size_bytes,
            "Installed a catalogue of {} claims",
            written.claims
        );
        Ok(())
    }
}

impl Refresher for Arc<FeedRefresher> {
    fn refresh(
        &self,
        which: Which,
        before: Option<OpenCatalogue>,
        now: Timestamp,
        progress: Progress,
    ) -> Refreshing<'_> {
        let this = Self::clone(self);
        Box::pin(async move {
            let stop = this.stop.child_token();
            // Whoever lets go of this future means it: a thread does not end by that alone.
            let _ended = stop.clone().drop_guard();
            // Reading hundreds of megabytes is no work for the threads that answer people.
            let runtime = tokio::runtime::Handle::current();
            let work = move || runtime.block_on(this.fetch_and_build(which, before, now, &progress, &stop));
            tokio::task::spawn_blocking(work)
                .await
                .context("refreshing ended by a panic")?
        })
    }

    fn every(&self) -> Duration {
        EVERY
    }
}

fn tell(progress: &Progress, done: usize, total: usize, message: &str) {
    let count = |number| i64::try_from(number).unwrap_or(i64::MAX);
    progress.send_replace(Some(JobProgress {
        done: count(done),
        total: Some(count(total)),
        message: Some(message.to_owned()),
    }));
}

/// A file that says that a catalogue is owed: something may have been fetched that none holds yet. It outlives a restart
/// and a build that failed, neither of which leaves anything to fetch for the next look.
#[derive(Debug)]
struct Owed(PathBuf);

impl Owed {
    fn is_there(&self) -> bool {
        self.0.exists()
    }

    fn begin(&self) -> Result<()> {
        std::fs::write(&self.0, b"").context("the folder of feeds cannot be written to")
    }

    fn end(&self) -> Result<()> {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).context("the folder of feeds cannot be written to")
            }
            _ => Ok(()),
        }
    }
}

/// A folder for half-written catalogues, without those that somebody left who was killed over one.
fn workshop_in(feeds_dir: &Path) -> std::io::Result<PathBuf> {
    let folder = feeds_dir.join("catalogue.new");
    if folder.is_file() {
        // Where an older server wrote its one.
        std::fs::remove_file(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    for entry in std::fs::read_dir(&folder)? {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age > LEFT_BEHIND {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(folder)
}

fn feed(every_ms: i64, status: SourceStatus, of_building: &[Trouble]) -> Feed {
    let trouble = of_building.iter().chain(&status.troubles).next();
    let broken = status.broken.saturating_add(of_building.len() as u64);
    Feed {
        id: status.source,
        title: status.title,
        licence: status.licence,
        notice: status.notice,
        last_attempt_at: status.last_attempt,
        last_success_at: status.last_success,
        fetched_at: status.last_success,
        stale_after_ms: Some(every_ms.saturating_mul(TURNS_UNTIL_STALE)),
        last_error: trouble.map(|trouble| format!("{}: {}", trouble.document, trouble.what)),
        document_count: count(status.documents),
        broken_document_count: count(broken),
        problem_count: count(status.trouble_count.saturating_sub(status.broken)),
        sample: false,
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
