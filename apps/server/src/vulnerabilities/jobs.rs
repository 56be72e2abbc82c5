//! Jobs: judging hosts when something changed, and fetching feeds on a schedule. Any replica may take one.
//!
//! A signal is only a hint: every few minutes each workspace is looked at anyway, so that a hint that was lost costs minutes.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use luumen_model::{Timestamp, WorkspaceId};
use luumen_store::{
    Store, StoreError, exceptions, feeds,
    jobs::{self, Claim, JobKind, JobProgress, JobState, SERVER},
    transaction, workspaces,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};
use uuid::Uuid;

use super::{
    assess::assess,
    catalogue::{CatalogueError, Current, OpenCatalogue, SharedCatalogue},
};
use crate::clock;

/// How often we look for jobs.
const POLL: Duration = Duration::from_secs(2);
/// How long a job is ours without a word.
const LEASE_MS: i64 = 120_000;
/// How often we say that we still work.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How soon we say it again where it could not be written down.
const HEARTBEAT_AGAIN: Duration = Duration::from_secs(5);
/// How often every workspace is looked at without a hint.
const LOOK_AGAIN: Duration = Duration::from_secs(600);
/// How often we look whether somebody installed another catalogue.
const WATCH: Duration = Duration::from_secs(5);
/// How often the progress of a job is written down, at most.
const TELL: Duration = Duration::from_secs(1);

/// What refreshing feeds gave.
#[derive(Debug)]
pub struct Refreshed {
    /// How each feed does, whether a catalogue came of it or not.
    pub feeds: Vec<feeds::Feed>,
    /// Whether a new catalogue was installed, or why none could be.
    pub installed: anyhow::Result<bool>,
}

/// Which sources are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those whose turn it is.
    Due,
    /// All: a person wants to know now.
    All,
}

/// Payload of a refresh that asks every source.
pub const EVERY_SOURCE: &str = "\"every_source\"";

/// How far a job is, for whoever asks.
pub type Progress = watch::Sender<Option<JobProgress>>;

/// The future of a refresh.
pub type Refreshing<'a> = Pin<Box<dyn Future<Output = anyhow::Result<Refreshed>> + Send + 'a>>;

/// Fetches feeds and builds the catalogue. The one that is used comes from `luumen-feeds`.
pub trait Refresher: Send + Sync {
    /// Fetches what is new, and builds and installs a catalogue if anything is. `before` is the one in use. Whoever lets go
    /// of the future ends the work.
    fn refresh(
        &self,
        which: Which,
        before: Option<OpenCatalogue>,
        now: Timestamp,
        progress: Progress,
    ) -> Refreshing<'_>;

    /// How often that is done.
    fn every(&self) -> Duration;
}

/// What jobs are run with. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    pub store: Store,
    pub catalogue: SharedCatalogue,
    /// Absent where feeds are not fetched by this server.
    pub refresher: Option<Arc<dyn Refresher>>,
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs")
            .field("refreshes", &self.refresher.is_some())
            .finish_non_exhaustive()
    }
}

