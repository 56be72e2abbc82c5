//! Fetching feeds and building the catalogue, as the server's jobs ask for it.
//!
//! A source that cannot be reached, or a document that cannot be read, costs itself: what was known of it stays in the catalogue.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use luumen_feeds::{
    assemble::Assembly,
    build,
    bundle::Catalogues,
    fetch::{Fetcher, Settings, Silent},
    keep::{self, Keep, Shrink, SourceStatus},
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

/// Fetches what publishers say into one folder, and installs catalogues in another.
#[derive(Debug)]
pub struct FeedRefresher {
    registry: Registry,
    keep: Keep,
    catalogues: Catalogues,
    scratch: PathBuf,
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
            scratch: feeds_dir.join("catalogue.new"),
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
    ) -> Result<Refreshed> {
        let due = self.registry.enabled().filter_map(|source| {
            let due = match which {
                Which::All => Ok(true),
                Which::Due => self.is_due(source, now),
            };
            due.map(|due| due.then_some(source)).transpose()
        });
        let due: Vec<&SourceInfo> = due.collect::<Result<_>>()?;
        let mut news = 0;
        for (at, source) in due.iter().enumerate() {
            tell(progress, at, due.len(), &format!("Fetching {}", source.title));
            news += self.fetch(source, now).await;
        }
        if self.stop.is_cancelled() {
            bail!("stopped before all sources were looked at");
        }
        let installed = if news > 0 || before.is_none() {
            tell(progress, due.len(), due.len(), "Building the catalogue");
            self.build(now).map(|()| true)
        } else {
            Ok(false)
        };
        // Building reads what was fetched, and counts it; also where it fails each source tells how it does.
        let statuses = self.registry.enabled().map(|source| self.status(source, now));
        let statuses: Vec<(i64, SourceStatus)> = statuses.collect::<Result<_>>()?;
        Ok(Refreshed {
            feeds: statuses.into_iter().map(feed).collect(),
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

    /// How many documents are new. Whatever goes wrong is written down with the source and shown with it.
    async fn fetch(&self, source: &SourceInfo, now: Timestamp) -> u64 {
        match self
            .fetcher
            .fetch(source, &self.keep, now, &Silent, &self.stop)
            .await
        {
            Ok(report) => {
                info!(
                    feed.id = source.id,
                    documents = report.fetched,
                    bytes = report.bytes,
                    "Fetched {}",
                    source.title
                );
                report.fetched
            }
            Err(error) => {
                warn!(feed.id = source.id, error.cause = %error, "Could not fetch {}; what was known stays", source.title);
                0
            }
        }
    }

    /// Reads what is new, and installs a catalogue of all that is known.
    fn build(&self, now: Timestamp) -> Result<()> {
        let mut assembly = Assembly::new();
        let report = build::from_keep(
            &self.registry,
            &self.keep,
            Shrink::Refuse,
            &mut assembly,
            &Silent,
            &self.stop,
        );
        if report.cancelled {
            bail!("stopped before the catalogue was built; the one before stays in use");
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
        let written = assembly.write(&self.registry, &report, now, &self.scratch)?;
        let installed = self.catalogues.install_built(written.manifest, &self.scratch);
        std::fs::remove_file(&self.scratch).context("the scratch file could not be removed")?;
        installed?;
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
            // Reading hundreds of megabytes is no work for the threads that answer people.
            let runtime = tokio::runtime::Handle::current();
            let work = move || runtime.block_on(this.fetch_and_build(which, before, now, &progress));
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

fn feed((every_ms, status): (i64, SourceStatus)) -> Feed {
    let trouble = status.troubles.first();
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
        broken_document_count: 0,
        problem_count: count(status.trouble_count),
        sample: false,
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