/// Asks that the hosts of a workspace are judged soon.
pub async fn want_assessment(
    store: &Store,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<(), StoreError> {
    jobs::enqueue(store.writer(), workspace, JobKind::AssessHosts, None, now, now).await?;
    Ok(())
}

/// Asks that the hosts of every workspace are judged soon.
pub async fn want_assessments(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    for workspace in workspaces::list(store.read()).await? {
        want_assessment(store, workspace.id, now).await?;
    }
    Ok(())
}

/// Asks that feeds are fetched soon.
pub async fn want_refresh(store: &Store, now: Timestamp) -> Result<jobs::Job, StoreError> {
    jobs::enqueue(store.writer(), SERVER, JobKind::RefreshFeeds, None, now, now).await
}

impl Jobs {
    /// Runs jobs until `stop`, and notices catalogues that others install in the meantime.
    pub async fn run(self, stop: CancellationToken) {
        // Fetching takes an hour when publishers are slow, and nobody's hosts wait for that.
        tokio::join!(
            self.look_again(&stop),
            self.work_on(JobKind::AssessHosts, &stop),
            self.work_on(JobKind::RefreshFeeds, &stop),
            self.watch(&stop)
        );
    }

    async fn watch(&self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(WATCH) => {}
            }
            if let Err(error) = self.notice(clock::now()).await {
                warn!(error.cause = %error, "Could not ask for assessments by another catalogue; it is tried again");
            }
        }
    }

    /// Opens the catalogue that somebody installed since the last look, and asks that everything is judged by it.
    pub async fn notice(&self, now: Timestamp) -> Result<bool, StoreError> {
        let catalogue = Arc::clone(&self.catalogue);
        if !opened(tokio::task::spawn_blocking(move || catalogue.refresh_if_moved()).await) {
            return Ok(false);
        }
        want_assessments(&self.store, now).await?;
        Ok(true)
    }

    async fn look_again(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let wait = match self.look(clock::now()).await {
                Ok(()) => LOOK_AGAIN,
                Err(error) => {
                    warn!(error.cause = %error, "Could not ask for assessments; it is tried again");
                    POLL
                }
            };
            pause(wait, stop).await;
        }
    }

    async fn work_on(&self, kind: JobKind, stop: &CancellationToken) {
        let worker = Uuid::new_v4();
        while !stop.is_cancelled() {
            match Box::pin(self.one_of(&[kind], worker)).await {
                Ok(true) => {}
                Ok(false) => pause(POLL, stop).await,
                Err(error) => {
                    warn!(error.cause = %error, "Could not take a job; it is tried again");
                    pause(POLL, stop).await;
                }
            }
        }
    }

    /// Opens a newer catalogue, and asks that everything is looked at.
    pub async fn look(&self, now: Timestamp) -> Result<(), StoreError> {
        let catalogue = Arc::clone(&self.catalogue);
        opened(tokio::task::spawn_blocking(move || catalogue.refresh()).await);
        if self.catalogue.get().is_some() {
            for workspace in workspaces::list(self.store.read()).await? {
                jobs::hint(self.store.writer(), workspace.id, JobKind::AssessHosts, now, now).await?;
            }
        }
        if self.refresher.is_some()
            && jobs::open(self.store.read(), SERVER, JobKind::RefreshFeeds)
                .await?
                .is_none()
        {
            want_refresh(&self.store, now).await?;
        }
        jobs::sweep(self.store.writer(), now.plus_millis(-7 * 86_400_000)).await?;
        Ok(())
    }

    /// Does one job of any kind, if there is one.
    pub async fn one(&self, worker: Uuid) -> Result<bool, StoreError> {
        self.one_of(&[JobKind::AssessHosts, JobKind::RefreshFeeds], worker)
            .await
    }

    /// Does one job of these kinds, if there is one that we can do.
    async fn one_of(&self, kinds: &[JobKind], worker: Uuid) -> Result<bool, StoreError> {
        let can = |kind: &JobKind| match kind {
            JobKind::AssessHosts => self.catalogue.get().is_some(),
            JobKind::RefreshFeeds => self.refresher.is_some(),
        };
        let kinds: Vec<JobKind> = kinds.iter().copied().filter(can).collect();
        if kinds.is_empty() {
            return Ok(false);
        }
        let now = clock::now();
        let claim = transaction!(&self.store, StoreError, |tx| jobs::claim(
            tx, &kinds, worker, LEASE_MS, now
        ))?;
        let Some(claim) = claim else { return Ok(false) };
        let (progress, told) = watch::channel(None);
        let work = self.work(&claim, progress);
        let done = Box::pin(self.with_heartbeat(&claim, told, work)).await;
        let now = clock::now();
        match done {
            Ok(()) => claim.finish(self.store.writer(), now).await?,
            Err(error) => {
                let text = format!("{error:#}");
                let state = claim.fail(self.store.writer(), &text, now).await?;
                let again = state == JobState::Queued;
                warn!(job.id = %claim.job.id, job.again = again, error.cause = %text, "A job did not get through");
            }
        }
        Ok(true)
    }

    async fn with_heartbeat(
        &self,
        claim: &Claim,
        mut progress: watch::Receiver<Option<JobProgress>>,
        work: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let beat = async {
            let mut held_until = clock::now().plus_millis(LEASE_MS);
            let mut wait = HEARTBEAT;
            loop {
                // Who has nothing more to say is still alive.
                tokio::select! {
                    Ok(()) = progress.changed() => {}
                    () = tokio::time::sleep(wait) => {}
                }
                let told = progress.borrow_and_update().clone();
                let now = clock::now();
                let ours = claim
                    .heartbeat(self.store.writer(), told.as_ref(), LEASE_MS, now)
                    .await;
                match ours {
                    Ok(true) => (held_until, wait) = (now.plus_millis(LEASE_MS), HEARTBEAT),
                    Ok(false) => anyhow::bail!("the lease ended while the job was worked on"),
                    // Until the lease is over nobody else takes the job, so there is time to say it again.
                    Err(error) if clock::now() < held_until => {
                        warn!(job.id = %claim.job.id, error.cause = %error, "Could not say that a job is worked on; it is said again");
                        wait = HEARTBEAT_AGAIN;
                    }
                    Err(error) => return Err(error.into()),
                }
                tokio::time::sleep(TELL).await;
            }
        };
        tokio::select! {
            done = work => done,
            lost = beat => lost,
        }
    }

    async fn work(&self, claim: &Claim, progress: Progress) -> anyhow::Result<()> {
        // Boxed: what judges is large, and this waits inside of it.
        match claim.job.kind {
            JobKind::AssessHosts => Box::pin(self.assess(claim.job.workspace)).await,
            JobKind::RefreshFeeds => Box::pin(self.refresh(claim, progress)).await,
        }
    }

    async fn assess(&self, workspace: WorkspaceId) -> anyhow::Result<()> {
        let Some(catalogue) = self.catalogue.get() else {
            return Ok(());
        };
        let (now, began) = (clock::now(), std::time::Instant::now());
        let done = assess(&self.store, workspace, &catalogue, now).await?;
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if done.changed {
            info!(
                workspace.id = %workspace, hosts = done.hosts, findings = done.findings, events = done.events,
                duration_ms = took_ms, "Judged {} hosts: {} findings changed", done.hosts, done.findings
            );
        } else {
            debug!(workspace.id = %workspace, duration_ms = took_ms, "Nothing to judge");
        }
        // An exception that expires is asked for with the time; its counts are made anew when it does.
        let holding = exceptions::at(self.store.read(), workspace, now).await?;
        if let Some(next) = holding.iter().filter_map(|exception| exception.expires_at).min() {
            jobs::hint(self.store.writer(), workspace, JobKind::AssessHosts, next, now).await?;
        }
        Ok(())
    }

    async fn refresh(&self, claim: &Claim, progress: Progress) -> anyhow::Result<()> {
        let Some(refresher) = &self.refresher else {
            return Ok(());
        };
        let which = match claim.job.payload.as_deref() {
            Some(EVERY_SOURCE) => Which::All,
            _ => Which::Due,
        };
        let (before, now) = (self.catalogue.get(), clock::now());
        let refreshed = refresher.refresh(which, before, now, progress).await?;
        // A source that was switched off is nobody's to fetch any more, and so it never turns stale.
        let ids: Vec<String> = refreshed.feeds.iter().map(|feed| feed.id.clone()).collect();
        transaction!(&self.store, StoreError, |tx| async {
            feeds::put(tx, &refreshed.feeds).await?;
            feeds::keep_only(tx, &ids).await
        })?;
        if refreshed.installed? && self.notice(clock::now()).await? {
            info!("A new catalogue is in use");
        }
        let every = i64::try_from(refresher.every().as_millis()).unwrap_or(i64::MAX);
        let now = clock::now();
        let next = now.plus_millis(every);
        jobs::enqueue(
            self.store.writer(),
            SERVER,
            JobKind::RefreshFeeds,
            None,
            next,
            now,
        )
        .await?;
        Ok(())
    }
}

/// Whether another catalogue is open now.
fn opened(done: Result<Result<bool, CatalogueError>, tokio::task::JoinError>) -> bool {
    match done {
        Ok(Ok(true)) => {
            info!("Opened another catalogue");
            return true;
        }
        Ok(Ok(false)) => {}
        Ok(Err(error)) => warn_catalogue(&error),
        Err(_) => warn!("Opening the catalogue ended by a panic"),
    }
    false
}

fn warn_catalogue(error: &CatalogueError) {
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    warn!(error.cause = %cause, "The catalogue could not be opened, and the one before stays in use: {error}");
}

async fn pause(wait: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(wait) => {}
    }
}

/// A catalogue that handlers and jobs share.
pub fn shared(dir: Option<std::path::PathBuf>) -> SharedCatalogue {
    Arc::new(Current::new(dir))
}
